"""Points inside a model's density: where sounds are, and how one that strays is brought back."""

from functools import lru_cache

import numpy as np

from ..errors import UserError
from .source import ModelSource, Source

_DRAWS, _SHARE = 512, 1.0  # of draws from the density, the part (in per cent) that counts as outside
_STEPS = 24


def mapped(source: Source) -> ModelSource:
    """The source as one with a map. Raises UserError where it has none."""
    if not isinstance(source, ModelSource) or source.map is None:
        raise UserError(f"{source.name} has no map of its sounds, so none can be bred on it")
    return source


@lru_cache(maxsize=4)
def threshold(source: ModelSource) -> float:
    """The log density below which no sounds are: all but one of a hundred draws lie above it."""
    assert source.map is not None
    drawn = np.clip(source.map.density.sample(np.random.default_rng(0), _DRAWS), source.low, source.high)
    return float(np.percentile(source.map.density.log_density(drawn), _SHARE))


def is_inside(source: ModelSource, latent: np.ndarray) -> bool:
    """Whether a latent float[z] lies where sounds are."""
    return source.map is not None and float(source.map.density.log_density(latent)[0]) >= threshold(source)


def pull_inside(source: ModelSource, latent: np.ndarray) -> np.ndarray:
    """The nearest latent to float[z] on the line to the middle of its own kind of sounds that lies inside and within the ranges."""
    assert source.map is not None
    density = source.map.density
    middle = np.clip(density.means[_component(density, latent)], source.low, source.high).astype(float)
    if not is_inside(source, middle):
        middle = np.clip(density.means[int(density.log_density(density.means).argmax())], source.low, source.high).astype(float)
    for t in np.linspace(0, 1, _STEPS + 1):
        found = np.round(np.clip((1 - t) * latent + t * middle, source.low, source.high), 6)
        if is_inside(source, found):
            return found
    return np.round(middle, 6)


def _component(density, latent: np.ndarray) -> int:
    return int(((density.means - latent) ** 2).sum(1).argmin())


def wander(source: ModelSource, latent: np.ndarray, amount: float, rng: np.random.Generator) -> np.ndarray:
    """A latent moved at random in the way sounds near it differ, `amount` of their spread, inside the density: float64[z]."""
    assert source.map is not None
    density = source.map.density
    factor = density.choleskys[_component(density, latent)].astype(float)
    local = factor @ rng.standard_normal(len(latent))
    wide = np.asarray(source.model.std, float) * rng.standard_normal(len(latent))
    return pull_inside(source, latent + amount * (0.7 * local + 0.5 * wide))
