"""What a recording without a usable note is, told in a few words: silence, a drum, noise, several notes at once."""

from collections.abc import Sequence

import numpy as np

from .pitch import HIGHEST_HZ, Window
from .spectrum import magnitudes

CHORD_HARMONICS = 24
PRESENT_DB = -40.0  # re the strongest: a harmonic that is there
NOISY = 0.1  # spectral flatness above it is noise (white noise 0.56, one note under 0.01)
SHORT_S = 0.35  # a sound that has died away by then is a hit
GLIDE_CENTS_A_S = 75.0  # a steady trend above it is a drum's fall or a slide; vibrato has none
STEADY_TREND = 0.25  # of the movement a straight line must explain to be one
HIT_DB_A_S = -120.0  # a xylophone's highest bar falls by 90 a second

CHORD = "sounds like several notes at once; give it one note at a time"
GLIDES = "has no steady pitch: it keeps gliding, like a drum or a slide; hold one note"
TOO_HIGH = f"is higher than {HIGHEST_HZ:.0f} Hz, which is the highest note that is taken; play it lower"
HIT = "has no clear pitch for long enough: it sounds like a drum or a hit, or ends too soon; hold the note longer"


def unsteady(run: Sequence[Window], rate_hz: int) -> str:
    """Why a run of one clear pitch is no held note: it glides, or dies away at once; '' where it is one."""
    time_s = np.array([w.start for w in run]) / rate_hz
    if len(run) < 3:
        return ""
    pitch_cents = 1200 * np.log2([w.freq_hz for w in run])
    level_db = 20 * np.log10([w.rms for w in run])
    slope, trend = _line(time_s, pitch_cents)
    if abs(slope) > GLIDE_CENTS_A_S and trend > STEADY_TREND:
        return GLIDES
    return HIT if _line(time_s, level_db)[0] < HIT_DB_A_S else ""


def _line(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """(slope of the straight line through points, the share of their variance that it explains)."""
    x, y = x - x.mean(), y - y.mean()
    slope = float(x @ y / max(x @ x, 1e-12))
    return slope, float(slope * (x @ y) / max(y @ y, 1e-12))


def chord_in(cycle: np.ndarray) -> bool:
    """Whether a cycle found in a recording is the common period of two to four notes, not one note's: float[n] -> bool.

    Such a cycle has no fundamental, and its harmonics are the multiples of a few numbers (4, 5, 6 of a major chord). One note
    whose fundamental is missing has harmonics that are multiples of nothing smaller: 2, 3, 5, 7, 11 and so on.
    """
    levels = magnitudes(cycle, CHORD_HARMONICS)
    there = np.flatnonzero(levels > levels.max() * 10 ** (PRESENT_DB / 20)) + 1
    roots: list[int] = []
    for number in there.tolist():
        if not any(number % root == 0 for root in roots):
            roots.append(number)
    return 2 <= len(roots) <= 4 and roots[0] > 1


def flatness(samples: np.ndarray) -> float:
    """Spectral flatness of the loudest octaves: geometric over arithmetic mean of the power, 0 tone .. 1 noise."""
    size = 4096
    if len(samples) < size:
        samples = np.pad(samples, (0, size - len(samples)))
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[:: size // 2][:200] * np.hanning(size)
    power = (np.abs(np.fft.rfft(frames)) ** 2).sum(0)[2:]
    total = np.cumsum(power) / max(power.sum(), 1e-30)
    inside = power[: int(np.searchsorted(total, 0.95)) + 1][int(np.searchsorted(total, 0.02)) :]
    return float(np.exp(np.log(inside + 1e-30).mean()) / (inside.mean() + 1e-30)) if len(inside) > 8 else 0.0


def is_too_high(samples: np.ndarray, rate_hz: int) -> bool:
    """Whether a recording's lowest partial (within 30 dB of its strongest, in its loudest half second) lies above every note's pitch."""
    size = min(len(samples), rate_hz // 2)
    start = max(0, min(int(np.abs(samples).argmax()) - size // 4, len(samples) - size))
    frame = samples[start:start + size]
    levels = np.abs(np.fft.rfft((frame - frame.mean()) * np.hanning(size)))
    there = np.flatnonzero(levels > levels.max(initial=0) * 10 ** (-30 / 20))
    return bool(len(there)) and float(there[0] * rate_hz / size) > HIGHEST_HZ


def sounding_s(samples: np.ndarray, rate_hz: int) -> float:
    """For how long a recording stays within 30 dB of its loudest 10 ms."""
    block = max(1, rate_hz // 100)
    count = len(samples) // block
    levels = (samples[: count * block].reshape(count, block) ** 2).mean(1) if count else np.zeros(1)
    return float((levels > levels.max() * 1e-3).sum()) / 100


def why_no_pitch(samples: np.ndarray, rate_hz: int) -> str:
    """The reason, ready for the report: float64[n], finite and not silent -> a few words."""
    advice = "a row of cycles wants --frame-size"
    if is_too_high(samples, rate_hz):
        return TOO_HIGH
    if flatness(samples) > NOISY:
        if sounding_s(samples, rate_hz) < SHORT_S:
            return f"has no clear pitch: it sounds like a drum or a hit; {advice}"
        return f"has no clear pitch: it sounds like noise; {advice}"
    if sounding_s(samples, rate_hz) < SHORT_S:
        return HIT
    return f"has no clear pitch: it sounds like several notes at once, or one that never settles; {advice}"
