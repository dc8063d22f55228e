"""The window: opens the screen, runs the frames, and leaves nothing sounding behind. Everything happens on one thread."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg

from ..errors import UserError
from .computer_keyboard import KeyPiano
from .display import has_display
from .geometry import MIN_SIZE, window_on
from .guard import Guard
from .hooks import EventLog, LoggedSession
from .panels.layout import Panels
from .preparing import Cover
from .questions import Questions
from .screen import work_area
from .theme import COLOURS, Style, screen_scale
from .widgets.canvas import Canvas
from .widgets.dialog import Dialog
from .widgets.pointer import Mouse
from .window_keys import Keyboard

if TYPE_CHECKING:
    from ..session.morph_preview import MorphPreview
    from ..session.preparing import Preparation
    from ..session.session import Session
    from ..session.view_state import Snapshot

_ACTIVE_FPS, _IDLE_FPS, _IDLE_AFTER_S = 60.0, 15.0, 8.0
_DRAG_FPS = 120.0  # a drag is heard sooner; and ImGui takes a held letter's repeats and the mouse's moves in turns, a frame each
_TYPED = {int(getattr(dpg, f"mvKey_{c}")) for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"} | {dpg.mvKey_Spacebar, dpg.mvKey_Back}
_REST = 0.35  # of a frame's cost is slept at least: a slow screen must not eat the machine


def run_window(preparation: "Preparation[Session]", *, seconds: float | None = None, event_log: Path | None = None,
               ended: Callable[[], bool] = lambda: False) -> int:
    """Show the instrument until it is closed, `ended()`, or for `seconds`; before, how far its preparation is. Returns the exit code.

    `event_log` takes JSON lines of item rectangles and of all that happens. Raises UserError when there is no display, and
    what the preparation raised.
    """
    if not has_display():
        raise UserError("no display to open a window on; use --no-gui for the terminal view")
    log, path = EventLog(event_log), None
    dpg.create_context()
    try:
        canvas = _open_viewport()
        if not Cover(canvas, preparation, log).show(ended):
            return 0
        from ..session.morph_preview import (
            MorphPreview,  # what it needs takes a second to load, and the window is seen before
        )

        session = preparation.result
        path = MorphPreview(session)
        path.start()
        Window(canvas, LoggedSession(session, log) if log.on else session, path, log).run(seconds, ended)  # type: ignore[arg-type]
    finally:
        if path:
            path.stop()
        dpg.destroy_context()
        log.close()
    return 0


def _open_viewport() -> Canvas:
    """Open the window where it fits on the screen; what is drawn goes on the canvas."""
    dpg.configure_app(manual_callback_management=True)
    at, scale = window_on(work_area(), screen_scale())
    style = Style(scale)
    dpg.create_viewport(title="latentwave", width=int(at.w), height=int(at.h), x_pos=int(at.x), y_pos=int(at.y), vsync=False,
                        min_width=int(style.px(MIN_SIZE[0])), min_height=int(style.px(MIN_SIZE[1])), clear_color=COLOURS["background"],
                        disable_close=True)  # its X asks, as Ctrl+Q does: see `Window`
    dpg.set_exit_callback(dpg.stop_dearpygui)
    dpg.setup_dearpygui()
    dpg.show_viewport()
    style.load()
    return Canvas(style)


class Window:
    """The present layout, and the loop."""

    def __init__(self, canvas: Canvas, session: "Session", path: "MorphPreview", log: EventLog) -> None:
        self._canvas, self._session, self._path, self._log = canvas, session, path, log
        self._guard = Guard(session)
        self._keys = KeyPiano()
        self._mouse = Mouse(self._canvas)
        self._keyboard = Keyboard(self._canvas, session, self._keys)
        self._questions = Questions(Dialog(self._canvas), session, dpg.stop_dearpygui)
        self._keyboard.quit, self._keyboard.save_as = self._questions.quit, self._questions.save_as
        dpg.set_exit_callback(lambda: self._questions.quit())
        self._mouse.released = session.end_gesture
        self._pages = {"latents": 0, "knobs": 0}
        self._panels: Panels | None = None
        self._stale, self._size = True, (0, 0)
        self._latents: object = None
        self._frame, self._fps, self._busy_until = 0, 0.0, 0.0
        self._menu_rects: set[str] = set()
        self._told = ""
        with dpg.handler_registry():
            dpg.add_mouse_wheel_handler(callback=self._mouse.on_wheel)
            dpg.add_key_press_handler(callback=lambda _s, code: self._key(code))
            dpg.add_key_release_handler(callback=lambda _s, code: self._keyboard.on_release(_code(code)))

    def run(self, seconds: float | None, ended: Callable[[], bool]) -> None:
        """Frames until closed."""
        end = time.monotonic() + seconds if seconds is not None else float("inf")
        self._guard(self._questions.offer_left)
        try:
            while dpg.is_dearpygui_running() and time.monotonic() < end and not ended():
                self._one_frame()
        finally:
            self._guard(self._mouse.let_go)
            self._guard(self._keyboard.let_go)
            self._log.write("closed", frame=self._frame)

    def _one_frame(self) -> None:
        started = time.perf_counter()
        for job in dpg.get_callback_queue() or ():
            self._guard(dpg.run_callbacks, [job])
        snapshot = self._session.snapshot()
        self._guard(self._refresh_layout)
        self._guard(self._point)
        self._guard(self._keyboard.step)
        self._guard(self._questions.step)
        if self._panels:
            self._guard(self._panels.update, snapshot, self._fps)
        dpg.render_dearpygui_frame()
        self._frame += 1
        self._report(snapshot)
        self._pace(started, snapshot)

    def _refresh_layout(self) -> None:
        size = (dpg.get_viewport_client_width(), dpg.get_viewport_client_height())
        if not self._stale and size == self._size and self._session.latents is self._latents:
            return
        self._mouse.let_go()
        if self._session.latents is not self._latents:
            self._pages["latents"] = 0
        self._stale, self._size, self._latents = False, size, self._session.latents
        for menu in self._lists():
            menu.close()
        self._canvas.clear()
        self._panels = Panels(self._canvas, self._session, self._path, self._keys, size, self._pages, self._turn_page,
                              self._questions.save_as)
        self._mouse.controls = self._panels.controls
        self._keyboard.attach(self._panels.controls)
        self._keyboard.step_preset = self._panels.header.preset.step
        for name, rect in self._panels.rects().items():
            self._log.rect(name, rect)
        self._log.write("layout", width=size[0], height=size[1])

    def _turn_page(self, name: str, first: int) -> None:
        self._pages[name], self._stale = first, True

    def _menus(self) -> list:
        """What may lie over the panels and own mouse and keys."""
        return [*self._lists(), self._questions.dialog]

    def _lists(self) -> list:
        return [self._panels.header.model, self._panels.header.preset] if self._panels else []

    def _point(self) -> None:
        """The mouse, unless an open menu owns it; a press beside the menu closes it and does nothing else."""
        opened = [m for m in self._menus() if m.is_open]
        if opened and dpg.is_mouse_button_down(dpg.mvMouseButton_Left):
            x, y = dpg.get_mouse_pos(local=False)
            if not self._mouse.is_down and not opened[0].covers(x, y):
                opened[0].close()
        self._mouse.step(bool(opened))

    def _key(self, code) -> None:
        code, opened = _code(code), [m for m in self._menus() if m.is_open]
        self._busy_until = time.monotonic() + _IDLE_AFTER_S
        self._keyboard.note_modifier(code)
        if not opened:
            self._keyboard.on_press(code)
        elif code == dpg.mvKey_Q and self._keyboard.command(code):
            pass
        elif code == dpg.mvKey_Escape:
            opened[0].close()
        elif code in (dpg.mvKey_Return, dpg.mvKey_NumPadEnter):
            opened[0].take_first()
        elif code in _TYPED:
            opened[0].listen()

    def _report(self, snapshot: "Snapshot") -> None:
        """Tell a test what is on the screen."""
        if not self._log.on:
            return
        if self._frame == 2:
            self._log.write("shown", width=self._size[0], height=self._size[1])
        x, y = dpg.get_mouse_pos(local=False)
        self._log.write("frame", n=self._frame, audio_frame=snapshot.frame, x=x, y=y, down=dpg.is_mouse_button_down(dpg.mvMouseButton_Left))
        newest = self._session.messages[-1] if self._session.messages else ""
        if newest != self._told:
            self._told = newest
            self._log.write("message", text=newest)
        names = {name: rect for m in self._menus() for name, rect in m.item_rects().items()}
        if names.keys() != self._menu_rects:
            self._menu_rects = set(names)
            for name, rect in names.items():
                self._log.rect(f"item.{name}", rect)
            self._log.write("menu", items=len(names))

    def _pace(self, started: float, snapshot: "Snapshot") -> None:
        """Sleep to 60 frames a second while something happens, 120 in a drag, 15 when nothing has happened for a while."""
        now = time.monotonic()
        if snapshot.voices or snapshot.held.any() or max(snapshot.peak_left, snapshot.peak_right) > 1e-4:
            self._busy_until = now + _IDLE_AFTER_S
        idle = now > max(self._busy_until, self._mouse.moved_at + _IDLE_AFTER_S)
        cost = time.perf_counter() - started
        rate = _DRAG_FPS if self._mouse.captured else _IDLE_FPS if idle else _ACTIVE_FPS
        rest = 0.0 if self._mouse.captured and self._keys.held else cost * _REST
        time.sleep(max(1 / rate - cost, rest))
        whole = time.perf_counter() - started
        self._fps += (1 / whole - self._fps) * (1.0 if not self._fps else 0.08)


def _code(data) -> int:
    """Key code of a handler's data (a list with the time held, for some handlers)."""
    return int(data[0]) if isinstance(data, list | tuple) else int(data)
