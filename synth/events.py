"""What can happen to the sound. Everything that wants a change posts an `Event`; the audio thread applies it at its frame."""

import enum
from dataclasses import dataclass

import numpy as np

from .errors import UserError
from .params.first_choices import named_choice
from .params.knobs import CORNERS, FARTHEST, MAX_LATENTS, MAX_LFO_POINTS, N_LFOS, PARAM_INDEX, PARAMS, param

PRODUCERS = ("patch", "file", "jack", "midi", "window", "terminal", "osc", "host", "clock", "sync")  # order of events at the same frame


class Kind(enum.IntEnum):
    """Kinds of events; the meaning of `number` and `value` beside each."""

    NOTE_ON = 1  # note 0..127, velocity 0..1
    NOTE_OFF = 2  # note, release velocity 0..1 (64 / 127 where none is known)
    BEND = 3  # -, -1..1
    CONTROL = 4  # controller 0..127, value 0..127
    PRESSURE = 5  # -, 0..127
    KEY_PRESSURE = 6  # note, 0..127
    PARAM = 7  # index in knobs.PARAMS, value in the knob's unit
    CORNER = 8  # corner * MAX_LATENTS + latent (from 0), value
    PATCH = 9  # slot of the patch buffer; posted by Engine.load only
    PROGRAM = 10  # program 0..127; answered outside the engine, but where a control map's row took it: value 1
    DECODE = 11  # only told: request that was late, 1 = taken at this frame, 0 = passed over
    TICK = 12  # MIDI clock, 24 a quarter note; -, -
    START = 13  # the song from its beginning, at the next tick
    CONTINUE = 14  # the song from where it stands, at the next tick
    STOP = 15
    POSITION = 16  # -, song position in quarter notes
    TEMPO = 17  # -, beats a minute from here on (a song's tempo map)
    LATE_NOTE = 18  # only told: a note that came too late to be looked ahead at in time; note, frames from here to its start
    MOVED = 19  # only told: a knob that a controller turned; index in knobs.PARAMS, value in its unit
    CONTROLS = 20  # slot of the buffer of control maps; posted by Engine.load_controls only
    ACTION = 21  # only told: a control asked for it; index in params.controls.ACTIONS, the control's position 0..1
    LFO_POINT = 22  # of a free shape: (LFO * MAX_LFO_POINTS + point) * 3 + part (see LFO_PARTS), all from 0; value
    LFO_POINTS = 23  # LFO from 0, how many points its free shape has
    PLUGIN_AT = 24  # only told: a control of a plug-in's parameter; its row in the compiled control map, where it stands 0..1
    PLUGIN_STEPS = 25  # the same of an encoder; row, signed steps
    KEY_PITCH = 26  # note, its pitch in semitones (SILENT_KEY: none) in a tuning that stands over every sound's own, sounding notes too
    OWN_TUNING = 27  # every sound has its own tuning again


LFO_PARTS = ("place", "level", "bend")  # of a point: 0..1 in the cycle, -1..1, of the segment to the next point
RELEASE_VELOCITY = 64 / 127  # of a key that does not tell its own
EVENT_DTYPE = np.dtype(
    [("frame", "i8"), ("kind", "i4"), ("channel", "i4"), ("number", "i4"), ("order", "i4"), ("value", "f8")], align=True)


@dataclass(frozen=True, slots=True)
class Event:
    """One change. `channel` is 0..15; `number` and `value` as `Kind` says. device: number of the MIDI input it came from, 0: not known."""

    kind: Kind
    number: int = 0
    value: float = 0.0
    channel: int = 0
    device: int = 0


def note_on(note: int, velocity: float = 100 / 127, channel: int = 0) -> Event:
    """A key pressed; velocity 0..1."""
    return Event(Kind.NOTE_ON, note, velocity, channel)


def note_off(note: int, channel: int = 0, velocity: float = RELEASE_VELOCITY) -> Event:
    """A key let go; how fast, 0..1."""
    return Event(Kind.NOTE_OFF, note, velocity, channel)


