"""The computer keyboard in the window: letters play, arrows and Tab reach everything else."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg

from ..events import control
from .computer_keyboard import ROW, KeyPiano
from .geometry import Rect
from .widgets.canvas import Canvas, place_box, show
from .widgets.control import Control, Pointer

if TYPE_CHECKING:
    from ..session.session import Session

_ALL_NOTES_OFF = 123


def _letters() -> dict[int, str]:
    codes = {getattr(dpg, f"mvKey_{c.upper()}"): c for c in ROW + "zxcv" if c.isalpha()}
    for name in ("mvKey_Colon", "mvKey_Semicolon"):
        if hasattr(dpg, name):
            codes[getattr(dpg, name)] = ";"
    return codes


class Keyboard:
    """Key presses as Dear PyGui reports them (repeats and all) -> notes, octave, presets, focus."""

    def __init__(self, canvas: Canvas, session: "Session", keys: KeyPiano) -> None:
        self._canvas, self._session, self._keys = canvas, session, keys
        self._letters = _letters()
        self._codes: dict[str, int] = {letter: code for code, letter in self._letters.items()}
        self.controls: Sequence[Control] = ()
        self.focus: Control | None = None
        self.step_preset: Callable[[int], None] = lambda by: None
        self.quit: Callable[[], object] = lambda: None
        self.save_as: Callable[[], object] = lambda: None
        self._modifiers: set[int] = set()
        self._held: set[int] = set()  # with Ctrl: a repeat of these asks nothing again
        self._ring = 0
        self.actions: dict[int, Callable[[bool], None]] = {
            dpg.mvKey_Left: lambda fine: self.step_preset(-1), dpg.mvKey_Right: lambda fine: self.step_preset(1),
            dpg.mvKey_Tab: lambda back: self._move_focus(-1 if back else 1), dpg.mvKey_Up: lambda fine: self._turn(1, fine),
            dpg.mvKey_Down: lambda fine: self._turn(-1, fine), dpg.mvKey_Home: lambda fine: self._reset(),
            dpg.mvKey_Return: lambda fine: self._activate(), dpg.mvKey_Escape: lambda fine: self._silence(),
        }

    def attach(self, controls: Sequence[Control]) -> None:
        """Take the controls of a new layout; focus stays on the one of the same name."""
        name = self.focus.name if self.focus else None
        self.controls = [c for c in controls if c.focusable]
        self.focus = next((c for c in self.controls if c.name == name), None)
        with self._canvas.on_top():
            self._ring = self._canvas.box(Rect(0, 0, 1, 1), None, "teal", 5)
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
            self.actions[code](dpg.is_key_down(dpg.mvKey_LShift) or dpg.is_key_down(dpg.mvKey_RShift))

    def note_modifier(self, code: int) -> None:
        """A key was reported: Ctrl and Shift count from then to the end of the frame, for they may be up again where frames are slow."""
        if code in (dpg.mvKey_LControl, dpg.mvKey_RControl, dpg.mvKey_LShift, dpg.mvKey_RShift):
            self._modifiers.add(code)

    def _is_down(self, *codes: int) -> bool:
        return any(code in self._modifiers or dpg.is_key_down(code) for code in codes)

    def command(self, code: int) -> bool:
        """A key with Ctrl: save, undo, redo, quit. Answers whether Ctrl is down."""
        if not self._is_down(dpg.mvKey_LControl, dpg.mvKey_RControl):
            return False
        shift = self._is_down(dpg.mvKey_LShift, dpg.mvKey_RShift)
        repeated = code in self._held
        self._held.add(code)
        if code == dpg.mvKey_Z:
            self._session.redo() if shift else self._session.undo()
        elif code == dpg.mvKey_Y:
            self._session.redo()
        elif code == dpg.mvKey_S and not repeated:
            self.save_as() if shift else self._session.save()
        elif code == dpg.mvKey_Q and not repeated:
            self.quit()
        return True

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
            self.focus.wheel(clicks, fine)

    def _reset(self) -> None:
        if self.focus:
            self.focus.reset()

    def _activate(self) -> None:
        if self.focus and not self.focus.double_resets:
            self.focus.press(Pointer(self.focus.rect.x, self.focus.rect.y))

    def _silence(self) -> None:
        """Escape: drop the focus, and every note."""
        self._set_focus(None)
        self.let_go()
        for channel in range(16):
            self._session.post(control(_ALL_NOTES_OFF, 0, channel))
