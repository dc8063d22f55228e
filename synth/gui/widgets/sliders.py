"""Sliders: one column for each latent, lines for directions and the position, the level fader."""

from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg

from ...params.knobs import PARAMS
from .. import words
from ..geometry import Rect
from ..theme import shade
from .canvas import Canvas, place_box, place_dot, place_line, set_colour, set_text, show
from .control import Control, ParamControl, Pointer
from .menu_row import MenuRow
from .padlock import Padlock

if TYPE_CHECKING:
    from ...params.param import Param
    from ...session.view_state import LatentInfo, Snapshot
    from ..gestures import Gestures

_MIN_COLUMN = 7.0  # points: 32 latents side by side in the narrowest window


class LatentSlider(Control):
    """One latent as a column: shows the played value, edits the corner nearest to the present position; a source moves its offset."""

    takes_source = True

    def __init__(self, canvas: Canvas, index: int, info: "LatentInfo", rect: Rect, gestures: "Gestures") -> None:
        super().__init__(f"latent.{index + 1}", rect)
        self._canvas, self._index, self._info, self._gestures = canvas, index, info, gestures
        px = canvas.px
        w = min(rect.w - px(3), px(15))
        self._track = Rect(rect.x + (rect.w - w) / 2, rect.y, w, rect.h)
        self._grab: tuple[float, float] | None = None
        self._shown: tuple | None = None
        self._asked: tuple = ()
        self.value = info.mean
        self._back = canvas.box(self._track, "track", None, 4)
        zero = self._y_of(info.mean)
        self._bar = canvas.box(Rect(self._track.x, zero, w, 1), shade("teal", 0.28), None, 0)
        canvas.line(self._track.x, zero, self._track.right, zero, "faint", 1)
        self._thumb = canvas.box(Rect(self._track.x, zero, w, px(10)), "teal", None, 4)
        self._reach = canvas.line(rect.x, zero, rect.x, zero, "violet", px(2))
        self._dot = canvas.dot(rect.x, zero, px(2.6), "orange")
        self._padlock = Padlock(canvas, self._track.x + w / 2, rect.y + px(7))
        for item in (self._reach, self._dot):
            show(item, False)

    def _y_of(self, value: float) -> float:
        span = (self._info.high - self._info.low) or 1.0
        unit = min(max((value - self._info.low) / span, 0.0), 1.0)
        half = self._canvas.px(5)
        return self._track.bottom - half - unit * (self._track.h - 2 * half)

    def update(self, snapshot: "Snapshot") -> None:
        """Move the thumb to the played value, the line and its dot to what modulation makes of it."""
        if self._index >= len(snapshot.latents):
            return
        self.value = float(snapshot.latents[self._index])
        asked = (self.value, self.hot, self.aimed, self._grab is None, self._gestures.stamp)
        if asked == self._asked and self.name not in self._gestures.moved:
            return
        self._asked = asked
        span = (self._info.high - self._info.low) or 1.0
        moved = self._gestures.modulated(self.name, (self.value - self._info.low) / span, snapshot)
        hot, learning = self.hot or self._grab is not None, self._gestures.is_learning(self.name)
        state = (round(self._y_of(self.value), 1), hot, self.aimed, moved, learning, self._gestures.is_locked(self.name))
        if state == self._shown:
            return
        self._shown = state
        self._padlock.show(state[5])
        y, zero, half = state[0], self._y_of(self._info.mean), self._canvas.px(5)
        place_box(self._thumb, Rect(self._track.x, y - half, self._track.w, 2 * half))
        place_box(self._bar, Rect(self._track.x, min(y, zero), self._track.w, abs(y - zero)))
        edge = "rose" if state[4] else "violet" if state[2] else "track"
        dpg.configure_item(self._back, fill=self._canvas.colour("button_hover" if state[1] else "track"), color=self._canvas.colour(edge))
        for item in (self._reach, self._dot):
            show(item, moved is not None)
        if moved is not None:
            x = self._track.right + self._canvas.px(1.5)
            low, high, now = (self._y_of(self._info.low + u * span) for u in moved)
            place_line(self._reach, x, low, x, high)
            place_dot(self._dot, x, now)

    def _set(self, value: float) -> None:
        self._gestures.session.set_latent(self._index, min(max(value, self._info.low), self._info.high))

    def press(self, at: Pointer) -> None:
        """Jump to the pointer; with shift take hold where it is."""
        if not at.fine:
            self._set(self._value_at(at.y))
            self._grab = (at.y, self._value_at(at.y))
        else:
            self._grab = (at.y, self.value)

    def _value_at(self, y: float) -> float:
        half = self._canvas.px(5)
        unit = (self._track.bottom - half - y) / (self._track.h - 2 * half)
        return self._info.low + min(max(unit, 0.0), 1.0) * (self._info.high - self._info.low)

    def drag(self, at: Pointer) -> None:
        """Follow the pointer, ten times slower with shift."""
        if self._grab is None or at.y == self._grab[0]:
            return
        last_y, value = self._grab
        span = self._info.high - self._info.low
        value += (last_y - at.y) / self._track.h * span * 0.1 if at.fine else self._value_at(at.y) - value
        self._grab = (at.y, min(max(value, self._info.low), self._info.high))
        self._set(self._grab[1])

    def release(self) -> None:
        """Let go."""
        self._grab = None

    def wheel(self, clicks: float, fine: bool) -> None:
        """One click is 1/40 of the latent's range, 1/400 when fine."""
        self._set(self.value + clicks * (self._info.high - self._info.low) / (400 if fine else 40))

    def reset(self) -> None:
        """To the mean over the training data."""
        self._set(self._info.mean)

    def menu(self) -> list[MenuRow]:
        """Learn, modulate, remove rows, the mean."""
        return self._gestures.latent_menu(self.name, self._info.name, self.reset, self.rect, "To the mean of the sounds it learnt")

    def tip(self, at: Pointer) -> list[str]:
        """Name, value and range, what moves it."""
        return [f"{self._info.name}   {self.value:.3g}", f"Latent {self._index + 1}, {self._info.low:.3g} to {self._info.high:.3g}",
                *self._gestures.row_lines(self.name)]


