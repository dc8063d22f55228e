"""The document's steps as a list: what each changed. Pure."""

from dataclasses import dataclass

from .differences import value_of
from .document import Document, State

MOST = 200  # steps back and forth that are told


@dataclass(frozen=True, slots=True)
class Step:
    """A state and what made it of the one before. offset: steps from now, below 0 back. kind: begun, loaded, learnt, changed, morph,
    corners, knobs or rest; knobs: those that changed, with their values.
    """

    offset: int
    kind: str
    sound: str
    knobs: tuple[tuple[str, float], ...] = ()


def list_steps(document: Document) -> list[Step]:
    """Oldest first."""
    before, now, after = document.around(MOST)
    states = [*before, now, *after]
    found = []
    for i, state in enumerate(states):
        kind, knobs = _told(states[i - 1], state) if i else ("begun", ())
        found.append(Step(i - len(before), kind, state.patch.name, knobs))
    return found


def _told(before: State, after: State) -> tuple[str, tuple[tuple[str, float], ...]]:
    a, b = before.patch, after.patch
    if after.origin is not before.origin:
        return "loaded", ()
    if after.controls != before.controls:
        return "learnt", ()
    if (a.model, a.model_sha256, a.tuning, before.choices) != (b.model, b.model_sha256, b.tuning, after.choices):
        return "changed", ()
    if a.morph is not b.morph:
        return "morph", ()
    names = [name for name in dict.fromkeys((*a.params, *b.params)) if value_of(a, name) != value_of(b, name)]
    if names:
        return "knobs", tuple((name, value_of(b, name)) for name in names)
    return ("corners", ()) if a.corners != b.corners else ("rest", ())
