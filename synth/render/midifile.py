"""Standard MIDI Files -> events at frames, the tempo map obeyed; a take of ours as it was played."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from ..errors import UserError
from ..events import CLOCK_KINDS, Event, Kind, tempo
from ..midi_bytes import event_of
from .log_rows import Played
from .midi_capture import read_capture
from .smf import TEMPO_US, Score, read_smf

DRUM_CHANNEL = 9
_LONGEST_S = 4 * 3600
_LARGEST_BYTES = 256 << 20
_ENDS_NOTES = (120, 123, 124, 125, 126, 127)  # controllers that let go of every key of a channel
Timed = list[tuple[int, Event]]


@dataclass(frozen=True, slots=True)
class Song:
    """events: (frame, event) in order, tempos among them. told: what was wrong with the file, in a sentence; '' if nothing was.

    header: of a take of ours (see `midi_capture`), as an event log has it; its events are those of the log, patches among them.
    """

    events: Sequence[tuple[int, Played]]
    told: str = ""
    header: dict | None = None


def read_midi_file(path: str | os.PathLike, sr_hz: int, *, drums: bool = False, program_changes: bool = False) -> Timed:
    """The events of `read_song`, of a song that is no take."""
    return [(f, e) for f, e in read_song(path, sr_hz, drums=drums, program_changes=program_changes).events if isinstance(e, Event)]


def read_song(path: str | os.PathLike, sr_hz: int, *, drums: bool = False, program_changes: bool = False) -> Song:
    """A song's file. Omni; channel 10 and program changes are left out unless asked for, or unless channel 10 belongs to an MPE
    zone of the song. A damaged file gives what it still holds. Raises UserError where that is no note.
    """
    path = Path(path)
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise UserError(f"{path}: too large for a MIDI file (over 256 MB)")
        raw = path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"{path}: no such file") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None
    try:
        score = read_smf(raw)
        if capture := read_capture(score):
            header, events, damage = capture
            return Song(events, f"{path.name}: {'; '.join(damage)}; the rest is played" if damage else "", header)
    except UserError as error:
        raise UserError(f"{path}: {error}") from None
    found, damage = _in_frames(score, sr_hz)
    drums = drums or _in_zone(found)
    found = [(f, e) for f, e in found if (drums or e.channel != DRUM_CHANNEL) and (program_changes or e.kind != Kind.PROGRAM)]
    found = _each_off_ends_one(found)
    if not any(event.kind == Kind.NOTE_ON for _, event in found):
        raise UserError(f"{path}: no notes to play" + (f"; {'; '.join(damage)}" if damage else "")
                        + ("" if drums else " (channel 10 is skipped unless --drums is given)"))
    last = max(i for i, (_, event) in enumerate(found) if event.kind != Kind.TEMPO)
    return Song(found[:last + 1], f"{path.name}: {'; '.join(damage)}; the rest is played" if damage else "")


def _in_frames(score: Score, sr_hz: int) -> tuple[Timed, list[str]]:
    """Channel messages and tempos at their frames, and what was wrong."""
    found, damage = [(0, tempo(120.0))], list(score.damage)
    at_s, at_tick, beat_us = 0.0, 0, TEMPO_US
    for tick, message in score.rows:
        at_s += (tick - at_tick) * (score.seconds_per_tick or beat_us * 1e-6 / score.ticks_per_beat)
        at_tick = tick
        if at_s > _LONGEST_S:
            damage.append("what comes after four hours is left out")
            break
        frame = round(at_s * sr_hz)
        if isinstance(message, bytes):
            event = event_of(message)
            if event is not None and event.kind not in CLOCK_KINDS:
                found.append((frame, event))
        elif score.seconds_per_tick is None:
            beat_us = message
            found.append((frame, tempo(6e7 / beat_us)))
    return found, damage


def _each_off_ends_one(events: Timed) -> Timed:
    """Without the offs of keys that were struck again before: the engine ends a key's older note where the newer begins, and an
    off ends one note, the oldest. Where a key gets fewer offs than it was struck, an off ends all, so that nothing hangs.
    """
    dropped: set[int] = set()
    for keys in _by_key(events):
        steps = [1 if events[i][1].kind == Kind.NOTE_ON else -1 for i in keys]
        held = list(accumulate(steps))
        least = list(accumulate(reversed(held), min))[::-1]  # how low the balance gets from here on
        count = 0
        for place, i in enumerate(keys):
            before = held[place] - steps[place]
            if steps[place] > 0:
                count += 1
            elif count > 1 and least[place] <= before - count:  # every note that is held gets an off of its own
                dropped.add(i)
                count -= 1
            else:
                count = 0
    return [row for i, row in enumerate(events) if i not in dropped]


def _by_key(events: Timed) -> Iterator[list[int]]:
    """Places of the events of one key, between two messages that let go of all keys of its channel."""
    keys: dict[tuple[int, int], list[int]] = {}
    for i, (_, event) in enumerate(events):
        if event.kind in (Kind.NOTE_ON, Kind.NOTE_OFF):
            keys.setdefault((event.channel, event.number), []).append(i)
        elif event.kind == Kind.CONTROL and event.number in _ENDS_NOTES:
            for key in [key for key in keys if key[0] == event.channel]:
                yield keys.pop(key)
    yield from keys.values()


def last_programs(events: Iterable[tuple[int, Event]], within_frames: int) -> Timed:
    """Without the program changes that another follows shortly, no note between: one timbre plays, so the last of them counts."""
    rows, kept = list(events), []
    programs: list[int] = []  # of those since the last note, the frame of each that comes later
    for frame, event in reversed(rows):
        if event.kind == Kind.NOTE_ON:
            programs.clear()
        elif event.kind == Kind.PROGRAM:
            if programs and programs[-1] - frame <= within_frames:
                continue
            programs.append(frame)
        kept.append((frame, event))
    return kept[::-1]


def _in_zone(events: Timed) -> bool:
    """Whether channel 10 carries notes of an MPE zone that the song makes."""
    chosen: dict[int, list[float]] = {}
    for _, event in events:
        if event.kind == Kind.CONTROL and event.channel in (0, 15):
            row = chosen.setdefault(event.channel, [127, 127])
            if event.number in (100, 101):
                row[event.number - 100] = event.value
            elif event.number == 6 and row == [6, 0] and abs(DRUM_CHANNEL - event.channel) <= event.value <= 15:
                return True
    return False
