"""The screen: opened first, kept while sessions come and go, and nothing is left sounding behind."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg

from ..errors import UserError
from .display import has_display
from .geometry import MIN_SIZE, window_on
from .hooks import EventLog, LoggedSession
from .look import Look, read_look
from .preparing import Cover
from .screen import work_area
from .theme import COLOURS, Style, screen_scale, use_theme
from .widgets.canvas import Canvas
from .window import Window

if TYPE_CHECKING:
    from ..session.port_settings import PortSettings
    from ..session.restart import Running


def run_window(instrument: "Running", *, seconds: float | None = None, event_log: Path | None = None,
               ended: Callable[[], bool] = lambda: False) -> int:
    """Show the instrument until it is closed, `ended()`, or for `seconds`; before, how far its preparation is. Returns the exit code.

    Where other ports are chosen, another session goes on with the document.

    `event_log` takes JSON lines of item rectangles and of all that happens. Raises UserError when there is no display, and
    what the preparation raised.
    """
    if not has_display():
        raise UserError("no display to open a window on; use --no-gui for the terminal view")
    log, textures = EventLog(event_log), dict[str, int]()
    end_s = time.monotonic() + seconds if seconds is not None else float("inf")
    dpg.create_context()
    try:
        look = read_look()
        use_theme(look.theme)
        canvas, scale = _open_viewport(look.zoom)
        while Cover(canvas, instrument.preparation, log).show(ended):
            chosen = _play(canvas, instrument, log, look, scale, textures, end_s, ended)
            if chosen is None:
                break
            instrument.begin_anew(chosen)
    finally:
        dpg.destroy_context()
        log.close()
    return 0


def _play(canvas: Canvas, instrument: "Running", log: EventLog, look: Look, scale: float, textures: dict[str, int], end_s: float,
          ended: Callable[[], bool]) -> "PortSettings | None":
    """One session, until it ends, or other ports are chosen."""
    from ..session.morph_preview import MorphPreview  # takes a second to load, and the window is seen before

    session = instrument.preparation.result
    path = MorphPreview(session)
    path.start()
    try:
        window = Window(canvas, LoggedSession(session, log) if log.on else session, path, log, look, scale, textures, instrument.ports)
        return window.run(end_s, ended)
    finally:
        path.stop()


def _open_viewport(zoom: float) -> tuple[Canvas, float]:
    """Open the window where it fits on the screen; what is drawn goes on the canvas. Answers the screen's own scale too.

    zoom: that the player chose; 0 follows the screen.
    """
    dpg.configure_app(manual_callback_management=True)
    at, scale = window_on(work_area(), screen_scale())
    style = Style(window_on(work_area(), zoom)[1] if zoom else scale)
    dpg.create_viewport(title="latentwave", width=int(at.w), height=int(at.h), x_pos=int(at.x), y_pos=int(at.y), vsync=False,
                        min_width=int(style.px(MIN_SIZE[0])), min_height=int(style.px(MIN_SIZE[1])), clear_color=COLOURS["background"],
                        disable_close=True)  # its X asks, as Ctrl+Q does: see `Window`
    dpg.set_exit_callback(dpg.stop_dearpygui)
    dpg.setup_dearpygui()
    dpg.show_viewport()
    style.load()
    return Canvas(style), scale
