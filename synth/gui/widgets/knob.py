"""The knob: drag up and down, shift for fine, wheel, a typed value, double click for the default; a ring where it is modulated."""

import math
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg

from .. import words
from ..geometry import Rect
from .canvas import Canvas, place_dot, place_line, place_path, set_colour, set_text, show
from .control import ParamControl, Pointer
from .padlock import Padlock

if TYPE_CHECKING:
    from ...params.param import Param
    from ...session.view_state import Snapshot
    from ..gestures import Gestures

_START, _SWEEP = math.radians(135), math.radians(270)
_TRAVEL = 160  # points of drag from end to end
_RING = 5.0  # points that the ring of modulation lies outside the arc
LABELS_H = 32  # points under the dial for name and value


def arc(x: float, y: float, radius: float, start: float, end: float) -> list[tuple[float, float]]:
    """Points of an arc between two knob positions 0..1."""
    n = max(2, int(abs(end - start) * 40) + 1)
    angles = (_START + _SWEEP * (start + (end - start) * i / (n - 1)) for i in range(n))
    return [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in angles]


class Knob(ParamControl):
    """One declared knob with its name and, always, its value."""

    takes_source = True

    def __init__(self, canvas: Canvas, param: "Param", rect: Rect, gestures: "Gestures", *, size: float = 40, name: str = "",
                 label: str = "") -> None:
        """size: of the dial in points. name: of the control, where the knob stands twice. label: what is written under it."""
        super().__init__(param, rect, gestures, name)
        self._canvas = canvas
        self._unit: float | None = None  # as dragged, finer than what the knob may be set to
        self._last_y, self._moved, self._on_ring = 0.0, False, False
        self._shown: tuple | None = None
        self._label_words = label or words.label_of(param)
        px = canvas.px
        self._r = px(size / 2 - 1)
        self._size = size
        self._place_dial()
        self._track = canvas.path(arc(self._x, self._y, self._r, 0, 1), "track", px(3.2))
        self._zero = param.to_unit(0.0) if param.low == -param.high else 0.0
        self._arc = canvas.path(arc(self._x, self._y, self._r, 0, 0.01), "teal", px(3.2))
        self._cap = canvas.dot(self._x, self._y, self._r - px(5.5), "cap")
        self._needle = canvas.line(0, 0, 1, 1, "text", px(2))
        self._ring = canvas.path(arc(self._x, self._y, self._r + px(_RING), 0, 0.01), "violet", px(2))
        self._dot = canvas.dot(self._x, self._y, px(2.8), "orange")
        self._halo = canvas.dot(self._x, self._y, self._r + px(_RING + 1.5), None, "violet", px(1.6))
        for item in (self._ring, self._dot, self._halo):
            show(item, False)
        self._padlock = Padlock(canvas, self._x - self._r - px(3), self._y - self._r + px(2))
        self._lay_labels()
        self._written = ""

    def _place_dial(self) -> None:
        self._x, self._y = self.rect.x + self.rect.w / 2, self.rect.y + self._canvas.px(self._size / 2 + _RING)

    def _lay_labels(self) -> None:
        """Name and value under the dial."""
        px, rect = self._canvas.px, self.rect
        self._name_at = rect.y + px(self._size + 2 * _RING - 1)
        self._value_at = self._name_at + px(14)
        self._name_item = self._centred(self._canvas.fit(self._label_words, rect.w + px(6), "small"), self._name_at, "dim")
        self._value_item = self._centred("", self._value_at, "text")

    def _value_x(self, text: str) -> float:
        return self._x - self._canvas.width(text, "small") / 2

    def _centred(self, text: str, y: float, colour: str) -> int:
        return self._canvas.text(self._x, y, text, "small", colour, align=0.5)

    def update(self, snapshot: "Snapshot") -> None:
        """Turn the needle and the arc to the played value, the ring and its dot to what modulation makes of it."""
        if self.is_as_drawn(snapshot):
            return
        value, gestures = self.read(snapshot), self.gestures
        moved = gestures.modulated(self.param.name, self.param.to_unit(value), snapshot)
        state = (value, self.hot, self.aimed, gestures.is_quiet(self.param.name), moved, gestures.is_learning(self.param.name),
                 gestures.is_locked(self.param.name))
        if state == self._shown:
            return
        self._shown = state
        self._turn(self.param.to_unit(value), quiet=state[3])
        self._show_ring(moved)
        self._padlock.show(state[6])
        learning = state[5]
        self._write("move a control" if learning else words.show_value(self.param, value),
                    "rose" if learning else "faint" if state[3] else "text")
        set_colour(self._name_item, "faint" if state[3] else "dim")

    def _turn(self, unit: float, quiet: bool) -> None:
        angle = _START + _SWEEP * unit
        c, s = math.cos(angle), math.sin(angle)
        inner, outer = self._r * 0.24, self._r * 0.6
        place_line(self._needle, self._x + inner * c, self._y + inner * s, self._x + outer * c, self._y + outer * s)
        end = unit if abs(unit - self._zero) > 0.004 else self._zero + 0.004
        place_path(self._arc, arc(self._x, self._y, self._r, self._zero, end))
        set_colour(self._arc, "faint" if quiet else self.colour)
        set_colour(self._needle, "faint" if quiet else "text")
        dpg.configure_item(self._cap, fill=self._canvas.colour("button_hover" if self.hot else "cap"))
        show(self._halo, self.aimed)

    def _show_ring(self, moved: tuple[float, float, float] | None) -> None:
        show(self._ring, moved is not None)
        show(self._dot, moved is not None)
        if moved is not None:
            low, high, now = (min(max(u, 0.0), 1.0) for u in moved)
            r = self._r + self._canvas.px(_RING)
            place_path(self._ring, arc(self._x, self._y, r, low, max(high, low + 0.01)))
            place_dot(self._dot, *arc(self._x, self._y, r, now, now)[0])

    def _write(self, text: str, colour: str) -> None:
        if text != self._written:
            self._written = text
            dpg.configure_item(self._value_item, pos=(round(self._value_x(text)), round(self._value_at)))
            set_text(self._value_item, text)
        set_colour(self._value_item, colour)

    # ---- gestures --------------------------------------------------------------------------------------------------
    def _is_on_ring(self, at: Pointer) -> bool:
        away = math.hypot(at.x - self._x, at.y - self._y)
        return away > self._r + self._canvas.px(2) and at.y < self._name_at and bool(self.gestures.rows_of(self.target))

    def press(self, at: Pointer) -> None:
        """Take hold of the knob, or of its ring; a press on the value is a question for one."""
        self._moved, self._last_y = False, at.y
        self._on_ring = self._is_on_ring(at)
        self._unit = self.param.to_unit(self.value)

    def drag(self, at: Pointer) -> None:
        """Up is more; ten times slower with shift."""
        if self._unit is None or at.y == self._last_y:
            return
        step = (self._last_y - at.y) / (self._canvas.px(_TRAVEL) * (10 if at.fine else 1))
        self._last_y, self._moved = at.y, True
        if self._on_ring:
            self.gestures.turn_depth(self.target, step * 2)
            return
        self._unit = min(max(self._unit + step, 0.0), 1.0)
        self.set_unit(self._unit, at.fine)

    def release(self) -> None:
        """Let go; a click on the value lets it be typed."""
        if not self._moved and self._unit is not None and self._last_y > self._value_at - self._canvas.px(2):
            self.gestures.type_value(self)
        self._unit = None

    def reset(self) -> None:
        """Double click: the default, or on the ring, no more modulation by its newest row."""
        if self._on_ring:
            self.gestures.remove_newest_row(self.target)
        else:
            super().reset()

    def entry_rect(self) -> Rect:
        """Where a value is typed."""
        px = self._canvas.px
        return Rect(self._x - px(34), self._value_at - px(4), px(68), px(22))


