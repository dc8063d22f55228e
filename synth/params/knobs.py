"""Every knob, declared once: label, range, default, unit, curve, scope, a line of help, and how it is smoothed.

Sliders, modulation, smoothing, CC map, preset checks, the kernel's dtype, automation names and the docs table all walk `PARAMS`.
Adding a knob is one line here and one use in a kernel. The effects' knobs are declared in `effects.py`.
"""

import numpy as np

from ..errors import UserError, did_you_mean
from .effects import EFFECTS
from .param import SYNCS, Param, Scope, count, declared, in_group, seconds, switch

MAX_LATENTS = 256
FARTHEST = 1e6  # a corner's latent beyond is clipped: far outside every model's range, near enough for arithmetic in 32 bits
MAX_DIRECTIONS = 8
MAX_UNISON = 16
N_LFOS, N_MACROS, N_SLOTS = 4, 8, 32
MAX_LFO_POINTS = 32  # of a free shape
CORNERS = ("A", "B", "C", "D")
FILTER_TYPES = ("off", "low12", "low24", "band12", "high12", "notch12", "band24", "high24", "notch24", "ladder12", "ladder24")
LFO_SHAPES = ("sine", "triangle", "rise", "fall", "square", "steps", "drift", "free")
MOD_SOURCES = (
    "none", "velocity", "release", "key", "random", "wheel", "breath", "expression", "pressure", "slide", "bend", "amp", "env2", "env3",
    *(f"lfo{i + 1}" for i in range(N_LFOS)), *(f"macro{i + 1}" for i in range(N_MACROS)))


def _envelope(group, title, label, sustain, attack_s, decay_s, release_s, *more):
    fall = "0 is a straight line, more falls fast first, less slow first"
    return in_group(
        group, title,
        seconds(f"{group}.delay_s", "Delay", 0, 20, 0, Scope.ENVELOPE, f"Time before the {label} envelope begins"),
        seconds(f"{group}.attack_s", "Attack", 0.0005, 20.0, attack_s, Scope.ENVELOPE, f"Attack time of the {label} envelope"),
        seconds(f"{group}.hold_s", "Hold", 0, 20, 0, Scope.ENVELOPE, f"Time the {label} envelope stays at its top"),
        seconds(f"{group}.decay_s", "Decay", 0.001, 20.0, decay_s, Scope.ENVELOPE, f"Decay time of the {label} envelope"),
        Param(f"{group}.sustain", "Sustain", 0.0, 1.0, sustain, "", "linear", Scope.ENVELOPE, f"Sustain level of the {label} envelope",
              smoothing_s=None),
        seconds(f"{group}.release_s", "Release", 0.0005, 20.0, release_s, Scope.ENVELOPE, f"Release time of the {label} envelope"),
        Param(f"{group}.attack_curve", "Attack curve", -10, 10, 1.5, "", "linear", Scope.ENVELOPE,
              f"Attack shape of the {label} envelope; 0 is a straight line, more rises fast first, less slow first", smoothing_s=0),
        Param(f"{group}.decay_curve", "Decay curve", -10, 10, 6, "", "linear", Scope.ENVELOPE,
              f"Decay shape of the {label} envelope; {fall}", smoothing_s=0),
        Param(f"{group}.release_curve", "Release curve", -10, 10, 6, "", "linear", Scope.ENVELOPE,
              f"Release shape of the {label} envelope; {fall}", smoothing_s=0),
        *more,
    )


def _lfo(n):
    g = f"lfo{n}"
    return in_group(
        g, f"LFO {n}",
        switch(f"{g}.shape", "Shape", LFO_SHAPES, Scope.LFO, f"Shape of LFO {n}; steps and drift are random, free is drawn point by point"),
        Param(f"{g}.rate_hz", "Rate", 0.01, 50, 2, "Hz", "log", Scope.LFO, f"Rate of LFO {n} when it runs free"),
        switch(f"{g}.sync", "Sync", SYNCS, Scope.LFO, f"Length of a cycle of LFO {n} in whole notes, or free"),
        Param(f"{g}.phase_cycles", "Phase", 0, 1, 0, "", "linear", Scope.LFO, f"Phase at which LFO {n} starts, in cycles"),
        seconds(f"{g}.fade_s", "Fade", 0, 20, 0, Scope.LFO, f"Time in which LFO {n} fades in after a note's start"),
        switch(f"{g}.scope", "Scope", ("voice", "global"), Scope.LFO, f"Whether LFO {n} starts with each note or is one for all",
               between=True),
        switch(f"{g}.polarity", "Polarity", ("bipolar", "unipolar"), Scope.LFO, f"Whether LFO {n} swings both ways or upwards only",
               between=True),
    )


