"""Sixteen lanes side by side: voices' oscillators, envelopes and controls in; filtered, levelled and added to the output.

See lane_allocation.py for who has which lane.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import numpy as np

from ..compile.jit import kernel
from ..compile.simd import load as take
from ..compile.simd import select, total
from ..compile.simd import store as put
from ..dsp import envelope as env
from ..dsp import filter as svf
from ..dsp import noise, sub
from ..dsp import oscillator as osc
from ..dsp.filter_rows import DDRIVE, DG, DK, DRIVE, G, K
from ..dsp.transpose import transpose_rows
from ..state import LANES, QUANTUM
from . import lane_allocation, update
from .lane_allocation import CUTOFF, LEFT, RIGHT, S1, S2, TO_DRIVE, TO_K, TO_LEFT, TO_RIGHT

_SLOPE = np.float32(1.0 / QUANTUM)


@kernel
def _load_envelope(s, slot, group, lane):
    """A voice's envelope into its row; a steady one is left as it lies there."""
    flat = s["voices"][slot]["flat"]
    if flat >= 0.0 and s["env_flat"][group, lane] == flat:
        return
    envelope, track = s["envelope"][slot], s["env_tracks"][group, lane]
    for i in range(QUANTUM):
        track[i] = envelope[i]
    s["env_flat"][group, lane] = flat
    s["env_moved"][group] = 1


@kernel
def _set(s, slot, group, lane, fresh, left, right, cutoff, damping, drive):
    """Where a lane's values shall be at the end of this quantum; a fresh one is there already."""
    rows = s["rows"][group]
    rows[TO_LEFT, lane], rows[TO_RIGHT, lane] = left, right
    rows[CUTOFF, lane], rows[TO_K, lane], rows[TO_DRIVE, lane] = cutoff, damping, drive
    if fresh or rows[G, lane] < 0.0:
        rows[K, lane], rows[DRIVE, lane] = damping, drive
    if fresh:
        rows[LEFT, lane], rows[RIGHT, lane] = left, right
    _load_envelope(s, slot, group, lane)


@kernel
def _add_sub(s, v, group, lane):
    """A voice's sub-oscillator, octaves under its pitch."""
    down, shape = np.uint64(-v["sub_octave"]), v["sub_shape"]
    step = s["sub_step"] >> down
    if v["sub_step"] == 0:
        v["sub_step"] = step
        v["sub_phase"] -= step
    first = v["first"]
    slope = np.int64(step - v["sub_step"]) >> np.int64(5) if first == 0 else np.int64(0)
    end = sub.add(v["sub_phase"], v["sub_step"], slope, shape, v["sub_gain"], v["sub_to"], s["sub_tables"],
                  s["sub_work"], s["tracks"][group, lane], first)
    if v["unison"] > 1:
        sub.add(v["sub_phase"], v["sub_step"], slope, shape, v["sub_gain"], v["sub_to"], s["sub_tables"],
                s["sub_work"], s["tracks"][group, lane + 1], first)
    v["sub_phase"], v["sub_step"], v["sub_gain"] = end, step, v["sub_to"]


@kernel
def _set_noise(s, v, group, lane):
    """The noise's level and colour over this quantum, for a lane."""
    rows = s["noise_rows"][group]
    color, fresh = v["color"], v["fresh"]
    first = np.float32(rows[noise.COLOR, lane] + QUANTUM * rows[noise.DCOLOR, lane]) if not fresh else color
    rows[noise.GAIN, lane], rows[noise.DGAIN, lane] = v["noise_gain"], (v["noise_to"] - v["noise_gain"]) * _SLOPE
    rows[noise.COLOR, lane], rows[noise.DCOLOR, lane] = first, (color - first) * _SLOPE


@kernel
def load_voice(s, slot, mix0, mix1, every):
    """A voice into its lane, or its two."""
    v = s["voices"][slot]
    left, right, cutoff, damping, drive = update.update_voice(s, slot, mix0, mix1, every)
    fresh = v["fresh"] != 0
    if fresh:
        lane_allocation.place_voice(s, slot)
        v["sub_gain"], v["noise_gain"] = v["sub_to"], v["noise_to"]
    group, lane = v["group"], v["lane"]
    tracks, zero = s["tracks"][group], np.float32(0.0)
    if v["unison"] > 1:
        osc.render_unison(s, slot, tracks[lane], tracks[lane + 1], mix0, mix1)
    else:
        osc.render(s, slot, tracks[lane], mix0, mix1)
    if v["sub_gain"] > 0.0 or v["sub_to"] > 0.0:
        _add_sub(s, v, group, lane)
    else:
        v["sub_step"] = 0  # it begins anew
    if s["noise_on"]:
        for i in range(min(v["unison"], 2)):
            _set_noise(s, v, group, lane + i)
        v["noise_gain"] = v["noise_to"]
    if v["unison"] > 1:
        _set(s, slot, group, lane, fresh, left, zero, cutoff, damping, drive)
        _set(s, slot, group, lane + 1, fresh, zero, right, cutoff, damping, drive)
    else:
        _set(s, slot, group, lane, fresh, left, right, cutoff, damping, drive)
    v["fresh"] = 0


@kernel
def _filter(s, group):
    """Coefficients of sixteen lanes at once, then the filter."""
    rows = s["rows"][group]
    svf.coefficients_lanes(rows[CUTOFF], s["log2_sr_hz"], rows[CUTOFF])
    g1, g0 = take(rows, CUTOFF), take(rows, G)
    g0 = select(g0, 0.0, g1, g0)
    put(rows, G, g0)
    put(rows, DG, (g1 - g0) * _SLOPE)
    k1, d1 = take(rows, TO_K), take(rows, TO_DRIVE)
    put(rows, DK, (k1 - take(rows, K)) * _SLOPE)
    put(rows, DDRIVE, (d1 - take(rows, DRIVE)) * _SLOPE)
    svf.render_lanes(s["lanes"], rows, s["filter_mix"][0], s["filter_slope"])
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
def finish_group(s, group):
    """A group whose voices are loaded: noise, filter, level, output; dead voices are let go."""
    rows = s["rows"][group]
    transpose_rows(s["tracks"][group], s["lanes"])
    if s["env_moved"][group]:
        transpose_rows(s["env_tracks"][group], s["env_lanes"][group])
        s["env_moved"][group] = 0
    if s["noise_on"]:
        noise.add_lanes(s["lanes"], s["noise_rows"][group], s["noise_seeds"][group], s["frame"], s["log2_sr_hz"])
    if s["filter_on"]:
        _filter(s, group)
    _amplify(s["lanes"], s["env_lanes"][group], rows, s["declick"], s["out"])
    for lane in range(LANES):
        slot = s["lane_slot"][group, lane]
        if slot >= 0:
            v = s["voices"][slot]
            stage = v["amp"]["stage"]
            if (stage == env.DONE or stage == env.IDLE) and v["lane"] == lane and rows[S2, lane] * v["gain"] < 1e-7:
                lane_allocation.free_voice(s, slot)
