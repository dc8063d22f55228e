"""The two axes of the map as targets of modulation: `map.x` along its bottom, `map.y` along its left, and where they put the sound."""

from typing import TYPE_CHECKING

import numpy as np

from ...params.knobs import PARAMS
from ...session.modulation import mod_rows
from ..geometry import Rect
from .canvas import Canvas, place_dot, place_path, show
from .control import Pointer
from .menu_row import MenuRow

if TYPE_CHECKING:
    from ...session.view_state import Snapshot
    from ..gestures import Gestures

NAMES = ("map.x", "map.y")


class MapAxes:
    """A source that is held over the map moves the axis whose edge is nearer; a violet dot shows where the newest voice is moved to."""

    def __init__(self, canvas: Canvas, field: Rect, gestures: "Gestures") -> None:
        self._canvas, self._field, self._gestures = canvas, field, gestures
        px = canvas.px
        self.target = NAMES[0]
        self._edges = {"map.x": canvas.line(field.x, field.bottom - px(2), field.right, field.bottom - px(2), "violet", px(4)),
                       "map.y": canvas.line(field.x + px(2), field.y, field.x + px(2), field.bottom, "violet", px(4))}
        self._reach = canvas.path([(0, 0), (1, 0)], "violet", px(1.6))
        self._dot = canvas.dot(0, 0, px(3.4), "violet", (255, 255, 255, 255), px(1))
        self._shown: tuple | None = None

    def aim_at(self, at: Pointer) -> None:
        """Which axis a drop here moves."""
        r = self._field
        self.target = NAMES[1] if (at.x - r.x) / r.w < (r.bottom - at.y) / r.h else NAMES[0]

    def update(self, snapshot: "Snapshot", aimed: bool, here: tuple[float, float]) -> None:
        """Light the edge that is aimed at; move the dot. here: of the sound that nothing moves, in pixels."""
        units = [PARAMS[name].to_unit(float(snapshot.params.get(name, 0.0))) for name in NAMES]
        moved = [self._gestures.modulated(name, unit, snapshot) for name, unit in zip(NAMES, units, strict=True)]
        state = (aimed, self.target, tuple(moved), here)
        if state == self._shown:
            return
        self._shown = state
        for name, item in self._edges.items():
            show(item, aimed and name == self.target)
        any_moved = any(m is not None for m in moved)
        for item in (self._reach, self._dot):
            show(item, any_moved)
        if any_moved:
            spans = np.array([[0.0, 0.0, 0.0] if m is None else [2 * (u - unit) for u in m] for m, unit in zip(moved, units, strict=True)])
            x, y = here[0] + spans[0] * self._field.w, here[1] - spans[1] * self._field.h  # low, high, now
            place_path(self._reach, [self._inside(x[0], y[0]), self._inside(x[1], y[1])])
            place_dot(self._dot, *self._inside(x[2], y[2]))

    def _inside(self, x: float, y: float) -> tuple[float, float]:
        r, edge = self._field, self._canvas.px(4)
        return min(max(float(x), r.x + edge), r.right - edge), min(max(float(y), r.y + edge), r.bottom - edge)

    def menu(self) -> list[MenuRow]:
        """What moves the sound on the map, to take it away."""
        rows = [row for row in mod_rows(self._gestures.session.patch) if row.target in NAMES]
        return [MenuRow(f"Remove {self._gestures.depth_line(row)}", lambda slot=row.slot: self._gestures.session.remove_row(slot),  # type: ignore[misc]
                        rule=row is rows[0]) for row in rows]

    def tip(self) -> list[str]:
        """What moves the sound on the map."""
        return [self._gestures.depth_line(row) for row in mod_rows(self._gestures.session.patch) if row.target in NAMES]
