"""What a knob is: its range, unit, curve, default and help, whose its value is, how it is smoothed, and how it is shown."""

import enum
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from ..errors import UserError, did_you_mean

_NOTES = ((32, "8/1"), (16, "4/1"), (8, "2/1"), (4, "1/1"), (2, "1/2"), (1, "1/4"), (0.5, "1/8"), (0.25, "1/16"), (0.125, "1/32"))
_FEELS = ((1, ""), (1.5, "."), (2 / 3, "t"))
SYNCS = ("free", *(name + mark for _, name in _NOTES for _, mark in _FEELS))  # note lengths, dotted and triplet
SYNC_BEATS = (0.0, *(beats * by for beats, _ in _NOTES for by, _ in _FEELS))  # the same in quarter notes

SMOOTHING_S = 0.003  # time constant of a knob that is turned by hand
_CURVES = ("linear", "log", "time", "count", "choice")


class Scope(enum.Enum):
    """Whose a knob's modulated value is ('global', 'start' or 'voice'), and which part of a voice is set by it.

    'voice': every voice has its own at every moment. 'start': every voice has its own, read when its note starts.
    'global': there is one for all, which the newest voice moves.
    """

    GLOBAL = "global", ""
    START = "start", ""
    ENVELOPE = "start", "envelope"
    PITCH = "voice", "pitch"
    LEVEL = "voice", "level"
    PAN = "voice", "pan"
    FILTER = "voice", "filter"
    LATENT = "voice", "latent"
    UNISON = "voice", "unison"
    MIX = "voice", "mix"
    LFO = "voice", "lfo"

    @property
    def reach(self) -> str:
        """'global', 'start' or 'voice'."""
        return self.value[0]


class Group(NamedTuple):
    """Knobs that are shown together, under a title."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Param:
    """One knob. `curve` is 'linear', 'log' (low > 0), 'time' (cubic from `low`), 'count' (whole numbers) or 'choice' (index into
    `choices`; `brief` says what they are where the list is too long to print).

    `smoothing_s`: time constant with which its sound follows it; 0: at once; None: smoothed where it is used.
    `meanings`: what each of the choices does, where its name alone does not say it. `between`: whether what lies between two whole values
    can be played, as a morph of presets does. `wakes`: an effect is off, and the sound bit for bit as it was, as long as its knobs that
    wake it are at their defaults.
    `label`: its name under the title of its `group`, which `in_group` sets. Raises ValueError for a declaration that makes no sense.
    """

    name: str
    label: str
    low: float
    high: float
    default: float
    unit: str
    curve: str
    scope: Scope
    help: str
    smoothing_s: float | None = SMOOTHING_S
    choices: tuple[str, ...] = ()
    brief: str = ""
    group: Group | None = None
    between: bool = False
    wakes: bool = False
    meanings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.scope, Scope):
            raise ValueError(f"{self.name}: scope is a Scope, not {self.scope!r}")
        if self.curve not in _CURVES or not self.label:
            raise ValueError(f"{self.name}: wants a label and one of the curves {', '.join(_CURVES)}, not {self.curve!r}")
        if self.meanings and len(self.meanings) != len(self.choices):
            raise ValueError(f"{self.name}: {len(self.choices)} choices, and {len(self.meanings)} meanings of them")
        if self.whole and self.smoothing_s:
            raise ValueError(f"{self.name}: nothing lies between whole numbers, so smoothing_s is 0 or None")

    @property
    def field(self) -> str:
        """Name of the knob's field in `PARAM_DTYPE`."""
        return self.name.replace(".", "_")

    @property
    def whole(self) -> bool:
        """Whether nothing lies between two neighbouring values: a choice or a count."""
        return self.curve in ("choice", "count")

    def from_unit(self, unit: float) -> float:
        """Value at a slider's position 0..1."""
        u = min(max(float(unit), 0.0), 1.0)
        if self.curve == "log":
            return self.low * (self.high / self.low) ** u
        if self.curve == "time":
            return self.low + (self.high - self.low) * u**3
        value = self.low + (self.high - self.low) * u
        return float(round(value)) if self.whole else value

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
        return float(round(number)) if self.whole else number

    @property
    def explained(self) -> str:
        """The line of help, and what each choice means where its name does not say it."""
        return "; ".join([self.help, *(f"{choice}: {meaning}" for choice, meaning in zip(self.choices, self.meanings, strict=False))])

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


def switch(name: str, label: str, choices: tuple[str, ...], scope: Scope, help: str, default: int = 0, brief: str = "",
           between: bool = False, meanings: tuple[str, ...] = ()) -> Param:
    """A knob that picks one of `choices`."""
    return Param(name, label, 0, len(choices) - 1, default, "", "choice", scope, help, smoothing_s=0, choices=choices, brief=brief,
                 between=between, meanings=meanings)


def count(name: str, label: str, low: int, high: int, default: int, scope: Scope, help: str, between: bool = False) -> Param:
    """A knob of whole numbers."""
    return Param(name, label, low, high, default, "", "count", scope, help, smoothing_s=0, between=between)


def seconds(name: str, label: str, low: float, high: float, default: float, scope: Scope, help: str,
            smoothing_s: float | None = 0) -> Param:
    """A knob of a time, which holds from the next use on."""
    return Param(name, label, low, high, default, "s", "time", scope, help, smoothing_s=smoothing_s)


def in_group(name: str, title: str, *knobs: Param) -> tuple[Param, ...]:
    """Knobs that are shown together under a title."""
    return tuple(replace(p, group=Group(name, title)) for p in knobs)


def declared(knobs: Iterable[Param]) -> dict[str, Param]:
    """Knobs by name, in order. Raises ValueError for a name that stands twice and for a knob that is in no group."""
    found: dict[str, Param] = {}
    for p in knobs:
        if p.name in found:
            raise ValueError(f"{p.name} is declared twice")
        if p.group is None:
            raise ValueError(f"{p.name} is in no group: declare it inside in_group()")
        found[p.name] = p
    return found
