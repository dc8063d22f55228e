"""The filter's response for all voices: which it is, and how one turns into another without a click."""

import numpy as np

from ..compile.jit import kernel
from ..constants import QUANTUM
from ..dsp import filter as svf
from ..dsp.smoothing import two_poles
from .smoothed_knobs import index_of

_TYPE = index_of("filter.type")
_NEARLY_OFF = np.float32(0.94)  # share of off above which the plain sound is mixed in


@kernel
def _mix_types(shared, morph):
    """The responses of a morph's parts by their weights; off is a wide open low-pass, and very near to it the plain sound."""
    target, one, share = shared["filter_target"], shared["filter_part"], np.float32(0.0)
    for i in range(svf.N_WEIGHTS):
        target[i] = 0.0
    total = np.float32(0.0)
    for p in range(morph["n"]):
        total += morph["now"][p] * morph["now"][p]
    for p in range(morph["n"]):
        weight = morph["now"][p] * morph["now"][p] / total  # in squares, so that what a closed filter held back comes in slowly
        if weight <= 0.0:
            continue
        kind = int(morph["params"][p, _TYPE])
        svf.weights_of(svf.LOW12 if kind == svf.OFF else kind, one)
        for i in range(svf.N_WEIGHTS):
            target[i] += weight * one[i]
        if kind == svf.OFF:
            share += weight
    plain = max(share - _NEARLY_OFF, np.float32(0.0)) / (np.float32(1.0) - _NEARLY_OFF)
    for i in (svf.SVF, svf.TAP2, svf.TAP4):
        target[i] *= np.float32(1.0) - plain
    target[svf.DRY] = plain


@kernel
def aim_filter(shared, knobs):
    """The response that the knob asks for, or the parts of a morph, is headed to."""
    morph = knobs["patch"]["morph"][0]
    if morph["n"] > 0 and morph["alone"] < 0 and not morph["held"][_TYPE]:
        heaviest, same = morph["params"][morph["heaviest"], _TYPE], True
        for p in range(morph["n"]):
            same = same and (morph["now"][p] <= 0.0 or morph["params"][p, _TYPE] == heaviest)
        if not same:
            _mix_types(shared, morph)
            return
    svf.weights_of(int(knobs["played"]["filter_type"]), shared["filter_target"])


@kernel
def snap_filter(shared, knobs):
    """The response that the knob asks for, at once."""
    aim_filter(shared, knobs)
    for i in range(svf.N_WEIGHTS):
        for j in range(2):
            shared["filter_smooth"][j, i] = shared["filter_mix"][j, i] = shared["filter_target"][i]
        shared["filter_slope"][i] = 0.0
    shared["filter_on"] = svf.is_on(shared["filter_mix"][0], shared["filter_slope"])


@kernel
def smooth_filter(shared, share):
    """One quantum on (share: see dsp/smoothing.py): filter_mix[0] as at its start, [1] as at its end, filter_slope per frame."""
    first, second, target, mix = shared["filter_smooth"][0], shared["filter_smooth"][1], shared["filter_target"], shared["filter_mix"]
    for i in range(svf.N_WEIGHTS):
        mix[0, i] = second[i]
        first[i], second[i] = two_poles(first[i], second[i], target[i], share)
        mix[1, i] = second[i]
        shared["filter_slope"][i] = (second[i] - mix[0, i]) * np.float32(1.0 / QUANTUM)
    shared["filter_on"] = svf.is_on(mix[0], shared["filter_slope"])
