"""A meter: the level falls at a steady rate, the highest peak stays a while."""

import math
import time

from ..geometry import Rect
from ..widgets.canvas import Canvas, place_box, show

_FLOOR_DB = -60.0
_FALL_DB_S = 26.0
_HOLD_S = 1.5
_WARM_DB = -12.0


def level_db(peak: float) -> float:
    """Linear peak to dB, not under the meter's floor."""
    return max(_FLOOR_DB, 20 * math.log10(max(peak, 1e-6)))


class Meter:
    """One channel, lying down."""

    def __init__(self, canvas: Canvas, rect: Rect) -> None:
        self._rect = rect
        canvas.box(rect, "track", None, 2)
        self._body = canvas.box(Rect(rect.x, rect.y, 1, rect.h), "teal", None, 2)
        self._hot = canvas.box(Rect(rect.x, rect.y, 1, rect.h), "orange", None, 0)
        self._mark = canvas.box(Rect(rect.x, rect.y, 2, rect.h), "text", None, 0)
        self._level = self._peak = _FLOOR_DB
        self._then = self._peak_at = time.monotonic()
        self._shown: tuple[int, int] | None = None

    def _x_of(self, db: float) -> float:
        return round(self._rect.x + (db - _FLOOR_DB) / -_FLOOR_DB * self._rect.w)

    def show(self, peak: float) -> float:
        """Draw a linear peak; returns the mark in dB."""
        now = time.monotonic()
        self._level = max(level_db(peak), self._level - _FALL_DB_S * (now - self._then))
        self._then = now
        if self._level >= self._peak:
            self._peak, self._peak_at = self._level, now
        elif now - self._peak_at > _HOLD_S:
            self._peak = max(self._level, self._peak - 0.5)
        end, mark = self._x_of(min(self._level, 0.0)), self._x_of(min(self._peak, 0.0))
        if (end, mark) != self._shown:
            self._shown = (int(end), int(mark))
            r, warm = self._rect, self._x_of(_WARM_DB)
            place_box(self._body, Rect(r.x, r.y, max(min(end, warm) - r.x, 0), r.h))
            place_box(self._hot, Rect(warm, r.y, max(end - warm, 0), r.h))
            show(self._body, end > r.x)
            show(self._hot, end > warm)
            place_box(self._mark, Rect(mark - 1, r.y, 2, r.h))
            show(self._mark, self._peak > _FLOOR_DB)
        return self._peak
