"""A model along a path of latents that a preset brings: the frames of a wavetable, encoded."""

import numpy as np

from ..patch.latent_path import LatentPath
from .source import ModelSource


class LatentPathSource(ModelSource):
    """A model whose position goes along `path`, rows of latents at equal steps from 0 to 1, not the line from first to last.

    What the path lies off that line is added to every played point, whatever corners, offsets and modulation made of it, on a smooth curve
    through the rows (Catmull and Rom): a swept position meets no kink.
    """

    def __init__(self, source: ModelSource, path: LatentPath):
        super().__init__(source.model, source.map)
        self.morph_paths = source.morph_paths
        rows = np.asarray(path, float)
        line = rows[0] + np.linspace(0, 1, len(rows))[:, None] * (rows[-1] - rows[0])
        self._away = (rows - line).astype(np.float32)
        slopes = np.gradient(rows - line, axis=0)
        self._slopes = slopes.astype(np.float32)

    def spectra(self, points, weights, amounts):
        """Moved off the line by the weights' position, then as the model's."""
        weights = np.asarray(weights, np.float32)
        x = np.clip(weights[:, 1] + weights[:, 3], 0, 1) * np.float32(len(self._away) - 1)
        i = np.minimum(x.astype(int), len(self._away) - 2)
        t = (x - i.astype(np.float32))[:, None]
        a, b, slope_a, slope_b = self._away[i], self._away[i + 1], self._slopes[i], self._slopes[i + 1]
        rise = b - a
        moved = a + t * rise + t * (1 - t) * ((1 - t) * (slope_a - rise) + t * (rise - slope_b))
        points = np.clip(np.asarray(points, np.float32) + moved, self.low, self.high)
        return super().spectra(np.ascontiguousarray(points), weights, amounts)