_PANEL = (
    *in_group(
        "morph", "Morph",
        Param("osc.position", "Position", 0, 1, 0, "", "linear", Scope.LATENT,
              "Morph between the preset's corners A and B; frames of a wavetable", smoothing_s=None),
        Param("osc.position_y", "Position Y", 0, 1, 0, "", "linear", Scope.LATENT, "Morph between the pairs A-B and C-D", smoothing_s=None),
        Param("osc.follow", "Follow", 0, 1, 0, "", "linear", Scope.LATENT,
              "How far a morph leaves the straight line for the way where sounds are", smoothing_s=None),
    ),
    *in_group(
        "osc", "Oscillator",
        Param("osc.level_db", "Level", -60, 6, 0, "dB", "linear", Scope.LEVEL, "Level of the oscillator before the filter"),
        Param("osc.coarse_semitones", "Coarse", -48, 48, 0, "st", "linear", Scope.PITCH, "Transposition in semitones"),
        Param("osc.fine_cents", "Fine", -100, 100, 0, "ct", "linear", Scope.PITCH, "Fine tuning in cents"),
        Param("osc.phase_cycles", "Phase", 0, 1, 0, "", "linear", Scope.START, "Phase at which a note starts, in cycles"),
        Param("osc.phase_random", "Random", 0, 1, 0, "", "linear", Scope.START, "How much of the start phase is random"),
    ),
    *in_group(
        "sub", "Sub",
        Param("sub.level_db", "Level", -60, 6, -60, "dB", "linear", Scope.MIX, "Level of the sub-oscillator; -60 is off"),
        count("sub.octave", "Octave", -2, 0, -1, Scope.MIX, "Octave of the sub-oscillator against the note"),
        switch("sub.shape", "Shape", ("sine", "triangle", "square"), Scope.MIX, "Shape of the sub-oscillator"),
    ),
    *in_group(
        "noise", "Noise",
        Param("noise.level_db", "Level", -60, 6, -60, "dB", "linear", Scope.MIX, "Level of the noise; -60 is off"),
        Param("noise.color", "Colour", -1, 1, 0, "", "linear", Scope.MIX, "Colour of the noise, from dark to bright; 0 is white"),
    ),
    *in_group(
        "track", "Recordings",
        Param("track.amount", "Amount", 0, 1, 1, "", "linear", Scope.LATENT,
              "How far an instrument of recordings moves the timbre as they did; 0 is the still sound"),
        Param("track.position", "Position", 0, 1, 0, "", "linear", Scope.LATENT,
              "Place in the recordings, 0 to 1 of the held note, on top of their running; moved by hand it scrubs"),
        Param("track.speed", "Speed", 0, 4, 1, "", "linear", Scope.LATENT, "Speed at which the recordings run; 0 stands still"),
        switch("track.sync", "Sync", SYNCS, Scope.LATENT, "Length of the recorded note in whole notes at a speed of 1, or free"),
        switch("track.loop", "Loop", ("hold", "loop", "ping-pong", "drift"), Scope.START,
               "What a longer note does in the steady part of the recordings", default=3,
               meanings=("it stands still at its end", "it goes quickly back and runs through it again",
                         "it runs back and forth through it", "it wanders in it and turns by chance, each note in its own way")),
        switch("track.release", "Release", ("off", "on"), Scope.START, "Whether a key that is let go plays the recorded release",
               default=1),
        Param("track.formant", "Formants", 0, 1, 0, "", "linear", Scope.LATENT,
              "Whether the timbre keeps its harmonics (0) or its frequencies (1) at other keys than the recorded"),
        Param("track.zone_morph", "Between", 0, 1, 1, "", "linear", Scope.START,
              "Between recorded keys and velocities: 0 takes the nearest recording, 1 mixes those around"),
        Param("track.noise_db", "Noise", -60, 12, 0, "dB", "linear", Scope.LATENT, "Level of the recordings' noise; -60 is off"),
        Param("track.attack_db", "Attack", -60, 12, 0, "dB", "linear", Scope.LATENT,
              "Level of the sound of the recordings' attack; -60 is off"),
        Param("track.contour", "Pitch", 0, 2, 1, "", "linear", Scope.PITCH, "How much of the recordings' movement in pitch is played"),
        Param("track.tuning", "Tuning", 0, 1, 0, "", "linear", Scope.PITCH,
              "How far notes are out of tune as the recordings are; 0 plays keys at their pitch"),
    ),
    *in_group(
        "unison", "Unison",
        count("unison.voices", "Voices", 1, MAX_UNISON, 1, Scope.START, "Oscillators for each note", between=True),
        Param("unison.detune_cents", "Detune", 0, 200, 20, "ct", "linear", Scope.UNISON,
              "How far apart the outermost unison oscillators are tuned, each way"),
        Param("unison.spread", "Spread", 0, 1, 0, "", "linear", Scope.UNISON, "How the tunings lie: 0 evenly, 1 crowded around the middle"),
        Param("unison.blend", "Blend", 0, 1, 1, "", "linear", Scope.UNISON,
              "Level of the outer unison oscillators against the middle ones"),
        Param("unison.width", "Width", 0, 1, 0.7, "", "linear", Scope.UNISON, "Stereo width of the unison oscillators"),
    ),
    *_envelope("amp", "Amp envelope", "amplitude", 1.0, 0.002, 0.3, 0.002,
               Param("amp.velocity", "Velocity", 0, 1, 1, "", "linear", Scope.START, "How much velocity sets the level")),
    *_envelope("env2", "Filter envelope", "filter", 0.0, 0.002, 0.3, 0.3),
    *_envelope("env3", "Third envelope", "third", 0.0, 0.002, 0.3, 0.3),
    *in_group(
        "filter", "Filter",
        switch("filter.type", "Type", FILTER_TYPES, Scope.GLOBAL, "Filter response; off is an exact bypass"),
        Param("filter.cutoff_hz", "Cutoff", 20, 20000, 20000, "Hz", "log", Scope.FILTER, "Cut-off frequency of the filter"),
        Param("filter.resonance", "Resonance", 0, 1, 0, "", "linear", Scope.FILTER, "Resonance of the filter"),
        Param("filter.drive_db", "Drive", 0, 36, 0, "dB", "linear", Scope.FILTER, "Drive into the filter; 0 is clean"),
        Param("filter.keytrack", "Keytrack", 0, 1, 0, "", "linear", Scope.FILTER,
              "How far the cut-off follows the key (1 = wholly; middle C is the centre)"),
        Param("filter.env_semitones", "Env", -96, 96, 0, "st", "linear", Scope.FILTER, "How far envelope 2 moves the cut-off"),
        Param("filter.velocity_semitones", "Velocity", 0, 96, 0, "st", "linear", Scope.FILTER, "How far velocity 127 raises the cut-off"),
    ),
    *(row for n in range(1, N_LFOS + 1) for row in _lfo(n)),
    *in_group("macro", "Macros", *(
        Param(f"macro{n}.value", f"Macro {n}", 0, 1, 0, "", "linear", Scope.GLOBAL, f"Macro {n}, a source of modulation")
        for n in range(1, N_MACROS + 1))),
    *in_group(
        "parts", "Presets",
        Param("morph.x", "X", 0, 1, 0, "", "linear", Scope.LATENT, "Morph between presets: from A to B of a pad, or along a chain"),
        Param("morph.y", "Y", 0, 1, 0, "", "linear", Scope.LATENT, "Morph between presets: from A and B of a pad to C and D"),
    ),
    *in_group(
        "map", "Map",
        Param("map.x", "Across", -1, 1, 0, "", "linear", Scope.LATENT, "Offset on the model's map, to the right, in widths of the map"),
        Param("map.y", "Up", -1, 1, 0, "", "linear", Scope.LATENT, "Offset on the model's map, upwards, in heights of the map"),
    ),
    *in_group("direction", "Directions", *(
        Param(f"direction.{n}", f"{n}", -1, 1, 0, "", "linear", Scope.LATENT,
              f"Named direction {n} of the model, in the width of its own spread") for n in range(1, MAX_DIRECTIONS + 1))),
    *in_group(
        "play", "Play",
        Param("bend.range_semitones", "Bend", 0, 96, 2, "st", "linear", Scope.GLOBAL, "Pitch bend range"),
        Param("bend.note_range_semitones", "Note range", 0, 96, 48, "st", "linear", Scope.GLOBAL,
              "Pitch bend range of a note's own channel in MPE"),
        count("voice.count", "Voices", 1, 64, 64, Scope.GLOBAL, "Most notes at once"),
        switch("voice.mode", "Mode", ("poly", "mono", "legato"), Scope.GLOBAL,
               "Many notes, one, or one whose envelopes go on when notes overlap"),
        switch("voice.priority", "Priority", ("last", "low", "high"), Scope.GLOBAL, "Which held key sounds when only one note may"),
        seconds("glide.time_s", "Glide", 0, 10, 0, Scope.GLOBAL, "Time to glide from the previous note's pitch; 0 is off"),
        switch("glide.mode", "Glide mode", ("always", "legato"), Scope.GLOBAL, "Whether every note glides, or overlapping ones only"),
    ),
    *in_group(
        "clock", "Clock",
        Param("clock.tempo_bpm", "Tempo", 20, 400, 120, "bpm", "linear", Scope.GLOBAL, "Tempo when no clock is followed", smoothing_s=None),
        switch("clock.source", "Source", ("auto", "internal"), Scope.GLOBAL,
               "Whether the tempo follows MIDI clock or a song where there is one"),
    ),
    *(p for knobs in EFFECTS.values() for p in knobs),
    *in_group("master", "Master", Param("master.pan", "Pan", -1, 1, 0, "", "linear", Scope.PAN, "Pan, left to right")),
    *in_group("output", "Output", Param("master.gain_db", "Gain", -60, 12, 0, "dB", "linear", Scope.GLOBAL,
              "Level of the whole instrument")),
    *in_group("master", "Master", Param("master.tune_hz", "Tune", 400, 480, 440, "Hz", "linear", Scope.PITCH, "Pitch of A4")),
)
_LATENTS = in_group("latent", "Latents", *(
    Param(f"latent.{n}", f"{n}", -16, 16, 0, "", "linear", Scope.LATENT, f"Offset of latent {n} from the morph path", smoothing_s=None)
    for n in range(1, MAX_LATENTS + 1)))
