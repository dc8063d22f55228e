"""Filters of sixteen voices side by side: state-variable of 12 and 24 dB, drive before them, the ladder beside them.

The state-variable filter is trapezoidal: g = tan(pi * cutoff_hz / sr_hz), k = 1 / Q. Simper 2013, 'Solving the continuous SVF
equations using trapezoidal integration'. g, k, drive and the weights of a response ramp every frame, so it stays smooth however
fast it is moved, and one response turns into another. `off` is left out of the path altogether.
"""

import math

import numpy as np

from ..compile.jit import kernel
from ..compile.simd import entry, load, select, store
from ..constants import QUANTUM
from . import filter_drive, ladder, oversample
from .filter_rows import DG, DK, DOUBLE1, MIXED, UP, Z1, Z2, Z3, Z4, G, K

OFF, LOW12, LOW24, BAND12, HIGH12, NOTCH12, BAND24, HIGH24, NOTCH24, LADDER12, LADDER24 = range(11)  # as params.FILTER_TYPES
_HIGHEST = 0.49  # of the rate

# weights of a response: float32[N_WEIGHTS]
DRY, SVF, TAP2, TAP4 = 0, 1, 2, 3  # how much of the plain input, the state-variable filter, the ladder's two outputs is heard
M_HIGH, M_BAND, M_LOW = 4, 5, 6  # first stage: high, band * k1, low; all three are the input
N_HIGH, N_BAND, N_LOW = 7, 8, 9  # second stage
K1, K1_PER_K, K2, K2_PER_K = 10, 11, 12, 13  # damping of the stages: constant, and part of the row K
N_WEIGHTS = 14
_WIDE = 1.84775907  # damping of the wide stage of a Butterworth response of four poles; the other's is 0.76536686
_NARROW_PER_K = 0.76536686 / 1.41421356
_ONE, _TWO, _HALF, _QUARTER, _PI = np.float32(1.0), np.float32(2.0), np.float32(0.5), np.float32(0.25), np.float32(math.pi)
_LOWEST_LOG2, _HIGHEST_LOG2 = np.float32(-16.0), np.float32(math.log2(_HIGHEST))
_M8, _M4, _M2, _M1 = np.float32(-8.0), np.float32(-4.0), np.float32(-2.0), np.float32(-1.0)
_P8, _P4, _P2 = np.float32(2.0**-8), np.float32(2.0**-4), np.float32(2.0**-2)
_E = tuple(np.float32(c) for c in (1.0, 0.6931470036506653, 0.2402239441871643, 0.05548930913209915, 0.009576802141964436,
                                   0.0012728723231703043, 0.00010845304495887831))
_T = tuple(np.float32(c) for c in (105.0, 10.0, 45.0))


@kernel
def weights_of(kind, target):
    """Weights of a response (index in params.FILTER_TYPES) into float32[N_WEIGHTS]; smooth them between types.

    low24 and high24 have a wide stage and a resonant one, Butterworth at resonance 0; band24 and notch24 are two alike.
    """
    for i in range(N_WEIGHTS):
        target[i] = 0.0
    for i in range(3):
        target[M_HIGH + i] = target[N_HIGH + i] = 1.0
    target[K1_PER_K] = target[K2_PER_K] = 1.0
    if kind == LADDER12:
        target[TAP2] = 1.0
    elif kind == LADDER24:
        target[TAP4] = 1.0
    elif kind == LOW12 or kind == LOW24:
        target[SVF], target[M_HIGH], target[M_BAND] = 1.0, 0.0, 0.0
    elif kind == BAND12 or kind == BAND24:
        target[SVF], target[M_HIGH], target[M_LOW] = 1.0, 0.0, 0.0
    elif kind == HIGH12 or kind == HIGH24:
        target[SVF], target[M_BAND], target[M_LOW] = 1.0, 0.0, 0.0
    elif kind == NOTCH12 or kind == NOTCH24:
        target[SVF], target[M_BAND] = 1.0, 0.0
    else:
        target[DRY] = 1.0
    if kind == LOW24 or kind == HIGH24:
        target[K1], target[K1_PER_K] = _WIDE, 0.0
        target[K2], target[K2_PER_K] = 0.01 * (1.0 - _NARROW_PER_K), _NARROW_PER_K
    if kind == LOW24 or kind == HIGH24 or kind == BAND24 or kind == NOTCH24:
        for i in range(3):
            target[N_HIGH + i] = target[M_HIGH + i]


