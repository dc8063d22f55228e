"""Twice the rate and back, sixteen voices side by side: a half-band filter of two branches of all-passes.

Elliptic, flat below 0.417 of the rate (20 kHz at 48), its images 75 dB down from 0.583 on; three sections a branch, one
state each; together 2.75 frames of delay at low frequencies. Valenzuela and Constantinides, 'Digital signal processing
schemes for efficient interpolation and decimation', 1983; the coefficients by de Soras' formulas ('HIIR').
"""

import numpy as np

from ..compile.jit import kernel
from ..compile.simd import load, store
from ..constants import QUANTUM

_A0, _A1, _A2, _A3, _A4, _A5 = (np.float32(a) for a in (
    0.066720673, 0.235765472, 0.44209448, 0.634532427, 0.79518418, 0.932636643))
_HALF = np.float32(0.5)


@kernel
def up(x, first, rows, to, states):
    """QUANTUM rows of float32[n, LANES] `x` from `first` on -> twice as many of `rows` from `to` on; six states at `states`."""
    s0, s1, s2 = load(rows, states), load(rows, states + 1), load(rows, states + 2)
    s3, s4, s5 = load(rows, states + 3), load(rows, states + 4), load(rows, states + 5)
    for i in range(QUANTUM):
        v = load(x, first + i)
        a = _A0 * v + s0
        s0 = v - _A0 * a
        b = _A2 * a + s1
        s1 = a - _A2 * b
        c = _A4 * b + s2
        s2 = b - _A4 * c
        store(rows, to + 2 * i, c)
        a = _A1 * v + s3
        s3 = v - _A1 * a
        b = _A3 * a + s4
        s4 = a - _A3 * b
        c = _A5 * b + s5
        s5 = b - _A5 * c
        store(rows, to + 2 * i + 1, c)
    store(rows, states, s0)
    store(rows, states + 1, s1)
    store(rows, states + 2, s2)
    store(rows, states + 3, s3)
    store(rows, states + 4, s4)
    store(rows, states + 5, s5)


@kernel
def down(rows, source, x, first, states):
    """2 * QUANTUM rows of `rows` from `source` on -> QUANTUM rows of float32[n, LANES] `x` from `first` on; six states at `states`."""
    s0, s1, s2 = load(rows, states), load(rows, states + 1), load(rows, states + 2)
    s3, s4, s5 = load(rows, states + 3), load(rows, states + 4), load(rows, states + 5)
    for i in range(QUANTUM):
        v = load(rows, source + 2 * i + 1)
        a = _A0 * v + s0
        s0 = v - _A0 * a
        b = _A2 * a + s1
        s1 = a - _A2 * b
        y = _A4 * b + s2
        s2 = b - _A4 * y
        v = load(rows, source + 2 * i)
        a = _A1 * v + s3
        s3 = v - _A1 * a
        b = _A3 * a + s4
        s4 = a - _A3 * b
        c = _A5 * b + s5
        s5 = b - _A5 * c
        store(x, first + i, _HALF * (y + c))
    store(rows, states, s0)
    store(rows, states + 1, s1)
    store(rows, states + 2, s2)
    store(rows, states + 3, s3)
    store(rows, states + 4, s4)
    store(rows, states + 5, s5)


@kernel
def rest(rows, states):
    """Forget the last sound."""
    for row in range(states, states + 6):
        store(rows, row, 0.0)
