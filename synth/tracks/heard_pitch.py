"""The pitch at which a note of many voices is heard, where its contour is only their mean."""

import numpy as np

from .spectra import Frames
from .stiffness import partial_numbers
from .warp import Warped

_HARMONICS = 8
_CENTS = np.arange(-40, 41)
_FURTHEST_CENTS = 15
_LONGEST_S, _LEAST_S = 1.0, 0.15  # of the steady part
_FLOOR_DB, _TOP_DB = 60.0, 30.0
_PADDED = 8


def heard_cents(samples: np.ndarray, rate_hz: int, warped: Warped, freq_hz: float, frames: Frames, steady_s: tuple[float, float],
                stiffness: float) -> float:
    """How far a note's pitch lies from the contour that it was warped along, in cents, 0 where too little of it is steady.

    In a choir each harmonic follows whichever voice is strongest there, and the contour is the mean of all. So harmonics are drawn along
    the contour, and of them and of the recording the combs of eight harmonics are compared, a cent apart: how far the one has to be moved
    to lie on the other. By their tops, by their tops' surroundings and by all of them; the middle of the three counts.
    """
    begin, end = int(steady_s[0] * rate_hz), int(min(steady_s[1], steady_s[0] + _LONGEST_S) * rate_hz)
    if end - begin < _LEAST_S * rate_hz:
        return 0.0
    numbers = partial_numbers(min(_HARMONICS, frames.amplitudes.shape[1]), stiffness)
    numbers = numbers[numbers * freq_hz < 0.45 * rate_hz]
    time_s = np.arange(begin, end) / rate_hz
    drawn = np.zeros(end - begin)
    for k, number in enumerate(numbers):
        drawn += np.interp(time_s, frames.time_s, frames.amplitudes[:, k]) * np.cos(2 * np.pi * number * warped.phase_cycles[begin:end])
    true, ours = (_comb_db(sound, numbers * freq_hz / rate_hz) for sound in (samples[begin:end], drawn))
    found = [float(_CENTS[true.argmax()] - _CENTS[ours.argmax()])]
    found += [_best_shift(true, ours, power) for power in (1, 3)]
    return float(np.clip(np.median(found), -_FURTHEST_CENTS, _FURTHEST_CENTS))


def _comb_db(sound: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Mean level of harmonics that lie at `numbers` cycles a sample, moved by -40 to 40 cents."""
    size = 1 << int(np.ceil(np.log2(_PADDED * len(sound))))
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), size))
    levels = 20 * np.log10(spectrum[np.rint(numbers * 2 ** (_CENTS[:, None] / 1200) * size).astype(int)] + 1e-15)
    return np.maximum(levels - levels.max(), -_FLOOR_DB).mean(1)


def _best_shift(true: np.ndarray, ours: np.ndarray, power: int) -> float:
    """By how many cents one curve has to be moved to look most like the other; power: how much their tops count."""
    a, b = (np.maximum(curve - curve.max() + _TOP_DB, 0) ** power for curve in (true, ours))
    shifts, n = range(-_FURTHEST_CENTS, _FURTHEST_CENTS + 1), len(a)
    alike = []
    for t in shifts:
        x, y = a[max(0, t):n + min(0, t)], b[max(0, -t):n + min(0, -t)]
        alike.append((x * y).sum() / max(np.sqrt((x**2).sum() * (y**2).sum()), 1e-12))
    return float(shifts[int(np.argmax(alike))])
