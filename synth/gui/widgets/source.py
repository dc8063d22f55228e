"""Sources of modulation to take hold of: chips with a live bar, macros with a handle."""

from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg

from .. import words
from ..geometry import Rect
from .canvas import Canvas, place_box, set_colour, show
from .control import Control, Pointer
from .menu_row import MenuRow

if TYPE_CHECKING:
    from ...session.view_state import Snapshot
    from ..dragging import Dragging
    from ..gestures import Gestures


class Grip:
    """Six dots: this can be dragged onto a control."""

    def __init__(self, canvas: Canvas, x: float, middle: float, colour: str = "faint") -> None:
        px = canvas.px
        places = [(x + px(4 * column), middle + px(4 * (row - 1))) for row in range(3) for column in range(2)]
        self._dots = [canvas.dot(*place, px(1.1), colour) for place in places]
        self._canvas = canvas

    def paint(self, colour: str) -> None:
        """Give the dots a colour."""
        for dot in self._dots:
            dpg.configure_item(dot, fill=self._canvas.colour(colour))


class SourceChip(Control):
    """A source: drag it onto any knob, slider or the map."""

    double_resets = False

    def __init__(self, canvas: Canvas, source: str, rect: Rect, gestures: "Gestures", dragging: "Dragging", title: str = "") -> None:
        super().__init__(f"source.{source}", rect)
        self.source, self._canvas, self._gestures, self._dragging = source, canvas, gestures, dragging
        px = canvas.px
        self._body = canvas.box(rect, "button", None, 5)
        self._grip = Grip(canvas, rect.x + px(7), rect.y + rect.h / 2)
        self._title = title or words.source_name(source, gestures.session.patch.macros)
        top = rect.y + (rect.h - canvas.height("small")) / 2 - px(1)
        self._words = canvas.text(rect.x + px(18), top, canvas.fit(self._title, rect.w - px(22), "small"), "small", "dim")
        self._track = Rect(rect.x + px(18), rect.bottom - px(4), rect.w - px(28), px(2))
        self._bar = canvas.box(self._track, "violet")
        self._shown: tuple | None = None

    def update(self, snapshot: "Snapshot") -> None:
        """Lit where it moves something; the bar is its value for the newest voice."""
        value = snapshot.sources.get(self.source, 0.0)
        state = (self._gestures.stamp, self.hot, self._dragging.source == self.source, round(value * 64))
        if state == self._shown:
            return
        self._shown, used = state, self._gestures.is_used(self.source)
        fill = "button_hover" if state[1] or state[2] else "button"
        dpg.configure_item(self._body, fill=self._canvas.colour(fill), color=self._canvas.colour("violet" if state[2] else fill))
        set_colour(self._words, "text" if used else "dim")
        self._grip.paint("violet" if used else "faint")
        show(self._bar, used)
        if used:
            w = self._track.w
            left, right = (0.5, 0.5 + value / 2) if self._gestures.is_two_way(self.source) else (0.0, value)
            low, high = sorted((min(max(left, 0.0), 1.0), min(max(right, 0.0), 1.0)))
            place_box(self._bar, Rect(self._track.x + low * w, self._track.y, max((high - low) * w, self._canvas.px(2)), self._track.h))

    def press(self, at: Pointer) -> None:
        """Take hold of it."""
        self._dragging.begin(self.source, self.rect)

    def enter(self) -> None:
        """From the keyboard: ask what it shall move."""
        self._gestures.open_menu(self._gestures.target_rows(lambda name: self._gestures.drop_source(self.source, name)), self.rect)

    def menu(self) -> list[MenuRow]:
        """What it moves."""
        return self._gestures.source_menu(self.source)

    def tip(self, at: Pointer) -> list[str]:
        """What to do with it, and what it moves."""
        return [self._title, "Drag it onto a control to let it move that", *self._gestures.moved_by(self.source)]
