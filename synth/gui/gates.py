"""Notes for keys that only tell when they are pressed: each sounds for a fixed gate, extended while the key repeats. Pure."""

from ..events import Event, note_off, note_on

GATE_S = 0.3


class Gates:
    """Open notes and when they close."""

    def __init__(self, gate_s: float = GATE_S) -> None:
        self._gate_s = gate_s
        self._until: dict[int, float] = {}

    def press(self, note: int, velocity: float, now_s: float) -> Event | None:
        """A key at a time in seconds: its note begins, or goes on (None) when it is still open."""
        sounding = self._until.get(note, 0.0) > now_s
        self._until[note] = now_s + self._gate_s
        return None if sounding else note_on(note, velocity)

    def expire(self, now_s: float) -> list[Event]:
        """Events that end the notes whose time is over."""
        over = [note for note, until in self._until.items() if until <= now_s]
        for note in over:
            del self._until[note]
        return [note_off(note) for note in over]

    def close(self) -> list[Event]:
        """Events that end every open note."""
        return self.expire(float("inf"))

    def next_s(self) -> float:
        """When the next note ends; infinity when none sounds."""
        return min(self._until.values(), default=float("inf"))
