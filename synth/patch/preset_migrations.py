"""Older formats of a preset, each brought to the next one. A step takes the JSON object as it was read and answers another one."""

from collections.abc import Callable

import numpy as np

from ..errors import UserError
from .preset_fallback import FALLBACK_POINTS, FLOOR_DB, MOST_HARMONICS, to_block

FORMAT = 2


def migrate(data: dict, number: int) -> dict:
    """A preset of format `number` (1 to FORMAT) as one of the present format. Raises UserError, KeyError, TypeError or ValueError."""
    for step in range(number, FORMAT):
        data = _STEPS[step](data)
    return data | {"format": FORMAT}


def _from_1(data: dict) -> dict:
    """Format 2 holds the fallback as a block of float16, where 1 had nine lists of decibels."""
    return data | {"fallback": to_block(_levels(data["fallback"]))} if data.get("fallback") else data


def _levels(fallback: dict) -> np.ndarray:
    rows = [np.array(row, float) for row in fallback["amplitudes_db"]]
    if len(rows) != FALLBACK_POINTS or any(r.ndim != 1 or len(r) > MOST_HARMONICS or not (abs(r) <= 1000).all() for r in rows):
        raise UserError(f"fallback must hold {FALLBACK_POINTS} rows of at most {MOST_HARMONICS} levels")
    full = np.full((FALLBACK_POINTS, max(1, *(len(r) for r in rows))), FLOOR_DB)
    for row, levels in zip(full, rows, strict=True):
        row[:len(levels)] = levels
    return full


_STEPS: dict[int, Callable[[dict], dict]] = {1: _from_1}
