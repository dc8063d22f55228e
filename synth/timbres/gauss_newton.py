"""Refine encoded latents: a few damped Gauss-Newton steps through batched decodes. Plain numpy, no torch.

Levenberg 1944, Marquardt 1963, with finite differences for the Jacobian: a decode is cheap, and a model made by others
has no gradient to offer.
"""

import numpy as np

from ..samples.spectrum import LSD_HARMONICS, erb_bank, floored_db, magnitudes, pooled_db
from .model import Model

STEPS = 12
ERB_WEIGHT = 1.0
NUDGE = 0.02  # of a latent's standard deviation
MOST_ROWS = 2048  # decoded at once


def _residual_space(cycles: np.ndarray, bank: np.ndarray) -> np.ndarray:
    """Cycles [n, 2048] -> [n, bins + bands]: floored dB scaled so that squared distances are LSD^2 + w ERB-LSD^2."""
    amplitudes = magnitudes(cycles, LSD_HARMONICS)
    levels = floored_db(amplitudes) / np.sqrt(LSD_HARMONICS)
    return np.concatenate([levels, pooled_db(amplitudes, bank) * np.sqrt(ERB_WEIGHT / len(bank))], 1)


def _decoded(model: Model, latents: np.ndarray, bank: np.ndarray) -> np.ndarray:
    parts = [
        _residual_space(model.decode(latents[i : i + MOST_ROWS]), bank) for i in range(0, len(latents), MOST_ROWS)
    ]
    return np.concatenate(parts)


def refine(model: Model, cycles: np.ndarray, latents: np.ndarray, steps: int = STEPS) -> np.ndarray:
    """Latents [n, z] moved to where the model draws `cycles` [n, 2048] best, inside the model's ranges: float32[n, z].

    Never worse than the start clipped to the ranges, by LSD^2 + ERB-LSD^2.
    """
    bank = erb_bank()
    low, high = model.low.astype(float), model.high.astype(float)
    z = np.clip(np.asarray(latents, float), low, high)
    target = _residual_space(cycles, bank)
    now = _decoded(model, z, bank)
    cost = ((now - target) ** 2).sum(1)
    damping = np.full(len(z), 0.1)
    nudge = NUDGE * model.std.astype(float)
    for _ in range(steps):
        jacobian = _jacobian(model, z, now, nudge, high, bank)
        moved = np.clip(z + _step(jacobian, target - now, damping, model.std), low, high)
        there = _decoded(model, moved, bank)
        cost_there = ((there - target) ** 2).sum(1)
        better = cost_there < cost
        z[better], now[better], cost[better] = moved[better], there[better], cost_there[better]
        damping = np.where(better, damping / 3, damping * 4).clip(1e-4, 1e4)
    return z.astype(np.float32)


def _jacobian(model: Model, z: np.ndarray, now: np.ndarray, nudge: np.ndarray, high: np.ndarray,
              bank: np.ndarray) -> np.ndarray:
    """Finite differences [n, z, residuals], stepping inwards at the upper limit."""
    n, size = z.shape
    signed = np.where(z + nudge > high, -nudge, nudge)  # [n, z]
    shifted = z[:, None] + signed[:, :, None] * np.eye(size)
    there = _decoded(model, shifted.reshape(n * size, size), bank).reshape(n, size, -1)
    return (there - now[:, None]) / signed[:, :, None]


def _step(jacobian: np.ndarray, missing: np.ndarray, damping: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Damped normal equations, one small solve per cycle: [n, z]."""
    normal = jacobian @ jacobian.transpose(0, 2, 1)
    scale = np.einsum("nii->ni", normal).mean(1, keepdims=True) / std.astype(float) ** 2 * (std**2).mean()
    normal = normal + np.eye(len(std)) * (damping[:, None] * scale + 1e-9)[:, None]
    slope = np.einsum("nzr,nr->nz", jacobian, missing)
    return np.linalg.solve(normal, slope[..., None])[..., 0]
