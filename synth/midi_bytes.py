"""MIDI bytes -> events: pure, driven by a table. Whole messages by `event_of`, a stream as it comes from a wire by `Stream`.

MIDI 1.0 Detailed Specification 4.2: running status, real-time bytes within other messages, exclusive messages skipped.
"""

from collections.abc import Callable, Iterable, Sequence

from .events import RELEASE_VELOCITY, Event, Kind


def _bend(low: int, high: int) -> float:
    raw = low + 128 * high - 8192
    return raw / 8191 if raw > 0 else raw / 8192


_TABLE: dict[int, tuple[Kind | None, int, bool, Callable[..., float]]] = {
    # status -> (kind, or None where it is not answered; data bytes; whether the first is a number; how the rest reads)
    0x80: (Kind.NOTE_OFF, 2, True, lambda v: v / 127),
    0x90: (Kind.NOTE_ON, 2, True, lambda v: v / 127),
    0xA0: (Kind.KEY_PRESSURE, 2, True, float),
    0xB0: (Kind.CONTROL, 2, True, float),
    0xC0: (Kind.PROGRAM, 1, True, lambda: 0.0),
    0xD0: (Kind.PRESSURE, 1, False, float),
    0xE0: (Kind.BEND, 2, False, _bend),
    0xF1: (None, 1, False, float),  # time code
    0xF2: (Kind.POSITION, 2, False, lambda low, high: (low + 128 * high) / 4),  # sixteenths
    0xF3: (None, 1, False, float),  # song select
    0xF6: (None, 0, False, lambda: 0.0),  # tune request
    0xF8: (Kind.TICK, 0, False, lambda: 0.0),
    0xFA: (Kind.START, 0, False, lambda: 0.0),
    0xFB: (Kind.CONTINUE, 0, False, lambda: 0.0),
    0xFC: (Kind.STOP, 0, False, lambda: 0.0),
}
_STATUS = {row[0]: status for status, row in _TABLE.items() if row[0] is not None and status < 0xF0}
_REAL_TIME, _EXCLUSIVE, _SYSTEM = 0xF8, 0xF0, 0xF0


def _row(status: int):
    return _TABLE.get(status if status >= _SYSTEM else status & 0xF0)


def event_of(message: Sequence[int]) -> Event | None:
    """Event of one whole MIDI message's bytes; None for what is not answered, or is cut short."""
    row = _row(message[0]) if message and 0x80 <= message[0] <= 0xFF else None
    if row is None or row[0] is None:
        return None
    kind, length, numbered, read = row
    data = message[1:1 + length]
    if len(data) < length or any(not 0 <= b <= 127 for b in data):
        return None
    channel = message[0] & 0x0F if message[0] < _SYSTEM else 0
    if kind == Kind.NOTE_ON and data[1] == 0:
        return Event(Kind.NOTE_OFF, data[0], RELEASE_VELOCITY, channel)
    return Event(kind, data[0], read(*data[1:]), channel) if numbered else Event(kind, 0, read(*data), channel)


def message_of(event: Event) -> bytes | None:
    """The MIDI message nearest to an event, as a file can hold it; None for what is no channel message. `event_of` reads it back."""
    status = _STATUS.get(event.kind)
    if status is None:
        return None
    if event.kind == Kind.BEND:
        raw = round(8192 + event.value * (8191 if event.value > 0 else 8192))
        raw = min(max(raw, 0), 16383)
        return bytes((status | event.channel, raw & 127, raw >> 7))
    scale = 127 if event.kind in (Kind.NOTE_ON, Kind.NOTE_OFF) else 1
    value = min(max(round(event.value * scale), 1 if event.kind == Kind.NOTE_ON and event.value > 0 else 0), 127)
    row = _TABLE[status]
    data = ((event.number,) if row[2] else ()) + ((value,) if row[1] == 1 + row[2] else ())
    return bytes((status | event.channel, *data))


class Stream:
    """Bytes as they come, in pieces of any size. `feed` answers the messages that became whole, in order.

    A status byte ends what was not finished before it; data bytes without a status are passed over.
    """

    def __init__(self) -> None:
        self._status, self._data = 0, bytearray()  # status 0: none, what comes is passed over

    def feed(self, piece: Iterable[int]) -> list[tuple[bytes, Event]]:
        """[(the message's bytes, its event)] of every whole message that is answered."""
        found: list[tuple[bytes, Event]] = []
        for byte in piece:
            message = self._take(byte & 0xFF)
            event = event_of(message) if message else None
            if event is not None:
                found.append((message, event))
        return found

    def _take(self, byte: int) -> bytes:
        """The message that this byte makes whole, or b''."""
        if byte >= _REAL_TIME:  # may come anywhere, and changes nothing
            return bytes((byte,))
        if byte >= 0x80:
            row = _row(byte)
            self._status = byte if row else 0  # exclusive, its end, or undefined: nothing runs on
            self._data.clear()
            return b""
        if not self._status:
            return b""
        self._data.append(byte)
        row = _row(self._status)
        if row is None or len(self._data) < row[1]:
            return b""
        message = bytes((self._status, *self._data))
        self._data.clear()
        if self._status >= _SYSTEM:  # only channel messages run on
            self._status = 0
        return message
