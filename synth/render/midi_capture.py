"""Takes as Standard MIDI Files whose ticks are frames: any sequencer plays them, and here they sound as they were played, to the sample.

What MIDI cannot say (the sound, knobs turned on the screen, a decode that was late) stands beside the notes in sequencer-specific
events (SMF 1.0, FF 7F) that other programs pass over: the rows of an event log. One that says "instead" stands for the message before it.
"""

import json
import os
import secrets
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from ..errors import UserError
from ..events import LAST_FRAME, Event, Kind
from ..midi_bytes import event_of, message_of
from ..patch.chain_change import ChainChange
from ..patch.control_map import ControlMap, map_to_data
from ..patch.patch import Patch
from ..paths import write_whole
from . import event_log
from .log_rows import Played, Row, read_row, row_of
from .smf import OWN_MARK, Score
from .unfinished import free_name, new_name

_MOST_TICKS, _LONGEST_DELTA = 32767, 0x0FFFFFFF
_END = b"\x00\xff\x2f\x00"
_LOADS = {Patch: Kind.PATCH, ControlMap: Kind.CONTROLS, ChainChange: Kind.PATCH}
Capture = tuple[dict, list[tuple[int, Played]], list[str]]


def timing_of(sr_hz: int) -> tuple[int, int]:
    """(ticks a quarter note, microseconds a quarter note) with which a tick is a frame: exactly at every usual rate, else nearly."""
    for beats in range(2, 400):  # a second
        if sr_hz % beats == 0 and 1_000_000 % beats == 0 and sr_hz // beats <= _MOST_TICKS:
            return sr_hz // beats, 1_000_000 // beats
    beat_s = Fraction(24000, sr_hz)
    return 24000, round(1_000_000 * beat_s)


def to_smf(header: dict, rows: Sequence[tuple[int, Event, dict]]) -> bytes:
    """A file of one track. header: as an event log begins. rows: (frame, event, the log's object of it), frames rising."""
    ticks, beat_us = timing_of(header["samplerate"])
    devices = Counter(event.device for _, event, _ in rows if message_of(event))
    device = devices.most_common(1)[0][0] if devices else 0
    body = [b"\x00", _meta(0x51, beat_us.to_bytes(3, "big")), b"\x00", _own({**header, "device": device})]
    at = 0
    for frame, event, told in rows:
        message = message_of(event)
        body += [_delta(frame - at), message or _own(told)]
        at = frame
        if message and _heard(message, device) != event:
            body += [b"\x00", _own({**told, "instead": True})]
    track = b"".join(body) + _END
    head = b"MThd" + (6).to_bytes(4, "big") + b"".join(n.to_bytes(2, "big") for n in (0, 1, ticks))
    return head + b"MTrk" + len(track).to_bytes(4, "big") + track


def _heard(message: bytes, device: int) -> Event | None:
    """The event of a message that came from a MIDI input of that number."""
    event = event_of(message)
    return event and replace(event, device=device)


def smf_of_log(header: dict, rows: Sequence[Row]) -> bytes:
    """`to_smf` of what was applied, as a log takes it."""
    found = [(frame, event, told) for frame, event, loaded in rows if (told := row_of(frame, event, loaded))]
    return to_smf(header, found)


def rows_of_played(events: Sequence[tuple[int, Played]]) -> list[Row]:
    """What was read from a log or a capture, as it is written."""
    return [(frame, what, None) if isinstance(what, Event) else
            (frame, Event(_LOADS[type(what)]), what) for frame, what in events]


def _meta(kind: int, body: bytes) -> bytes:
    return bytes((0xFF, kind)) + _length(len(body)) + body


def _own(row: dict) -> bytes:
    return _meta(0x7F, OWN_MARK + json.dumps({k: v for k, v in row.items() if k != "frame"}, separators=(",", ":")).encode())


def _length(value: int) -> bytes:
    """A number of variable length: seven bits a byte, the last one without the top bit."""
    found = [value & 127]
    while value := value >> 7:
        found.append(value & 127 | 128)
    return bytes(reversed(found))


def _delta(ticks: int) -> bytes:
    """The time to the next event; what is longer than a file can say is cut by texts that say nothing."""
    more, rest = divmod(ticks, _LONGEST_DELTA)
    return (_length(_LONGEST_DELTA) + _meta(1, b"")) * more + _length(rest)


