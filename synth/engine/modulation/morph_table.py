"""A morph of presets as the audio thread holds it: a MORPH record, made beforehand from what its parts resolve to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ...params.knobs import FIRST_LATENT, MAX_LATENTS, MOD_TARGETS, PARAM_INDEX, to_vector
from ...patch.lfo_shape import Shape
from ...patch.morph import Morph
from ...patch.morph_knobs import Route, audible_knobs, routes_of
from ...patch.patch import Patch
from ...patch.stack import STACK
from ..constants import N_KNOBS, N_PART_KNOBS, N_PART_ROUTES, PART_KNOB, PART_KNOBS, PART_LATENT
from .free_shapes import free_shapes
from .matrix import CLASS, LFO
from .records import MORPH
from .smoothed_knobs import to_unit

_EQUAL = np.arange(128.0)


@dataclass(frozen=True, slots=True)
class ResolvedPart:
    """A part as the engine takes it: its knobs and slots by name (directions numbered), how many latents it has, its pitches or None."""

    params: dict[str, float]
    latent_size: int
    tuning: np.ndarray | None = None
    lfo_shapes: Mapping[str, Shape] = field(default_factory=dict)


def compile_morph(morph: Morph[Patch], parts: Sequence[ResolvedPart], own: dict[str, float]) -> np.ndarray:
    """MORPH[1] of a morph. own: knobs that the patch sets for all parts. Raises ValueError for more latents than there is room for."""
    table = np.zeros(1, MORPH)
    row, n = table[0], len(parts)
    row["n"], row["chain"] = n, morph.axis == "chain"
    row["stops"][:n] = morph.stops
    _set_layers(row, morph)
    if morph.gain_db:
        row["rows"], row["columns"] = morph.grid
        row["gain_db"][:row["rows"] * row["columns"]] = np.ravel(morph.gain_db)
    if morph.pace:
        row["link_steps"] = morph.link_steps
        row["pace"][:np.size(morph.pace)] = np.ravel(morph.pace)
    first = np.cumsum([0, *(part.latent_size for part in parts)])
    if first[-1] > MAX_LATENTS:
        raise ValueError(f"{first[-1]} latents are more than {MAX_LATENTS}")
    row["first"][:n + 1] = first
    _set_knobs(row, parts, own)
    _set_shapes(row, parts)
    _set_routes(row, parts)
    for p, part in enumerate(parts):
        row["offset"][first[p]:first[p + 1]] = [part.params.get(f"latent.{i + 1}", 0.0) for i in range(part.latent_size)]
        row["tuning"][p] = _EQUAL if part.tuning is None else part.tuning
    row["tuned"] = any(not np.array_equal(row["tuning"][p], row["tuning"][0], equal_nan=True) for p in range(n))
    return table


def _set_layers(row: np.void, morph: Morph[Patch]) -> None:
    """What a stack says of each of its parts."""
    row["stack"] = morph.axis == STACK
    for p, layer in enumerate(morph.layers):
        row["level_db"][p], row["pan"][p], row["transpose"][p] = layer.level_db, layer.pan, layer.transpose_semitones
        row["low_key"][p], row["high_key"][p] = layer.keys
        row["low_velocity"][p], row["high_velocity"][p] = layer.velocities


def _set_knobs(row: np.void, parts: Sequence[ResolvedPart], own: dict[str, float]) -> None:
    """Values of every part, slider positions, and where the parts differ."""
    held = [PARAM_INDEX[name] for name in (*own, "morph.x", "morph.y") if PARAM_INDEX[name] < N_KNOBS]
    row["held"][held] = 1
    for p, knobs in enumerate(audible_knobs([part.params | own for part in parts])):
        values = to_vector({**knobs, **{name: value for name, value in own.items() if name in knobs}})[:N_KNOBS]
        row["params"][p] = values
        row["unit"][p] = [to_unit.py_func(i, value) for i, value in enumerate(values)]
    values = row["params"][:len(parts)]
    differing = [i for i in np.flatnonzero((values != values[0]).any(0)) if i not in held]
    row["differing"][:len(differing)], row["n_differing"] = differing, len(differing)
    row["classes"] = int(np.bitwise_or.reduce(CLASS[differing])) if len(differing) else 0


def _set_shapes(row: np.void, parts: Sequence[ResolvedPart]) -> None:
    """Free shapes of the parts' LFOs; where they differ, each voice of its own mix looks at its own."""
    for p, part in enumerate(parts):
        row["free"][p] = free_shapes(part.lfo_shapes)
    if any(row["free"][p].tobytes() != row["free"][0].tobytes() for p in range(len(parts))):
        row["classes"] |= LFO


def _target_of(p: int, route: Route, first: int, size: int) -> int:
    """A route's target: latents and the knobs of the latent position are the part's own; -1: a latent that its model has not."""
    name = MOD_TARGETS[route.target]
    if name in PART_KNOBS:
        return PART_KNOB + p * N_PART_KNOBS + PART_KNOBS.index(name)
    index = PARAM_INDEX[name]
    if index < FIRST_LATENT:
        return index
    return PART_LATENT + first + index - FIRST_LATENT if index - FIRST_LATENT < size else -1


def _set_routes(row: np.void, parts: Sequence[ResolvedPart]) -> None:
    r = 0
    for p, part in enumerate(parts):
        for route in routes_of(part.params):
            target = _target_of(p, route, int(row["first"][p]), part.latent_size)
            if target >= 0 and r < N_PART_ROUTES:
                row["part"][r], row["source"][r], row["via"][r] = p, route.source, route.via
                row["target"][r], row["amount"][r] = target, route.amount
                r += 1
    row["n_routes"] = r


