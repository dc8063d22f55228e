"""Unison: how the oscillators of a note are tuned, mixed and placed."""

import math

import numpy as np

from ..compile.jit import kernel
from .smoothed_knobs import index_of

_DETUNE, _SPREAD, _BLEND, _WIDTH = (index_of(f"unison.{n}") for n in ("detune_cents", "spread", "blend", "width"))


@kernel
def _place(j, n):
    """Place of oscillator j of n between the lowest and the highest tuning, -1..1."""
    return 2.0 * j / (n - 1) - 1.0


@kernel
def _pan(j, n, width):
    """Left to right -1..1; pairs take turns in which side is the sharp one, so that neither side sounds sharp."""
    pair = min(j, n - 1 - j)
    return width * _place(j, n) * (1.0 if pair % 2 == 0 else -1.0)


@kernel
def lay_out(controls, knobs, n):
    """Ratios and gains of n oscillators from the knobs (modulation laid over) into `unison_ratio` and `unison_gain`.

    The tunings are symmetric in cents; `spread` crowds them around the middle. Their power adds up to one oscillator's.
    """
    knob, of = knobs["value"], controls["unison_of"]
    if of[0] == n and of[1] == knob[_DETUNE] and of[2] == knob[_SPREAD] and of[3] == knob[_BLEND] and of[4] == knob[_WIDTH]:
        return
    of[0], of[1], of[2], of[3], of[4] = n, knob[_DETUNE], knob[_SPREAD], knob[_BLEND], knob[_WIDTH]
    power = 0.0
    for j in range(n):
        x = _place(j, n)
        cents = knob[_DETUNE] * math.copysign(abs(x) ** (1.0 + 3.0 * knob[_SPREAD]), x)
        controls["unison_ratio"][j] = 2.0 ** (cents / 1200.0)
        middle = min(j, n - 1 - j) == (n - 1) // 2
        weight = 1.0 if middle else np.float64(knob[_BLEND])
        power += weight * weight
        angle = 0.25 * math.pi * (1.0 + _pan(j, n, knob[_WIDTH]))
        controls["unison_gain"][0, j] = weight * math.sqrt(2.0) * math.cos(angle)
        controls["unison_gain"][1, j] = weight * math.sqrt(2.0) * math.sin(angle)
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
