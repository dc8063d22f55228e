"""Drive before the filter: a soft saturator at twice the rate, sixteen voices side by side.

The curve u / sqrt(1 + u^2) has the antiderivative sqrt(1 + u^2), so its first-order antialiased form,
(F(u) - F(u1)) / (u - u1), becomes (u + u1) / (F(u) + F(u1)): no branch, no loss of digits where u meets u1.
Its fall in the treble, a mean of two samples, is undone by one pole. Parker, Zavalishin and Le Bivic 2016,
'Reducing the aliasing of nonlinear waveshaping using continuous-time convolution'. The driven sound comes three frames
late (the way up and down), so nothing lies between clean and driven: when the gain leaves 1 the saturator runs unheard for
a quantum, then fades in for another.
"""

import math

import numpy as np

from ..compile.jit import kernel
from ..compile.simd import load, sqrt, store
from ..constants import LANES, QUANTUM
from . import oversample
from .filter_rows import (
    DDRIVE,
    DMAKE_UP,
    DOUBLE1,
    DOUBLE2,
    DPRESENCE,
    DRIVE,
    DRIVE_DOWN,
    DRIVEN,
    MAKE_UP,
    PRESENCE,
    TREBLE,
    WORK,
)

NOMINAL = 0.17  # amplitude that leaves as loud as it came, whatever the drive
_POLE = np.float32(0.11)
_HALF = np.float32(0.5)
_ONE = np.float32(1.0)
_CLEAN = np.float32(1.00001)  # gains up to here are not driven
_FRAMES, _PER_FRAME = np.float32(QUANTUM), np.float32(1 / QUANTUM)


@kernel
def make_up(drive):
    """Gain after the saturator for a linear input gain: a signal of NOMINAL amplitude keeps it."""
    return math.sqrt((1.0 + (NOMINAL * drive) ** 2) / (1.0 + NOMINAL**2)) / drive


@kernel
def prepare(rows):
    """Fill the make-up gain and the slope of the saturator's presence from DRIVE and DDRIVE; answers whether any lane is driven."""
    most = _ONE
    for v in range(LANES):
        most = max(most, max(rows[DRIVE, v], rows[DRIVE, v] + _FRAMES * rows[DDRIVE, v]))
    driven = most > _CLEAN
    for v in range(LANES if driven else 0):
        d0 = max(rows[DRIVE, v], _ONE)
        d1 = max(rows[DRIVE, v] + _FRAMES * rows[DDRIVE, v], _ONE)
        c0, c1 = np.float32(make_up(d0)), np.float32(make_up(d1))
        rows[MAKE_UP, v], rows[DMAKE_UP, v] = c0, (c1 - c0) * _PER_FRAME
        rows[DPRESENCE, v] = ((_ONE if d0 > _CLEAN and d1 > _CLEAN else np.float32(0.0)) - rows[PRESENCE, v]) * _PER_FRAME
    return driven


@kernel
def _saturate(rows, source, to):
    """2 * QUANTUM rows from `source` on, driven and bent, to those from `to` on."""
    d, dd, u1 = load(rows, DRIVE), _HALF * load(rows, DDRIVE), load(rows, DRIVEN)
    f1 = sqrt(u1 * u1 + _ONE)
    for i in range(2 * QUANTUM):
        d = d + dd
        u = d * load(rows, source + i)
        f = sqrt(u * u + _ONE)
        store(rows, to + i, (u + u1) / (f + f1))
        u1, f1 = u, f
    store(rows, DRIVEN, u1)


@kernel
def render(x, first, rows):
    """Saturate the QUANTUM rows of float32[n, LANES] `x` from row `first` on, in place.

    `prepare` first, and the same rows at twice the rate in DOUBLE1 (`oversample.up`). Uses DOUBLE2 and WORK.
    Real-time: no allocation, no locks, no I/O, no Python.
    """
    _saturate(rows, DOUBLE1, DOUBLE2)
    oversample.down(rows, DOUBLE2, rows, WORK, DRIVE_DOWN)
    c, dc, b, db = load(rows, MAKE_UP), load(rows, DMAKE_UP), load(rows, PRESENCE), load(rows, DPRESENCE)
    e = load(rows, TREBLE)
    for i in range(QUANTUM):
        c, b = c + dc, b + db
        v = load(x, first + i)
        e = (_ONE + _POLE) * load(rows, WORK + i) - _POLE * e
        store(x, first + i, v + b * (c * e - v))
    store(rows, TREBLE, e)
    store(rows, PRESENCE, b)
