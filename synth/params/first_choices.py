"""What a choice's number meant when event logs still held numbers (until 0.1.0): those logs are read by this table, which never
changes, so a knob or a choice that was inserted since does not retarget an old take. Logs hold names now."""

_KNOBS = {
    "osc": "position position_y follow level_db coarse_semitones fine_cents phase_cycles phase_random",
    "sub": "level_db octave shape",
    "noise": "level_db color",
    "unison": "voices detune_cents spread blend width",
    "amp": "delay_s attack_s hold_s decay_s sustain release_s attack_curve decay_curve release_curve velocity",
    "env2": "delay_s attack_s hold_s decay_s sustain release_s attack_curve decay_curve release_curve",
    "env3": "delay_s attack_s hold_s decay_s sustain release_s attack_curve decay_curve release_curve",
    "filter": "type cutoff_hz resonance drive_db keytrack env_semitones velocity_semitones",
    **{f"lfo{n}": "shape rate_hz sync phase_cycles fade_s scope polarity" for n in range(1, 5)},
    **{f"macro{n}": "value" for n in range(1, 9)},
    "direction": "1 2 3 4 5 6 7 8",
    "bend": "range_semitones note_range_semitones",
    "voice": "count mode priority",
    "glide": "time_s mode",
    "clock": "tempo_bpm source",
    "drive": "mix type amount_db tone level_db",
    "eq": "low_gain_db low_freq_hz bell1_gain_db bell1_freq_hz bell1_q bell2_gain_db bell2_freq_hz bell2_q high_gain_db high_freq_hz",
    "chorus": "mix rate_hz delay_s depth feedback voices width",
    "delay": "mix sync time_s feedback ping_pong low_cut_hz high_cut_hz",
    "reverb": "mix size decay_s damping_hz predelay_s width",
    "limiter": "on gain_db ceiling_db release_s",
    "master": "pan gain_db tune_hz",
}
_SOURCES = ("none velocity release key random wheel breath expression pressure slide bend amp env2 env3 lfo1 lfo2 lfo3 lfo4 "
            "macro1 macro2 macro3 macro4 macro5 macro6 macro7 macro8")
_TARGETS = ("none", *(f"{group}.{knob}" for group, knobs in _KNOBS.items() for knob in knobs.split()),
            *(f"latent.{n}" for n in range(1, 257)))
_SYNCS = ("free 8/1 8/1. 8/1t 4/1 4/1. 4/1t 2/1 2/1. 2/1t 1/1 1/1. 1/1t 1/2 1/2. 1/2t 1/4 1/4. 1/4t 1/8 1/8. 1/8t "
          "1/16 1/16. 1/16t 1/32 1/32. 1/32t")
_CHOICES = {
    "sub.shape": "sine triangle square", "voice.mode": "poly mono legato", "voice.priority": "last low high",
    "filter.type": "off low12 low24 band12 high12 notch12 band24 high24 notch24 ladder12 ladder24",
    "glide.mode": "always legato", "clock.source": "auto internal", "drive.type": "soft hard fold tube",
    "delay.sync": _SYNCS, "delay.ping_pong": "off on", "limiter.on": "off on",
    **{f"lfo{n}.{knob}": words for n in range(1, 5) for knob, words in (
        ("shape", "sine triangle rise fall square steps drift"), ("sync", _SYNCS), ("scope", "voice global"),
        ("polarity", "bipolar unipolar"))},
    **{f"mod{n}.{part}": _SOURCES for n in range(1, 33) for part in ("source", "via")},
}


def named_choice(knob: str, value: object) -> object:
    """The name of a choice that an old log gives by number; what is no number, or no choice, stays what it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    choices = _TARGETS if knob.startswith("mod") and knob.endswith(".target") else tuple(_CHOICES.get(knob, "").split())
    return choices[round(value)] if 0 <= value <= len(choices) - 1 else value
