"""Knobs in the engine: smoothed in the slider's own domain, so that a jump never clicks and modulation adds up evenly.

`knobs["unit"][1]` is a knob's smoothed slider position 0..1 ([0] is the first pole), `knobs["value"]` its smoothed value: in the knob's
unit, but log2 of it for knobs on a logarithmic scale (Hz). How fast each follows stands in its declaration (`Param.smoothing_s`).
"""

import math

import numpy as np
from numba import carray

from ...params.knobs import FIRST_LATENT, FIRST_SLOT, KNOBS
from ..compile.atomics import address_of
from ..compile.jit import kernel
from ..constants import N_KNOBS
from ..dsp.smoothing import TIMES_S, pole_of, two_poles

_HAND_S = TIMES_S["hand"]
_LINEAR, _TIME, _COUNT, _CHOICE = range(4)
_CURVE = {"linear": _LINEAR, "log": _LINEAR, "time": _TIME, "count": _COUNT, "choice": _CHOICE}
_LOGS = np.array([p.curve == "log" for p in KNOBS])
_KIND = np.array([_CURVE[p.curve] for p in KNOBS], np.int32)
_LOW = np.array([math.log2(p.low) if p.curve == "log" else p.low for p in KNOBS], np.float32)
_WIDTH = np.array([math.log2(p.high / p.low) if p.curve == "log" else p.high - p.low for p in KNOBS], np.float32)
BETWEEN = np.array([p.between for p in KNOBS])
SMOOTHED = np.array([bool(p.smoothing_s) for p in KNOBS])
_SMOOTHING_S = np.array([p.smoothing_s or 0.0 for p in KNOBS])  # what is smoothed where it is used is here at once


@kernel
def from_unit(i, unit):
    """Value of knob i (log2 where logarithmic) at a slider position, which is clipped to 0..1."""
    u = min(max(unit, np.float32(0.0)), np.float32(1.0))
    if _KIND[i] == _LINEAR:
        return _LOW[i] + _WIDTH[i] * u
    if _KIND[i] == _TIME:
        return _LOW[i] + _WIDTH[i] * u * u * u
    return np.float32(math.floor(_LOW[i] + _WIDTH[i] * u + 0.5))


@kernel
def between_unit(i, unit):
    """Value of knob i at a slider position, not rounded where it is a count or a choice (see `Param.between`)."""
    return _LOW[i] + _WIDTH[i] * min(max(unit, np.float32(0.0)), np.float32(1.0))


@kernel
def to_natural_unit(i, value):
    """A knob's value in its unit from what `knob` holds."""
    return np.float32(math.exp2(value)) if _LOGS[i] else value


@kernel
def held_value(i, value):
    """What `knob` holds of a value in the knob's unit."""
    return np.float32(math.log2(value)) if _LOGS[i] else np.float32(value)


@kernel
def to_unit(i, value):
    """Slider position 0..1 of a knob's value in its unit."""
    u = (held_value(i, value) - _LOW[i]) / _WIDTH[i]
    return np.float32(u ** (1.0 / 3.0)) if _KIND[i] == _TIME else u


@kernel
def aim_knob(knobs, i, value):
    """Knob i is to go to a value in its unit; one that is not smoothed is there at once."""
    knobs["target"][i] = to_unit(i, value)
    if _SMOOTHING_S[i] > 0.0:
        knobs["moving"] = 1
    else:
        knobs["unit"][0, i] = knobs["unit"][1, i] = knobs["target"][i]
        knobs["value"][i] = held_value(i, value)


@kernel
def snap_knobs(knobs):
    """Every knob where it is heading, at once."""
    for i in range(N_KNOBS):
        knobs["unit"][0, i] = knobs["unit"][1, i] = knobs["target"][i]
        knobs["value"][i] = between_unit(i, knobs["target"][i]) if BETWEEN[i] else from_unit(i, knobs["target"][i])
    knobs["moving"] = 0


@kernel
def smooth_knobs(knobs, sr_hz):
    """One quantum on. Answers whether any knob moved.

    Real-time: no allocation, no locks, no I/O, no Python.
    """
    if not knobs["moving"]:
        return False
    c, time_s = knobs["smoothing"]["hand"], _HAND_S
    first, second, target = knobs["unit"][0], knobs["unit"][1], knobs["target"]
    moving = 0
    for i in range(N_KNOBS):
        if second[i] == target[i] and first[i] == target[i]:
            continue
        if _SMOOTHING_S[i] != time_s:  # most have the same
            time_s = _SMOOTHING_S[i]
            c = pole_of(time_s, sr_hz)
        first[i], second[i] = two_poles(first[i], second[i], target[i], c)
        if second[i] != target[i]:
            moving = 1
        knobs["value"][i] = from_unit(i, second[i])
    knobs["moving"] = moving
    return True


@kernel
def share_of(i, sr_hz):
    """How far each pole of knob i goes in a quantum."""
    return pole_of(_SMOOTHING_S[i], sr_hz)


@kernel
def width_of(i):
    """What knob i covers, as `knob` holds it (log2 where logarithmic)."""
    return _WIDTH[i]


@kernel
def turn_knob(knobs, i, value):
    """Set knob i of the patch to a value in its unit; the sound follows."""
    carray(address_of(knobs["patch"]["params"]), (FIRST_LATENT,))[i] = value
    carray(address_of(knobs["played"]), (FIRST_LATENT,))[i] = value
    if i < FIRST_SLOT:
        aim_knob(knobs, i, value)


@kernel
def turn_all_knobs(knobs):
    """Every knob as the patch has it."""
    params = carray(address_of(knobs["patch"]["params"]), (FIRST_LATENT,))
    restore_played(knobs)
    for i in range(N_KNOBS):
        aim_knob(knobs, i, params[i])


@kernel
def restore_played(knobs):
    """What modulation had moved for all is as the patch has it."""
    params, played = carray(address_of(knobs["patch"]["params"]), (FIRST_LATENT,)), carray(address_of(knobs["played"]), (FIRST_LATENT,))
    for i in range(FIRST_LATENT):
        played[i] = params[i]
