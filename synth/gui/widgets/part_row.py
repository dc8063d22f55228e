"""A row of the matrix that a morph's part brings: to be seen, and edited in that part's own preset."""

from functools import partial
from typing import TYPE_CHECKING

from ...patch.morph import PART_NAMES
from ...session.modulation import ModRow
from ...text import printable
from .. import words
from ..geometry import Rect
from .canvas import Canvas
from .control import Control, Pointer
from .matrix_row import MatrixRow
from .menu_row import MenuRow

if TYPE_CHECKING:
    from ..gestures import Gestures


class PartRow(Control):
    """Quiet, with the part's letter where other rows have their switch; a click offers to load the preset it comes from."""

    double_resets = False

    def __init__(self, canvas: Canvas, letter: str, two_way: bool, row: ModRow, rect: Rect, gestures: "Gestures") -> None:
        """letter: of the part. two_way: whether the row's source swings to both sides there."""
        super().__init__(f"part.{letter}.row.{row.slot}", rect)
        morph = gestures.session.morph
        part = morph.parts[PART_NAMES.index(letter)] if morph else gestures.session.patch
        self._letter, self._part, self._gestures = letter, part.name, gestures
        px, macros = canvas.px, part.macros
        places = MatrixRow.places(rect, px)
        self._target = places["Target"]
        depth = "off" if row.bypass else gestures.depth_words(row, two_way)
        top = rect.y + (rect.h - canvas.height("small")) / 2 - px(1)
        texts = {"Source": words.source_name(row.source, macros), "Target": gestures.target_words(row.target),
                 "Scaled by": words.source_name(row.via, macros), "On": letter}
        canvas.box(rect.inset(0, px(1), 0, px(1)), None, "panel_edge", 4)
        for title, text in texts.items():
            at = places[title]
            canvas.text(at.x + at.w / 2, top, canvas.fit(text, at.w, "small"), "small", "orange" if title == "On" else "dim", align=0.5)
        bar = places["Depth"]
        track = Rect(bar.x + px(4), rect.y + rect.h / 2 - px(1.5), bar.w * 0.62, px(3))
        canvas.box(track, "track", None, 2)
        middle = track.x + track.w / 2
        left, right = sorted((middle, middle + row.amount * track.w / 2))
        if not row.bypass:
            canvas.box(Rect(left, track.y, max(right - left, 1), track.h), "faint", None, 2)
        canvas.text(bar.right, top, depth, "small", "dim", align=1)

    def press(self, at: Pointer) -> None:
        """Offer the way to edit it."""
        self._gestures.open_menu(self.menu(), self._target)

    def menu(self) -> list[MenuRow]:
        """Where it can be edited."""
        session, title = self._gestures.session, MenuRow(f"a row of part {self._letter}, {printable(self._part)}")
        if self._part not in session.preset_names():
            return [title, MenuRow("it lies in that part, whose preset is not in the library")]
        return [title, MenuRow(f"Load '{printable(self._part)}' to edit it", partial(session.load_preset, self._part))]

    def tip(self, at: Pointer) -> list[str]:
        """What it is."""
        return [f"Part {self._letter} of the morph, {printable(self._part)}, brings this row", "It moves as much as that part is heard"]
