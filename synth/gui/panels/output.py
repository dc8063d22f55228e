"""The output strip: two meters with peak marks and the level fader between them."""

import math
import time
from typing import TYPE_CHECKING

from ...params.knobs import PARAMS
from ..geometry import Rect
from ..theme import shade
from ..widgets.canvas import Canvas, place_box, set_colour, set_text, show
from ..widgets.sliders import Fader

if TYPE_CHECKING:
    from ...session.session import Session
    from ...session.view_state import Snapshot

_FLOOR_DB = -60.0
_FALL_DB_S = 26.0
_HOLD_S = 1.5


def level_db(peak: float) -> float:
    """Linear peak to dB, not under the meter's floor."""
    return max(_FLOOR_DB, 20 * math.log10(max(peak, 1e-6)))


class Meter:
    """One channel: the level falls at a steady rate, the highest peak stays a while."""

    def __init__(self, canvas: Canvas, rect: Rect) -> None:
        self._rect = rect
        canvas.box(rect, "well", "panel_edge", 2)
        self._body = canvas.box(Rect(rect.x + 1, rect.bottom, rect.w - 2, 1), "teal", None, 0)
        self._hot = canvas.box(Rect(rect.x + 1, rect.bottom, rect.w - 2, 1), "orange", None, 0)
        self._mark = canvas.box(Rect(rect.x + 1, rect.bottom, rect.w - 2, 2), "text", None, 0)
        self._level = self._peak = _FLOOR_DB
        self._then = self._peak_at = time.monotonic()
        self._shown: tuple[int, int] | None = None

    def _y_of(self, db: float) -> float:
        return round(self._rect.bottom - (db - _FLOOR_DB) / -_FLOOR_DB * self._rect.h)

    def show(self, peak: float) -> float:
        """Draw a linear peak; returns the mark in dB."""
        now = time.monotonic()
        self._level = max(level_db(peak), self._level - _FALL_DB_S * (now - self._then))
        self._then = now
        if self._level >= self._peak:
            self._peak, self._peak_at = self._level, now
        elif now - self._peak_at > _HOLD_S:
            self._peak = max(self._level, self._peak - 0.5)
        top, mark = self._y_of(min(self._level, 0.0)), self._y_of(min(self._peak, 0.0))
        if (top, mark) != self._shown:
            self._shown = (int(top), int(mark))
            r, warm = self._rect, self._y_of(-12.0)
            place_box(self._body, Rect(r.x + 1, max(top, warm), r.w - 2, r.bottom - max(top, warm)))
            place_box(self._hot, Rect(r.x + 1, min(top, warm), r.w - 2, warm - min(top, warm)))
            show(self._hot, top < warm)
            place_box(self._mark, Rect(r.x + 1, mark, r.w - 2, 2))
            show(self._mark, self._peak > _FLOOR_DB)
        return self._peak


class Output:
    """Meters left and right of the fader; the highest peak in figures above."""

    def __init__(self, canvas: Canvas, rect: Rect, session: "Session") -> None:
        px = canvas.px
        canvas.panel(rect, "LEVEL")
        inside = rect.inset(px(10), px(50), px(10), px(8))
        self._words = canvas.text(rect.x + px(10), rect.y + px(29), "", "small", "dim")
        self._meters = tuple(Meter(canvas, Rect(x, inside.y + px(6), px(9), inside.h - px(34)))
                             for x in (inside.x, inside.x + px(12)))
        fader = Rect(inside.x + px(30), inside.y, inside.w - px(30), inside.h)
        for db in (0, -12, -24, -48):
            y = inside.y + px(6) + (inside.h - px(34)) * db / _FLOOR_DB
            canvas.line(inside.x, y, inside.x + px(21), y, shade("text", 0.12))
        self.fader = Fader(canvas, PARAMS["master.gain_db"], fader, session)
        self._shown = ""

    def update(self, snapshot: "Snapshot") -> None:
        """Draw the peaks since the last snapshot."""
        peak = max(m.show(p) for m, p in zip(self._meters, (snapshot.peak_left, snapshot.peak_right), strict=True))
        words = f"{peak:.1f} dB" if peak > _FLOOR_DB else "−∞ dB"
        if words != self._shown:
            self._shown = words
            set_text(self._words, words)
            set_colour(self._words, "red" if peak > -0.3 else "dim")
