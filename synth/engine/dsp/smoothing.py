"""How what moves by steps is smoothed: time constants in seconds, and two equal poles that arrive exactly.

A smoother goes a share of its way in every quantum, 1 - e^(-quantum / time constant): the same time at every rate.
"""

import math

import numpy as np

from ...params.param import SMOOTHING_S
from ..compile.jit import kernel
from ..constants import QUANTUM

TIMES_S = {
    "hand": SMOOTHING_S,  # each of the two poles of knobs, channels and the filter's response
    "gain": 0.0009617967,  # the whole instrument's level
    "level": 0.0015475699,  # a voice's level, where a source of modulation jumps
    "amount": 0.0029876134,  # amounts of the modulation matrix
    "jump": 0.0007275711,  # shapes of LFOs that jump
}
SHARES = np.dtype([(name, "f4") for name in TIMES_S])
_NEAR = np.float32(2e-6)


def shares(sr_hz: float) -> tuple[float, ...]:
    """What each smoother of `TIMES_S` goes of its way in a quantum: the values of a SHARES record."""
    return tuple(1.0 - math.exp(-QUANTUM / (sr_hz * time_s)) for time_s in TIMES_S.values())


@kernel
def pole_of(time_s, sr_hz):
    """How much of the way one pole of a time constant goes in a quantum, float32; all of it for a time of 0."""
    return np.float32(1.0 - math.exp(-QUANTUM / (sr_hz * time_s))) if time_s > 0.0 else np.float32(1.0)


@kernel
def two_poles(first, second, target, share):
    """(first, second) a quantum on, towards a target; `second` is what is heard. All float32.

    Real-time: no allocation, no locks, no I/O, no Python.
    """
    a = first + share * (target - first)
    b = second + share * (a - second)
    if abs(target - a) + abs(a - b) < _NEAR:
        return target, target
    return a, b
