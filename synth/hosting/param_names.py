"""What parameters of plug-ins are called in a chain: the same whichever host tells of them."""

import re
from collections.abc import Sequence

MOST_PARAMS = 1000  # told of a plug-in
_UNITS = {"db": "db", "hz": "hz", "khz": "khz", "ms": "ms", "s": "s", "sec": "s", "%": "percent", "st": "st", "bpm": "bpm"}


def names_of(params: Sequence[tuple[str, str, bool]]) -> dict[str, int]:
    """Index of each parameter by its name as ours are: lower case, its unit last; one that is taken gets a number.

    params: the plug-in's own name, its label (a unit, or nothing) and whether a hand can turn it; of those that none can, nothing is told.
    """
    names: dict[str, int] = {}
    for index, (own, label, is_automatable) in enumerate(params[:MOST_PARAMS]):
        if is_automatable:
            names[_free(_word_of(str(own), str(label or "")), names)] = index
    return names


def _word_of(own: str, label: str) -> str:
    word = re.sub(r"[^a-z0-9]+", "_", own.lower()).strip("_") or "parameter"
    unit = _UNITS.get(label.strip().lower(), "")
    return f"{word}_{unit}" if unit and not word.endswith(f"_{unit}") else word


def _free(word: str, taken: dict[str, int]) -> str:
    name, number = word, 2
    while name in taken:
        name, number = f"{word}_{number}", number + 1
    return name
