"""A morph of whole presets: its parts, how they lie, and what keeps its loudness on the line between them. Or a stack of them.

A pad has 2 to 4 parts: A and B along `morph.x`, C (or C and D) at the other end of `morph.y`. A chain has 2 to 8 along `morph.x` alone.
A stack has 2 to 4 that sound together, each as its layer says (`stack.py`).
The patch that holds a morph has knobs of its own only where it sets them: these hold in every part; all others come from the parts.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

import numpy as np

from ..errors import UserError
from .stack import STACK, Layer, changed, layer_to_dict, layers_from_dict

PART_NAMES = ("A", "B", "C", "D", "E", "F", "G", "H")
AXES = {"pad": 4, "chain": len(PART_NAMES), STACK: 4}  # most parts of each
MAX_PARTS = len(PART_NAMES)
MAX_GAIN_DB = 24.0
_LEAST_LINK = 0.02  # between a part that is put into a chain and its neighbours
_STEPS_OF_TWO, _STEPS_OF_PAD, _STEPS_OF_LINK = 32, 8, 8  # of the loudness curve: along two parts, each side of a pad, each link of a chain
MOST_STEPS = _STEPS_OF_LINK * (MAX_PARTS - 1)


class Part(Protocol):
    """What a part must be, so that this file needs none that needs it: a `Patch`."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def morph(self) -> object | None:
        """What makes it a morph itself, which a part is not."""


P = TypeVar("P", bound=Part)