@kernel
def damping_of(resonance):
    """Damping for row K: Butterworth at 0, 0.01 at 1."""
    return 1.41421356 * (1.0 - resonance) ** 2 + 0.01


@kernel
def is_on(mix, dmix):
    """Whether anything but the plain input is heard in this quantum; if not, leave the filter out of the path."""
    return mix[DRY] != 1.0 or dmix[DRY] != 0.0


@kernel
def _one_stage(x, first, rows, m_high, m_band, m_low):
    g, dg, k, dk, z1, z2 = load(rows, G), load(rows, DG), load(rows, K), load(rows, DK), load(rows, Z1), load(rows, Z2)
    for i in range(QUANTUM):
        g, k = g + dg, k + dk
        gk = g + k
        r = _ONE / (_ONE + g * gk)
        h, rest = g * r, load(x, first + i) - z2
        band = (z1 + h * rest) - (h * gk) * z1
        rise = g * band
        store(x, first + i, m_high * (r * (rest - gk * z1)) + (m_band * k) * band + m_low * (z2 + rise))
        z1, z2 = _TWO * band - z1, _TWO * rise + z2
    store(rows, Z1, z1)
    store(rows, Z2, z2)


@kernel
def two_stages(x, first, rows, w, dw):
    """Both stages, their weights `w` moving by `dw` a frame: float32[N_WEIGHTS], or one for each lane."""
    g, dg, k, dk = load(rows, G), load(rows, DG), load(rows, K), load(rows, DK)
    z1, z2, z3, z4 = load(rows, Z1), load(rows, Z2), load(rows, Z3), load(rows, Z4)
    m_high, m_band, m_low = entry(w, M_HIGH), entry(w, M_BAND), entry(w, M_LOW)
    n_high, n_band, n_low = entry(w, N_HIGH), entry(w, N_BAND), entry(w, N_LOW)
    c1, p1, c2, p2 = entry(w, K1), entry(w, K1_PER_K), entry(w, K2), entry(w, K2_PER_K)
    for i in range(QUANTUM):
        g, k = g + dg, k + dk
        m_high, m_band, m_low = m_high + entry(dw, M_HIGH), m_band + entry(dw, M_BAND), m_low + entry(dw, M_LOW)
        n_high, n_band, n_low = n_high + entry(dw, N_HIGH), n_band + entry(dw, N_BAND), n_low + entry(dw, N_LOW)
        c1, p1, c2, p2 = c1 + entry(dw, K1), p1 + entry(dw, K1_PER_K), c2 + entry(dw, K2), p2 + entry(dw, K2_PER_K)
        k1, k2 = c1 + p1 * k, c2 + p2 * k
        gk = g + k1
        r = _ONE / (_ONE + g * gk)
        h, rest = g * r, load(x, first + i) - z2
        band = (z1 + h * rest) - (h * gk) * z1
        rise = g * band
        y = m_high * (r * (rest - gk * z1)) + m_band * (k1 * band) + m_low * (z2 + rise)
        z1, z2 = _TWO * band - z1, _TWO * rise + z2
        gk = g + k2
        r = _ONE / (_ONE + g * gk)
        h, rest = g * r, y - z4
        band = (z3 + h * rest) - (h * gk) * z3
        rise = g * band
        store(x, first + i, n_high * (r * (rest - gk * z3)) + n_band * (k2 * band) + n_low * (z4 + rise))
        z3, z4 = _TWO * band - z3, _TWO * rise + z4
    store(rows, Z1, z1)
    store(rows, Z2, z2)
    store(rows, Z3, z3)
    store(rows, Z4, z4)


@kernel
def _rest(rows, first):
    for row in range(first, Z4 + 1):
        store(rows, row, 0.0)


@kernel
def rest_unheard(rows, mix):
    """Stages of the state-variable filter that are not heard yet begin from rest."""
    if mix[SVF] == 0.0:
        _rest(rows, Z1)
    elif mix[N_HIGH] == 1.0 and mix[N_BAND] == 1.0:
        _rest(rows, Z3)


@kernel
def _hears_ladder(mix, dmix):
    return mix[TAP2] != 0.0 or dmix[TAP2] != 0.0 or mix[TAP4] != 0.0 or dmix[TAP4] != 0.0


