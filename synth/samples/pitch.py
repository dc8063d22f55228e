"""Pitch of a recording's steady parts, and mean cycles cut from them."""

from dataclasses import dataclass

import numpy as np

from .cycles import CYCLE_SIZE, MAX_HARMONICS, SampleError, to_cycle
from .spectrum import lsd

LOWEST_HZ = 25.0
HIGHEST_HZ = 2500.0
LEAST_CLARITY = 0.6
WINDOW_S = 0.1
PERIODS = 8  # averaged into one cycle
MOST_WINDOWS = 200  # looked at in one recording
MOST_CYCLES = 24  # taken from one recording
STEADY_CLARITY = 0.85  # for a cycle to train on; one to encode may be rougher
QUIET = 10 ** (-40 / 20)  # of the loudest window: below it is the tail or the room


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


@dataclass(frozen=True)
class Cut:
    """One mean cycle of a recording: cycle float32[2048], the harmonics under the file's Nyquist, its pitch in Hz."""

    cycle: np.ndarray
    known_harmonics: int
    freq_hz: float


@dataclass(frozen=True)
class _Window:
    start: int
    freq_hz: float
    clarity: float
    rms: float


def _windows(samples: np.ndarray, rate_hz: int) -> tuple[list[_Window], int]:
    """(pitched windows in order, their length in samples) of a finite recording."""
    if not np.isfinite(samples).all():
        raise SampleError("holds values that are not numbers (NaN or infinity)")
    size = min(max(int(WINDOW_S * rate_hz), 2048), len(samples))
    hop = max(size // 2, (len(samples) - size) // MOST_WINDOWS + 1)
    found = []
    for start in range(0, len(samples) - size + 1, hop):
        frame = samples[start : start + size]
        freq_hz, clarity = find_pitch(frame, rate_hz)
        if clarity >= LEAST_CLARITY:
            found.append(_Window(start, freq_hz, clarity, float(np.sqrt((frame**2).mean()))))
    if not found:
        raise SampleError("has no clear pitch; a row of cycles wants --frame-size, anything else wants cutting first")
    return found, size


def cycle_of_recording(samples: np.ndarray, rate_hz: int) -> tuple[np.ndarray, float]:
    """(cycle float32[2048], pitch in Hz) of the clearest, loudest stretch. Raises SampleError where nothing repeats."""
    windows, size = _windows(samples, rate_hz)
    best = max(windows, key=lambda w: w.clarity * w.rms**0.25)
    cut = _mean_cycle(samples[best.start : best.start + size], best.freq_hz, rate_hz)
    return cut.cycle, round(best.freq_hz, 3)


def cut_recording(samples: np.ndarray, rate_hz: int) -> list[Cut]:
    """Cycles of a recording's steady parts, in order, none nearer than 1 dB to the one before; at most 24.

    Raises SampleError where nothing repeats steadily.
    """
    windows, size = _windows(samples, rate_hz)
    loudest = max(w.rms for w in windows)
    steady = [w for w in windows if w.clarity >= STEADY_CLARITY and w.rms > QUIET * loudest]
    cuts: list[Cut] = []
    for w in steady[:: max(1, len(steady) // (2 * MOST_CYCLES))]:
        cut = _mean_cycle(samples[w.start : w.start + size], w.freq_hz, rate_hz)
        if not cuts or lsd(cuts[-1].cycle[None], cut.cycle[None])[0] >= 1.0:
            cuts.append(cut)
    if not cuts:
        raise SampleError("has no steady pitch; a row of cycles wants --frame-size, anything else wants cutting first")
    return cuts[:: -(-len(cuts) // MOST_CYCLES)]


def _mean_cycle(frame: np.ndarray, freq_hz: float, rate_hz: int) -> Cut:
    """Harmonics by projection on whole periods under a Hann window: float[n] -> Cut."""
    periods = min(PERIODS, int(len(frame) * freq_hz / rate_hz))
    n = int(round(periods * rate_hz / freq_hz))
    if periods < 2 or n > len(frame):
        raise SampleError("is too short to cut a cycle from")
    count = max(1, min(MAX_HARMONICS, int(0.49 * rate_hz / freq_hz)))
    turns = np.arange(n) * (freq_hz / rate_hz)
    windowed = (frame[:n] - frame[:n].mean()) * np.hanning(n + 2)[1:-1]
    spectrum = np.zeros(CYCLE_SIZE // 2 + 1, complex)
    spectrum[1 : count + 1] = np.exp(-2j * np.pi * np.outer(np.arange(1, count + 1), turns)) @ windowed / n
    return Cut(to_cycle(np.fft.irfft(spectrum, CYCLE_SIZE) * CYCLE_SIZE), count, freq_hz)