def read_capture(score: Score) -> Capture | None:
    """(header, events at their frames, what was damaged) of a take of ours; None for any other song, or where a tick is no frame any more.

    Raises UserError where its header is of a newer version or it holds no events.
    """
    own = [i for i, (_, what) in enumerate(score.rows) if _is_own(what)]
    if not own:
        return None
    first, damage = _parsed(score.rows[own[0]]), list(score.damage)
    if not isinstance(first, dict) or not _keeps_time(score, first.get("samplerate", 0)):
        return None
    device = first.get("device", 0) if isinstance(first.get("device", 0), int) else 0
    found: list[tuple[int, Played]] = []
    for i, (tick, what) in enumerate(score.rows):
        if isinstance(what, int) or i == own[0]:
            continue
        if not _is_own(what):
            event = _heard(what, device)
            found += [(tick, event)] if event is not None and tick <= LAST_FRAME else []
            continue
        row = _parsed(score.rows[i])
        if row is None or isinstance(row, dict):
            damage.append("a part of what it holds beside its notes is damaged")
            continue
        if _is_instead(what) and found and found[-1][0] == tick:
            found.pop()
        found.append(row)
    if not found:
        raise UserError("holds no events")
    return first, found, list(dict.fromkeys(damage))


def _is_own(what: bytes | int) -> bool:
    return isinstance(what, bytes) and what.startswith(OWN_MARK)


def _is_instead(what: bytes) -> bool:
    return b'"instead":true' in what[-40:]


def _keeps_time(score: Score, sr_hz: int) -> bool:
    """Whether the file still has the timing it was written with."""
    tempos = [tempo for _, tempo in score.rows if isinstance(tempo, int)]
    return score.seconds_per_tick is None and sr_hz > 0 and (score.ticks_per_beat, tempos) == (timing_of(sr_hz)[0], [timing_of(sr_hz)[1]])


def _parsed(row: tuple[int, bytes | int]) -> dict | tuple[int, Played] | None:
    """A header, or (frame, what is played); None where it is damaged."""
    tick, what = row
    try:
        assert isinstance(what, bytes)
        found = json.loads(what[len(OWN_MARK):])
        return read_row({**found, "frame": tick} if found.get("type") != "header" else found)
    except (UserError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        if isinstance(error, UserError) and "newer version" in str(error):
            raise
        return None


class MidiCapture(event_log.EventLog):
    """A take as a MIDI file, which appears when it is closed; until then a log grows beside it, of which a later start makes the file."""

    def __init__(self, path: str | os.PathLike, first: dict, tell: Callable[[str], None] = lambda sentence: None):
        self._target = check_target(path)
        super().__init__(self._target.with_name(f".{self._target.name}.{secrets.token_hex(4)}.part"), first, tell, target=self._target)

    def close(self) -> str:
        """Write the rest and make the file, beside one that has come meanwhile; answers what was saved.

        Raises UserError if something was lost: the log then stays.
        """
        self._finish()
        if self.failed:
            raise UserError(self.failed)
        self._target = new_name(self._target)
        convert(self._path, self._target)
        self._note.remove()
        return f"saved {self._target}"


def check_target(path: str | os.PathLike) -> Path:
    """The name of a MIDI file to be written. Raises UserError where none can be meant to stand there."""
    target = Path(path)
    if target.suffix.lower() not in (".mid", ".midi") or target.is_dir():
        raise UserError(f"{target}: a MIDI file is written; give a name that ends in .mid")
    if not target.parent.is_dir():
        raise UserError(f"{target.parent}: no such folder")
    return target


def convert(log: Path, target: Path) -> None:
    """Make a log, whole or cut short, a MIDI file; the log goes. Raises UserError."""
    header, events = event_log.read(log, empty=True)
    if "controls" in header:
        header["controls"] = map_to_data(header["controls"])
    write_whole(target, smf_of_log(header, rows_of_played(events)))
    log.unlink(missing_ok=True)


def finish_capture(part: Path, target: Path, taken: Collection[Path] = ()) -> str:
    """Finish a capture that was cut short, under its name or a free one beside it, none of `taken`; answers a sentence."""
    target = free_name(target, taken)
    try:
        convert(part, target)
    except UserError as error:
        return f"a MIDI take was cut short and cannot be finished ({error})"
    return f"a MIDI take that was cut short is kept as {target}"

