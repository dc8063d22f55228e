"""A row of the matrix: source, depth, target, what scales it, its removal."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg

from ...params.knobs import MOD_SOURCES, PARAMS
from ...session.modulation import ModRow, moved_unit
from .. import words
from ..geometry import Rect
from .buttons import Button
from .canvas import Canvas, place_box, place_dot, set_text
from .control import Control, ParamControl, Pointer
from .menu_row import MenuRow
from .source import Grip

if TYPE_CHECKING:
    from ...session.view_state import Snapshot
    from ..gestures import Gestures

_PARTS = (("Source", 0.0, 0.2), ("Depth", 0.21, 0.33), ("Target", 0.55, 0.22), ("Scaled by", 0.78, 0.13), ("On", 0.92, 0.045))


class Depth(ParamControl):
    """How far a row moves its target: a bar from the middle, dragged to the side; an orange dot is its value now."""

    def __init__(self, canvas: Canvas, row: ModRow, rect: Rect, gestures: "Gestures") -> None:
        super().__init__(PARAMS[f"mod{row.slot}.amount"], rect, gestures)
        px, self._canvas, self._row = canvas.px, canvas, row
        self._track = Rect(rect.x + px(4), rect.y + rect.h / 2 - px(2.5), rect.w * 0.62, px(5))
        canvas.box(self._track, "track", None, 2)
        middle = self._track.x + self._track.w / 2
        canvas.line(middle, self._track.y - px(4), middle, self._track.bottom + px(4), "faint")
        self._bar = canvas.box(self._track, "faint" if row.bypass else "violet", None, 2)
        self._dot = canvas.dot(middle, self._track.y + px(2.5), px(3), "faint" if row.bypass else "orange")
        self._top = rect.y + (rect.h - canvas.height("small")) / 2 - px(1)
        self._words = canvas.text(rect.right, self._top, "", "small", "dim" if row.bypass else "text", align=1)
        self._shown: tuple | None = None

    def update(self, snapshot: "Snapshot") -> None:
        """Bar, figure and dot."""
        amount = self.gestures.value(self.param.name)
        self.value = amount
        row = replace(self._row, amount=amount)
        now = moved_unit(row, 0.0, snapshot)
        state = (amount, round(now, 3), self.hot)
        if state == self._shown:
            return
        self._shown = state
        t = self._track
        middle, half = t.x + t.w / 2, t.w / 2
        left, right = sorted((middle, middle + amount * half))
        place_box(self._bar, Rect(left, t.y, max(right - left, 1), t.h))
        place_dot(self._dot, middle + min(max(now, -1), 1) * half, t.y + t.h / 2)
        text = self.gestures.depth_words(row)
        x = self.rect.right - self._canvas.width(text, "small")
        dpg.configure_item(self._words, pos=(round(x), round(self._top)))
        set_text(self._words, text)

    def press(self, at: Pointer) -> None:
        """Jump to the pointer; on the figure, type one in parts of the whole range."""
        if at.x > self._track.right + self._canvas.px(6):
            self.gestures.type_value(self)
        else:
            self.drag(at)

    def drag(self, at: Pointer) -> None:
        """Follow the pointer; near the middle it snaps."""
        if at.x <= self._track.right + self._canvas.px(30):
            amount = min(max((at.x - self._track.x) / self._track.w * 2 - 1, -1.0), 1.0)
            self.gestures.session.set_row(self._row.slot, amount=0.0 if abs(amount) < 0.02 and not at.fine else amount)

    def wheel(self, clicks: float, fine: bool) -> None:
        """One click is 1/40 of the range."""
        amount = self.gestures.value(self.param.name) + clicks / (400 if fine else 40)
        self.gestures.session.set_row(self._row.slot, amount=min(max(amount, -1.0), 1.0))

    def tip(self, at: Pointer) -> list[str]:
        """What it is."""
        return [f"{words.source_name(self._row.source)} moves {self.gestures.target_words(self._row.target)}",
                "Drag to the side; double click: no depth"]


class MatrixRow:
    """The controls of one row."""

    def __init__(self, canvas: Canvas, row: ModRow, rect: Rect, gestures: "Gestures") -> None:
        self._gestures, self._row = gestures, row
        px, session = canvas.px, gestures.session
        canvas.box(rect.inset(0, px(1), 0, px(1)), "well", None, 4)
        places = self.places(rect, px)
        Grip(canvas, rect.x + px(4), rect.y + rect.h / 2, "violet")
        name, macros = f"row.{row.slot}", session.patch.macros
        source = places["Source"].inset(px(6), 0, 0, 0)
        self.controls: list[Control] = [
            Button(canvas, f"{name}.source", source, words.source_name(row.source, macros), partial(self._ask, "source", source, False),
                   "Another source", font="small"),
            Depth(canvas, row, places["Depth"], gestures),
            Button(canvas, f"{name}.target", places["Target"], gestures.target_words(row.target),
                   partial(self._ask_target, places["Target"]), "Another target", font="small"),
            Button(canvas, f"{name}.via", places["Scaled by"], words.source_name(row.via, macros),
                   partial(self._ask, "via", places["Scaled by"], True), "A second source that scales it", font="small"),
            Button(canvas, f"{name}.bypass", places["On"], "off" if row.bypass else "on",
                   partial(self._set, "bypass", "off" if row.bypass else "on"), "Off: it moves nothing, and keeps what it is set to",
                   font="small", on=lambda: not row.bypass),
            Button(canvas, f"{name}.remove", Rect(rect.right - px(24), rect.y + px(4), px(22), rect.h - px(8)), "",
                   partial(session.remove_row, row.slot), "Remove this row", icon="close")]

    @staticmethod
    def titles(rect: Rect, px: Callable[[float], float]) -> list[tuple[str, float]]:
        """Titles of the parts and where they begin."""
        return [(title, rect.x + px(8) + at * (rect.w - px(34))) for title, at, _ in _PARTS]

    @staticmethod
    def places(rect: Rect, px: Callable[[float], float]) -> dict[str, Rect]:
        """Where the parts of a row stand."""
        return {title: Rect(rect.x + px(8) + at * (rect.w - px(34)), rect.y + px(4), share * (rect.w - px(34)), rect.h - px(8))
                for title, at, share in _PARTS}

    def _ask(self, part: str, beside: Rect, with_none: bool) -> None:
        macros = self._gestures.session.patch.macros
        rows = [MenuRow(words.source_name(s, macros), partial(self._set, part, s)) for s in MOD_SOURCES if with_none or s != "none"]
        self._gestures.open_menu(rows, beside)

    def _ask_target(self, beside: Rect) -> None:
        self._gestures.open_menu(self._gestures.target_rows(partial(self._set, "target")), beside)

    def _set(self, part: str, value: str) -> None:
        self._gestures.session.set_row(self._row.slot, **{part: value})
