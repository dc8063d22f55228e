"""Latents of a note's frames, and its fingerprint: what a model draws nearest to harmonics that were measured.

As `timbres.gauss_newton`, but on levels from `amplitudes.onnx` (a third of a decode) and with one Jacobian for all steps: frames of
a note start near, so two or three steps are enough. Levels are floored dB at unit RMS, the residual LSD^2 + 0.85 ERB-LSD^2.
"""

from typing import Protocol

import numpy as np

from ..samples.spectrum import LSD_HARMONICS, erb_bank, floored_db, pooled_db, unit_rms

FINGERPRINT_HARMONICS = 32
FINGERPRINT_STEP_DB = 0.25  # of its 8 bits: -31.75 to 31.75 dB
_NUDGE = 0.02  # of a latent's standard deviation
_STEPS = 3
_ERB_WEIGHT = 0.85  # beside LSD: 1 gives 2.41 / 0.89 dB on ten instruments, this 2.40 / 0.93
_MOST_ROWS = 2048


class Drawer(Protocol):
    """What latents are fitted through: a `Model`, or one that is being trained. Its ranges and spread float32[z]."""

    @property
    def low(self) -> np.ndarray: ...  # noqa: D102

    @property
    def high(self) -> np.ndarray: ...  # noqa: D102

    @property
    def std(self) -> np.ndarray: ...  # noqa: D102

    def amplitudes(self, latents: np.ndarray) -> np.ndarray: ...  # noqa: D102


def drawn_amplitudes(model: Drawer, latents: np.ndarray, count: int = LSD_HARMONICS) -> np.ndarray:
    """Amplitudes of the first harmonics, unit RMS over them: float64[n, count]."""
    parts = [model.amplitudes(latents[i:i + _MOST_ROWS])[:, :count] for i in range(0, len(latents), _MOST_ROWS)]
    return unit_rms(np.concatenate(parts).astype(float))


def shaped(amplitudes: np.ndarray, offsets_db: np.ndarray) -> np.ndarray:
    """Amplitudes [n, h] with offsets in dB [n, m] on their first harmonics, unit RMS again."""
    if not offsets_db.size:
        return amplitudes
    count = min(offsets_db.shape[1], amplitudes.shape[1])
    changed = amplitudes.copy()
    changed[:, :count] *= 10 ** (offsets_db[:, :count] / 20)
    return unit_rms(changed)


def residual_space(amplitudes: np.ndarray, bank: np.ndarray) -> np.ndarray:
    """Amplitudes [n, 127] -> floored dB scaled so that squared distances are LSD^2 + 0.85 ERB-LSD^2: [n, 127 + bands]."""
    bands = pooled_db(amplitudes, bank) * np.sqrt(_ERB_WEIGHT / len(bank))
    return np.concatenate([floored_db(amplitudes) / np.sqrt(amplitudes.shape[1]), bands], 1)


def fit_latents(model: Drawer, target: np.ndarray, start: np.ndarray, offsets_db: np.ndarray, steps: int = _STEPS) -> np.ndarray:
    """Latents [n, z] from `start`, inside the model's ranges, whose harmonics with the offsets lie nearest the target's [n, 127]."""
    bank = erb_bank()
    low, high, std = (x.astype(float) for x in (model.low, model.high, model.std))
    z = np.clip(start.astype(float), low, high)

    def drawn(latents: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        return residual_space(shaped(drawn_amplitudes(model, latents.astype(np.float32)), offsets), bank)

    wanted = residual_space(unit_rms(target), bank)
    now = drawn(z, offsets_db)
    cost = ((now - wanted) ** 2).sum(1)
    size = len(std)
    signed = np.where(z + _NUDGE * std > high, -_NUDGE, _NUDGE) * std
    moved = (z[:, None] + signed[:, :, None] * np.eye(size)).reshape(-1, size)
    slope = (drawn(moved, np.repeat(offsets_db, size, 0)).reshape(len(z), size, -1) - now[:, None]) / signed[:, :, None]
    normal = slope @ slope.transpose(0, 2, 1)
    scale = np.einsum("nii->n", normal) / size
    damping = np.full(len(z), 0.03)
    for _ in range(steps):
        system = normal + np.eye(size) * (damping * scale + 1e-9)[:, None, None]
        step = np.linalg.solve(system, np.einsum("nzr,nr->nz", slope, wanted - now)[..., None])[..., 0]
        there_z = np.clip(z + step, low, high)
        there = drawn(there_z, offsets_db)
        cost_there = ((there - wanted) ** 2).sum(1)
        better = cost_there < cost
        z[better], now[better], cost[better] = there_z[better], there[better], cost_there[better]
        damping = np.where(better, damping / 3, damping * 6)
    return z.astype(np.float32)


def fingerprint_weights(time_s: np.ndarray, knots_s: np.ndarray) -> np.ndarray:
    """Weights [n, 2] of the two knots at times: a straight line between them, held outside."""
    later = np.clip((time_s - knots_s[0]) / max(knots_s[1] - knots_s[0], 1e-6), 0, 1)
    return np.stack([1 - later, later], 1)


def fit_fingerprint(target: np.ndarray, drawn: np.ndarray, weights: np.ndarray, known: int) -> np.ndarray:
    """Offsets in dB [2, 32] that lead drawn amplitudes [n, 127] nearest to the target's, in steps of 0.25 dB.

    A harmonic that is at its floor in the target tells nothing; those above `known` keep 0.
    """
    count = min(FINGERPRINT_HARMONICS, known)
    wanted_db, drawn_db = floored_db(unit_rms(target)), floored_db(drawn)
    missing = (wanted_db - drawn_db)[:, :count]
    ridge = weights.T @ weights + 0.02 * len(weights) * np.eye(2)
    offsets = np.zeros((2, FINGERPRINT_HARMONICS))
    offsets[:, :count] = np.linalg.solve(ridge, weights.T @ missing)
    return np.clip(np.rint(offsets / FINGERPRINT_STEP_DB), -127, 127) * FINGERPRINT_STEP_DB