def latent_columns(canvas: Canvas, inside: Rect, gestures: "Gestures", first: int = 0) -> tuple[list[LatentSlider], int]:
    """A slider for every latent from `first` on that fits into a rectangle, numbers under them, and how many fit."""
    px, latents = canvas.px, gestures.session.latents
    fits = max(1, int(inside.w // px(_MIN_COLUMN)))
    chosen = list(enumerate(latents))[first:first + fits]
    width = min(inside.w / max(1, len(chosen)), px(26))
    left = inside.x + (inside.w - width * len(chosen)) / 2
    sliders = []
    step = 1 if width >= px(17) else 2 if width >= px(11) else 4
    for place, (index, info) in enumerate(chosen):
        column = Rect(left + place * width, inside.y, width, inside.h - px(18))
        sliders.append(LatentSlider(canvas, index, info, column, gestures))
        if place % step == 0:
            canvas.text(column.x + width / 2, column.bottom + px(4), str(index + 1), "tiny", "faint", align=0.5)
    return sliders, fits


class LineSlider(ParamControl):
    """A declared knob as a line: its name before it, its value behind it."""

    takes_source = True

    def __init__(self, canvas: Canvas, param: "Param", rect: Rect, gestures: "Gestures", before: str, behind: str | None = None,
                 colour: str = "", before_w: float = 0.0, behind_w: float = 46.0) -> None:
        """behind: words; None: the value. colour: of the bar; '' for that of set values. before_w, behind_w: points, 0 as needed."""
        super().__init__(param, rect, gestures)
        px = canvas.px
        self._canvas, self._behind, self._own_colour = canvas, behind, colour
        middle = rect.y + rect.h / 2
        left = px(before_w) if before_w else canvas.width(before, "text") + px(14)
        right = (px(behind_w) if behind is None else canvas.width(behind, "text") + px(14)) if behind != "" else px(8)
        self._track = Rect(rect.x + left, middle - px(2.5), max(rect.w - left - right, px(20)), px(5))
        self._words_at = middle - canvas.height("text") / 2 - px(1)
        self._before = canvas.text(rect.x + px(2), self._words_at, before, "text", "dim")
        self._value_item = canvas.text(rect.right - px(2), self._words_at, behind or "", "text", "dim" if behind else "text", align=1)
        canvas.box(self._track, "track", None, 3)
        self._zero = param.to_unit(0.0) if param.low == -param.high else 0.0
        if self._zero:
            x = self._track.x + self._zero * self._track.w
            canvas.line(x, middle - px(6), x, middle + px(6), "faint", 1)
        self._bar = canvas.box(self._track, "teal", None, 3)
        self._reach = canvas.line(0, 0, 1, 0, "violet", px(2))
        self._dot = canvas.dot(0, 0, px(2.6), "orange")
        self._thumb = canvas.dot(self._track.x, middle, px(6.5), "teal", "panel", px(2))
        self._halo = canvas.box(rect, None, "violet", 5)
        self._padlock = Padlock(canvas, self._track.x - px(12), middle)
        for item in (self._reach, self._dot, self._halo):
            show(item, False)
        self._shown: tuple | None = None

    def update(self, snapshot: "Snapshot") -> None:
        """Move the thumb to the knob's value, the line under it to what modulation makes of it."""
        if self.is_as_drawn(snapshot):
            return
        value = self.read(snapshot)
        moved = self.gestures.modulated(self.param.name, self.param.to_unit(value), snapshot)
        quiet = self.gestures.is_quiet(self.param.name)
        state = (value, moved, quiet, self.aimed, self.hot, self.gestures.is_learning(self.param.name),
                 self.gestures.is_locked(self.param.name))
        if state == self._shown:
            return
        self._shown = state
        self._padlock.show(state[6])
        t, middle, unit = self._track, self._track.y + self._track.h / 2, self.param.to_unit(value)
        x, zero = t.x + unit * t.w, t.x + self._zero * t.w
        colour = "faint" if quiet or (self._zero and abs(unit - self._zero) < 1e-6) else self._own_colour or self.colour
        place_dot(self._thumb, x, middle)
        dpg.configure_item(self._thumb, fill=self._canvas.colour(colour))
        place_box(self._bar, Rect(min(x, zero), t.y, max(1.0, abs(x - zero)), t.h))
        dpg.configure_item(self._bar, fill=self._canvas.colour(colour))
        for item in (self._reach, self._dot):
            show(item, moved is not None)
        if moved is not None:
            low, high, now = (t.x + min(max(u, 0.0), 1.0) * t.w for u in moved)
            y = middle + self._canvas.px(8)
            place_line(self._reach, low, y, high, y)
            place_dot(self._dot, now, y)
        dpg.configure_item(self._halo, show=self.aimed or state[5], color=self._canvas.colour("rose" if state[5] else "violet"))
        if self._behind is None:
            self._write(words.show_value(self.param, value))

    def _write(self, text: str) -> None:
        x = self.rect.right - self._canvas.px(2) - self._canvas.width(text, "text")
        dpg.configure_item(self._value_item, pos=(round(x), round(self._words_at)))
        set_text(self._value_item, text)
        set_colour(self._value_item, "dim" if self._zero and self.value == 0 else "text")

    def press(self, at: Pointer) -> None:
        """Jump to the pointer; on the value, type one."""
        if self._behind is None and at.x > self._track.right + self._canvas.px(8):
            self.gestures.type_value(self)
        elif at.x >= self._track.x - self._canvas.px(8):
            self.drag(at)

    def drag(self, at: Pointer) -> None:
        """Follow the pointer."""
        if at.x <= self._track.right + self._canvas.px(40):
            unit = min(max((at.x - self._track.x) / self._track.w, 0.0), 1.0)
            if self._zero and not at.fine and abs(unit - self._zero) < 0.012:
                unit = self._zero
            self.set_unit(unit, True)

    def entry_rect(self) -> Rect:
        """Over the value."""
        px = self._canvas.px
        return Rect(self.rect.right - px(60), self.rect.y, px(60), self.rect.h)


class Fader(ParamControl):
    """A declared level as a line between two meters' rows: what is heard above, the level asked for as a white dot below."""

    def __init__(self, canvas: Canvas, param: "Param", rect: Rect, gestures: "Gestures") -> None:
        super().__init__(param, rect, gestures)
        px = canvas.px
        self._canvas = canvas
        self._track = Rect(rect.x + px(8), rect.bottom - px(10), rect.w - px(16), px(3))
        canvas.box(self._track, "track", None, 2)
        self._thumb = canvas.dot(self._track.x, self._track.y + px(1.5), px(5), "text")
        self._shown: float | None = None

    def update(self, snapshot: "Snapshot") -> None:
        """Move the thumb to the played level."""
        if self.read(snapshot) != self._shown:
            self._shown = self.value
            t = self._track
            place_dot(self._thumb, t.x + self.param.to_unit(self.value) ** 2 * t.w, t.y + self._canvas.px(1.5))

    def press(self, at: Pointer) -> None:
        """Jump to the pointer."""
        self.drag(at)

    def drag(self, at: Pointer) -> None:
        """Follow the pointer; near unity it snaps."""
        unit = min(max((at.x - self._track.x) / self._track.w, 0.0), 1.0) ** 0.5
        if not at.fine and abs(self.param.from_unit(unit) - self.param.default) < 0.6:
            unit = self.param.to_unit(self.param.default)
        self.set_unit(unit)


def path_lines(canvas: Canvas, rect: Rect, gestures: "Gestures") -> tuple[LineSlider, LineSlider]:
    """The position from A to B, and beside it how far it follows the way where sounds are."""
    w = max(rect.w * 0.26, canvas.px(110))
    line = Rect(rect.x, rect.y, rect.w - w - canvas.px(8), rect.h)
    return (LineSlider(canvas, PARAMS["osc.position"], line, gestures, "A", "B", "orange"),
            LineSlider(canvas, PARAMS["osc.follow"], Rect(rect.right - w, rect.y, w, rect.h), gestures, "Follow", "", "violet"))
