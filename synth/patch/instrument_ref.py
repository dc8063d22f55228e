"""The instrument of recordings that a preset plays: its name, and the hash of its tracks."""

import re
from dataclasses import dataclass

from ..errors import UserError

_LONGEST = 1000  # a name, or a folder


@dataclass(frozen=True, slots=True)
class InstrumentRef:
    """An instrument by name, and the sha256 of its `tracks.npz`, '' where any of that name will do."""

    name: str
    sha256: str = ""


def to_json(ref: InstrumentRef) -> dict:
    """As a preset holds it."""
    return {"name": ref.name, "sha256": ref.sha256}


def from_json(value: object) -> InstrumentRef | None:
    """What `to_json` made; None for none. Raises UserError."""
    if value is None:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("name"), str) or not 0 < len(value["name"]) <= _LONGEST:
        raise UserError(f"instrument must be an object with a name of 1 to {_LONGEST} letters, and a sha256")
    digest = value.get("sha256") or ""
    if not isinstance(digest, str) or not re.fullmatch(r"([0-9a-fA-F]{64})?", digest):
        raise UserError("the instrument's sha256 must be 64 hexadecimal digits")
    return InstrumentRef(value["name"], digest.lower())
