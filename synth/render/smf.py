"""Standard MIDI Files (SMF 1.0) -> messages at ticks. Pure.

By hand although mido, pretty_midi and symusic exist: of 23 files that people's bug reports brought, the best of them (symusic
0.6) reads 14; this plays what a damaged file still holds and says what was wrong with it.
"""

from dataclasses import dataclass, field

from ..errors import UserError
from ..text import counted

TEMPO_US = 500_000  # microseconds a quarter note where the file says nothing
_EOT, _SET_TEMPO, _OWN = 0x2F, 0x51, 0x7F
OWN_MARK = b"\x7dlatentwave"  # begins a sequencer-specific event of ours: the number of no manufacturer, and our name
_DATA_BYTES = {0x80: 2, 0x90: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}
_SYSTEM_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1}  # not allowed in a file; skipped with their data
_NUMBERED = (0x80, 0x90, 0xA0, 0xB0, 0xC0)  # the first data byte names a note, a controller or a program
Row = tuple[int, bytes | int]


@dataclass(frozen=True, slots=True)
class Score:
    """What a file holds. rows: (tick, a channel message's bytes or a tempo in microseconds a quarter note) in order; bytes that begin
    with `OWN_MARK` are what a take of ours holds beyond MIDI (see `midi_capture`).

    seconds_per_tick: of a file timed in SMPTE frames, whose tempos mean nothing; else None, and ticks_per_beat holds.
    damage: what was wrong with the file, a few words each.
    """

    rows: tuple[Row, ...]
    ticks_per_beat: int
    seconds_per_tick: float | None = None
    damage: tuple[str, ...] = ()


@dataclass(slots=True)
class _Track:
    """A track as it was read. ended: its end-of-track event was found; at: where reading stopped."""

    rows: list[Row] = field(default_factory=list)
    ticks: int = 0
    at: int = 0
    ended: bool = False
    damage: list[str] = field(default_factory=list)


class _CutShort(Exception):
    """The bytes end within an event."""


def read_smf(raw: bytes) -> Score:
    """A file's bytes, in whatever wrapper they stand. Raises UserError where there is no header, no track or no way to tell time."""
    data, damage = _unwrapped(raw)
    if len(data) < 14:
        raise UserError("not a MIDI file: it ends within its header")
    kind, n_tracks, division = (int.from_bytes(data[at:at + 2], "big") for at in (8, 10, 12))
    tracks, found = _tracks(data)
    if not tracks:
        raise UserError("not a MIDI file, or it is damaged: it holds no track")
    damage += found
    if n_tracks != len(tracks):
        damage.append(f"its header counts {n_tracks} track{'' if n_tracks == 1 else 's'}, it holds {len(tracks)}")
    if kind == 2 and len(tracks) > 1:
        damage.append(f"its {len(tracks)} separate patterns (type 2) are played one after another")
        rows = _one_after_another(tracks)
    else:
        rows = sorted((row for track in tracks for row in track.rows), key=lambda row: row[0])
    return Score(tuple(rows), *_timing(division), tuple(dict.fromkeys(damage)))


def _timing(division: int) -> tuple[int, float | None]:
    """(ticks a quarter note, None) or (1, seconds a tick) of a header's division."""
    if division & 0x8000:
        frames, ticks = 256 - (division >> 8), division & 0xFF
        if ticks == 0:
            raise UserError("a MIDI file of 0 ticks a frame tells no time")
        return 1, (1.001 / 30 if frames == 29 else 1 / frames) / ticks
    if division == 0:
        raise UserError("a MIDI file of 0 ticks a quarter note tells no time")
    return division, None


def _unwrapped(raw: bytes) -> tuple[bytes, list[str]]:
    """The bytes from 'MThd' on: out of a RIFF (RMID), or after whatever stands before it, such as a MacBinary header."""
    if raw[:4] == b"RIFF" and raw[8:12] == b"RMID":
        at = 12
        while at + 8 <= len(raw):
            size = int.from_bytes(raw[at + 4:at + 8], "little")
            if raw[at:at + 4] == b"data" and raw[at + 8:at + 12] == b"MThd":
                return raw[at + 8:at + 8 + size] if size else raw[at + 8:], []
            at += 8 + size + size % 2
    at = raw.find(b"MThd")
    if at < 0:
        raise UserError("not a MIDI file: it has no 'MThd'")
    before = [] if at in (0, 128) or raw[:4] == b"RIFF" else [f"{counted(at, 'byte')} before its header passed over"]
    return raw[at:], before


def _tracks(data: bytes) -> tuple[list[_Track], list[str]]:
    """Every track chunk; chunks of other types are passed over, as the standard asks."""
    length = int.from_bytes(data[4:8], "big")
    at = 14 if length < 6 or length > len(data) - 8 or data[14:18] == b"MTrk" else 8 + length
    tracks: list[_Track] = []
    damage: list[str] = []
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4:at + 8], "big")
        start, end = at + 8, at + 8 + length
        if data[at:at + 4] != b"MTrk":
            at = end if _is_chunk(data, end) else _next_track(data, at + 1)
            continue
        track, at = _track(data, start, end)
        tracks.append(track)
        damage += track.damage
    return tracks, damage


