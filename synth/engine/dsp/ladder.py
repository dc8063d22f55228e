"""Transistor ladder, four one-poles in a loop with a saturator, zero-delay feedback, at twice the rate, sixteen voices side by side.

The loop is solved for its linear part, then the saturator is applied to the first stage's input: it oscillates at the
cut-off from a feedback of 4 on, whatever its level, and the saturator holds it. The input rises with the feedback, so
part of the pass-band that resonance costs comes back. Zavalishin, 'The Art of VA Filter Design', 2012, 5.2 and 6.2.
"""

import math

import numpy as np

from ..compile.jit import kernel
from ..compile.simd import load, sqrt, store
from ..constants import LANES, QUANTUM
from . import oversample
from .filter_rows import (
    DDRIVE,
    DFEEDBACK,
    DG,
    DG2,
    DK,
    DMAKE_UP,
    DRIVE,
    FEEDBACK,
    G2,
    L1,
    L2,
    L3,
    L4,
    LADDER_DOWN,
    MAKE_UP,
    G,
    K,
)

_MOST_FEEDBACK = 4.3  # at resonance 1; it sings from 0.93 on
_MAKE_UP = np.float32(0.5)
_ONE, _HALF = np.float32(1.0), np.float32(0.5)
_FRAMES, _PER_FRAME = np.float32(QUANTUM), np.float32(1 / QUANTUM)


@kernel
def feedback_of(k):
    """Feedback of the loop from the damping `k` of `filter.damping_of(resonance)`."""
    return _MOST_FEEDBACK * (1.0 - math.sqrt(min(max((k - 0.01) / 1.41421356, 0.0), 1.0)))


@kernel
def prepare(rows, driven):
    """Fill the feedback from K and DK, g at twice the rate from G and DG, and the make-up gain where `drive.prepare` did not."""
    for v in range(LANES):
        f0, f1 = np.float32(feedback_of(rows[K, v])), np.float32(feedback_of(rows[K, v] + _FRAMES * rows[DK, v]))
        rows[FEEDBACK, v], rows[DFEEDBACK, v] = f0, (f1 - f0) * _PER_FRAME
    g0 = load(rows, G)
    g1 = g0 + _FRAMES * load(rows, DG)
    h0, h1 = g0 / (_ONE + sqrt(_ONE + g0 * g0)), g1 / (_ONE + sqrt(_ONE + g1 * g1))  # tan(x / 2) from tan(x)
    store(rows, G2, h0)
    store(rows, DG2, (h1 - h0) * _PER_FRAME)
    if not driven:
        store(rows, MAKE_UP, 1.0)
        store(rows, DMAKE_UP, 0.0)


@kernel
def render(x, first, rows, source, tap2, tap4, dtap2, dtap4):
    """Filter 2 * QUANTUM rows from `source` on (in place) into QUANTUM rows of float32[n, LANES] `x` from `first` on.

    `prepare` first. tap2, tap4: float32 gains of the 12 and 24 dB outputs, and their steps a frame.
    Real-time: no allocation, no locks, no I/O, no Python.
    """
    g, dg, f, df = load(rows, G2), _HALF * load(rows, DG2), load(rows, FEEDBACK), _HALF * load(rows, DFEEDBACK)
    d, dd, c, dc = load(rows, DRIVE), _HALF * load(rows, DDRIVE), load(rows, MAKE_UP), _HALF * load(rows, DMAKE_UP)
    s1, s2, s3, s4 = load(rows, L1), load(rows, L2), load(rows, L3), load(rows, L4)
    dtap2, dtap4 = _HALF * dtap2, _HALF * dtap4
    for i in range(2 * QUANTUM):
        g, f, d, c = g + dg, f + df, d + dd, c + dc
        tap2, tap4 = tap2 + dtap2, tap4 + dtap4
        r = _ONE / (_ONE + g)
        a = g * r
        a2 = a * a
        tail = r * (a2 * (a * s1 + s2) + (a * s3 + s4))
        u = (d * load(rows, source + i) * (_ONE + _MAKE_UP * f) - f * tail) / (_ONE + f * (a2 * a2))
        u = u / sqrt(_ONE + u * u)
        v1 = a * (u - s1)
        y1 = s1 + v1
        v2 = a * (y1 - s2)
        y2 = s2 + v2
        v3 = a * (y2 - s3)
        y3 = s3 + v3
        v4 = a * (y3 - s4)
        y4 = s4 + v4
        s1, s2, s3, s4 = y1 + v1, y2 + v2, y3 + v3, y4 + v4
        store(rows, source + i, c * (tap2 * y2 + tap4 * y4))
    store(rows, L1, s1)
    store(rows, L2, s2)
    store(rows, L3, s3)
    store(rows, L4, s4)
    oversample.down(rows, source, x, first, LADDER_DOWN)


@kernel
def rest(rows):
    """Forget the last sound, before the ladder begins to be heard."""
    for row in range(L1, LADDER_DOWN + 6):
        store(rows, row, 0.0)
