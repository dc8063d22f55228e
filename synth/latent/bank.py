"""Cycles -> spectra at equal loudness: what the decode worker publishes.

The gain makes A3 (220 Hz) equally loud in K-weighted power (ITU-R BS.1770-4), whatever the timbre; it is less where
the peak would come too near full scale. The engine makes the band-limited tables from the spectrum.
"""

from functools import cache

import numpy as np

HARMONICS = 1023
REFERENCE_HZ = 220.0  # A3
TARGET_RMS = 10 ** (-18 / 20)  # K-weighted, velocity 127
PEAK_LIMIT = 0.72  # velocity 100 (gain 0.62) then peaks under -6 dBFS with room for band-limiting
_MOST_GAIN = 10 ** (30 / 20)
_K_FILTERS = (  # BS.1770-4, tables 1 and 2: coefficients at 48 kHz
    ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585)),
    ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)),
)


@cache
def k_weights() -> np.ndarray:
    """Power weight of harmonic 1..1023 of A3: float64[1023]; 0 above 24 kHz."""
    freq_hz = REFERENCE_HZ * np.arange(1, HARMONICS + 1)
    z = np.exp(-2j * np.pi * freq_hz / 48000)
    weight = np.ones(HARMONICS)
    for b, a in _K_FILTERS:
        weight *= np.abs(np.polyval(b[::-1], z) / np.polyval(a[::-1], z)) ** 2
    return np.where(freq_hz < 24000, weight, 0.0)


def harmonics_of(cycle: np.ndarray, most: int = HARMONICS) -> np.ndarray:
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
    spectrum = np.zeros(2049, complex)
    spectrum[:len(h)] = h[:2049]
    return float(np.abs(np.fft.irfft(spectrum, 4096)).max() * 2048)


def gain_of(h: np.ndarray, peak: float | None = None) -> float:
    """Linear gain for equal loudness of complex harmonics h[1 + n]; 0 for silence."""
    power = np.abs(h[1:]) ** 2 / 2
    loud = float(power @ k_weights()[:len(power)])
    total = float(power.sum())
    if not np.isfinite(total) or total < 1e-16:
        return 0.0
    gain = min(TARGET_RMS / max(loud, 1e-30) ** 0.5, _MOST_GAIN * TARGET_RMS / total**0.5)
    return min(gain, PEAK_LIMIT / max(peak if peak is not None else peak_of(h), 1e-9))


def spectrum_of_harmonics(h: np.ndarray, peak: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    """(re, im) float32[1 + n] of complex harmonics, at equal loudness."""
    h = h * gain_of(h, peak)
    return h.real.astype(np.float32), h.imag.astype(np.float32)


def spectrum_of_cycle(cycle: np.ndarray, most: int = HARMONICS) -> tuple[np.ndarray, np.ndarray]:
    """(re, im) float32[1 + n] of one cycle, at equal loudness. `most`: harmonics above it are dropped."""
    return spectrum_of_harmonics(harmonics_of(cycle, most))
