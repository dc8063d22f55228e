"""Measures of a rendered tone, for `bench` on any machine: aliasing, droop, distortion and zipper noise, in dB.

Mono float arrays at sr_hz. A 7-term Blackman-Harris window (side lobes under -180 dB) puts the floor near -163 dB.
A test holds these to the referee's own measures.
"""

from collections.abc import Callable

import numpy as np

LOBE_BINS = 9
_WINDOW = (0.27105140069342, 0.43329793923448, 0.21812299954311, 0.06592544638803, 0.01081174209837, 0.00077658482522, 0.00001388721735)


def power_spectrum(x: np.ndarray, n: int) -> np.ndarray:
    """Mean-square power per bin of the first n samples, window-compensated: float64[n // 2 + 1]."""
    angle = 2 * np.pi * np.arange(n) / n
    window = sum((-1) ** i * c * np.cos(i * angle) for i, c in enumerate(_WINDOW))
    x = np.asarray(x, float)[:n]
    power = np.abs(np.fft.rfft((x - np.average(x, weights=window)) * window)) ** 2
    power[1:-1] *= 2
    return power / (n * np.sum(window**2))


def _lines(power, f0_hz, sr_hz, n):
    """(mask of bins that belong to harmonics, power of each harmonic)."""
    on, levels = np.zeros(len(power), bool), []
    for k in range(1, int(sr_hz / 2 / f0_hz) + 1):
        centre = int(round(k * f0_hz * n / sr_hz))
        part = slice(max(centre - LOBE_BINS, 0), centre + LOBE_BINS + 1)
        on[part] = True
        levels.append(power[part].sum())
    return on, np.array(levels)


def tone(x: np.ndarray, f0_hz: float, sr_hz: float, ideal: Callable = lambda k: 1 / k) -> tuple[float, float]:
    """(alias_db, droop_db) of a steady tone: energy off its harmonics over the total in 20 Hz..20 kHz, and the largest
    level error of a harmonic up to 16 kHz against `ideal(k)`, the fundamental at 0 dB.
    """
    n = 1 << min(18, int(np.log2(len(x))))
    power, freq = power_spectrum(x, n), np.arange(n // 2 + 1) * sr_hz / n
    on, levels = _lines(power, f0_hz, sr_hz, n)
    band = (freq >= 20) & (freq <= 20000)
    k = np.arange(1, len(levels) + 1)
    error = 10 * np.log10(np.maximum(levels, 1e-30) / levels[0]) - 20 * np.log10(ideal(k) / ideal(np.ones(1)))
    heard = k * f0_hz <= 16000
    return float(10 * np.log10(max(power[band & ~on].sum(), 1e-30) / power[band].sum())), float(np.abs(error[heard]).max(initial=0))


def thd_n_db(x: np.ndarray, f0_hz: float, sr_hz: float) -> float:
    """Distortion plus noise of a steady sine in 20 Hz..20 kHz, dB under the fundamental."""
    n = 1 << min(18, int(np.log2(len(x))))
    power, freq = power_spectrum(x, n), np.arange(n // 2 + 1) * sr_hz / n
    centre = int(round(f0_hz * n / sr_hz))
    line = np.zeros(len(power), bool)
    line[centre - LOBE_BINS:centre + LOBE_BINS + 1] = True
    band = (freq >= 20) & (freq <= 20000)
    return float(10 * np.log10(max(power[band & ~line].sum(), 1e-30) / power[line].sum()))


def spread_db(x: np.ndarray, f0_hz: float, sr_hz: float, width_hz: float = 60.0) -> float:
    """Zipper noise of a moving tone: energy further than width_hz from every harmonic over the total; f0 of 250 Hz or more."""
    n = len(x)
    power, freq = power_spectrum(x, n), np.arange(n // 2 + 1) * sr_hz / n
    band = (freq > 20) & (freq < 20000)
    off = band & (np.abs(freq - np.round(freq / f0_hz) * f0_hz) > width_hz)
    return float(10 * np.log10(max(power[off].sum(), 1e-30) / power[band].sum()))
