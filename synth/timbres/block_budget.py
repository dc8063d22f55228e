"""How much decoding a block of this machine can take: measured at the start, and told in a take's log, so that it repeats anywhere."""

import time

import numpy as np

from ..engine.constants import TICK
from ..engine.dsp import network
from .network_builder import Builder, Linear, on_a_line

SHARE = 0.15  # of the time that a block lasts
_SIZE, _LAYERS, _TIMES = 256, 3, 8


def affordable_products(blocksize: int, sr_hz: int) -> int:
    """Multiplications that take at most SHARE of a block, or of a tick where a block holds several; takes some milliseconds."""
    return int(SHARE * min(blocksize, TICK) / sr_hz * _products_per_s())


def _products_per_s() -> float:
    """Multiplications that a network of a decoder's size does in a second, four rows at a time: the best of a few times."""
    builder, matrix = Builder(_SIZE), np.full((_SIZE, _SIZE), 1e-3, np.float32)
    value: Linear = builder.latent
    for _ in range(_LAYERS):
        value = builder.silu(builder.product(value, matrix))
    found = builder.finish([value])
    work, latents = on_a_line(np.zeros(network.ROWS * found.stride, np.float32)), np.ones((network.ROWS, _SIZE), np.float32)
    out, spent_s = np.empty((network.ROWS, _SIZE), np.float32), []
    for _ in range(_TIMES):
        began = time.perf_counter()
        network.decode_amplitudes(found.steps, found.weights, work, found.stride, found.levels_at, latents, out)
        spent_s.append(time.perf_counter() - began)
    return network.ROWS * found.products(_SIZE) / min(spent_s)
