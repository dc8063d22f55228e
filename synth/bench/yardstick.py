"""This machine's own unit of cost: a bare two-frame linear wavetable voice in numba, ns per sample per voice.

Nanoseconds drift with a machine and its load; multiples of this, timed just before and after, hold far better.
Line for line the referee's (tests/measures/yardstick.py), compiled with the same options: the two must agree.
"""

import time

import numba
import numpy as np

from ..engine.compile import jit  # noqa: F401 - says where compiled code is kept

N_TABLE, N_VOICES, N_FRAMES = 2048, 16, 128


@numba.njit(fastmath=True, cache=True)
def _block(tables, phase, step, gain0, gain1, out):
    for v in range(phase.shape[0]):
        p, d, g = phase[v], step[v], gain0[v]
        dg = (gain1[v] - gain0[v]) / out.shape[0]
        mix = np.float32(0.3)
        for i in range(out.shape[0]):
            k = p >> np.uint32(21)
            t = np.float32(p & np.uint32(0x1FFFFF)) * np.float32(1 / 2097152)
            a = tables[0, k] + mix * (tables[1, k] - tables[0, k])
            b = tables[0, k + 1] + mix * (tables[1, k + 1] - tables[0, k + 1])
            out[i] += (a + t * (b - a)) * g
            g += dg
            p = np.uint32(p + d)
        phase[v] = p


def ns_per_sample_voice(blocks: int = 4000, repeats: int = 3) -> float:
    """Best of `repeats` processor timings of `blocks` blocks of 16 voices x 128 frames."""
    rng = np.random.default_rng(0)
    tables = rng.standard_normal((2, N_TABLE + 4)).astype(np.float32)
    phase = np.zeros(N_VOICES, np.uint32)
    step = (440 * 2 ** (np.arange(N_VOICES) / 12) / 48000 * 2**32).astype(np.uint32)
    gain, out = np.full(N_VOICES, 0.02, np.float32), np.zeros(N_FRAMES, np.float32)
    _block(tables, phase, step, gain, gain, out)
    best = np.inf
    for _ in range(repeats):
        start = time.process_time()
        for _ in range(blocks):
            out[:] = 0
            _block(tables, phase, step, gain, gain, out)
        best = min(best, time.process_time() - start)
    return best / blocks / N_FRAMES / N_VOICES * 1e9
