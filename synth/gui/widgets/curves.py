"""Drawings that are also handles: an envelope's points. LFOs are in `lfo_curve`, responses over frequency in `response_curves`."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg
import numpy as np

from ...params.knobs import PARAMS
from .. import words
from ..curve_points import bent
from ..geometry import Rect
from ..theme import shade
from .canvas import Canvas, place_dot, place_path, set_colour
from .control import Control, Pointer

if TYPE_CHECKING:
    from ...session.view_state import Snapshot
    from ..gestures import Gestures

_STRIPS = 48


class Curve(Control):
    """A well with a line, a fill under it and points to drag. values: of the knobs it shows; nothing is drawn while they stay."""

    takes_source = False
    knobs: tuple[str, ...] = ()

    def __init__(self, canvas: Canvas, name: str, rect: Rect, gestures: "Gestures", colour: str = "teal") -> None:
        super().__init__(name, rect)
        self._canvas, self.gestures, self._colour = canvas, gestures, colour
        px = canvas.px
        canvas.box(rect, "well", "panel_edge", 5)
        self.room = rect.inset(px(9), px(9), px(9), px(9))
        self._draw_grid()
        self._fill = [int(dpg.draw_quad((0, 0), (0, 0), (0, 0), (0, 0), color=(0, 0, 0, 0), fill=shade(colour, 0.16), parent=canvas.back))
                      for _ in range(_STRIPS)]
        self._line = canvas.path([(self.room.x, self.room.bottom), (self.room.right, self.room.bottom)], colour, px(1.8))
        self._handles: dict[str, int] = {}
        self._held = self._last = ""  # handles: that is dragged, that was touched last
        self._shown: tuple | None = None
        self._points: dict[str, tuple[float, float]] = {}

    def _draw_grid(self) -> None:
        for i in range(1, 4):
            y = self.rect.y + self.rect.h * i / 4
            self._canvas.line(self.rect.x + 1, y, self.rect.right - 1, y, "grid")

    def update(self, snapshot: "Snapshot") -> None:
        """Draw anew what changed."""
        values = tuple(float(snapshot.params.get(name, PARAMS[name].default)) for name in self.knobs)
        state = (values, self._quiet(), self.hot or bool(self._held), *self._live(snapshot))
        if state == self._shown:
            return
        self._shown = state
        known = dict(zip(self.knobs, values, strict=True))
        line, base_y, handles = self._shape(lambda name: known[name])
        place_path(self._line, line)
        colour = "faint" if state[1] else self._colour
        set_colour(self._line, colour)
        self._place_fill(np.asarray(line), base_y, colour)
        self._place_handles(handles, colour)
        self._draw_live(snapshot)

    def _place_fill(self, line: np.ndarray, base_y: float, colour: str) -> None:
        edges = np.linspace(line[0, 0], line[-1, 0], _STRIPS + 1)
        y = np.interp(edges, line[:, 0] + np.arange(len(line)) * 1e-4, line[:, 1])
        fill = shade(colour, 0.16)
        for i, quad in enumerate(self._fill):
            left, right = edges[i], edges[i + 1]
            corners = ((left, y[i]), (right, y[i + 1]), (right, base_y), (left, base_y))
            p1, p2, p3, p4 = corners if y[i] + y[i + 1] <= 2 * base_y else corners[::-1]  # turned one way, or their edges show
            dpg.configure_item(quad, p1=p1, p2=p2, p3=p3, p4=p4, fill=fill)

    def _place_handles(self, handles: dict[str, tuple[float, float]], colour: str) -> None:
        px, self._points = self._canvas.px, handles
        for name, (x, y) in handles.items():
            small = name.endswith("curve")
            if name not in self._handles:
                self._handles[name] = self._canvas.dot(x, y, px(2.5 if small else 4.5), colour if small else "well", colour, px(1.6))
            place_dot(self._handles[name], x, y)
            inside = self._canvas.colour(colour if small else "well")
            dpg.configure_item(self._handles[name], color=self._canvas.colour(colour), fill=inside)

    def _quiet(self) -> bool:
        return bool(self.knobs) and self.gestures.is_quiet(self.knobs[0])

    def _live(self, snapshot: "Snapshot") -> tuple:
        """What of the sound is shown; drawn by `_draw_live`."""
        return ()

    def _draw_live(self, snapshot: "Snapshot") -> None:
        """Draw it."""

    def _shape(self, value: Callable[[str], float]) -> tuple[list, float, dict[str, tuple[float, float]]]:
        """(points of the line, y of the fill's base, handle -> place)."""
        raise NotImplementedError

    def _move(self, handle: str, at: Pointer) -> None:
        """A handle is dragged to the pointer."""

    def press(self, at: Pointer) -> None:
        """Take the nearest handle."""
        near = min(self._points, key=lambda name: math.hypot(self._points[name][0] - at.x, self._points[name][1] - at.y), default="")
        self._held = self._last = near
        self._from = at

    def drag(self, at: Pointer) -> None:
        """Move it."""
        if self._held and (at.x, at.y) != (self._from.x, self._from.y):
            self._move(self._held, at)

    def release(self) -> None:
        """Let go."""
        self._held = ""

    def _knobs_of(self, handle: str) -> tuple[str, ...]:
        """Knobs that a handle sets."""
        return ()

    def reset(self) -> None:
        """Double click: the knobs of the handle that was touched go back to their defaults."""
        for name in self._knobs_of(self._last):
            self.gestures.set_value(name, PARAMS[name].default, wake=False)

    def _set(self, name: str, value: float) -> None:
        param = PARAMS[name]
        self.gestures.set_value(name, min(max(value, param.low), param.high))


class EnvelopeCurve(Curve):
    """Delay, attack, hold, decay, sustain, release: points are times and the level, small dots bend."""

    def __init__(self, canvas: Canvas, group: str, rect: Rect, gestures: "Gestures", colour: str = "teal") -> None:
        self.group = group
        self.knobs = tuple(f"{group}.{part}" for part in (
            "attack_s", "delay_s", "hold_s", "decay_s", "sustain", "release_s", "attack_curve", "decay_curve", "release_curve"))
        super().__init__(canvas, f"{group}.curve", rect, gestures, colour)
        self._level = canvas.dot(0, 0, canvas.px(3.5), "orange")
        dpg.configure_item(self._level, show=False)

    def _width(self, stage: str, value: Callable[[str], float]) -> float:
        """Of a stage, in pixels: times by their slider's position, so that short ones can be seen; a fifth of the room each at most."""
        return PARAMS[f"{self.group}.{stage}"].to_unit(value(f"{self.group}.{stage}")) * self.room.w * 0.22

    def _shape(self, value: Callable[[str], float]) -> tuple[list, float, dict[str, tuple[float, float]]]:
        r, g = self.room, self.group
        t = np.linspace(0, 1, 25)
        start = r.x + self._width("delay_s", value)
        top = start + self._width("attack_s", value)
        held = top + self._width("hold_s", value)
        fallen = held + self._width("decay_s", value)
        sustain = value(f"{g}.sustain")
        off = fallen + r.w * 0.12
        end = off + self._width("release_s", value)
        level_y = r.bottom - sustain * r.h
        x = np.concatenate([[r.x], start + t * (top - start), [held], held + t * (fallen - held), [off], off + t * (end - off)])
        level = np.concatenate([[0], bent(t, value(f"{g}.attack_curve")), [1], 1 - (1 - sustain) * bent(t, value(f"{g}.decay_curve")),
                                [sustain], sustain * (1 - bent(t, value(f"{g}.release_curve")))])
        y = r.bottom - level * r.h
        half = np.array([0.5])
        handles = {
            "attack_curve": ((start + top) / 2, r.bottom - float(bent(half, value(f"{g}.attack_curve"))[0]) * r.h),
            "decay_curve": ((held + fallen) / 2, r.bottom - (1 - (1 - sustain) * float(bent(half, value(f"{g}.decay_curve"))[0])) * r.h),
            "release_curve": ((off + end) / 2, r.bottom - sustain * (1 - float(bent(half, value(f"{g}.release_curve"))[0])) * r.h),
            "delay": (start, r.bottom), "attack": (top, r.y), "hold": (held, r.y), "decay": (fallen, level_y), "release": (end, r.bottom)}
        self._starts = {"delay": r.x, "attack": start, "hold": top, "decay": held, "release": off}
        return np.stack((x, y), 1).tolist(), r.bottom, handles

    def press(self, at: Pointer) -> None:
        """The nearest handle; of several in one place the one further on, while there is room to its right."""
        super().press(at)
        order = ("release", "decay", "hold", "attack", "delay")
        here = self._points.get(self._held)
        if here and not self._held.endswith("curve"):
            same = [n for n in order if math.hypot(self._points[n][0] - here[0], self._points[n][1] - here[1]) < self._canvas.px(3)]
            self._held = same[-1] if at.x < here[0] - self._canvas.px(2) and same else (same or [self._held])[0]
        self._last = self._held
        self._curve_from = {n: self.gestures.value(f"{self.group}.{n}") for n in ("attack_curve", "decay_curve", "release_curve")}

    def _knobs_of(self, handle: str) -> tuple[str, ...]:
        if not handle or handle.endswith("curve"):
            return (f"{self.group}.{handle}",) if handle else ()
        return (f"{self.group}.{handle}_s", *((f"{self.group}.sustain",) if handle == "decay" else ()))

    def _move(self, handle: str, at: Pointer) -> None:
        g, r = self.group, self.room
        if handle.endswith("curve"):
            rising = 1 if handle == "attack_curve" else -1
            self._set(f"{g}.{handle}", self._curve_from[handle] + rising * (self._from.y - at.y) / r.h * (4 if at.fine else 20))
            return
        stage = f"{g}.{handle}_s"
        unit = (at.x - self._starts[handle]) / (r.w * 0.22)
        self._set(stage, PARAMS[stage].from_unit(unit))
        if handle == "decay":
            self._set(f"{g}.sustain", (r.bottom - at.y) / r.h)

    def _live(self, snapshot: "Snapshot") -> tuple:
        return (round(snapshot.sources.get(self.group, 0.0), 2), snapshot.voices > 0)

    def _draw_live(self, snapshot: "Snapshot") -> None:
        level, sounding = self._live(snapshot)
        dpg.configure_item(self._level, show=sounding)
        place_dot(self._level, self.room.x, self.room.bottom - level * self.room.h)

    def tip(self, at: Pointer) -> list[str]:
        """Times and level."""
        values = [words.show_value(PARAMS[f"{self.group}.{s}"], self.gestures.value(f"{self.group}.{s}"))
                  for s in ("attack_s", "decay_s", "sustain", "release_s")]
        return ["   ".join(f"{n} {v}" for n, v in zip(("Attack", "Decay", "Sustain", "Release"), values, strict=True)),
                "Drag points for times and level, small dots to bend"]
