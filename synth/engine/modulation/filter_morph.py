"""The filter's response: which it is, for all voices or for each of its own in a morph, and how one turns into another without a click."""

import numpy as np

from ...params.knobs import index_of
from ..compile.jit import kernel
from ..constants import QUANTUM
from ..dsp import filter as svf
from ..dsp.smoothing import two_poles

_TYPE = index_of("filter.type")
_LEAVING = 100  # quanta in which voices' responses have surely arrived at one for all
_NEARLY_OFF = np.float32(0.94)  # share of off above which the plain sound is mixed in


@kernel
def _mix_types(shared, morph, target):
    """The responses of a morph's parts by their weights; off is a wide open low-pass, and very near to it the plain sound."""
    one, share = shared["filter_part"], np.float32(0.0)
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
def _differ(morph, all_parts):
    """Whether parts that are heard (or all of them) have filters of several kinds."""
    first = morph["params"][morph["heaviest"], _TYPE]
    for p in range(morph["n"]):
        if (all_parts or morph["now"][p] > 0.0) and morph["params"][p, _TYPE] != first:
            return True
    return False


@kernel
def aim_filter(shared, knobs):
    """The response that the knob asks for, or the parts of a morph, is headed to."""
    morph = knobs["patch"]["morph"][0]
    if morph["n"] > 0 and morph["alone"] < 0 and not morph["held"][_TYPE] and _differ(morph, False):
        _mix_types(shared, morph, shared["filter_target"])
    else:
        svf.weights_of(int(knobs["played"]["filter_type"]), shared["filter_target"])


@kernel
def wants_own(knobs):
    """Whether each voice has a filter of its own kind: where it has its own mix of parts whose filters are of several."""
    m, morph = knobs["matrix"], knobs["patch"]["morph"][0]
    if not m["moves_morph"] or morph["n"] == 0 or morph["held"][_TYPE] or not _differ(morph, True):
        return False
    for j in range(m["n_targets"]):
        if m["target"][j] == _TYPE:  # that is one for all, which the newest voice moves
            return False
    return True


@kernel
def aim_voice(target, shared, knobs):
    """The response of the voice whose mix is laid over the knobs, into float32[N_WEIGHTS]."""
    morph = knobs["patch"]["morph"][0]
    if not wants_own(knobs):  # voices go to the one of all before it takes over
        for i in range(svf.N_WEIGHTS):
            target[i] = shared["filter_target"][i]
    elif morph["alone"] < 0 and _differ(morph, False):
        _mix_types(shared, morph, target)
    else:
        svf.weights_of(int(morph["params"][morph["heaviest"], _TYPE]), target)


@kernel
def choose_own(shared, knobs):
    """Once a quantum: whether voices have filters of their own, a while longer than is wanted. Answers whether that begins now."""
    before = shared["filter_own"]
    if wants_own(knobs):
        shared["filter_own"] = _LEAVING
    elif before > 0:
        at_rest = True
        for i in range(svf.N_WEIGHTS):
            at_rest = at_rest and shared["filter_slope"][i] == 0.0
        shared["filter_own"] = before - 1 if at_rest else _LEAVING
    return before == 0 and shared["filter_own"] > 0


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
    shared["filter_on"] = shared["filter_own"] > 0 or svf.is_on(mix[0], shared["filter_slope"])
