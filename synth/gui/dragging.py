"""A source of modulation in the hand: over which control it is, how deep a drop would be, and the line that shows it."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from . import drops, words
from .geometry import Rect
from .widgets.canvas import Canvas
from .widgets.control import Control, Pointer

if TYPE_CHECKING:
    from .gestures import Gestures

_HELD_S = 0.3  # over the name of a view, until it opens
_STEP = 0.025  # of depth, a click of the wheel


class Dragging:
    """At most one source at a time. It outlives the layout, so that a source may be carried to another view."""

    def __init__(self, canvas: Canvas, gestures: "Gestures", open_view: Callable[[str], object]) -> None:
        self._canvas, self._gestures, self._open_view = canvas, gestures, open_view
        self.source = ""
        self.over: Control | None = None
        self._from = Rect(0, 0, 1, 1)
        self._depth: float | None = None  # asked for by the wheel
        self._tab: tuple[str, float] = ("", 0.0)
        self._items: list[int] = []
        self._by_click = False  # taken from a list, not with the button down: the next press and its release drop it

    @property
    def is_on(self) -> bool:
        """Whether a source is in the hand."""
        return bool(self.source)

    def begin(self, source: str, rect: Rect, at: Pointer) -> None:
        """Take a source."""
        self.source, self._from, self._depth, self.over, self._by_click = source, rect, None, None, False

    def begin_at(self, source: str, rect: Rect) -> None:
        """Take a source that was chosen from a list: it is dropped where the next press comes up."""
        self.begin(source, rect, Pointer(rect.x, rect.y))
        self._by_click = True

    def step(self, at: Pointer, down: bool, clicks: float, controls: Sequence[Control]) -> None:
        """One frame with a source in the hand."""
        self._aim(next((c for c in controls if c.takes_source and c.rect.holds(at.x, at.y)), None))
        if self.over:
            self.over.aim_at(at)
        if clicks and self.over:
            self._depth = min(max(self._depth_over(self.over.target) + clicks * _STEP, -1.0), 1.0)
        self._look_at_tabs(at, controls)
        self._draw(at)
        if self._by_click:
            self._by_click = not down
        elif not down:
            self._drop(at)

    def cancel(self) -> None:
        """Put it down again."""
        self._aim(None)
        self.source = ""
        self._clear()

    def forget_drawing(self) -> None:
        """The layout is made anew: what was drawn is gone."""
        self._items, self.over = [], None

    def _depth_over(self, target: str) -> float:
        """How deep a drop would be."""
        return self._depth if self._depth is not None else self._gestures.session.first_depth(self.source, target)[0]

    def _aim(self, control: Control | None) -> None:
        if control is not self.over:
            if self.over:
                self.over.aimed = False
            self.over, self._depth = control, None
            if control:
                control.aimed = True

    def _drop(self, at: Pointer) -> None:
        source, over, depth = self.source, self.over, self._depth
        self.cancel()
        if over:
            rows = self._gestures.rows_of(over.target)
            if at.alt and rows:  # scales the newest row that is there
                newest = max(rows, key=lambda row: row.slot)
                self._gestures.session.set_row(newest.slot, via=source)
                self._gestures.session.tell(drops.scaled(self._gestures, newest, source))
            else:
                self._gestures.drop_source(source, over.target, depth)
        else:
            self._gestures.session.tell(drops.missed(self._gestures, source, self._from.holds(at.x, at.y)))

    def _look_at_tabs(self, at: Pointer, controls: Sequence[Control]) -> None:
        name = next((c.name for c in controls if c.name.startswith("view.") and c.rect.holds(at.x, at.y)), "")
        now = time.monotonic()
        if name != self._tab[0]:
            self._tab = (name, now)
        elif name and now - self._tab[1] > _HELD_S:
            self._tab = ("", 0.0)
            self._open_view(name.removeprefix("view."))

    def _clear(self) -> None:
        import dearpygui.dearpygui as dpg

        for item in self._items:
            if dpg.does_item_exist(item):
                dpg.delete_item(item)
        self._items = []

    def _draw(self, at: Pointer) -> None:
        self._clear()
        c, px = self._canvas, self._canvas.px
        x, y = self._from.x + self._from.w / 2, self._from.y + self._from.h / 2
        said, more = words.source_name(self.source, self._gestures.session.patch.macros), "drop it on a control     Esc: cancel"
        if self.over:
            target = self.over.target
            depth = self._depth_over(target)
            name = self._gestures.target_words(target)
            said += f"  →  {name}  {self._gestures.depth_of(self.source, target, depth)}"
            more = "let go: done     wheel: depth     Esc: cancel"
        w = max(c.width(said, "head"), c.width(more, "small")) + px(20)
        left = min(max(at.x + px(18), px(4)), self._gestures.width - w - px(4))
        box = Rect(left, max(at.y - px(20), px(4)), w, px(40))
        with c.on_top():
            self._items = [c.line(x, y, at.x, at.y, "violet", px(2)), c.dot(at.x, at.y, px(4), "violet"), c.box(box, "tip", "violet", 5),
                           c.text(box.x + px(10), box.y + px(5), said, "head"),
                           c.text(box.x + px(10), box.y + px(21), more, "small", "dim")]
