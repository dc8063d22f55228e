"""Standard MIDI Files -> events at frames, the tempo map obeyed."""

import os
from pathlib import Path

import mido

from ..errors import UserError
from ..events import Event, Kind
from .midi import event_of

DRUM_CHANNEL = 9
_LONGEST_S = 4 * 3600


def read_midi_file(path: str | os.PathLike, sr_hz: int, *, drums: bool = False, program_changes: bool = False) -> list[tuple[int, Event]]:
    """(frame, event) in order. Omni; channel 10 and program changes are left out unless asked for. Raises UserError."""
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
    found = []
    at_s, tempo = 0.0, 500000
    for message in messages:
        at_s += message.time * tempo * 1e-6 / song.ticks_per_beat
        if at_s > _LONGEST_S:
            raise UserError(f"{path}: longer than four hours")
        if message.type == "set_tempo":
            tempo = message.tempo
        elif not message.is_meta:
            event = event_of(message.bytes())
            if event is None or (event.channel == DRUM_CHANNEL and not drums):
                continue
            if event.kind == Kind.PROGRAM and not program_changes:
                continue
            found.append((round(at_s * sr_hz), event))
    if not any(event.kind == Kind.NOTE_ON for _, event in found):
        raise UserError(f"{path}: no notes to play" + ("" if drums else " (channel 10 is skipped unless --drums is given)"))
    return found
