"""Voices: who plays, what all of them share, what one is told for a quantum, and the lanes they are rendered in."""

import numpy as np

from ...params.knobs import MAX_UNISON, N_LFOS
from ...patch.morph import MAX_PARTS
from ..compile.layout import on_lines
from ..constants import GROUPS, LANES, QUANTUM, SLOTS
from ..dsp import filter_rows, noise, sub
from ..dsp.envelope import ENVELOPE
from ..dsp.envelope import N_SETTINGS as N_ENVELOPE_SETTINGS
from ..dsp.filter import N_WEIGHTS
from ..dsp.filter_own import N_OWN_ROWS
from ..timbre.track_records import TRACK

N_MIXER_ROWS = 9  # after the filter's own; see lane_allocation.py
N_ROWS = filter_rows.N_ROWS + N_MIXER_ROWS  # of a group's workspace

VOICE = np.dtype([
    ("phase", "u8", (MAX_UNISON,)), ("step", "u8", (MAX_UNISON,)),  # cycles * 2^64; step per frame at the end of the last quantum
    ("serial", "i8"), ("seed", "u8"), ("age", "i8"),  # frames since its start
    ("key_pitch", "f8"), ("glide", "f8"), ("glide_step", "f8"),  # semitones: of the key, still to glide, per quantum
    ("pitch", "f8"), ("top_hz", "f8"), ("tune_hz", "f4"),  # at the end of the last quantum; top_hz: its sharpest oscillator
    ("state", "i4"), ("note", "i4"), ("channel", "i4"), ("key_down", "i4"), ("held_by_pedal", "i4"), ("sostenuto", "i4"),
    ("first", "i4"), ("filled", "i4"), ("fresh", "i4"),  # first frame that sounds in this quantum; envelope frames made; just begun
    ("stream", "i4"), ("unison", "i4"), ("last_unison", "f4"),  # last_unison: how much there is of the last of its oscillators
    ("part", "i4"),  # of a stack, whose it is; else 0
    ("own_bend", "f8"), ("own_pressure", "f4"), ("own_slide", "f4"), ("pressure", "f4"), ("release_velocity", "f4"),  # see midi_channels.py
    ("velocity", "f4"), ("random", "f4"),
    ("gain", "f4"), ("flat", "f4"), ("group", "i4"), ("lane", "i4"),  # see bank.py
    ("sub_gain", "f4"), ("noise_gain", "f4"), ("color", "f4"), ("level", "f4"), ("pan", "f4"),  # as the last quantum left them
    ("sub_shape", "i4"), ("sub_octave", "i4"),
    ("top", "i4"), ("at_rest", "i4"), ("log2_size", "i4"), ("side", "i4"),
    ("blend", "i4"),  # see dsp/blend.py
    ("sub_phase", "u8"), ("sub_step", "u8"),
    ("lfo_cycles", "f8", (N_LFOS,)), ("lfo_value", "f4", (N_LFOS,)),
    ("amp", ENVELOPE), ("env2", ENVELOPE), ("env3", ENVELOPE),
    ("morph", "f4", (MAX_PARTS,)),  # how much of each part of a morph it is, where modulation moves that
    ("track", TRACK),  # where it stands in an instrument of recordings
    ("morph_gain_db", "f4"),  # what keeps the loudness of that mix on the line
    ("own_envelopes", "i4"),  # whether its envelopes run by settings of its own
], align=True)

KEY = np.dtype([("note", "i4"), ("channel", "i4"), ("velocity", "f4"), ("pad", "f4")], align=True)

POLYPHONY = on_lines([
    ("serial", "i8"), ("newest", "i4"), ("n_active", "i4"), ("n_keys", "i4"),
    ("mono", "i4", (MAX_PARTS,)), ("last_pitch", "f8", (MAX_PARTS,)),  # of each part of a stack, else the first
    ("active", "i4", (SLOTS,)), ("keys", KEY, (128,)),  # slots of voices that are not free; keys held, oldest first
    ("voices", VOICE, (SLOTS + 1,)),  # the last stands for a note to come
    ("envelope", "f4", (SLOTS, QUANTUM)),
    ("envelope_settings", "f8", (3, N_ENVELOPE_SETTINGS)),
    ("own_envelopes", "f8", (SLOTS, 3, N_ENVELOPE_SETTINGS)),  # settings of the envelopes of voices that have their own
])

SHARED = on_lines([  # made once a quantum for all voices
    ("level", "f4"), ("sub_level", "f4"), ("noise_level", "f4"), ("damping", "f4"), ("drive", "f4"),  # of voices that nothing modulates
    ("gain", "f4"), ("gain_goal", "f4"), ("gain_now", "f4"),  # of the whole instrument
    ("filter_target", "f4", (N_WEIGHTS,)), ("filter_part", "f4", (N_WEIGHTS,)),
    ("filter_smooth", "f4", (2, N_WEIGHTS)), ("filter_mix", "f4", (2, N_WEIGHTS)),
    ("filter_slope", "f4", (N_WEIGHTS,)), ("filter_on", "i4"),
    ("filter_own", "i4"),  # quanta for which each voice still has a filter of its own kind; see filter_morph.py
])

CONTROLS = on_lines([  # what one voice is told for this quantum; all but `mix` as it shall be at the quantum's end
    ("pitch", "f8"), ("mix", "f8", (2,)),  # mix: where its stream's ramp stands at start and end
    ("left", "f4"), ("right", "f4"), ("cutoff", "f4"), ("damping", "f4"), ("drive", "f4"),  # linear gains; log2 of Hz
    ("sub_gain", "f4"), ("noise_gain", "f4"),
    ("step", "u8", (MAX_UNISON,)), ("sub_step", "u8"),  # of its oscillators, cycles * 2^64 a frame
    ("unison_ratio", "f8", (MAX_UNISON,)), ("unison_gain", "f4", (2, MAX_UNISON)), ("unison_of", "f4", (6,)),  # see unison.py
    ("filter_weights", "f4", (N_WEIGHTS,)),  # of its own filter, where each voice has one
])

LANES_STATE = on_lines([  # sixteen voices side by side; see bank.py and dsp/transpose.py
    ("filter_rows", "f4", (GROUPS, N_OWN_ROWS, LANES)), ("rungs", "i4", (GROUPS,)),  # see dsp/filter_own.py
    ("rows", "f4", (GROUPS, N_ROWS, LANES)), ("noise_rows", "f4", (GROUPS, noise.N_ROWS, LANES)),
    ("tracks", "f4", (GROUPS, LANES, QUANTUM)), ("columns", "f4", (QUANTUM, LANES)),
    ("env_tracks", "f4", (GROUPS, LANES, QUANTUM)), ("env_columns", "f4", (GROUPS, QUANTUM, LANES)),
    ("frames", "f4", (QUANTUM,)), ("sub_work", "f4", (sub.N_SCRATCH,)), ("sub_tables", "f4", (sub.N_TABLES,)),
    ("noise_seeds", "u4", (GROUPS, 2, LANES)), ("slot", "i4", (GROUPS, LANES)),  # slot: whose a lane is, -1 nobody's
    ("env_flat", "f4", (GROUPS, LANES)), ("env_moved", "i4", (GROUPS,)),
    ("noise_on", "i4"), ("declick", "f4"), ("log2_sr_hz", "f4"),
])
