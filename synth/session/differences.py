"""What must be told to the engine so that one state of the document becomes another. Pure."""

from dataclasses import replace

import numpy as np

from ..events import Event, set_corner, set_param
from ..params.knobs import CORNERS, FARTHEST, KNOBS, PARAMS
from ..patch.morph import Morph
from ..patch.patch import Patch
from ..timbres.source import FallbackSource, ModelSource, Source
from ..timbres.static_render import corners_of
from .document import State

_KNOB_NAMES = frozenset(p.name for p in KNOBS)
_MOST_EVENTS = 1000  # of a ring of 4096; more than that is quicker as a patch


def value_of(patch: Patch, name: str) -> float:
    """Value of a knob in a patch; in a morph of presets, where it is not set for all parts, the mix of theirs."""
    if patch.morph is not None and name not in patch.params and is_mixed(name):
        return _mixed_value(patch, patch.morph, name)
    return patch.params.get(name, float(PARAMS[name].default))


def is_mixed(name: str) -> bool:
    """Whether a knob of a morph has its value from the parts as long as it is not set for all of them."""
    return name in _KNOB_NAMES and not name.startswith("morph.")


def is_edit(patch: Patch, name: str, value: float) -> bool:
    """Whether setting a knob changes a patch: its value, or that of a morph it is now set for all parts."""
    return value_of(patch, name) != value or (patch.morph is not None and is_mixed(name) and name not in patch.params)


def _mixed_value(patch: Patch, morph: Morph[Patch], name: str) -> float:
    p, weights = PARAMS[name], morph.weights(*(patch.params.get(axis, 0.0) for axis in ("morph.x", "morph.y")))
    values = [value_of(part, name) for part in morph.parts]
    if p.choices or weights.max() == 1:
        return values[int(weights.argmax())]
    return p.from_unit(float(weights @ [p.to_unit(value) for value in values]))


def played_corners(patch: Patch, source: Source) -> np.ndarray:
    """Corners A to D that the engine has of a patch, float64[4, z]."""
    return corners_of(patch, source) if isinstance(source, ModelSource) else np.array(source.corners(), float)


def with_corners(patch: Patch, corners: np.ndarray) -> Patch:
    """The patch with corners A to D, float[4, z]; one that another stands in for is written down only where it differs from it."""
    clipped = np.clip(corners, -FARTHEST, FARTHEST)
    rows = {c: tuple(float(x) for x in clipped[i]) for i, c in enumerate(CORNERS)}
    stand_in = {"B": "A", "C": "A", "D": "B"}
    kept = {c: row for c, row in rows.items() if c == "A" or c in patch.corners or row != rows[stand_in[c]]}
    return replace(patch, latent_size=corners.shape[1], corners=kept)


def events_between(before: State, after: State, source: Source) -> list[Event] | None:
    """Events after which the engine, that plays `before` from `source`, plays `after`; None where it must be loaded as a patch."""
    a, b = before.patch, after.patch
    same = (a.model == b.model and a.model_sha256 == b.model_sha256 and a.latent_size == b.latent_size and a.tuning == b.tuning
            and a.shapes == b.shapes and a.latent_path == b.latent_path and a.table == b.table
            and a.instrument == b.instrument and a.morph is b.morph
            and before.choices == after.choices and before.origin is after.origin)
    if not same or (isinstance(source, FallbackSource) and (a.fallback_db is not b.fallback_db or a.name != b.name)):
        return None
    if a.morph is not None and set(filter(is_mixed, a.params)) != set(filter(is_mixed, b.params)):
        return None  # a knob is the parts' again
    names = [name for name in dict.fromkeys((*a.params, *b.params)) if value_of(a, name) != value_of(b, name)]
    old, new = played_corners(a, source), played_corners(b, source)
    places = np.argwhere(old != new)
    if len(names) + len(places) > _MOST_EVENTS or (len(places) and a.shapes):  # shapes belong to the corners they were loaded with
        return None
    return [set_param(name, value_of(b, name)) for name in names] + [set_corner(CORNERS[c], int(i), float(new[c, i])) for c, i in places]
