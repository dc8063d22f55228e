"""The wavetable oscillator: reads a voice's two tables at its phase, by four fitted taps. Phases are 64-bit.

A voice may be several oscillators in unison, each with a phase and step of its own, mixed to two sides.
"""

import math

import numpy as np

from .jit import kernel
from .quads import read, read_two
from .state import QUANTUM
from .tables import LEVEL, STATIC

_BLEND, _LEFT, _RIGHT = QUANTUM, 2 * QUANTUM, 3 * QUANTUM  # rows of the flat workspace; the first holds fractions, then frames
_RAMP = np.array([i * (i + 1) // 2 for i in range(QUANTUM)], np.float32)
FADE_IN = np.array([0.5 - 0.5 * math.cos(math.pi * (i + 1) / QUANTUM) for i in range(QUANTUM)], np.float32)


@kernel
def _walk(v, j, next_step, index, ws):
    """Where each frame of oscillator j falls in the table: index[i] of its first tap, the fraction in ws[0:32]. Its phase moves on.

    The step ramps to next_step (linear in frequency). A whole quantum is walked in 32 bits, side by side, from the 64-bit phase.
    """
    phase, step, first = v["phase"][j], v["step"][j], v["first"]
    log2_size = v["log2_size"]
    slope = np.int64(next_step - step) >> np.int64(5)
    if first == 0:
        p0, d = np.uint32(phase >> np.uint64(32)), np.uint32((step + np.uint64(0x80000000)) >> np.uint64(32))
        down, up = np.uint32(32 - log2_size), np.uint32(log2_size)
        bend = np.float32(slope * 2.0**-32)
        for i in range(QUANTUM):
            p = np.uint32(p0 + np.uint32(i) * d + np.uint32(np.int32(bend * _RAMP[i])))
            index[i] = np.int32(p >> down)
            ws[i] = np.float32(np.int32(np.uint32(p << up) >> np.uint32(8))) * np.float32(1 / 16777216)
        v["phase"][j] = phase + step * np.uint64(QUANTUM) + np.uint64(slope) * np.uint64(QUANTUM * (QUANTUM + 1) // 2)
        v["step"][j] = next_step
        return
    shift, wide = np.uint64(64 - log2_size), np.uint64(log2_size)
    for i in range(first):
        index[i], ws[i] = 0, 0.0
    for i in range(first, QUANTUM):
        index[i] = np.int32(phase >> shift)
        ws[i] = np.float32(np.int32((phase << wide) >> np.uint64(40))) * np.float32(1 / 16777216)
        step += np.uint64(slope)
        phase += step
    v["phase"][j], v["step"][j] = phase, next_step


@kernel
def _blend(v, mix0, mix1, ws):
    """How far each frame is from the old table to the new one, into ws[128:160]."""
    if v["blend"] == LEVEL:
        for i in range(QUANTUM):
            ws[_BLEND + i] = FADE_IN[i]
        return
    b0, slope = np.float32(mix0), np.float32((mix1 - mix0) * (1.0 / QUANTUM))
    if v["fade"] != 0.0:
        span = 1.0 / max(1.0 - v["fade"], 1e-6)
        b0, slope = np.float32((mix0 - v["fade"]) * span), np.float32(slope * span)
    for i in range(QUANTUM):
        ws[_BLEND + i] = b0 + slope * np.float32(np.int32(i + 1))


@kernel
def _frames(s, slot, ws, index):
    """The frames of one oscillator, walked already, into ws[0:32]."""
    v = s["voices"][slot]
    side = v["side"]
    if v["blend"] == STATIC:
        table = s["tables"][slot, side]
        for i in range(0, QUANTUM, 8):
            read(table, index, ws, i)
    else:
        old, new = s["tables"][slot, 1 - side], s["tables"][slot, side]
        for i in range(0, QUANTUM, 8):
            read_two(old, new, index, ws, i, _BLEND)
    for i in range(v["first"]):
        ws[i] = 0.0


@kernel
def render(s, slot, out, lane, mix0, mix1):
    """One quantum of a voice's only oscillator into out[frame, lane]; silent before the voice's first frame.

    mix0, mix1: where its line's ramp stands at the quantum's start and end. uni_step[0]: its step at the end.
    Real-time: no allocation, no locks, no I/O, no Python.
    """
    v, ws, index = s["voices"][slot], s["workspace"], s["index"]
    _walk(v, 0, s["uni_step"][0], index, ws)
    if v["blend"] != STATIC:
        _blend(v, mix0, mix1, ws)
    _frames(s, slot, ws, index)
    for i in range(QUANTUM):
        out[i, lane] = ws[i]


@kernel
def render_unison(s, slot, out, lane, mix0, mix1):
    """As `render`, a voice's oscillators in unison: left into out[frame, lane], right into out[frame, lane + 1]."""
    v, ws, index = s["voices"][slot], s["workspace"], s["index"]
    if v["blend"] != STATIC:
        _blend(v, mix0, mix1, ws)
    for i in range(2 * QUANTUM):
        ws[_LEFT + i] = 0.0
    for j in range(v["unison"]):
        _walk(v, j, s["uni_step"][j], index, ws)
        _frames(s, slot, ws, index)
        left, right = s["uni_gain"][0, j], s["uni_gain"][1, j]
        for i in range(QUANTUM):
            ws[_LEFT + i] += left * ws[i]
            ws[_RIGHT + i] += right * ws[i]
    for i in range(QUANTUM):
        out[i, lane], out[i, lane + 1] = ws[_LEFT + i], ws[_RIGHT + i]