EFFECT_TARGET = "effect"  # a parameter of a plug-in: which one, the sound's chain says (`HostedEffect.moved`)
MOD_TARGETS = ("none", *(p.name for p in _PANEL), *(p.name for p in _LATENTS), EFFECT_TARGET)


def _slot(n):
    g = f"mod{n}"
    return in_group(
        "mod", "Modulation",
        switch(f"{g}.source", f"{n} source", MOD_SOURCES, Scope.GLOBAL, f"What moves the target of modulation slot {n}"),
        switch(f"{g}.target", f"{n} target", MOD_TARGETS, Scope.GLOBAL, f"The parameter that modulation slot {n} moves",
               brief="none, the name of any parameter above, or effect.N.NAME of a plug-in"),
        Param(f"{g}.amount", f"{n} amount", -1, 1, 0, "", "linear", Scope.GLOBAL,
              f"How far slot {n} moves its target, in the width of the target's range", smoothing_s=None),
        switch(f"{g}.via", f"{n} via", MOD_SOURCES, Scope.GLOBAL, f"A second source that scales slot {n}; none leaves it whole"),
        switch(f"{g}.bypass", f"{n} bypass", ("off", "on"), Scope.GLOBAL, f"On: slot {n} moves nothing, and keeps what it is set to"),
    )


