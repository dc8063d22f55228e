"""A JACK process callback in native code: MIDI read with its own sample offsets, sound written, no Python in between.

Program changes and what else the engine does not answer go on to Python through the log ring.
"""

from functools import cache

import numpy as np
from numba import carray, cfunc, from_dtype, types

from ..events import PRODUCERS, RELEASE_VELOCITY, Kind
from .callback import serve
from .compile.atomics import (
    bytes_at,
    call_buffer,
    call_count,
    call_get,
    call_time,
    load_acquire,
    pointer_intrinsic,
    record_address,
    store_release,
)
from .compile.jit import OPTIONS, kernel
from .state import COUNTER, EVENT_RING, QUANTUM, STATE

_ROW = PRODUCERS.index("jack")
_HEAD, _TAIL = COUNTER["jack_head"], COUNTER["jack_tail"]
_KINDS = np.array([int(k) for k in (Kind.NOTE_OFF, Kind.NOTE_ON, Kind.KEY_PRESSURE, Kind.CONTROL, Kind.PROGRAM, Kind.PRESSURE,
                                    Kind.BEND)], np.int32)
_SYSTEM = np.zeros(16, np.int32)  # the kind of each system message that is answered
_SYSTEM[[2, 8, 10, 11, 12]] = [int(k) for k in (Kind.POSITION, Kind.TICK, Kind.START, Kind.CONTINUE, Kind.STOP)]
_POSITION, _CONTROL = int(Kind.POSITION), int(Kind.CONTROL)
_ENDS = ((64, 0.0), (66, 0.0), (123, 0.0))  # controllers that end every note
_NOTE_OFF, _NOTE_ON, _PRESSURE, _BEND, _PROGRAM = (int(k) for k in (Kind.NOTE_OFF, Kind.NOTE_ON, Kind.PRESSURE, Kind.BEND, Kind.PROGRAM))

MIDI_EVENT = np.dtype([("time", "u4"), ("pad", "u4"), ("size", "u8"), ("buffer", "i8")], align=True)  # jack_midi_event_t
JACK = np.dtype([
    ("event", MIDI_EVENT), ("out_1", "i8"), ("out_2", "i8"), ("midi_in", "i8"), ("latency", "i8"), ("messages", "i8"), ("last", "u1", (4,)),
    ("lost", "i8"),
    ("get_buffer", "i8"), ("event_count", "i8"), ("event_get", "i8"), ("get_time", "i8"), ("state_address", "i8"),
], align=True)


_state_at = pointer_intrinsic(from_dtype(STATE), "the engine's state")


@kernel
def _decode_system(message, size, row):
    """Clock, start, continue, stop, and the song position in sixteenths."""
    kind = _SYSTEM[message[0] - 0xF0]
    row["channel"] = row["number"] = 0
    row["value"] = 0.0
    if kind == _POSITION:
        if size < 3 or message[1] > 127 or message[2] > 127:
            return
        row["value"] = (message[1] + 128.0 * message[2]) / 4.0
    row["kind"] = kind


@kernel
def decode(message, size, row):
    """MIDI bytes into an event row (kind, channel, number, value); kind 0 for what is not answered. As ports.midi_bytes.event_of."""
    row["kind"] = 0
    if size >= 1 and message[0] >= 0xF0:
        _decode_system(message, size, row)
        return
    if size < 2 or message[0] < 0x80 or message[1] > 127:
        return
    kind = _KINDS[(message[0] >> 4) - 8]
    short = kind == _PROGRAM or kind == _PRESSURE
    if not short and (size < 3 or message[2] > 127):
        return
    row["channel"] = message[0] & 15
    row["number"] = 0 if kind == _BEND or kind == _PRESSURE else message[1]
    if kind == _BEND:
        raw = message[1] + 128.0 * message[2] - 8192.0
        row["value"] = raw / 8191.0 if raw > 0 else raw / 8192.0
    elif kind == _PROGRAM:
        row["value"] = 0.0
    else:
        raw = np.float64(message[1] if short else message[2])
        row["value"] = raw / 127.0 if kind == _NOTE_ON or kind == _NOTE_OFF else raw
        if kind == _NOTE_ON and raw == 0.0:
            kind, row["value"] = _NOTE_OFF, RELEASE_VELOCITY
    row["kind"] = kind


@kernel
def _end_all(ring, head, frame):
    """Messages were lost, note-offs maybe among them: end every note rather than let one stick. Answers the new head."""
    for channel in range(16):
        for number, value in _ENDS:
            row = ring[head % EVENT_RING]
            row["frame"], row["order"], row["kind"], row["channel"] = frame, _ROW, _CONTROL, channel
            row["number"], row["value"] = number, value
            head += 1
    return head


@kernel
def _read_midi(j, s, n_frames):
    """Put this period's messages into the ring, each at its own frame and the fixed delay."""
    counters, ring = s["counters"], s["rings"][_ROW]
    buffer = call_buffer(j["get_buffer"], j["midi_in"], n_frames)
    head = load_acquire(counters, _HEAD)
    tail = load_acquire(counters, _TAIL)
    first = s["frame"] - (QUANTUM - s["fifo_read"]) + j["latency"]
    if j["lost"] and head - tail < EVENT_RING // 2:
        j["lost"] = 0
        head = _end_all(ring, head, first)
    for i in range(call_count(j["event_count"], buffer)):
        event = j["event"]
        if call_get(j["event_get"], record_address(event), buffer, np.uint32(i)) != 0:
            continue
        if head - tail >= EVENT_RING:
            j["lost"] = 1
            break
        message = carray(bytes_at(event["buffer"]), (4,))
        row = ring[head % EVENT_RING]
        size = np.int64(event["size"])
        decode(message, size, row)
        if row["kind"] == 0:
            continue
        if message[0] < 0xF0:
            for b in range(min(size, 3)):
                j["last"][b] = message[b]
            j["last"][3] = min(size, 3)
            j["messages"] += 1
        row["frame"], row["order"] = first + np.int64(event["time"]), _ROW
        head += 1
    store_release(counters, _HEAD, head)


SIGNATURE = types.intc(types.uint32, types.CPointer(from_dtype(JACK)))


def _process(n_frames, userdata):
    j = carray(userdata, (1,))[0]
    s = carray(_state_at(j["state_address"]), (1,))[0]
    _read_midi(j, s, n_frames)
    left = call_buffer(j["get_buffer"], j["out_1"], n_frames)
    right = call_buffer(j["get_buffer"], j["out_2"], n_frames)
    serve(s, left, right, 1, np.int64(n_frames), np.float64(call_time(j["get_time"])) * 1e-6)
    return 0


@cache
def process():
    """The compiled JackProcessCallback (`.address`); its argument is a JACK record."""
    return cfunc(SIGNATURE, **OPTIONS)(_process)
