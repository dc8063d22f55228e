"""The effects' knobs, declared as all others are (`knobs.py`), by the effect's name and in the order of the sound.

Adding an effect is one entry here and one file of its name in `synth/engine/effects/`.

Every effect is off by default: while the knobs that wake it are where they begin (a mix of 0, gains of 0 dB, the limiter's switch) the
sound is bit for bit as it was.
"""

from dataclasses import replace

from .param import SYNCS, Param, Scope, count, in_group, seconds, switch

DRIVE_TYPES = ("soft", "hard", "fold", "tube")
LONGEST_DELAY_S, LONGEST_PREDELAY_S, LONGEST_CHORUS_S = 2.7, 0.25, 0.03


def _knob(name, label, low, high, default, unit, curve, help):
    """A knob of an effect: effects stand behind all voices, so there is one value for all."""
    return Param(name, label, low, high, default, unit, curve, Scope.GLOBAL, help)


def _seconds(name, label, low, high, default, help):
    return seconds(name, label, low, high, default, Scope.GLOBAL, help, smoothing_s=None)


def _mix(group, help):
    return _waking(_knob(f"{group}.mix", "Mix", 0, 1, 0, "", "linear", f"{help}; 0 is off, at 0.5 both are whole"))


def _waking(knob):
    """A knob that switches its effect on by leaving its default."""
    return replace(knob, wakes=True)


EFFECTS: dict[str, tuple[Param, ...]] = {
    "drive": in_group(
        "drive", "Drive",
        _waking(_knob("drive.mix", "Mix", 0, 1, 0, "", "linear", "Distorted sound against the clean one; 0 is off")),
        switch("drive.type", "Type", DRIVE_TYPES, Scope.GLOBAL, "Curve of the distortion; tube is lopsided", between=True),
        _knob("drive.amount_db", "Amount", 0, 36, 12, "dB", "linear", "Gain into the curve; the level is made up for behind it"),
        _knob("drive.tone", "Tone", -1, 1, 0, "", "linear", "Tilt of the distorted sound, from dark to bright"),
        _knob("drive.level_db", "Level", -24, 12, 0, "dB", "linear", "Level behind the drive"),
    ),
    "eq": in_group(
        "eq", "Equaliser",
        _waking(_knob("eq.low_gain_db", "Low gain", -18, 18, 0, "dB", "linear", "Gain of the low shelf; 0 is off")),
        _knob("eq.low_freq_hz", "Low freq", 20, 1000, 120, "Hz", "log", "Frequency of the low shelf"),
        _waking(_knob("eq.bell1_gain_db", "Bell 1 gain", -18, 18, 0, "dB", "linear", "Gain of the first bell; 0 is off")),
        _knob("eq.bell1_freq_hz", "Bell 1 freq", 20, 20000, 500, "Hz", "log", "Frequency of the first bell"),
        _knob("eq.bell1_q", "Bell 1 Q", 0.1, 12, 1, "", "log", "Q of the first bell: more is narrower"),
        _waking(_knob("eq.bell2_gain_db", "Bell 2 gain", -18, 18, 0, "dB", "linear", "Gain of the second bell; 0 is off")),
        _knob("eq.bell2_freq_hz", "Bell 2 freq", 20, 20000, 3000, "Hz", "log", "Frequency of the second bell"),
        _knob("eq.bell2_q", "Bell 2 Q", 0.1, 12, 1, "", "log", "Q of the second bell: more is narrower"),
        _waking(_knob("eq.high_gain_db", "High gain", -18, 18, 0, "dB", "linear", "Gain of the high shelf; 0 is off")),
        _knob("eq.high_freq_hz", "High freq", 1000, 20000, 8000, "Hz", "log", "Frequency of the high shelf"),
    ),
    "chorus": in_group(
        "chorus", "Chorus",
        _mix("chorus", "Chorus against the dry sound"),
        _knob("chorus.rate_hz", "Rate", 0.01, 10, 0.5, "Hz", "log", "Rate of the chorus"),
        _seconds("chorus.delay_s", "Delay", 0.0005, LONGEST_CHORUS_S, 0.01, "Delay that the chorus swings around; short ones flange"),
        _knob("chorus.depth", "Depth", 0, 1, 0.3, "", "linear", "Swing of the chorus, as a part of its delay"),
        _knob("chorus.feedback", "Feedback", -0.95, 0.95, 0, "", "linear", "Feedback of the chorus, for flanging"),
        count("chorus.voices", "Voices", 1, 4, 2, Scope.GLOBAL, "Voices of the chorus on each side", between=True),
        _knob("chorus.width", "Width", 0, 1, 1, "", "linear", "How far left and right swing apart"),
    ),
    "delay": in_group(
        "delay", "Delay",
        _mix("delay", "Echoes against the dry sound"),
        switch("delay.sync", "Sync", SYNCS, Scope.GLOBAL,
               "Time of the delay in whole notes, or free; one longer than 2.7 s is halved until it fits"),
        _seconds("delay.time_s", "Time", 0.001, LONGEST_DELAY_S, 0.35, "Time of the delay when it runs free"),
        _knob("delay.feedback", "Feedback", 0, 0.98, 0.4, "", "linear", "Level of each echo against the one before"),
        switch("delay.ping_pong", "Ping pong", ("off", "on"), Scope.GLOBAL, "Whether echoes cross from side to side", between=True),
        _knob("delay.low_cut_hz", "Low cut", 20, 2000, 20, "Hz", "log", "What lies below is less in every echo; 20 is off"),
        _knob("delay.high_cut_hz", "High cut", 200, 20000, 20000, "Hz", "log", "What lies above is less in every echo; 20000 is off"),
    ),
    "reverb": in_group(
        "reverb", "Reverb",
        _mix("reverb", "Reverb against the dry sound"),
        _knob("reverb.size", "Size", 0, 1, 0.5, "", "linear", "Size of the room"),
        _seconds("reverb.decay_s", "Decay", 0.1, 30, 2, "Time in which the reverb falls by 60 dB"),
        _knob("reverb.damping_hz", "Damping", 500, 20000, 6000, "Hz", "log",
              "Where the reverb falls twice as fast; higher falls faster yet"),
        _seconds("reverb.predelay_s", "Predelay", 0, LONGEST_PREDELAY_S, 0.01, "Time before the reverb begins"),
        _knob("reverb.width", "Width", 0, 1, 1, "", "linear", "Stereo width of the reverb"),
    ),
    "limiter": in_group(
        "limiter", "Limiter",
        _waking(switch("limiter.on", "On", ("off", "on"), Scope.GLOBAL, "Whether the limiter works; it delays the sound by up to 1.5 ms")),
        _knob("limiter.gain_db", "Gain", 0, 24, 0, "dB", "linear", "Gain into the limiter"),
        _knob("limiter.ceiling_db", "Ceiling", -24, 0, -1, "dB", "linear", "Peaks stay under this"),
        _seconds("limiter.release_s", "Release", 0.005, 1, 0.1, "Time in which the limiter lets go"),
    ),
}
