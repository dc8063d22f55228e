"""Sixteen lanes side by side: voices' oscillators, envelopes and controls in; filtered, levelled and added to the output.

See lane_allocation.py for who has which lane.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import numpy as np

from ..compile.jit import kernel
from ..compile.simd import load as take
from ..compile.simd import select, total
from ..compile.simd import store as put
from ..constants import LANES, QUANTUM
from ..dsp import envelope as env
from ..dsp import filter as svf
from ..dsp import filter_own, noise, sub
from ..dsp import oscillator as osc
from ..dsp.filter_rows import DDRIVE, DG, DK, DRIVE, G, K
from ..dsp.transpose import transpose_rows
from . import lane_allocation
from .lane_allocation import CUTOFF, LEFT, RIGHT, S1, S2, TO_DRIVE, TO_K, TO_LEFT, TO_RIGHT

_SLOPE = np.float32(1.0 / QUANTUM)


@kernel
def _load_envelope(lanes, polyphony, slot, group, lane):
    """A voice's envelope into its row; a steady one is left as it lies there."""
    flat = polyphony["voices"][slot]["flat"]
    if flat >= 0.0 and lanes["env_flat"][group, lane] == flat:
        return
    envelope, track = polyphony["envelope"][slot], lanes["env_tracks"][group, lane]
    for i in range(QUANTUM):
        track[i] = envelope[i]
    lanes["env_flat"][group, lane] = flat
    lanes["env_moved"][group] = 1


@kernel
def _set_lane(lanes, controls, polyphony, slot, lane, left, right, own_filter):
    """Where a lane's values shall be at the end of this quantum; a fresh one is there already."""
    v = polyphony["voices"][slot]
    group, fresh = v["group"], v["fresh"] != 0
    rows = lanes["rows"][group]
    rows[TO_LEFT, lane], rows[TO_RIGHT, lane] = left, right
    rows[CUTOFF, lane], rows[TO_K, lane], rows[TO_DRIVE, lane] = controls["cutoff"], controls["damping"], controls["drive"]
    if fresh or rows[G, lane] < 0.0:
        rows[K, lane], rows[DRIVE, lane] = controls["damping"], controls["drive"]
    if fresh:
        rows[LEFT, lane], rows[RIGHT, lane] = left, right
    if own_filter:
        filter_own.set_lane(lanes["filter_rows"][group], lane, controls["filter_weights"], fresh)
    _load_envelope(lanes, polyphony, slot, group, lane)


@kernel
def _add_sub(lanes, controls, v, group, lane):
    """A voice's sub-oscillator, octaves under its pitch."""
    down, shape = np.uint64(-v["sub_octave"]), v["sub_shape"]
    step = controls["sub_step"] >> down
    if v["sub_step"] == 0:
        v["sub_step"] = step
        v["sub_phase"] -= step
    first = v["first"]
    slope = np.int64(step - v["sub_step"]) >> np.int64(5) if first == 0 else np.int64(0)
    end = sub.add(v["sub_phase"], v["sub_step"], slope, shape, v["sub_gain"], controls["sub_gain"], lanes["sub_tables"],
                  lanes["sub_work"], lanes["tracks"][group, lane], first)
    if v["unison"] > 1:
        sub.add(v["sub_phase"], v["sub_step"], slope, shape, v["sub_gain"], controls["sub_gain"], lanes["sub_tables"],
                lanes["sub_work"], lanes["tracks"][group, lane + 1], first)
    v["sub_phase"], v["sub_step"], v["sub_gain"] = end, step, controls["sub_gain"]


@kernel
def _set_noise(lanes, controls, v, group, lane):
    """The noise's level and colour over this quantum, for a lane."""
    rows = lanes["noise_rows"][group]
    color, fresh = v["color"], v["fresh"]
    first = np.float32(rows[noise.COLOR, lane] + QUANTUM * rows[noise.DCOLOR, lane]) if not fresh else color
    rows[noise.GAIN, lane], rows[noise.DGAIN, lane] = v["noise_gain"], (controls["noise_gain"] - v["noise_gain"]) * _SLOPE
    rows[noise.COLOR, lane], rows[noise.DCOLOR, lane] = first, (color - first) * _SLOPE


