"""Pitch of short stretches of sound, and the stable runs of a recording.

McLeod and Wyvill 2005, 'A smarter way to find pitch', refined over many periods. Against pYIN and a small network, on notes of
a General MIDI soundfont, it is no worse and 50 times quicker (training/EXPERIMENTS.md): that is why no library stands here.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

LOWEST_HZ = 25.0
HIGHEST_HZ = 5000.0  # a little above C8; what is higher has no pitch here, not one of an octave lower
LEAST_CLARITY = 0.6
STEADY_CLARITY = 0.85  # for a cycle to train on; one to encode may be rougher
WINDOW_S = 0.1
HOP_S = 0.04
STEP_CENTS = 40.0  # between neighbouring windows of one run: vibrato stays inside, a new note does not
LEAST_RUN_S = 0.15
QUIET = 10 ** (-40 / 20)  # of the loudest window: below it is the tail or the room
_KEY = 0.9  # of the highest peak: the first peak above it is the period
_HIGH_HZ, _HIGH_KEY = 2500.0, 0.97  # above it a strong overtone is likelier than a note, and has to repeat that well to be one
_FINE, _FINE_LAGS, _TAPS = 4, 64, 16  # short lags are looked at between the samples: a period of ten has its top there
_QUIET_MIDDLE = 0.1  # of a window's RMS: its middle, where a cycle is cut, lies outside the sound
_REFINED_CLARITY = 0.95  # of the first period's: as far as later periods may count towards its length


def _clarity(frame: np.ndarray, lags: int) -> np.ndarray:
    """Normalised square difference turned round: 1 = perfectly periodic. float64[lags]."""
    n = len(frame)
    size = 1 << (n + lags - 1).bit_length()  # what wraps round lies beyond the lags
    product = np.fft.irfft(np.abs(np.fft.rfft(frame, size)) ** 2, size)[:lags]
    squares = np.concatenate([[0.0], np.cumsum(frame**2)])
    lag = np.arange(lags)
    energy = squares[n - lag] + squares[n] - squares[lag]
    return 2 * product / np.maximum(energy, 1e-20)


def _vertex(curve: np.ndarray, peak: int) -> float:
    left, top, right = curve[peak - 1 : peak + 2]
    return peak + min(max(0.5 * (left - right) / min(left - 2 * top + right, -1e-12), -1.0), 1.0)


@lru_cache(maxsize=1)
def _between() -> np.ndarray:
    """Weights of the samples at lags -16 to 80 for lags 0 to 64 in quarters: a windowed sinc. float64[257, 97], read-only."""
    return _sinc(np.arange(_FINE * _FINE_LAGS + 1)[:, None] / _FINE - np.arange(-_TAPS, _FINE_LAGS + _TAPS + 1))


def _sinc(away: np.ndarray) -> np.ndarray:
    weights = np.sinc(away) * np.where(np.abs(away) < _TAPS, np.cos(np.pi * np.clip(away / _TAPS, -1, 1) / 2) ** 2, 0)
    weights.flags.writeable = False
    return weights


def _peaks(curve: np.ndarray, longest: int) -> tuple[np.ndarray, np.ndarray]:
    """(lags, heights) of the peaks behind the first fall below zero, up to `longest`: float64[n] each, lags rising."""
    if len(curve) > _FINE_LAGS + _TAPS:
        near = _between() @ np.concatenate([curve[_TAPS:0:-1], curve[:_FINE_LAGS + _TAPS + 1]])
        lags, heights = _tops(near, _first_below(near), min(_FINE * longest, len(near)))
        far_lags, far_heights = _tops(curve, max(_first_below(curve), _FINE_LAGS - 1), longest)
        later = far_lags > _FINE_LAGS - 0.5 / _FINE
        return np.concatenate([lags / _FINE, far_lags[later]]), np.concatenate([heights, far_heights[later]])
    return _tops(curve, _first_below(curve), longest)


def _first_below(curve: np.ndarray) -> int:
    below = curve < 0
    return int(below.argmax()) if below.any() else len(curve)


def _tops(curve: np.ndarray, start: int, end: int) -> tuple[np.ndarray, np.ndarray]:
    """(places, heights) of the tops of the parabolas through the peaks of curve[start:end]."""
    inner = curve[start:end - 1]
    peaks = start + 1 + np.flatnonzero((inner[1:-1] >= inner[:-2]) & (inner[1:-1] > inner[2:]))
    left, top, right = curve[peaks - 1], curve[peaks], curve[peaks + 1]
    bend = np.minimum(left - 2 * top + right, -1e-12)
    return peaks + 0.5 * (left - right) / bend, top - (left - right) ** 2 / (8 * bend)


def find_pitch(frame: np.ndarray, rate_hz: int) -> tuple[float, float]:
    """(frequency in Hz, clarity 0..1) of float64[n]; (nan, 0) where nothing repeats, or above 5 kHz. n should span three periods."""
    frame = frame - frame.mean()
    lags = 3 * len(frame) // 4
    longest = min(int(rate_hz / LOWEST_HZ) + 2, len(frame) // 2)
    if longest < 8 or not frame.any():
        return float("nan"), 0.0
    curve = _clarity(frame, lags)
    periods, heights = _peaks(curve, longest)
    if not len(periods) or heights.max() <= 0:
        return float("nan"), 0.0
    first = int(np.argmax(heights >= np.where(periods < rate_hz / _HIGH_HZ, _HIGH_KEY, _KEY) * heights.max()))
    period = _refined(curve, periods[first], _REFINED_CLARITY * heights[first])
    if period < rate_hz / HIGHEST_HZ:
        return float("nan"), 0.0
    return float(rate_hz / period), float(min(heights[first], 1.0))


def _refined(curve: np.ndarray, period: float, least: float) -> float:
    """The period in samples, from the farthest multiple of it that repeats at least so well: cents become hundredths."""
    count = 1
    while True:
        count *= 2
        at = int(round(period * count))
        reach = max(1, int(0.1 * period))
        if at + reach + 2 >= len(curve):
            return period
        peak = at - reach + int(np.argmax(curve[at - reach : at + reach + 1]))
        place, height = _top(curve, peak, period)
        if abs(peak - at) == reach > 1 or height < least:
            return period
        period = place / count


def _top(curve: np.ndarray, peak: int, period: float) -> tuple[float, float]:
    """(place, height) of the top at a peak; between the samples where the period is short and there is room to look."""
    if period < _FINE_LAGS and _TAPS < peak < len(curve) - _TAPS - 1:
        near = _around() @ curve[peak - _TAPS : peak + _TAPS + 1]
        best = 1 + int(near[1:-1].argmax())
        place = _vertex(near, best)
        return peak + place / _FINE - 1.5, float(near[best])
    return _vertex(curve, peak), float(curve[peak])


@lru_cache(maxsize=1)
def _around() -> np.ndarray:
    """Weights of the samples 16 before to 16 behind a peak for quarters from -1.5 to 1.5: float64[13, 33], read-only."""
    away = np.arange(-6, 7)[:, None] / _FINE - np.arange(-_TAPS, _TAPS + 1)
    return _sinc(away)


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
        middle = frame[size // 4 : size - size // 4]
        sounds = rms > 0 and float(np.sqrt((middle**2).mean())) > _QUIET_MIDDLE * rms
        freq_hz, clarity = find_pitch(frame, rate_hz) if sounds else (float("nan"), 0.0)
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
