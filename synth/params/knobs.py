"""Every knob, declared once: range, unit, curve, default and a line of help.

Sliders, CC map, preset checks, the kernel's dtype, automation names and the docs table all walk `PARAMS`.
Adding a knob is one line here and one use in a kernel. The effects' knobs are declared in `effect_params.py`.
"""

import numpy as np

from ..errors import UserError, did_you_mean
from .effects import EFFECTS
from .param import SYNCS, Param, count, switch

MAX_LATENTS = 256
FARTHEST = 1e6  # a corner's latent beyond is clipped: far outside every model's range, near enough for arithmetic in 32 bits
MAX_DIRECTIONS = 8
MAX_UNISON = 16
N_LFOS, N_MACROS, N_SLOTS = 4, 8, 32
CORNERS = ("A", "B", "C", "D")
FILTER_TYPES = ("off", "low12", "low24", "band12", "high12", "notch12", "band24", "high24", "notch24", "ladder12", "ladder24")
LFO_SHAPES = ("sine", "triangle", "rise", "fall", "square", "steps", "drift")
MOD_SOURCES = (
    "none", "velocity", "release", "key", "random", "wheel", "breath", "expression", "pressure", "slide", "bend", "amp", "env2", "env3",
    *(f"lfo{i + 1}" for i in range(N_LFOS)), *(f"macro{i + 1}" for i in range(N_MACROS)))


def _envelope(group, label, sustain, attack_s, decay_s, release_s):
    fall = "0 is a straight line, more falls fast first, less slow first"
    return (
        Param(f"{group}.delay_s", 0, 20, 0, "s", "time", f"Time before the {label} envelope begins"),
        Param(f"{group}.attack_s", 0.0005, 20.0, attack_s, "s", "time", f"Attack time of the {label} envelope"),
        Param(f"{group}.hold_s", 0, 20, 0, "s", "time", f"Time the {label} envelope stays at its top"),
        Param(f"{group}.decay_s", 0.001, 20.0, decay_s, "s", "time", f"Decay time of the {label} envelope"),
        Param(f"{group}.sustain", 0.0, 1.0, sustain, "", "linear", f"Sustain level of the {label} envelope"),
        Param(f"{group}.release_s", 0.0005, 20.0, release_s, "s", "time", f"Release time of the {label} envelope"),
        Param(f"{group}.attack_curve", -10, 10, 1.5, "", "linear", f"Attack shape of the {label} envelope; 0 is a straight line, "
              "more rises fast first, less slow first"),
        Param(f"{group}.decay_curve", -10, 10, 6, "", "linear", f"Decay shape of the {label} envelope; {fall}"),
        Param(f"{group}.release_curve", -10, 10, 6, "", "linear", f"Release shape of the {label} envelope; {fall}"),
    )


def _lfo(n):
    g = f"lfo{n}"
    return (
        switch(f"{g}.shape", LFO_SHAPES, f"Shape of LFO {n}; steps and drift are random"),
        Param(f"{g}.rate_hz", 0.01, 50, 2, "Hz", "log", f"Rate of LFO {n} when it runs free"),
        switch(f"{g}.sync", SYNCS, f"Length of a cycle of LFO {n} in whole notes, or free"),
        Param(f"{g}.phase_cycles", 0, 1, 0, "", "linear", f"Phase at which LFO {n} starts, in cycles"),
        Param(f"{g}.fade_s", 0, 20, 0, "s", "time", f"Time in which LFO {n} fades in after a note's start"),
        switch(f"{g}.scope", ("voice", "global"), f"Whether LFO {n} starts with each note or is one for all"),
        switch(f"{g}.polarity", ("bipolar", "unipolar"), f"Whether LFO {n} swings both ways or upwards only"),
    )


