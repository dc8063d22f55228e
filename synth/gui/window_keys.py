"""The computer keyboard in the window: letters play, arrows and Tab reach everything else."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg

from ..events import control
from .computer_keyboard import ROW, KeyPiano
from .geometry import Rect
from .key_characters import PAGE_DOWN, PAGE_UP, SEMICOLON
from .panel_order import in_next_panel
from .widgets.canvas import Canvas, place_box, show
from .widgets.control import Control, ParamControl
from .words import VIEWS

if TYPE_CHECKING:
    from .dragging import Dragging
    from .gestures import Gestures

_ALL_NOTES_OFF = 123


def _letters() -> dict[int, str]:
    codes = {getattr(dpg, f"mvKey_{c.upper()}"): c for c in ROW + "zxcv" if c.isalpha()}
    return codes | {SEMICOLON: ";"}


class Keyboard:
    """Key presses as Dear PyGui reports them (repeats and all) -> notes, octave, presets, focus, commands.

    does: commands by name, which the window fills: quit, save_as, find, settings, files, history, record.
    """

    def __init__(self, canvas: Canvas, gestures: "Gestures", keys: KeyPiano, dragging: "Dragging") -> None:
        self._canvas, self._gestures, self._session, self._keys, self._dragging = canvas, gestures, gestures.session, keys, dragging
        self._letters = _letters()
        self._codes: dict[str, int] = {letter: code for code, letter in self._letters.items()}
        self.controls: Sequence[Control] = ()
        self.panels: Sequence[Rect] = ()
        self.focus: Control | None = None
        self.step_preset: Callable[[int], None] = lambda by: None
        self.does: dict[str, Callable[[], object]] = {}
        self.pointed: Callable[[], Control | None] = lambda: None  # what the mouse points at
        self.open_view: Callable[[str], object] = lambda name: None
        self._modifiers: set[int] = set()
        self._held: set[int] = set()  # with Ctrl: a repeat of these asks nothing again
        self._ring = 0
        self.actions: dict[int, Callable[[bool], None]] = {
            dpg.mvKey_Tab: lambda back: self._move_focus(-1 if back else 1), dpg.mvKey_F6: lambda back: self.go_to_panel(-1 if back else 1),
            dpg.mvKey_Up: lambda fine: self._turn(1, fine), dpg.mvKey_Right: lambda fine: self._turn(1, fine),
            dpg.mvKey_Down: lambda fine: self._turn(-1, fine), dpg.mvKey_Left: lambda fine: self._turn(-1, fine),
            PAGE_UP: lambda fine: self._turn(10, fine), PAGE_DOWN: lambda fine: self._turn(-10, fine),
            dpg.mvKey_Home: lambda fine: self._reset(), dpg.mvKey_Return: lambda fine: self._activate(),
            dpg.mvKey_Escape: lambda fine: self._silence(), dpg.mvKey_F10: lambda shift: self._open_menu() if shift else None,
        }

    def attach(self, controls: Sequence[Control], panels: Sequence[Rect] = ()) -> None:
        """Take the controls of a new layout and where its panels are; focus stays on the control of the same name."""
        self.panels = panels
        name = self.focus.name if self.focus else None
        self.controls = [c for c in controls if c.focusable]
        self.focus = next((c for c in self.controls if c.name == name), None)
        with self._canvas.on_top():
            self._ring = self._canvas.box(Rect(0, 0, 1, 1), None, "blue", 5)
        self._show_ring()

    def on_press(self, code: int) -> None:
        """A key went down or repeats."""
        if self.command(code):
            return
        letter = self._letters.get(code)
        if letter and letter in ROW:
            event = self._keys.press(letter)
            if event:
                self._session.post(event)
        elif letter:
            self._keys.shift(letter)
        elif code in self.actions:
            self.actions[code](self.has_shift())

    def is_held_note(self, code: int) -> bool:
        """Whether a key is one of a note that it plays already."""
        return self._letters.get(code) in self._keys.held

    def note_modifier(self, code: int) -> None:
        """A key was reported: Ctrl and Shift count from then to the end of the frame, for they may be up again where frames are slow."""
        if code in (dpg.mvKey_LControl, dpg.mvKey_RControl, dpg.mvKey_LShift, dpg.mvKey_RShift):
            self._modifiers.add(code)

    def _is_down(self, *codes: int) -> bool:
        return any(code in self._modifiers or dpg.is_key_down(code) for code in codes)

    def has_ctrl(self) -> bool:
        """Whether Ctrl is down."""
        return self._is_down(dpg.mvKey_LControl, dpg.mvKey_RControl)

    def has_shift(self) -> bool:
        """Whether Shift is down."""
        return self._is_down(dpg.mvKey_LShift, dpg.mvKey_RShift)

    def command(self, code: int) -> bool:
        """A key with Ctrl. Answers whether Ctrl is down."""
        if not self.has_ctrl():
            return False
        shift = self.has_shift()
        repeated = code in self._held
        self._held.add(code)
        steps = {dpg.mvKey_Z: self._session.redo if shift else self._session.undo, dpg.mvKey_Y: self._session.redo,
                 dpg.mvKey_Left: lambda: self.step_preset(-1), dpg.mvKey_Right: lambda: self.step_preset(1)}
        if code in steps:
            steps[code]()
        elif not repeated:
            self._once(code, shift)
        return True

    def _once(self, code: int, shift: bool) -> None:
        """A command that a key that is held gives once."""
        under = self.focus or self.pointed()
        target = under if isinstance(under, ParamControl) else None
        does: dict[int, Callable[[], object]] = {
            dpg.mvKey_S: self.does["save_as"] if shift else self._session.save, dpg.mvKey_Q: self.does["quit"],
            dpg.mvKey_K: self.does["find"], dpg.mvKey_Comma: self.does["settings"], dpg.mvKey_O: self.does["files"],
            dpg.mvKey_H: self.does["history"], dpg.mvKey_B: self._session.compare,
            dpg.mvKey_R: self.does["record"] if shift else self._session.random_patch,
            **{getattr(dpg, f"mvKey_{n}"): partial(self.open_view, name) for n, name in enumerate(VIEWS, 1)}}
        if code == dpg.mvKey_G:
            self._session.breed()
        if under is not None and under.takes_source:
            does[dpg.mvKey_L] = partial(self._gestures.learn, under.target)
        if target:
            does |= {dpg.mvKey_M: target.ask_source, dpg.mvKey_V: partial(self._gestures.paste, target),
                     dpg.mvKey_C: partial(self._gestures.copy, target)}
        if code in does:
            does[code]()

    def on_release(self, code: int) -> None:
        """A key came up."""
        self._held.discard(code)
        event = self._keys.release(self._letters.get(code, ""))
        if event:
            self._session.post(event)

    def step(self) -> None:
        """One frame: let go of letters that came up unseen, as when the window loses the keyboard."""
        self._modifiers = {code for code in self._modifiers if dpg.is_key_down(code)}
        self._held = {code for code in self._held if dpg.is_key_down(code)}
        for letter in list(self._keys.held):
            if not dpg.is_key_down(self._codes[letter]):
                event = self._keys.release(letter)
                if event:
                    self._session.post(event)

    def let_go(self) -> None:
        """End every note the letters hold."""
        for event in self._keys.release_all():
            self._session.post(event)

    def _move_focus(self, by: int) -> None:
        if self.controls:
            here = self.controls.index(self.focus) if self.focus in self.controls else -1 if by > 0 else 0
            self._set_focus(self.controls[(here + by) % len(self.controls)])

    def go_to_panel(self, by: int) -> None:
        """The first control of the next panel (1) or the one before (-1) is in focus."""
        self._set_focus(in_next_panel(self.controls, self.panels, self.focus, by))

    def focus_on(self, name: str, by: int = 0) -> None:
        """The control of a name is in focus, or one so many places on."""
        self.focus = next((c for c in self.controls if c.name == name), self.focus)
        self._move_focus(by)

    def _set_focus(self, control: Control | None) -> None:
        for one, hot in ((self.focus, False), (control, True)):
            if one is not None:
                one.hot = hot
        self.focus = control
        self._show_ring()

    def _show_ring(self) -> None:
        show(self._ring, self.focus is not None)
        if self.focus:
            place_box(self._ring, self.focus.rect.inset(-self._canvas.px(1)))

    def _turn(self, clicks: int, fine: bool) -> None:
        if self.focus:
            self.focus.arrow(clicks, fine)

    def _reset(self) -> None:
        if self.focus:
            self.focus.reset()

    def _activate(self) -> None:
        if self.focus:
            self.focus.enter()

    def _open_menu(self) -> None:
        if self.focus:
            self._gestures.open_menu(self.focus.menu(), self.focus.menu_rect())

    def _silence(self) -> None:
        """Escape: wait for no control any longer; else drop the focus, and every note."""
        if self._gestures.stop_learning():
            return
        self._set_focus(None)
        self.let_go()
        for channel in range(16):
            self._session.post(control(_ALL_NOTES_OFF, 0, channel))
