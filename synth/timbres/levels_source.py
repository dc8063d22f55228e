"""Levels of harmonics as a latent space of their own: what an instrument of recordings is played on when its model is gone."""

import numpy as np

from .source import _Batched

LOWEST_DB, HIGHEST_DB = -100.0, 20.0


class LevelsSource(_Batched):
    """Latents that are levels in dB of as many harmonics, with the phases of sines. middle: float[n], what corners are without others."""

    sha256 = ""

    def __init__(self, name: str, middle: np.ndarray):
        self.name, self._middle = name, np.asarray(middle, float)
        self.latent_size = len(self._middle)
        self.low = np.full(self.latent_size, LOWEST_DB, np.float32)
        self.high = np.full(self.latent_size, HIGHEST_DB, np.float32)
        self.latent_names = tuple(f"Harmonic {k + 1}" for k in range(self.latent_size))

    def spectra(self, points, weights, amounts):
        """Levels as amplitudes."""
        points = np.asarray(points, np.float32)
        re, im = (np.zeros((len(points), 1 + self.latent_size), np.float32) for _ in range(2))
        im[:, 1:] = -(np.float32(10.0) ** (points / np.float32(20.0)))
        return self._levelled(re, im)

    def corners(self):
        """All of them in the middle."""
        return np.tile(self._middle, (4, 1))
