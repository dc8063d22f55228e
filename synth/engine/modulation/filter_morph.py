"""The filter's response for all voices: which it is, and how one turns into another without a click."""

import numpy as np

from ..compile.jit import kernel
from ..dsp import filter as svf
from ..dsp.smoothing import pole, two_poles
from ..state import QUANTUM


@kernel
def aim_filter(s):
    """The response that the knob asks for is headed to."""
    svf.weights_of(int(s["played"]["filter_type"]), s["filter_target"])


@kernel
def snap_filter(s):
    """The response that the knob asks for, at once."""
    aim_filter(s)
    for i in range(svf.N_WEIGHTS):
        s["filter_smooth"][0, i] = s["filter_smooth"][1, i] = s["filter_mix"][0, i] = s["filter_mix"][1, i] = s["filter_target"][i]
        s["filter_slope"][i] = 0.0
    s["filter_on"] = svf.is_on(s["filter_mix"][0], s["filter_slope"])


@kernel
def smooth_filter(s):
    """One quantum on: filter_mix[0] as at its start, [1] as at its end, filter_slope per frame."""
    c = pole(s["sr_hz"])
    first, second, target, mix = s["filter_smooth"][0], s["filter_smooth"][1], s["filter_target"], s["filter_mix"]
    for i in range(svf.N_WEIGHTS):
        mix[0, i] = second[i]
        first[i], second[i] = two_poles(first[i], second[i], target[i], c)
        mix[1, i] = second[i]
        s["filter_slope"][i] = (second[i] - mix[0, i]) * np.float32(1.0 / QUANTUM)
    s["filter_on"] = svf.is_on(mix[0], s["filter_slope"])
