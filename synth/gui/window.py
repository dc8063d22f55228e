"""The window of one session: its layout, its frames, what keys and mouse do. Everything happens on one thread."""

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import dearpygui.dearpygui as dpg

from . import words
from .callbacks import run_job
from .computer_keyboard import KeyPiano
from .dragging import Dragging
from .find import Find
from .geometry import Rect
from .gesture_menus import KnobControl
from .gestures import Gestures
from .guard import Guard
from .hooks import EventLog, Report
from .look import Look
from .pace import Pace
from .panels.layout import Panels
from .questions import Questions
from .shown_layout import ShownLayout
from .step_words import told_step
from .theme import COLOURS, use_theme
from .typing_keys import TypingKeys
from .widgets.canvas import Canvas
from .widgets.dialog import Dialog
from .widgets.menu_list import MenuList, ValueEntry
from .widgets.menu_row import MenuRow
from .widgets.pointer import Mouse
from .window_keys import Keyboard

if TYPE_CHECKING:
    from ..session.morph_preview import MorphPreview
    from ..session.port_settings import PortSettings
    from ..session.view_state import Snapshot


class Window:
    """What it is made of, and the loop."""

    def __init__(self, canvas: Canvas, session: Any, path: "MorphPreview", log: EventLog, look: Look, screen_scale: float,
                 textures: dict[str, int], ports: "PortSettings") -> None:
        """textures: of maps, by the model's hash. ports: what is played through."""
        self._canvas, self._session, self._path, self._log = canvas, session, path, log
        self._guard = Guard(session)
        self._keys = KeyPiano()
        self._menu = MenuList(canvas, self._guard)
        self._gestures = Gestures(session, self._ask_value, self._open_menu)
        self._entry = ValueEntry(canvas, self._gestures.take_typed, self._guard)
        self._dragging = Dragging(canvas, self._gestures)
        self._mouse = Mouse(canvas, self._dragging, self._open_menu)
        self._keyboard = Keyboard(canvas, self._gestures, self._keys, self._dragging)
        self._questions = Questions(Dialog(canvas), session, dpg.stop_dearpygui)
        self._find = Find(canvas, self._gestures, self._guard, self._open_view, {
            "Save": session.save, "Save as": self._questions.save_as, "Undo": session.undo, "Redo": session.redo,
            "Random sound": session.random_patch, "Record": self._record, "Quit": self._questions.quit,
            **{words.SIDE_VIEWS[name]: partial(self._toggle, name) for name in words.SIDE_VIEWS}})
        self._does: dict[str, Callable[[], object]] = {
            "save_as": self._questions.save_as, "find": self._find.open, "record": self._record,
            **{name: partial(self._toggle, name) for name in words.SIDE_VIEWS}}
        self._keyboard.does |= {"quit": self._questions.quit} | self._does
        self._keyboard.open_view, self._keyboard.pointed = self._open_view, lambda: self._mouse.hovered
        dpg.set_exit_callback(lambda: self._questions.quit())
        self._gestures.essentials, self._gestures.choose_essential = lambda: look.essentials, self._choose_essential
        self._mouse.pressed, self._mouse.released = session.begin_gesture, session.end_gesture
        self._look, self._screen_scale = look, screen_scale
        for name in look.locked:
            session.lock(name)
        self._layout = ShownLayout(canvas, session, self._mouse, self._keyboard, self._dragging, look, log, self._guard, self._lay_out)
        self._textures, self._ports = textures, ports
        self._chosen: PortSettings | None = None  # other ports, with which a session is to go on
        session.name_targets(self._gestures.target_words)
        session.name_steps(lambda step, back: told_step(step, back, session.directions))
        self._typing = TypingKeys()
        self._frame, self._pace = 0, Pace(session, self._is_changing)
        self._report = Report(log, session)
        with dpg.handler_registry() as self._handlers:
            dpg.add_mouse_wheel_handler(callback=self._mouse.on_wheel)
            dpg.add_key_press_handler(callback=lambda _s, code: self._key(code))
            dpg.add_key_release_handler(callback=lambda _s, code: self._keyboard.on_release(_code(code)))

    def run(self, end_s: float, ended: Callable[[], bool]) -> "PortSettings | None":
        """Frames until closed; answers the ports that were chosen, where that is why it ends."""
        self._guard(self._questions.offer_left)
        try:
            while dpg.is_dearpygui_running() and time.monotonic() < end_s and not ended() and self._chosen is None:
                self._one_frame()
        finally:
            self._guard(self._mouse.let_go)
            self._guard(self._keyboard.let_go)
            self._pace.close()
            if self._chosen is None:
                self._log.write("closed", frame=self._frame)
            else:
                self._take_away()
        return self._chosen

    def _take_away(self) -> None:
        """The layout and all that lies over it go; another window takes the place."""
        for menu in self._menus():
            menu.close()
        self._layout.take_away()
        dpg.delete_item(self._handlers)

    def _begin_anew(self, ports: "PortSettings") -> None:
        """Go on with other ports."""
        self._chosen = ports if ports != self._ports else None

    def _one_frame(self) -> None:
        started = time.perf_counter()
        for job in dpg.get_callback_queue() or ():
            self._guard(run_job, job)
        self._guard(self._typing.step, self._guard, self._opened(), self._layout.fields())
        snapshot = self._session.snapshot()
        laid_out = self._layout.panels
        self._guard(self._refresh_layout)
        if self._layout.panels is not laid_out:
            self._show(snapshot)  # a press on what was never drawn would find no value
        self._guard(self._point)
        if self._layout.is_opened:  # at once: what is typed from here on goes to its line
            self._guard(self._refresh_layout)
        self._guard(self._keyboard.step)
        self._guard(self._questions.step)
        self._show(snapshot)
        self._typing.look(self._layout.fields())
        own_s = time.perf_counter() - started
        dpg.render_dearpygui_frame()
        self._frame += 1
        self._report.frame(self._frame, self._layout.size, snapshot, self._menus(), own_s, self._keyed)
        self._pace.rest(started, snapshot, self._mouse.moved_at, self._mouse.captured is not None, bool(self._keys.held))

    def _keyed(self) -> tuple[str, str]:
        """What the next key goes to, and which row of it."""
        if opened := self._opened():
            return type(opened[0]).__name__, getattr(opened[0], "marked", "")
        if field := self._typing.field:
            return f"line.{self._layout.fields().index(field)}", ""
        return (focus.name, focus.marked) if (focus := self._keyboard.focus) else ("", "")

    def _show(self, snapshot: "Snapshot") -> None:
        self._guard(self._gestures.see)
        self._layout.update(snapshot, self._pace.fps)
        if len(self._session.locked_knobs) != len(self._look.locked):  # one at a time
            self._look.locked = sorted(self._session.locked_knobs)
            self._guard(self._look.save)

    def _is_changing(self) -> bool:
        """Whether what is shown changes though nothing happens."""
        return self._layout.is_changing or self._session.recorded_s is not None

    def _refresh_layout(self) -> None:
        if self._layout.refresh():
            self._report.laid_out(self._canvas, self._frame)

    def _lay_out(self, size: tuple[int, int]) -> Panels:
        shown = self._layout
        return Panels(self._canvas, self._gestures, self._dragging, self._path, self._keys, size, shown.view, shown.pages,
                      shown.turn_page, shown.open_view, self._does,
                      {"textures": self._textures, "look": self._look, "set_look": self._set_look, "ports": self._ports,
                       "begin_anew": self._begin_anew})

    def _open_view(self, name: str) -> None:
        self._layout.open_view(name)

    def _toggle(self, name: str) -> None:
        self._layout.toggle(name)

    def _record(self) -> None:
        """Begin to record what is heard, or end it."""
        (self._session.start_recording if self._session.recorded_s is None else self._session.stop_recording)()

    def _choose_essential(self, name: str, before: str) -> None:
        """A knob of the play view takes another's place, and is kept there."""
        if name not in self._look.essentials:
            self._look.essentials = [name if known == before else known for known in self._look.essentials]
            self._layout.make_anew()
            self._look.save()

    def _set_look(self, **changes: Any) -> None:
        """Another theme or size: at once, and kept."""
        for name, value in changes.items():
            setattr(self._look, name, value)
        use_theme(self._look.theme)
        self._canvas.style.scale = self._look.zoom or self._screen_scale
        self._canvas.style.load()
        dpg.set_viewport_clear_color(list(COLOURS["background"]))
        self._layout.make_anew()
        self._look.save()

    def _ask_value(self, control: KnobControl) -> None:
        self._entry.open(control, control.shown())

    def _open_menu(self, rows: list[MenuRow], beside: Rect) -> None:
        self._gestures.menu_at = beside
        self._menu.open(rows, beside)

    def _menus(self) -> list:
        """What may lie over the panels and own mouse and keys."""
        return [*self._layout.lists(), self._menu, self._entry, self._find, self._questions.dialog]

    def _opened(self) -> list:
        return [menu for menu in self._menus() if menu.is_open]

    def _point(self) -> None:
        """The mouse, unless an open menu owns it; a press beside the menu closes it and does nothing else."""
        opened = self._opened()
        if opened and dpg.is_mouse_button_down(dpg.mvMouseButton_Left):
            x, y = dpg.get_mouse_pos(local=False)
            if not self._mouse.is_down and not any(menu.covers(x, y) for menu in opened):
                for menu in opened:
                    menu.close()
        self._mouse.step(bool(opened))

    def _key(self, code) -> None:
        code, opened = _code(code), self._opened()
        self._pace.note_key()
        if self._keyboard.is_held_note(code):
            return  # told again at every frame
        self._keyboard.note_modifier(code)
        if not self._keyboard.has_ctrl():
            if field := self._typing.leaves(code, opened):
                by = 0 if code == dpg.mvKey_Down else -1 if self._keyboard.has_shift() else 1
                self._layout.leave_field(field, by, code == dpg.mvKey_F6)
                return
            if self._typing.take_key(code, opened):
                return
        if code == dpg.mvKey_Escape and self._dragging.is_on:
            self._dragging.cancel()
        elif not opened:
            self._keyboard.on_press(code)
        elif code == dpg.mvKey_Q and self._keyboard.command(code):
            pass
        elif code == dpg.mvKey_Escape:
            opened[0].close()
        elif code in (dpg.mvKey_Up, dpg.mvKey_Down) and opened[0] in (self._find, self._menu):
            opened[0].move(1 if code == dpg.mvKey_Down else -1)
        elif self._find.is_open and code in (dpg.mvKey_Left, dpg.mvKey_Right):
            self._find.turn(1 if code == dpg.mvKey_Right else -1, self._keyboard.has_shift())


def _code(data) -> int:
    """Key code of a handler's data (a list with the time held, for some handlers)."""
    return int(data[0]) if isinstance(data, list | tuple) else int(data)
