"""render_quantum: 32 frames on the absolute frame grid, and every change of state. Runs on the audio thread only.

Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np

from ..events import PRODUCERS
from . import control, voices
from . import envelope as env
from . import filter as svf
from . import oscillator as osc
from .applied import tell
from .atomics import load_acquire, store_release
from .changes import apply
from .jit import kernel
from .output import limit, meter
from .state import (
    EVENT_RING,
    LANES,
    PENDING,
    QUANTUM,
    RING_HEAD,
    RING_TAIL,
    SLOTS,
    TICK,
)

_PRODUCERS = len(PRODUCERS)
_DECLICK_S = 0.00015
_LN2 = math.log(2.0)
# rows of state["lane"]
_G0, _DG, _GAIN, _LEFT, _DLEFT, _RIGHT, _DRIGHT, _S1, _S2, _Z1, _Z2, _Z3, _Z4 = range(13)


@kernel
def _collect(s):
    """Move the events of this quantum from the producers' rings to `pending`, by frame, then by producer order."""
    end, counters, pending = s["frame"] + QUANTUM, s["counters"], s["pending"]
    n = 0
    for producer in range(_PRODUCERS):
        head = load_acquire(counters, RING_HEAD + 8 * producer)
        tail = load_acquire(counters, RING_TAIL + 8 * producer)
        ring = s["rings"][producer]
        while tail < head and n < PENDING and ring[tail % EVENT_RING]["frame"] < end:
            event = ring[tail % EVENT_RING]
            if event["frame"] < s["frame"]:
                s["stats"]["late_events"] += 1
            frame = max(event["frame"], s["frame"])
            i = n
            while i > 0 and pending[i - 1]["frame"] > frame:
                pending[i] = pending[i - 1]
                i -= 1
            pending[i] = event
            pending[i]["frame"] = frame
            n += 1
            tail += 1
        store_release(counters, RING_TAIL + 8 * producer, tail)
    s["n_pending"] = n


@kernel
def _list_active(s):
    n = 0
    for slot in range(SLOTS):
        if s["voices"][slot]["state"] != voices.FREE:
            s["active"][n] = slot
            n += 1
    s["n_active"] = n


@kernel
def _begin(s, mix0, mix1, new):
    """Start of a quantum: sounding voices learn their pitch at its end and get the tables for it."""
    for i in range(s["n_active"]):
        slot = s["active"][i]
        v = s["voices"][slot]
        v["first"] = v["filled"] = 0
        if new:
            osc.settle(s, slot, 1.0)
            osc.new_spectrum(s, slot, v["freq_hz"])
        pitch = voices.pitch_of(s, v)
        old_hz = v["freq_hz"]
        new_hz = voices.freq_of(s, pitch)
        v["pitch"], v["freq_hz"] = pitch, new_hz
        v["next_step"] = osc.step_of(new_hz, s["sr_hz"])
        osc.follow_pitch(s, slot, old_hz, new_hz, mix0, mix1)


@kernel
def _modulate(s):
    """End of the event phase: envelopes made to the end of the quantum, levels and cut-offs known there."""
    p = s["patch"]["params"]
    for i in range(s["n_active"]):
        slot = s["active"][i]
        v = s["voices"][slot]
        voices.fill_to(s, slot, QUANTUM)
        env.advance(v["env2"], QUANTUM - v["first"], s["env2_rates"], p["env2_sustain"])


@kernel
def _gains(s, v):
    """(left, right) of a voice at the end of this quantum; both 1 for a lone note at unity in the centre."""
    smooth, ch = s["smooth"][1], s["channels"][v["channel"]]
    pan = min(max(smooth[control.PAN] + ch["pan_now"][1], -1.0), 1.0)
    level = smooth[control.LEVEL] * smooth[control.GAIN] * ch["gain"][1]
    if pan == 0.0:
        return level, level
    angle = 0.25 * math.pi * (1.0 + pan)
    return level * math.sqrt(2.0) * math.cos(angle), level * math.sqrt(2.0) * math.sin(angle)


@kernel
def _cutoff(s, v):
    """Filter coefficient of a voice at the end of this quantum."""
    smooth = s["smooth"][1]
    semitones = (smooth[control.KEYTRACK] * (v["pitch"] - 60.0) + smooth[control.ENV2] * v["env2"]["level"]
                 + smooth[control.VELOCITY_CUTOFF] * v["velocity"] + s["channels"][v["channel"]]["bright_now"][1])
    return svf.coefficient(math.exp(_LN2 * (smooth[control.CUTOFF] + semitones / 12.0)), s["sr_hz"])


@kernel
def _load_lane(s, slot, lane, mix0, mix1):
    """A voice's oscillator, envelope and controls into its lane."""
    v, rows = s["voices"][slot], s["lane"]
    osc.render(s, slot, lane, s["lanes"][0], mix0, mix1)
    envelope, column = s["envelope"][slot], s["lanes"][1]
    for i in range(QUANTUM):
        column[i, lane] = envelope[i]
    left, right = _gains(s, v)
    if v["gain_left"] < 0.0:
        v["gain_left"], v["gain_right"] = left, right
    rows[_GAIN, lane] = v["gain"]
    rows[_LEFT, lane], rows[_DLEFT, lane] = v["gain_left"], (left - v["gain_left"]) / QUANTUM
    rows[_RIGHT, lane], rows[_DRIGHT, lane] = v["gain_right"], (right - v["gain_right"]) / QUANTUM
    v["gain_left"], v["gain_right"] = left, right
    rows[_S1, lane], rows[_S2, lane] = v["smooth1"], v["smooth2"]
    if s["filter_on"]:
        g = _cutoff(s, v)
        g0 = g if v["cutoff"] < 0.0 else v["cutoff"]
        rows[_G0, lane], rows[_DG, lane] = g0, (g - g0) / QUANTUM
        v["cutoff"] = g
        rows[_Z1, lane], rows[_Z2, lane], rows[_Z3, lane], rows[_Z4, lane] = v["z1"], v["z2"], v["z3"], v["z4"]


