"""Levels over frequency that are also handles: the filter's point, the equaliser's bands."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg
import numpy as np

from ...params.knobs import PARAMS
from .. import words
from ..curve_points import eq_db, filter_db
from ..geometry import Rect
from .canvas import Canvas, place_path
from .control import Pointer
from .curves import Curve

if TYPE_CHECKING:
    from ...session.view_state import Snapshot
    from ..gestures import Gestures

_LOW_HZ, _HIGH_HZ = 20.0, 20000.0


def _x_of(room: Rect, hz: float) -> float:
    return room.x + math.log(hz / _LOW_HZ) / math.log(_HIGH_HZ / _LOW_HZ) * room.w


def _hz_at(room: Rect, x: float) -> float:
    unit = min(max((x - room.x) / room.w, 0.0), 1.0)
    return float(_LOW_HZ * (_HIGH_HZ / _LOW_HZ) ** unit)


class _Response(Curve):
    """Level over frequency."""

    span_db = (-48.0, 24.0)

    def _draw_grid(self) -> None:
        px = self._canvas.px
        for hz, title in ((50, "50"), (100, "100"), (200, "200"), (500, "500"), (1000, "1k"), (2000, "2k"), (5000, "5k"), (10000, "10k")):
            x = _x_of(self.room, hz)
            self._canvas.line(x, self.rect.y + 1, x, self.rect.bottom - 1, "grid")
            if self.rect.h > px(90):
                self._canvas.text(x, self.rect.bottom - px(15), title, "tiny", "faint", align=0.5)

    def _y_of(self, level_db: float | np.ndarray):
        low, high = self.span_db
        return self.room.bottom - (np.clip(level_db, low, high) - low) / (high - low) * self.room.h


class FilterCurve(_Response):
    """The filter's response; its point is cut-off and resonance."""

    knobs = ("filter.cutoff_hz", "filter.resonance", "filter.type")

    def __init__(self, canvas: Canvas, rect: Rect, gestures: "Gestures") -> None:
        super().__init__(canvas, "filter.curve", rect, gestures)
        self._moved = canvas.path([(rect.x, rect.bottom), (rect.x, rect.bottom)], "orange", canvas.px(1.2))

    def _response(self, kind: str, cutoff_hz: float, resonance: float) -> list:
        x = np.linspace(self.room.x, self.room.right, 121)
        hz = _LOW_HZ * (_HIGH_HZ / _LOW_HZ) ** ((x - self.room.x) / self.room.w)
        return np.stack((x, self._y_of(filter_db(kind, hz, cutoff_hz, resonance))), 1).tolist()

    def _shape(self, value: Callable[[str], float]) -> tuple[list, float, dict[str, tuple[float, float]]]:
        kind = PARAMS["filter.type"].choices[int(value("filter.type"))]
        line = self._response(kind, value("filter.cutoff_hz"), value("filter.resonance"))
        y = self.room.bottom - (0.12 + 0.76 * value("filter.resonance")) * self.room.h
        return line, self.room.bottom, {"point": (_x_of(self.room, value("filter.cutoff_hz")), y)}

    def _live(self, snapshot: "Snapshot") -> tuple:
        unit = PARAMS["filter.cutoff_hz"].to_unit(self.gestures.value("filter.cutoff_hz"))
        moved = self.gestures.modulated("filter.cutoff_hz", unit, snapshot)
        return (round(moved[2], 3) if moved else None,)

    def _draw_live(self, snapshot: "Snapshot") -> None:
        now = self._live(snapshot)[0]
        dpg.configure_item(self._moved, show=now is not None)
        if now is not None:
            kind = PARAMS["filter.type"].choices[int(self.gestures.value("filter.type"))]
            hz = PARAMS["filter.cutoff_hz"].from_unit(now)
            place_path(self._moved, self._response(kind, hz, self.gestures.value("filter.resonance")))

    def _move(self, handle: str, at: Pointer) -> None:
        self._set("filter.cutoff_hz", _hz_at(self.room, at.x))
        self._set("filter.resonance", ((self.room.bottom - at.y) / self.room.h - 0.12) / 0.76)

    def _knobs_of(self, handle: str) -> tuple[str, ...]:
        return ("filter.cutoff_hz", "filter.resonance")

    def tip(self, at: Pointer) -> list[str]:
        """Cut-off and resonance."""
        shown = [words.show_value(PARAMS[n], self.gestures.value(n)) for n in ("filter.cutoff_hz", "filter.resonance")]
        return ["   ".join(shown), "Drag the point: across is the cut-off, up the resonance"]


class EqCurve(_Response):
    """The equaliser's response; a point for each band."""

    knobs = tuple(f"eq.{band}_{part}" for band in ("low", "bell1", "bell2", "high") for part in ("gain_db", "freq_hz")) + (
        "eq.bell1_q", "eq.bell2_q")
    span_db = (-20.0, 20.0)

    def __init__(self, canvas: Canvas, rect: Rect, gestures: "Gestures") -> None:
        super().__init__(canvas, "eq.curve", rect, gestures)

    def _shape(self, value: Callable[[str], float]) -> tuple[list, float, dict[str, tuple[float, float]]]:
        x = np.linspace(self.room.x, self.room.right, 121)
        hz = _LOW_HZ * (_HIGH_HZ / _LOW_HZ) ** ((x - self.room.x) / self.room.w)
        line = np.stack((x, self._y_of(eq_db(hz, value))), 1).tolist()
        handles = {band: (_x_of(self.room, value(f"eq.{band}_freq_hz")), float(self._y_of(value(f"eq.{band}_gain_db"))))
                   for band in ("low", "bell1", "bell2", "high")}
        return line, float(self._y_of(0.0)), handles

    def _move(self, handle: str, at: Pointer) -> None:
        low, high = self.span_db
        self._set(f"eq.{handle}_freq_hz", _hz_at(self.room, at.x))
        self._set(f"eq.{handle}_gain_db", low + (self.room.bottom - at.y) / self.room.h * (high - low))

    def wheel(self, clicks: float, fine: bool) -> None:
        """The wheel narrows or widens the bell that was touched last."""
        name = f"eq.{self._last}_q"
        if name in PARAMS:
            unit = PARAMS[name].to_unit(self.gestures.value(name)) + clicks / (400 if fine else 40)
            self._set(name, PARAMS[name].from_unit(unit))

    def _knobs_of(self, handle: str) -> tuple[str, ...]:
        return (f"eq.{handle}_gain_db",) if handle else ()

    def tip(self, at: Pointer) -> list[str]:
        """What to do."""
        return ["Drag a point: across is the frequency, up the gain", "Double click makes the nearest band flat"]