def control(controller: int, value: float, channel: int = 0) -> Event:
    """A MIDI controller, value 0..127."""
    return Event(Kind.CONTROL, controller, value, channel)


def bend(value: float, channel: int = 0) -> Event:
    """Pitch bend, -1..1 of the bend range."""
    return Event(Kind.BEND, 0, value, channel)


def pressure(value: float, channel: int = 0) -> Event:
    """Channel pressure, 0..127."""
    return Event(Kind.PRESSURE, 0, value, channel)


def tempo(bpm: float) -> Event:
    """A song's tempo from here on."""
    return Event(Kind.TEMPO, 0, bpm)


def mpe_zone(members: int = 15, channel: int = 0) -> tuple[Event, Event, Event]:
    """The MPE Configuration Message: a zone of so many member channels under channel 0 (upwards) or 15 (downwards); 0: none."""
    return control(101, 0, channel), control(100, 6, channel), control(6, members, channel)


def ends_of_notes() -> tuple[Event, ...]:
    """What ends the notes of an input that has gone, on each channel: the pedal up, then every key."""
    return tuple(control(number, 0, channel) for channel in range(16) for number in (64, 123))


def set_param(name: str, value: float) -> Event:
    """A knob set to a value in its unit."""
    return Event(Kind.PARAM, PARAM_INDEX[param(name).name], float(value))


def set_corner(corner: str, latent: int, value: float) -> Event:
    """Latent `latent` (from 0) of a corner of the patch set to a value."""
    return Event(Kind.CORNER, CORNERS.index(corner) * MAX_LATENTS + latent, float(value))


def set_lfo_point(lfo: int, point: int, part: int, value: float) -> Event:
    """A number of a point of LFO `lfo` (from 0), in its free shape."""
    return Event(Kind.LFO_POINT, (lfo * MAX_LFO_POINTS + point) * len(LFO_PARTS) + part, float(value))


def lfo_point_of(number: int) -> tuple[int, int, int]:
    """(LFO, point, part), all from 0, of what LFO_POINT counts."""
    at, part = divmod(number, len(LFO_PARTS))
    return *divmod(at, MAX_LFO_POINTS), part


LAST_FRAME = 4 * 3600 * 192_000  # four hours at the highest rate, as for songs
_NAMES = tuple(PARAMS)
_FIELDS = {  # kind -> JSON names of number and value
    Kind.NOTE_ON: ("note", "velocity"), Kind.NOTE_OFF: ("note", "velocity"), Kind.BEND: (None, "value"),
    Kind.CONTROL: ("controller", "value"), Kind.PRESSURE: (None, "value"), Kind.KEY_PRESSURE: ("note", "value"),
    Kind.TICK: (None, None), Kind.START: (None, None), Kind.CONTINUE: (None, None), Kind.STOP: (None, None),
    Kind.POSITION: (None, "beats"), Kind.TEMPO: (None, "bpm"), Kind.LATE_NOTE: ("note", "in_frames"),
    Kind.PROGRAM: ("program", None), Kind.KEY_PITCH: ("note", "pitch"), Kind.OWN_TUNING: (None, None),
}
CLOCK_KINDS = (Kind.TICK, Kind.START, Kind.CONTINUE, Kind.STOP, Kind.POSITION, Kind.TEMPO)  # of no channel
SILENT_KEY = -2000.0  # pitch of a key that is to be silent
_DEFAULTS = {Kind.NOTE_ON: 100 / 127, Kind.NOTE_OFF: RELEASE_VELOCITY}
_RENAMED = {"seen": "late_note"}  # types as older logs call them
_HIGHEST = {"note": 127, "controller": 127, "program": 127}
MAX_DEVICES = 255


