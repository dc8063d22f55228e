"""Limiter: peaks stay under a ceiling; the gain falls before they come, in lines, and never faster than the look-ahead.

A quantum's gain is chosen by its own peak. The sound is delayed by a few quanta (1.3 ms, rounded up); the gain runs in
lines between the means of the least gains that the quanta to come ask for, so every line stays under what its quantum asks.
Bit for bit the delayed sound where nothing is over. Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np

from ..compile.jit import kernel
from .effect import Effect
from .parts import OFF, QUANTUM, RUNNING, UNIT, approach, smoothing

LOOK_AHEAD_S, MOST_LOOK_AHEAD = 0.0013, 8  # quanta at the highest rate
_ENGAGE, _GAIN_DB, _CEILING_DB = range(3)
_UNDER = 1.0 - 3e-7  # of the ceiling: single precision rounds

LIMITER = np.dtype([
    *UNIT, ("quanta", "i8"), ("at", "i8"), ("stream", "f4", (2, (MOST_LOOK_AHEAD + 1) * QUANTUM)),
    ("wanted", "f8", (MOST_LOOK_AHEAD + 1,)), ("held", "f8", (MOST_LOOK_AHEAD,)), ("eased", "f8"), ("gain", "f8"),
], align=True)


def _prepare(unit, sr_hz: float) -> None:
    unit["rate"] = smoothing(0.004, sr_hz)
    unit["quanta"] = math.ceil(LOOK_AHEAD_S * sr_hz / QUANTUM)


@kernel
def _start(unit):
    """An empty line at unity."""
    unit["on"], unit["at"], unit["eased"], unit["gain"] = RUNNING, 0, 1.0, 1.0
    for i in range(unit["stream"].shape[1]):
        unit["stream"][0, i] = unit["stream"][1, i] = 0.0
    for i in range(unit["wanted"].shape[0]):
        unit["wanted"][i] = 1.0
    for i in range(unit["held"].shape[0]):
        unit["held"][i] = 1.0


@kernel
def _take_in(unit, out):
    """This quantum into the line, with the gain before the limiter; what gain its peak asks for into unit["wanted"]."""
    now, stream, size = unit["now"], unit["stream"], unit["quanta"] + 1
    first, last = 10.0 ** (now[0, _GAIN_DB] / 20.0), 10.0 ** (now[1, _GAIN_DB] / 20.0)
    gain, step, start = np.float32(first), np.float32((last - first) / QUANTUM), (unit["at"] % size) * QUANTUM
    peak = np.float32(0.0)
    for i in range(QUANTUM):
        gain = np.float32(first) + np.float32(i + 1) * step
        left, right = gain * out[0, i], gain * out[1, i]
        stream[0, start + i], stream[1, start + i] = left, right
        peak = max(peak, max(abs(left), abs(right)))
    ceiling = 10.0 ** (min(now[0, _CEILING_DB], now[1, _CEILING_DB]) / 20.0)
    unit["wanted"][unit["at"] % size] = ceiling * _UNDER / peak if peak > ceiling * _UNDER else 1.0


@kernel
def _next_gain(unit, release_s, sr_hz):
    """The gain at the end of the quantum that comes out now."""
    size, held, quanta = unit["quanta"] + 1, unit["held"], unit["quanta"]
    least = 1.0
    for i in range(size):
        least = min(least, unit["wanted"][i])
    eased = unit["eased"]
    eased += (least - eased) * (1.0 if least < eased else 1.0 - math.exp(-QUANTUM / (sr_hz * release_s)))
    unit["eased"] = 1.0 if eased > 0.99999 and least == 1.0 else eased
    held[unit["at"] % quanta] = unit["eased"]
    total = 0.0
    for i in range(quanta):
        total += held[i]
    return total / quanta


@kernel
def _render(unit, knobs, out, context):
    """Off some milliseconds after it is switched off."""
    on, fresh = knobs["limiter_on"] >= 0.5, unit["on"] == OFF
    if fresh:
        if not on:
            return
        _start(unit)
    now, target, stream = unit["now"], unit["target"], unit["stream"]
    target[_GAIN_DB], target[_CEILING_DB] = knobs["limiter_gain_db"], knobs["limiter_ceiling_db"]
    if fresh:
        unit["rate"][_GAIN_DB] = 0.1 * unit["rate"][_ENGAGE]
        target[_ENGAGE] = 0.0
        approach(now, target, unit["rate"], unit["step"], fresh)
    target[_ENGAGE] = 1.0 if on else 0.0
    approach(now, target, unit["rate"], unit["step"], context["at_once"] != 0)
    _take_in(unit, out)
    first, last = unit["gain"], _next_gain(unit, knobs["limiter_release_s"], context["sr_hz"])
    unit["gain"] = last
    unit["at"] += 1
    start = (unit["at"] % (unit["quanta"] + 1)) * QUANTUM  # the oldest
    engage, d_engage, step = np.float32(now[0, _ENGAGE]), unit["step"][_ENGAGE], (last - first) / QUANTUM
    whole = now[0, _ENGAGE] == 1.0 and now[1, _ENGAGE] == 1.0
    for side in range(2):
        for i in range(QUANTUM):
            y = stream[side, start + i] * np.float32(first + (i + 1) * step)
            out[side, i] = y if whole else out[side, i] + (engage + np.float32(i + 1) * d_engage) * (y - out[side, i])
    if now[1, _ENGAGE] == 0.0 and not on and now[0, _ENGAGE] == 0.0:
        unit["on"] = OFF


@kernel
def _idle(unit, knobs):
    return knobs["limiter_on"] < 0.5 and unit["on"] == OFF


EFFECT = Effect("limiter", LIMITER, _prepare, _render, _idle)
