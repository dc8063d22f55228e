"""Sliders: one column for each latent, the position line and how far it follows the way, the level fader."""

from typing import TYPE_CHECKING

from ...params.knobs import PARAMS
from ..geometry import Rect
from ..theme import COLOURS, shade
from .canvas import Canvas, place_box, place_dot, set_fill, set_text
from .control import Control, ParamControl, Pointer

if TYPE_CHECKING:
    from ...params.param import Param
    from ...session.session import Session
    from ...session.view_state import LatentInfo, Snapshot

_MIN_COLUMN = 7.0  # points: 32 latents side by side in the narrowest window


class LatentSlider(Control):
    """One latent as a column: shows the played value, edits the corner nearest to the present position."""

    def __init__(self, canvas: Canvas, index: int, info: "LatentInfo", rect: Rect, session: "Session") -> None:
        super().__init__(f"latent.{index + 1}", rect)
        self._canvas, self._index, self._info, self._session = canvas, index, info, session
        px = canvas.px
        w = min(rect.w - px(3), px(15))
        self._track = Rect(rect.x + (rect.w - w) / 2, rect.y, w, rect.h)
        self._grab: tuple[float, float] | None = None
        self._shown: tuple[float, bool] | None = None
        self.value, self.hot = info.mean, False
        self._back = canvas.box(self._track, "track", None, 4)
        zero = self._y_of(info.mean)
        self._bar = canvas.box(Rect(self._track.x, zero, w, 1), shade("teal", 0.28), None, 0)
        canvas.line(self._track.x, zero, self._track.right, zero, "faint", 1)
        self._thumb = canvas.box(Rect(self._track.x, zero, w, px(10)), "teal", None, 4)

    def _y_of(self, value: float) -> float:
        span = (self._info.high - self._info.low) or 1.0
        unit = min(max((value - self._info.low) / span, 0.0), 1.0)
        half = self._canvas.px(5)
        return self._track.bottom - half - unit * (self._track.h - 2 * half)

    def update(self, snapshot: "Snapshot") -> None:
        """Move the thumb to the played value."""
        if self._index >= len(snapshot.latents):
            return
        self.value = float(snapshot.latents[self._index])
        state = (round(self._y_of(self.value), 1), self.hot or self._grab is not None)
        if state == self._shown:
            return
        self._shown = state
        y, zero, half = state[0], self._y_of(self._info.mean), self._canvas.px(5)
        place_box(self._thumb, Rect(self._track.x, y - half, self._track.w, 2 * half))
        place_box(self._bar, Rect(self._track.x, min(y, zero), self._track.w, abs(y - zero)))
        set_fill(self._back, "button_hover" if state[1] else "track")

    def _set(self, value: float) -> None:
        self._session.set_latent(self._index, min(max(value, self._info.low), self._info.high))

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
        """One click is 1/50 of the range, 1/500 when fine."""
        self._set(self.value + clicks * (self._info.high - self._info.low) / (500 if fine else 50))

    def reset(self) -> None:
        """To the mean over the training data."""
        self._set(self._info.mean)

    def tip(self, at: Pointer) -> list[str]:
        """Name, value and range."""
        return [f"{self._info.name}   {self.value:.3g}", f"Latent {self._index + 1}, {self._info.low:.3g} to {self._info.high:.3g}"]


