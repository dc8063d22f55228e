"""Knobs that a hand has set in a morph of presets or a stack: for all parts from then on, each gliding there from where its own was.

Real-time: no allocation, no locks, no I/O, no Python.
"""

import numpy as np

from ...params.knobs import PARAM_INDEX
from ..compile.jit import kernel
from ..constants import N_KNOBS
from ..dsp.smoothing import two_poles
from .smoothed_knobs import SMOOTHED, share_of

_X, _Y = PARAM_INDEX["morph.x"], PARAM_INDEX["morph.y"]


@kernel
def glide(morph, sr_hz):
    """Once a quantum: what is left of the ways of held knobs, from where each part had them; as the shared knob is smoothed."""
    left, moving = morph["left"], 0
    for k in range(morph["n_differing"]):
        i = morph["differing"][k]
        if left[1, i] > 0.0:
            left[0, i], left[1, i] = two_poles(left[0, i], left[1, i], np.float32(0.0), share_of(i, sr_hz))
            if left[1, i] < np.float32(1e-5):
                left[0, i] = left[1, i] = 0.0
            moving |= left[1, i] > 0.0
    morph["gliding"] = moving


@kernel
def hold_knob(knobs, i, value):
    """Knob i was set, for all parts from now on. i: its place in the declarations; the position itself is of no part.

    Where voices have mixes of their own, each goes on from where its own was.
    """
    morph = knobs["patch"]["morph"][0]
    if i < N_KNOBS and i != _X and i != _Y:
        if not morph["held"][i] and SMOOTHED[i]:
            morph["left"][0, i] = morph["left"][1, i] = 1.0
            morph["gliding"] = 1
            for p in range(morph["n"]):
                morph["away"][p, i] = morph["unit"][p, i] - knobs["unit"][1, i]
        morph["held"][i] = 1
        for p in range(morph["n"]):
            morph["params"][p, i], morph["unit"][p, i] = value, knobs["target"][i]


@kernel
def mixed_away(morph, i):
    """How far the mix that is looked at had knob i from all others' when it was held."""
    away = np.float32(0.0)
    for p in range(morph["n"]):
        away += morph["now"][p] * morph["away"][p, i]
    return away
