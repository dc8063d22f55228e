"""Batches of a run: drawn from its training data, augmented, and what the encoder sees of them."""

import numpy as np
import torch
from torch import Tensor

from ..config import Config
from .augment import augment
from .datasets import TrainingData
from .features import CENTRE_DB, FLOOR_DB, SCALE_DB, Pool


class Batches:
    """Draws batches; everything random comes from one generator, so that a saved run resumes on the same batch."""

    def __init__(self, training_data: TrainingData, config: Config):
        self.config = config
        synthetic = round(config.batch * config.synthetic_share)
        more = 0 if training_data.more is None else round((config.batch - synthetic) * config.more_share)
        pools = [(training_data.parts["train"], config.batch - synthetic - more), (training_data.more, more),
                 (training_data.bank, synthetic)]
        self.pools = [(*self._tensors(pool), count) for pool, count in pools if pool is not None and count > 0]

    @staticmethod
    def _tensors(pool: Pool) -> tuple[Tensor, Tensor, Tensor]:
        """Levels, known, and the sum of `often` up to each row, 1 in all."""
        often = np.cumsum(pool.all_often)
        return torch.from_numpy(pool.levels_db), torch.from_numpy(pool.known), torch.from_numpy(often / often[-1])

    def draw(self, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """(levels_db [batch, harmonics], known [batch]), augmented; rows come as often as their pool says."""
        drawn: list[tuple[Tensor, Tensor]] = []
        for all_levels, all_known, often, n in self.pools:
            index = torch.searchsorted(often, torch.rand(n, generator=rng, dtype=often.dtype), right=True).clamp(max=len(often) - 1)
            drawn.append((all_levels[index], all_known[index]))
        levels, known = (torch.cat(parts) for parts in zip(*drawn, strict=True))
        return augment(levels, known, self.config.augment_share, rng)


def see(levels_db: Tensor, known: Tensor) -> Tensor:
    """The encoder's view of a batch: floored, what is unknown on the floor, normalised."""
    seen = levels_db.clamp(min=FLOOR_DB)
    unknown = torch.arange(levels_db.shape[1], device=levels_db.device)[None] >= known[:, None]
    return (seen.masked_fill(unknown, FLOOR_DB) - CENTRE_DB) / SCALE_DB
