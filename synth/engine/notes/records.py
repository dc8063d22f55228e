"""Time as it is played: the frame, the tempo, and the MIDI clock they are told from."""

import numpy as np

from ..compile.layout import on_lines
from ..constants import TICKS

CLOCK = np.dtype([
    ("ticks", "i8", (TICKS,)), ("count", "i8"), ("window", "i8"),  # frames of MIDI clocks; the first that counts
    ("fit_frame", "f8"), ("period", "f8"),  # a line through them: where the newest lies, frames from one to the next
    ("origin_tick", "i8"), ("origin_beat", "f8"), ("position", "f8"), ("armed", "i8"),  # the next tick is at `position`
    ("song_bpm", "f8"), ("anchor_frame", "i8"), ("anchor_beat", "f8"),
], align=True)

TRANSPORT = on_lines([
    ("frame", "i8"), ("sr_hz", "f8"),  # frame: the first of the quantum
    ("tempo_bpm", "f8"), ("beat", "f8"), ("running", "i8"), ("following", "i8"), ("clock", CLOCK),  # see tempo.py
])