@dataclass(frozen=True, slots=True)
class Morph(Generic[P]):
    """Parts A, B, ... of a pad or a chain, whole. gain_db: rows (`morph.y`) of gains at equal steps of `morph.x`, none where not measured.

    breakpoints: where along a chain its parts lie, 0 to 1; none: at equal distances. layers: of a stack, one for each part.
    pace: for each way from a part to the next how far the mix has gone at equal steps of it, from 0 to 1, so that what is heard moves
    evenly; none: as far as `morph.x`. Only where the parts lie in one line.
    """

    parts: tuple[P, ...]
    axis: str = "pad"
    gain_db: tuple[tuple[float, ...], ...] = ()
    breakpoints: tuple[float, ...] = ()
    layers: tuple[Layer, ...] = ()
    pace: tuple[tuple[float, ...], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Letters of the parts."""
        return PART_NAMES[:len(self.parts)]

    @property
    def stops(self) -> tuple[float, ...]:
        """Where the parts of a chain lie along `morph.x`."""
        return self.breakpoints or tuple(i / (len(self.parts) - 1) for i in range(len(self.parts)))

    @property
    def grid(self) -> tuple[int, int]:
        """(rows, columns) of the loudness curve; a stack has none."""
        if self.axis == STACK:
            return 0, 0
        if self.axis == "chain":
            return 1, _STEPS_OF_LINK * (len(self.parts) - 1) + 1
        return (1, _STEPS_OF_TWO + 1) if len(self.parts) == 2 else (_STEPS_OF_PAD + 1, _STEPS_OF_PAD + 1)

    @property
    def link_steps(self) -> int:
        """Steps from a part to the next, where the parts lie in one line."""
        return _STEPS_OF_LINK if self.axis == "chain" else _STEPS_OF_TWO

    def _paced(self, link: int, share: float) -> float:
        """How far the mix has gone along a link when `morph.x` has gone so far."""
        if not self.pace:
            return share
        return float(np.interp(share * self.link_steps, np.arange(self.link_steps + 1), self.pace[link]))

    def weights(self, x: float, y: float = 0.0) -> np.ndarray:
        """How much of each part is at a position: float64[n], sums to 1."""
        x, y = min(max(float(x), 0.0), 1.0), min(max(float(y), 0.0), 1.0)
        found = np.zeros(len(self.parts))
        if self.axis == STACK:
            found[0] = 1  # whose what is one for all is
            return found
        if self.axis == "chain":
            stops = self.stops
            i = min(bisect_right(stops, x) - 1, len(stops) - 2)
            share = self._paced(i, (x - stops[i]) / (stops[i + 1] - stops[i]))
            found[i], found[i + 1] = 1 - share, share
        elif len(self.parts) == 2:
            share = self._paced(0, x)
            found[:] = 1 - share, share
        elif len(self.parts) == 3:
            found[:] = (1 - x) * (1 - y), x * (1 - y), y
        else:
            found[:] = (1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y
        return found

    def place_of(self, part: int) -> tuple[float, float]:
        """(x, y) at which a part is heard alone; a stack has no such place."""
        if self.axis == "chain":
            return self.stops[part], 0.0
        return ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0))[part]


def check_morph(morph: Morph[P]) -> Morph[P]:
    """The morph. Raises UserError in one sentence where it cannot be played."""
    if morph.axis not in AXES:
        raise UserError(f"a morph lies on a {' or a '.join(AXES)}, not on '{str(morph.axis)[:40]}'")
    n, most = len(morph.parts), AXES[morph.axis]
    if not 2 <= n <= most:
        raise UserError(f"a stack is of 2 to {most} presets, not {n}" if morph.axis == STACK else
                        f"a {morph.axis} morphs between 2 to {most} presets, not {n}")
    for name, part in zip(PART_NAMES, morph.parts, strict=False):
        if part.morph is not None:
            raise UserError(f"part {name} ('{part.name}') is a morph itself; a morph is made of presets that are none")
    stops = morph.breakpoints
    if stops and (morph.axis != "chain" or len(stops) != n or stops[0] != 0 or stops[-1] != 1
                  or any(b - a < 1e-3 for a, b in zip(stops, stops[1:], strict=False))):
        raise UserError(f"breakpoints of a chain are {n} numbers that rise from 0 to 1")
    if (morph.axis == STACK) != bool(morph.layers) or len(morph.layers) not in (0, n):
        raise UserError("a stack has a layer for each of its parts, and no other morph has any")
    rows, columns = morph.grid
    gains = np.array(morph.gain_db or np.zeros((rows, columns)), float)
    if gains.shape != (rows, columns) or not (abs(gains) <= MAX_GAIN_DB).all():
        raise UserError(f"gain_db of this morph is {rows} rows of {columns} levels of at most {MAX_GAIN_DB:g} dB")
    _check_pace(morph)
    return morph


def _check_pace(morph: Morph[P]) -> None:
    if not morph.pace:
        return
    if morph.grid[0] != 1:
        raise UserError("only a morph of two presets and a chain have a pace")
    size = morph.link_steps + 1
    even = all(len(row) == size and row[0] == 0 and row[-1] == 1 and (np.diff(row) >= 0).all() for row in morph.pace)
    if len(morph.pace) != len(morph.parts) - 1 or not even:
        raise UserError(f"pace of this morph is {len(morph.parts) - 1} rows of {size} numbers that rise from 0 to 1")


def to_dict(morph: Morph[P], part_to_data: Callable[[P], dict]) -> dict:
    """The morph as a preset holds it. part_to_data: a patch as a preset's JSON object."""
    data: dict = {"axis": morph.axis, "parts": {name: part_to_data(part) for name, part in zip(PART_NAMES, morph.parts, strict=False)}}
    if morph.gain_db:
        data["gain_db"] = [[round(gain, 2) + 0.0 for gain in row] for row in morph.gain_db]
    if morph.pace:
        data["pace"] = [[round(share, 4) + 0.0 for share in row] for row in morph.pace]
    if morph.breakpoints:
        data["breakpoints"] = list(morph.breakpoints)
    if morph.layers:
        data["layers"] = {name: layer_to_dict(layer) for name, layer in zip(PART_NAMES, morph.layers, strict=False)}
    return data


def from_dict(data: object, part_from_data: Callable[[object, str], P]) -> Morph[P]:
    """What `to_dict` wrote. part_from_data: (a preset's JSON object, a name for messages) -> patch. Raises UserError in one sentence."""
    if not isinstance(data, dict) or not isinstance(data.get("parts"), dict):
        raise UserError("a morph holds its parts by their letters: {\"parts\": {\"A\": ..., \"B\": ...}, \"axis\": \"pad\"}")
    parts = data["parts"]
    wanted = PART_NAMES[:max(len(parts), 2)]
    missing = [name for name in wanted if not isinstance(parts.get(name), dict)]
    if missing or len(parts) > MAX_PARTS:
        raise UserError(f"part {missing[0]} of the morph is missing" if missing else f"a morph has at most {MAX_PARTS} parts")
    for name in wanted:
        if parts[name].get("morph") is not None:  # told before it is read, so that a deep nest is never unfolded
            raise UserError(f"part {name} is a morph itself; a morph is made of presets that are none")
    grids = {key: _listed(data, key) for key in ("gain_db", "pace")}
    for key, rows in grids.items():
        if any(not isinstance(row, list) for row in rows):
            raise UserError(f"{key} of a morph is a list of rows")
    try:
        gains, pace = (tuple(tuple(float(value) for value in row) for row in rows) for rows in grids.values())
        stops = tuple(float(stop) for stop in _listed(data, "breakpoints"))
    except (TypeError, ValueError):
        raise UserError("gain_db, breakpoints and pace of a morph are numbers") from None
    found = tuple(part_from_data(parts[name], f"part {name}") for name in wanted)
    axis = str(data.get("axis") or "pad")
    layers = layers_from_dict(data.get("layers"), wanted) if axis == STACK else ()
    return check_morph(Morph(found, axis, gains, stops, layers, pace))


def _listed(data: dict, key: str) -> list:
    value = data.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise UserError(f"{key} of a morph is a list")
    return value


def with_part(morph: Morph[P], index: int, part: P) -> Morph[P]:
    """The morph with another preset as a part, or one more; not measured any more. Raises UserError."""
    if not 0 <= index <= len(morph.parts):
        raise UserError(f"the next free part of this morph is {PART_NAMES[min(len(morph.parts), MAX_PARTS - 1)]}")
    if index >= AXES[morph.axis]:
        raise UserError(f"a {morph.axis} has at most {AXES[morph.axis]} parts")
    parts = (*morph.parts[:index], part, *morph.parts[index + 1:])
    kept = morph.breakpoints if len(parts) == len(morph.parts) else ()
    layers = morph.layers if len(parts) == len(morph.parts) or not morph.layers else (*morph.layers, Layer())
    return check_morph(replace(morph, parts=parts, gain_db=(), breakpoints=kept, layers=layers, pace=()))


def with_part_at(morph: Morph[P], x: float, part: P) -> Morph[P]:
    """The chain with one preset more, where it is at `x` between its ends; the others stay where they lie. Raises UserError."""
    if morph.axis != "chain":
        raise UserError("only a chain has places between its parts")
    if len(morph.parts) >= MAX_PARTS:
        raise UserError(f"a chain has at most {MAX_PARTS} parts; clear one of them first")
    stops = morph.stops
    index = min(max(bisect_right(stops, x), 1), len(stops) - 1)
    low, high = stops[index - 1], stops[index]
    edge = min(_LEAST_LINK, (high - low) / 4)
    place = round(min(max(float(x), low + edge), high - edge), 4)
    return check_morph(replace(morph, parts=(*morph.parts[:index], part, *morph.parts[index:]), gain_db=(), pace=(),
                               breakpoints=(*stops[:index], place, *stops[index:])))


def without_part(morph: Morph[P], index: int) -> Morph[P]:
    """The morph without a part; those behind it move up. Raises UserError where fewer than two would be left."""
    if not 0 <= index < len(morph.parts):
        raise UserError(f"this morph has no part {PART_NAMES[index] if 0 <= index < MAX_PARTS else index}")
    if len(morph.parts) <= 2:
        raise UserError("a morph needs two parts; load a preset to leave it")
    layers = (*morph.layers[:index], *morph.layers[index + 1:])
    parts = (*morph.parts[:index], *morph.parts[index + 1:])
    return check_morph(replace(morph, parts=parts, gain_db=(), breakpoints=(), layers=layers, pace=()))


def on_axis(morph: Morph[P], axis: str) -> Morph[P]:
    """The same parts on a pad, along a chain or in a stack, not measured. Raises UserError."""
    layers = (Layer(),) * len(morph.parts) if axis == STACK else ()
    return check_morph(Morph(morph.parts, axis, layers=layers))


def with_layer(morph: Morph[P], index: int, **changes: object) -> Morph[P]:
    """The stack with fields of a part's layer changed (see `stack.Layer`). Raises UserError."""
    if morph.axis != STACK:
        raise UserError("this sound is no stack; lay its parts as a stack first")
    if not 0 <= index < len(morph.parts):
        raise UserError(f"this stack has no part {PART_NAMES[index] if 0 <= index < MAX_PARTS else index}")
    layers = (*morph.layers[:index], changed(morph.layers[index], **changes), *morph.layers[index + 1:])
    return check_morph(replace(morph, layers=layers))
