"""A measuring JACK client in native code: sends MIDI at set frames and records what comes back, on one clock.

A Python process callback would cause xruns of its own; this one is compiled like the instrument's.
"""

import atexit
import ctypes

import numpy as np
from llvmlite import ir
from numba import carray, cfunc, from_dtype, types
from numba.extending import intrinsic

from synth.engine.compile.atomics import call_buffer, call_count, floats_at, record_address
from synth.ports.jack import _AUDIO, _IS_INPUT, _IS_OUTPUT, _MIDI, _library, _open

MOST_EVENTS, MOST_FRAMES = 4096, 1 << 23
PROBE = np.dtype([
    ("midi_out", "i8"), ("audio_in", "i8"), ("get_buffer", "i8"), ("clear", "i8"), ("write", "i8"),
    ("frame", "i8"), ("n_events", "i8"), ("next", "i8"), ("frames", "i8", (MOST_EVENTS,)), ("message", "u1", (4,)),
    ("messages", "u1", (MOST_EVENTS, 4)), ("sound", "f4", (MOST_FRAMES,)),
], align=True)


@intrinsic
def _write(typingctx, address, buffer, time, data, size):
    """int f(void *buffer, uint32 time, const uint8 *data, size_t size)."""
    pointer = ir.IntType(8).as_pointer()

    def codegen(context, builder, signature, args):
        kind = ir.FunctionType(ir.IntType(32), [pointer, ir.IntType(32), pointer, ir.IntType(64)])
        function = builder.inttoptr(args[0], kind.as_pointer())
        return builder.call(function, [builder.inttoptr(args[1], pointer), args[2], builder.inttoptr(args[3], pointer), args[4]])
    return types.int32(types.int64, types.int64, types.uint32, types.int64, types.int64), codegen


def _process(n_frames, userdata):
    p = carray(userdata, (1,))[0]
    midi = call_buffer(p["get_buffer"], p["midi_out"], n_frames)
    call_count(p["clear"], midi)
    end = p["frame"] + np.int64(n_frames)
    while p["next"] < p["n_events"] and p["frames"][p["next"]] < end:
        i = p["next"]
        for b in range(3):
            p["message"][b] = p["messages"][i, b]
        at = max(p["frames"][i] - p["frame"], 0)
        _write(p["write"], midi, np.uint32(at), record_address(p) + _MESSAGE, np.int64(3))
        p["next"] = i + 1
    heard = carray(floats_at(call_buffer(p["get_buffer"], p["audio_in"], n_frames)), (np.int64(n_frames),))
    for i in range(np.int64(n_frames)):
        if p["frame"] + i < MOST_FRAMES:
            p["sound"][p["frame"] + i] = heard[i]
    p["frame"] = end
    return 0


_MESSAGE = PROBE.fields["message"][1]


class Probe:
    """Client `probe`, connected to the instrument; `play(events)` then `sound()`. events: (frame from now, bytes)."""

    def __init__(self):
        self.lib, self.client = _library(), _open("probe")
        self.record = np.zeros(1, PROBE)
        r = self.record[0]
        r["midi_out"] = self.lib.jack_port_register(self.client, b"midi_out", _MIDI, _IS_OUTPUT, 0)
        r["audio_in"] = self.lib.jack_port_register(self.client, b"audio_in", _AUDIO, _IS_INPUT, 0)
        for field, name in (("get_buffer", "jack_port_get_buffer"), ("clear", "jack_midi_clear_buffer"),
                            ("write", "jack_midi_event_write")):
            r[field] = ctypes.cast(getattr(self.lib, name), ctypes.c_void_p).value
        self.callback = cfunc(types.intc(types.uint32, types.CPointer(from_dtype(PROBE))), error_model="numpy")(_process)
        self.lib.jack_set_process_callback(self.client, self.callback.address, self.record.ctypes.data)
        self.lib.jack_activate(self.client)
        atexit.register(self.close)

    def connect(self) -> None:
        self.lib.jack_connect(self.client, b"probe:midi_out", b"latentwave:midi_in")
        self.lib.jack_connect(self.client, b"latentwave:out_1", b"probe:audio_in")

    @property
    def frame(self) -> int:
        return int(self.record["frame"][0])

    def play(self, events) -> list[int]:
        """Send messages at frames from now; answers their frames."""
        r, first, n = self.record[0], self.frame + 4800, int(self.record["n_events"][0])
        for i, (frame, message) in enumerate(events):
            r["frames"][n + i] = first + frame
            r["messages"][n + i][:3] = message
        r["n_events"] = n + len(events)
        return [first + f for f, _ in events]

    def close(self) -> None:
        if self.client:
            self.lib.jack_client_close(self.client)
            self.client = None
