"""Where phrases begin and end in what was played: two seconds in which no note is held end one. Pure."""

from dataclasses import dataclass, replace

from ..events import Event, Kind

REST_S = 2.0
_PEDALS = (64, 66)  # sustain, sostenuto
_ENDS_NOTES = (120, 123, 124, 125, 126, 127)  # controllers that let go of every key of a channel


@dataclass(frozen=True, slots=True)
class Phrase:
    """From the frame of its first note to that at which its last was let go; how many notes, and on which preset it began."""

    start: int
    end: int
    notes: int
    preset: str


class PhraseTracker:
    """Finds phrases in events as they come. What a pedal holds is held; a pedal of any channel holds notes of all, as in MPE zones."""

    def __init__(self, sr_hz: int) -> None:
        self._rest_frames = round(REST_S * sr_hz)
        self._held: set[tuple[int, int]] = set()
        self._ringing = False  # keys let go while a pedal was down
        self._pedals: set[tuple[int, int]] = set()
        self._now: Phrase | None = None

    @property
    def sounding(self) -> bool:
        """Whether a note is held."""
        return bool(self._held) or (self._ringing and bool(self._pedals))

    def pass_time(self, frame: int) -> Phrase | None:
        """The phrase that was over by `frame`, once."""
        now = self._now
        if now is None or self.sounding or frame - now.end < self._rest_frames:
            return None
        self._now = None
        return now

    def take(self, frame: int, event: Event, preset: str) -> Phrase | None:
        """An event, and the name of what it is played on; answers the phrase that was over before it."""
        ended = self.pass_time(frame)
        held = self.sounding
        if event.kind == Kind.NOTE_ON and event.value > 0:
            self._held.add((event.channel, event.number))
            now = self._now or Phrase(frame, frame, 0, preset)
            self._now = replace(now, notes=now.notes + 1)
        elif event.kind in (Kind.NOTE_OFF, Kind.NOTE_ON):
            self._ringing = self._ringing or (event.channel, event.number) in self._held
            self._held.discard((event.channel, event.number))
        elif event.kind == Kind.CONTROL and event.number in _PEDALS:
            (self._pedals.add if event.value >= 64 else self._pedals.discard)((event.channel, event.number))
        elif event.kind == Kind.CONTROL and event.number in _ENDS_NOTES:
            self._held = {key for key in self._held if key[0] != event.channel}
        if not self._pedals:
            self._ringing = False
        if self._now and (held or self.sounding):
            self._now = replace(self._now, end=frame)
        return ended

    def close(self, frame: int) -> Phrase | None:
        """The phrase that was under way when all ended at `frame`."""
        now, self._now = self._now, None
        return replace(now, end=max(now.end, frame)) if now and self.sounding else now
