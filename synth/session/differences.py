"""What must be told to the engine so that one state of the document becomes another. Pure."""

from dataclasses import replace

import numpy as np

from ..events import Event, Kind, lfo_point_of, set_corner, set_lfo_point, set_param
from ..params.knobs import CORNERS, FARTHEST, KNOBS, MAX_LATENTS, PARAMS
from ..patch.lfo_shape import FIRST_SHAPE, LFO_NAMES, Shape, changes, turned
from ..patch.morph import Morph
from ..patch.patch import Patch
from ..timbres.source import FallbackSource, ModelSource, Source
from ..timbres.static_render import corners_of
from .document import State

_KNOB_NAMES = frozenset(p.name for p in KNOBS)
_NAMES = tuple(PARAMS)
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


def shape_of(patch: Patch, lfo: str) -> Shape:
    """The free shape of an LFO in a patch, drawn or as it begins; in a morph of presets, where none is set for all, the first part's."""
    if patch.morph is not None and lfo not in patch.lfo_shapes:
        return shape_of(patch.morph.parts[0], lfo)
    return patch.lfo_shapes.get(lfo, FIRST_SHAPE)


def drawing(lfo: int, before: Shape, after: Shape) -> list[Event]:
    """Events by which the free shape of an LFO (from 0) becomes another."""
    count = [Event(Kind.LFO_POINTS, lfo, float(len(after)))] if len(before) != len(after) else []
    return count + [set_lfo_point(lfo, *change) for change in changes(before, after)]


def draw_lfo(patch: Patch, lfo: str, shape: Shape) -> tuple[Patch, list[Event]]:
    """The patch with the free shape of an LFO, `lfo1` and so on, which plays it; and what the engine must be told of that."""
    knob, set_here = f"{lfo}.shape", lfo in patch.lfo_shapes or patch.morph is None
    free = PARAMS[knob].parse("free")
    before = shape_of(patch, lfo) if set_here else ()  # parts may have others than the first
    events = drawing(LFO_NAMES.index(lfo), before, shape) + ([set_param(knob, free)] if is_edit(patch, knob, free) else [])
    return replace(patch, lfo_shapes={**patch.lfo_shapes, lfo: shape}, params={**patch.params, knob: free}), events


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
    if a.morph is not None and set(a.lfo_shapes) != set(b.lfo_shapes):
        return None  # so is a shape
    names = [name for name in dict.fromkeys((*a.params, *b.params)) if value_of(a, name) != value_of(b, name)]
    old, new = played_corners(a, source), played_corners(b, source)
    places = np.argwhere(old != new)
    if len(names) + len(places) > _MOST_EVENTS or (len(places) and a.shapes):  # shapes belong to the corners they were loaded with
        return None
    drawn = [event for lfo, name in enumerate(LFO_NAMES) for event in drawing(lfo, shape_of(a, name), shape_of(b, name))]
    knobs = [set_param(name, value_of(b, name)) for name in names]
    return drawn + knobs + [set_corner(CORNERS[c], int(i), float(new[c, i])) for c, i in places]


def moved_from(patch: Patch, source: Source, now: np.ndarray) -> dict[tuple[Kind, int], float]:
    """Values of knobs and corners by which the engine's patch, as it has it now, differs from the document's."""
    values = now["params"].reshape(1).view(np.float32)
    moved: dict[tuple[Kind, int], float] = {
        (Kind.PARAM, i): float(values[i]) for i, name in enumerate(_NAMES)
        if values[i] != np.float32(value_of(patch, name)) and not (
            patch.morph is not None and is_mixed(name) and not now["morph"][0]["held"][i])}
    ours = played_corners(patch, source).astype(np.float32)
    if ours.shape[1] == now["latent_size"]:
        moved |= {(Kind.CORNER, int(c) * MAX_LATENTS + int(i)): float(now["corners"][c, i])
                  for c, i in np.argwhere(now["corners"][:, :ours.shape[1]] != ours)}
    return moved


def as_moved(patch: Patch, source: Source, kind: Kind, number: int, value: float) -> Patch:
    """The patch as the engine has it after an event of its journal; itself where that is no edit."""
    if kind == Kind.PARAM and 0 <= number < len(_NAMES):
        declared = PARAMS[_NAMES[number]]
        value = declared.parse(min(max(value, declared.low), declared.high))
        return replace(patch, params={**patch.params, declared.name: value}) if is_edit(patch, declared.name, value) else patch
    if kind == Kind.CORNER and isinstance(source, ModelSource):
        corners, (corner, latent) = played_corners(patch, source), divmod(number, MAX_LATENTS)
        if 0 <= corner < len(CORNERS) and latent < corners.shape[1] and corners[corner, latent] != value:
            corners[corner, latent] = float(np.float32(value))
            return with_corners(patch, corners)
    if kind in (Kind.LFO_POINT, Kind.LFO_POINTS):
        lfo, point, part = lfo_point_of(number) if kind == Kind.LFO_POINT else (number, 0, 0)
        name = LFO_NAMES[lfo]
        before = shape_of(patch, name)
        now = turned(before, None, {(point, part): value}) if kind == Kind.LFO_POINT else turned(before, int(value), {})
        return patch if now == before else replace(patch, lfo_shapes={**patch.lfo_shapes, name: now})
    return patch
