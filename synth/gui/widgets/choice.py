"""A choice as words: a press opens the list of them; and a number in a box that is dragged or typed."""

from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg

from .. import words
from ..geometry import Rect
from .canvas import Canvas, set_text
from .control import ParamControl, Pointer
from .menu_row import MenuRow

if TYPE_CHECKING:
    from ...params.param import Param
    from ...session.view_state import Snapshot
    from ..gestures import Gestures

LABEL_H = 16  # points of the label over the box
_TRAVEL = 220  # points of drag over a number's whole range


class _Box(ParamControl):
    """A label over a box with the value in it."""

    takes_source = True

    def __init__(self, canvas: Canvas, param: "Param", rect: Rect, gestures: "Gestures", label: str | None = None, name: str = "") -> None:
        """label: '' for none, None for the knob's own. rect: with the label's height in it where there is a label."""
        super().__init__(param, rect, gestures, name)
        px, self._canvas = canvas.px, canvas
        text = words.label_of(param) if label is None else label
        self.box = rect.inset(0, px(LABEL_H), 0, 0) if text else rect
        self._label = canvas.text(rect.x + px(1), rect.y, text, "small", "dim") if text else 0
        self._body = canvas.box(self.box, "button", None, 5)
        self._words = canvas.text(0, 0, "", "text", "text")
        self._shown: tuple | None = None

    def _state(self, snapshot: "Snapshot") -> tuple:
        return (self.read(snapshot), self.hot, self.aimed, self.gestures.is_quiet(self.param.name),
                bool(self.gestures.rows_of(self.param.name)), self.gestures.is_learning(self.param.name))

    def update(self, snapshot: "Snapshot") -> None:
        """Write the value."""
        if self.is_as_drawn(snapshot):
            return
        state = self._state(snapshot)
        if state == self._shown:
            return
        self._shown = state
        value, hot, aimed, quiet, moved, learning = state
        dpg.configure_item(self._body, fill=self._canvas.colour("button_hover" if hot else "button"),
                           color=self._canvas.colour("rose" if learning else "violet" if aimed or moved else "button"))
        self._write("move a control" if learning else words.show_value(self.param, value),
                    "rose" if learning else "faint" if quiet else self.colour if self.colour == "orange" else "text")

    def _write(self, text: str, colour: str) -> None:
        raise NotImplementedError


class Choice(_Box):
    """One of several words."""

    def __init__(self, canvas: Canvas, param: "Param", rect: Rect, gestures: "Gestures", label: str | None = None, name: str = "") -> None:
        super().__init__(canvas, param, rect, gestures, label, name)
        px, box = canvas.px, self.box
        canvas.path([(box.right - px(17), box.y + box.h / 2 - px(2)), (box.right - px(13), box.y + box.h / 2 + px(2.5)),
                     (box.right - px(9), box.y + box.h / 2 - px(2))], "dim", px(1.4))

    def _write(self, text: str, colour: str) -> None:
        c, px = self._canvas, self._canvas.px
        top = self.box.y + (self.box.h - c.height("text")) / 2 - px(1)
        dpg.configure_item(self._words, pos=(round(self.box.x + px(8)), round(top)), color=c.colour(colour))
        set_text(self._words, c.fit(text, self.box.w - px(28), "text"))

    def press(self, at: Pointer) -> None:
        """Open the list."""
        self.gestures.open_menu(self.choice_rows(), Rect(self.box.x, self.box.bottom, self.box.w, 0))

    def choice_rows(self) -> list[MenuRow]:
        """Every choice, the present one marked."""
        here = int(round(self.value))

        def row(i: int, choice: str) -> MenuRow:
            said = "   ".join([*self.param.meanings[i:i + 1], *(["●"] if i == here else [])])
            return MenuRow(words.choice_name(choice), lambda: self.gestures.set_value(self.param.name, float(i)), said)
        return [row(i, choice) for i, choice in enumerate(self.param.choices)]

    def tip(self, at: Pointer) -> list[str]:
        """What each choice means, too."""
        name, said, *rows = super().tip(at)
        return [name, said, *(f"{words.choice_name(c)}: {m}" for c, m in zip(self.param.choices, self.param.meanings, strict=False)), *rows]

    def enter(self) -> None:
        """The list."""
        self.press(Pointer(self.rect.x, self.rect.y))


class NumberBox(_Box):
    """A number: drag up and down, or click to type."""

    def __init__(self, canvas: Canvas, param: "Param", rect: Rect, gestures: "Gestures", label: str | None = None, name: str = "") -> None:
        super().__init__(canvas, param, rect, gestures, label, name)
        self._unit: float | None = None
        self._last_y, self._moved = 0.0, False

    def _write(self, text: str, colour: str) -> None:
        c = self._canvas
        x = self.box.x + (self.box.w - c.width(text, "text")) / 2
        top = self.box.y + (self.box.h - c.height("text")) / 2 - c.px(1)
        dpg.configure_item(self._words, pos=(round(x), round(top)), color=c.colour(colour))
        set_text(self._words, text)

    def press(self, at: Pointer) -> None:
        """Take hold."""
        self._unit, self._last_y, self._moved = self.param.to_unit(self.value), at.y, False

    def drag(self, at: Pointer) -> None:
        """Up is more."""
        if self._unit is not None and at.y != self._last_y:
            self._unit = min(max(self._unit + (self._last_y - at.y) / self._canvas.px(_TRAVEL) / (10 if at.fine else 1), 0.0), 1.0)
            self._last_y, self._moved = at.y, True
            self.set_unit(self._unit, at.fine)

    def release(self) -> None:
        """A click types."""
        if not self._moved and self._unit is not None:
            self.gestures.type_value(self)
        self._unit = None

    def entry_rect(self) -> Rect:
        """The box."""
        return self.box
