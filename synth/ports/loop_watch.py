"""Notes that go round: what MIDI out plays comes back to an input through other programs, too late to be known as our own.

What comes back within a period, or 20 ms by RtMidi, is passed over (`midi_out.py`); what takes longer looks like a hand. No hand strikes
one key so often, so it is told: whoever connected the programs can part them.
"""

from collections.abc import Callable, Sequence

from ..events import Event, Kind

_SOON_S = 0.05  # from one stroke of a key to the next; thirty-seconds at 150 beats a minute are as fast
_OFTEN = 24  # strokes in a row
_REST_S = 10.0  # until it is told again


class LoopWatch:
    """Looks at every row of the journal while MIDI out is on: a part of the logs of housekeeping."""

    def __init__(self, sr_hz: float, told: Callable[[str], None]) -> None:
        self._sr_hz, self._told = sr_hz, told
        self._keys: dict[tuple[int, int], tuple[int, int]] = {}  # frame of the newest stroke, strokes in a row
        self._quiet_until = 0

    def put(self, rows: Sequence[tuple[int, Event, object]]) -> None:
        """Rows that took effect, in order."""
        for frame, event, _ in rows:
            if event.kind == Kind.NOTE_ON and event.value > 0:
                key = (event.channel, event.number)
                before, n = self._keys.get(key, (-self._frames(_REST_S), 0))
                n = n + 1 if frame - before <= self._frames(_SOON_S) else 1
                self._keys[key] = (frame, n)
                if n >= _OFTEN and frame >= self._quiet_until:
                    self._quiet_until = frame + self._frames(_REST_S)
                    self._told("the same note comes again and again: it seems that what MIDI out plays to sends it back to a MIDI input; "
                               "part the two, or switch MIDI out off in the settings")

    def _frames(self, seconds: float) -> int:
        return round(seconds * self._sr_hz)