_PANEL = (
    Param("osc.position", 0, 1, 0, "", "linear", "Morph between the preset's corners A and B; frames of a wavetable"),
    Param("osc.position_y", 0, 1, 0, "", "linear", "Morph between the pairs A-B and C-D"),
    Param("osc.follow", 0, 1, 0, "", "linear", "How far a morph leaves the straight line for the way where sounds are"),
    Param("osc.level_db", -60, 6, 0, "dB", "linear", "Level of the oscillator before the filter"),
    Param("osc.coarse_semitones", -48, 48, 0, "st", "linear", "Transposition in semitones"),
    Param("osc.fine_cents", -100, 100, 0, "ct", "linear", "Fine tuning in cents"),
    Param("osc.phase_cycles", 0, 1, 0, "", "linear", "Phase at which a note starts, in cycles"),
    Param("osc.phase_random", 0, 1, 0, "", "linear", "How much of the start phase is random"),
    Param("sub.level_db", -60, 6, -60, "dB", "linear", "Level of the sub-oscillator; -60 is off"),
    count("sub.octave", -2, 0, -1, "Octave of the sub-oscillator against the note"),
    switch("sub.shape", ("sine", "triangle", "square"), "Shape of the sub-oscillator"),
    Param("noise.level_db", -60, 6, -60, "dB", "linear", "Level of the noise; -60 is off"),
    Param("noise.color", -1, 1, 0, "", "linear", "Colour of the noise, from dark to bright; 0 is white"),
    count("unison.voices", 1, MAX_UNISON, 1, "Oscillators for each note"),
    Param("unison.detune_cents", 0, 200, 20, "ct", "linear", "How far apart the outermost unison oscillators are tuned, each way"),
    Param("unison.spread", 0, 1, 0, "", "linear", "How the tunings lie: 0 evenly, 1 crowded around the middle"),
    Param("unison.blend", 0, 1, 1, "", "linear", "Level of the outer unison oscillators against the middle ones"),
    Param("unison.width", 0, 1, 0.7, "", "linear", "Stereo width of the unison oscillators"),
    *_envelope("amp", "amplitude", 1.0, 0.002, 0.3, 0.002),
    Param("amp.velocity", 0, 1, 1, "", "linear", "How much velocity sets the level"),
    *_envelope("env2", "filter", 0.0, 0.002, 0.3, 0.3),
    *_envelope("env3", "third", 0.0, 0.002, 0.3, 0.3),
    switch("filter.type", FILTER_TYPES, "Filter response; off is an exact bypass"),
    Param("filter.cutoff_hz", 20, 20000, 20000, "Hz", "log", "Cut-off frequency of the filter"),
    Param("filter.resonance", 0, 1, 0, "", "linear", "Resonance of the filter"),
    Param("filter.drive_db", 0, 36, 0, "dB", "linear", "Drive into the filter; 0 is clean"),
    Param("filter.keytrack", 0, 1, 0, "", "linear", "How far the cut-off follows the key (1 = wholly; middle C is the centre)"),
    Param("filter.env_semitones", -96, 96, 0, "st", "linear", "How far envelope 2 moves the cut-off"),
    Param("filter.velocity_semitones", 0, 96, 0, "st", "linear", "How far velocity 127 raises the cut-off"),
    *(row for n in range(1, N_LFOS + 1) for row in _lfo(n)),
    *(Param(f"macro{n}.value", 0, 1, 0, "", "linear", f"Macro {n}, a source of modulation") for n in range(1, N_MACROS + 1)),
    *(Param(f"direction.{n}", -1, 1, 0, "", "linear", f"Named direction {n} of the model, in the width of its own spread")
      for n in range(1, MAX_DIRECTIONS + 1)),
    Param("bend.range_semitones", 0, 96, 2, "st", "linear", "Pitch bend range"),
    Param("bend.note_range_semitones", 0, 96, 48, "st", "linear", "Pitch bend range of a note's own channel in MPE"),
    count("voice.count", 1, 64, 64, "Most notes at once"),
    switch("voice.mode", ("poly", "mono", "legato"), "Many notes, one, or one whose envelopes go on when notes overlap"),
    switch("voice.priority", ("last", "low", "high"), "Which held key sounds when only one note may"),
    Param("glide.time_s", 0, 10, 0, "s", "time", "Time to glide from the previous note's pitch; 0 is off"),
    switch("glide.mode", ("always", "legato"), "Whether every note glides, or overlapping ones only"),
    Param("clock.tempo_bpm", 20, 400, 120, "bpm", "linear", "Tempo when no clock is followed"),
    switch("clock.source", ("auto", "internal"), "Whether the tempo follows MIDI clock or a song where there is one"),
    *EFFECTS,
    Param("master.pan", -1, 1, 0, "", "linear", "Pan, left to right"),
    Param("master.gain_db", -60, 12, 0, "dB", "linear", "Level of the whole instrument"),
    Param("master.tune_hz", 400, 480, 440, "Hz", "linear", "Pitch of A4"),
)
_LATENTS = tuple(
    Param(f"latent.{i + 1}", -16, 16, 0, "", "linear", f"Offset of latent {i + 1} from the morph path")
    for i in range(MAX_LATENTS))
MOD_TARGETS = ("none", *(p.name for p in _PANEL), *(p.name for p in _LATENTS))


def _slot(n):
    g = f"mod{n}"
    return (
        switch(f"{g}.source", MOD_SOURCES, f"What moves the target of modulation slot {n}"),
        switch(f"{g}.target", MOD_TARGETS, f"The parameter that modulation slot {n} moves",
               brief="none, or the name of any parameter above"),
        Param(f"{g}.amount", -1, 1, 0, "", "linear", f"How far slot {n} moves its target, in the width of the target's range"),
        switch(f"{g}.via", MOD_SOURCES, f"A second source that scales slot {n}; none leaves it whole"),
    )


KNOBS: tuple[Param, ...] = _PANEL
SLOTS: tuple[Param, ...] = tuple(row for n in range(1, N_SLOTS + 1) for row in _slot(n))
_DECLARED = KNOBS + SLOTS
PARAMS: dict[str, Param] = {p.name: p for p in _DECLARED + _LATENTS}
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