@kernel
def _change(x, rows, mix, dmix, driven):
    """A quantum on the way from one type to another: all that is heard at either end runs, and is cross-faded."""
    svf, rungs = mix[SVF] != 0.0 or dmix[SVF] != 0.0, _hears_ladder(mix, dmix)
    rest_unheard(rows, mix)
    if mix[TAP2] == 0.0 and mix[TAP4] == 0.0:
        ladder.rest(rows)
        if not driven:
            oversample.rest(rows, UP)
    for i in range(QUANTUM):
        n = np.float32(np.int32(i + 1))
        store(rows, MIXED + i, (mix[DRY] + n * dmix[DRY]) * load(x, i))
    if rungs or driven:
        oversample.up(x, 0, rows, DOUBLE1, UP)
    if svf:
        if driven:
            filter_drive.render(x, 0, rows)
        two_stages(x, 0, rows, mix, dmix)
        for i in range(QUANTUM):
            n = np.float32(np.int32(i + 1))
            store(rows, MIXED + i, load(rows, MIXED + i) + (mix[SVF] + n * dmix[SVF]) * load(x, i))
    if rungs:
        ladder.prepare(rows, driven)
        ladder.render(x, 0, rows, DOUBLE1, mix[TAP2], mix[TAP4], dmix[TAP2], dmix[TAP4])
    for i in range(QUANTUM):
        store(x, i, load(rows, MIXED + i) + load(x, i) if rungs else load(rows, MIXED + i))


@kernel
def render_lanes(x, rows, mix, dmix):
    """Filter float32[QUANTUM, LANES] `x` in place. `rows`: float32[N_ROWS, LANES], see filter_rows.py.

    mix: float32[N_WEIGHTS], the weights (`weights_of`, smoothed) just before the first frame; dmix: their steps a frame,
    exactly 0 when they rest. Call it while `is_on`. At a drive of 1 the state-variable types are linear.
    Real-time: no allocation, no locks, no I/O, no Python.
    """
    moving = False
    for i in range(N_WEIGHTS):
        moving |= dmix[i] != 0.0
    blended = 0.0 < mix[SVF] < 1.0 or 0.0 < mix[DRY] < 1.0  # at rest between two types, in a morph of presets
    driven = filter_drive.prepare(rows)
    if moving or blended:
        _change(x, rows, mix, dmix, driven)
    elif mix[SVF] != 0.0:
        if driven:
            oversample.up(x, 0, rows, DOUBLE1, UP)
            filter_drive.render(x, 0, rows)
        if mix[N_HIGH] == 1.0 and mix[N_BAND] == 1.0:
            _one_stage(x, 0, rows, mix[M_HIGH], mix[M_BAND], mix[M_LOW])
        else:
            two_stages(x, 0, rows, mix, dmix)
    elif mix[DRY] != 1.0:
        oversample.up(x, 0, rows, DOUBLE1, UP)
        ladder.prepare(rows, driven)
        ladder.render(x, 0, rows, DOUBLE1, mix[TAP2], mix[TAP4], dmix[TAP2], dmix[TAP4])


@kernel
def coefficients_lanes(cutoff_log2, log2_sr_hz, g):
    """g = tan(pi * cutoff / rate) of sixteen cut-offs: float32[LANES] log2 of Hz -> float32[LANES].

    log2_sr_hz: log2 of the rate. Held between 2^-16 and 0.49 of the rate. Within 2e-5 of float32's own cut-off.
    """
    e = load(cutoff_log2, 0) - np.float32(log2_sr_hz)
    e = select(e, _LOWEST_LOG2, _LOWEST_LOG2, select(_HIGHEST_LOG2, e, _HIGHEST_LOG2, e))
    f = select(e, _M8, _P8, _ONE)  # 2^e: the whole part by selection, the rest by a polynomial on -1..0
    e = select(e, _M8, e - _M8, e)
    f = select(e, _M4, f * _P4, f)
    e = select(e, _M4, e - _M4, e)
    f = select(e, _M2, f * _P2, f)
    e = select(e, _M2, e - _M2, e)
    f = select(e, _M1, f * _HALF, f)
    e = select(e, _M1, e - _M1, e)
    f = f * (_E[0] + e * (_E[1] + e * (_E[2] + e * (_E[3] + e * (_E[4] + e * (_E[5] + e * _E[6]))))))
    x = _PI * select(f, _QUARTER, f, _HALF - f)
    y = x * x
    over, under = x * (_T[0] - _T[1] * y), _T[0] - y * (_T[2] - y)  # tan by its continued fraction up to pi / 4
    store(g, 0, select(f, _QUARTER, over, under) / select(f, _QUARTER, under, over))
