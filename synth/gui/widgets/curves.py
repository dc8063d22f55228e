"""Drawings that are also handles: an envelope's points, the filter's, the equaliser's bands, an LFO's shape."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg
import numpy as np

from ...params.knobs import PARAMS
from .. import words
from ..curve_points import bent, eq_db, filter_db, lfo_points
from ..geometry import Rect
from ..theme import COLOURS, shade
from .canvas import Canvas, place_dot, place_path, set_colour
from .control import Control, Pointer

if TYPE_CHECKING:
    from ...session.view_state import Snapshot
    from ..gestures import Gestures

_LOW_HZ, _HIGH_HZ = 20.0, 20000.0
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
        self._held = ""
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
            dpg.configure_item(quad, p1=(left, y[i]), p2=(right, y[i + 1]), p3=(right, base_y), p4=(left, base_y), fill=fill)

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
        self._held = near
        self._from = at

    def drag(self, at: Pointer) -> None:
        """Move it."""
        if self._held and (at.x, at.y) != (self._from.x, self._from.y):
            self._move(self._held, at)

    def release(self) -> None:
        """Let go."""
        self._held = ""

    def reset(self) -> None:
        """Double click: the knobs of the nearest handle to their defaults."""

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
        self._curve_from = {n: self.gestures.value(f"{self.group}.{n}") for n in ("attack_curve", "decay_curve", "release_curve")}

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


def _x_of(room: Rect, hz: float) -> float:
    return room.x + math.log(hz / _LOW_HZ) / math.log(_HIGH_HZ / _LOW_HZ) * room.w


def _hz_at(room: Rect, x: float) -> float:
    unit = min(max((x - room.x) / room.w, 0.0), 1.0)
    return float(_LOW_HZ * (_HIGH_HZ / _LOW_HZ) ** unit)


class _Response(Curve):
    """Level over frequency."""

    span_db = (-48.0, 24.0)

    def _draw_grid(self) -> None:
        px = self._canvas.px
        for hz, title in ((50, "50"), (100, "100"), (200, "200"), (500, "500"), (1000, "1k"), (2000, "2k"), (5000, "5k"), (10000, "10k")):
            x = _x_of(self.room, hz)
            self._canvas.line(x, self.rect.y + 1, x, self.rect.bottom - 1, "grid")
            if self.rect.h > px(90):
                self._canvas.text(x, self.rect.bottom - px(15), title, "tiny", "faint", align=0.5)

    def _y_of(self, level_db: float | np.ndarray):
        low, high = self.span_db
        return self.room.bottom - (np.clip(level_db, low, high) - low) / (high - low) * self.room.h


class FilterCurve(_Response):
    """The filter's response; its point is cut-off and resonance."""

    knobs = ("filter.cutoff_hz", "filter.resonance", "filter.type")

    def __init__(self, canvas: Canvas, rect: Rect, gestures: "Gestures") -> None:
        super().__init__(canvas, "filter.curve", rect, gestures)
        self._moved = canvas.path([(rect.x, rect.bottom), (rect.x, rect.bottom)], "orange", canvas.px(1.2))

    def _response(self, kind: str, cutoff_hz: float, resonance: float) -> list:
        x = np.linspace(self.room.x, self.room.right, 121)
        hz = _LOW_HZ * (_HIGH_HZ / _LOW_HZ) ** ((x - self.room.x) / self.room.w)
        return np.stack((x, self._y_of(filter_db(kind, hz, cutoff_hz, resonance))), 1).tolist()

    def _shape(self, value: Callable[[str], float]) -> tuple[list, float, dict[str, tuple[float, float]]]:
        kind = PARAMS["filter.type"].choices[int(value("filter.type"))]
        line = self._response(kind, value("filter.cutoff_hz"), value("filter.resonance"))
        y = self.room.bottom - (0.12 + 0.76 * value("filter.resonance")) * self.room.h
        return line, self.room.bottom, {"point": (_x_of(self.room, value("filter.cutoff_hz")), y)}

    def _live(self, snapshot: "Snapshot") -> tuple:
        unit = PARAMS["filter.cutoff_hz"].to_unit(self.gestures.value("filter.cutoff_hz"))
        moved = self.gestures.modulated("filter.cutoff_hz", unit, snapshot)
        return (round(moved[2], 3) if moved else None,)

    def _draw_live(self, snapshot: "Snapshot") -> None:
        now = self._live(snapshot)[0]
        dpg.configure_item(self._moved, show=now is not None)
        if now is not None:
            kind = PARAMS["filter.type"].choices[int(self.gestures.value("filter.type"))]
            hz = PARAMS["filter.cutoff_hz"].from_unit(now)
            place_path(self._moved, self._response(kind, hz, self.gestures.value("filter.resonance")))

    def _move(self, handle: str, at: Pointer) -> None:
        self._set("filter.cutoff_hz", _hz_at(self.room, at.x))
        self._set("filter.resonance", ((self.room.bottom - at.y) / self.room.h - 0.12) / 0.76)

    def reset(self) -> None:
        """Open, no resonance."""
        for name in ("filter.cutoff_hz", "filter.resonance"):
            self.gestures.set_value(name, PARAMS[name].default, wake=False)

    def tip(self, at: Pointer) -> list[str]:
        """Cut-off and resonance."""
        shown = [words.show_value(PARAMS[n], self.gestures.value(n)) for n in ("filter.cutoff_hz", "filter.resonance")]
        return ["   ".join(shown), "Drag the point: across is the cut-off, up the resonance"]


