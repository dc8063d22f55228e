"""Sounds that a model knows, as ends of morphs."""

import numpy as np

from synth.patch.patch import Patch
from synth.timbres.source import ModelSource


def known_sounds(source: ModelSource) -> np.ndarray:
    """Latents float32[n, z] of the sounds in a model's map, each two neighbours far apart."""
    assert source.map is not None
    latents = np.clip(source.map.latents, source.low, source.high)
    return latents[np.random.default_rng(4).permutation(len(latents))]


def between(a: np.ndarray, b: np.ndarray, **params: float) -> Patch:
    """A patch of corners A and B [z]; knobs by name, given as they are (`**{"osc.follow": 1.0}`) or with _ for the first dot."""
    return Patch(latent_size=len(a), corners={"A": tuple(map(float, a)), "B": tuple(map(float, b))},
                 params={name if "." in name else name.replace("_", ".", 1): value for name, value in params.items()})
