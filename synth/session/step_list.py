"""The document's steps as a list: what each changed. Pure."""

from dataclasses import dataclass

from ..patch.morph import PART_NAMES
from .differences import value_of
from .document import Document, State

MOST = 200  # steps back and forth that are told


@dataclass(frozen=True, slots=True)
class Step:
    """A state and what made it of the one before. offset: steps from now, below 0 back. kind: begun, loaded, learnt, changed, morph,
    corners, knobs or rest; knobs: those that changed, with their values. part: of the morph, the one that is another, has come or gone.
    """

    offset: int
    kind: str
    sound: str
    knobs: tuple[tuple[str, float], ...] = ()
    part: str = ""


def list_steps(document: Document) -> list[Step]:
    """Oldest first."""
    before, now, after = document.around(MOST)
    states = [*before, now, *after]
    found = []
    for i, state in enumerate(states):
        found.append(_step(i - len(before), states[i - 1], state) if i else Step(-len(before), "begun", state.patch.name))
    return found


def next_step(document: Document, back: bool) -> Step | None:
    """What undo (`back`) would take back, or redo bring; None where there is nothing."""
    before, now, after = document.around(1)
    states = [*before, now] if back else [now, *after]
    return _step(0, *states) if len(states) == 2 else None


def _step(offset: int, before: State, after: State) -> Step:
    kind, knobs = _told(before, after)
    return Step(offset, kind, after.patch.name, knobs, _part(before, after) if kind == "morph" else "")


def _part(before: State, after: State) -> str:
    """The letter of the part that differs; '' for more than one."""
    a, b = ([part.name for part in state.patch.morph.parts] if state.patch.morph else [state.patch.name] for state in (before, after))
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    if len(a) == len(b):
        other = [i for i, (one, two) in enumerate(zip(a, b, strict=True)) if one != two]
    else:
        other = [i for i in range(len(longer)) if longer[:i] + longer[i + 1:] == shorter][-1:]
    return PART_NAMES[other[0]] if len(other) == 1 else ""


def _told(before: State, after: State) -> tuple[str, tuple[tuple[str, float], ...]]:
    a, b = before.patch, after.patch
    if after.origin is not before.origin:
        return "loaded", ()
    if after.controls != before.controls:
        return "learnt", ()
    if (a.morph is None) != (b.morph is None):  # whose parts have the models
        return "morph", ()
    if (a.model, a.model_sha256, a.tuning, before.choices) != (b.model, b.model_sha256, b.tuning, after.choices):
        return "changed", ()
    if a.morph is not b.morph:
        return "morph", ()
    names = [name for name in dict.fromkeys((*a.params, *b.params)) if value_of(a, name) != value_of(b, name)]
    if names:
        return "knobs", tuple((name, value_of(b, name)) for name in names)
    return ("corners", ()) if a.corners != b.corners else ("rest", ())
