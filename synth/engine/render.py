"""render_block: the only way in. Everything here runs on the audio thread.

A block is served from quanta of 32 frames on the absolute frame grid; what a host's block does not use of the last one
waits in a small FIFO, so the samples do not depend on the host's block size.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import math
from functools import cache

import numpy as np
from numba import carray, cfunc, from_dtype, types

from ..events import PRODUCERS
from . import control, voices
from . import envelope as env
from . import filter as svf
from . import oscillator as osc
from .applied import tell
from .atomics import cycle_count, floats_at, flush_denormals, load_acquire, restore_mode, store_release
from .jit import OPTIONS, kernel
from .state import (
    COUNTER,
    EVENT_RING,
    LANES,
    PENDING,
    QUANTUM,
    RECORD,
    RING_HEAD,
    RING_TAIL,
    SLOTS,
    STATE,
    TICK,
)

_SNAPSHOT, _CLOCK, _RECORD = COUNTER["snapshot"], COUNTER["clock"], COUNTER["record"]
_PRODUCERS = len(PRODUCERS)
_DECLICK_S = 0.00015
_LN2 = math.log(2.0)
_CEILING = 0.9661  # -0.3 dBFS
_LIMITER_RELEASE_S = 0.08
# rows of state["lane"]
_G0, _DG, _GAIN, _LEFT, _DLEFT, _RIGHT, _DRIGHT, _S1, _S2, _Z1, _Z2, _Z3, _Z4 = range(13)
_UNDERFLOW = 4  # paOutputUnderflow


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
def _limit(s):
    """Safety limiter: exact bypass under -0.3 dBFS, never over; the gain reaches each peak by a line within the quantum."""
    out, stats = s["out"], s["stats"]
    peak, at = np.float32(0.0), 0
    for i in range(QUANTUM):
        a = max(abs(out[0, i]), abs(out[1, i]))
        if not a < 1e6:  # not a number, or beyond all reason: silence, told by a count
            out[0, i] = out[1, i] = a = np.float32(0.0)
            stats["bad_samples"] += 1
        if a > peak:
            peak, at = a, i
    gain = s["limiter_gain"]
    if gain == 1.0 and peak <= _CEILING:
        return
    target = min(np.float32(1.0), np.float32(_CEILING) / max(peak, np.float32(1e-9)))
    release = 1.0 - math.exp(-1.0 / (s["sr_hz"] * _LIMITER_RELEASE_S))
    down = (gain - target) / (at + 1) if target < gain else 0.0
    for i in range(QUANTUM):
        if target < gain:
            gain = max(gain - down, target)
        elif i > at or target == 1.0:
            gain += (min(target, np.float32(1.0)) - gain) * release
        a = max(abs(out[0, i]), abs(out[1, i]))
        if a * gain > _CEILING:
            gain = _CEILING / a
        out[0, i] *= gain
        out[1, i] *= gain
    s["limiter_gain"] = 1.0 if gain > 0.9999 else gain


@kernel
def _meter(s):
    out, stats, record = s["out"], s["stats"], s["record"]
    at = load_acquire(s["counters"], _RECORD)
    for i in range(QUANTUM):
        stats["peak"][0] = max(stats["peak"][0], abs(out[0, i]))
        stats["peak"][1] = max(stats["peak"][1], abs(out[1, i]))
        record[0, (at + i) % RECORD] = out[0, i]
        record[1, (at + i) % RECORD] = out[1, i]
    store_release(s["counters"], _RECORD, at + QUANTUM)


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
        voices.apply(s, event, event["frame"] - s["frame"])
        tell(s, event["kind"], event["frame"], event["channel"], event["number"], event["value"])
    _list_active(s)
    _modulate(s)
    for i in range(QUANTUM):
        s["out"][0, i] = s["out"][1, i] = 0.0
    _voices(s, mix0, mix1)
    _limit(s)
    _meter(s)
    s["frame"] += QUANTUM


@kernel
def _snapshot(s):
    """Publish what readers may see: two copies, the counter says which is whole."""
    stats = s["stats"]
    count = load_acquire(s["counters"], _SNAPSHOT)
    stats["frame"] = s["frame"] - (QUANTUM - s["fifo_read"])
    n = 0
    for note in range(128):
        stats["held"][note] = 0
    for slot in range(SLOTS):
        v = s["voices"][slot]
        if v["state"] == voices.SOUNDING:
            n += 1
            if v["amp"]["stage"] < env.RELEASE:
                stats["held"][v["note"]] = 1
    stats["voices"] = n
    stats["limiter"] = s["limiter_gain"]
    stats["params"] = s["patch"]["params"]
    for i in range(s["patch"]["latent_size"]):
        stats["latent"][i] = s["latent_sent"][i]
    s["snapshots"][(count + 1) % 2] = stats
    store_release(s["counters"], _SNAPSHOT, count + 1)
    stats["peak"][0] *= np.float32(0.9)
    stats["peak"][1] *= np.float32(0.9)


@kernel
def _tell_clock(s, now_s):
    """Publish which frame this block begins with and when; the time is smoothed, a jump of 50 ms starts afresh."""
    counters = s["counters"]
    frame = s["frame"] - (QUANTUM - s["fifo_read"])
    predicted = s["clock_s"] + (frame - s["clock_frame"]) / s["sr_hz"]
    error = now_s - predicted
    count = load_acquire(counters, _CLOCK)
    store_release(counters, _CLOCK, count + 1)
    s["clock_frame"] = frame
    s["clock_s"] = now_s if abs(error) > 0.05 or count == 0 else predicted + 0.1 * error
    store_release(counters, _CLOCK, count + 2)


@kernel
def serve(s, left_address, right_address, stride, n_frames, now_s):
    """A host's block of float32 at left_address + 4 * stride * i (stride 2, neighbours: interleaved stereo).

    The clock is told, the sound made with denormals flushed, its cost counted, a snapshot published.
    """
    began = cycle_count()
    mode = flush_denormals()
    _tell_clock(s, now_s)
    left = carray(floats_at(left_address), (stride * n_frames,))
    right = carray(floats_at(right_address), (stride * n_frames - stride + 1,))
    fifo, at = s["fifo"], 0
    while at < n_frames:
        if s["fifo_read"] >= QUANTUM:
            render_quantum(s)
            for i in range(QUANTUM):
                fifo[0, i], fifo[1, i] = s["out"][0, i], s["out"][1, i]
            s["fifo_read"] = 0
        read = s["fifo_read"]
        n = min(QUANTUM - read, n_frames - at)
        for i in range(n):
            left[stride * (at + i)] = fifo[0, read + i]
            right[stride * (at + i)] = fifo[1, read + i]
        s["fifo_read"] = read + n
        at += n
    stats = s["stats"]
    stats["blocks"] += 1
    spent = cycle_count() - began
    stats["cycles_spent"] += spent
    stats["cycles_peak"] = max(spent, stats["cycles_peak"])
    _snapshot(s)
    restore_mode(mode)


SIGNATURE = types.intc(types.voidptr, types.intp, types.ulong, types.CPointer(types.float64), types.ulong,
                       types.CPointer(from_dtype(STATE)))


def _callback(_input, output, n_frames, time_info, flags, userdata):
    """A PortAudio stream callback as it stands: userdata is the state, the output interleaved stereo float32."""
    s = carray(userdata, (1,))[0]
    if flags & _UNDERFLOW:
        s["stats"]["underflows"] += 1
    serve(s, output, output + 4, 2, np.int64(n_frames), carray(time_info, (3,))[1])
    return 0


@cache
def callback():
    """The compiled callback (a numba cfunc; `.address` for PortAudio, `.ctypes` for tests). Compiled once, kept on disk."""
    return cfunc(SIGNATURE, **OPTIONS)(_callback)
