"""State-variable filter, trapezoidal, sixteen voices side by side.

g = tan(pi * cutoff_hz / sr_hz), k = 1 / Q; g and the output mix ramp every frame, so the filter stays smooth however
fast it is moved. Simper 2013, 'Solving the continuous SVF equations using trapezoidal integration'. A 24 dB response
is two in series, the second resonant. `off` is left out of the path altogether.
"""

import math

import numpy as np

from .jit import kernel
from .state import LANES, QUANTUM

LOW12, LOW24, BAND12, HIGH12, NOTCH12 = range(1, 6)  # as params.FILTER_TYPES; 0 is off
N_MIX = 6  # input, band/k, low of the first stage; input, low of the second; 1 where a filter is in the path
_HIGHEST = 0.49  # of the rate


@kernel
def mix_of(kind, target):
    """Output mix of a response into float32[6]: first stage input, band, low (times k where marked), second stage."""
    for i in range(N_MIX):
        target[i] = 0.0
    target[3] = 1.0
    target[5] = 1.0
    if kind == LOW12 or kind == LOW24:
        target[2] = 1.0
        if kind == LOW24:
            target[3], target[4] = 0.0, 1.0
    elif kind == BAND12:
        target[1] = 1.0
    elif kind == HIGH12:
        target[0], target[1], target[2] = 1.0, -1.0, -1.0
    elif kind == NOTCH12:
        target[0], target[1] = 1.0, -1.0
    else:
        target[0], target[5] = 1.0, 0.0


@kernel
def damping(resonance, poles):
    """k of the resonant stage: Butterworth at 0, 0.01 at 1."""
    return (1.41421356 if poles < 4 else 0.76536686) * (1.0 - resonance) ** 2 + 0.01


@kernel
def coefficient(cutoff_hz, sr_hz):
    """g of a cut-off, prewarped; held under 0.49 of the rate. tan by its continued fraction, within 2e-5 up to there."""
    x = math.pi * min(max(cutoff_hz, 5.0), _HIGHEST * sr_hz) / sr_hz
    y = x * x
    return x * (10395.0 - y * (1260.0 - 21.0 * y)) / (10395.0 - y * (4725.0 - y * (210.0 - y)))


@kernel
def render(x, g0, dg, z1, z2, z3, z4, k, k2, mix, dmix, second):
    """Filter float32[QUANTUM, LANES] `x` in place. g0, dg, z*: float32[LANES]; mix, dmix: float32[6] and its slope.

    k, k2: damping of the first and second stage; `second` whether the second stage runs.
    Real-time: no allocation, no locks, no I/O, no Python.
    """
    one, two = np.float32(1.0), np.float32(2.0)
    for i in range(QUANTUM):
        n = np.float32(i + 1)
        m0, m1, m2 = mix[0] + n * dmix[0], (mix[1] + n * dmix[1]) * k, mix[2] + n * dmix[2]
        row = x[i]
        for v in range(LANES):
            g = g0[v] + n * dg[v]
            a1 = one / (one + g * (g + k))
            v0 = row[v]
            v3 = v0 - z2[v]
            band = a1 * (z1[v] + g * v3)
            low = z2[v] + g * band
            z1[v] = two * band - z1[v]
            z2[v] = two * low - z2[v]
            row[v] = m0 * v0 + m1 * band + m2 * low
        if second:
            n0, n2 = mix[3] + n * dmix[3], mix[4] + n * dmix[4]
            for v in range(LANES):
                g = g0[v] + n * dg[v]
                a1 = one / (one + g * (g + k2))
                v0 = row[v]
                v3 = v0 - z4[v]
                band = a1 * (z3[v] + g * v3)
                low = z4[v] + g * band
                z3[v] = two * band - z3[v]
                z4[v] = two * low - z4[v]
                row[v] = n0 * v0 + n2 * low
