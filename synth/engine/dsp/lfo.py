"""Low-frequency oscillators and random numbers, both without state: a value is a function of where it is asked for.

An LFO is looked at once a quantum, at its end, and whatever it moves is ramped there in a straight line from the value before;
so the jumps of rise, fall, square and steps last 32 frames (0.7 ms at 48 kHz) and do not click in level or cut-off.
"""

import math

import numpy as np

from ...params.param import SYNC_BEATS
from ..compile.fastmath import sine
from ..compile.jit import kernel

SINE, TRIANGLE, RISE, FALL, SQUARE, STEPS, DRIFT = range(7)  # as params.LFO_SHAPES
BEATS = np.array(SYNC_BEATS)  # quarter notes in a cycle for each value of a sync knob; 0 runs free
_DRIFT_SCALE = 0.8  # a cubic through +-1 overshoots to 1.25


@kernel
def hash_unit(x):
    """A number in 0..1 (1 excluded) that looks random for each uint64: splitmix64, float64. Steele et al. 2014."""
    x = np.uint64(x) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x = x ^ (x >> np.uint64(31))
    return np.float64(x >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@kernel
def beats_of(sync):
    """Quarter notes in a cycle for the value of a sync knob (index in param.SYNCS); 0 runs free."""
    return BEATS[min(max(int(sync), 0), len(BEATS) - 1)]


@kernel
def _of_cycle(number, seed):
    """Random value -1..1 of a cycle."""
    return 2.0 * hash_unit(np.uint64(seed) + np.uint64(np.int64(number)) * np.uint64(0xD1342543DE82EF95)) - 1.0


@kernel
def _drift(cycles, seed):
    """Catmull-Rom cubic through a random value at the start of every cycle."""
    number = math.floor(cycles)
    t = cycles - number
    a, b, c, d = _of_cycle(number - 1.0, seed), _of_cycle(number, seed), _of_cycle(number + 1.0, seed), _of_cycle(number + 2.0, seed)
    return b + 0.5 * t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a)))


@kernel
def value(shape, cycles, seed):
    """Value -1..1 (float32) of an LFO `cycles` (float64) after phase 0; seed: uint64 for steps and drift.

    Sine and triangle start at 0 and rise; rise goes from -1 to 1; fall and square start at 1; steps holds a random value for each
    cycle; drift is smooth through one. Real-time: no allocation, no locks, no I/O, no Python.
    """
    t = cycles - math.floor(cycles)
    if shape == SINE:
        out = sine(cycles)
    elif shape == TRIANGLE:
        out = 1.0 - 4.0 * abs(t + 0.25 - math.floor(t + 0.25) - 0.5)
    elif shape == RISE:
        out = 2.0 * t - 1.0
    elif shape == FALL:
        out = 1.0 - 2.0 * t
    elif shape == SQUARE:
        out = 1.0 if t < 0.5 else -1.0
    elif shape == STEPS:
        out = _of_cycle(math.floor(cycles), seed)
    else:
        out = _DRIFT_SCALE * _drift(cycles, seed)
    return np.float32(out)
