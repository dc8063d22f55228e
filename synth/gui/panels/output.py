"""A meter: the level falls at a steady rate, the highest peak stays a while."""

import math
import time

import dearpygui.dearpygui as dpg

from ..geometry import Rect
from ..widgets.canvas import Canvas

_FLOOR_DB = -60.0
_FALL_DB_S = 26.0
_HOLD_S, _MARK_FALL_DB_S = 1.5, 30.0
_WARM_DB = -12.0


def level_db(peak: float) -> float:
    """Linear peak to dB, not under the meter's floor."""
    return max(_FLOOR_DB, 20 * math.log10(max(peak, 1e-6)))


class Meter:
    """One channel, lying down."""

    def __init__(self, canvas: Canvas, rect: Rect) -> None:
        self._rect = rect
        self._warm = self._x_of(_WARM_DB)
        canvas.box(rect, "track", None, 2)
        self._body = canvas.box(Rect(rect.x, rect.y, 1, rect.h), "teal", None, 2)
        self._hot = canvas.box(Rect(rect.x, rect.y, 1, rect.h), "orange", None, 0)
        self._mark = canvas.box(Rect(rect.x, rect.y, 2, rect.h), "text", None, 0)
        self._level = self._peak = _FLOOR_DB
        self._then = self._peak_at = time.monotonic()
        self._placed: dict[int, tuple[float, float]] = {}  # from where to where each of the three was drawn last

    def _x_of(self, db: float) -> float:
        return round(self._rect.x + (db - _FLOOR_DB) / -_FLOOR_DB * self._rect.w)

    def show(self, peak: float) -> float:
        """Draw a linear peak; returns the mark in dB."""
        now = time.monotonic()
        passed_s, self._then = now - self._then, now
        self._level = max(level_db(peak), self._level - _FALL_DB_S * passed_s)
        if self._level >= self._peak:
            self._peak, self._peak_at = self._level, now
        elif now - self._peak_at > _HOLD_S:
            self._peak = max(self._level, self._peak - _MARK_FALL_DB_S * passed_s)
        end, mark = self._x_of(min(self._level, 0.0)), self._x_of(min(self._peak, 0.0))
        left, warm = self._rect.x, self._warm
        self._place(self._body, left, min(end, warm))
        self._place(self._hot, warm, max(end, warm))
        self._place(self._mark, mark - 1, mark + 1 if self._peak > _FLOOR_DB else mark - 1)
        return self._peak

    def _place(self, item: int, left: float, right: float) -> None:
        """Draw a part from x to x, or hide it where that is nothing."""
        if self._placed.get(item) != (left, right):
            self._placed[item] = (left, right)
            r = self._rect
            dpg.configure_item(item, pmin=(left, r.y), pmax=(right, r.bottom), show=right > left)
