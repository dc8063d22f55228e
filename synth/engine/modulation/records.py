"""What hands and patches say: the knobs with the matrix laid over them, and the sixteen MIDI channels."""

import numpy as np

from ...params.knobs import LFO_SHAPES, MAX_LATENTS, MAX_LFO_POINTS, N_LFOS, N_SLOTS, PARAM_DTYPE
from ...patch.morph import MAX_PARTS
from ..compile.layout import on_lines
from ..constants import MAX_GAINS, N_KNOBS, N_PART_ROUTES, N_ROUTES, N_SOURCES
from ..dsp.smoothing import SHARES

FREE_SHAPE = np.dtype([  # of an LFO, see patch/lfo_shape.py
    ("n", "i4"), ("jumps", "i4"), ("place", "f4", (MAX_LFO_POINTS,)), ("level", "f4", (MAX_LFO_POINTS,)),
    ("bend", "f4", (MAX_LFO_POINTS,))], align=True)

MORPH = np.dtype([  # the parts of a morph of presets (none: n is 0) and where it stands; see morph_table.py and morph_mix.py
    ("n", "i4"), ("chain", "i4"), ("rows", "i4"), ("columns", "i4"), ("n_differing", "i4"), ("n_routes", "i4"),
    ("classes", "i8"), ("tuned", "i4"),  # scopes of the knobs in which the parts differ; whether their tunings do
    ("stack", "i4"), ("level_db", "f4", (MAX_PARTS,)), ("pan", "f4", (MAX_PARTS,)), ("transpose", "i4", (MAX_PARTS,)),  # see stack.py
    ("low_key", "i4", (MAX_PARTS,)), ("high_key", "i4", (MAX_PARTS,)),
    ("low_velocity", "i4", (MAX_PARTS,)), ("high_velocity", "i4", (MAX_PARTS,)),
    ("stops", "f4", (MAX_PARTS,)), ("gain_db", "f4", (MAX_GAINS,)),
    ("link_steps", "i4"), ("pace", "f4", (MAX_GAINS,)),  # rows of one more than the steps, one for each link; 0 steps: none
    ("differing", "i4", (N_KNOBS,)), ("held", "u1", (N_KNOBS,)),  # knobs; those that are set for all parts
    ("params", "f4", (MAX_PARTS, N_KNOBS)), ("unit", "f4", (MAX_PARTS, N_KNOBS)),  # values in their units, slider positions
    ("part", "i4", (N_PART_ROUTES,)), ("source", "i4", (N_PART_ROUTES,)), ("via", "i4", (N_PART_ROUTES,)),
    ("target", "i4", (N_PART_ROUTES,)), ("amount", "f4", (N_PART_ROUTES,)),
    ("decoder", "i8", (MAX_PARTS,)), ("group", "i4", (MAX_PARTS,)),  # addresses of DECODERs, 0: none; the first part on the same source
    ("first", "i4", (MAX_PARTS + 1,)), ("offset", "f4", (MAX_LATENTS,)),  # of each part's latents; their offsets
    ("tuning", "f8", (MAX_PARTS, 128)), ("free", FREE_SHAPE, (MAX_PARTS, N_LFOS)),
    ("x", "f4"), ("y", "f4"), ("tempo_bpm", "f4"), ("arrived", "f4"), ("shared", "f4", (MAX_PARTS,)),  # the shared position; its weights
    ("one", "f4", (MAX_PARTS,)),  # to work in
    ("now", "f4", (MAX_PARTS,)), ("alone", "i4"), ("heaviest", "i4"), ("mask", "i4"),  # of what is looked at: weights, the only part or -1
    ("sub_share", "f4"),  # how much of the sub-oscillator's level is left, as it has one shape and octave only
    ("shared_gain_db", "f4"), ("now_gain_db", "f4"),
    ("kept_unit", "f4", (N_KNOBS,)), ("kept_value", "f4", (N_KNOBS,)),
    ("gliding", "i4"), ("left", "f4", (2, N_KNOBS)),  # whether any held knob is on its way; two poles of what is left of its way
    ("away", "f4", (MAX_PARTS, N_KNOBS)),  # how far each part's was from where all go on from, in slider positions
], align=True)

