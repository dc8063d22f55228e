"""How what is played by hand is smoothed: two equal poles, one quantum a step, arriving exactly.

Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np

from ..compile.jit import kernel
from ..state import QUANTUM

TIME_S = 0.003
_NEAR = np.float32(2e-6)


@kernel
def pole_of(time_s, sr_hz):
    """How much of the way one pole of a time constant goes in a quantum, float32; all of it for a time of 0."""
    return np.float32(1.0 - math.exp(-QUANTUM / (sr_hz * time_s))) if time_s > 0.0 else np.float32(1.0)


@kernel
def pole(sr_hz):
    """`pole_of` what is played by hand."""
    return pole_of(TIME_S, sr_hz)


@kernel
def two_poles(first, second, target, c):
    """(first, second) a quantum on, towards a target; `second` is what is heard. All float32."""
    a = first + c * (target - first)
    b = second + c * (a - second)
    if abs(target - a) + abs(a - b) < _NEAR:
        return target, target
    return a, b
