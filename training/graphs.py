"""What is exported: the trained halves wrapped so that a cycle goes in or comes out."""

import math

import numpy as np
import torch
from torch import Tensor, nn

from .features import CENTRE_DB, FLOOR_DB, SCALE_DB
from .model import Autoencoder
from .transforms import ToCycle, ToPowers

DB_TO_NEPER = math.log(10) / 20


class Axes(nn.Module):
    """The latents a musician sees: uncorrelated, unit variance over the data, the one that changes most first."""

    mean: Tensor
    matrix: Tensor
    back: Tensor

    def __init__(self, mean: np.ndarray, forward: np.ndarray):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32))
        self.register_buffer("matrix", torch.tensor(forward.T.copy(), dtype=torch.float32))
        self.register_buffer("back", torch.tensor(np.linalg.inv(forward).T.copy(), dtype=torch.float32))


def find_axes(latents: np.ndarray, levels_db: np.ndarray) -> Axes:
    """Axes from training latents [n, z] and the levels [n, harmonics] they decode to; up is brighter."""
    mean = latents.mean(0)
    centred = (latents - mean).astype(np.float64)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(centred))
    white = (vectors / np.sqrt(np.maximum(values, values.max() * 1e-8))).T
    u = centred @ white.T
    clipped = np.maximum(levels_db, FLOOR_DB)
    slope = u.T @ (clipped - clipped.mean(0)) / len(u)  # [z, harmonics]
    rotation = np.linalg.svd(slope, full_matrices=False)[0].T
    forward = rotation @ white
    power = 10 ** (levels_db / 10)
    centroid = np.log2((power * np.arange(1, levels_db.shape[1] + 1)).sum(1) / power.sum(1))
    rising = (centred @ forward.T).T @ (centroid - centroid.mean())
    return Axes(mean, forward * np.where(rising < 0, -1.0, 1.0)[:, None])


class DecoderGraph(nn.Module):
    """latent [n, z] -> cycle [n, 2048]: unit RMS, no DC, the shared phases."""

    def __init__(self, model: Autoencoder, axes: Axes, phases: np.ndarray):
        super().__init__()
        self.model, self.axes, self.to_cycle = model, axes, ToCycle(phases)

    def levels_db(self, latent: Tensor) -> Tensor:
        """Latent -> levels in dB under the strongest."""
        levels = self.model.decoder(latent @ self.axes.back + self.axes.mean) * SCALE_DB + CENTRE_DB
        return levels - levels.amax(-1, keepdim=True)

    def forward(self, latent: Tensor) -> Tensor:
        """[n, z] -> [n, 2048]."""
        amplitudes = torch.exp(self.levels_db(latent) * DB_TO_NEPER)
        rms = torch.sqrt((amplitudes * amplitudes).sum(-1, keepdim=True) * 0.5)
        return self.to_cycle(amplitudes / rms)


class EncoderGraph(nn.Module):
    """cycle [n, 2048] at any level, rotation and polarity -> latent [n, z], from magnitudes alone."""

    def __init__(self, model: Autoencoder, axes: Axes, harmonics: int):
        super().__init__()
        self.model, self.axes, self.to_powers = model, axes, ToPowers(harmonics)

    def forward(self, cycle: Tensor) -> Tensor:
        """[n, 2048] -> [n, z]."""
        level = cycle.abs().amax(-1, keepdim=True).clamp(min=1e-20)
        powers = self.to_powers(cycle / level)
        relative = powers / powers.amax(-1, keepdim=True).clamp(min=1e-12)
        levels_db = torch.log(relative.clamp(min=10 ** (FLOOR_DB / 10))) * (10 / math.log(10))
        latent = self.model.encode((levels_db - CENTRE_DB) / SCALE_DB)
        return (latent - self.axes.mean) @ self.axes.matrix
