"""Sounds on the map: white dots for those that the model knows, with names where there is room; diamonds for opened recordings."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...text import printable
from ...timbres.density import Map
from ..geometry import Rect
from .canvas import Canvas
from .control import Pointer

if TYPE_CHECKING:
    from ...session.file_actions import OpenedSound

NEAR = 8.0  # points: what is pressed so near to a sound is meant for exactly that
_MOST_NAMES = 14
_WHITE = (255, 255, 255, 255)
_Place = tuple[float, float]


class MapSound(NamedTuple):
    """A sound on the map: its name, latents float[z], and what a tip says of it."""

    name: str
    latents: np.ndarray
    words: str


class MapSounds:
    """field: the map on the screen. to_screen: where a point of the map's plane is there; inside: no further than its edges."""

    def __init__(self, canvas: Canvas, found: Map, opened: "Sequence[OpenedSound]", field: Rect,
                 to_screen: Callable[[np.ndarray], _Place], inside: Callable[[_Place], _Place]) -> None:
        self._canvas, self._map, self._opened, self._field, self._to_screen, self._inside = canvas, found, opened, field, to_screen, inside
        self._draw_known()
        self._draw_opened()

    def _draw_known(self) -> None:
        c, px, r = self._canvas, self._canvas.px, self._field
        taken: list[Rect] = []
        for name, point in zip(self._map.names, self._map.points, strict=True):
            x, y = self._to_screen(point)
            if not r.inset(px(3)).holds(x, y):
                continue
            c.dot(x, y, px(1.8), (255, 255, 255, 190))
            label = printable(name)
            place = Rect(x + px(5), y - px(7), c.width(label, "tiny"), px(13))
            named = not label.isdigit() and len(taken) < _MOST_NAMES and place.right < r.right - px(2)
            if named and not any(place.x < o.right and o.x < place.right and place.y < o.bottom and o.y < place.bottom for o in taken):
                c.text(place.x, place.y, label, "tiny", (236, 240, 246, 255))
                taken.append(place)

    def _draw_opened(self) -> None:
        c, px = self._canvas, self._canvas.px
        for opened in self._opened:
            x, y = self._inside(self._place_of(opened))
            side = px(4.5)
            c.path([(x, y - side), (x + side, y), (x, y + side), (x - side, y), (x, y - side)], "rose", px(1.8))
            width = c.width(opened.name, "small")
            left = x + px(7) if x + px(7) + width < self._field.right else x - px(7) - width
            c.text(left, y - px(8), opened.name, "small", _WHITE)

    def _place_of(self, opened: "OpenedSound") -> tuple[float, float]:
        return self._to_screen(self._map.project(np.array(opened.latents)))

    def rects(self) -> dict[str, Rect]:
        """Where each is that the map shows, for tests."""
        reach = self._canvas.px(6)
        points = {f"opened.{o.name}": self._inside(self._place_of(o)) for o in self._opened}
        points |= {f"known.{name}": self._to_screen(point) for name, point in zip(self._map.names, self._map.points, strict=True)}
        return {name: Rect(x - reach, y - reach, 2 * reach, 2 * reach) for name, (x, y) in points.items()
                if self._field.holds(x, y)}

    def at(self, at: Pointer) -> MapSound | None:
        """The sound that a pointer is near enough to, one that was opened before others; None over none."""
        def nearest(places: Sequence[tuple[float, float]]) -> int | None:
            away = [math.dist(place, (at.x, at.y)) for place in places]
            i = int(np.argmin(away)) if away else -1
            return i if away and away[i] < self._canvas.px(NEAR) else None

        if (i := nearest([self._place_of(opened) for opened in self._opened])) is not None:
            opened = self._opened[i]
            return MapSound(opened.name, np.array(opened.latents), f"{opened.name}, {opened.lsd_db:.2f} dB from the file")
        if (i := nearest([self._to_screen(point) for point in self._map.points])) is not None:
            return MapSound(self._map.names[i], self._map.latents[i], self._map.names[i])
        return None
