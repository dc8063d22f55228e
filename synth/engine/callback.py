"""The way in for hosts: a block served from quanta, and a PortAudio callback compiled from it.

What a host's block does not use of the last quantum waits in a small FIFO, so the samples do not depend on its size.
The quantum is compiled by itself and called by its address, so that each kind of host (PortAudio here, JACK in
`jack_process.py`) adds a second to the first start and not half a minute.
Real-time: no allocation, no locks, no I/O, no Python.
"""

from functools import cache

import numpy as np
from numba import carray, cfunc, from_dtype, types

from .compile.atomics import (
    call_count,
    cycle_count,
    floats_at,
    flush_denormals,
    load_acquire,
    record_address,
    restore_mode,
    store_release,
)
from .compile.jit import OPTIONS, kernel, mark_compiled
from .dsp import envelope as env
from .render import render_quantum
from .state import COUNTER, QUANTUM, SLOTS, STATE
from .voice import allocation

_SNAPSHOT, _CLOCK = COUNTER["snapshot"], COUNTER["clock"]
_UNDERFLOW = 4  # paOutputUnderflow


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
        if v["state"] == allocation.SOUNDING:
            n += 1
            if v["amp"]["stage"] < env.RELEASE:
                stats["held"][v["note"]] = 1
    stats["voices"] = n
    stats["limiter"] = s["limiter_gain"]
    stats["tempo_bpm"], stats["beat"], stats["following"] = s["tempo_bpm"], s["beat"], s["following"]
    stats["params"] = s["patch"]["params"]
    sent = s["streams"][0]["sent"]
    for i in range(s["patch"]["latent_size"]):
        stats["latent"][i] = sent["latent"][i]
    for i in range(4):
        stats["weights"][i] = sent["weights"][i]
    for i in range(2):
        stats["follow"][i], stats["morph_path"][i] = sent["follow"][i], sent["morph_path"][i]
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
            call_count(s["quantum"], record_address(s))
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


QUANTUM_SIGNATURE = types.uint32(types.CPointer(from_dtype(STATE)))


def _quantum(state):
    render_quantum(carray(state, (1,))[0])
    return 0


@cache
def quantum():
    """The compiled `render_quantum` (a numba cfunc of a state's address). Compiled once, kept on disk."""
    return cfunc(QUANTUM_SIGNATURE, **OPTIONS)(_quantum)


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
    compiled = cfunc(SIGNATURE, **OPTIONS)(_callback)
    mark_compiled()
    return compiled
