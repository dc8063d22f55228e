"""Low-frequency oscillators and random numbers, both without state: a value is a function of where it is asked for.

An LFO is looked at once a quantum, at its end, and whatever it moves is ramped there in a straight line from the value before;
so the jumps of rise, fall, square and steps last 32 frames (0.7 ms at 48 kHz) and do not click in level or cut-off.
"""

import math

import numpy as np

from ...params.param import SYNC_BEATS
from ...patch.lfo_shape import STEEP as _STEEP
from ..compile.fastmath import sine
from ..compile.jit import kernel

SINE, TRIANGLE, RISE, FALL, SQUARE, STEPS, DRIFT, FREE = range(8)  # as params.LFO_SHAPES
BEATS = np.array(SYNC_BEATS)  # quarter notes in a cycle for each value of a sync knob; 0 runs free
STEEP = np.float32(_STEEP)
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
    cycle; drift is smooth through one; free is here as it is before anything is drawn (see `drawn`).
    Real-time: no allocation, no locks, no I/O, no Python.
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
    elif shape == FREE:
        out = 1.0 - 4.0 * abs(t - 0.5)
    else:
        out = _DRIFT_SCALE * _drift(cycles, seed)
    return np.float32(out)


@kernel
def drawn(free, cycles):
    """Value -1..1 (float32) of a free shape (a FREE_SHAPE record) `cycles` (float64) after phase 0: exact, between its points.

    Whatever the numbers are, there is a value: events may set them one after another.
    Real-time: no allocation, no locks, no I/O, no Python.
    """
    t = cycles - math.floor(cycles)
    place, level = free["place"], free["level"]
    k = min(max(free["n"], 2), place.shape[0]) - 2
    while k > 0 and t < place[k]:
        k -= 1
    width = np.float64(place[k + 1]) - np.float64(place[k])
    u = min(max((t - np.float64(place[k])) / width, 0.0), 1.0) if width > 0.0 else 1.0
    bend = np.float64(free["bend"][k])
    if abs(bend) >= 1e-3:
        u = (1.0 - math.exp(-bend * u)) / (1.0 - math.exp(-bend))
    return level[k] + (level[k + 1] - level[k]) * np.float32(u)


@kernel
def note_jumps(free):
    """Whether a free shape jumps, from its end to its beginning too, so that it is smoothed where it does: into free["jumps"]."""
    n = min(max(free["n"], 2), free["place"].shape[0])
    jumps = abs(free["level"][n - 1] - free["level"][0]) > np.float32(0.01)
    for k in range(n - 1):
        height = abs(free["level"][k + 1] - free["level"][k]) * max(np.float32(1.0), abs(free["bend"][k]))
        jumps = jumps or height > STEEP * (free["place"][k + 1] - free["place"][k]) + np.float32(0.01)
    free["jumps"] = 1 if jumps else 0
