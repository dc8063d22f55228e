"""A JACK process callback in native code: MIDI read and written with its own sample offsets, sound written, no Python in between.

A thin port over `process` (see abi.py): messages decoded, transport asked for, buffers handed on. Program changes and what else the
engine does not answer go on to Python through the log ring.
"""

from functools import cache

import numpy as np
from numba import carray, cfunc, from_dtype, types

from ..events import EVENT_DTYPE, PRODUCERS, RELEASE_VELOCITY, Kind
from .abi import AUDIO, BEATS, NONE, ROLLS, TRANSPORT
from .compile.atomics import (
    bytes_at,
    call_buffer,
    call_count,
    call_get,
    call_process,
    call_query,
    call_time,
    call_write,
    pointer_intrinsic,
    record_address,
)
from .compile.jit import OPTIONS, kernel
from .constants import EVENT_RING, QUANTUM
from .notes.midi_out import MIDI_OUT, collect_messages
from .state import state_at

_ROW = PRODUCERS.index("jack")
_KINDS = np.array([int(k) for k in (Kind.NOTE_OFF, Kind.NOTE_ON, Kind.KEY_PRESSURE, Kind.CONTROL, Kind.PROGRAM, Kind.PRESSURE,
                                    Kind.BEND)], np.int32)
_SYSTEM = np.zeros(16, np.int32)  # the kind of each system message that is answered
_SYSTEM[[2, 8, 10, 11, 12]] = [int(k) for k in (Kind.POSITION, Kind.TICK, Kind.START, Kind.CONTINUE, Kind.STOP)]
_POSITION = int(Kind.POSITION)
_ROLLING, _LOOPING, _BBT = 1, 2, 0x10  # of jack/types.h
_NOTE_OFF, _NOTE_ON, _PRESSURE, _BEND, _PROGRAM = (int(k) for k in (Kind.NOTE_OFF, Kind.NOTE_ON, Kind.PRESSURE, Kind.BEND, Kind.PROGRAM))

MIDI_EVENT = np.dtype([("time", "u4"), ("pad", "u4"), ("size", "u8"), ("buffer", "i8")], align=True)  # jack_midi_event_t
POSITION = np.dtype([  # jack_position_t, packed
    ("unique_1", "u8"), ("usecs", "u8"),
    ("frame_rate", "u4"), ("frame", "u4"), ("valid", "u4"), ("bar", "i4"), ("beat", "i4"), ("tick", "i4"),
    ("bar_start_tick", "f8"), ("beats_per_bar", "f4"), ("beat_type", "f4"), ("ticks_per_beat", "f8"), ("beats_per_minute", "f8"),
    ("rest", "u1", (96,)),
])
MOST_EVENTS = EVENT_RING + 1  # of a period; more are lost, as they would be in the ring
JACK = np.dtype([
    ("event", MIDI_EVENT), ("out_1", "i8"), ("out_2", "i8"), ("in_1", "i8"), ("in_2", "i8"), ("midi_in", "i8"),
    ("latency", "i8"), ("messages", "i8"), ("last", "u1", (4,)),
    ("device", "i8"),  # number of the one input that is connected, 0: not known
    ("get_buffer", "i8"), ("event_count", "i8"), ("event_get", "i8"), ("get_time", "i8"), ("query", "i8"), ("client", "i8"),
    ("midi_out", "i8"), ("clear", "i8"), ("event_write", "i8"), ("out", MIDI_OUT),  # out["messages"] as the last period wrote them
    ("state_address", "i8"), ("position", POSITION), ("audio_in", AUDIO), ("audio_out", AUDIO), ("transport", TRANSPORT),
    ("events", EVENT_DTYPE, (MOST_EVENTS,)),
], align=True)


_jack_at = pointer_intrinsic(lambda: from_dtype(JACK), "a JACK record")


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
    """MIDI bytes into an event row (kind, channel, number, value); kind 0 for what is not answered. As midi_bytes.event_of."""
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
def _is_echo(out, at, time, message, size):
    """(whether a message is one that we wrote a period ago at this offset, where in the list to look on).

    It comes back so where our output is connected to our input, itself or through others: it would play for ever.
    """
    while at < out["done"] and out["messages"][at]["offset"] < time:
        at += 1
    i = at
    while i < out["done"] and out["messages"][i]["offset"] == time:
        m = out["messages"][i]
        same = m["size"] == size
        for b in range(min(size, 3)):
            same = same and m["bytes"][b] == message[b]
        if same:
            m["size"] = 0  # answers for one
            return True, at
        i += 1
    return False, at


