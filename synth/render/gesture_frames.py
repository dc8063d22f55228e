"""What was played, as frames of a wavetable: the timbre at even times from a take's first note to its last event."""

from collections.abc import Sequence

import numpy as np

from ..errors import UserError
from ..events import Event, Kind
from ..timbres.morph_frames import cycles_of_spectra
from .log_rows import Played
from .offline import Offline


def gesture_span(events: Sequence[tuple[int, Played]]) -> tuple[int, int]:
    """(frame of the first note, frame of the last event). Raises UserError where nothing is played."""
    notes = [f for f, e in events if isinstance(e, Event) and e.kind == Kind.NOTE_ON and e.value > 0]
    if not notes:
        raise UserError("nothing is played in this log: a gesture begins with its first note")
    return min(notes), max(frame for frame, _ in events)


def along_gesture(player: Offline, span: tuple[int, int], count: int) -> np.ndarray:
    """Frames float64[count, 2048] of the timbre that the newest voice has, at `count` even times of a take that `player` plays."""
    first, last = span
    found = []
    for frame in np.linspace(first, max(last, first + 1), count).round().astype(int).tolist():
        player.read(max(frame + player.engine.decode_latency_frames - player.engine.frame, 0))
        found.append(player.engine.spectrum())
    re, im = (np.array(rows) for rows in zip(*found, strict=True))
    return cycles_of_spectra(re, im)