@kernel
def load_voice(lanes, tables, controls, polyphony, slot, own_filter):
    """A voice into its lane, or its two, as its controls say. own_filter: whether each voice has a filter of its own kind."""
    v, waves = polyphony["voices"][slot], tables["waves"][slot]
    if v["fresh"]:
        lane_allocation.place_voice(lanes, v, slot)
        v["sub_gain"], v["noise_gain"] = controls["sub_gain"], controls["noise_gain"]
    group, lane = v["group"], v["lane"]
    tracks, wide = lanes["tracks"][group], v["unison"] > 1
    if wide:
        osc.render_unison(controls, v, waves, lanes["frames"], tracks[lane], tracks[lane + 1])
    else:
        osc.render(controls, v, waves, tracks[lane])
    if v["sub_gain"] > 0.0 or controls["sub_gain"] > 0.0:
        _add_sub(lanes, controls, v, group, lane)
    else:
        v["sub_step"] = 0  # it begins anew
    if lanes["noise_on"]:
        for i in range(min(v["unison"], 2)):
            _set_noise(lanes, controls, v, group, lane + i)
        v["noise_gain"] = controls["noise_gain"]
    if wide:
        _set_lane(lanes, controls, polyphony, slot, lane, controls["left"], np.float32(0.0), own_filter)
        _set_lane(lanes, controls, polyphony, slot, lane + 1, np.float32(0.0), controls["right"], own_filter)
    else:
        _set_lane(lanes, controls, polyphony, slot, lane, controls["left"], controls["right"], own_filter)
    v["fresh"] = 0


@kernel
def _filter(lanes, shared, group, share):
    """Coefficients of sixteen lanes at once, then the filter."""
    rows = lanes["rows"][group]
    svf.coefficients_lanes(rows[CUTOFF], lanes["log2_sr_hz"], rows[CUTOFF])
    g1, g0 = take(rows, CUTOFF), take(rows, G)
    g0 = select(g0, 0.0, g1, g0)
    put(rows, G, g0)
    put(rows, DG, (g1 - g0) * _SLOPE)
    k1, d1 = take(rows, TO_K), take(rows, TO_DRIVE)
    put(rows, DK, (k1 - take(rows, K)) * _SLOPE)
    put(rows, DDRIVE, (d1 - take(rows, DRIVE)) * _SLOPE)
    if shared["filter_own"]:
        filter_own.smooth_weights(lanes["filter_rows"][group], share)
        lanes["rungs"][group] = filter_own.render_lanes(lanes["columns"], rows, lanes["filter_rows"][group], lanes["rungs"][group])
    else:
        svf.render_lanes(lanes["columns"], rows, shared["filter_mix"][0], shared["filter_slope"])
    put(rows, G, g1)
    put(rows, K, k1)
    put(rows, DRIVE, d1)


@kernel
def _amplify(x, envelope, rows, c, out):
    """Declicked envelope, level and pan of sixteen lanes, added to out[2, QUANTUM]."""
    s1, s2, left, right = take(rows, S1), take(rows, S2), take(rows, LEFT), take(rows, RIGHT)
    to_left, to_right = take(rows, TO_LEFT), take(rows, TO_RIGHT)
    dleft, dright = (to_left - left) * _SLOPE, (to_right - right) * _SLOPE
    for i in range(QUANTUM):
        s1 = s1 + c * (take(envelope, i) - s1)
        s2 = s2 + c * (s1 - s2)
        y = take(x, i) * s2
        left, right = left + dleft, right + dright
        out[0, i] += total(y * left)
        out[1, i] += total(y * right)
    put(rows, S1, s1)
    put(rows, S2, s2)
    put(rows, LEFT, to_left)
    put(rows, RIGHT, to_right)


@kernel
def render_group(output, lanes, shared, transport, group, share):
    """A group whose voices are loaded, added to the output: noise, filter, envelope and level. share: of smoothing by hand."""
    rows = lanes["rows"][group]
    transpose_rows(lanes["tracks"][group], lanes["columns"])
    if lanes["env_moved"][group]:
        transpose_rows(lanes["env_tracks"][group], lanes["env_columns"][group])
        lanes["env_moved"][group] = 0
    if lanes["noise_on"]:
        noise.add_lanes(lanes["columns"], lanes["noise_rows"][group], lanes["noise_seeds"][group], transport["frame"], lanes["log2_sr_hz"])
    if shared["filter_on"]:
        _filter(lanes, shared, group, share)
    _amplify(lanes["columns"], lanes["env_columns"][group], rows, lanes["declick"], output["out"])


@kernel
def free_ended_voices(lanes, polyphony, spectra, rings, transport, group):
    """Voices of a group that are over let their lanes and streams go."""
    rows = lanes["rows"][group]
    for lane in range(LANES):
        slot = lanes["slot"][group, lane]
        if slot >= 0:
            v = polyphony["voices"][slot]
            stage = v["amp"]["stage"]
            if (stage == env.DONE or stage == env.IDLE) and v["lane"] == lane and rows[S2, lane] * v["gain"] < 1e-7:
                lane_allocation.free_voice(lanes, spectra, rings, transport, v)