class EqCurve(_Response):
    """The equaliser's response; a point for each band."""

    knobs = tuple(f"eq.{band}_{part}" for band in ("low", "bell1", "bell2", "high") for part in ("gain_db", "freq_hz")) + (
        "eq.bell1_q", "eq.bell2_q")
    span_db = (-20.0, 20.0)

    def __init__(self, canvas: Canvas, rect: Rect, gestures: "Gestures") -> None:
        super().__init__(canvas, "eq.curve", rect, gestures)

    def _shape(self, value: Callable[[str], float]) -> tuple[list, float, dict[str, tuple[float, float]]]:
        x = np.linspace(self.room.x, self.room.right, 121)
        hz = _LOW_HZ * (_HIGH_HZ / _LOW_HZ) ** ((x - self.room.x) / self.room.w)
        line = np.stack((x, self._y_of(eq_db(hz, value))), 1).tolist()
        handles = {band: (_x_of(self.room, value(f"eq.{band}_freq_hz")), float(self._y_of(value(f"eq.{band}_gain_db"))))
                   for band in ("low", "bell1", "bell2", "high")}
        return line, float(self._y_of(0.0)), handles

    def _move(self, handle: str, at: Pointer) -> None:
        low, high = self.span_db
        self._set(f"eq.{handle}_freq_hz", _hz_at(self.room, at.x))
        self._set(f"eq.{handle}_gain_db", low + (self.room.bottom - at.y) / self.room.h * (high - low))

    def wheel(self, clicks: float, fine: bool) -> None:
        """The wheel narrows or widens the bell that was touched last."""

    def reset(self) -> None:
        """Double click: the nearest band is flat."""
        if self._held:
            self.gestures.set_value(f"eq.{self._held}_gain_db", 0.0)

    def tip(self, at: Pointer) -> list[str]:
        """What to do."""
        return ["Drag a point: across is the frequency, up the gain", "Double click makes the nearest band flat"]


class LfoCurve(Curve):
    """The shape of an LFO, and where its value is."""

    def __init__(self, canvas: Canvas, group: str, rect: Rect, gestures: "Gestures") -> None:
        self.group = group
        self.knobs = (f"{group}.shape", f"{group}.polarity", f"{group}.phase_cycles")
        super().__init__(canvas, f"{group}.curve", rect, gestures, "violet")
        self._now = canvas.line(rect.x, rect.y, rect.right, rect.y, shade("orange", 0.5))

    def _shape(self, value: Callable[[str], float]) -> tuple[list, float, dict[str, tuple[float, float]]]:
        x, y = lfo_points(PARAMS[f"{self.group}.shape"].choices[int(value(f"{self.group}.shape"))])
        upwards = value(f"{self.group}.polarity") > 0.5
        level = (y + 1) / 2 if upwards else y
        r = self.room
        self._upwards = upwards
        ys = r.bottom - level * r.h if upwards else r.y + r.h / 2 - level * r.h / 2
        return np.stack((r.x + x * r.w, ys), 1).tolist(), r.bottom if upwards else r.y + r.h / 2, {}

    def _live(self, snapshot: "Snapshot") -> tuple:
        return (round(snapshot.sources.get(self.group, 0.0), 2), snapshot.voices > 0)

    def _draw_live(self, snapshot: "Snapshot") -> None:
        value, sounding = self._live(snapshot)
        r = self.room
        y = r.bottom - value * r.h if self._upwards else r.y + r.h / 2 - value * r.h / 2
        dpg.configure_item(self._now, p1=(r.x, y), p2=(r.right, y), show=sounding, color=(*COLOURS["orange"][:3], 128))

    def tip(self, at: Pointer) -> list[str]:
        """What it is."""
        return [f"{words.source_name(self.group)}: its shape over a cycle", "Drag the tab onto a control to let it move that"]
