"""Values as a player types them, with units: `1.2k`, `3 st`, `1/8t`, `-6`, `34 %`, `off`."""

import re

from ..errors import UserError, did_you_mean
from .param import Param

_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([a-z%]*)", re.ASCII)
_FACTORS = {  # unit of the knob -> what may be typed behind a number, and what it is worth in that unit
    "Hz": {"": 1.0, "hz": 1.0, "k": 1000.0, "khz": 1000.0},
    "s": {"": 1.0, "s": 1.0, "sec": 1.0, "ms": 0.001, "m": 0.001},
    "st": {"": 1.0, "st": 1.0, "semitones": 1.0, "oct": 12.0, "ct": 0.01, "cents": 0.01},
    "ct": {"": 1.0, "ct": 1.0, "cents": 1.0, "st": 100.0},
    "dB": {"": 1.0, "db": 1.0},
    "bpm": {"": 1.0, "bpm": 1.0},
    "": {"": 1.0, "%": 0.01, "x": 1.0},
}


def read_typed(param: Param, words: str) -> float:
    """The value that a player typed for a knob, in the knob's unit. Raises UserError with what may be typed.

    A bare number is in the knob's unit; where that lies outside and the usual smaller unit does not (ms, %), it is meant.
    """
    text = words.strip().casefold().replace(",", ".").replace("−", "-").replace("±", "")
    if param.choices:
        return _choice(param, words, text)
    if text in ("off", "min"):
        return param.low
    if text in ("max", "full"):
        return param.high
    if text in ("default", "centre", "center"):
        return float(param.default)
    found = _NUMBER.fullmatch(text)
    factors = _FACTORS.get(param.unit, {"": 1.0, param.unit.casefold(): 1.0})
    if not found or found[2] not in factors:
        units = ", ".join(unit for unit in factors if unit)
        raise UserError(f"'{words.strip()}' is no value for {param.label}: a number{', perhaps with ' + units if units else ''}")
    number = float(found[1])
    value = number * factors[found[2]]
    if not found[2] and not param.low <= value <= param.high:
        smaller = {"s": 0.001, "": 0.01}.get(param.unit)
        if smaller and param.low <= number * smaller <= param.high:
            value = number * smaller
    return param.parse(value)


def _choice(param: Param, words: str, text: str) -> float:
    plain = [_plain(choice) for choice in param.choices]
    wanted = _plain(text)
    if wanted in plain:
        return float(plain.index(wanted))
    begun = [i for i, choice in enumerate(plain) if wanted and choice.startswith(wanted)]
    if len(begun) == 1:
        return float(begun[0])
    near = did_you_mean(words.strip(), param.choices)
    raise UserError(f"{param.label} has no '{words.strip()}'{near}")


def _plain(text: str) -> str:
    return text.casefold().replace(" ", "").removesuffix("db")