@kernel
def _clear_lane(s, lane):
    for i in range(QUANTUM):
        s["lanes"][0, i, lane] = 0.0
        s["lanes"][1, i, lane] = 0.0
    for row in range(13):
        s["lane"][row, lane] = 0.0


@kernel
def _store_lane(s, slot, lane):
    v, rows = s["voices"][slot], s["lane"]
    v["smooth1"], v["smooth2"] = rows[_S1, lane], rows[_S2, lane]
    if s["filter_on"]:
        v["z1"], v["z2"], v["z3"], v["z4"] = rows[_Z1, lane], rows[_Z2, lane], rows[_Z3, lane], rows[_Z4, lane]
    else:
        v["z1"] = v["z2"] = v["z3"] = v["z4"] = 0.0
        v["cutoff"] = -1.0
    stage = v["amp"]["stage"]
    if (stage == env.DONE or stage == env.IDLE) and v["smooth2"] * v["gain"] < 1e-7:
        v["state"] = voices.FREE


@kernel
def _amplify(x, envelope, rows, c, out):
    """Declicked envelope, level and pan of sixteen lanes, added to out[2, QUANTUM]."""
    s1, s2, gain = rows[_S1], rows[_S2], rows[_GAIN]
    left, dleft, right, dright = rows[_LEFT], rows[_DLEFT], rows[_RIGHT], rows[_DRIGHT]
    for i in range(QUANTUM):
        n = np.float32(i + 1)
        xi, ei = x[i], envelope[i]
        sum_left = sum_right = np.float32(0.0)
        for v in range(LANES):
            s1[v] += c * (ei[v] - s1[v])
            s2[v] += c * (s1[v] - s2[v])
            y = xi[v] * s2[v] * gain[v]
            sum_left += y * (left[v] + n * dleft[v])
            sum_right += y * (right[v] + n * dright[v])
        out[0, i] += sum_left
        out[1, i] += sum_right


@kernel
def _filter_group(s):
    rows, mix, slope = s["lane"], s["filter_mix"][0], s["scratch"]
    second = False
    for i in range(svf.N_MIX):
        slope[i] = (s["filter_mix"][1, i] - mix[i]) / QUANTUM
    second = s["filter_mix"][0, 4] != 0.0 or s["filter_mix"][1, 4] != 0.0
    svf.render(s["lanes"][0], rows[_G0], rows[_DG], rows[_Z1], rows[_Z2], rows[_Z3], rows[_Z4],
               np.float32(s["smooth"][1, control.K1]), np.float32(s["smooth"][1, control.K2]), mix, slope, second)


@kernel
def _voices(s, mix0, mix1):
    """Every active voice, sixteen side by side, into state["out"]."""
    c = np.float32(1.0 - math.exp(-1.0 / (s["sr_hz"] * _DECLICK_S)))
    n_active = s["n_active"]
    for base in range(0, n_active, LANES):
        n = min(LANES, n_active - base)
        for lane in range(n):
            _load_lane(s, s["active"][base + lane], lane, mix0, mix1)
        for lane in range(n, LANES):
            _clear_lane(s, lane)
        if s["filter_on"]:
            _filter_group(s)
        _amplify(s["lanes"][0], s["lanes"][1], s["lane"], c, s["out"])
        for lane in range(n):
            _store_lane(s, s["active"][base + lane], lane)


@kernel
def render_quantum(s):
    """The next 32 frames into state["out"]; every change of state happens in here, in this order."""
    _collect(s)
    if s["frame"] % TICK == 0:
        control.tick(s)
    new = control.take_spectrum(s)
    mix0, mix1 = control.ramp_at(s, s["frame"]), control.ramp_at(s, s["frame"] + QUANTUM)
    control.smooth(s)
    p, sr_hz = s["patch"]["params"], s["sr_hz"]
    env.rates_of(p["amp_attack_s"], p["amp_decay_s"], p["amp_release_s"], voices.FADE_S, sr_hz, s["amp_rates"])
    env.rates_of(p["env2_attack_s"], p["env2_decay_s"], p["env2_release_s"], voices.FADE_S, sr_hz, s["env2_rates"])
    _list_active(s)
    _begin(s, mix0, mix1, new)
    for i in range(s["n_pending"]):
        event = s["pending"][i]
        apply(s, event, event["frame"] - s["frame"])
        tell(s, event["kind"], event["frame"], event["channel"], event["number"], event["value"])
    _list_active(s)
    _modulate(s)
    for i in range(QUANTUM):
        s["out"][0, i] = s["out"][1, i] = 0.0
    _voices(s, mix0, mix1)
    limit(s)
    meter(s)
    s["frame"] += QUANTUM