class LedSwitch(ParamControl):
    """A module's switch: on when the module sounds; it keeps the values it had."""

    def __init__(self, canvas: Canvas, group: str, param: "Param", rect: Rect, gestures: "Gestures") -> None:
        super().__init__(param, rect, gestures, f"{group}.switch")
        self._canvas, self._group = canvas, group
        self._body = canvas.box(rect, "track", None, rect.h / canvas.px(2))
        self._knob = canvas.dot(rect.x + rect.h / 2, rect.y + rect.h / 2, rect.h / 2 - canvas.px(2.5), "faint")
        self._shown: tuple | None = None
        self.double_resets = False

    def update(self, snapshot: "Snapshot") -> None:
        """Right and lit is on."""
        if self.is_as_drawn(snapshot):
            return
        self.read(snapshot)
        state = (not self.gestures.is_quiet(self.param.name), self.hot)
        if state != self._shown:
            self._shown = state
            on = state[0]
            dpg.configure_item(self._body, fill=self._canvas.colour("chosen" if on else "track"))
            x = self.rect.right - self.rect.h / 2 if on else self.rect.x + self.rect.h / 2
            place_dot(self._knob, x, self.rect.y + self.rect.h / 2)
            dpg.configure_item(self._knob, fill=self._canvas.colour("teal" if on else "faint"))

    def press(self, at: Pointer) -> None:
        """Put the module to sleep, or wake it with the values it had."""
        self.gestures.toggle_module(self._group)

    def enter(self) -> None:
        """A key presses it as the mouse does: there is no value to type."""
        self.press(Pointer(self.rect.x, self.rect.y))

    def wheel(self, clicks: float, fine: bool) -> None:
        """Nothing: a switch is pressed."""

    def tip(self, at: Pointer) -> list[str]:
        """What it does."""
        return ["on or off; what was set is kept"]


