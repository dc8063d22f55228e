"""Descent, for who has minutes: from where the closed form ends the whole decoder and the frames' latents learn by gradients.

Asked are the notes' frames, at latents shaken a little, so that what lies around them is drawn as well; and that all sounds of the base
(drawn from its density, and textbook ones) stay as the base draws them, harmonics above 127 too. That is held by mean squares: small
changes everywhere cost little, large ones much.
"""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from synth.samples.spectrum import LSD_FLOOR_DB
from synth.timbres.density import Density

from ..data.synthetic import synthetic_pool
from ..network.losses import SpectralLoss, unit_rms_db
from .last_layer import LastLayer
from .sets import Frames

LEARNING_RATE, LATENT_RATE = 1.5e-3, 4e-3
_OWN, _KEPT = 128, 128  # rows of a step
_HOLD = 0.5  # of a dB squared beside a dB
_ABOVE = 0.2  # of harmonics above 127 in what is held
_SHAKEN = 0.05  # of a latent's spread
_KEEP = 0.995  # of the running average of weights
_ERB = 0.85  # beside LSD, as latents are fitted
_SOUNDS = 12_000


@dataclass(frozen=True)
class Kept:
    """What stays: latents of the base float32[n, z] in the network's own axes, and its levels there."""

    latents: Tensor
    levels_db: Tensor


@torch.no_grad()
def kept_sounds(base: LastLayer, density: Density | None, harmonics: int, seed: int) -> Kept:
    """Sounds of the base: half drawn from its density, half textbook cycles, all of these where it has none."""
    latents = base.encode(synthetic_pool(_SOUNDS // 2, harmonics, seed + 1))
    if density is not None:
        latents = np.concatenate([latents, density.sample(np.random.default_rng(seed + 1), _SOUNDS // 2).clip(base.low, base.high)])
    own = base.own_latents(latents)
    return Kept(own, torch.cat([base.network().decode(rows) for rows in own.split(2048)]))


class Descent:
    """One run: `go` on for some steps of so many in all, then `layer` is what has been learnt."""

    def __init__(self, start: LastLayer, learnt: Frames, kept: Kept, seed: int):
        self._start, self._kept, self._rng = start, kept, torch.Generator().manual_seed(seed)
        self._network = start.network().train().requires_grad_(True)
        self._average = copy.deepcopy(self._network).requires_grad_(False)
        self._latents = torch.nn.Parameter(start.own_latents(learnt.latents))
        self._target = torch.from_numpy(learnt.target_db.astype(np.float32))
        self._often = torch.from_numpy(learnt.weights)
        self._loss = SpectralLoss(self._target.shape[1], _ERB)
        decoder = self._network.decoder
        self._optimizer = torch.optim.Adam([{"params": list(decoder.parameters()), "lr": LEARNING_RATE},
                                            {"params": [self._latents], "lr": LATENT_RATE}], betas=(0.9, 0.99), foreach=True)
        self._rates = [group["lr"] for group in self._optimizer.param_groups]
        self._spread = start.own_latents(learnt.latents).std(0)
        self.step = 0

    def advance(self, part: float) -> float:
        """One step, `part` of the way through the run, 0..1; its loss in dB."""
        for group, rate in zip(self._optimizer.param_groups, self._rates, strict=True):
            group["lr"] = rate * min(1.0, (self.step + 1) / 50) * (0.5 + 0.5 * math.cos(math.pi * part))
        own = torch.multinomial(self._often, _OWN, True, generator=self._rng)
        shaken = self._latents[own] + _SHAKEN * self._spread * torch.randn(_OWN, len(self._spread), generator=self._rng)
        drawn = self._network.decode(shaken, self._target.shape[1])
        loss = self._loss.distances(drawn, self._target[own], soft=True)
        learnt = (loss[0] + _ERB * loss[1]).mean()
        rows = torch.randint(len(self._kept.latents), (_KEPT,), generator=self._rng)
        total = learnt + _HOLD * self._moved(self._network.decode(self._kept.latents[rows]), self._kept.levels_db[rows])
        self._optimizer.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(self._network.decoder.parameters(), 5.0)
        self._optimizer.step()
        self.step += 1
        with torch.no_grad():
            keep = min(_KEEP, (1 + self.step) / (10 + self.step))
            torch._foreach_lerp_(list(self._average.decoder.parameters()), list(self._network.decoder.parameters()), 1 - keep)
        return float(learnt.detach())

    def _moved(self, drawn: Tensor, kept: Tensor) -> Tensor:
        """Mean square in dB of what is heard of a change, the harmonics above 127 with less weight."""
        bins = self._loss.bins
        here, there = (unit_rms_db(x, bins) for x in (drawn, kept))
        floor = there[:, :bins].amax(1, keepdim=True) - LSD_FLOOR_DB
        apart = (torch.maximum(here, floor) - torch.maximum(there, floor)) ** 2
        above = apart[:, bins:].mean() if apart.shape[1] > bins else apart.new_zeros(())
        return apart[:, :bins].mean() + _ABOVE * above

    def layer(self) -> LastLayer:
        """The averaged decoder."""
        return self._start.with_network(self._average)


def descend(descent: Descent, ends: Callable[[int], float]) -> LastLayer:
    """Advance until `ends(step)`, the part of the run that is done, comes to 1."""
    while (part := ends(descent.step)) < 1:
        descent.advance(part)
    return descent.layer()
