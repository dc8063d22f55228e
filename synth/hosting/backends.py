"""What runs effects, in the child only: pedalboard its built-in ones, minihost plug-ins (`plugin_effect.py`).

An effect takes float32[2, CHUNK] and gives as many frames, `latency` frames later.
"""

from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np

from ..engine.insert_layout import CHUNK
from ..errors import UserError, did_you_mean
from ..params.param import Param
from ..params.typed import read_typed
from .builtins import BUILTINS

_WARM_UP = 400  # chunks after which an effect that holds sound back has given some
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

    def unit_of(self, name: str, text: str) -> float:
        """Where a parameter stands, 0..1, when it shows a text. Raises UserError."""

    def params(self, names: Iterable[str] | None = None) -> list[Row]:
        """Each parameter, or those of these names: name, label, low and high as texts, value, its place 0..1 (`unit`) and its text, where
        it stands by default (`home`, 0..1) and how many places it has (`steps`, 0: any).
        """

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
        knob = self._knob(name)
        setattr(self._effect, name, read_typed(knob, value) if isinstance(value, str) else knob.parse(value))

    def unit_of(self, name: str, text: str) -> float:
        """As `Effect`."""
        knob = self._knob(name)
        return knob.to_unit(read_typed(knob, text))

    def _knob(self, name: str) -> Param:
        if name not in self._knobs:
            raise UserError(f"{type(self._effect).__name__} has no parameter '{name}'{did_you_mean(name, self._knobs)} (it has "
                            f"{', '.join(self._knobs)})")
        return self._knobs[name]

    def set_unit(self, name: str, unit: float) -> None:
        """As `Effect`."""
        if name in self._knobs:
            setattr(self._effect, name, self._knobs[name].from_unit(unit))

    def params(self, names: Iterable[str] | None = None) -> list[Row]:
        """As `Effect`."""
        rows = []
        for knob in (self._knobs[name] for name in (self._knobs if names is None else names) if name in self._knobs):
            value = float(getattr(self._effect, knob.name))
            rows.append({"name": knob.name, "label": knob.label, "low": knob.show(knob.low), "high": knob.show(knob.high), "value": value,
                         "unit": knob.to_unit(value), "text": knob.show(value), "home": knob.to_unit(knob.default), "steps": 0})
        return rows

    def get_state(self) -> bytes:
        """Nothing: its parameters are all it has."""
        return b""

    def set_state(self, state: bytes) -> None:
        """As `Effect`."""


def open_effect(kind: str, name: str, file: str, sr_hz: float) -> Effect:
    """The effect of a row. Raises UserError where it cannot be had, and ImportError where the host is not installed."""
    if kind == "builtin":
        return Builtin(name, sr_hz)
    from .plugin_effect import Plugin

    return Plugin(file, sr_hz)
