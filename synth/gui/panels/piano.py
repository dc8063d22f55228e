"""The on-screen piano: velocity by where a key is hit, glissando by dragging, held keys lit whoever holds them."""

from typing import TYPE_CHECKING

from ...events import note_off, note_on
from ..computer_keyboard import KeyPiano
from ..geometry import Rect
from ..theme import COLOURS, mix
from ..widgets.canvas import Canvas, set_colour, set_fill, set_text, show
from ..widgets.control import Control, Pointer

if TYPE_CHECKING:
    from ...session.session import Session
    from ...session.view_state import Snapshot

_BLACK = (1, 3, 6, 8, 10)
_WHITE_W = 32  # points, about
_NAMES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")


def note_name(note: int) -> str:
    """60 -> C4."""
    return f"{_NAMES[note % 12]}{note // 12 - 1}"


def key_rects(rect: Rect, white_w: float) -> dict[int, Rect]:
    """Rectangle of every key, white ones first: whole octaves round middle C and one C more."""
    octaves = min(max(int((rect.w / white_w - 1) // 7), 2), 8)
    first = 60 - 12 * ((octaves + 1) // 2)
    width = rect.w / (7 * octaves + 1)
    notes = range(first, first + 12 * octaves + 1)
    white, black = {}, {}
    for note in notes:
        step = 7 * ((note - first) // 12) + sum(1 for n in range(note % 12) if n not in _BLACK)
        x = rect.x + step * width
        if note % 12 in _BLACK:
            black[note] = Rect(x - width * 0.31, rect.y, width * 0.62, rect.h * 0.62)
        else:
            white[note] = Rect(x + 0.5, rect.y, width - 1, rect.h)
    return white | black


class Piano(Control):
    """Keys to click; velocity grows from the top of a key to its lower end."""

    focusable = False
    double_resets = False

    def __init__(self, canvas: Canvas, rect: Rect, session: "Session", keys: KeyPiano) -> None:
        super().__init__("piano", rect)
        self._session, self._keys, self._canvas = session, keys, canvas
        self.rects = key_rects(rect, canvas.px(_WHITE_W))
        self._items: dict[int, int] = {}
        self._letters: dict[int, int] = {}
        self._lit: set[int] = set()
        self._octave: int | None = None
        self.note: int | None = None  # under the mouse button
        for note, r in self.rects.items():
            black = note % 12 in _BLACK
            self._items[note] = canvas.box(r, "black_key" if black else "white_key", "background", 3)
        for note, r in self.rects.items():
            self._letters[note] = self._letter(note, r)

    def _letter(self, note: int, r: Rect) -> int:
        px, c = self._canvas.px, self._canvas
        if note % 12 == 0:
            c.text(r.x + r.w / 2, r.bottom - px(16), note_name(note), "tiny", (128, 132, 148, 255), align=0.5)
        black = note % 12 in _BLACK
        return c.text(r.x + r.w / 2 - px(4), r.bottom - px(20 if black else 32), "", "small", "dim" if black else (104, 108, 126, 255))

    def update(self, snapshot: "Snapshot") -> None:
        """Light the held keys; write the letters where the computer keyboard plays."""
        held = {int(n) for n in snapshot.held.nonzero()[0]} & self._items.keys()
        for note in held ^ self._lit:
            self._paint(note, note in held)
        self._lit = held
        if self._octave != self._keys.base:
            self._octave = self._keys.base
            letters = {note: letter.upper() for letter, note in self._keys.notes().items()}
            for note, item in self._letters.items():
                set_text(item, letters.get(note, ""))
                show(item, note in letters)

    def _paint(self, note: int, lit: bool) -> None:
        black = note % 12 in _BLACK
        rest = COLOURS["black_key" if black else "white_key"]
        set_fill(self._items[note], mix(COLOURS["teal"], rest, 0.25 if black else 0.0) if lit else rest)
        set_colour(self._letters[note], "black_key" if lit else "dim" if black else (104, 108, 126, 255))

    def _under(self, at: Pointer) -> int | None:
        hit = [note for note, r in self.rects.items() if r.holds(at.x, at.y)]
        return hit[-1] if hit else None  # black ones come last and lie on top

    def press(self, at: Pointer) -> None:
        """Play the key."""
        self.drag(at)

    def drag(self, at: Pointer) -> None:
        """Play the next key when the pointer slides onto it."""
        note = self._under(at)
        if note == self.note:
            return
        self.release()
        if note is not None:
            r = self.rects[note]
            velocity = 0.25 + 0.75 * min(max((at.y - r.y) / (r.h * 0.9), 0.0), 1.0)
            self.note = note
            self._session.post(note_on(note, round(velocity * 127) / 127))

    def release(self) -> None:
        """Let the key go."""
        if self.note is not None:
            self._session.post(note_off(self.note))
            self.note = None

    def tip(self, at: Pointer) -> list[str]:
        """The key's name."""
        note = self._under(at)
        return [] if note is None else [f"{note_name(note)}   note {note}"]
