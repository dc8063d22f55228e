"""Powers of two and circle functions by polynomials: what a voice needs in every quantum, without libm's calls."""

import math

import numpy as np

from .jit import kernel

_WHOLE = np.array([2.0**i for i in range(-64, 65)])
_C = tuple(math.log(2.0) ** k / math.factorial(k) for k in range(9))
_S = (6.283185160086937, -41.34165503079822, 81.60100403325502, -76.5497813461921, 39.5366986609699)


@kernel
def sine(cycles):
    """sin(2 pi cycles), float64, within 4e-9, of any number of cycles."""
    x = cycles - math.floor(cycles + 0.5)  # -0.5..0.5
    x = x if abs(x) <= 0.25 else (0.5 if x > 0.0 else -0.5) - x
    y = x * x
    return x * (_S[0] + y * (_S[1] + y * (_S[2] + y * (_S[3] + y * _S[4]))))


@kernel
def exp2(x):
    """2^x, float64, within 3e-10; x is held to -63..63."""
    x = min(max(x, -63.0), 63.0)
    whole = math.floor(x + 0.5)
    f = x - whole
    f2 = f * f
    f4 = f2 * f2
    low = (_C[0] + _C[1] * f) + (_C[2] + _C[3] * f) * f2
    high = (_C[4] + _C[5] * f) + (_C[6] + _C[7] * f) * f2 + _C[8] * f4
    return _WHOLE[int(whole) + 64] * (low + high * f4)  # Estrin's order: short chains


@kernel
def pan_gains(pan):
    """(left, right) of equal power for a pan -1..1; both 1 in the centre."""
    c = 0.125 * (1.0 + pan)
    return np.float32(1.4142135623730951 * sine(c + 0.25)), np.float32(1.4142135623730951 * sine(c))
