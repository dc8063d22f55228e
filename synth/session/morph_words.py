"""What a morph of presets says of itself: its name, tags and macros, from its parts, as long as nobody has said otherwise."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from ..params.knobs import N_MACROS
from ..patch.patch import Patch
from ..patch.stack import STACK

_LONGEST = 64  # letters of a macro's name


def words_of_morph(parts: Sequence[Patch], axis: str) -> dict[str, Any]:
    """Fields of a `Patch` that hold words, as its parts have them."""
    joined, kind = (" + ", "stack") if axis == STACK else (" to ", "morph")
    return {"name": joined.join(part.name for part in parts), "category": parts[0].category,
            "tags": tuple(dict.fromkeys(tag for part in parts for tag in part.tags)),
            "comment": f"A {kind} of " + ", ".join(part.name for part in parts), "macros": _macros(parts)}


def _macros(parts: Sequence[Patch]) -> tuple[str, ...]:
    """A macro moves what it moves in each part: it has the name that they give it, or their names side by side."""
    found = []
    for names in zip_longest(*(part.macros for part in parts), fillvalue=""):
        different = [name for name in dict.fromkeys(names) if name]
        while len(" / ".join(different)) > _LONGEST and len(different) > 1:
            different.pop()
        found.append(" / ".join(different))
    return tuple(found[:N_MACROS])


def said_anew(before: Patch, after: Patch, has_file: bool) -> Patch:
    """A morph whose parts were changed says what its parts now say, where before it said what they said.

    has_file: it is called as its file is, whatever becomes of its parts.
    """
    if before.morph is None or after.morph is None:
        return after
    old, new = (words_of_morph(patch.morph.parts, patch.morph.axis) for patch in (before, after) if patch.morph is not None)
    kept = {field for field in old if getattr(before, field) != old[field] and (field, before.macros) != ("macros", ())}
    kept |= {"name"} if has_file else set()
    return replace(after, **{field: words for field, words in new.items() if field not in kept})
