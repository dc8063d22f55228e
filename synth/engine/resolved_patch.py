"""What the engine needs of a patch, and what it keeps alive of it."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np


class HasAddress(Protocol):
    """Something in memory that the engine reads as long as it is kept."""

    @property
    def address(self) -> int:
        """Where it begins."""


@dataclass(frozen=True, slots=True)
class ResolvedPatch:
    """What the engine needs of a patch: knobs by name, corners float[4, z], the range of each latent, and whose they are.

    morph: its parts (MORPH[1], see modulation/morph_table.py), whose latents lie side by side.
    """

    source_number: int
    params: dict[str, float]
    corners: np.ndarray
    low: np.ndarray
    high: np.ndarray
    tuning: np.ndarray | None = None  # float64[128] semitones of each key, NaN where silent; None: equal temperament
    morph: np.ndarray | None = None
    tracks: HasAddress | None = None  # of a TRACKS record (timbre/track_records.py): the instrument of recordings that it plays
    decoder: HasAddress | None = None  # of a DECODER record (timbre/records.py): what can be decoded in the block that asks
    map_axes: np.ndarray | None = None  # float32[2, z]: latents that cross the model's map, from left to right and from bottom to top
    free_shapes: np.ndarray | None = None  # FREE_SHAPE[N_LFOS] (modulation/records.py); None: nothing is drawn
    part_decoders: tuple[HasAddress | None, ...] = ()  # of a morph's parts, where any has one; `decoder` then tells the phases of a mix
