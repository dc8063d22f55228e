"""Pitch of short stretches of sound, and the stable runs of a recording.

McLeod and Wyvill 2005, 'A smarter way to find pitch', refined over many periods. Against pYIN and a small network, on notes of
a General MIDI soundfont, it is no worse and 50 times quicker (training/EXPERIMENTS.md): that is why no library stands here.
"""

from dataclasses import dataclass

import numpy as np

LOWEST_HZ = 25.0
HIGHEST_HZ = 2500.0
LEAST_CLARITY = 0.6
STEADY_CLARITY = 0.85  # for a cycle to train on; one to encode may be rougher
WINDOW_S = 0.1
HOP_S = 0.04
STEP_CENTS = 40.0  # between neighbouring windows of one run: vibrato stays inside, a new note does not
LEAST_RUN_S = 0.15
QUIET = 10 ** (-40 / 20)  # of the loudest window: below it is the tail or the room
_KEY = 0.9  # of the highest peak: the first peak above it is the period
_REFINED_CLARITY = 0.95  # of the first period's: as far as later periods may count towards its length


def _clarity(frame: np.ndarray, lags: int) -> np.ndarray:
    """Normalised square difference turned round: 1 = perfectly periodic. float64[lags]."""
    n = len(frame)
    size = 1 << (2 * n - 1).bit_length()
    product = np.fft.irfft(np.abs(np.fft.rfft(frame, size)) ** 2, size)[:lags]
    squares = np.concatenate([[0.0], np.cumsum(frame**2)])
    lag = np.arange(lags)
    energy = squares[n - lag] + squares[n] - squares[lag]
    return 2 * product / np.maximum(energy, 1e-20)


def _vertex(curve: np.ndarray, peak: int) -> float:
    left, top, right = curve[peak - 1 : peak + 2]
    return peak + 0.5 * (left - right) / min(left - 2 * top + right, -1e-12)


def _heights(curve: np.ndarray, peaks: np.ndarray) -> np.ndarray:
    """The tops of the parabolas through peaks: of a period of ten samples the samples themselves miss a tenth."""
    left, top, right = curve[peaks - 1], curve[peaks], curve[peaks + 1]
    return top - (left - right) ** 2 / np.minimum(8 * (left - 2 * top + right), -1e-12)


def find_pitch(frame: np.ndarray, rate_hz: int) -> tuple[float, float]:
    """(frequency in Hz, clarity 0..1) of float64[n]; (nan, 0) where nothing repeats. n should span three periods."""
    frame = frame - frame.mean()
    lags = 3 * len(frame) // 4
    longest = min(int(rate_hz / LOWEST_HZ) + 2, len(frame) // 2)
    shortest = max(2, int(rate_hz / HIGHEST_HZ))
    if longest < shortest + 3 or not frame.any():
        return float("nan"), 0.0
    curve = _clarity(frame, lags)
    falls = np.flatnonzero(curve[:longest] < 0)
    start = max(shortest, int(falls[0]) if len(falls) else longest)
    inner = curve[start : longest - 1]
    peaks = start + 1 + np.flatnonzero((inner[1:-1] >= inner[:-2]) & (inner[1:-1] > inner[2:]))
    if not len(peaks) or curve[peaks].max() <= 0:
        return float("nan"), 0.0
    heights = _heights(curve, peaks)
    first = int(np.argmax(heights >= _KEY * heights.max()))
    return float(rate_hz / _refined(curve, int(peaks[first]))), float(min(heights[first], 1.0))


def _refined(curve: np.ndarray, best: int) -> float:
    """The period in samples, from the farthest multiple of it that still repeats: cents become hundredths."""
    period, count = _vertex(curve, best), 1
    while True:
        count *= 2
        at = int(round(period * count))
        reach = max(1, int(0.1 * period))
        if at + reach + 2 >= len(curve):
            return period
        peak = at - reach + int(np.argmax(curve[at - reach : at + reach + 1]))
        if abs(peak - at) == reach > 1 or curve[peak] < _REFINED_CLARITY * curve[best]:
            return period
        period = _vertex(curve, peak) / count


@dataclass(frozen=True)
class Window:
    """What was heard in one stretch of a recording: first sample, length, pitch, clarity 0..1, RMS."""

    start: int
    size: int
    freq_hz: float
    clarity: float
    rms: float


def measure_pitches(samples: np.ndarray, rate_hz: int) -> list[Window]:
    """Windows of 0.1 s (at least 2,048 samples, at most all), one every 0.04 s; pitch nan where nothing repeats."""
    size = min(max(int(WINDOW_S * rate_hz), 2048), len(samples))
    found = []
    for start in range(0, len(samples) - size + 1, max(1, int(HOP_S * rate_hz))):
        frame = samples[start : start + size]
        rms = float(np.sqrt((frame**2).mean()))
        freq_hz, clarity = find_pitch(frame, rate_hz) if rms > 0 else (float("nan"), 0.0)
        found.append(Window(start, size, freq_hz, clarity, rms))
    return found


def stable_runs(windows: list[Window], least_clarity: float = STEADY_CLARITY) -> list[list[Window]]:
    """Runs of neighbouring windows that hold one note: clear, not far under the loudest, pitch moving slowly."""
    loudest = max((w.rms for w in windows), default=0.0)
    runs: list[list[Window]] = []
    before: Window | None = None
    for window in windows:
        clear = window.clarity >= least_clarity and window.rms > QUIET * loudest
        if clear and before is not None and abs(cents(window.freq_hz, before.freq_hz)) < STEP_CENTS:
            runs[-1].append(window)
        elif clear:
            runs.append([window])
        before = window if clear else None
    return runs


def cents(freq_hz: float, reference_hz: float) -> float:
    """The interval from the reference, in cents."""
    return float(1200 * np.log2(freq_hz / reference_hz))


def run_seconds(run: list[Window], rate_hz: int) -> float:
    """How long a run sounds, from its first window's beginning to its last one's end."""
    return (run[-1].start + run[-1].size - run[0].start) / rate_hz