PATCH = np.dtype([
    ("serial", "i8"), ("source_number", "i8"), ("latent_size", "i8"), ("decoder", "i8"),  # address of a DECODER, 0: none
    ("tracks", "i8"),  # address of TRACKS, 0: none
    ("morph_path", "i8"),  # number of the path of its own corners
    ("params", PARAM_DTYPE),
    ("tuning", "f8", (128,)),  # semitones of each key, NaN: silent
    ("corners", "f4", (4, MAX_LATENTS)), ("low", "f4", (MAX_LATENTS,)), ("high", "f4", (MAX_LATENTS,)),
    ("map", "f4", (2, MAX_LATENTS)),  # latents that cross the map, from left to right and from bottom to top
    ("free", FREE_SHAPE, (N_LFOS,)),
    ("morph", MORPH, (1,)),
], align=True)

MATRIX = np.dtype([  # the modulation matrix, compiled from the patch's slots; see matrix.py
    ("n", "i4"), ("n_targets", "i4"), ("classes", "i8"), ("sources", "i8"), ("moves_morph", "i4"),  # whether each voice has its own mix
    ("slot", "i4", (N_ROUTES,)), ("source", "i4", (N_ROUTES,)), ("via", "i4", (N_ROUTES,)), ("at", "i4", (N_ROUTES,)),
    ("amount", "f4", (N_ROUTES,)), ("own", "f4", (N_ROUTES,)),
    ("now", "f4", (N_ROUTES,)), ("route", "i8", (N_ROUTES,)),  # by slot: the amount smoothed, the route
    ("target", "i4", (N_ROUTES,)), ("class", "i8", (N_ROUTES,)), ("sum", "f4", (N_ROUTES,)), ("kept", "f4", (N_ROUTES,)),
], align=True)

LFO = np.dtype([("speed", "f8"), ("phase", "f8"), ("beats", "f8"), ("fade", "f8"), ("scale", "f4"), ("offset", "f4"),
                ("shape", "i4"), ("jumps", "i4"), ("mixed", "i4"),
                ("voice_share", "f4"), ("shapes", "f4", (len(LFO_SHAPES),)),
                ("free", "f4", (MAX_PARTS,))], align=True)  # mixed: of a morph; how much of each shape, and of each part's free one

KNOBS = on_lines([
    ("target", "f4", (N_KNOBS,)), ("unit", "f4", (2, N_KNOBS)), ("value", "f4", (N_KNOBS,)),  # see smoothed_knobs.py
    ("moving", "i4"), ("smoothing", SHARES),
    ("matrix", MATRIX), ("source", "f4", (N_SOURCES,)),
    ("lfos", LFO, (N_LFOS,)),
    ("lfo_cycles", "f8", (MAX_PARTS, N_LFOS)), ("lfo_value", "f4", (MAX_PARTS, N_LFOS)),  # global; of each part of a stack, or the first
    ("played", PARAM_DTYPE),  # the patch's parameters, as modulation moved what is one for all
    ("effect_sums", "f4", (N_SLOTS,)),  # what each slot adds to a plug-in's parameter, of its whole range
    ("patch", PATCH),
    ("retuned", "i4"), ("key_pitches", "f8", (128,)),  # whether a tuning stands over every sound's own, and what it makes of each key
])

CHANNEL = np.dtype([
    ("bend", "f8"), ("bend_range", "f8"), ("coarse", "f8"), ("fine", "f8"),  # -1..1, semitones; range < 0: the patch's
    ("volume", "f4"), ("expression", "f4"), ("pan", "f4"), ("brightness", "f4"),  # 0..127
    ("wheel", "f4"), ("breath", "f4"), ("pressure", "f4"), ("slide", "f4"),  # 0..127
    ("gain", "f4", (2,)), ("pan_now", "f4", (2,)), ("bright_now", "f4", (2,)),  # smoothed, two poles
    ("sustain", "i4"), ("sostenuto", "i4"), ("soft", "i4"), ("rpn", "i4"), ("msb", "i4", (32,)),
    ("nrpn", "i4"), ("nrpn_data", "i4"), ("nrpn_fine", "i4"),  # a parameter number of the maker's, 0x3FFF: none; whether 14 bits came
    ("master", "i4"),  # of the MPE zone it belongs to, itself for a master; -1: none
], align=True)

MIDI = on_lines([
    ("channels", CHANNEL, (16,)), ("kept", CHANNEL, (2,)),
    ("zones", "i4", (2,)),  # members of the lower and the upper MPE zone
])
