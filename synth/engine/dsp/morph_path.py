"""A morph path (`timbres/morph_path.py`): a latent moved from the straight line between corners to where sounds are.

Real-time: no allocation, no locks, no I/O, no Python.
"""

import numpy as np

from ..compile.jit import kernel

TERMS = 16  # sines of a path


@kernel
def follow_path(latent, weights, share, lower, upper, low, high):
    """Move one latent float32[z], in place, by `share` of how far the path lies from the line, and clip it to the ranges float32[z].

    weights: float32[4] of corners A to D. lower, upper: float32[TERMS, z], sines of the paths A to B and C to D.
    """
    size = latent.shape[0]
    x = min(max(np.float64(weights[1]) + weights[3], 0.0), 1.0)
    y = min(max(np.float64(weights[2]) + weights[3], 0.0), 1.0)
    if x > 0.0 and x < 1.0:
        sine, before, twice = np.sin(np.pi * x), 0.0, 2.0 * np.cos(np.pi * x)
        for m in range(TERMS):
            a, b = np.float32(share * (1.0 - y) * sine), np.float32(share * y * sine)
            for k in range(size):
                latent[k] += a * lower[m, k] + b * upper[m, k]
            sine, before = twice * sine - before, sine
    for k in range(size):
        latent[k] = min(max(latent[k], low[k]), high[k])