def to_json(event: Event, frame: int) -> dict:
    """An event and the frame at which it takes effect as one JSON object (PATCH is written by the log itself)."""
    row: dict = {"frame": int(frame), "type": event.kind.name.lower()}
    if event.kind in (Kind.PARAM, Kind.MOVED):
        declared = PARAMS[_NAMES[event.number]]  # a choice by its name: its index moves when one is inserted before it
        return row | {"name": declared.name, "value": declared.show(event.value) if declared.choices else event.value}
    if event.kind == Kind.CORNER:
        return row | {"corner": CORNERS[event.number // MAX_LATENTS], "latent": event.number % MAX_LATENTS + 1, "value": event.value}
    if event.kind == Kind.LFO_POINT:
        lfo, point, part = lfo_point_of(event.number)
        return row | {"lfo": lfo + 1, "point": point + 1, "part": LFO_PARTS[part], "value": event.value}
    if event.kind == Kind.LFO_POINTS:
        return row | {"lfo": event.number + 1, "points": int(event.value)}
    if event.kind == Kind.DECODE:
        return row | {"request": event.number, "taken": bool(event.value)}
    number, value = _FIELDS[event.kind]
    if event.kind not in CLOCK_KINDS:
        row["channel"] = event.channel
    if event.device:
        row["device"] = event.device
    if number:
        row[number] = event.number
    if value:
        row[value] = event.value
    return row


def from_json(row: dict) -> tuple[int, Event]:
    """(frame, event) of what `to_json` wrote. Raises UserError saying what is wrong with the row."""
    try:
        kind_name = str(row["type"])
        frame, kind = frame_of(row), Kind[_RENAMED.get(kind_name, kind_name).upper()]
        if kind in (Kind.PARAM, Kind.MOVED):
            declared = param(str(row["name"]))
            return frame, Event(kind, PARAM_INDEX[declared.name], declared.parse(named_choice(declared.name, row["value"])))
        if kind == Kind.CORNER:
            latent = int(row["latent"]) - 1
            if not 0 <= latent < MAX_LATENTS:
                raise ValueError("no such latent")
            return frame, set_corner(str(row["corner"]), latent, min(max(_finite(row["value"]), -FARTHEST), FARTHEST))
        if kind in (Kind.LFO_POINT, Kind.LFO_POINTS):
            return frame, _lfo_event(kind, row)
        if kind == Kind.DECODE:
            return frame, Event(kind, int(row["request"]), float(bool(row["taken"])))
        number_name, value_name = _FIELDS[kind]
        number = int(row[number_name]) if number_name else 0
        if number_name and not 0 <= number <= _HIGHEST[number_name]:
            raise ValueError(f"{number_name} {number} outside 0 to 127")
        channel = int(row.get("channel") or 0)
        if not 0 <= channel <= 15:
            raise ValueError(f"channel {channel} outside 0 to 15")
        value = 0.0
        if value_name:
            value = _finite(_DEFAULTS.get(kind) if row.get(value_name) is None else row[value_name])
        device = int(row.get("device") or 0)
        if not 0 <= device <= MAX_DEVICES:
            raise ValueError(f"device {device} outside 0 to {MAX_DEVICES}")
        return frame, Event(kind, number, value, channel, device)
    except UserError:
        raise
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise UserError(f"not an event ({error}): {str(row)[:120]}") from None


def _lfo_event(kind: Kind, row: dict) -> Event:
    lfo = int(row["lfo"]) - 1
    if not 0 <= lfo < N_LFOS:
        raise ValueError("no such LFO")
    if kind == Kind.LFO_POINTS:
        return Event(kind, lfo, float(min(max(int(row["points"]), 2), MAX_LFO_POINTS)))
    point, part = int(row["point"]) - 1, LFO_PARTS.index(str(row["part"]))
    if not 0 <= point < MAX_LFO_POINTS:
        raise ValueError("no such point")
    return set_lfo_point(lfo, point, part, _finite(row["value"]))


def frame_of(row: dict) -> int:
    """The frame of an event's row. Raises ValueError and the like where it is none that can be played."""
    frame = int(row["frame"])
    if not 0 <= frame <= LAST_FRAME:
        raise ValueError(f"frame outside 0 to {LAST_FRAME}")
    return frame


def _finite(value) -> float:
    number = float(value)
    if not np.isfinite(number):
        raise ValueError("value not finite")
    return number
