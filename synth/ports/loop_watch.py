"""Notes that go round: what MIDI out plays comes back to an input through other programs, too late to be known as our own.

What comes back within a period, or 20 ms by RtMidi, is passed over (`midi_out.py`); what takes longer looks like a hand. No hand strikes
one key so often, so it is told: whoever connected the programs can part them.
"""

from collections import deque
from collections.abc import Callable, Sequence

from ..events import Event, Kind

_STROKES, _WITHIN_S = 24, 1.2  # of one key; thirty-seconds at 150 beats a minute are as fast
_REST_S = 10.0  # until it is told again


class LoopWatch:
    """Looks at every row of the journal while MIDI out is on: a part of the logs of housekeeping."""

    def __init__(self, sr_hz: float, told: Callable[[str], None]) -> None:
        self._sr_hz, self._told = sr_hz, told
        self._keys: dict[tuple[int, int], deque[int]] = {}  # frames of the newest strokes
        self._quiet_until = 0

    def put(self, rows: Sequence[tuple[int, Event, object]]) -> None:
        """Rows that took effect, in order."""
        for frame, event, _ in rows:
            if event.kind == Kind.NOTE_ON and event.value > 0:
                strokes = self._keys.setdefault((event.channel, event.number), deque(maxlen=_STROKES))
                strokes.append(frame)
                often = len(strokes) == _STROKES and frame - strokes[0] <= self._frames(_WITHIN_S)
                if often and frame >= self._quiet_until:
                    self._quiet_until = frame + self._frames(_REST_S)
                    self._told("the same note comes again and again: it seems that what MIDI out plays to sends it back to a MIDI input; "
                               "part the two, or switch MIDI out off in the settings")

    def _frames(self, seconds: float) -> int:
        return round(seconds * self._sr_hz)
