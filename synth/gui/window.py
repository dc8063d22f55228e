"""The window: opens the screen, runs the frames, and leaves nothing sounding behind. Everything happens on one thread."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg

from ..errors import UserError
from ..session.morph_preview import MorphPreview
from .computer_keyboard import KeyPiano
from .display import has_display
from .geometry import MIN_SIZE
from .hooks import EventLog, LoggedPlayer
from .panels.layout import Panels
from .theme import COLOURS, Style, screen_scale
from .widgets.canvas import Canvas
from .widgets.pointer import Mouse
from .window_keys import Keyboard

if TYPE_CHECKING:
    from ..session.session import Player, Snapshot

_SIZE = (1440, 900)
_ACTIVE_FPS, _IDLE_FPS, _IDLE_AFTER_S = 60.0, 15.0, 8.0
_DRAG_FPS = 120.0  # a drag is heard sooner; and ImGui takes a held letter's repeats and the mouse's moves in turns, a frame each
_REST = 0.35  # of a frame's cost is slept at least: a slow screen must not eat the machine


def run_window(player: "Player", *, seconds: float | None = None, event_log: Path | None = None) -> int:
    """Show the instrument until it is closed, or for `seconds`; returns the exit code.

    `event_log` takes JSON lines of item rectangles and of all that happens. Raises UserError when there is no display.
    """
    if not has_display():
        raise UserError("no display to open a window on; use --no-gui for the terminal view")
    log, path = EventLog(event_log), MorphPreview(player)
    dpg.create_context()
    try:
        path.start()
        Window(LoggedPlayer(player, log) if log.on else player, path, log).run(seconds)  # type: ignore[arg-type]
    finally:
        path.stop()
        dpg.destroy_context()
        log.close()
    return 0


class Window:
    """The viewport, the present layout, and the loop."""

    def __init__(self, player: "Player", path: MorphPreview, log: EventLog) -> None:
        self._player, self._path, self._log = player, path, log
        self._style = Style(screen_scale())
        self._open_viewport()
        self._style.load()
        self._canvas = Canvas(self._style)
        self._keys = KeyPiano()
        self._mouse = Mouse(self._canvas)
        self._keyboard = Keyboard(self._canvas, player, self._keys)
        self._keyboard.quit = dpg.stop_dearpygui
        self._pages = {"latents": 0, "knobs": 0}
        self._panels: Panels | None = None
        self._stale, self._size = True, (0, 0)
        self._latents: object = None
        self._frame, self._fps, self._busy_until = 0, 0.0, 0.0
        self._menu_rects: set[str] = set()
        with dpg.handler_registry():
            dpg.add_mouse_wheel_handler(callback=self._mouse.on_wheel)
            dpg.add_key_press_handler(callback=lambda _s, code: self._key(code))
            dpg.add_key_release_handler(callback=lambda _s, code: self._keyboard.on_release(_code(code)))

    def _open_viewport(self) -> None:
        dpg.configure_app(manual_callback_management=True)
        px = self._style.px
        dpg.create_viewport(title="latentwave", width=int(px(_SIZE[0])), height=int(px(_SIZE[1])), x_pos=0, y_pos=0, vsync=False,
                            min_width=int(px(MIN_SIZE[0])), min_height=int(px(MIN_SIZE[1])), clear_color=COLOURS["background"])
        dpg.setup_dearpygui()
        dpg.show_viewport()

    def run(self, seconds: float | None) -> None:
        """Frames until closed."""
        end = time.monotonic() + seconds if seconds is not None else float("inf")
        try:
            dpg.render_dearpygui_frame()  # text has a size from here on
            while dpg.is_dearpygui_running() and time.monotonic() < end:
                self._one_frame()
        finally:
            self._mouse.let_go()
            self._keyboard.let_go()
            self._log.write("closed", frame=self._frame)

    def _one_frame(self) -> None:
        started = time.perf_counter()
        jobs = dpg.get_callback_queue()
        if jobs:
            dpg.run_callbacks(jobs)
        snapshot = self._player.snapshot()
        self._refresh_layout()
        assert self._panels is not None
        self._point()
        self._keyboard.step()
        self._panels.update(snapshot, self._fps)
        dpg.render_dearpygui_frame()
        self._frame += 1
        self._report(snapshot)
        self._pace(started, snapshot)

    def _refresh_layout(self) -> None:
        size = (dpg.get_viewport_client_width(), dpg.get_viewport_client_height())
        if not self._stale and size == self._size and self._player.latents is self._latents:
            return
        self._mouse.let_go()
        if self._player.latents is not self._latents:
            self._pages["latents"] = 0
        self._stale, self._size, self._latents = False, size, self._player.latents
        for menu in self._menus():
            menu.close()
        self._canvas.clear()
        self._panels = Panels(self._canvas, self._player, self._path, self._keys, size, self._pages, self._turn_page)
        self._mouse.controls = self._panels.controls
        self._keyboard.attach(self._panels.controls)
        self._keyboard.step_preset = self._panels.header.preset.step
        for name, rect in self._panels.rects().items():
            self._log.rect(name, rect)
        self._log.write("layout", width=size[0], height=size[1])

    def _turn_page(self, name: str, first: int) -> None:
        self._pages[name], self._stale = first, True

    def _menus(self) -> list:
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
        if not opened:
            self._keyboard.on_press(code)
        elif code == dpg.mvKey_Escape:
            opened[0].close()
        elif code in (dpg.mvKey_Return, dpg.mvKey_NumPadEnter):
            opened[0].take_first()

    def _report(self, snapshot: "Snapshot") -> None:
        """Tell a test what is on the screen."""
        if not self._log.on:
            return
        if self._frame == 2:
            self._log.write("shown", width=self._size[0], height=self._size[1])
        x, y = dpg.get_mouse_pos(local=False)
        self._log.write("frame", n=self._frame, audio_frame=snapshot.frame, x=x, y=y, down=dpg.is_mouse_button_down(dpg.mvMouseButton_Left))
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
