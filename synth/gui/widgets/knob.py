"""The knob: drag up and down, shift for fine, wheel, double click for the default."""

import math
from typing import TYPE_CHECKING

from ..geometry import (
    GROUP_GAP,
    GROUP_TITLE_H,
    KNOB_H,
    KNOB_MARGIN,
    KNOB_W,
    PAGER_W,
    ROW_H,
    Rect,
    knob_rows,
    knob_rows_in,
)
from ..theme import COLOURS
from . import labels
from .canvas import Canvas, place_line, place_path, set_colour, set_text
from .control import ParamControl, Pointer

if TYPE_CHECKING:
    from ...params.param import Group, Param
    from ...session.session import Session
    from ...session.view_state import Snapshot

_START, _SWEEP = math.radians(135), math.radians(270)
_TRAVEL = 160  # points of drag from end to end


def arc(x: float, y: float, radius: float, start: float, end: float) -> list[tuple[float, float]]:
    """Points of an arc between two knob positions 0..1."""
    n = max(2, int(abs(end - start) * 40) + 1)
    angles = (_START + _SWEEP * (start + (end - start) * i / (n - 1)) for i in range(n))
    return [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in angles]


class Knob(ParamControl):
    """One declared knob, drawn; its label turns into its value while it is pointed at or moves."""

    def __init__(self, canvas: Canvas, param: "Param", rect: Rect, session: "Session") -> None:
        super().__init__(param, rect, session)
        self._canvas = canvas
        self._unit: float | None = None  # as dragged, finer than what the knob may be set to
        self._last_y = 0.0
        self._moved = False
        self.hot = False
        self._shown: tuple[float, bool] | None = None
        px = canvas.px
        colour = COLOURS[labels.colour(param.group)]
        self._x, self._y, self._r = rect.x + rect.w / 2, rect.y + px(27), px(19)
        canvas.path(arc(self._x, self._y, self._r, 0, 1), "track", px(3.5))
        self._zero = param.to_unit(0.0) if param.low == -param.high else 0.0
        self._arc = canvas.path(arc(self._x, self._y, self._r, 0, 0.01), colour, px(3.5))
        canvas.dot(self._x, self._y, px(13.5), "cap")
        self._needle = canvas.line(0, 0, 1, 1, "text", px(2))
        self._label = canvas.text(rect.x, rect.y + px(53), "", "small", "dim")
        self._name = canvas.fit(param.label, rect.w - px(2), "small")

    def update(self, snapshot: "Snapshot") -> None:
        """Turn the needle and the arc to the played value."""
        state = (self.read(snapshot), self.hot or self._unit is not None)
        if state == self._shown:
            return
        self._shown = state
        unit = self.param.to_unit(state[0])
        angle = _START + _SWEEP * unit
        c, s = math.cos(angle), math.sin(angle)
        inner, outer = self._canvas.px(5), self._canvas.px(11.5)
        place_line(self._needle, self._x + inner * c, self._y + inner * s, self._x + outer * c, self._y + outer * s)
        end = unit if abs(unit - self._zero) > 0.004 else self._zero + 0.004
        place_path(self._arc, arc(self._x, self._y, self._r, self._zero, end))
        self._write(labels.compact(self.param, state[0]) if state[1] else self._name, "text" if state[1] else "dim")

    def _write(self, words: str, colour: str) -> None:
        import dearpygui.dearpygui as dpg

        x = self._x - self._canvas.width(words, "small") / 2
        dpg.configure_item(self._label, pos=(round(x), round(self.rect.y + self._canvas.px(53))))
        set_text(self._label, words)
        set_colour(self._label, colour)

    def press(self, at: Pointer) -> None:
        """Take hold."""
        self._unit, self._last_y, self._moved = self.param.to_unit(self.value), at.y, False

    def drag(self, at: Pointer) -> None:
        """Up is more; ten times slower with shift."""
        if self._unit is None or at.y == self._last_y:
            return
        self._moved = True
        travel = self._canvas.px(_TRAVEL) * (10 if at.fine else 1)
        self._unit = min(max(self._unit + (self._last_y - at.y) / travel, 0.0), 1.0)
        self._last_y = at.y
        self.set_unit(self._unit, at.fine)

    def release(self) -> None:
        """Let go; a click on a choice takes the next one."""
        if self.param.choices and not self._moved and self._unit is not None:
            self.session.set_param(self.name, (self.value + 1) % len(self.param.choices))
        self._unit = None


def knob_panel(canvas: Canvas, rect: Rect, session: "Session", first_row: int = 0) -> list[Knob]:
    """Every declared knob in its group, flowing in rows; rows before `first_row` and those that do not fit are left out."""
    px, knobs = canvas.px, []
    canvas.panel(rect)
    groups = labels.grouped()
    rows = knob_rows([len(params) for _, params in groups], rect.w / canvas.style.scale - KNOB_MARGIN)
    row_h = px(ROW_H)
    for line, row in enumerate(rows[first_row:first_row + knob_rows_in(rect.h / canvas.style.scale)]):
        used = sum(len(groups[i][1]) for i in row) * px(KNOB_W)
        gap = min((rect.w - px(KNOB_MARGIN) - used) / max(1, len(row) - 1), px(3 * GROUP_GAP)) if len(row) > 1 else 0.0
        x = rect.x + (rect.w - px(PAGER_W) - used - gap * (len(row) - 1)) / 2
        for i in row:
            group, params = groups[i]
            _heading(canvas, Rect(x, rect.y + px(7) + line * row_h, px(KNOB_W) * len(params), px(GROUP_TITLE_H)), group)
            for param in params:
                cell = Rect(x, rect.y + px(7 + GROUP_TITLE_H) + line * row_h, px(KNOB_W), px(KNOB_H))
                knobs.append(Knob(canvas, param, cell, session))
                x += px(KNOB_W)
            x += gap
    return knobs


def _heading(canvas: Canvas, r: Rect, group: "Group") -> None:
    px = canvas.px
    words = canvas.fit(group.title.upper(), r.w - px(8), "tiny")
    canvas.text(r.x + px(6), r.y + px(3), words, "tiny", labels.colour(group))
    start = r.x + px(12) + canvas.width(words, "tiny")
    if start < r.right - px(8):
        canvas.line(start, r.y + px(9), r.right - px(6), r.y + px(9), "panel_edge")
