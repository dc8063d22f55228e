"""What runs effects, in the child only: pedalboard its built-in ones, minihost plug-ins. Both stand in for one another nowhere else.

An effect takes float32[2, CHUNK] and gives as many frames, `latency` frames later.
"""

import re
from typing import Any, Protocol

import numpy as np

from ..engine.insert_layout import CHUNK, MOST_DELAY
from ..errors import UserError, did_you_mean
from .builtins import BUILTINS

_MOST_PARAMS = 1000  # told of a plug-in
_WARM_UP = 400  # chunks after which an effect that holds sound back has given some
_UNITS = {"db": "db", "hz": "hz", "khz": "khz", "ms": "ms", "s": "s", "sec": "s", "%": "percent", "st": "st", "bpm": "bpm"}
Row = dict[str, Any]


class Effect(Protocol):
    """One effect that runs."""

    latency: int

    @property
    def told_latency(self) -> int:
        """The latency as it is now, which a plug-in may change."""

    def process(self, x: np.ndarray) -> np.ndarray:
        """float32[2, CHUNK] to the same, `latency` frames later."""

    def reset(self) -> None:
        """Forget what was heard."""

    def set_param(self, name: str, value: float | str) -> None:
        """By name: a number as a preset holds it, a text as it is shown. Raises UserError."""

    def set_unit(self, name: str, unit: float) -> None:
        """By name, 0..1 of its range."""

    def params(self) -> list[Row]:
        """Each parameter: name, label, low and high as texts, value, its place 0..1 (`unit`) and its text."""

    def get_state(self) -> bytes:
        """What it wants to be kept."""

    def set_state(self, state: bytes) -> None:
        """What `get_state` gave."""


class Builtin:
    """An effect of pedalboard's own. One that gives fewer frames than it takes is held back by as many."""

    def __init__(self, name: str, sr_hz: float):
        import pedalboard

        self._effect, self._sr_hz, self._knobs = getattr(pedalboard, name)(), sr_hz, {p.name: p for p in BUILTINS[name]}
        for knob in self._knobs.values():
            setattr(self._effect, knob.name, knob.default)
        self._waiting = np.zeros((2, 0), np.float32)
        self.latency = self._measure()

    @property
    def told_latency(self) -> int:
        """As `Effect`."""
        return self.latency

    def _measure(self) -> int:
        silence = np.zeros((2, CHUNK), np.float32)
        most, held = 0, CHUNK - self._run(silence).shape[1]
        for _ in range(_WARM_UP if held else 0):
            most = max(most, held)
            held += CHUNK - self._run(silence).shape[1]
        self.latency = max(most, held)
        self.reset()
        return self.latency

    def _run(self, x: np.ndarray) -> np.ndarray:
        return self._effect.process(x, self._sr_hz, buffer_size=CHUNK, reset=False)

    def process(self, x: np.ndarray) -> np.ndarray:
        """As `Effect`."""
        y = self._run(x)
        if self.latency == 0 and y.shape[1] == CHUNK:
            return y
        self._waiting = np.concatenate([self._waiting, y], 1)
        out, self._waiting = self._waiting[:, :CHUNK], self._waiting[:, CHUNK:]
        return np.pad(out, ((0, 0), (CHUNK - out.shape[1], 0)))

    def reset(self) -> None:
        """As `Effect`."""
        self._effect.reset()
        self._waiting = np.zeros((2, self.latency), np.float32)

    def set_param(self, name: str, value: float | str) -> None:
        """As `Effect`."""
        if name not in self._knobs:
            raise UserError(f"{type(self._effect).__name__} has no parameter '{name}'{did_you_mean(name, self._knobs)} (it has "
                            f"{', '.join(self._knobs)})")
        number = re.sub(r"\s*[a-zA-Z%]+$", "", value) if isinstance(value, str) else value
        setattr(self._effect, name, self._knobs[name].parse(number))

    def set_unit(self, name: str, unit: float) -> None:
        """As `Effect`."""
        if name in self._knobs:
            setattr(self._effect, name, self._knobs[name].from_unit(unit))

    def params(self) -> list[Row]:
        """As `Effect`."""
        rows = []
        for knob in self._knobs.values():
            value = float(getattr(self._effect, knob.name))
            rows.append({"name": knob.name, "label": knob.label, "low": knob.show(knob.low), "high": knob.show(knob.high), "value": value,
                         "unit": knob.to_unit(value), "text": knob.show(value)})
        return rows

    def get_state(self) -> bytes:
        """Nothing: its parameters are all it has."""
        return b""

    def set_state(self, state: bytes) -> None:
        """As `Effect`."""


