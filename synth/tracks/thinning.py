"""Fewer knots where a straight line between others draws a frame as well."""

import numpy as np

from ..samples.spectrum import erb_bank, unit_rms
from ..timbres.model import Model
from .fitting import drawn_amplitudes, residual_space, shaped

_WORSE_DB = 0.1  # of sqrt(LSD^2 + ERB-LSD^2), that a frame may become
_SPANS = (2, 4, 8)  # steps between knots that are tried, each only where the one before held


def find_knots(model: Model, target: np.ndarray, time_s: np.ndarray, latents: np.ndarray, offsets_db: np.ndarray) -> np.ndarray:
    """Which of a track's rows are needed: bool[n], first and last always. target [n, 127], offsets in dB [n, 32]."""
    bank = erb_bank()
    wanted = residual_space(unit_rms(target), bank)

    def distance(rows: np.ndarray, values: np.ndarray) -> np.ndarray:
        drawn = shaped(drawn_amplitudes(model, values.astype(np.float32)), offsets_db[rows])
        return np.sqrt(((residual_space(drawn, bank) - wanted[rows]) ** 2).sum(1))

    own = distance(np.arange(len(target)), latents)
    kept = np.ones(len(target), bool)
    for span in _SPANS:
        starts = [i for i in range(0, len(target) - span, span) if kept[i:i + span + 1].sum() <= 3 and kept[i] and kept[i + span]]
        if not starts:
            break
        inner = np.array([[i + k for k in range(1, span)] for i in starts])  # [blocks, span - 1]
        left, right = np.array(starts)[:, None], np.array(starts)[:, None] + span
        part = ((time_s[inner] - time_s[left]) / (time_s[right] - time_s[left]))[..., None]
        values = (latents[left] * (1 - part) + latents[right] * part).reshape(inner.size, -1)
        worse = (distance(inner.ravel(), values) - own[inner.ravel()]).reshape(inner.shape)
        kept[inner[(worse < _WORSE_DB).all(1)].ravel()] = False
    return kept
