"""The strip on every view: macros, and every source of modulation, one drag from every knob."""

from typing import TYPE_CHECKING

from ...params.knobs import N_MACROS, PARAMS
from .. import words
from ..dragging import Dragging
from ..geometry import Grid, Rect
from ..widgets.buttons import Button
from ..widgets.canvas import Canvas
from ..widgets.control import Control, Pointer
from ..widgets.knob import Knob

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..gestures import Gestures

_MACRO_W, _CHIP_W, _CHIP_H = 84, 74, 24


class MacroKnob(Knob):
    """A macro: its dial turns it, its name is a source to drag."""

    def __init__(self, canvas: Canvas, n: int, rect: Rect, gestures: "Gestures", dragging: Dragging) -> None:
        names = gestures.session.patch.macros
        label = words.source_name(f"macro{n}", names)
        self._n, self._dragging = n, dragging
        super().__init__(canvas, PARAMS[f"macro{n}.value"], rect, gestures, size=26, label=label)

    def _lay_labels(self) -> None:
        """The name over all of it, the value beside the dial."""
        px, rect = self._canvas.px, self.rect
        self._left, self._name_at = self._x + self._r + px(9), rect.y
        self._value_at = self._y - self._canvas.height("small") / 2 - px(1)
        name = self._canvas.fit(self._label_words, rect.w - px(8), "small")
        self._name_item = self._canvas.text(rect.x + px(5), self._name_at, name, "small", "dim")
        self._value_item = self._canvas.text(self._left, self._value_at, "", "small", "text")

    def _place_dial(self) -> None:
        self._x, self._y = self.rect.x + self._r + self._canvas.px(8), self.rect.bottom - self._r - self._canvas.px(5)

    def _value_x(self, text: str) -> float:
        return self._left

    def tip(self, at: Pointer) -> list[str]:
        """The whole name first, of which there may not be room for all."""
        return [self._label_words, *super().tip(at)] if self._label_words != self.param.label else super().tip(at)

    def press(self, at: Pointer) -> None:
        """The name is a source to drag."""
        if at.y < self._y - self._r - self._canvas.px(2):
            self._unit = None
            self._dragging.begin(f"macro{self._n}", self.rect)
        else:
            super().press(at)


class Strip:
    """Macros left, sources right; where there is little room four macros, and the sources in use first."""

    def __init__(self, canvas: Canvas, grid: Grid, gestures: "Gestures", dragging: Dragging, first_macro: int,
                 turn: "Callable[[str, int], None]", open_view: "Callable[[str], None]", open_sources: "Callable[[Rect], object]") -> None:
        from ..widgets.source import SourceChip

        px, rect = canvas.px, grid.strip
        canvas.panel(rect)
        self.controls: list[Control] = []
        n_macros = 4 if grid.narrow else N_MACROS
        x = rect.x + px(6)
        first_macro = first_macro if grid.narrow else 0  # the page was turned while there was less room
        for n in range(first_macro + 1, first_macro + 1 + n_macros):
            self.controls.append(MacroKnob(canvas, n, Rect(x, rect.y + px(4), px(_MACRO_W), rect.h - px(8)), gestures, dragging))
            x += px(_MACRO_W)
        if grid.narrow:
            other = 0 if first_macro else 4
            where = Rect(x + px(2), rect.y + rect.h / 2 - px(13), px(40), px(26))
            self.controls.append(Button(canvas, "macros.more", where, "5–8" if not first_macro else "1–4", lambda: turn("macros", other),
                                        "The other macros", font="small"))
            x += px(48)
        canvas.line(x + px(2), rect.y + px(8), x + px(2), rect.bottom - px(8), "panel_edge")
        room = Rect(x + px(10), rect.y, rect.right - x - px(18), rect.h)
        two_rows = not grid.low and not grid.narrow
        chip_h, rows = px(_CHIP_H), 2 if two_rows else 1
        per_row = max(int(room.w // px(_CHIP_W + 4)), 2)
        sources = list(words.STRIP_SOURCES)
        if per_row * rows < len(sources) + 1:
            sources.sort(key=lambda s: not gestures.is_used(s))
        shown = sources[:per_row * rows - 1]
        chip_w = room.w / per_row - px(4)
        top = rect.y + (rect.h - rows * chip_h - (rows - 1) * px(4)) / 2
        places = [Rect(room.x + (i % per_row) * (chip_w + px(4)), top + (i // per_row) * (chip_h + px(4)), chip_w, chip_h)
                  for i in range(per_row * rows)]
        for source, place in zip(shown, places, strict=False):
            self.controls.append(SourceChip(canvas, source, place, gestures, dragging))
        last = places[min(len(shown), len(places) - 1)]
        all_shown = len(shown) == len(sources)
        self.controls.append(Button(canvas, "matrix.open", last, "Matrix" if all_shown else "All",
                                    (lambda: open_view("modulation")) if all_shown else (lambda: open_sources(last)),
                                    "Every row of what moves what" if all_shown else "Every source", font="small"))
