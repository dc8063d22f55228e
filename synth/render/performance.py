"""What is to be rendered, read from a file: a song, a take of ours as MIDI, or an event log; program changes become presets."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import UserError
from ..events import Event, Kind, mpe_zone
from ..patch import preset_file
from ..patch.programs import BankSelect, find_program
from . import event_log
from .log_rows import Played
from .midifile import DRUM_CHANNEL, last_programs, read_song

_ONE_CHANGE_S = 0.02  # program changes nearer than this, with no note between, are one
_LONGEST_TAIL_S = 600
_USUAL_HZ = 48000


@dataclass(frozen=True, slots=True)
class Performance:
    """events: (frame, what happens) in order, at `sr_hz`. header: of a take of ours, else empty. told: what was wrong with the file."""

    events: Sequence[tuple[int, Played]]
    sr_hz: int
    header: dict[str, Any] = field(default_factory=dict)
    told: str = ""

    def n_frames(self, tail_s: float) -> int:
        """Length with so many seconds after the last event. Raises UserError outside 0 to 600."""
        if not 0 <= tail_s <= _LONGEST_TAIL_S:
            raise UserError(f"a tail of {tail_s:g} s is outside 0 to {_LONGEST_TAIL_S}")
        return max(frame for frame, _ in self.events) + round(tail_s * self.sr_hz)


def read_log(path: str | os.PathLike, sr_hz: int | None = None) -> Performance:
    """An event log, at its own rate unless another is given. Raises UserError."""
    header, events = event_log.read(path)
    return Performance(events, header.get("samplerate", _USUAL_HZ) if sr_hz is None else sr_hz, header)


def read_midi(path: str | os.PathLike, sr_hz: int | None = None, *, drums: bool = False, program_changes: bool = False,
              mpe: int = 0) -> Performance:
    """A Standard MIDI File; a take of ours is played as its log would be, at its own rate unless another is given.

    mpe: note channels of a zone on channel 1 that the song does not announce. Raises UserError.
    """
    rate = _USUAL_HZ if sr_hz is None else sr_hz
    song = read_song(path, rate, drums=drums or mpe >= DRUM_CHANNEL, program_changes=program_changes)
    if song.header is not None:
        return Performance(song.events, song.header["samplerate"] if sr_hz is None else sr_hz, song.header, song.told)
    events, told = _with_presets(song.events, rate)
    return Performance(events, rate, {}, "; ".join(filter(None, (song.told, told))))


def with_zone(events: Sequence[tuple[int, Played]], mpe: int) -> Sequence[tuple[int, Played]]:
    """Events that begin with an MPE zone of so many note channels; themselves for 0."""
    return [*((0, event) for event in mpe_zone(mpe)), *events] if mpe else events


def _with_presets(events: Sequence[tuple[int, Played]], sr_hz: int) -> tuple[list[tuple[int, Played]], str]:
    """(events with the presets that program changes pick in their places, sentence for the player about those that pick none)."""
    banks, told, rows, files = BankSelect(), "", [], []
    for frame, event in events:
        assert isinstance(event, Event)
        if picked := banks.take(event):
            try:
                files.append(find_program(*picked))
            except UserError as error:  # the sound stays, as it does live
                told = told or str(error)
                continue
            event = Event(Kind.PROGRAM, len(files) - 1)
        rows.append((frame, event))
    last = last_programs(rows, round(_ONE_CHANGE_S * sr_hz))
    return [(f, preset_file.load(files[e.number]) if e.kind == Kind.PROGRAM else e) for f, e in last], told
