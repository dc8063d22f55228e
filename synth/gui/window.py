"""The window of one session: its layout, its frames, what keys and mouse do. Everything happens on one thread."""

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import dearpygui.dearpygui as dpg

from ..session.modulation import mod_rows
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
from .theme import COLOURS, use_theme
from .typing_keys import TypingKeys
from .views.plugin_chain import chain_seen
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
    """The present layout, and the loop."""

    def __init__(self, canvas: Canvas, session: Any, path: "MorphPreview", log: EventLog, look: Look, screen_scale: float,
                 textures: dict[str, int], ports: "PortSettings") -> None:
        """textures: of maps, by the model's hash. ports: what is played through."""
        self._canvas, self._session, self._path, self._log = canvas, session, path, log
        self._guard = Guard(session)
        self._keys = KeyPiano()
        self._menu = MenuList(canvas, self._guard)
        self._gestures = Gestures(session, self._ask_value, self._open_menu)
        self._entry = ValueEntry(canvas, self._gestures.take_typed, self._guard)
        self._dragging = Dragging(canvas, self._gestures, self._open_view)
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
        self._mouse.released = session.end_gesture
        self._look, self._screen_scale = look, screen_scale
        for name in look.locked:
            session.lock(name)
        self._view, self._pages = look.view, dict[str, Any]()
        self._panels: Panels | None = None
        self._textures, self._ports = textures, ports
        self._chosen: PortSettings | None = None  # other ports, with which a session is to go on
        self._stale, self._size = True, (0, 0)
        self._is_opened = False  # the view, by a hand: its line to search in takes the keyboard
        session.name_targets(self._gestures.target_words)
        self._typing = TypingKeys()
        self._seen: tuple = ()
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
        if self._panels:
            self._panels.view.close()
        self._canvas.clear()
        dpg.delete_item(self._handlers)

    def _begin_anew(self, ports: "PortSettings") -> None:
        """Go on with other ports."""
        self._chosen = ports if ports != self._ports else None

    def _one_frame(self) -> None:
        started = time.perf_counter()
        for job in dpg.get_callback_queue() or ():
            self._guard(run_job, job)
        self._guard(self._typing.step, self._guard, self._opened(), self._fields())
        snapshot = self._session.snapshot()
        laid_out = self._panels
        self._guard(self._refresh_layout)
        if self._panels is not laid_out:
            self._show(snapshot)  # a press on what was never drawn would find no value
        self._guard(self._point)
        if self._is_opened:  # at once: what is typed from here on goes to its line
            self._guard(self._refresh_layout)
        self._guard(self._keyboard.step)
        self._guard(self._questions.step)
        self._show(snapshot)
        self._typing.look(self._fields())
        own_s = time.perf_counter() - started
        dpg.render_dearpygui_frame()
        self._frame += 1
        self._report.frame(self._frame, self._size, snapshot, self._menus(), own_s)
        self._pace.rest(started, snapshot, self._mouse.moved_at, self._mouse.captured is not None, bool(self._keys.held))

    def _show(self, snapshot: "Snapshot") -> None:
        self._guard(self._gestures.see)
        if self._panels:
            self._guard(self._panels.update, snapshot, self._pace.fps)
        if len(self._session.locked_knobs) != len(self._look.locked):  # one at a time
            self._look.locked = sorted(self._session.locked_knobs)
            self._guard(self._look.save)

    def _is_changing(self) -> bool:
        """Whether what is shown changes though nothing happens."""
        panels = self._panels
        return panels is None or panels.status.is_fresh or panels.view.is_changing or self._session.recorded_s is not None

    def _refresh_layout(self) -> None:
        size = (dpg.get_viewport_client_width(), dpg.get_viewport_client_height())
        morph = self._session.morph
        seen = (self._session.latents, self._session.patch.macros, self._rows_seen(), [p.name for p in morph.parts] if morph else None,
                (morph.axis, morph.layers, morph.stops) if morph else "", chain_seen(self._session) if self._view == "effects" else ())
        if not self._stale and size == self._size and len(seen) == len(self._seen) and all(
                a is b or a == b for a, b in zip(seen, self._seen, strict=True)):
            return
        if self._mouse.captured and size == self._size and not self._stale:
            return  # a hand is on something: the rows it changes are laid out when it lets go
        self._mouse.let_go()
        if self._seen and self._session.latents is not self._seen[0]:
            self._pages.pop("first_latent", None)
        self._stale, self._size, self._seen = False, size, seen
        for menu in self._lists():
            menu.close()
        typed = {field.hint: field.line.words for field in self._fields() if field.line.is_typed_in and not self._is_opened}
        if self._panels:
            self._panels.view.close()
        self._panels, self._mouse.controls = None, ()  # what was drawn is gone, whatever becomes of the next
        self._canvas.clear()
        self._dragging.forget_drawing()
        try:
            self._panels = self._lay_out(size)
        except Exception:
            self._canvas.clear()
            self._keyboard.attach(())
            self._stale, self._view = self._view != "play", "play"  # what cannot be laid out gives way to the view to play on
            raise
        self._mouse.controls = self._panels.controls
        if self._is_opened and self._panels.view.searched:
            self._panels.view.searched.focus()
        for field in (field for field in self._fields() if field.hint in typed):
            field.line.resume(typed[field.hint])  # the layout changes under a hand that types
        self._is_opened = False
        self._keyboard.attach(self._panels.controls)
        self._keyboard.step_preset = self._panels.header.preset.step
        for name, rect in self._panels.rects().items():
            self._log.rect(name, rect)
        self._report.laid_out(self._canvas, self._frame)
        self._log.write("layout", width=size[0], height=size[1], view=self._view)

    def _lay_out(self, size: tuple[int, int]) -> Panels:
        return Panels(self._canvas, self._gestures, self._dragging, self._path, self._keys, size, self._view, self._pages,
                      self._turn_page, self._open_view, self._does,
                      {"textures": self._textures, "look": self._look, "set_look": self._set_look, "ports": self._ports,
                       "begin_anew": self._begin_anew})

    def _rows_seen(self) -> tuple:
        """Of the matrix, what a layout depends on: which rows there are, not how deep they are."""
        if self._view != "modulation":
            return ()
        return tuple((row.slot, row.source, row.target, row.via, row.bypass) for row in mod_rows(self._session.patch))

    def _open_view(self, name: str) -> None:
        if name == self._view:
            return
        self._view, self._stale, self._is_opened = name, True, True
        if name in words.VIEWS:
            self._look.view = name
            self._guard(self._look.save)

    def _turn_page(self, name: str, page: Any) -> None:
        self._pages[name], self._stale = page, True

    def _toggle(self, name: str) -> None:
        """Files, history or settings; again: back to the view before."""
        self._open_view(self._look.view if self._view == name else name)

    def _record(self) -> None:
        """Begin to record what is heard, or end it."""
        (self._session.start_recording if self._session.recorded_s is None else self._session.stop_recording)()

    def _choose_essential(self, name: str, before: str) -> None:
        """A knob of the play view takes another's place, and is kept there."""
        if name not in self._look.essentials:
            self._look.essentials = [name if known == before else known for known in self._look.essentials]
            self._stale = True
            self._look.save()

    def _set_look(self, **changes: Any) -> None:
        """Another theme or size: at once, and kept."""
        for name, value in changes.items():
            setattr(self._look, name, value)
        use_theme(self._look.theme)
        self._canvas.style.scale = self._look.zoom or self._screen_scale
        self._canvas.style.load()
        dpg.set_viewport_clear_color(list(COLOURS["background"]))
        self._stale = True
        self._look.save()

    def _ask_value(self, control: KnobControl) -> None:
        self._entry.open(control, control.shown())

    def _open_menu(self, rows: list[MenuRow], beside: Rect) -> None:
        self._gestures.menu_at = beside
        self._menu.open(rows, beside)

    def _menus(self) -> list:
        """What may lie over the panels and own mouse and keys."""
        return [*self._lists(), self._menu, self._entry, self._find, self._questions.dialog]

    def _opened(self) -> list:
        return [menu for menu in self._menus() if menu.is_open]

    def _fields(self) -> list:
        return self._panels.view.fields if self._panels else []

    def _lists(self) -> list:
        return self._panels.menus if self._panels else []

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
        if not self._keyboard.has_ctrl() and self._typing.take_key(code, opened):
            return
        if code == dpg.mvKey_Escape and self._dragging.is_on:
            self._dragging.cancel()
        elif not opened:
            self._keyboard.on_press(code)
        elif code == dpg.mvKey_Q and self._keyboard.command(code):
            pass
        elif code == dpg.mvKey_Escape:
            opened[0].close()
        elif self._find.is_open and code in (dpg.mvKey_Up, dpg.mvKey_Down):
            self._find.move(1 if code == dpg.mvKey_Down else -1)
        elif self._find.is_open and code in (dpg.mvKey_Left, dpg.mvKey_Right):
            self._find.turn(1 if code == dpg.mvKey_Right else -1, dpg.is_key_down(dpg.mvKey_LShift))


def _code(data) -> int:
    """Key code of a handler's data (a list with the time held, for some handlers)."""
    return int(data[0]) if isinstance(data, list | tuple) else int(data)
