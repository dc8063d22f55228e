"""What is in the hand, a source of modulation or a preset: carried from view to view, shown at the mouse, dropped or put down again."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .carried import Carried
from .carried_preset import CarriedPreset
from .carried_source import CarriedSource
from .geometry import Rect
from .theme import shade
from .widgets.canvas import Canvas
from .widgets.control import Control, Pointer

if TYPE_CHECKING:
    from .gestures import Gestures
    from .widgets.preset_place import HeldPreset

_HELD_S = 0.3  # over the name of a view or a panel, until it opens


def clear_of_tabs(box: Rect, tabs: Sequence[Rect], gap: float) -> Rect:
    """The box, beneath those of the tabs that it would hide: what is carried may be meant for one of them."""
    hidden = [tab for tab in tabs if tab.x < box.right and box.x < tab.right and tab.y < box.bottom and box.y < tab.bottom]
    return Rect(box.x, max(tab.bottom for tab in hidden) + gap, box.w, box.h) if hidden else box


class Dragging:
    """At most one thing at a time. It outlives the layout, so that it may be carried to another view."""

    def __init__(self, canvas: Canvas, gestures: "Gestures") -> None:
        self._canvas, self._gestures = canvas, gestures
        self.carried: Carried | None = None
        self._from = Rect(0, 0, 1, 1)
        self._tab: tuple[str, float] = ("", 0.0)
        self._items: list[int] = []
        self._by_click = False  # taken from a list, not with the button down: the next press and its release drop it

    @property
    def is_on(self) -> bool:
        """Whether something is in the hand."""
        return self.carried is not None

    @property
    def source(self) -> str:
        """The source of modulation that is in the hand, or ''."""
        return self.carried.source if self.carried else ""

    @property
    def has_preset(self) -> bool:
        """Whether a preset is in the hand."""
        return isinstance(self.carried, CarriedPreset)

    def begin(self, source: str, rect: Rect) -> None:
        """Take a source from where it stands."""
        self._take(CarriedSource(self._gestures, source), rect)

    def begin_at(self, source: str, rect: Rect) -> None:
        """Take a source that was chosen from a list: it is dropped where the next press comes up."""
        self.begin(source, rect)
        self._by_click = True

    def begin_preset(self, preset: "HeldPreset", rect: Rect) -> None:
        """Take a preset from where it stands."""
        self._take(CarriedPreset(self._gestures.session, preset), rect)

    def _take(self, carried: Carried, rect: Rect) -> None:
        self.carried, self._from, self._by_click, self._tab = carried, rect, False, ("", 0.0)

    def step(self, at: Pointer, down: bool, clicks: float, controls: Sequence[Control]) -> None:
        """One frame with something in the hand."""
        carried = self.carried
        if carried is None:
            return
        carried.aim(next((c for c in controls if carried.fits(c, at)), None), at)
        if clicks:
            carried.turn(clicks)
        self._look_at_tabs(at, controls)
        self._draw(carried, at, controls)
        if self._by_click:
            self._by_click = not down
        elif not down:
            self._drop(carried, at)

    def cancel(self) -> None:
        """Put it down again."""
        if self.carried and self.carried.over:
            self.carried.over.aimed = False
        self.carried = None
        self._clear()

    def forget_drawing(self) -> None:
        """The layout is made anew: what was drawn is gone."""
        self._items = []
        if self.carried:
            self.carried.over = None

    def _drop(self, carried: Carried, at: Pointer) -> None:
        takes = carried.over is not None
        self.cancel()
        if takes:
            carried.drop(at)
        else:
            carried.miss(self._from.holds(at.x, at.y))

    def _look_at_tabs(self, at: Pointer, controls: Sequence[Control]) -> None:
        tab = next((c for c in controls if c.opens_held and c.rect.holds(at.x, at.y)), None)
        name, now = tab.name if tab else "", time.monotonic()
        if name != self._tab[0]:
            self._tab = (name, now)
        elif tab and self._tab[1] and now - self._tab[1] > _HELD_S:
            self._tab = (name, 0.0)  # once, until it is left
            tab.press(at)

    def _clear(self) -> None:
        import dearpygui.dearpygui as dpg

        for item in self._items:
            if dpg.does_item_exist(item):
                dpg.delete_item(item)
        self._items = []

    def _draw(self, carried: Carried, at: Pointer, controls: Sequence[Control]) -> None:
        self._clear()
        c, px = self._canvas, self._canvas.px
        said, more = carried.words()
        w = max(c.width(said, "head"), c.width(more, "small")) + px(20)
        left = at.x + px(18) if at.x + px(18) + w <= self._gestures.width - px(4) else at.x - px(18) - w
        box = Rect(max(left, px(4)), max(at.y - px(20), px(4)), w, px(40))
        box = clear_of_tabs(box, [control.rect for control in controls if control.opens_held], px(6))
        aimed = carried.aimed_rect()
        with c.on_top():
            self._items = [c.box(rect.inset(-px(1)), shade("violet", 0.12), "violet", 5) for rect in carried.lit(controls)]
            if aimed:
                self._items.append(c.box(aimed, shade("violet", 0.4), "violet", 5))
            if carried.tied:
                x, y = self._from.x + self._from.w / 2, self._from.y + self._from.h / 2
                self._items.append(c.line(x, y, at.x, at.y, "violet", px(2)))
            self._items += [c.dot(at.x, at.y, px(4), "violet"), c.box(box, "tip", "violet", 5),
                            c.text(box.x + px(10), box.y + px(5), said, "head"),
                            c.text(box.x + px(10), box.y + px(21), more, "small", "dim")]
