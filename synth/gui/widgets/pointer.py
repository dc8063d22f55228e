"""The mouse: finds the control under it, gives it the gesture, shows its tip. Polled once a frame on the one thread."""

import math
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg

from ..geometry import Rect
from .canvas import Canvas
from .control import Control, Pointer
from .menu_row import MenuRow

if TYPE_CHECKING:
    from ..dragging import Dragging

_DOUBLE_S, _TIP_S = 0.4, 0.55
_DOUBLE_FRAMES = 4  # two quick clicks are shown two frames apart, however long a slow screen takes for them
_STILL_PX = 6.0  # as far as a hand that clicks twice may move; a drag is no click


def tip_place(anchor: Rect, w: float, h: float, view_w: float, px: float, beside_y: float | None = None) -> tuple[float, float]:
    """(left, top) of a tip of a size: above what it is about, else below; in it where `beside_y` is given, in the half without that."""
    x = min(max(anchor.x + anchor.w / 2 - w / 2, 4 * px), view_w - w - 4 * px)
    if beside_y is not None:
        return x, anchor.y + 6 * px if beside_y > anchor.y + anchor.h / 2 else anchor.bottom - h - 6 * px
    y = anchor.y - h - 6 * px
    return x, y if y >= 4 * px else anchor.bottom + 6 * px


class Mouse:
    """Press, drag, wheel, double click, right click and hover for a list of controls; what is carried goes before all of it.

    ask: opens a menu of rows at a point.
    """

    def __init__(self, canvas: Canvas, dragging: "Dragging", ask: Callable[[list[MenuRow], Rect], object]) -> None:
        self._canvas, self._dragging, self._ask = canvas, dragging, ask
        self._right_down = False
        self.controls: Sequence[Control] = ()
        self.captured: Control | None = None
        self.pressed: Callable[[], object] = lambda: None  # what is told that a gesture begins
        self.released: Callable[[], object] = lambda: None  # and that it is over
        self.hovered: Control | None = None
        self.moved_at = time.monotonic()
        self.is_down = False
        self._last = (-1.0, -1.0)
        self._last_press: tuple[Control | None, float, int, tuple[float, float]] = (None, 0.0, 0, (0.0, 0.0))
        self._frame = 0
        self._found: tuple[tuple, Control | None] | None = None  # where, and what is there
        self._wheel = 0.0
        self._tip: list[int] = []
        self._tip_lines: list[str] = []

    def let_go(self) -> None:
        """Release whatever is held, say before a new layout."""
        if self.captured:
            self.captured.let_go()
            self.released()
        self.captured = self.hovered = None
        self._tip, self._tip_lines = [], []  # their items go with the layout

    def on_wheel(self, _sender: int, clicks: float) -> None:
        """Dear PyGui's wheel handler."""
        self._wheel += clicks

    def step(self, blocked: bool) -> None:
        """One frame. `blocked`: an open menu owns the mouse."""
        was_down = self.is_down
        try:
            self._step(blocked)
        finally:
            if was_down and not self.is_down:  # whatever became of what was held
                self.released()

    def _step(self, blocked: bool) -> None:
        x, y = dpg.get_mouse_pos(local=False)
        down = dpg.is_mouse_button_down(dpg.mvMouseButton_Left)
        at = Pointer(x, y, dpg.is_key_down(dpg.mvKey_LShift) or dpg.is_key_down(dpg.mvKey_RShift), dpg.is_key_down(dpg.mvKey_LAlt))
        now = time.monotonic()
        self._frame += 1
        was_down, clicks = self.is_down, self._wheel
        self.is_down, self._wheel = down, 0.0  # before a gesture that may fail: it must not be made again at the next frame
        if (x, y) != self._last or down or clicks:
            self.moved_at = now
        self._last = (x, y)
        right, was_right = dpg.is_mouse_button_down(dpg.mvMouseButton_Right), self._right_down
        self._right_down = right
        if self._dragging.is_on:
            self._dragging.step(at, down, clicks, self.controls)
            return
        if not self.captured and not (down and was_down):  # what was carried and put down is still pressed: nothing is heard for it
            self._hover(None if blocked else self.under(x, y))
            if self.hovered:
                self.hovered.hover(at)
        if down and not was_down and self.hovered:
            self._press(self.hovered, at, now)
        elif down and self.captured:
            if math.dist(self._last_press[3], (x, y)) > _STILL_PX:
                self._forget_click()
            self.captured.drag(at)
            if self._dragging.is_on:  # it was picked up: no click any more
                self.captured = None
        elif not down and self.captured:
            held, self.captured = self.captured, None
            held.release()
        if clicks and self.hovered and not blocked:
            self.hovered.wheel(clicks, at.fine)
        if right and not was_right and self.hovered and not blocked and not self.captured:
            self._ask(self.hovered.menu(), Rect(x, y, 1, 1))
        self._show_tip(at, now)

    def under(self, x: float, y: float) -> Control | None:
        """The control at a point."""
        asked = (x, y, self.controls)
        if self._found is None or self._found[0] != asked:
            self._found = (asked, next((c for c in self.controls if c.rect.holds(x, y)), None))
        return self._found[1]

    def _hover(self, control: Control | None) -> None:
        if control is not self.hovered:
            for one, hot in ((self.hovered, False), (control, True)):
                if one is not None:
                    one.hot = hot
            self.hovered = control

    def _forget_click(self) -> None:
        self._last_press = (None, 0.0, 0, (0.0, 0.0))

    def _press(self, control: Control, at: Pointer, now: float) -> None:
        before, then, frame, place = self._last_press
        self._last_press = (control, now, self._frame, (at.x, at.y))
        soon = now - then < _DOUBLE_S or self._frame - frame <= _DOUBLE_FRAMES
        if before is control and control.double_resets and soon and math.dist(place, (at.x, at.y)) <= _STILL_PX:
            control.reset()
            self._forget_click()
            return
        self.pressed()
        control.press(at)
        self.captured = None if self._dragging.is_on else control

    def _show_tip(self, at: Pointer, now: float) -> None:
        still = self.hovered is not None and now - self.moved_at > _TIP_S
        dragging = self.captured is not None and self.captured.double_resets
        lines = self.hovered.tip(at) if self.hovered and (still or dragging) and not (self.captured and not dragging) else []
        if lines == self._tip_lines:
            return
        for item in self._tip:
            dpg.delete_item(item)
        self._tip, self._tip_lines = [], lines
        if lines:
            with self._canvas.on_top():
                self._tip = self._draw_tip(lines, at, self.hovered)

    def _draw_tip(self, lines: list[str], at: Pointer, control: Control | None) -> list[int]:
        c, px = self._canvas, self._canvas.px
        w = max(c.width(line, "small") for line in lines) + px(18)
        h = px(10) + px(15) * len(lines)
        anchor = control.rect if control and control.focusable else Rect(at.x, at.y - px(12), 1, px(12))
        inside = control is not None and control.tip_inside and anchor.h > 3 * h
        x, y = tip_place(anchor, w, h, dpg.get_viewport_client_width(), px(1), at.y if inside else None)
        items = [c.box(Rect(x, y, w, h), "tip", "faint", 5)]
        for i, line in enumerate(lines):
            items.append(c.text(x + px(9), y + px(5) + i * px(15), line, "small", "text" if i == 0 else "dim"))
        return items
