"""A key between recorded ones: latents of the zones around it, mixed. Nothing of sound is mixed, so nothing phases.

Of each zone what holds over time is taken, not the flicker of its own frames: that is chance, another note has another. The weights
are those of a straight line through the zones near the key (local linear regression, Cleveland 1979), which lean on the nearest.
"""

from collections.abc import Sequence

import numpy as np

from .zone import Zone

_BANDWIDTH_KEYS = 3.75
_FARTHEST_KEYS = 12
_RIDGE = 2.0  # on the line's slope: far zones must not tilt it
_FINE_S, _WIDEST_S, _WIDENS = 0.01, 0.15, 0.25  # Gaussian over time: this wide at the onset, at most, and its growth
_GRID_S = 0.01


def key_weights(keys: Sequence[int], key: float) -> np.ndarray:
    """Weights of zones at `keys` for a key, sum 1: float64[n]. Beyond the outermost zone that zone alone."""
    at = np.asarray(keys, float)
    if key <= at.min() or key >= at.max():
        return (at == (at.min() if key <= at.min() else at.max())) / max((at == (at.min() if key <= at.min() else at.max())).sum(), 1)
    near = np.where(np.abs(at - key) <= max(_FARTHEST_KEYS, np.sort(np.abs(at - key))[min(1, len(at) - 1)]),
                    np.exp(-0.5 * ((at - key) / _BANDWIDTH_KEYS) ** 2), 0)
    near = np.maximum(near, 1e-9 * (near == near.max()))
    line = np.stack([np.ones(len(at)), at - key], 1)
    found = np.linalg.solve((line * near[:, None]).T @ line + np.diag([0.0, _RIDGE]), (line * near[:, None]).T)[0]
    return found / found.sum()


def smooth_latents(zone: Zone, time_s: np.ndarray) -> np.ndarray:
    """A zone's latents without their flicker: a Gaussian over time, narrow at the onset. float64[len(time_s), z]."""
    grid_s = np.arange(0, zone.end_s + _GRID_S, _GRID_S)
    rows = zone.latents_at(grid_s)
    width_s = np.minimum(_WIDEST_S, _FINE_S + _WIDENS * np.asarray(time_s))
    weights = np.exp(-0.5 * ((grid_s - np.asarray(time_s)[:, None]) / width_s[:, None]) ** 2)
    return (weights / np.maximum(weights.sum(1, keepdims=True), 1e-300)) @ rows
