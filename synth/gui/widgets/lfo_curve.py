"""The shape of an LFO, and where its value is; drawn by hand it becomes the free shape: points that are added, moved, bent, taken away."""

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg
import numpy as np

from ...params.knobs import LFO_SHAPES, MAX_LFO_POINTS, PARAMS
from ...patch.lfo_shape import MOST_BEND, Shape, bent
from ...session.differences import shape_of
from .. import words
from ..curve_points import as_drawn, lfo_points, shape_points
from ..geometry import Rect
from ..theme import COLOURS, shade
from .canvas import Canvas, show
from .control import Pointer
from .curves import Curve
from .menu_row import MenuRow

if TYPE_CHECKING:
    from ...session.view_state import Snapshot
    from ..gestures import Gestures

_REACH = 9.0  # points: a press so near to a handle takes it
_GRID, _LEVELS = 16, 8  # places in a cycle and levels each way that a point snaps to, unless Alt is down
_BEND_TRAVEL = 12.0  # of a bend, over the height of the drawing
_DOT = "bend"  # ends the names of the small dots that bend


class LfoCurve(Curve):
    """A click adds a point, a drag moves it (Alt: anywhere), a small dot bends, a double click takes away."""

    def __init__(self, canvas: Canvas, group: str, rect: Rect, gestures: "Gestures") -> None:
        self.group = group
        self.knobs = (f"{group}.shape", f"{group}.polarity", f"{group}.phase_cycles")
        super().__init__(canvas, f"{group}.curve", rect, gestures, "violet")
        self._now = canvas.line(rect.x, rect.y, rect.right, rect.y, shade("orange", 0.5))
        self._upwards, self._pointed = False, Pointer(rect.x, rect.y)
        self._bend_from = 0.0

    def _draw_grid(self) -> None:
        super()._draw_grid()
        for i in range(1, 8):
            x = self.rect.x + self.rect.w * i / 8
            self._canvas.line(x, self.rect.y + 1, x, self.rect.bottom - 1, "grid")

    # ---- drawing ---------------------------------------------------------------------------------------------------
    @property
    def drawn(self) -> Shape:
        """The points that are played or, of another shape, that it would have."""
        name = LFO_SHAPES[int(self.gestures.value(f"{self.group}.shape"))]
        return shape_of(self.gestures.session.patch, self.group) if name == "free" else as_drawn(name)

    def _level_y(self, level: np.ndarray) -> np.ndarray:
        r = self.room
        return r.bottom - (level + 1) / 2 * r.h

    def _shape(self, value: Callable[[str], float]) -> tuple[list, float, dict[str, tuple[float, float]]]:
        name = LFO_SHAPES[int(value(f"{self.group}.shape"))]
        self._upwards = value(f"{self.group}.polarity") > 0.5
        r, handles = self.room, dict[str, tuple[float, float]]()
        if name == "free":
            points = self.drawn
            x, y = shape_points(points)
            handles = {str(i): (r.x + p[0] * r.w, float(self._level_y(np.array(p[1])))) for i, p in enumerate(points)}
            for i, (one, other) in enumerate(zip(points, points[1:], strict=False)):
                if other[0] - one[0] > 0.02:
                    middle = one[1] + (other[1] - one[1]) * float(bent(np.array(0.5), np.array(one[2])))
                    handles[f"{i}{_DOT}"] = (r.x + (one[0] + other[0]) / 2 * r.w, float(self._level_y(np.array(middle))))
        else:
            x, y = lfo_points(name)
        return np.stack((r.x + x * r.w, self._level_y(y)), 1).tolist(), r.bottom if self._upwards else r.y + r.h / 2, handles

    def _place_handles(self, handles: dict[str, tuple[float, float]], colour: str) -> None:
        px, self._points = self._canvas.px, handles
        for name in {*handles, *self._handles}:
            small = name.endswith(_DOT)
            if name not in self._handles:
                self._handles[name] = self._canvas.dot(0, 0, px(2.5 if small else 4.5), colour if small else "well", colour, px(1.6))
            show(self._handles[name], name in handles)
            if name in handles:
                edge = "orange" if name == self._last else colour
                dpg.configure_item(self._handles[name], center=handles[name], color=self._canvas.colour(edge),
                                   fill=self._canvas.colour(edge if small else "well"))

    def _live(self, snapshot: "Snapshot") -> tuple:
        return (round(snapshot.sources.get(self.group, 0.0), 2), snapshot.voices > 0, self.drawn, self._last)

    def _draw_live(self, snapshot: "Snapshot") -> None:
        value, sounding = self._live(snapshot)[:2]
        y = float(self._level_y(np.array(2 * value - 1 if self._upwards else value)))
        dpg.configure_item(self._now, p1=(self.room.x, y), p2=(self.room.right, y), show=sounding, color=(*COLOURS["orange"][:3], 128))

    def inner_rects(self) -> dict[str, Rect]:
        """Where points and bends are."""
        side = self._canvas.px(4)
        return {name: Rect(x - side, y - side, 2 * side, 2 * side) for name, (x, y) in self._points.items()}

    # ---- gestures --------------------------------------------------------------------------------------------------
    def _near(self, at: Pointer) -> str:
        near = [(math.hypot(x - at.x, y - at.y) + (0.5 if name.endswith(_DOT) else 0), name) for name, (x, y) in self._points.items()]
        return min(near)[1] if near and min(near)[0] < self._canvas.px(_REACH) else ""

    def _asked(self, at: Pointer) -> tuple[float, float]:
        """(place, level) under the pointer, on the grid unless Alt is down."""
        r = self.room
        place, level = min(max((at.x - r.x) / r.w, 0.0), 1.0), min(max(1 - 2 * (at.y - r.y) / r.h, -1.0), 1.0)
        return (place, level) if at.alt else (round(place * _GRID) / _GRID, round(level * _LEVELS) / _LEVELS)

    def _set_shape(self, points: "list | Shape") -> None:
        self.gestures.session.set_lfo_shape(self.group, points, gesture=("drawn", self.group))

    def hover(self, at: Pointer) -> None:
        """What a menu will be about."""
        self._pointed = at

    def press(self, at: Pointer) -> None:
        """Take the handle that is near, or a new point."""
        self._from = at
        self._held = self._last = self._near(at) or self._add(at)
        if self._held.endswith(_DOT):
            self._bend_from = self.drawn[int(self._held.removesuffix(_DOT))][2]

    def _add(self, at: Pointer) -> str:
        points = self.drawn
        away = [math.hypot(self.room.x + p[0] * self.room.w - at.x, float(self._level_y(np.array(p[1]))) - at.y) for p in points]
        if min(away) < self._canvas.px(_REACH):  # of a shape that shows no points yet
            self._set_shape(points)
            return str(away.index(min(away)))
        if len(points) >= MAX_LFO_POINTS:
            self.gestures.session.tell(f"an LFO's shape has {MAX_LFO_POINTS} points at most; take one away by a double click")
            return ""
        place, level = self._asked(at)
        i = next((i for i, p in enumerate(points) if p[0] > place), len(points) - 1)
        bend = points[i - 1][2]
        self._set_shape([*points[:i], (place, level, bend), *points[i:]])
        return str(i)

    def _move(self, handle: str, at: Pointer) -> None:
        points = list(self.drawn)
        i = int(handle.removesuffix(_DOT))
        if i >= len(points):
            return
        place, level, bend = points[i]
        if handle.endswith(_DOT):
            rising = 1 if points[i + 1][1] >= level else -1
            by = rising * (self._from.y - at.y) / self.room.h * _BEND_TRAVEL * (0.2 if at.fine else 1)
            points[i] = (place, level, min(max(self._bend_from + by, -MOST_BEND), MOST_BEND))
        else:
            wanted, level = self._asked(at)
            ends = i in (0, len(points) - 1)
            points[i] = (place if ends else min(max(wanted, points[i - 1][0]), points[i + 1][0]), level, bend)
        if points[i] != self.drawn[i]:
            self._set_shape(points)

    def arrow(self, clicks: int, fine: bool) -> None:
        """The point that was touched last goes up or down."""
        points = list(self.drawn)
        if self._last and not self._last.endswith(_DOT) and int(self._last) < len(points):
            place, level, bend = points[int(self._last)]
            points[int(self._last)] = (place, min(max(level + clicks * (0.01 if fine else 0.1), -1.0), 1.0), bend)
            self._set_shape(points)

    def wheel(self, clicks: float, fine: bool) -> None:
        """Nothing: a drawing is not turned."""

    def reset(self) -> None:
        """Double click: the point goes, the bend is straight again."""
        if self._last:
            self._take_away(self._last)

    def _take_away(self, handle: str) -> None:
        points = list(self.drawn)
        i = int(handle.removesuffix(_DOT))
        if handle.endswith(_DOT) and i < len(points):
            points[i] = (*points[i][:2], 0.0)
        elif 0 < i < len(points) - 1:
            del points[i]
        self._last = ""
        self._set_shape(points)

    def menu(self) -> list[MenuRow]:
        """What can be done with the point under the pointer, and with all of them."""
        points, near = self.drawn, self._near(self._pointed)
        rows = [MenuRow(f"Shape of {words.source_name(self.group)}", None, f"{len(points)} points")]
        if near:
            rows.append(MenuRow("Straight again" if near.endswith(_DOT) else "Take this point away", partial(self._take_away, near),
                                "double click"))
        flipped = [(place, -level, bend) for place, level, bend in points]
        back = [(1 - place, level, -points[i - 1][2] if i else 0.0) for i, (place, level, _) in enumerate(points)][::-1]
        rows += [MenuRow("Upside down", partial(self._set_shape, flipped), rule=True), MenuRow("Backwards", partial(self._set_shape, back))]
        return rows + [MenuRow(f"Draw on from {name}", partial(self._set_shape, as_drawn(name)), rule=name == "sine")
                       for name in ("sine", "triangle", "rise", "fall", "square")]

    def tip(self, at: Pointer) -> list[str]:
        """What it is."""
        shape = words.show_value(PARAMS[f"{self.group}.shape"], self.gestures.value(f"{self.group}.shape"))
        return [f"{words.source_name(self.group)}: {shape}, over a cycle", "Click adds a point, drag moves it (Alt: anywhere)",
                "A small dot bends, a double click takes away"]
