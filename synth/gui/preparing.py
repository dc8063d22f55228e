"""What the window shows until the instrument is ready: the name, a bar, and what is left."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg

from .geometry import Rect
from .hooks import EventLog
from .waiting import telling
from .widgets.canvas import Canvas, place_box, set_text

if TYPE_CHECKING:
    from ..session.preparing import Preparation

_FRAME_S = 0.05  # few frames: compiling needs the processor more


class Cover:
    """Drawn over the whole window; `show` takes it away again."""

    def __init__(self, canvas: Canvas, preparation: "Preparation", log: EventLog) -> None:
        self._canvas, self._preparation, self._log = canvas, preparation, log
        dpg.render_dearpygui_frame()  # text has a size from here on
        self._size = (0, 0)
        self._bar = self._words = 0
        self._room = Rect(0, 0, 1, 1)

    def show(self, ended: Callable[[], bool]) -> bool:
        """Draw until the preparation is done; False where the window is closed, or the end asked for, before."""
        self._log.write("preparing")
        with telling() as tell:
            while not self._preparation.done:
                if not dpg.is_dearpygui_running() or ended():
                    return False
                tell(self._preparation.progress)
                self._draw()
                dpg.render_dearpygui_frame()
                self._preparation.wait(_FRAME_S)
        self._canvas.clear()
        return dpg.is_dearpygui_running() and not ended()

    def _draw(self) -> None:
        size = (dpg.get_viewport_client_width(), dpg.get_viewport_client_height())
        if size != self._size:
            self._size = size
            self._lay_out(*size)
        progress = self._preparation.progress
        place_box(self._bar, Rect(self._room.x, self._room.y, max(1.0, self._room.w * progress.part), self._room.h))
        words = progress.sentence()
        set_text(self._words, words)
        dpg.configure_item(self._words, pos=(round(self._room.x), round(self._room.bottom + self._canvas.px(12))))

    def _lay_out(self, width: float, height: float) -> None:
        c, px = self._canvas, self._canvas.px
        c.clear()
        w = min(px(420), width * 0.8)
        self._room = Rect((width - w) / 2, height / 2, w, px(6))
        left, top = self._room.x, self._room.y - px(40)
        c.text(left, top, "latent", "title", "teal")
        c.text(left + px(1) + c.width("latent", "title"), top, "wave", "title", "text")
        c.box(self._room, "track", None, 3)
        self._bar = c.box(self._room, "teal", None, 3)
        self._words = c.text(left, self._room.bottom, "", "body", "dim")
