"""What hands and patches say: the knobs with the matrix laid over them, and the sixteen MIDI channels."""

import numpy as np

from ...params.knobs import MAX_LATENTS, N_LFOS, N_SLOTS, PARAM_DTYPE
from ..compile.layout import on_lines
from ..constants import N_KNOBS, N_SOURCES
from ..dsp.smoothing import SHARES

PATCH = np.dtype([
    ("serial", "i8"), ("source_number", "i8"), ("latent_size", "i8"), ("params", PARAM_DTYPE),
    ("tuning", "f8", (128,)),  # semitones of each key, NaN: silent
    ("corners", "f4", (4, MAX_LATENTS)), ("low", "f4", (MAX_LATENTS,)), ("high", "f4", (MAX_LATENTS,)),
], align=True)

MATRIX = np.dtype([  # the modulation matrix, compiled from the patch's slots; see matrix.py
    ("n", "i4"), ("n_targets", "i4"), ("classes", "i8"), ("sources", "i8"),
    ("slot", "i4", (N_SLOTS,)), ("source", "i4", (N_SLOTS,)), ("via", "i4", (N_SLOTS,)), ("at", "i4", (N_SLOTS,)),
    ("amount", "f4", (N_SLOTS,)),
    ("now", "f4", (N_SLOTS,)), ("route", "i8", (N_SLOTS,)),  # by slot: the amount smoothed, the route
    ("target", "i4", (N_SLOTS,)), ("class", "i8", (N_SLOTS,)), ("sum", "f4", (N_SLOTS,)), ("kept", "f4", (N_SLOTS,)),
], align=True)

LFO = np.dtype([("speed", "f8"), ("phase", "f8"), ("beats", "f8"), ("fade", "f8"), ("scale", "f4"), ("offset", "f4"),
                ("shape", "i4"), ("own", "i4"), ("jumps", "i4"), ("pad", "i4")], align=True)

KNOBS = on_lines([
    ("target", "f4", (N_KNOBS,)), ("unit", "f4", (2, N_KNOBS)), ("value", "f4", (N_KNOBS,)),  # see smoothed_knobs.py
    ("moving", "i4"), ("smoothing", SHARES),
    ("matrix", MATRIX), ("source", "f4", (N_SOURCES,)),
    ("lfos", LFO, (N_LFOS,)), ("lfo_cycles", "f8", (N_LFOS,)), ("lfo_value", "f4", (N_LFOS,)),
    ("played", PARAM_DTYPE),  # the patch's parameters, as modulation moved what is one for all
    ("patch", PATCH),
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
