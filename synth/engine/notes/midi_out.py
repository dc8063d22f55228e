"""MIDI out: what took effect, read from the journal, as the MIDI messages that others play it by, each at its frame.

The journal's rows are read beside its own reader, by whoever sends: JACK's process callback, which sees each block's rows in that block,
or a thread for RtMidi. A sender that was too slow, or a journal that lost rows, ends every note that it has sent, so that none sticks.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np

from ...events import Kind
from ...params.controls import PANIC
from ...params.knobs import FIRST_LATENT
from ..compile.atomics import load_acquire
from ..compile.jit import kernel
from ..constants import COUNTER, LOG_RING
from ..modulation.control_table import CC, EXP, LATENT, LINEAR, LOG, NOTE, PICKUP
from . import control_rows

_HEAD = COUNTER["log_head"]
_NOTE_ON, _NOTE_OFF, _CONTROL, _BEND, _PROGRAM, _PRESSURE, _KEY_PRESSURE = (
    int(k) for k in (Kind.NOTE_ON, Kind.NOTE_OFF, Kind.CONTROL, Kind.BEND, Kind.PROGRAM, Kind.PRESSURE, Kind.KEY_PRESSURE))
_PARAM, _ACTION = int(Kind.PARAM), int(Kind.ACTION)
_PEDAL, _SOUND_OFF, _NOTES_OFF = 64, 120, 123
_MOST_PRESSES = 4  # of a key without a release that are counted
_SPARE = 512  # rows of the journal that may be written while some are read

MOST_MESSAGES = 4096  # at a time: all notes of all channels ended, and some more
MESSAGE = np.dtype([  # its bytes first: a message's address is theirs
    ("bytes", "u1", (4,)), ("size", "i4"), ("frame", "i8"), ("offset", "i4"), ("device", "i4")], align=True)
MIDI_OUT = np.dtype([
    ("on", "i8"), ("begun", "i8"),  # asked for; whether it was on at the last call
    ("seen", "i8"), ("dropped", "i8"),  # rows of the journal read so far; rows that it had lost by then
    ("n", "i8"), ("done", "i8"),  # messages that wait to be sent, and how many of them were since the last call
    ("sent", "i8"), ("n_held", "i8"),  # messages so far; keys that are down
    ("echoes", "i8"),  # own messages that came back
    ("held", "u1", (16, 128)), ("cc", "i2", (16, 128)),  # keys that were sent down; 1 + the last value of each controller
    ("messages", MESSAGE, (MOST_MESSAGES,)),
], align=True)


@kernel
def _add(out, frame, device, status, first, second):
    """A message more; second: -1 where there is none. Without room all is let go at the next call."""
    if out["n"] >= MOST_MESSAGES:
        out["dropped"] = -1
        return
    m = out["messages"][out["n"]]
    m["frame"], m["device"], m["size"] = frame, device, 2 if second < 0 else 3
    m["bytes"][0], m["bytes"][1], m["bytes"][2] = status, first, max(second, 0)
    out["n"] += 1
    out["sent"] += 1


@kernel
def _end_keys(out, channel, frame):
    """Every key that was sent down on a channel is let go, as often as it was pressed."""
    for note in range(128):
        while out["held"][channel, note] > 0 and out["n"] < MOST_MESSAGES:
            _add(out, frame, 0, 0x80 | channel, note, 64)
            out["held"][channel, note] -= 1
            if out["held"][channel, note] == 0:
                out["n_held"] -= 1


@kernel
def end_all(out, frame):
    """Every key that was sent down is let go, and what pedals hold; nothing is sent where nothing was. Answers whether there was room."""
    for channel in range(16):
        if out["n_held"] > 0:
            _end_keys(out, channel, frame)
        if out["cc"][channel, _PEDAL] > 1 and out["n"] < MOST_MESSAGES:
            _add(out, frame, 0, 0xB0 | channel, _PEDAL, 0)
            out["cc"][channel, _PEDAL] = 1
    return out["n_held"] == 0


@kernel
def _control(out, frame, device, channel, number, value):
    out["cc"][channel, number] = value + 1
    _add(out, frame, device, 0xB0 | channel, number, value)


@kernel
def _add_key(out, controls, kind, frame, channel, device, number, value):
    """A key: not one that is a control, which plays no note."""
    velocity = min(max(int(value * 127.0 + 0.5), 0), 127)
    down = out["held"][channel, number]
    if kind == _NOTE_ON and value > 0.0:
        if control_rows.find_row(controls, NOTE, number, channel, device) >= 0:
            return
        out["n_held"] += 1 if down == 0 else 0
        out["held"][channel, number] = min(down + 1, _MOST_PRESSES)
        _add(out, frame, device, 0x90 | channel, number, max(velocity, 1))
    elif down > 0 or control_rows.find_row(controls, NOTE, number, channel, device) < 0:
        if down > 0:
            out["held"][channel, number] = down - 1
            out["n_held"] -= 1 if down == 1 else 0
        _add(out, frame, device, 0x80 | channel, number, velocity)


@kernel
def _unbent(curve, u):
    """The way back of `control_rows._bent`."""
    if curve == LINEAR:
        return u
    if curve == EXP:
        return math.sqrt(u)
    if curve == LOG:
        return 1.0 - math.sqrt(1.0 - u)
    return 0.5 - math.sin(math.asin(1.0 - 2.0 * u) / 3.0)


@kernel
def _add_controller(out, frame, r, u):
    """A controller of the map where it stands at u, 0..1; not again where it stands there already."""
    channel, number = max(r["channel"], 0), r["number"]
    if r["wide"]:
        value = int(8192.5 + 16382.0 * (u - 0.5)) if r["centred"] else int(16383.0 * u + 0.5)
        value = min(max(value, 0), 16383)
        if out["cc"][channel, number] != (value >> 7) + 1 or out["cc"][channel, number + 32] != (value & 127) + 1:
            _control(out, frame, 0, channel, number, value >> 7)
            _control(out, frame, 0, channel, number + 32, value & 127)
        return
    value = int(64.5 + 126.0 * (u - 0.5)) if r["centred"] else int(127.0 * u + 0.5)
    value = min(max(value, 0), 127)
    if out["cc"][channel, number] != value + 1:
        _control(out, frame, 0, channel, number, value)


@kernel
def _add_knob(out, controls, patch, frame, index, value):
    """A knob that a hand turned on the screen: the controller of the map that would turn it so, where there is one."""
    for i in range(controls["n"] - 1, -1, -1):
        r = controls["rows"][i]
        if r["target"] != index or r["what"] > LATENT or r["source"] != CC or r["mode"] > PICKUP or r["high"] == r["low"]:
            continue
        span = np.float64(0.0)
        if r["what"] == LATENT:
            span = np.float64(patch["high"][index - FIRST_LATENT] - patch["low"][index - FIRST_LATENT])
        u = (control_rows.position_of(r, value, span) - r["low"]) / (r["high"] - r["low"])
        _add_controller(out, frame, r, _unbent(r["curve"], min(max(u, 0.0), 1.0)))
        return


@kernel
def _add_channel(out, kind, frame, channel, device, number, value):
    """A channel message that is no key; controllers that end notes end each key by itself too, for who does not know them."""
    raw = min(max(int(value + 0.5), 0), 127)
    if kind == _BEND:
        bent = int(math.floor(8192.5 + value * (8191.0 if value > 0.0 else 8192.0)))
        bent = min(max(bent, 0), 16383)
        _add(out, frame, device, 0xE0 | channel, bent & 127, bent >> 7)
    elif kind == _PRESSURE:
        _add(out, frame, device, 0xD0 | channel, raw, -1)
    elif kind == _KEY_PRESSURE:
        _add(out, frame, device, 0xA0 | channel, number, raw)
    elif kind == _PROGRAM:
        if value == 0.0:  # 1: a row of the map took it
            _add(out, frame, device, 0xC0 | channel, number, -1)
    else:
        if number == _SOUND_OFF or number >= _NOTES_OFF:
            _end_keys(out, channel, frame)
        _control(out, frame, device, channel, number, raw)


@kernel
def _take_row(out, controls, patch, row):
    """What a row of the journal makes others play."""
    kind, frame, channel, device = row["kind"], row["frame"], row["channel"] & 15, row["channel"] >> 4
    if kind == _NOTE_ON or kind == _NOTE_OFF:
        _add_key(out, controls, kind, frame, channel, device, row["number"] & 127, row["value"])
    elif kind == _PARAM:
        _add_knob(out, controls, patch, frame, row["number"], row["value"])
    elif kind == _ACTION and row["number"] == PANIC:
        end_all(out, frame)
    elif (_BEND <= kind <= _KEY_PRESSURE) or kind == _PROGRAM:
        _add_channel(out, kind, frame, channel, device, row["number"] & 127, row["value"])


@kernel
def collect_messages(out, rings, controls, patch, first, end):
    """What takes effect before frame `end`, as out["messages"], out["n"] of them in order. first: the earliest frame that can still be met.

    What is later waits for the next call, and so does what the sender had no room for: it says in out["done"] how many it has sent.
    Where it is not on, or rows were lost, what was sent down is let go.
    """
    for i in range(out["done"], out["n"]):
        out["messages"][i - out["done"]] = out["messages"][i]
    out["n"] -= out["done"]
    out["done"] = 0
    head = load_acquire(rings["counters"], _HEAD)
    if not out["on"] and not out["begun"]:
        out["seen"] = head
        return
    lost = out["dropped"] != rings["dropped"] or head - out["seen"] > LOG_RING - _SPARE
    if not out["on"] or not out["begun"] or lost:
        out["seen"], out["dropped"] = head, rings["dropped"]
        if end_all(out, first):
            out["begun"] = out["on"]
        else:
            out["dropped"] = -1  # again at the next call
        return
    while out["seen"] < head and out["n"] < MOST_MESSAGES // 2:
        row = rings["log"][out["seen"] % LOG_RING]
        kind = row["kind"]
        if row["frame"] >= end and (kind <= _PARAM or kind == _PROGRAM):
            return  # rendered ahead of the period; a row that only tells waits for nobody
        _take_row(out, controls, patch, row)
        out["seen"] += 1
