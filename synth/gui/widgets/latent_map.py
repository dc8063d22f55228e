"""The map of the latent space: where sounds are, known ones by name, the corners, where the sound is and has been.

Click goes there; a known sound is taken exactly; a corner is dragged, and a known sound is carried away, to a corner or the morph.
A source that is dropped on it moves `map.x` or `map.y`.
"""

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg
import numpy as np

from ...params.knobs import CORNERS
from ...session.preset_point import sound_at
from ...text import printable
from ...timbres.density import Map
from ...timbres.source import ModelSource
from ..geometry import Rect
from .canvas import Canvas, place_dot, place_path, show
from .control import Control, Pointer
from .corner_places import corner_places
from .map_axes import MapAxes
from .map_picture import map_pixels
from .map_sounds import NEAR, MapSound, MapSounds
from .menu_row import MenuRow
from .pick_up import STILL
from .preset_place import HeldPreset, PresetPlace

if TYPE_CHECKING:
    from ...session.view_state import Snapshot
    from ..dragging import Dragging
    from ..gestures import Gestures

_CORNER_REACH = 11.0  # points: a press so near to a corner takes hold of it
_TRAIL_S, _TRAIL_STEP_S = 8.0, 0.08


class LatentMap(Control):
    """Drawn once for a model; the dots move."""

    def __init__(self, canvas: Canvas, rect: Rect, gestures: "Gestures", dragging: "Dragging", textures: dict[str, int]) -> None:
        """textures: kept by the window from layout to layout, by a model's hash."""
        super().__init__("map", rect)
        self._canvas, self._gestures, self._session, self._dragging = canvas, gestures, gestures.session, dragging
        source = self._session.source
        self._map: Map | None = source.map if isinstance(source, ModelSource) else None
        side = min(rect.w, rect.h)
        square = Rect(rect.x + (rect.w - side) / 2, rect.y + (rect.h - side) / 2, side, side)
        self._field = square if side < 0.8 * max(rect.w, rect.h) else rect
        canvas.box(rect, "well", "panel_edge", 5)
        self._trail: list[tuple[float, np.ndarray]] = []
        self._opened = [opened for opened in self._session.opened_sounds if opened.model_sha256 == source.sha256] if self._map else []
        self._sounds: MapSounds | None = None
        self._held_corner = ""
        self._corner_points: dict[str, tuple[float, float]] = {}
        self._pressed: Pointer | None = None  # where a corner was taken hold of, until it is dragged
        self._held: tuple[Pointer, HeldPreset] | None = None  # a known sound, and where it was pressed
        self._sweeps = False  # the sound follows the mouse: its tip has names alone
        self._latents: np.ndarray | None = None
        self._shown: tuple | None = None
        if self._map is None:
            why = "a morph of presets has no map of its own" if self._session.morph else "this source has no map"
            canvas.text(rect.x + canvas.px(12), rect.y + canvas.px(10), why, "text", "faint")
            return
        self.takes_source = True
        self._draw(self._map, source.sha256, textures)

    # ---- drawing ---------------------------------------------------------------------------------------------------
    def _draw(self, found: Map, key: str, textures: dict[str, int]) -> None:
        c, px, r = self._canvas, self._canvas.px, self._field
        if key not in textures:
            with dpg.texture_registry():
                textures[key] = int(dpg.add_static_texture(256, 256, map_pixels(found.image)))
        dpg.draw_image(textures[key], (r.x, r.y), (r.right, r.bottom), parent=c.back)
        self._sounds = MapSounds(c, found, self._opened, r, self._to_screen, self._inside)
        self._way = c.path([(r.x, r.y), (r.x, r.y)], "violet", px(2))
        self._trail_item = c.path([(r.x, r.y), (r.x, r.y)], (255, 154, 69, 120), px(1.4))
        self._corners = {name: (c.dot(r.x, r.y, px(9), (8, 9, 12, 230), (255, 255, 255, 255), px(1.2)),
                                c.text(r.x, r.y, name, "small", (255, 255, 255, 255))) for name in CORNERS}
        self._halo = c.dot(r.x, r.y, px(10), (255, 154, 69, 80))
        self._point = c.dot(r.x, r.y, px(5.5), "orange", (255, 255, 255, 255), px(1.4))
        self._axes = MapAxes(c, r, self._gestures)
        self._place_corners()

    def inner_rects(self) -> dict[str, Rect]:
        """Where its sounds and the corners are."""
        corners = {f"corner.{name}": rect for name, rect in self._corner_rects().items()}
        return self._sounds.rects() | corners if self._sounds else {}

    def _corner_rects(self) -> dict[str, Rect]:
        reach = self._canvas.px(_CORNER_REACH)
        return {name: Rect(x - reach, y - reach, 2 * reach, 2 * reach) for name, (x, y) in self._corner_points.items()}

    def _to_screen(self, point: np.ndarray) -> tuple[float, float]:
        assert self._map is not None
        low_x, high_x, low_y, high_y = (float(e) for e in self._map.extent)
        r = self._field
        return (r.x + (float(point[0]) - low_x) / (high_x - low_x) * r.w, r.bottom - (float(point[1]) - low_y) / (high_y - low_y) * r.h)

    def _to_map(self, x: float, y: float) -> np.ndarray:
        assert self._map is not None
        low_x, high_x, low_y, high_y = (float(e) for e in self._map.extent)
        r = self._field
        return np.array([low_x + (x - r.x) / r.w * (high_x - low_x), low_y + (r.bottom - y) / r.h * (high_y - low_y)])

    def _inside(self, point: tuple[float, float]) -> tuple[float, float]:
        r, edge = self._field, self._canvas.px(4)
        return min(max(point[0], r.x + edge), r.right - edge), min(max(point[1], r.y + edge), r.bottom - edge)

    def update(self, snapshot: "Snapshot") -> None:
        """Move the point, the corners, the trail."""
        if self._map is None:
            return
        latents = np.asarray(snapshot.latents, float)
        if len(latents) != self._map.plane.shape[0]:
            return
        self._latents = latents
        at = self._inside(self._to_screen(self._map.project(latents)))
        self._axes.update(snapshot, self.aimed, (round(at[0], 1), round(at[1], 1)))
        patch, now = self._session.patch, time.monotonic()
        if not self._trail or now - self._trail[-1][0] > _TRAIL_STEP_S:
            if not self._trail or math.dist(self._trail[-1][1], at) > 0.5:
                self._trail.append((now, np.array(at)))
            self._trail = [step for step in self._trail if now - step[0] < _TRAIL_S][-120:]
        state = (round(at[0], 1), round(at[1], 1), id(patch), len(self._trail), self._trail[0][0] if self._trail else 0.0)
        if state == self._shown:
            return
        self._shown = state
        place_dot(self._point, *at)
        place_dot(self._halo, *at)
        steps = [tuple(step[1]) for step in self._trail]
        place_path(self._trail_item, steps if len(steps) > 1 else [at, at])
        self._place_corners()

    def _place_corners(self) -> None:
        assert self._map is not None
        patch, px = self._session.patch, self._canvas.px
        points = {}
        for name in CORNERS:
            known = name in patch.corners and len(patch.corners[name]) == self._map.plane.shape[0]
            for item in self._corners[name]:
                show(item, known)
            if known:
                points[name] = self._inside(self._to_screen(self._map.project(np.array(patch.corners[name]))))
                dot, letter = self._corners[name]
                place_dot(dot, *points[name])
                left = points[name][0] - self._canvas.width(name, "small") / 2
                dpg.configure_item(letter, pos=(round(left), round(points[name][1] - px(7))))
        self._corner_points = points
        show(self._way, "A" in points and "B" in points)
        if "A" in points and "B" in points:
            place_path(self._way, [points["A"], points["B"]])

    @property
    def target(self) -> str:
        """The axis that a source dropped here moves."""
        return self._axes.target if self._map is not None else self.name

    def aim_at(self, at: Pointer) -> None:
        """The nearer axis."""
        self._axes.aim_at(at)

    def preset_places(self, preset: HeldPreset) -> Sequence[PresetPlace]:
        """Its corners, and else all of it, where there is a map."""
        if self._map is None or preset.is_table:
            return ()
        places = corner_places(self._session, self._corner_rects(), preset)
        return *places, PresetPlace(self.rect, "its point on the map", lambda preset, x: self._session.go_to_preset(preset.sound))

    # ---- gestures --------------------------------------------------------------------------------------------------
    def _near_corner(self, at: Pointer) -> str:
        reach = self._canvas.px(_CORNER_REACH)
        near = [(math.dist(p, (at.x, at.y)), name) for name, p in self._corner_points.items()]
        return min(near)[1] if near and min(near)[0] < reach else ""

    def press(self, at: Pointer) -> None:
        """Go there; a corner or a sound is taken hold of instead."""
        if self._map is None or self._latents is None:
            return  # no map, or another model than this map's plays already
        self._held_corner, self._pressed = self._near_corner(at), at
        if not self._held_corner:
            found, source = self._sound_at(at), self._session.source
            if found and isinstance(source, ModelSource):
                name = printable(found.name)
                self._held = at, HeldPreset(name, sound_at(self._session.patch, source, found.latents, name), is_point=True)
            else:
                self._go(self._latents_at(at))

    def drag(self, at: Pointer) -> None:
        """The sound, or the corner that is held, follows."""
        if self._map is None or self._latents is None:
            return
        if self._held_corner and self._pressed and (at.x, at.y) == (self._pressed.x, self._pressed.y):
            return
        if self._held:
            pressed, sound = self._held
            if math.dist((pressed.x, pressed.y), (at.x, at.y)) > self._canvas.px(STILL):
                self._held = None
                reach = self._canvas.px(NEAR)
                self._dragging.begin_preset(sound, Rect(pressed.x - reach, pressed.y - reach, 2 * reach, 2 * reach))
            return
        self._pressed = None
        if self._held_corner:
            patch = self._session.patch
            old = np.array(patch.corners[self._held_corner])
            moved = old + self._shift(old, at)
            self._session.set_corner(self._held_corner, moved, gesture=("map corner", self._held_corner))
        elif math.dist(self._inside(self._to_screen(self._map.project(self._latents))), (at.x, at.y)) > 1.0:
            self._sweeps = True
            self._go(self._latents_at(at))

    def release(self) -> None:
        """Let go; a corner or sound that was not dragged is where to go, the sound before a corner that lies on it."""
        found = self._sound_at(self._held[0]) if self._held else None
        if found:
            self._go(found.latents)
        elif self._held_corner and self._pressed:
            found = self._sound_at(self._pressed)
            self._go(found.latents if found else np.array(self._session.patch.corners[self._held_corner]))
        self._held_corner, self._pressed, self._held, self._sweeps = "", None, None, False

    def let_go(self) -> None:
        """The layout goes, and with it what is held."""
        self._held = None
        super().let_go()

    def _sound_at(self, at: Pointer) -> MapSound | None:
        return self._sounds.at(at) if self._sounds else None

    def _latents_at(self, at: Pointer) -> np.ndarray:
        """The latents of now, moved on the plane: what the map does not show stays."""
        assert self._latents is not None
        return self._latents + self._shift(self._latents, at)

    def _shift(self, latents: np.ndarray, at: Pointer) -> np.ndarray:
        """The least change of latents that brings them to a place on the map."""
        assert self._map is not None
        away = self._to_map(at.x, at.y) - self._map.project(latents)
        return np.linalg.pinv(self._map.plane.astype(float).T) @ away  # a map of one dimension has no second axis

    def _go(self, latents: np.ndarray) -> None:
        self._session.go_to(latents)

    def reset(self) -> None:
        """Double click: nothing; a corner is where it was put."""

    def menu(self) -> list[MenuRow]:
        """The present point as a corner."""
        def take(name: str) -> None:
            if self._latents is not None:
                self._session.set_corner(name, self._latents)
        return [MenuRow("The sound as it is now becomes"), *(MenuRow(f"corner {name}", lambda name=name: take(name)) for name in CORNERS),  # type: ignore[misc]
                *(self._axes.menu() if self._map is not None else [])]

    def tip(self, at: Pointer) -> list[str]:
        """The known sound under the pointer."""
        if self._map is None:
            return []
        found = self._sound_at(at)
        words = [found.words] if found else []
        if self._sweeps:
            return words
        does = "Click goes there; drag it to a corner or the morph" if words else "Click goes there, drag moves, corners can be dragged"
        return [*words, does, *self._axes.tip()]
