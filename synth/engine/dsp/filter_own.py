"""Filters of sixteen voices side by side where each voice has a response of its own: the weights of `filter.py`, one vector each.

It costs more than one response for all, as every lane runs whatever any of them hears; it is used only in morphs whose voices differ.
"""

import numpy as np

from ..compile.jit import kernel
from ..compile.simd import load, select, store, total
from ..constants import QUANTUM
from . import filter as svf
from . import filter_drive, ladder, oversample
from .filter_rows import DOUBLE1, MIXED, UP

TARGET, FIRST, SECOND, MIX, SLOPE = (svf.N_WEIGHTS * i for i in range(5))  # where rows of weights begin; two poles lead to the target
N_OWN_ROWS = 5 * svf.N_WEIGHTS
_NEAR, _ZERO, _PER_FRAME = np.float32(2e-6), np.float32(0.0), np.float32(1.0 / QUANTUM)


@kernel
def _size(x):
    return select(x, _ZERO, _ZERO - x, x)


@kernel
def smooth_weights(weights, share):
    """One quantum on (share: see smoothing.py): MIX as at its start, SLOPE per frame."""
    for i in range(svf.N_WEIGHTS):
        target, first, second = load(weights, TARGET + i), load(weights, FIRST + i), load(weights, SECOND + i)
        a = first + share * (target - first)
        b = second + share * (a - second)
        away = _size(target - a) + _size(a - b)
        a, b = select(away, _NEAR, target, a), select(away, _NEAR, target, b)
        store(weights, FIRST + i, a)
        store(weights, SECOND + i, b)
        store(weights, MIX + i, second)
        store(weights, SLOPE + i, (b - second) * _PER_FRAME)


@kernel
def set_lane(weights, lane, target, at_once):
    """A lane's response is headed to float32[N_WEIGHTS], or is there."""
    for i in range(svf.N_WEIGHTS):
        weights[TARGET + i, lane] = target[i]
        if at_once:
            weights[FIRST + i, lane] = weights[SECOND + i, lane] = target[i]


@kernel
def begin(weights, rows, mix):
    """Lanes that had one response (float32[N_WEIGHTS]) go on from there, each to its own; what was not heard begins from rest."""
    for i in range(svf.N_WEIGHTS):
        for part in (TARGET, FIRST, SECOND):
            store(weights, part + i, mix[i])
    svf.rest_unheard(rows, mix)


@kernel
def render_lanes(x, rows, weights, rungs):
    """As `filter.render_lanes`, after `smooth_weights`. rungs: whether the ladder ran in the last quantum; answers whether it does.

    Real-time: no allocation, no locks, no I/O, no Python.
    """
    driven = filter_drive.prepare(rows)
    taps = (load(weights, MIX + svf.TAP2) + load(weights, MIX + svf.TAP4)
            + load(weights, SECOND + svf.TAP2) + load(weights, SECOND + svf.TAP4))
    heard = total(taps) > 0.0
    if heard and not rungs:
        ladder.rest(rows)
        if not driven:
            oversample.rest(rows, UP)
    dry, ddry = load(weights, MIX + svf.DRY), load(weights, SLOPE + svf.DRY)
    for i in range(QUANTUM):
        dry = dry + ddry
        store(rows, MIXED + i, dry * load(x, i))
    if heard or driven:
        oversample.up(x, 0, rows, DOUBLE1, UP)
    if driven:
        filter_drive.render(x, 0, rows)
    svf.two_stages(x, 0, rows, weights[MIX:MIX + svf.N_WEIGHTS], weights[SLOPE:SLOPE + svf.N_WEIGHTS])
    share, dshare = load(weights, MIX + svf.SVF), load(weights, SLOPE + svf.SVF)
    for i in range(QUANTUM):
        share = share + dshare
        store(rows, MIXED + i, load(rows, MIXED + i) + share * load(x, i))
    if heard:
        ladder.prepare(rows, driven)
        ladder.render(x, 0, rows, DOUBLE1, load(weights, MIX + svf.TAP2), load(weights, MIX + svf.TAP4),
                      load(weights, SLOPE + svf.TAP2), load(weights, SLOPE + svf.TAP4))
        for i in range(QUANTUM):
            store(x, i, load(rows, MIXED + i) + load(x, i))
    else:
        for i in range(QUANTUM):
            store(x, i, load(rows, MIXED + i))
    return heard
