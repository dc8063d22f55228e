"""Frames of a warped note: the levels of its partials, and what lies between them in 24 ERB bands."""

from dataclasses import dataclass

import numpy as np

from .stiffness import partial_numbers
from .warp import PERIODS, Warped, frames_at

NOISE_BANDS = 24
NOISE_LOW_HZ, NOISE_HIGH_HZ = 50.0, 16_000.0
MOST_PARTIALS = 1023
_PADDED = 4  # times zeros behind a frame where partials do not fall on bins
_HANN_POWER = 1.5  # sum of a harmonic's three bins squared, over its amplitude squared
_AROUND = 1.5  # bins on each side of a partial that are its own


def erb_edges_hz() -> np.ndarray:
    """25 edges of the noise bands, evenly spaced in ERB (Glasberg and Moore 1990): 50 Hz to 16 kHz."""
    low, high = (21.4 * np.log10(1 + 0.00437 * f) for f in (NOISE_LOW_HZ, NOISE_HIGH_HZ))
    return (10 ** (np.linspace(low, high, NOISE_BANDS + 1) / 21.4) - 1) / 0.00437


@dataclass(frozen=True)
class Frames:
    """Frames of one note at `time_s` of the recording, pitch `freq_hz` float64[n].

    amplitudes float64[n, partials]; total, between float64[n, 24]: power in the noise bands, all of it and what is no partial
    (as if it went on beneath the partials).
    """

    time_s: np.ndarray
    freq_hz: np.ndarray
    amplitudes: np.ndarray
    total: np.ndarray
    between: np.ndarray

    @property
    def level(self) -> np.ndarray:
        """RMS of the partials, float64[n]."""
        return np.sqrt((self.amplitudes**2).sum(1) / 2)


def partials_in_band(freq_hz: float, rate_hz: int) -> int:
    """How many partials of a pitch lie under 0.95 of half the rate."""
    return max(1, min(MOST_PARTIALS, int(0.475 * rate_hz / freq_hz)))


def measure_frames(warped: Warped, time_s: np.ndarray, stiffness: float = 0.0) -> Frames:
    """Partials and bands of six periods around each time, under a Hann window."""
    freq_hz = warped.pitch_at(time_s)
    size = PERIODS * warped.period
    window = np.hanning(size + 1)[:-1]
    frames = frames_at(warped, warped.cycle_at(time_s)) * window
    spectra = np.abs(np.fft.rfft(frames, axis=1)) * (2 / window.sum())
    numbers = partial_numbers(min(partials_in_band(float(np.median(freq_hz)), warped.rate_hz), warped.period // 2 - 1), stiffness)
    numbers = numbers[numbers < warped.period / 2 - 0.5]
    if stiffness:
        fine = np.abs(np.fft.rfft(frames, _PADDED * size, axis=1)) * (2 / window.sum())
        amplitudes = fine[:, np.rint(numbers * PERIODS * _PADDED).astype(int)]
    else:
        amplitudes = spectra[:, PERIODS * np.arange(1, len(numbers) + 1)]
    total, between = _bands(spectra, freq_hz, numbers)
    return Frames(np.asarray(time_s, float), freq_hz, amplitudes, total, between)


def _bands(spectra: np.ndarray, freq_hz: np.ndarray, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Power in the noise bands of all bins, and of those between partials scaled to stand for all: float64[n, 24] twice."""
    bins = np.arange(spectra.shape[1])
    nearest = numbers[np.clip(np.searchsorted(0.5 * (numbers[1:] + numbers[:-1]), bins / PERIODS), 0, len(numbers) - 1)]
    free = (np.abs(bins - nearest * PERIODS) > _AROUND) & (bins > 0)
    power = spectra**2 / (2 * _HANN_POWER)
    edges = erb_edges_hz()
    total, between = np.zeros((len(spectra), NOISE_BANDS)), np.zeros((len(spectra), NOISE_BANDS))
    for row in range(len(spectra)):
        limits = np.searchsorted(bins * freq_hz[row] / PERIODS, edges)
        whole = np.concatenate([[0], np.cumsum(power[row])])
        open_power = np.concatenate([[0], np.cumsum(power[row] * free)])
        open_count = np.concatenate([[0], np.cumsum(free)])
        total[row] = np.diff(whole[limits])
        counted, n_bins = np.diff(open_count[limits]), np.diff(limits)
        between[row] = np.diff(open_power[limits]) * n_bins / np.maximum(counted, 1)
    return total, between


def band_powers_of(amplitudes: np.ndarray, freq_hz: np.ndarray, stiffness: float = 0.0) -> np.ndarray:
    """Power that partials [n, count] put into the noise bands: float64[n, 24]."""
    numbers = partial_numbers(amplitudes.shape[1], stiffness)
    band = np.searchsorted(erb_edges_hz(), freq_hz[:, None] * numbers) - 1
    found = np.zeros((len(amplitudes), NOISE_BANDS))
    for index in range(NOISE_BANDS):
        found[:, index] = np.where(band == index, amplitudes**2, 0).sum(1) / 2
    return found
