"""Cycles -> spectra at equal loudness: what the decode worker publishes.

The gain makes A3 (220 Hz) equally loud in K-weighted power (ITU-R BS.1770-4), whatever the timbre; it is less where
the peak would come too near full scale. The engine makes the band-limited tables from the spectrum.
"""

from functools import cache

import numpy as np

from ..engine.compile.jit import kernel
from ..engine.constants import HARMONICS
from ..engine.dsp.fft import WORK, twiddles
from ..engine.dsp.loudness import GRID, K_FILTERS, MOST_GAIN, PEAK_LIMIT, REFERENCE_HZ, TARGET_RMS, k_weights, level_row

__all__ = ["HARMONICS", "MOST_GAIN", "PEAK_LIMIT", "REFERENCE_HZ", "TARGET_RMS", "cycle_harmonics", "gain_of", "k_response",
           "k_weights", "level", "peak_of", "spectrum_of_cycle", "spectrum_of_harmonics", "spread"]



def k_response(freq_hz: np.ndarray) -> np.ndarray:
    """Gain of the K-weighting at frequencies float[n], linear."""
    z = np.exp(-2j * np.pi * np.asarray(freq_hz, float) / 48000)
    gain = np.ones(len(z))
    for b, a in K_FILTERS:
        gain *= np.abs(np.polyval(b[::-1], z) / np.polyval(a[::-1], z))
    return gain


def cycle_harmonics(cycle: np.ndarray, most: int = HARMONICS) -> np.ndarray:
    """Complex amplitudes of a cycle of any length: complex128[1 + n]; sample j is the real part of sum_k h[k] e^(2 pi i k j / N)."""
    cycle = np.asarray(cycle, float)
    h = np.fft.rfft(cycle) * (2 / len(cycle))
    if len(cycle) % 2 == 0:
        h = h[:-1]  # half the rate is no harmonic: its phase is not known
    h = h[:most + 1].copy()
    h[0] = 0
    return h


def peak_of(h: np.ndarray) -> float:
    """Peak of the waveform of complex harmonic amplitudes, on a grid of 4,096."""
    spectrum = np.zeros(GRID // 2 + 1, complex)
    spectrum[:len(h)] = h[:len(spectrum)]
    return float(np.abs(np.fft.irfft(spectrum, GRID)).max() * GRID / 2)


def gain_of(h: np.ndarray, peak: float | None = None) -> float:
    """Linear gain for equal loudness of complex harmonics h[1 + n]; 0 for silence."""
    power = np.abs(h[1:]) ** 2 / 2
    loud = float(power @ k_weights()[:len(power)])
    total = float(power.sum())
    if not np.isfinite(total) or total < 1e-16:
        return 0.0
    gain = min(TARGET_RMS / max(loud, 1e-30) ** 0.5, MOST_GAIN * TARGET_RMS / total**0.5)
    return min(gain, PEAK_LIMIT / max(peak if peak is not None else peak_of(h), 1e-9))


def spectrum_of_harmonics(h: np.ndarray, peak: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    """(re, im) float32[1 + n] of complex harmonics, at equal loudness."""
    h = h * gain_of(h, peak)
    return h.real.astype(np.float32), h.imag.astype(np.float32)


def spectrum_of_cycle(cycle: np.ndarray, most: int = HARMONICS) -> tuple[np.ndarray, np.ndarray]:
    """(re, im) float32[1 + n] of one cycle, at equal loudness. `most`: harmonics above it are dropped."""
    return spectrum_of_harmonics(cycle_harmonics(cycle, most))


@cache
def _twiddles() -> np.ndarray:
    return twiddles()


@kernel
def spread(amplitudes, cosine, sine, re, im):
    """Amplitudes float32[n, h] with shared phases -> re, im float32[n, 1 + h]."""
    n, h = amplitudes.shape
    for i in range(n):
        re[i, 0] = 0.0
        im[i, 0] = 0.0
        for k in range(h):
            re[i, 1 + k] = amplitudes[i, k] * cosine[k]
            im[i, 1 + k] = amplitudes[i, k] * sine[k]


@kernel
def _level(re, im, weight, twiddle, work, table, bad):
    """Scale each row to equal loudness in place; marks rows that are not numbers, and leaves them."""
    for i in range(re.shape[0]):
        bad[i] = not level_row(re[i], im[i], re.shape[1] - 1, weight, twiddle, work, table)


def level(re: np.ndarray, im: np.ndarray) -> np.ndarray:
    """Scale rows of harmonics (re, im), float32[n, 1 + h] each, to equal loudness, in place; answers bool[n]: not numbers.

    `gain_of` in one compiled pass that lets go of the GIL. A row comes out the same whatever else is in the batch.
    """
    n, width = re.shape
    if width > HARMONICS + 1:
        raise ValueError(f"{width - 1} harmonics are more than {HARMONICS}")
    work, table = np.empty(WORK, np.float32), np.empty(GRID + 3, np.float32)
    bad = np.zeros(n, bool)
    _level(re, im, k_weights(), _twiddles(), work, table, bad)
    return bad
