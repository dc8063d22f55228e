"""The morph pad: position across, position_y down, the four corners of the preset at its corners."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...params.knobs import CORNERS, PARAMS
from ..geometry import Rect
from ..theme import shade
from .canvas import Canvas, place_dot, place_line, set_colour
from .control import Control, Pointer
from .corner_places import corner_places
from .preset_place import HeldPreset, PresetPlace

if TYPE_CHECKING:
    from ...session.view_state import Snapshot
    from ..gestures import Gestures

_ACROSS, _DOWN = PARAMS["osc.position"], PARAMS["osc.position_y"]


class MorphPad(Control):
    """A point to drag between the corners A, B (top) and C, D (bottom)."""

    def __init__(self, canvas: Canvas, rect: Rect, gestures: "Gestures") -> None:
        super().__init__("morph.pad", rect)
        self._gestures, self._session, self._canvas = gestures, gestures.session, canvas
        px, self._last = canvas.px, (-1.0, -1.0)
        self._field = rect.inset(px(22))  # where the point may be: its halo stays inside
        self.across = self.down = 0.0
        canvas.box(rect, "well", "panel_edge", 4)
        for i in (1, 2, 3):
            canvas.line(rect.x + rect.w * i / 4, rect.y + 1, rect.x + rect.w * i / 4, rect.bottom - 1, "grid")
            canvas.line(rect.x + 1, rect.y + rect.h * i / 4, rect.right - 1, rect.y + rect.h * i / 4, "grid")
        left, right, top, bottom = rect.x + px(6), rect.right - px(6), rect.y + px(3), rect.bottom - px(18)
        places = {"A": (left, top, 0), "B": (right, top, 1), "C": (left, bottom, 0), "D": (right, bottom, 1)}
        self._names = {name: canvas.text(*places[name][:2], name, "body", "faint", align=places[name][2]) for name in CORNERS}
        self._cross = (canvas.line(0, 0, 0, 0, shade("orange", 0.4)), canvas.line(0, 0, 0, 0, shade("orange", 0.4)))
        self._halo = canvas.dot(0, 0, px(13), shade("orange", 0.22))
        self._point = canvas.dot(0, 0, px(6), "orange", "text", px(1.5))
        self._present: tuple[str, ...] = ()

    def update(self, snapshot: "Snapshot") -> None:
        """Move the point to the played position; corners that the preset has are lit."""
        self.across, self.down = float(snapshot.position), float(snapshot.params.get(_DOWN.name, 0.0))
        present = tuple(self._session.patch.corners)
        if present != self._present:
            self._present = present
            for name, item in self._names.items():
                set_colour(item, "text" if name in present else "faint")
        r = self._field
        at = (r.x + self.across * r.w, r.y + self.down * r.h)
        if at != self._last:
            self._last = at
            place_line(self._cross[0], at[0], self.rect.y, at[0], self.rect.bottom)
            place_line(self._cross[1], self.rect.x, at[1], self.rect.right, at[1])
            place_dot(self._halo, *at)
            place_dot(self._point, *at)

    def preset_places(self, preset: HeldPreset) -> Sequence[PresetPlace]:
        """A quarter for each corner."""
        (left, top), w, h = self.rect[:2], self.rect.w / 2, self.rect.h / 2
        quarters = {name: Rect(left + i % 2 * w, top + i // 2 * h, w, h) for i, name in enumerate(CORNERS)}
        return corner_places(self._session, quarters, preset)

    def press(self, at: Pointer) -> None:
        """Jump to the pointer."""
        self.drag(at)

    def drag(self, at: Pointer) -> None:
        """Follow the pointer in both directions."""
        self._set((at.x - self._field.x) / self._field.w, (at.y - self._field.y) / self._field.h)

    def _set(self, across: float, down: float) -> None:
        for param, unit, present in ((_ACROSS, across, self.across), (_DOWN, down, self.down)):
            value = param.from_unit(unit)
            if abs(value - present) > 1e-6:
                self._session.set_param(param.name, value)

    def wheel(self, clicks: float, fine: bool) -> None:
        """The wheel moves up and down; with shift across."""
        step = clicks / 40
        self._set(self.across + (step if fine else 0), self.down - (0 if fine else step))

    def reset(self) -> None:
        """Back to corner A."""
        self._set(0.0, 0.0)

    def tip(self, at: Pointer) -> list[str]:
        """Both positions and what they do."""
        return [f"position {self.across:.2f}   position_y {self.down:.2f}",
                "Morph between the preset's corners; a dim letter repeats its neighbour"]
