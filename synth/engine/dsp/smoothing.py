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
def pole(sr_hz):
    """How much of the way one pole goes in a quantum, float32."""
    return np.float32(1.0 - math.exp(-QUANTUM / (sr_hz * TIME_S)))


@kernel
def two_poles(first, second, target, c):
    """(first, second) a quantum on, towards a target; `second` is what is heard. All float32."""
    a = first + c * (target - first)
    b = second + c * (a - second)
    if abs(target - a) + abs(a - b) < _NEAR:
        return target, target
    return a, b