KNOBS: tuple[Param, ...] = _PANEL
SLOTS: tuple[Param, ...] = tuple(row for n in range(1, N_SLOTS + 1) for row in _slot(n))
_DECLARED = KNOBS + SLOTS
PARAMS: dict[str, Param] = declared(_DECLARED + _LATENTS)
TARGET_KNOBS = frozenset(p.name for p in SLOTS if p.choices is MOD_TARGETS)  # whose value is the name of another knob
MODEL_KNOBS = frozenset(  # which mean something to one model only
    p.name for p in PARAMS.values() if p.group and p.group.name in ("latent", "direction", "map"))
PARAM_INDEX: dict[str, int] = {name: i for i, name in enumerate(PARAMS)}
FIRST_SLOT, FIRST_LATENT = len(KNOBS), len(_DECLARED)
PARAM_DTYPE = np.dtype([(p.field, "f4") for p in _DECLARED] + [("latent", "f4", (MAX_LATENTS,))], align=True)


def param(name: str) -> Param:
    """The declaration of a knob. Raises UserError naming near ones when there is none."""
    if name in PARAMS:
        return PARAMS[name]
    if close := did_you_mean(name, PARAMS):
        raise UserError(f"no parameter named '{name}'{close}; `latentwave params` lists them all")
    group = name.split(".")[0]
    near = [p.name for p in _DECLARED if p.name.startswith(group + ".")] or sorted({p.name.split(".")[0] + ".*" for p in _DECLARED})
    raise UserError(f"no parameter named '{name}' (near: {', '.join(near)}); `latentwave params` lists them all")


def defaults() -> dict[str, float]:
    """Every knob at its default (preset `Init`)."""
    return {p.name: float(p.default) for p in PARAMS.values()}


def to_vector(values: dict[str, float]) -> np.ndarray:
    """Knob values as float32[len(PARAMS)] in declaration order, which is the layout of `PARAM_DTYPE`."""
    vector = np.array([p.default for p in PARAMS.values()], np.float32)
    for name, value in values.items():
        vector[PARAM_INDEX[name]] = value
    return vector


def index_of(name: str) -> int:
    """Place of a knob among `KNOBS`, as in the engine's `knobs["value"]` and `knobs["unit"]`."""
    return [p.name for p in KNOBS].index(name)
