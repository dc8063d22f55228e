"""Pitch of a recording's steadiest part, and one mean cycle cut from it."""

import numpy as np

from .cycles import CYCLE_SIZE, MAX_HARMONICS, SampleError, to_cycle

LOWEST_HZ = 25.0
HIGHEST_HZ = 2500.0
LEAST_CLARITY = 0.6
WINDOW_S = 0.1
PERIODS = 8  # averaged into one cycle


def _autocorrelation(frame: np.ndarray, lags: int) -> np.ndarray:
    """Normalised square difference turned round (McLeod and Wyvill 2005): 1 = perfectly periodic. float64[lags]."""
    n = len(frame)
    spectrum = np.fft.rfft(frame, 2 * n)
    product = np.fft.irfft(np.abs(spectrum) ** 2)[:lags]
    squares = np.concatenate([[0.0], np.cumsum(frame**2)])
    lag = np.arange(lags)
    energy = squares[n - lag] + squares[n] - squares[lag]
    return 2 * product / np.maximum(energy, 1e-20)


def find_pitch(frame: np.ndarray, rate_hz: int) -> tuple[float, float]:
    """(frequency in Hz, clarity 0..1) of float64[n]; (nan, 0) where nothing repeats. n should span three periods."""
    frame = frame - frame.mean()
    lags = min(int(rate_hz / LOWEST_HZ) + 2, len(frame) // 2)
    shortest = max(2, int(rate_hz / HIGHEST_HZ))
    if lags < shortest + 3 or not frame.any():
        return float("nan"), 0.0
    clarity = _autocorrelation(frame, lags)
    falls = np.flatnonzero(clarity < 0)
    start = max(shortest, int(falls[0]) if len(falls) else lags)
    inner = clarity[start : lags - 1]
    peaks = start + 1 + np.flatnonzero((inner[1:-1] >= inner[:-2]) & (inner[1:-1] > inner[2:]))
    if not len(peaks):
        return float("nan"), 0.0
    best = next(int(p) for p in peaks if clarity[p] >= 0.9 * clarity[peaks].max())
    left, top, right = clarity[best - 1 : best + 2]
    shift = 0.5 * (left - right) / min(left - 2 * top + right, -1e-12)
    return rate_hz / (best + shift), float(top)


def cycle_of_recording(samples: np.ndarray, rate_hz: int) -> tuple[np.ndarray, float]:
    """(cycle float32[2048], pitch in Hz) of the clearest, loudest stretch. Raises SampleError where nothing repeats."""
    if not np.isfinite(samples).all():
        raise SampleError("holds values that are not numbers (NaN or infinity)")
    size = max(int(WINDOW_S * rate_hz), 2048)
    best = (0.0, float("nan"), 0)
    level = np.abs(samples).max() + 1e-12
    for start in range(0, max(len(samples) - size, 1), max(size // 2, (len(samples) - size) // 200 + 1)):
        frame = samples[start : start + size]
        freq_hz, clarity = find_pitch(frame, rate_hz)
        worth = clarity * (np.sqrt((frame**2).mean()) / level) ** 0.25
        if clarity >= LEAST_CLARITY and worth > best[0]:
            best = (worth, freq_hz, start)
    if not best[0]:
        raise SampleError("has no clear pitch; cut one cycle out of it, or give --as cycle or --frame-size")
    frame = samples[best[2] : best[2] + size]
    return _mean_cycle(frame, best[1], rate_hz), round(float(best[1]), 3)


def _mean_cycle(frame: np.ndarray, freq_hz: float, rate_hz: int) -> np.ndarray:
    """Harmonic amplitudes by projection on whole periods (Hann window): float[n] -> cycle float32[2048]."""
    periods = min(PERIODS, int(len(frame) * freq_hz / rate_hz))
    n = int(round(periods * rate_hz / freq_hz))
    if periods < 2 or n > len(frame):
        raise SampleError("is too short to cut a cycle from")
    count = max(1, min(MAX_HARMONICS, int(0.49 * rate_hz / freq_hz)))
    t = np.arange(n) * (freq_hz / rate_hz)
    windowed = (frame[:n] - frame[:n].mean()) * np.hanning(n + 2)[1:-1]
    spectrum = np.zeros(CYCLE_SIZE // 2 + 1, complex)
    for k in range(1, count + 1):
        spectrum[k] = windowed @ np.exp(-2j * np.pi * k * t) / n
    return to_cycle(np.fft.irfft(spectrum, CYCLE_SIZE) * CYCLE_SIZE)
