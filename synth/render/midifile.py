"""Standard MIDI Files -> events at frames, the tempo map obeyed."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import mido

from ..errors import UserError
from ..events import CLOCK_KINDS, Event, Kind, tempo
from ..midi_bytes import event_of

DRUM_CHANNEL = 9
_LONGEST_S = 4 * 3600


def read_midi_file(path: str | os.PathLike, sr_hz: int, *, drums: bool = False, program_changes: bool = False) -> list[tuple[int, Event]]:
    """(frame, event) in order, tempos among them. Omni; channel 10 and program changes are left out unless asked for, or unless
    channel 10 belongs to an MPE zone of the song. Raises UserError."""
    path = Path(path)
    if not path.exists():
        raise UserError(f"{path}: no such file")
    try:
        song = mido.MidiFile(path)
        if song.type == 2:
            raise UserError(f"{path}: a type 2 MIDI file holds separate patterns; save it as type 0 or 1")
        if song.ticks_per_beat <= 0 or song.ticks_per_beat >= 0x8000:
            raise UserError(f"{path}: timed in SMPTE frames; save it with beats and a tempo")
        messages = list(mido.merge_tracks(song.tracks, skip_checks=True))
    except UserError:
        raise
    except OSError as error:
        raise UserError(f"{path}: not a MIDI file, or it is damaged ({error.strerror or error or 'unexpected end'})") from None
    except Exception as error:  # mido raises what its parser happens to meet in a damaged file
        raise UserError(f"{path}: not a MIDI file, or it is damaged ({str(error) or 'it ends too early'})") from None
    found = list(_played(messages, song.ticks_per_beat, sr_hz, path))
    drums = drums or _in_zone(found)
    found = [(f, e) for f, e in found if (drums or e.channel != DRUM_CHANNEL) and (program_changes or e.kind != Kind.PROGRAM)]
    if not any(event.kind == Kind.NOTE_ON for _, event in found):
        raise UserError(f"{path}: no notes to play" + ("" if drums else " (channel 10 is skipped unless --drums is given)"))
    last = max(i for i, (_, event) in enumerate(found) if event.kind != Kind.TEMPO)
    return found[:last + 1]


def _played(messages: Iterable, ticks_per_beat: int, sr_hz: int, path: Path) -> Iterator[tuple[int, Event]]:
    """Channel messages and tempos at their frames. Raises UserError where the song never ends."""
    at_s, beat_us = 0.0, 500000
    yield 0, tempo(120.0)
    for message in messages:
        at_s += message.time * beat_us * 1e-6 / ticks_per_beat
        if at_s > _LONGEST_S:
            raise UserError(f"{path}: longer than four hours")
        frame = round(at_s * sr_hz)
        if message.type == "set_tempo":
            beat_us = message.tempo
            yield frame, tempo(6e7 / max(beat_us, 1))
        elif not message.is_meta:
            event = event_of(message.bytes())
            if event is not None and event.kind not in CLOCK_KINDS:
                yield frame, event


def _in_zone(events: list[tuple[int, Event]]) -> bool:
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
