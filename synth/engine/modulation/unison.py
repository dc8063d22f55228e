"""Unison: how the oscillators of a note are tuned, mixed and placed."""

import math

import numpy as np

from ...params.knobs import index_of
from ..compile.jit import kernel

_DETUNE, _SPREAD, _BLEND, _WIDTH = (index_of(f"unison.{n}") for n in ("detune_cents", "spread", "blend", "width"))


@kernel
def _place(j, n):
    """Place of oscillator j of n between the lowest and the highest tuning, -1..1."""
    return 2.0 * j / (n - 1) - 1.0 if n > 1 else 0.0


@kernel
def _pan(j, n, width):
    """Left to right -1..1; pairs take turns in which side is the sharp one, so that neither side sounds sharp."""
    pair = min(j, n - 1 - j)
    return width * _place(j, n) * (1.0 if pair % 2 == 0 else -1.0)


@kernel
def _weight(j, n, blend):
    """Level of oscillator j of n before all are brought to one power; `blend` is that of those that are not in the middle."""
    return 1.0 if min(j, n - 1 - j) == (n - 1) // 2 else np.float64(blend)


@kernel
def _lay_one(controls, knob, j, n, last):
    """Ratio and gains of oscillator j of n, on the way there from n - 1 where there is only `last` of the last one. Answers its power."""
    x, pan, weight = _place(j, n), _pan(j, n, knob[_WIDTH]), _weight(j, n, knob[_BLEND])
    if last < 1.0:
        if j == n - 1:
            weight *= last
        else:
            x = (1.0 - last) * _place(j, n - 1) + last * x
            pan = (1.0 - last) * _pan(j, n - 1, knob[_WIDTH]) + last * pan
            weight = (1.0 - last) * _weight(j, n - 1, knob[_BLEND]) + last * weight
    cents = knob[_DETUNE] * math.copysign(abs(x) ** (1.0 + 3.0 * knob[_SPREAD]), x)
    controls["unison_ratio"][j] = 2.0 ** (cents / 1200.0)
    angle = 0.25 * math.pi * (1.0 + pan)
    controls["unison_gain"][0, j] = weight * math.sqrt(2.0) * math.cos(angle)
    controls["unison_gain"][1, j] = weight * math.sqrt(2.0) * math.sin(angle)
    return weight * weight


@kernel
def lay_out(controls, knobs, n, last):
    """Ratios and gains of n oscillators from the knobs (modulation laid over) into `unison_ratio` and `unison_gain`.

    The tunings are symmetric in cents; `spread` crowds them around the middle. Their power adds up to one oscillator's. last: how much of
    the last one there is, 1 but in a morph between two numbers of oscillators, where the others make room for it.
    """
    knob, of = knobs["value"], controls["unison_of"]
    same = of[0] == n and of[1] == knob[_DETUNE] and of[2] == knob[_SPREAD] and of[3] == knob[_BLEND] and of[4] == knob[_WIDTH]
    if same and of[5] == last:
        return
    of[0], of[1], of[2], of[3], of[4], of[5] = n, knob[_DETUNE], knob[_SPREAD], knob[_BLEND], knob[_WIDTH], last
    power = 0.0
    for j in range(n):
        power += _lay_one(controls, knob, j, n, np.float64(last))
    for j in range(n):
        controls["unison_gain"][0, j] /= math.sqrt(power)
        controls["unison_gain"][1, j] /= math.sqrt(power)


@kernel
def highest(controls, n):
    """The largest ratio of the tunings laid out for n oscillators."""
    return controls["unison_ratio"][n - 1] if n > 1 else 1.0


@kernel
def start_phase(phase, j):
    """Phase in cycles at which oscillator j starts, so that none begin together: golden-ratio steps from the first."""
    return phase + j * 0.6180339887498949
