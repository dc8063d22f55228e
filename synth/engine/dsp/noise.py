"""Noise of sixteen voices side by side: white by a hash of voice seed and frame, tilted by one pole and one zero.

Nothing is drawn from a generator, so a frame's noise depends on its seed and number only. The colour moves pole and zero apart
around 1 kHz: -1 falls by 6 dB an octave from 62 Hz to 16 kHz, 0 is white, 1 rises likewise. At a gain of 1 every colour is as
loud as the oscillator at 0 dB (K-weighted RMS of -18 dB within 1.5 dB).
"""

import math

import numpy as np

from ..compile.jit import kernel
from ..compile.simd import load, select, sqrt, store, white
from ..constants import QUANTUM
from .filter import coefficients_lanes

# rows of the workspace, float32[N_ROWS, LANES]. Given each quantum: value before its first frame and the step a frame
GAIN, DGAIN, COLOR, DCOLOR = 0, 1, 2, 3
FIRST_STATE, N_STATES = 4, 2  # kept for each voice, zero for a new note
_X, _Y = 4, 5
_POLE, _ZERO, _FROM, _TO = 6, 7, 8, 11  # scratch
N_ROWS = 14
_CENTRE_LOG2, _OCTAVES = np.float32(9.9657843), np.float32(4.0)
_LEVEL = np.float32(0.1405)  # K-weighted RMS of white noise in -1..1 at 48 kHz is -1 dB
_DARK = np.float32(1.1)  # dark noise is this much (at -1) louder in RMS to be as loud
_RATE_LOG2 = math.log2(48000)
_ONE, _ZERO_F = np.float32(1.0), np.float32(0.0)
_GOLDEN = 0x9E3779B1  # spreads neighbouring frames


@kernel
def set_seed(seeds, lane, seed):
    """A voice's seed (uint64) into its column of uint32[2, LANES]."""
    seeds[0, lane] = np.uint32(np.uint64(seed) & np.uint64(0xFFFFFFFF))
    seeds[1, lane] = np.uint32(np.uint64(seed) >> np.uint64(32))


@kernel
def _tilt(rows, at, frames, log2_sr_hz):
    """rows[at, at + 1, at + 2]: b0, b1 and a1 of the colours after `frames` of this quantum, at equal loudness."""
    color = load(rows, COLOR) + np.float32(frames) * load(rows, DCOLOR)
    store(rows, _POLE, _CENTRE_LOG2 + _OCTAVES * color)
    store(rows, _ZERO, _CENTRE_LOG2 - _OCTAVES * color)
    coefficients_lanes(rows[_POLE], log2_sr_hz, rows[_POLE])
    coefficients_lanes(rows[_ZERO], log2_sr_hz, rows[_ZERO])
    p, z = load(rows, _POLE), load(rows, _ZERO)
    r = _ONE / (_ONE + p)
    b0, b1, a1 = (_ONE + z) * r, (z - _ONE) * r, (p - _ONE) * r
    dark = select(color, _ZERO_F, color, _ZERO_F)
    power = (b0 * b0 + b1 * b1 - np.float32(2.0) * (b0 * b1) * a1) / (_ONE - a1 * a1)
    wide = math.sqrt(2.0 ** (log2_sr_hz - _RATE_LOG2))  # part of the noise of a high rate lies above hearing
    level = _LEVEL * (_ONE + _DARK * (dark * dark)) * (_ONE + (np.float32(wide) - _ONE) * (_ONE + dark)) / sqrt(power)
    store(rows, at, b0 * level)
    store(rows, at + 1, b1 * level)
    store(rows, at + 2, a1)


@kernel
def add_lanes(x, rows, seeds, frame, log2_sr_hz):
    """Add a quantum of noise to float32[QUANTUM, LANES] `x`.

    rows: float32[N_ROWS, LANES] as above; seeds: uint32[2, LANES]; frame: absolute number of the first frame.
    Lanes without noise have a gain of 0. Real-time: no allocation, no locks, no I/O, no Python.
    """
    _tilt(rows, _FROM, 0, log2_sr_hz)
    _tilt(rows, _TO, QUANTUM, log2_sr_hz)
    b0, b1, a1 = load(rows, _FROM), load(rows, _FROM + 1), load(rows, _FROM + 2)
    per_frame = np.float32(1 / QUANTUM)
    db0, db1, da1 = (load(rows, _TO) - b0) * per_frame, (load(rows, _TO + 1) - b1) * per_frame, (load(rows, _TO + 2) - a1) * per_frame
    gain, dgain, w1, y = load(rows, GAIN), load(rows, DGAIN), load(rows, _X), load(rows, _Y)
    for i in range(QUANTUM):
        gain, b0, b1, a1 = gain + dgain, b0 + db0, b1 + db1, a1 + da1
        w = white(seeds, np.uint32((np.int64(frame) + i) * _GOLDEN & 0xFFFFFFFF))
        y = (b0 * w + b1 * w1) - a1 * y
        store(x, i, load(x, i) + gain * y)
        w1 = w
    store(rows, _X, w1)
    store(rows, _Y, y)
