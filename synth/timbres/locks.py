"""Knobs and latents that a player has locked: what is drawn at random has them as they were."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from ..params.knobs import CORNERS
from ..patch.patch import Patch
from . import fallback
from .source import ModelSource
from .static_render import corners_of


def kept_where_locked(drawn: Patch, like: Patch, locked: Iterable[str], source: ModelSource) -> Patch:
    """The drawn patch with every locked knob as `like` has it; of a latent, its offset and its place in the corners, both on `source`."""
    names = frozenset(locked)
    if not names:
        return drawn
    params = {name: value for name, value in drawn.params.items() if name not in names}
    found = replace(drawn, params=params | {name: value for name, value in like.params.items() if name in names})
    latents = [int(name.partition(".")[2]) - 1 for name in names if name.startswith("latent.")]
    latents = [index for index in latents if index < source.latent_size]
    if not latents:
        return found
    rows, before = corners_of(found, source), corners_of(like, source)
    rows[:, latents] = before[:, latents]
    corners = {name: tuple(float(x) for x in np.round(rows[i], 6)) for i, name in enumerate(CORNERS) if name in found.corners}
    return replace(fallback.keep(replace(found, corners=corners), source.model), model=drawn.model)
