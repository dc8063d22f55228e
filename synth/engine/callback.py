"""The way in for hosts: one ABI, `process` (see abi.py), and a PortAudio callback that is a thin port over it.

What a host's block does not use of the last quantum waits in a small FIFO, so the samples do not depend on its size.
The quantum and `process` are compiled by themselves and called by their addresses, so that each kind of host (PortAudio here,
JACK in `jack_process.py`) adds a second to the first start and not half a minute.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import math
from functools import cache

import numpy as np
from numba import carray, cfunc, from_dtype, types

from ..events import EVENT_DTYPE
from .abi import AUDIO, NONE, TRANSPORT
from .compile.atomics import (
    call_count,
    call_process,
    cycle_count,
    floats_at,
    flush_denormals,
    load_acquire,
    pointer_intrinsic,
    record_address,
    restore_mode,
    store_release,
)
from .compile.jit import OPTIONS, kernel, mark_compiled
from .constants import COUNTER, INPUT, N_SOURCES, QUANTUM, SLOTS, SNAPSHOTS
from .dsp import envelope as env
from .host_events import end_lost, follow_transport, take_event
from .modulation import sources
from .render import render_quantum
from .state import state_at
from .voice import allocation

_SNAPSHOT, _CLOCK, _INPUT = COUNTER["snapshot"], COUNTER["clock"], COUNTER["input"]
_METER_FALL_S, _CLOCK_S = 0.0253, 0.0253  # time constants of the peak meters, and of the clock that blocks are told by
_UNDERFLOW = 4  # paOutputUnderflow


@kernel
def _tell_sources(s, stats):
    """What moves the newest voice: read once more, where it stands, which moves nothing on."""
    knobs, newest = s["knobs"], s["polyphony"]["newest"]
    sounds = newest >= 0 and s["polyphony"]["voices"][newest]["state"] == allocation.SOUNDING
    if sounds and knobs["matrix"]["n"] > 0:
        sources.read_sources(knobs, s["midi"], s["transport"], s["polyphony"]["voices"][newest], 0)
    for i in range(N_SOURCES):
        used = sounds and (knobs["matrix"]["sources"] >> i) & 1 != 0
        stats["sources"][i] = knobs["source"][i] if used else np.float32(0.0)


@kernel
def _publish_snapshot(s, n_frames):
    """Publish what readers may see; the counter says which copy is whole. The meters fall by the time that a block lasts."""
    stats, rings, spectra, transport = s["stats"], s["rings"], s["spectra"], s["transport"]
    count = load_acquire(rings["counters"], _SNAPSHOT)
    stats["frame"] = stats["frame_again"] = transport["frame"] - (QUANTUM - s["fifo_read"])
    stats["late_events"], stats["dropped"], stats["late_starts"] = rings["late_events"], rings["dropped"], spectra["late_starts"]
    stats["decode_tick"], stats["decodes"], stats["late_decodes"] = spectra["decode_tick"], spectra["decodes"], spectra["late_decodes"]
    n = 0
    for note in range(128):
        stats["held"][note] = 0
    for slot in range(SLOTS):
        v = s["polyphony"]["voices"][slot]
        if v["state"] == allocation.SOUNDING:
            n += 1
            if v["amp"]["stage"] < env.RELEASE:
                stats["held"][v["note"]] = 1
    stats["voices"] = n
    stats["limiter"] = s["output"]["limiter_gain"]
    stats["tempo_bpm"], stats["beat"], stats["following"] = transport["tempo_bpm"], transport["beat"], transport["following"]
    stats["params"] = s["knobs"]["patch"]["params"]
    sent = spectra["streams"][0]["sent"]
    for i in range(s["knobs"]["patch"]["latent_size"]):
        stats["latent"][i] = sent["latent"][i]
    for i in range(4):
        stats["weights"][i] = sent["weights"][i]
    for i in range(2):
        stats["follow"][i], stats["morph_path"][i] = sent["follow"][i], sent["morph_path"][i]
    _tell_sources(s, stats)
    s["snapshots"][(count + 1) % SNAPSHOTS] = stats
    store_release(rings["counters"], _SNAPSHOT, count + 1)
    fall = np.float32(math.exp(-n_frames / (transport["sr_hz"] * _METER_FALL_S)))
    stats["peak"][0] *= fall
    stats["peak"][1] *= fall


@kernel
def _tell_clock(s, now_s):
    """Publish which frame this block begins with and when; the time is smoothed, a jump of 50 ms starts afresh."""
    counters = s["rings"]["counters"]
    frame = s["transport"]["frame"] - (QUANTUM - s["fifo_read"])
    since_s = (frame - s["clock_frame"]) / s["transport"]["sr_hz"]
    predicted = s["clock_s"] + since_s
    error = now_s - predicted
    count = load_acquire(counters, _CLOCK)
    store_release(counters, _CLOCK, count + 1)
    s["clock_frame"] = frame
    s["clock_s"] = now_s if abs(error) > 0.05 or count == 0 else predicted + (1.0 - math.exp(-since_s / _CLOCK_S)) * error
    store_release(counters, _CLOCK, count + 2)


@kernel
def _keep_input(s, audio, n_frames):
    """The host's audio into the ring that readers see."""
    if audio["left"] == 0 or audio["right"] == 0:
        return
    stride = audio["stride"]
    left = carray(floats_at(audio["left"]), (stride * n_frames,))
    right = carray(floats_at(audio["right"]), (stride * n_frames - stride + 1,))
    at, ring = load_acquire(s["rings"]["counters"], _INPUT), s["input"]
    for i in range(n_frames):
        ring[0, (at + i) % INPUT], ring[1, (at + i) % INPUT] = left[stride * i], right[stride * i]
    store_release(s["rings"]["counters"], _INPUT, at + n_frames)


