"""Augmentation on levels in dB: what a filter, a mixer or another player of the instrument might have done."""

import torch
from torch import Tensor

from ..network.losses import decibels, powers
from .features import STORE_DB

KNOTS_AN_OCTAVE = 3


def _chance(shape: int, p: float, rng: torch.Generator) -> Tensor:
    return (torch.rand(shape, 1, generator=rng) < p).float()


def _uniform(shape: int, low: float, high: float, rng: torch.Generator) -> Tensor:
    return low + (high - low) * torch.rand(shape, 1, generator=rng)


def _add_powers(a_db: Tensor, b_db: Tensor) -> Tensor:
    return decibels(powers(a_db) + powers(b_db) + 1e-20)


def stretch(levels_db: Tensor, factor: Tensor) -> Tensor:
    """Stretch the envelope along the harmonic axis: harmonic k takes the level at k / factor. [n, h], [n, 1]."""
    harmonics = levels_db.shape[1]
    number = torch.arange(1, harmonics + 1, device=levels_db.device) / factor
    position = (number - 1).clamp(0.0, harmonics - 1.0)
    low = position.floor().long()
    high = (low + 1).clamp(max=harmonics - 1)
    part = position - low
    return levels_db.gather(1, low) * (1 - part) + levels_db.gather(1, high) * part


def between(harmonics: int) -> Tensor:
    """Weights [knots, harmonics] by which numbers at knots evenly along the octaves are joined by straight lines."""
    place = torch.log2(torch.arange(1, harmonics + 1, dtype=torch.float32)) * KNOTS_AN_OCTAVE
    knots = torch.arange(int(place[-1]) + 2, dtype=torch.float32)
    return (1 - (place[None] - knots[:, None]).abs()).clamp(min=0)


def augment(levels_db: Tensor, known: Tensor, share: float, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Augment `share` of a batch: levels_db [n, h] dB, known [n] -> the same shapes, levels re the strongest.

    Randomness is drawn on the CPU from `rng` alone, so that a resumed run repeats it.
    """
    n, harmonics = levels_db.shape
    octave = torch.log2(torch.arange(1, harmonics + 1, dtype=torch.float32))[None]
    other = torch.randperm(n, generator=rng)
    x = levels_db

    blend = _uniform(n, 0.0, 1.0, rng)
    morph = _chance(n, 0.25, rng)
    x = x + morph * blend * (x[other] - x)
    layer = _chance(n, 0.2, rng) * (1 - morph)
    x = torch.where(layer > 0, _add_powers(x, x[other] - _uniform(n, 0.0, 30.0, rng)), x)
    new_known = torch.where((morph + layer)[:, 0] > 0, torch.minimum(known, known[other]), known)

    factor = torch.exp2(_chance(n, 0.25, rng) * _uniform(n, -0.6, 0.6, rng))
    x = torch.where(factor != 1, stretch(x, factor), x)
    new_known = torch.where(factor[:, 0] < 1, (new_known * factor[:, 0]).long(), new_known)

    x = x + _chance(n, 0.5, rng) * _uniform(n, -4.0, 4.0, rng) * octave
    x = x - _chance(n, 0.1, rng) * _uniform(n, 0.0, 50.0, rng) * (torch.arange(harmonics) % 2)[None]
    corner = _uniform(n, 1.0, 8.5, rng)
    x = x - _chance(n, 0.2, rng) * _uniform(n, 3.0, 48.0, rng) * (octave - corner).clamp(min=0)
    bent = between(harmonics)  # an envelope: what is another for each harmonic can be learnt by nobody
    x = x + _chance(n, 0.4, rng) * _uniform(n, 0.0, 4.0, rng) * (torch.randn(n, len(bent), generator=rng) @ bent)
    noise = _uniform(n, -95.0, -45.0, rng) + 4.0 * torch.randn(n, harmonics, generator=rng)
    x = torch.where(_chance(n, 0.15, rng) > 0, _add_powers(x, noise), x)

    x = (x - x.max(1, keepdim=True).values).clamp(min=STORE_DB)
    chosen = _chance(n, share, rng)
    return torch.where(chosen > 0, x, levels_db), torch.where(chosen[:, 0] > 0, new_known, known)
