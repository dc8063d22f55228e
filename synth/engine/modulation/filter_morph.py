"""The filter's response for all voices: which it is, and how one turns into another without a click."""

import numpy as np

from ..compile.jit import kernel
from ..constants import QUANTUM
from ..dsp import filter as svf
from ..dsp.smoothing import two_poles


@kernel
def aim_filter(shared, knobs):
    """The response that the knob asks for is headed to."""
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