def _is_chunk(data: bytes, at: int) -> bool:
    """Whether a chunk begins here, or the file ends."""
    name, length = data[at:at + 4], int.from_bytes(data[at + 4:at + 8], "big")
    other = len(name) == 4 and all(32 <= byte < 127 for byte in name) and at + 8 + length <= len(data)
    return at == len(data) or name == b"MTrk" or other


def _next_track(data: bytes, at: int) -> int:
    found = data.find(b"MTrk", at)
    return len(data) if found < 0 else found


def _track(data: bytes, start: int, end: int) -> tuple[_Track, int]:
    """(track, where the next chunk begins) of a chunk whose length says that it ends at `end`, which may not be true."""
    believed = end <= len(data)
    track = _events(data, start, end if believed else _next_track(data, start))
    if not track.ended and believed and not _is_chunk(data, end):
        track = _events(data, start, _next_track(data, start))
        believed = False
    if believed and _is_chunk(data, end) and data[track.at:track.at + 4] != b"MTrk":
        return track, end
    if track.at != end:
        what = "is longer than its length says" if track.at > end else "is shorter than its length says"
        track.damage.append(f"a track {what}")
    return track, _next_track(data, track.at)


def _events(data: bytes, start: int, end: int) -> _Track:
    """The events from start to an end of track, or to `end`."""
    track, reader, status = _Track(at=start), _Reader(data, start, end), 0
    try:
        while reader.at < end and not track.ended:
            track.ticks += reader.length()
            byte = reader.peek()
            if byte >= 0x80:
                reader.at += 1
            if byte in (0xF0, 0xF7, 0xFF):
                _take_long(track, reader, byte)
            elif byte > 0xF0:
                reader.take(_SYSTEM_BYTES.get(byte, 0))
            else:
                status = byte if byte >= 0x80 else status
                _take_message(track, reader, status)
            track.at = reader.at
    except _CutShort:
        track.damage.append("it ends within an event")
        track.at = end
    return track


def _take_long(track: _Track, reader: "_Reader", status: int) -> None:
    """A meta event, an exclusive message or an escape: skipped by its length, but for tempo and the end of the track."""
    kind = reader.take(1)[0] if status == 0xFF else -1
    if kind == _EOT:
        track.ended = True
        if reader.at < reader.end:
            length = reader.length()
            reader.at = min(reader.at + length, reader.end)
        else:
            track.damage.append("its last byte is missing")
        return
    body = reader.exclusive() if status == 0xF0 else reader.take(reader.length())
    if kind == _SET_TEMPO and len(body) >= 3:
        tempo_us = int.from_bytes(body[:3], "big")
        if not tempo_us:
            track.damage.append("a tempo of 0 is played as 120 beats a minute")
        track.rows.append((track.ticks, tempo_us or TEMPO_US))
    elif kind == _OWN and body.startswith(OWN_MARK):
        track.rows.append((track.ticks, body))


def _take_message(track: _Track, reader: "_Reader", status: int) -> None:
    """A channel message. Values above 127 are clamped, numbers above 127 name nothing; without a status, two bytes are passed over."""
    if not status:
        reader.take(2)
        track.damage.append("it begins with a message that has no status")
        return
    kind = status & 0xF0
    body = reader.take(_DATA_BYTES[kind])
    if max(body) > 127:
        track.damage.append("it holds data bytes above 127")
        if kind in _NUMBERED and body[0] > 127:
            return
        body = bytes(min(byte, 127) for byte in body)
    track.rows.append((track.ticks, bytes((status,)) + body))


class _Reader:
    """Bytes of a track, one place after another."""

    def __init__(self, data: bytes, at: int, end: int):
        self._data, self.at, self.end = data, at, end

    def peek(self) -> int:
        if self.at >= self.end:
            raise _CutShort
        return self._data[self.at]

    def take(self, n_bytes: int) -> bytes:
        if self.at + n_bytes > self.end:
            raise _CutShort
        self.at += n_bytes
        return self._data[self.at - n_bytes:self.at]

    def exclusive(self) -> bytes:
        """An exclusive message; one whose length runs past the track's end was written without any and ends at its F7."""
        began = self.at
        try:
            return self.take(self.length())
        except _CutShort:
            found = self._data.find(b"\xf7", began, self.end)
            if found < 0:
                raise
            self.at = found + 1
            return self._data[began:found]

    def length(self) -> int:
        """A number of variable length: seven bits a byte, the last one without the top bit."""
        value = 0
        while True:
            byte = self.take(1)[0]
            value = (value << 7 | byte & 0x7F) & 0xFFFFFFFF
            if byte < 0x80:
                return value


def _one_after_another(tracks: list[_Track]) -> list[Row]:
    """Patterns in a row, each in its own tempo."""
    rows: list[Row] = []
    began = 0
    for track in tracks:
        rows.append((began, TEMPO_US))
        rows += sorted(((began + tick, what) for tick, what in track.rows), key=lambda row: row[0])
        began += track.ticks
    return rows
