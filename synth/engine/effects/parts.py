"""What the effects share: fields of their records, smoothed controls, taps that cross-fade, rings that are wiped piece by piece.

A ring is as long as the sample rate asks for (a power of two) inside a field that is sized for the highest, so a low rate touches
little memory. Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np

from ..compile.jit import kernel

QUANTUM = 32  # frames, as engine/constants.py
HIGHEST_RATE_HZ = 192000
OFF, RUNNING, WIPING = 0, 1, 2  # `on` of an effect; rings are wiped a piece a quantum when it has ended
CONTROLS = 12  # smoothed values of an effect, at most

# what every effect has; `target`, `rate`, `now` and `step` are those of `approach`
UNIT = (("on", "i4"), ("panic", "i4"), ("quiet", "i8"), ("wiped", "i8"), ("target", "f8", (CONTROLS,)), ("rate", "f8", (CONTROLS,)),
        ("now", "f8", (3, CONTROLS)), ("step", "f4", (CONTROLS,)))
TAP = np.dtype([("now", "i4"), ("next", "i4"), ("fade", "f4"), ("fade_step", "f4"), ("from_weight", "f4"), ("to_weight", "f4")], align=True)

_WIPE = 4096  # floats a quantum
SILENCE = 1e-7  # -140 dBFS
TAIL = 0.04  # how much slower than its knob the sound of delay and reverb fades when they are switched off: in about a second


def ring_frames(longest_s: float, sr_hz: float) -> int:
    """Length of a ring that holds `longest_s`: a power of two."""
    return 1 << math.ceil(math.log2(longest_s * sr_hz + 2 * QUANTUM))


def smoothing(time_s: float, sr_hz: float) -> float:
    """Coefficient a quantum of a pole of that time constant."""
    return 1 - math.exp(-QUANTUM / (sr_hz * time_s))


def fade_step(sr_hz: float) -> float:
    """How far a tap's cross-fade goes in a quantum: all the way in 40 ms."""
    return QUANTUM / (sr_hz * 0.04)


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


@kernel
def fade_and_wipe(unit):
    """`Effect.silence` of what has a ring: what echoes is faded within milliseconds, then the ring is wiped."""
    unit["panic"] = unit["on"] == RUNNING
