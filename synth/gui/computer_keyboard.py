"""The computer keyboard as a piano: letters to notes. Pure; window and terminal both use it."""

from ..events import Event, note_off, note_on

ROW = "awsedftgyhujkolp;"  # A is C, W is C sharp, ... : the layout every soft synth has
_LOWEST, _HIGHEST = 0, 108
_VELOCITY_STEP = 10


class KeyPiano:
    """Letters held down and the notes they started, so that a release ends the note that its press began."""

    def __init__(self, base: int = 60, velocity: int = 100) -> None:
        self.base = base
        self.velocity = velocity
        self.held: dict[str, int] = {}

    def notes(self) -> dict[str, int]:
        """Letter -> note at the present octave."""
        return {letter: self.base + i for i, letter in enumerate(ROW) if self.base + i <= 127}

    def press(self, letter: str) -> Event | None:
        """The event of a letter going down; None for a repeat or a letter that plays nothing."""
        note = self.notes().get(letter)
        if note is None or letter in self.held:
            return None
        self.held[letter] = note
        return note_on(note, self.velocity / 127)

    def release(self, letter: str) -> Event | None:
        """The event of a letter coming up; the note sounds on while another letter holds it."""
        note = self.held.pop(letter, None)
        return None if note is None or note in self.held.values() else note_off(note)

    def release_all(self) -> list[Event]:
        """Events that end every held note, say when the window loses the keyboard."""
        return [event for event in map(self.release, list(self.held)) if event is not None]

    def shift(self, letter: str) -> bool:
        """Z/X an octave down or up, C/V softer or louder; True when the letter was one of them."""
        if letter in "zx":
            self.base = min(max(self.base + (12 if letter == "x" else -12), _LOWEST), _HIGHEST)
        elif letter in "cv":
            step = _VELOCITY_STEP if letter == "v" else -_VELOCITY_STEP
            self.velocity = min(max(self.velocity + step, 10), 127) if step < 0 or self.velocity < 120 else 127
        else:
            return False
        return True
