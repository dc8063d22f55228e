"""Layers of a stack: what each preset of it plays, where it stands, and how loud it is."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..errors import UserError

STACK = "stack"
MOST_LEVEL_DB, LEAST_LEVEL_DB, MOST_TRANSPOSED = 12.0, -60.0, 48


@dataclass(frozen=True, slots=True)
class Layer:
    """A part of a stack. pan: -1 to 1, added to the preset's own. keys (0 to 127), velocities (1 to 127): lowest and highest it plays."""

    level_db: float = 0.0
    pan: float = 0.0
    transpose_semitones: int = 0
    keys: tuple[int, int] = (0, 127)
    velocities: tuple[int, int] = (1, 127)


_WORDS = {"level_db": f"a level of {LEAST_LEVEL_DB:g} to {MOST_LEVEL_DB:g} dB", "pan": "a pan of -1 to 1",
          "transpose_semitones": f"whole semitones, {-MOST_TRANSPOSED} to {MOST_TRANSPOSED}",
          "keys": "two MIDI notes of 0 to 127, the lower first", "velocities": "two velocities of 1 to 127, the lower first"}


def changed(layer: Layer, **changes: object) -> Layer:
    """The layer with some fields of other values. Raises UserError in one sentence where one cannot be."""
    found = {}
    for name, value in changes.items():
        if name not in _WORDS:
            raise UserError(f"a layer of a stack has {', '.join(_WORDS)}, no '{name[:40]}'")
        try:
            found[name] = _read(name, value)
        except (TypeError, ValueError, OverflowError):
            raise UserError(f"{name} of a layer is {_WORDS[name]}, not {str(value)[:40]}") from None
    return replace(layer, **found)


def _read(name: str, value: Any) -> Any:
    """A field's value. Raises ValueError or TypeError where it is out of range."""
    if name in ("keys", "velocities"):
        low, high = (_whole(each) for each in value)
        if not (0 if name == "keys" else 1) <= low <= high <= 127:
            raise ValueError
        return low, high
    if name == "transpose_semitones":
        return _within(_whole(value), -MOST_TRANSPOSED, MOST_TRANSPOSED)
    if isinstance(value, bool) or not math.isfinite(float(value)):
        raise ValueError
    least, most = (LEAST_LEVEL_DB, MOST_LEVEL_DB) if name == "level_db" else (-1.0, 1.0)
    return round(float(_within(float(value), least, most)), 3)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or int(value) != float(value):
        raise ValueError
    return int(value)


def _within(value: float, low: float, high: float) -> Any:
    if not low <= value <= high:
        raise ValueError
    return value


def layer_to_dict(layer: Layer) -> dict:
    """What of a layer is not as it is without being said."""
    plain = asdict(Layer())
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(layer).items() if value != plain[name]}


def layers_from_dict(data: object, names: Sequence[str]) -> tuple[Layer, ...]:
    """What `layer_to_dict` wrote, by the letters of parts; a part of which nothing is said plays everything. Raises UserError."""
    rows = {} if data is None else data
    if not isinstance(rows, dict) or not all(isinstance(row, dict) for row in rows.values()):
        raise UserError("layers of a stack are objects by the letters of its parts: {\"A\": {\"keys\": [0, 59]}}")
    return tuple(changed(Layer(), **{name: value for name, value in rows.get(letter, {}).items() if name in _WORDS}) for letter in names)
