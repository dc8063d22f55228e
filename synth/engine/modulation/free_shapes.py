"""Free shapes of LFOs as the audio thread holds them: FREE_SHAPE records, made beforehand from a patch's points."""

from collections.abc import Mapping

import numpy as np

from ...params.knobs import MAX_LFO_POINTS, N_LFOS
from ...patch.lfo_shape import FIRST_SHAPE, LFO_NAMES, Shape
from ..dsp import lfo
from .records import FREE_SHAPE


def free_shapes(shapes: Mapping[str, Shape]) -> np.ndarray:
    """FREE_SHAPE[N_LFOS] of shapes by LFO; those that are not drawn stand as they begin."""
    found = np.zeros(N_LFOS, FREE_SHAPE)
    for row, name in zip(found, LFO_NAMES, strict=True):
        points = np.array(shapes.get(name, FIRST_SHAPE), np.float32)
        n = min(len(points), MAX_LFO_POINTS)
        row["n"] = n
        row["place"][:n], row["level"][:n], row["bend"][:n] = points[:n].T
        row["place"][n:] = 1.0
        lfo.note_jumps.py_func(row)
    return found