@kernel
def _render(s, audio, n_frames):
    """The block's sound, from quanta and what the last one left."""
    stride = audio["stride"]
    left = carray(floats_at(audio["left"]), (stride * n_frames,))
    right = carray(floats_at(audio["right"]), (stride * n_frames - stride + 1,))
    fifo, at = s["fifo"], 0
    while at < n_frames:
        if s["fifo_read"] >= QUANTUM:
            call_count(s["quantum"], record_address(s))
            for i in range(QUANTUM):
                fifo[0, i], fifo[1, i] = s["output"]["out"][0, i], s["output"]["out"][1, i]
            s["fifo_read"] = 0
        read = s["fifo_read"]
        n = min(QUANTUM - read, n_frames - at)
        for i in range(n):
            left[stride * (at + i)] = fifo[0, read + i]
            right[stride * (at + i)] = fifo[1, read + i]
        s["fifo_read"] = read + n
        at += n


QUANTUM_SIGNATURE = types.uint32(types.intp)
_audio_at = pointer_intrinsic(lambda: from_dtype(AUDIO), "an AUDIO record")
_events_at = pointer_intrinsic(lambda: from_dtype(EVENT_DTYPE), "EVENT records")
_transport_at = pointer_intrinsic(lambda: from_dtype(TRANSPORT), "a TRANSPORT record")


def _quantum(state):
    render_quantum(carray(state_at(state), (1,))[0])
    return 0


@cache
def quantum():
    """The compiled `render_quantum` (a numba cfunc of a state's address). Compiled once, kept on disk."""
    return cfunc(QUANTUM_SIGNATURE, **OPTIONS)(_quantum)


PROCESS_SIGNATURE = types.int32(types.intp, types.intp, types.intp, types.uint32, types.intp, types.uint32, types.intp)


def _process(state, audio_in, audio_out, n_frames, events, n_events, transport):
    """A block: time, events and transport taken, input kept, the sound made with denormals flushed, its cost and a snapshot published."""
    began = cycle_count()
    mode = flush_denormals()
    s, host, n = carray(state_at(state), (1,))[0], carray(_transport_at(transport), (1,))[0], np.int64(n_frames)
    _tell_clock(s, host["now_s"])
    first = s["transport"]["frame"] - (QUANTUM - s["fifo_read"])
    end_lost(s["rings"], first)
    rows = carray(_events_at(events), (n_events,))
    for i in range(n_events):
        take_event(s["rings"], rows[i], first)
    if host["valid"] != NONE or s["host"]["valid"] != NONE:
        follow_transport(s["rings"], s["transport"], s["host"], host, n, first)
        s["host"]["valid"] = host["valid"]
    _keep_input(s, carray(_audio_at(audio_in), (1,))[0], n)
    _render(s, carray(_audio_at(audio_out), (1,))[0], n)
    stats = s["stats"]
    stats["blocks"] += 1
    spent = cycle_count() - began
    stats["cycles_spent"] += spent
    stats["cycles_peak"] = max(spent, stats["cycles_peak"])
    _publish_snapshot(s, n)
    restore_mode(mode)
    return 0


@cache
def process():
    """The compiled `process` (a numba cfunc; `.address` for hosts). Compiled once, kept on disk."""
    return cfunc(PROCESS_SIGNATURE, **OPTIONS)(_process)


SIGNATURE = types.intc(types.intp, types.intp, types.ulong, types.CPointer(types.float64), types.ulong, types.intp)


def _callback(input, output, n_frames, time_info, flags, userdata):
    """A PortAudio stream callback as it stands: userdata is the state, input and output interleaved stereo float32."""
    s = carray(state_at(userdata), (1,))[0]
    if flags & _UNDERFLOW:
        s["stats"]["underflows"] += 1
    port = s["portaudio"]
    audio_in, audio_out, transport = port["audio_in"], port["audio_out"], port["transport"]
    audio_in["left"], audio_in["right"], audio_in["stride"] = input, input + 4 if input else 0, 2
    audio_out["left"], audio_out["right"], audio_out["stride"] = output, output + 4, 2
    transport["now_s"] = carray(time_info, (3,))[1]
    return call_process(s["process"], record_address(s), record_address(audio_in), record_address(audio_out), np.uint32(n_frames),
                        record_address(port["no_event"]), np.uint32(0), record_address(transport))


@cache
def callback():
    """The compiled callback (a numba cfunc; `.address` for PortAudio, `.ctypes` for tests). Compiled once, kept on disk."""
    compiled = cfunc(SIGNATURE, **OPTIONS)(_callback)
    mark_compiled()
    return compiled
