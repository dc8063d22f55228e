"""What the effects share: smoothed controls, taps that cross-fade, rings that are wiped piece by piece.

Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np

from ..compile.jit import kernel
from .state import CONTROLS, OFF, QUANTUM, WIPING

_WIPE = 4096  # floats a quantum
SILENCE = 1e-7  # -140 dBFS
TAIL = 0.04  # how much slower than its knob the sound of delay and reverb fades when they are switched off: in about a second


@kernel
def approach(now, target, rate, step, snap):
    """Move an effect's controls on by a quantum: now[0] becomes their values at its start, now[1] at its end.

    Two equal poles (now[2] is the one between) towards target, both arriving exactly; rate: their coefficients;
    step: the change a frame, as float32. `snap` sets all to their targets at once.
    """
    for i in range(CONTROLS):
        wanted, a, b = target[i], now[2, i], now[1, i]
        now[0, i] = wanted if snap else b
        if snap:
            a = b = wanted
        elif a != wanted or b != wanted:
            a += rate[i] * (wanted - a)
            b += rate[i] * (a - b)
            if abs(wanted - a) + abs(a - b) < 1e-6 * (1.0 + abs(wanted)):
                a = b = wanted
        now[2, i], now[1, i] = a, b
        step[i] = (b - now[0, i]) / QUANTUM


@kernel
def dry_gain(mix):
    """Gain of the dry sound: whole up to a mix of 0.5, none at 1."""
    return min(1.0, 2.0 - 2.0 * mix)


@kernel
def wet_gain(mix):
    """Gain of the effect: none at a mix of 0, whole from 0.5 on."""
    return min(1.0, 2.0 * mix)


@kernel
def move_tap(tap, target, snap):
    """Cross-fade a tap towards a delay in frames, so that it neither clicks nor bends the pitch. Answers whether it is between two.

    The gains add up to 1, so a loop around it stays stable; a target that moves on is taken when the fade has ended.
    """
    if snap:
        tap["now"] = tap["next"] = target
        tap["fade"] = 0.0
    if tap["fade"] >= 1.0:
        tap["now"], tap["fade"] = tap["next"], 0.0
    if tap["fade"] == 0.0:
        tap["next"] = target
        if tap["now"] == target:
            tap["from_weight"] = tap["to_weight"] = 0.0
            return False
    f = tap["fade"]
    tap["from_weight"] = f * f * (3.0 - 2.0 * f)
    f = min(f + tap["fade_step"], np.float32(1.0))
    tap["fade"], tap["to_weight"] = f, f * f * (3.0 - 2.0 * f)
    return True


@kernel
def wipe(unit, n):
    """Clear another piece of unit["ring"][:n]; when all is, the unit is off."""
    ring, start = unit["ring"], unit["wiped"]
    end = min(start + _WIPE, n)
    for i in range(start, end):
        ring[i] = 0.0
    unit["panic"], unit["wiped"] = 0, 0 if end == n else end
    unit["on"] = OFF if end == n else WIPING


@kernel
def peak_of(out):
    """Largest magnitude in float32[2, QUANTUM]."""
    peak = np.float32(0.0)
    for i in range(QUANTUM):
        peak = max(peak, max(abs(out[0, i]), abs(out[1, i])))
    return peak


@kernel
def sine(turns):
    """sin(2 pi turns) of a float32, within 4e-7; without a branch, so that loops stay vectors."""
    t = turns - np.float32(math.floor(turns + np.float32(0.5)))
    a = abs(t)
    u = min(a, np.float32(0.5) - a)
    v = u * u
    y = u * (np.float32(6.283185160092418) + v * (np.float32(-41.341655031918066) + v * (np.float32(81.60100409882752)
             + v * (np.float32(-76.54978279745644) + v * np.float32(39.53670945427863)))))
    return y if t >= np.float32(0.0) else -y
