"""Left of the piano: bend and modulation wheel, octave and velocity of the computer keys."""

from functools import partial
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg

from ...events import bend, control
from ...params.knobs import PARAMS
from ..computer_keyboard import KeyPiano
from ..geometry import Rect
from ..widgets.buttons import Button
from ..widgets.canvas import Canvas, place_box, set_text
from ..widgets.control import Control, Pointer
from ..widgets.menu_row import MenuRow
from .piano import note_name

if TYPE_CHECKING:
    from ...session.view_state import Snapshot
    from ..gestures import Gestures

_MOD_WHEEL = 1


class Wheel(Control):
    """A wheel to drag; the bend wheel springs back. A source dropped on the bend wheel moves the fine tuning: vibrato in one gesture."""

    double_resets = False

    def __init__(self, canvas: Canvas, name: str, title: str, rect: Rect, gestures: "Gestures", springs: bool) -> None:
        super().__init__(name, rect)
        self._canvas, self._gestures, self._springs = canvas, gestures, springs
        self.takes_source = springs
        px = canvas.px
        self._track = Rect(rect.x + rect.w / 2 - px(11), rect.y, px(22), rect.h - px(17))
        self._body = canvas.box(self._track, "well", "panel_edge", 4)
        self._fill = canvas.box(self._track, "track", None, 3)
        self._thumb = canvas.box(self._track, "dim" if springs else "orange", None, 3)
        canvas.text(rect.x + rect.w / 2, rect.bottom - px(14), title, "tiny", "dim", align=0.5)
        self._held: float | None = None
        self._value = self._before = 0.0  # before: where the wheel was heard to stand when it was last moved here
        self._is_down = False
        self._shown: tuple | None = None

    @property
    def target(self) -> str:
        """The fine tuning."""
        return "osc.fine_cents"

    def update(self, snapshot: "Snapshot") -> None:
        """The thumb where the wheel is, whoever moved it."""
        source = "bend" if self._springs else "wheel"
        rests = self._value if self._springs else self._gestures.session.wheel
        heard = snapshot.sources.get(source, rests) if self._gestures.is_used(source) and snapshot.voices else rests
        if not self._is_down and not self._springs and rests != self._before:
            self._held = None  # it was heard, or another wheel moved since
        value = self._held if self._held is not None else heard
        self._value = value
        state = (round(value, 3), self.aimed, self.hot, bool(self._springs and self._gestures.rows_of(self.target)))
        if state == self._shown:
            return
        self._shown = state
        t, px = self._track, self._canvas.px
        unit = (value + 1) / 2 if self._springs else value
        y = t.bottom - px(6) - min(max(unit, 0.0), 1.0) * (t.h - px(12))
        place_box(self._thumb, Rect(t.x + px(2), y - px(4), t.w - px(4), px(8)))
        low = t.y + t.h / 2 if self._springs else t.bottom - px(2)
        place_box(self._fill, Rect(t.x + px(2), min(y, low), t.w - px(4), abs(low - y)))
        dpg.configure_item(self._body, color=self._canvas.colour("violet" if state[1] or state[3] else "panel_edge"))

    def _send(self, value: float) -> None:
        value = min(max(value, -1.0 if self._springs else 0.0), 1.0)
        self._held = self._value = value
        self._before = self._gestures.session.wheel
        self._gestures.session.post(bend(value) if self._springs else control(_MOD_WHEEL, round(value * 127)))

    def press(self, at: Pointer) -> None:
        """Take hold; the wheel goes to the pointer. While a control is learnt it stays: it would take that of every keyboard."""
        if self._gestures.is_learning_any():
            self._gestures.session.tell("a control of your keyboard is waited for, not this wheel on the screen")
        self._is_down = True
        self.drag(at)

    def drag(self, at: Pointer) -> None:
        """Follow the pointer."""
        unit = min(max((self._track.bottom - at.y) / self._track.h, 0.0), 1.0)
        value = unit * 2 - 1 if self._springs else unit
        if value != self._held and not self._gestures.is_learning_any():
            self._send(value)

    def release(self) -> None:
        """The bend wheel springs back."""
        if self._springs and self._held is not None:
            self._send(0.0)
        self._held = None if self._springs else self._held
        self._is_down = False

    def wheel(self, clicks: float, fine: bool) -> None:
        """A step of the modulation wheel."""
        if not self._springs and not self._gestures.is_learning_any():
            self._send(self._value + clicks / (127 if fine else 20))

    def menu(self) -> list[MenuRow]:
        """What moves the fine tuning."""
        in_tune = partial(self._gestures.set_value, self.target, PARAMS[self.target].default)
        return self._gestures.latent_menu(self.target, "Fine tuning", in_tune, self.rect) if self._springs else []

    def tip(self, at: Pointer) -> list[str]:
        """What it is for."""
        if self._springs:
            return ["Pitch bend", "Drop a source here for vibrato: it moves the fine tuning", *self._gestures.row_lines(self.target)]
        return ["Modulation wheel", "CC1: moves the position unless you learn another"]


class Wheels:
    """The panel; `controls` answer to the pointer."""

    def __init__(self, canvas: Canvas, rect: Rect, gestures: "Gestures", keys: KeyPiano) -> None:
        px, self._canvas, self._keys = canvas.px, canvas, keys
        canvas.panel(rect)
        self.controls: list[Control] = [
            Wheel(canvas, "wheel.bend", "Bend", Rect(rect.x + px(4), rect.y + px(7), px(36), rect.h - px(9)), gestures, True),
            Wheel(canvas, "wheel.mod", "Wheel", Rect(rect.x + px(40), rect.y + px(7), px(36), rect.h - px(9)), gestures, False)]
        self._values: list[int] = []
        self._middles: list[tuple[float, float]] = []
        left, h = rect.x + px(80), (rect.h - px(8)) / 2
        for i, (title, less, more) in enumerate((("Octave", "z", "x"), ("Velocity", "c", "v"))):
            top = rect.y + px(5) + i * h
            canvas.text(left + px(24), top, title, "tiny", "dim", align=0.5)
            row = top + px(13)
            for letter, x, sign in ((less, left, "−"), (more, left + px(34), "+")):
                self.controls.append(Button(canvas, f"keys.{title.casefold()}{sign}", Rect(x, row, px(14), px(20)), sign,
                                            partial(keys.shift, letter), f"{title} of the computer keys ({letter.upper()})", font="small"))
            self._middles.append((left + px(24), row + px(4)))
            self._values.append(canvas.text(*self._middles[-1], "", "small", "text"))
        self._shown: tuple[int, int] | None = None

    def update(self) -> None:
        """Write octave and velocity."""
        state = (self._keys.base, self._keys.velocity)
        if state == self._shown:
            return
        self._shown = state
        for i, text in enumerate((note_name(state[0]), str(state[1]))):
            x, y = self._middles[i]
            dpg.configure_item(self._values[i], pos=(round(x - self._canvas.width(text, "small") / 2), round(y)))
            set_text(self._values[i], text)
