"""Equal loudness: one gain for a spectrum, so that A3 (220 Hz) has the same K-weighted power whatever the timbre (ITU-R BS.1770-4).

The gain is less where the peak would come too near full scale. Used on the audio thread and by the decode worker alike.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import math
from functools import cache

import numpy as np

from ..compile.jit import kernel
from ..compile.simd_math import greater, highest, load_at
from ..constants import HARMONICS, LANES
from .fft import harmonics_to_table

REFERENCE_HZ = 220.0  # A3
TARGET_RMS = 10 ** (-18 / 20)  # K-weighted, velocity 127
PEAK_LIMIT = 0.72  # velocity 100 (gain 0.62) then peaks under -6 dBFS with room for band-limiting
MOST_GAIN = 10 ** (30 / 20)
GRID = 4096  # samples of a waveform whose peak is looked for
LEAST_HARMONICS = 112  # that a spectrum must hold for its loudness: K-weighting hears A3 up to 24 kHz
_LOW, _LOW_GRID = 63, 512
_OVER = 1 / math.cos(math.pi * _LOW / _LOW_GRID)  # a waveform's peak over that of its samples, at most (Ehlich and Zeller, 1964)
_ENDLESS = 1e60
K_FILTERS = (  # BS.1770-4, tables 1 and 2: coefficients at 48 kHz
    ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585)),
    ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)),
)


@cache
def k_weights() -> np.ndarray:
    """Power weight of harmonic 1..1023 of A3: float64[1023]; 0 above 24 kHz."""
    freq_hz = REFERENCE_HZ * np.arange(1, HARMONICS + 1)
    z = np.exp(-2j * np.pi * freq_hz / 48000)
    weight = np.ones(HARMONICS)
    for b, a in K_FILTERS:
        weight *= np.abs(np.polyval(b[::-1], z) / np.polyval(a[::-1], z)) ** 2
    return np.where(freq_hz < 24000, weight, 0.0)


@kernel
def _peak(re, im, harmonics, size, twiddle, work, table):
    """Greatest sample of a waveform on a grid of `size`."""
    harmonics_to_table(re, im, harmonics, size, twiddle, work, table)
    top = load_at(table, 1)
    for j in range(1, size + 1, LANES):
        x = load_at(table, j)
        top = greater(top, greater(x, x * np.float32(-1.0)))
    return highest(top)


@kernel
def find_gain(re, im, harmonics, weight, twiddle, work, table):
    """Linear gain that brings a spectrum re, im float32[>= 1 + harmonics] to equal loudness; below 0 where it is not numbers.

    weight: of `k_weights`; work, table: float32 of `fft.WORK` and float32[>= GRID + 3] to work in. The waveform is made only where the
    sum of the amplitudes, or the peak of the low ones and the sum of the others, does not show already that its peak keeps the limit:
    the answer is the same, so loudness moves as smoothly as the latent does.
    """
    loud, total, most, upper = 0.0, 0.0, 0.0, 0.0
    for k in range(1, harmonics + 1):
        power = np.float64(re[k]) * re[k] + np.float64(im[k]) * im[k]
        loud += power * weight[k - 1]
        total += power
        most += np.sqrt(power)
    if not total < _ENDLESS:  # np.isfinite is always true under `FAST`
        return -1.0
    loud, total, gain = 0.5 * loud, 0.5 * total, 0.0
    if total >= 1e-16:
        gain = min(TARGET_RMS / np.sqrt(max(loud, 1e-30)), MOST_GAIN * TARGET_RMS / np.sqrt(total))
        if gain * most > PEAK_LIMIT:
            low = min(harmonics, _LOW)
            for k in range(low + 1, harmonics + 1):
                upper += np.sqrt(np.float64(re[k]) * re[k] + np.float64(im[k]) * im[k])
            if gain * (_OVER * _peak(re, im, low, _LOW_GRID, twiddle, work, table) + upper) > PEAK_LIMIT:
                gain = min(gain, PEAK_LIMIT / max(_peak(re, im, harmonics, GRID, twiddle, work, table), 1e-9))
    return gain


@kernel
def level_row(re, im, harmonics, weight, twiddle, work, table):
    """Scale a spectrum re, im float32[>= 1 + harmonics] to equal loudness in place; False, and left, where it is not numbers.

    weight, twiddle, work, table: as of `find_gain`.
    """
    gain = find_gain(re, im, harmonics, weight, twiddle, work, table)
    if gain < 0.0:
        return False
    scale = np.float32(gain)
    for k in range(1, harmonics + 1):
        re[k] *= scale
        im[k] *= scale
    return True
