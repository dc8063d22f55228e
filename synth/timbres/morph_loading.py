"""A morph of presets made ready to play: its parts on their own models, and what the engine takes of them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..engine.modulation.free_shapes import free_shapes
from ..engine.modulation.morph_table import ResolvedPart, compile_morph
from ..engine.resolved_patch import ResolvedPatch
from ..errors import UserError
from ..params.knobs import KNOBS, MAX_LATENTS, MODEL_KNOBS
from ..patch.morph import Morph
from ..patch.patch import Patch, numbered
from .morph_source import MorphSource
from .source import ModelSource, Source

SourceOf = Callable[[Patch], tuple[Source, str]]


def adopt_parts(patch: Patch, morph: Morph[Patch], adopt: Callable[[Patch], Patch]) -> Patch:
    """The morph with every part as it will be played. adopt: what does it for a preset. Raises UserError that names the part."""
    parts = []
    for name, part in zip(morph.names, morph.parts, strict=True):
        try:
            parts.append(adopt(part))
        except UserError as error:
            raise UserError(f"{patch.name}, part {name}: {error}") from None
    return replace(patch, morph=replace(morph, parts=tuple(parts)))


def number_own(patch: Patch, source: MorphSource) -> Patch:
    """The patch with its own named directions numbered, where all parts have them. Raises UserError."""
    return numbered(patch, source.direction_names) if patch.named else patch


def source_of_morph(patch: Patch, morph: Morph[Patch], source_of: SourceOf) -> tuple[MorphSource, str]:
    """(source, sentence for the player or '') of a morph. Raises UserError where a part cannot be played, or all are too many latents."""
    parts, told = [], []
    for name, part in zip(morph.names, morph.parts, strict=True):
        try:
            source, said = source_of(part)
        except UserError as error:
            raise UserError(f"{patch.name}, part {name}: {error}") from None
        parts.append((numbered(part, source.direction_names) if isinstance(source, ModelSource) else part, source))
        told += [f"{patch.name}, part {name}: {said}"] if said else []
    total = sum(source.latent_size for _, source in parts)
    if total > MAX_LATENTS:
        raise UserError(f"{patch.name}: the models of its parts have {total} latents together, a morph has room for {MAX_LATENTS}")
    return MorphSource(morph, parts), told[0] if told else ""


def resolve_morph(patch: Patch, morph: Morph[Patch], source: MorphSource, number: int) -> ResolvedPatch:
    """What the engine takes for a morph that `source` plays under a number."""
    source.find_paths(patch.params)
    parts = []
    for part in source.parts:
        params = dict(part.patch.params)
        if not isinstance(part.source, ModelSource):
            params = {name: value for name, value in params.items() if name not in MODEL_KNOBS}
        tuning = part.patch.tuning.pitches() if part.patch.tuning else None
        parts.append(ResolvedPart(params, part.source.latent_size, tuning, {**part.patch.lfo_shapes, **patch.lfo_shapes}))
    table = compile_morph(morph, parts, patch.params)
    corners = np.asarray(source.corners(), np.float32)
    shared = {p.name: float(value) for p, value in zip(KNOBS, table[0]["params"][0], strict=True)}  # where the parts do not differ
    table[0]["group"][:len(source.parts)] = source.first_of_group
    return ResolvedPatch(number, {**shared, **patch.params}, corners, source.low, source.high, None, table,
                         decoder=source.block_decoder, part_decoders=source.part_decoders, map_axes=source.map_axes,
                         free_shapes=free_shapes(patch.lfo_shapes))
