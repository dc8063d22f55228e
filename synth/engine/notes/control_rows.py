"""Rows of the control map at work: which one hears a control, and where it puts its target.

A row's `placed` and `at` are the value and the slider position that it left its target at; while the target is still there
(`holds`), pick-up follows at once and steps of an encoder add up below a whole number's rounding. `last` is where the control stood.
These kernels see a row and the numbers they need, no state.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np

from ..compile.jit import kernel
from ..modulation.control_table import (
    ACTION,
    CC,
    CHANNEL_BRIGHTNESS,
    EXP,
    LATENT,
    LINEAR,
    LOG,
    LOGARITHMIC,
    MOMENTARY,
    PICKUP,
    RELATIVE_SIGNED,
    RELATIVE_TWOS,
    TIME,
    TOGGLE,
    WHOLE,
)

_STEP, _NEAR = 1.0 / 127.0, 0.5 / 127.0  # of an encoder; as near as a 7-bit control comes


@kernel
def find_row(controls, source, number, channel, device):
    """Place of the row that hears a control: the last that fits, for the most special stands last. -1: none."""
    rows = controls["rows"]
    for i in range(controls["n"] - 1, -1, -1):
        r = rows[i]
        if r["source"] == source and r["number"] == number:
            if (r["channel"] < 0 or r["channel"] == channel) and (r["device"] == -1 or r["device"] == device):
                return i
    return -1


@kernel
def find_controller(controls, number, channel, device):
    """As `find_row`; a fine half (32 to 63) that has no row of its own belongs to its coarse controller's."""
    i = find_row(controls, CC, number, channel, device)
    return find_row(controls, CC, number - 32, channel, device) if i < 0 and 32 <= number < 64 else i


@kernel
def at_controller(r, coarse, fine):
    """Where a controller stands, 0..1, from its two halves; one of 7 bits with a fine half is finer, but reaches its end by itself."""
    if r["wide"]:
        value = 128.0 * coarse + fine
        return min(0.5 + (value - 8192.0) / 16382.0, 1.0) if r["centred"] else value / 16383.0
    value = np.float64(np.float32(coarse + fine / 128.0))
    return min(0.5 + (value - 64.0) / 126.0, 1.0) if r["centred"] else min(value / 127.0, 1.0)


@kernel
def at_data(r, data, fine):
    """Where a parameter number's data stands, 0..1: 14 bits, or 7 where no fine half ever came."""
    if fine:
        return min(0.5 + (data - 8192.0) / 16382.0, 1.0) if r["centred"] else data / 16383.0
    return min(0.5 + ((data >> 7) - 64.0) / 126.0, 1.0) if r["centred"] else (data >> 7) / 127.0


@kernel
def _bent(curve, u):
    if curve == LINEAR:
        return u
    if curve == EXP:
        return u * u
    if curve == LOG:
        return 1.0 - (1.0 - u) * (1.0 - u)
    return u * u * (3.0 - 2.0 * u)


@kernel
def value_at(r, position, span):
    """The target's value at a slider position. span: width of the latent's range, for a latent."""
    if r["what"] == CHANNEL_BRIGHTNESS:
        return r["base"] + r["width"] * position
    p = min(max(position, 0.0), 1.0)
    if r["what"] == LATENT:
        return np.float64(np.float32(2.0 * p - 1.0) * np.float32(0.5) * np.float32(span))
    if r["law"] == LOGARITHMIC:
        return math.exp2(r["base"] + r["width"] * p)
    if r["law"] == TIME:
        return r["base"] + r["width"] * p * p * p
    if r["law"] == WHOLE:
        return math.floor(r["base"] + r["width"] * p + 0.5)
    return r["base"] + r["width"] * p


@kernel
def position_of(r, value, span):
    """Slider position of the target's value."""
    if r["what"] == LATENT:
        return 0.5 + value / span if span > 0.0 else 0.5
    if r["law"] == LOGARITHMIC:
        return (math.log2(max(value, 1e-9)) - r["base"]) / r["width"]
    u = (value - r["base"]) / r["width"]
    return max(u, 0.0) ** (1.0 / 3.0) if r["law"] == TIME else u


@kernel
def is_button(r):
    """Whether all that counts of its control is up or down."""
    return r["what"] == ACTION or r["mode"] == TOGGLE or r["mode"] == MOMENTARY


@kernel
def is_pressed(r, u):
    """Whether a button goes down now: it comes to its upper half, or says so again to the same value."""
    down = u >= 0.5
    again = down and (r["down"] == 0 or u == r["last"])
    r["down"], r["last"] = 1 if down else 0, u
    return again


@kernel
def steps_of(mode, raw):
    """Signed steps of an encoder's value 0..127."""
    v = int(raw)
    if mode == RELATIVE_TWOS:
        return v if v < 64 else v - 128
    return v if v < 64 else 64 - v


@kernel
def step_position(r, steps, present):
    """The slider position so many steps on, within the row's range (or no farther out than it is)."""
    start = r["at"] if r["holds"] else present
    step = max(_STEP, 1.0 / r["width"]) if r["law"] == WHOLE else _STEP * abs(r["high"] - r["low"])
    signed = -step if r["high"] < r["low"] else step
    low, high = min(min(r["low"], r["high"]), start), max(max(r["low"], r["high"]), start)
    return min(max(start + steps * signed, low), high)


@kernel
def place(r, u, raw, present):
    """(whether the target moves, its slider position) for a control that comes to u, 0..1 (its plain value raw, 0..127)."""
    mode = r["mode"]
    if mode == RELATIVE_TWOS or mode == RELATIVE_SIGNED:
        return True, step_position(r, steps_of(mode, raw), present)
    if mode == TOGGLE:
        on = abs(present - r["high"]) <= abs(present - r["low"])
        return is_pressed(r, u), r["low"] if on else r["high"]
    if mode == MOMENTARY:
        return True, r["high"] if u >= 0.5 else r["low"]
    position = r["low"] + (r["high"] - r["low"]) * _bent(r["curve"], u)
    follows = mode != PICKUP or r["holds"] != 0 or abs(position - present) <= _NEAR
    if not follows:  # picked up where the control passes the present value; NaN: not moved yet
        follows = (r["last"] - present) * (position - present) <= 0.0
    r["last"] = position
    return follows, position
