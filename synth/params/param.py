"""What a knob is: its range, unit, curve, default and help."""

import math
from dataclasses import dataclass

from ..errors import UserError, did_you_mean

_NOTES = ((32, "8/1"), (16, "4/1"), (8, "2/1"), (4, "1/1"), (2, "1/2"), (1, "1/4"), (0.5, "1/8"), (0.25, "1/16"), (0.125, "1/32"))
_FEELS = ((1, ""), (1.5, "."), (2 / 3, "t"))
SYNCS = ("free", *(name + mark for _, name in _NOTES for _, mark in _FEELS))  # note lengths, dotted and triplet
SYNC_BEATS = (0.0, *(beats * by for beats, _ in _NOTES for by, _ in _FEELS))  # the same in quarter notes


@dataclass(frozen=True, slots=True)
class Param:
    """One knob. `curve` is 'linear', 'log' (low > 0), 'time' (cubic from `low`), 'count' (whole numbers) or 'choice' (index into
    `choices`; `brief` says what they are where the list is too long to print)."""

    name: str
    low: float
    high: float
    default: float
    unit: str
    curve: str
    help: str
    choices: tuple[str, ...] = ()
    brief: str = ""

    @property
    def field(self) -> str:
        """Name of the knob's field in `PARAM_DTYPE`."""
        return self.name.replace(".", "_")

    def from_unit(self, unit: float) -> float:
        """Value at a slider's position 0..1."""
        u = min(max(float(unit), 0.0), 1.0)
        if self.curve == "log":
            return self.low * (self.high / self.low) ** u
        if self.curve == "time":
            return self.low + (self.high - self.low) * u**3
        value = self.low + (self.high - self.low) * u
        return float(round(value)) if self.curve in ("choice", "count") else value

    def to_unit(self, value: float) -> float:
        """Slider position 0..1 of a value."""
        v = min(max(float(value), self.low), self.high)
        if self.curve == "log":
            return math.log(v / self.low) / math.log(self.high / self.low)
        u = (v - self.low) / (self.high - self.low)
        return u ** (1 / 3) if self.curve == "time" else u

    def parse(self, value) -> float:
        """Value from JSON or the command line; a choice may be named. Raises UserError when out of range."""
        if self.choices and isinstance(value, str) and value in self.choices:
            return float(self.choices.index(value))
        try:
            if isinstance(value, bool):
                raise ValueError
            number = float(value)
        except (TypeError, ValueError):
            wanted = (self.brief or f"one of {', '.join(self.choices)}") if self.choices else "a number"
            near = did_you_mean(str(value), self.choices)
            raise UserError(f"{self.name} must be {wanted}, not {value!r}{near}") from None
        if not self.low <= number <= self.high:
            raise UserError(f"{self.name}={value} is outside {self.low:g} to {self.high:g}{' ' + self.unit if self.unit else ''}")
        return float(round(number)) if self.choices or self.curve == "count" else number

    def show(self, value: float) -> str:
        """The value as a player reads it, with its unit."""
        if self.choices:
            return self.choices[int(round(value))]
        if self.curve == "count":
            return f"{int(round(value))}{' ' + self.unit if self.unit else ''}"
        if self.unit == "s" and value < 1:
            return f"{value * 1000:.3g} ms"
        if self.unit == "Hz" and value >= 1000:
            return f"{value / 1000:.3g} kHz"
        return f"{value:.3g}{' ' + self.unit if self.unit else ''}"


def switch(name: str, choices: tuple[str, ...], help: str, default: int = 0, brief: str = "") -> Param:
    """A knob that picks one of `choices`."""
    return Param(name, 0, len(choices) - 1, default, "", "choice", help, choices, brief)


def count(name: str, low: int, high: int, default: int, help: str) -> Param:
    """A knob of whole numbers."""
    return Param(name, low, high, default, "", "count", help)