def latent_panel(canvas: Canvas, rect: Rect, session: "Session", first: int = 0) -> tuple[list[LatentSlider], int]:
    """A slider for every latent from `first` on that fits, and how many fit."""
    px = canvas.px
    canvas.panel(rect)
    inside = rect.inset(px(10), px(30), px(10), px(26))
    fits = max(1, int(inside.w // px(_MIN_COLUMN)))
    chosen = list(enumerate(session.latents))[first:first + fits]
    width = min(inside.w / max(1, len(chosen)), px(26))
    left = inside.x + (inside.w - width * len(chosen)) / 2
    sliders = []
    step = 1 if width >= px(17) else 2 if width >= px(11) else 4
    for place, (index, info) in enumerate(chosen):
        column = Rect(left + place * width, inside.y, width, inside.h)
        sliders.append(LatentSlider(canvas, index, info, column, session))
        if place % step == 0:
            canvas.text(column.x + width / 2, inside.bottom + px(6), str(index + 1), "tiny", "faint", align=0.5)
    return sliders, fits


class LineSlider(ParamControl):
    """A declared knob as a line, with words on both sides of it."""

    def __init__(self, canvas: Canvas, param: "Param", rect: Rect, session: "Session", before: str, behind: str = "",
                 colour: str = "orange") -> None:
        super().__init__(param, rect, session)
        px = canvas.px
        self._canvas = canvas
        middle = rect.y + rect.h / 2
        left, right = (px(14) + canvas.width(words, "body") if words else px(12) for words in (before, behind))
        self._track = Rect(rect.x + left, middle - px(3), rect.w - left - right, px(6))
        canvas.text(rect.x + px(4), middle - px(7), before, "body", "dim")
        canvas.text(rect.right - px(4), middle - px(7), behind, "body", "dim", align=1)
        canvas.box(self._track, "track", None, 3)
        self._bar = canvas.box(self._track, shade(colour, 0.8), None, 3)
        self._thumb = canvas.dot(self._track.x, middle, px(8), colour, COLOURS["panel"], px(2))
        self._shown: float | None = None

    def update(self, snapshot: "Snapshot") -> None:
        """Move the thumb to the knob's value; the position's after CC1."""
        x = self._track.x + self.param.to_unit(self.read(snapshot)) * self._track.w
        if x != self._shown:
            self._shown = x
            place_dot(self._thumb, x, self._track.y + self._track.h / 2)
            place_box(self._bar, Rect(self._track.x, self._track.y, max(1.0, x - self._track.x), self._track.h))

    def press(self, at: Pointer) -> None:
        """Jump to the pointer."""
        self.drag(at)

    def drag(self, at: Pointer) -> None:
        """Follow the pointer."""
        self.set_unit(min(max((at.x - self._track.x) / self._track.w, 0.0), 1.0), True)


def path_lines(canvas: Canvas, rect: Rect, session: "Session") -> tuple[LineSlider, LineSlider]:
    """The position from A to B, and beside it how far it follows the way where sounds are."""
    w = max(rect.w * 0.24, canvas.px(104))
    place, gap = Rect(rect.right - w, rect.y, w, rect.h), canvas.px(8)
    return (LineSlider(canvas, PARAMS["osc.position"], Rect(rect.x, rect.y, rect.w - w - gap, rect.h), session, "A", "B"),
            LineSlider(canvas, PARAMS["osc.follow"], place, session, "Follow", colour="violet"))


class Fader(ParamControl):
    """A declared level as an upright fader with its value below."""

    def __init__(self, canvas: Canvas, param: "Param", rect: Rect, session: "Session") -> None:
        super().__init__(param, rect, session)
        px = canvas.px
        self._canvas = canvas
        self._track = Rect(rect.x + rect.w / 2 - px(2), rect.y + px(6), px(4), rect.h - px(34))
        canvas.box(self._track, "track", None, 2)
        unity = self._y_of(param.default)
        canvas.line(rect.x + px(2), unity, rect.right - px(2), unity, "faint", 1)
        self._thumb = canvas.box(Rect(rect.x, unity, rect.w, px(12)), "text", None, 3)
        self._words = canvas.text(rect.x, rect.bottom - px(14), "", "tiny", "dim")
        self._shown: float | None = None

    def _y_of(self, value: float) -> float:
        return self._track.bottom - self.param.to_unit(value) ** 2 * self._track.h

    def update(self, snapshot: "Snapshot") -> None:
        """Move the thumb to the played level."""
        if self.read(snapshot) == self._shown:
            return
        self._shown = self.value
        px, y = self._canvas.px, self._y_of(self.value)
        place_box(self._thumb, Rect(self.rect.x + px(3), y - px(5), self.rect.w - px(6), px(10)))
        set_text(self._words, f"{self.value:+.1f}")

    def press(self, at: Pointer) -> None:
        """Jump to the pointer."""
        self.drag(at)

    def drag(self, at: Pointer) -> None:
        """Follow the pointer; near unity it snaps."""
        unit = min(max((self._track.bottom - at.y) / self._track.h, 0.0), 1.0) ** 0.5
        if not at.fine and abs(self.param.from_unit(unit) - self.param.default) < 0.6:
            unit = self.param.to_unit(self.param.default)
        self.set_unit(unit)
