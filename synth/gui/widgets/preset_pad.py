"""The morph between presets: a pad or a line, and a point to drag between its parts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...params.knobs import PARAMS
from ...patch.morph import PART_NAMES
from ..geometry import Rect
from ..theme import shade
from .canvas import Canvas, place_dot, place_line, place_path
from .control import Control, Pointer
from .menu_row import MenuRow
from .part_place import part_place
from .preset_place import HeldPreset, PresetPlace

if TYPE_CHECKING:

    from ...session.view_state import Snapshot
    from ..gestures import Gestures

_X, _Y = PARAMS["morph.x"], PARAMS["morph.y"]


class PresetPad(Control):
    """Drag the point; the wheel moves it up and down, with shift across. A source dropped on it moves `morph.x`."""

    takes_source = True
    tip_inside = True

    def __init__(self, canvas: Canvas, rect: Rect, gestures: "Gestures", flat: bool) -> None:
        """flat: a chain, which has one axis."""
        super().__init__("morph.presets", rect)
        self._canvas, self._gestures, self._session, self._flat = canvas, gestures, gestures.session, flat
        px = canvas.px
        self._field = rect.inset(px(14), px(12 if flat else 14), px(14), px(12 if flat else 14))
        canvas.box(rect, "well", "panel_edge", 4)
        for i in (1, 2, 3):
            canvas.line(rect.x + rect.w * i / 4, rect.y + 1, rect.x + rect.w * i / 4, rect.bottom - 1, "grid")
        self._cross = (canvas.line(0, 0, 0, 0, shade("orange", 0.4)), canvas.line(0, 0, 0, 0, shade("orange", 0.4)))
        self._halo = canvas.dot(0, 0, px(12), shade("orange", 0.22))
        self._point = canvas.dot(0, 0, px(6), "orange", "text", px(1.5))
        self._moved = canvas.dot(-99, -99, px(3), "violet")
        morph = self._session.morph
        self._stops = list(morph.stops) if flat and morph else []
        self._held_stop = 0  # number of the part whose place is dragged; the first and the last stay
        self._marks = [canvas.path([(0, 0), (1, 0)], "orange", px(1.6)) for _ in self._stops[1:-1]]
        self._place_marks()
        self._shown: tuple | None = None
        self.x = self.y = 0.0

    @property
    def target(self) -> str:
        """The axis across."""
        return "morph.x"

    def update(self, snapshot: "Snapshot") -> None:
        """The point where the knobs are, a violet dot where modulation has it."""
        self.x, self.y = (float(snapshot.params.get(p.name, p.default)) for p in (_X, _Y))
        moved = tuple(self._gestures.modulated(p.name, value, snapshot) for p, value in ((_X, self.x), (_Y, self.y)))
        state = (self.x, self.y, moved, self.aimed)
        if state == self._shown:
            return
        self._shown = state
        at = self._place(self.x, self.y)
        place_line(self._cross[0], at[0], self.rect.y, at[0], self.rect.bottom)
        place_line(self._cross[1], self.rect.x, at[1], self.rect.right, at[1])
        place_dot(self._halo, *at)
        place_dot(self._point, *at)
        now = tuple(m[2] if m else value for m, value in zip(moved, (self.x, self.y), strict=True))
        place_dot(self._moved, *(self._place(*now) if any(moved) else (-999.0, -999.0)))

    def _place(self, x: float, y: float) -> tuple[float, float]:
        r = self._field
        return r.x + min(max(x, 0.0), 1.0) * r.w, r.y + r.h / 2 if self._flat else r.y + min(max(y, 0.0), 1.0) * r.h

    def _place_marks(self) -> None:
        """Where the parts of a chain lie: a small triangle at the lower edge for each between the ends, to drag."""
        px, bottom = self._canvas.px, self.rect.bottom
        for mark, stop in zip(self._marks, self._stops[1:-1], strict=True):
            x = self._field.x + stop * self._field.w
            place_path(mark, [(x, bottom - px(13)), (x - px(6), bottom - px(2)), (x + px(6), bottom - px(2)), (x, bottom - px(13))])

    def inner_rects(self) -> dict[str, Rect]:
        """Where the places of a chain's parts can be taken hold of."""
        px = self._canvas.px
        return {f"stop.{i}": Rect(self._field.x + stop * self._field.w - px(6), self.rect.bottom - px(13), px(12), px(12))
                for i, stop in enumerate(self._stops[1:-1], 1)}

    def preset_places(self, preset: HeldPreset) -> Sequence[PresetPlace]:
        """A quarter for each corner of the pad; of a chain each way from a part to the next."""
        morph = self._session.morph
        if morph is None or preset.is_table:
            return ()
        if self._flat:
            ends = [self.rect.x, *(self._field.x + stop * self._field.w for stop in self._stops[1:-1]), self.rect.right]
            return [PresetPlace(Rect(left, self.rect.y, right - left, self.rect.h),
                                f"into the chain, between {PART_NAMES[i]} and {PART_NAMES[i + 1]}", self._insert)
                    for i, (left, right) in enumerate(zip(ends, ends[1:], strict=False))]
        (left, top), w, h = self.rect[:2], self.rect.w / 2, self.rect.h / 2
        quarters = [Rect(left + i % 2 * w, top + i // 2 * h, w, h) for i in range(4)]
        if len(morph.parts) == 2:  # the third lies along all of the lower edge
            quarters[2:] = [Rect(left, top + h, 2 * w, h)]
        return [part_place(self._session, i, quarter) for i, quarter in enumerate(quarters)]

    def _insert(self, preset: HeldPreset, x: float) -> None:
        self._session.insert_morph_part((x - self._field.x) / self._field.w, preset.sound)

    def press(self, at: Pointer) -> None:
        """Jump to the pointer, or take hold of a part's place."""
        self._held_stop = next((int(name.rpartition(".")[2]) for name, rect in self.inner_rects().items()
                                if rect.inset(-self._canvas.px(3)).holds(at.x, at.y)), 0)
        self.drag(at)

    def release(self) -> None:
        """A part's place that was dragged is taken."""
        if self._held_stop and self._session.morph is not None and tuple(self._stops) != tuple(self._session.morph.stops):
            self._session.set_morph_stops(tuple(self._stops))
        self._held_stop = 0

    def drag(self, at: Pointer) -> None:
        """Follow the pointer."""
        if self._held_stop:
            i, x = self._held_stop, (at.x - self._field.x) / self._field.w
            x = x if at.alt else round(x * 40) / 40
            self._stops[i] = min(max(x, self._stops[i - 1] + 0.02), self._stops[i + 1] - 0.02)
            self._place_marks()
            return
        x, y = (at.x - self._field.x) / self._field.w, (at.y - self._field.y) / self._field.h
        self._set(x, None if self._flat else y)

    def _set(self, x: float, y: float | None) -> None:
        x, y = min(max(x, 0.0), 1.0), None if y is None else min(max(y, 0.0), 1.0)
        if x != self.x or (y is not None and y != self.y):
            self._session.set_morph_position(x, y)

    def wheel(self, clicks: float, fine: bool) -> None:
        """Up and down, with shift across."""
        step = clicks / 40
        self._set(self.x + (step if fine or self._flat else 0), None if self._flat else self.y - (0 if fine else step))

    def reset(self) -> None:
        """Back to part A."""
        self._set(0.0, None if self._flat else 0.0)

    def menu(self) -> list[MenuRow]:
        """Learn and modulate both axes."""
        g = self._gestures
        return [row for p, title in ((_X, "Morph X"), (_Y, "Morph Y"))[:1 if self._flat else 2]
                for row in g.latent_menu(p.name, title, self.reset, self.rect)]

    def tip(self, at: Pointer) -> list[str]:
        """Where it is."""
        words = f"morph {self.x:.2f}" if self._flat else f"morph {self.x:.2f}, {self.y:.2f}"
        moved = [*self._gestures.row_lines("morph.x"), *self._gestures.row_lines("morph.y")]
        more = ["Small triangles: where the parts lie, to drag"] if self._marks else []
        return [words, "Drag between the parts; a source may move it", *more, *moved]
