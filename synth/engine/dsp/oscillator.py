"""The wavetable oscillator: reads a voice's tables at its phase, by four fitted taps. Phases are 64-bit.

A voice may be several oscillators in unison, each with a phase and step of its own, mixed to two sides.
"""

import math

import numpy as np

from ..compile.jit import kernel
from ..constants import QUANTUM
from .blend import LEAVE, LEVEL, PASS, STATIC, next_side, previous_side
from .table_read import read, read_curve, read_three, read_two

_HALF = np.uint64(1 << 31)
FADE_IN = np.array([0.5 - 0.5 * math.cos(math.pi * (i + 1) / QUANTUM) for i in range(QUANTUM)], np.float32)


@kernel
def _curve(blend, mix0, slope):
    """(c0, c1, c2): c0 + c1 i + c2 i^2 is how much of the newer of two tables is heard in frame i, counted from 1."""
    left = np.float32(1.0) - mix0
    if blend == LEAVE:
        return np.float32(0.5) * mix0 * mix0, mix0 * slope, np.float32(0.5) * slope * slope
    return np.float32(1.0) - np.float32(0.5) * left * left, left * slope, np.float32(-0.5) * slope * slope


@kernel
def _oscillator(controls, v, j, waves, out):
    """The frames of a voice's oscillator j into float32[QUANTUM] `out`, silent before its first; its phase moves on.

    Its step ramps to the controls' step[j], linear in frequency; a voice that starts within the quantum has that step already.
    """
    next_step, mix0, mix1 = controls["step"][j], controls["mix"][0], controls["mix"][1]
    first, step = np.uint64(v["first"]), v["step"][j]
    phase = v["phase"][j] - first * step
    slope = np.int64(next_step - step) >> np.int64(5)
    p, d, bend = np.uint32(phase >> np.uint64(32)), np.uint32((step + _HALF) >> np.uint64(32)), np.float32(slope * 2.0**-32)
    side, log2_size = v["side"], v["log2_size"]
    mix, slope_of_mix = np.float32(mix0), np.float32((mix1 - mix0) * (1.0 / QUANTUM))
    if v["blend"] == STATIC:
        read(waves[side], p, d, bend, log2_size, out)
    elif v["blend"] == LEVEL:
        read_two(waves[previous_side(side)], waves[side], FADE_IN, p, d, bend, log2_size, out)
    elif v["blend"] == PASS:
        read_three(waves[next_side(side)], waves[previous_side(side)], waves[side], mix, slope_of_mix, p, d, bend, log2_size, out)
    else:
        c0, c1, c2 = _curve(v["blend"], mix, slope_of_mix)
        read_curve(waves[previous_side(side)], waves[side], c0, c1, c2, p, d, bend, log2_size, out)
    for i in range(v["first"]):
        out[i] = 0.0
    v["phase"][j] = phase + step * np.uint64(QUANTUM) + np.uint64(slope) * np.uint64(QUANTUM * (QUANTUM + 1) // 2)
    v["step"][j] = next_step


@kernel
def render(controls, v, waves, out):
    """One quantum of a voice's only oscillator into float32[QUANTUM] `out`; silent before the voice's first frame.

    controls: its `step[0]` at the end, its stream's `mix`. v: the voice. waves: its three tables, float32[3, n].
    Real-time: no allocation, no locks, no I/O, no Python.
    """
    _oscillator(controls, v, 0, waves, out)


@kernel
def render_unison(controls, v, waves, frames, left, right):
    """As `render`, a voice's oscillators in unison, mixed to two sides; frames, left, right: float32[QUANTUM], the first is scratch."""
    for i in range(QUANTUM):
        left[i] = right[i] = 0.0
    for j in range(v["unison"]):
        _oscillator(controls, v, j, waves, frames)
        to_left, to_right = controls["unison_gain"][0, j], controls["unison_gain"][1, j]
        for i in range(QUANTUM):
            left[i] += to_left * frames[i]
            right[i] += to_right * frames[i]
