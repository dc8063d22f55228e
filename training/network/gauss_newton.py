"""The encoder's last look: a few damped Gauss-Newton steps from its answer to where the decoder draws the cycle best.

Levenberg 1944, Marquardt 1963. What a network guesses is good on what it has learnt; on sounds of others it leaves half of
what could be had. The steps ask the decoder itself, by finite differences, and are written in plain batched operators so
that they travel inside `encoder.onnx`: no accepting or refusing, which rounding could tip, but damping and a longest step.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from ..config import Config
from ..data.features import CENTRE_DB, FLOOR_DB, SCALE_DB
from .losses import SpectralLoss
from .model import Autoencoder, narrowed, viewed, viewed_size

STEPS = 4
DAMPING = 0.2  # of the mean curvature
NUDGE = 0.3
LONGEST = 0.25  # a step, times the root of the number of latents
HOLD = 1.0  # weight of the harmonics above 127
SEEN_DB = 10.0  # this much above the floor, from a harmonic on upwards, tells that it is known
Draw = Callable[[Tensor], Tensor]


class Settle(nn.Module):
    """Latents [n, z] and levels [n, harmonics] in dB -> latents [n, z], through `draw`: latents -> viewed levels in dB."""

    def __init__(self, loss: SpectralLoss, latent_size: int, steps: int = STEPS):
        super().__init__()
        self.loss, self.steps, self.bins = loss, steps, loss.bins
        self.halvings = math.ceil(math.log2(latent_size / DAMPING)) + 3
        self.longest = LONGEST * math.sqrt(latent_size)
        upper = viewed_size(len(loss.index)) - self.bins
        self.weight = HOLD / math.sqrt(max(upper, 1))
        self.register_buffer("eye", torch.eye(latent_size), persistent=False)
        self.register_buffer("from_here_up", torch.ones(upper, upper).tril(), persistent=False)

    eye: Tensor
    from_here_up: Tensor

    def _upper(self, viewed_db: Tensor) -> Tensor:
        """Viewed levels -> those above the 127th, under the strongest of the lower, floored."""
        return (viewed_db[:, self.bins :] - viewed_db[:, : self.bins].amax(-1, keepdim=True)).clamp(min=FLOOR_DB)

    def _what_counts(self, viewed_db: Tensor) -> Tensor:
        """Viewed levels -> numbers whose squared differences are LSD^2 + ERB-LSD^2 and the weighted upper ones."""
        return torch.cat([*self.loss.residuals(viewed_db[:, : self.bins]), self._upper(viewed_db) * self.weight], 1)

    def _wanted(self, levels_db: Tensor, said_db: Tensor) -> Tensor:
        """What the steps aim at. Upper harmonics that are on the floor up to the last are unknown: the network's word stands."""
        seen = self._upper(viewed(levels_db.clamp(min=FLOOR_DB)))
        known = ((seen - FLOOR_DB) @ self.from_here_up * (1 / SEEN_DB)).clamp(max=1.0)
        upper = self._upper(said_db)
        return torch.cat([*self.loss.residuals(levels_db[:, : self.bins]), (upper + known * (seen - upper)) * self.weight], 1)

    def forward(self, latent: Tensor, levels_db: Tensor, draw: Draw) -> Tensor:
        """[n, z], [n, harmonics] -> [n, z]."""
        size = self.eye.shape[0]
        wanted = self._wanted(levels_db, draw(latent))
        spread = torch.cat([torch.zeros_like(self.eye[:1]), self.eye * NUDGE])
        for _ in range(self.steps):
            around = (latent.unsqueeze(1) + spread).reshape(-1, size)
            drawn = self._what_counts(draw(around)).reshape(-1, size + 1, wanted.shape[1])
            slopes = (drawn[:, 1:] - drawn[:, :1]) * (1 / NUDGE)  # [n, z, numbers]
            missing = (wanted - drawn[:, 0]).unsqueeze(2)
            step = (self._inverse(slopes @ slopes.transpose(1, 2)) @ (slopes @ missing)).squeeze(2)
            length = torch.sqrt((step * step).sum(1, keepdim=True) + 1e-12)
            latent = latent + step * (self.longest / length).clamp(max=1.0)
        return latent

    def _inverse(self, curvature: Tensor) -> Tensor:
        """Inverse of damped [n, z, z] by Newton's iteration (Schulz 1933)."""
        size = self.eye.shape[0]
        trace = (curvature * self.eye).sum((1, 2)).reshape(-1, 1, 1)
        damped = curvature + self.eye * (trace * (DAMPING / size) + 1e-6)
        found = self.eye / (trace * (1 + DAMPING) + 1e-6 * size)
        for _ in range(self.halvings):
            found = found @ (2 * self.eye - damped @ found)
        return found


class Settled(nn.Module):
    """What an exported encoder answers, of a network that still learns: its answer, then the last steps."""

    def __init__(self, config: Config):
        super().__init__()
        self.steps = Settle(SpectralLoss(config.harmonics), config.latent_size)

    def forward(self, network: Autoencoder, features: Tensor, levels_db: Tensor) -> Tensor:
        """Normalised levels, and levels in dB under the strongest, both [n, harmonics] -> the network's own latents [n, z]."""
        draw = narrowed(network.decoder)
        return self.steps(network.encode(features, draw), levels_db, lambda z: draw(z) * SCALE_DB + CENTRE_DB)