@kernel
def _read_midi(j, n_frames):
    """This period's messages into the port's own rows, each with its own frame and the fixed delay. Answers how many."""
    rows, n, at = j["events"], 0, 0
    buffer = call_buffer(j["get_buffer"], j["midi_in"], n_frames)
    for i in range(call_count(j["event_count"], buffer)):
        event = j["event"]
        if call_get(j["event_get"], record_address(event), buffer, np.uint32(i)) != 0:
            continue
        row = rows[n]
        row["frame"], row["order"], row["kind"] = np.int64(event["time"]) + j["latency"], _ROW, 0
        if n == MOST_EVENTS - 1:  # kind 0: the rest is lost
            return MOST_EVENTS
        message = carray(bytes_at(event["buffer"]), (4,))
        size = np.int64(event["size"])
        decode(message, size, row)
        echo, at = _is_echo(j["out"], at, event["time"], message, size)
        if row["kind"] == 0 or echo:
            j["out"]["echoes"] += 1 if echo else 0
            continue
        row["channel"] |= j["device"] << 4
        if message[0] < 0xF0:
            for b in range(min(size, 3)):
                j["last"][b] = message[b]
            j["last"][3] = min(size, 3)
            j["messages"] += 1
        n += 1
    return n


@kernel
def _read_transport(j):
    """The server's transport: whether it rolls, where, and its tempo where somebody tells bars and beats."""
    transport, position = j["transport"], j["position"]
    transport["now_s"] = np.float64(call_time(j["get_time"])) * 1e-6
    if j["query"] == 0:
        transport["valid"] = NONE
        return
    state = call_query(j["query"], j["client"], record_address(position))
    transport["running"] = 1 if state == _ROLLING or state == _LOOPING else 0
    transport["valid"], transport["seconds"] = ROLLS, position["frame"] / max(position["frame_rate"], 1)
    if position["valid"] & _BBT and position["beats_per_minute"] > 0.0 and position["beat_type"] > 0.0 and position["ticks_per_beat"] > 0.0:
        beats = (position["bar"] - 1) * position["beats_per_bar"] + position["beat"] - 1 + position["tick"] / position["ticks_per_beat"]
        quarters = 4.0 / position["beat_type"]
        transport["valid"], transport["beat"] = BEATS, beats * quarters
        transport["tempo_bpm"] = position["beats_per_minute"] * quarters


@kernel
def _write_midi(j, s, first, n_frames):
    """What took effect in this period, at its own frames. first: the period's first frame."""
    out = j["out"]
    buffer = call_buffer(j["get_buffer"], j["midi_out"], n_frames)
    call_count(j["clear"], buffer)
    collect_messages(out, s["rings"], s["control_map"]["controls"], s["knobs"]["patch"], first, first + n_frames)
    offset = 0
    for i in range(out["n"]):
        m = out["messages"][i]
        offset = min(max(m["frame"] - first, offset), np.int64(n_frames) - 1)
        m["offset"] = offset
        if call_write(j["event_write"], buffer, np.uint32(offset), record_address(m), np.uint64(m["size"])) != 0:
            return  # no room: the rest goes in the next period
        out["done"] = i + 1


SIGNATURE = types.intc(types.uint32, types.intp)


def _jack_process(n_frames, userdata):
    j = carray(_jack_at(userdata), (1,))[0]
    s = carray(state_at(j["state_address"]), (1,))[0]
    n_events = _read_midi(j, n_frames)
    _read_transport(j)
    audio_in, audio_out = j["audio_in"], j["audio_out"]
    audio_out["left"] = call_buffer(j["get_buffer"], j["out_1"], n_frames)
    audio_out["right"] = call_buffer(j["get_buffer"], j["out_2"], n_frames)
    if j["in_1"] != 0:
        audio_in["left"] = call_buffer(j["get_buffer"], j["in_1"], n_frames)
        audio_in["right"] = call_buffer(j["get_buffer"], j["in_2"], n_frames)
    audio_in["stride"] = audio_out["stride"] = 1
    first = s["transport"]["frame"] - (QUANTUM - s["fifo_read"])
    answer = call_process(s["process"], j["state_address"], record_address(audio_in), record_address(audio_out), n_frames,
                          record_address(j["events"][0]), np.uint32(n_events), record_address(j["transport"]))
    if j["midi_out"] != 0:
        _write_midi(j, s, first, n_frames)
    return answer


@cache
def jack_process():
    """The compiled JackProcessCallback (`.address`); its argument is a JACK record."""
    return cfunc(SIGNATURE, **OPTIONS)(_jack_process)