class Plugin:
    """A plug-in of a file. One that is mono runs twice, for either side."""

    def __init__(self, file: str, sr_hz: float):
        import minihost

        try:
            self._lanes = [minihost.Plugin(file, sr_hz, CHUNK, 2, 2)]
            first = self._lanes[0]
            if first.num_input_channels < 1 or first.num_output_channels < 1:
                raise UserError("takes no sound or gives none: it is no effect")
            if first.num_output_channels == 1:
                self._lanes.append(minihost.Plugin(file, sr_hz, CHUNK, 2, 2))
        except RuntimeError as error:
            raise UserError(f"cannot be opened ({' '.join(str(error).split())[:200]})") from None
        channels = max(2, first.num_input_channels), max(2, first.num_output_channels)  # a side chain hears silence
        self._x, self._y = (np.zeros((n, CHUNK), np.float32) for n in channels)
        if file.endswith(".lv2"):  # whose latency is a port that only running writes
            for lane in self._lanes:
                lane.process(self._x, self._y)
                lane.reset()
        self.latency = self.told_latency
        self._names: dict[str, int] = {}
        for i in range(min(first.num_params, _MOST_PARAMS)):
            info = first.get_param_info(i)
            if info["is_automatable"]:
                self._names.setdefault(_name_of(info, self._names), i)

    @property
    def told_latency(self) -> int:
        """As `Effect`."""
        return min(max(self._lanes[0].latency_samples, 0), MOST_DELAY)

    def process(self, x: np.ndarray) -> np.ndarray:
        """As `Effect`."""
        if len(self._lanes) == 1:
            self._x[:2] = x
            self._lanes[0].process(self._x, self._y)
            return self._y[:2]
        out = np.empty((2, CHUNK), np.float32)
        for side, lane in enumerate(self._lanes):
            self._x[0], self._x[1] = x[side], 0.0
            lane.process(self._x, self._y)
            out[side] = self._y[0]
        return out

    def reset(self) -> None:
        """As `Effect`."""
        for lane in self._lanes:
            lane.reset()

    def _index(self, name: str) -> int:
        if name not in self._names:
            few = ", ".join(list(self._names)[:20]) or "none"
            raise UserError(f"it has no parameter '{name}'{did_you_mean(name, self._names)} (it has {few})")
        return self._names[name]

    def set_param(self, name: str, value: float | str) -> None:
        """As `Effect`."""
        index = self._index(name)
        unit = self._from_text(index, value) if isinstance(value, str) else float(value)
        for lane in self._lanes:
            lane.set_param(index, min(max(unit, 0.0), 1.0))

    def _from_text(self, index: int, text: str) -> float:
        """What shows as a text. Plug-ins whose own reading of texts is wrong are asked what they show, and the place is found between."""
        first = self._lanes[0]
        wanted = _number(text)
        found = float(first.param_from_text(index, text))
        if wanted is None or _near(_number(first.param_to_text(index, found)), wanted):
            return found
        low, high = 0.0, 1.0
        at_low, at_high = (_number(first.param_to_text(index, end)) for end in (low, high))
        if at_low is None or at_high is None or not min(at_low, at_high) <= wanted <= max(at_low, at_high):
            raise UserError(f"{text} is outside {first.param_to_text(index, 0.0)} to {first.param_to_text(index, 1.0)}")
        for _ in range(40):
            middle = 0.5 * (low + high)
            shown = _number(first.param_to_text(index, middle))
            if shown is None:
                raise UserError(f"'{text}' is not understood by it; give a number from 0 to 1 of its range in the preset")
            low, high = (middle, high) if (shown < wanted) == (at_low < at_high) else (low, middle)
        return 0.5 * (low + high)

    def set_unit(self, name: str, unit: float) -> None:
        """As `Effect`."""
        if name in self._names:
            self.set_param(name, unit)

    def params(self) -> list[Row]:
        """As `Effect`."""
        first, rows = self._lanes[0], []
        for name, i in self._names.items():
            value = float(first.get_param(i))
            rows.append({"name": name, "label": first.get_param_info(i)["name"], "low": first.param_to_text(i, 0.0),
                         "high": first.param_to_text(i, 1.0), "value": value, "unit": value, "text": first.param_to_text(i, value)})
        return rows

    def get_state(self) -> bytes:
        """As `Effect`."""
        return bytes(self._lanes[0].get_state())

    def set_state(self, state: bytes) -> None:
        """As `Effect`."""
        for lane in self._lanes:
            try:
                lane.set_state(state)
            except RuntimeError as error:
                raise UserError(f"does not take its state back ({' '.join(str(error).split())[:200]})") from None


def _name_of(info: Row, taken: dict[str, int]) -> str:
    """A name as ours are: lower case, its unit last; one that is taken gets a number."""
    word = re.sub(r"[^a-z0-9]+", "_", str(info["name"]).lower()).strip("_") or "parameter"
    unit = _UNITS.get(str(info["label"]).strip().lower(), "")
    name = f"{word}_{unit}" if unit and not word.endswith(f"_{unit}") else word
    number = 2
    while name in taken:
        name, number = f"{word}_{number}", number + 1
    return name


def _number(text: str) -> float | None:
    found = re.search(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?", text)
    return float(found.group()) if found else None


def _near(a: float | None, b: float) -> bool:
    return a is not None and abs(a - b) <= 0.005 * max(abs(a), abs(b), 0.1)


def open_effect(kind: str, name: str, file: str, sr_hz: float) -> Effect:
    """The effect of a row. Raises UserError where it cannot be had, and ImportError where the host is not installed."""
    return Builtin(name, sr_hz) if kind == "builtin" else Plugin(file, sr_hz)
