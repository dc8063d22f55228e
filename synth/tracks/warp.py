"""A note at constant pitch: its samples read along its own phase, so that every period has the same length.

In this form a harmonic of a note with vibrato stands as still as that of a steady one, and six periods of it are one FFT whose
bins 6 k are the harmonics and whose bins between are what is no harmonic.
"""

from dataclasses import dataclass

import numpy as np

PERIODS = 6  # of a frame, under a Hann window
CONTOUR_HZ = 100.0
_OVERSAMPLED = 4  # before the cubic: its error is -44 dB at 0.45 of the rate, -80 dB at 0.15
_HARMONICS = 8  # that tell the pitch
_TURNS = 2  # of warping and listening again
_FURTHEST_CENTS = 90.0  # that a contour may stray from the note
_QUIET = 10 ** (-45 / 20)


@dataclass(frozen=True)
class Warped:
    """A note read along its phase: `samples` float64, `period` of them a cycle; cycle 0 begins at the recording's first sample.

    `phase_cycles` float64[n]: the phase at each sample of the recording; `freq_hz` float64[m]: pitch at 100 Hz.
    """

    samples: np.ndarray
    period: int
    phase_cycles: np.ndarray
    freq_hz: np.ndarray
    rate_hz: int

    def cycle_at(self, time_s: np.ndarray) -> np.ndarray:
        """Phase in cycles at times in the recording."""
        return np.interp(np.asarray(time_s) * self.rate_hz, np.arange(len(self.phase_cycles)), self.phase_cycles)

    def pitch_at(self, time_s: np.ndarray) -> np.ndarray:
        """Pitch in Hz at times in the recording."""
        return np.interp(np.asarray(time_s) * CONTOUR_HZ, np.arange(len(self.freq_hz)), self.freq_hz)


def oversample(samples: np.ndarray, factor: int = _OVERSAMPLED) -> np.ndarray:
    """float64[n] at `factor` times the rate, through the FFT, some zeros behind it: float64[factor * m]."""
    size = 1 << (len(samples) + 64 - 1).bit_length()
    spectrum = np.zeros(factor * size // 2 + 1, complex)
    spectrum[: size // 2 + 1] = np.fft.rfft(samples, size)
    return np.fft.irfft(spectrum, factor * size) * factor


def read_cubic(samples: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Samples at fractional places, four-point Lagrange; 0 outside."""
    base = np.floor(at).astype(np.int64)
    x = at - base
    inside = (base >= 1) & (base < len(samples) - 2)
    base = np.where(inside, base, 1)
    before, here, after, second = (samples[base + i] for i in (-1, 0, 1, 2))
    middle = (before + after) / 2 - here
    third = (second - before) / 6 + (here - after) / 2
    value = ((third * x + middle) * x + (after - here - middle - third)) * x + here
    return np.where(inside, value, 0.0)


def warp(samples: np.ndarray, rate_hz: int, freq_hz: np.ndarray, dense: np.ndarray | None = None) -> Warped:
    """Read a recording float64[n] along the phase of a contour at 100 Hz. dense: the recording oversampled, where it is at hand."""
    dense = oversample(samples) if dense is None else dense
    time_s = np.arange(len(samples)) / rate_hz
    local_hz = np.interp(time_s * CONTOUR_HZ, np.arange(len(freq_hz)), freq_hz)
    phase = np.concatenate([[0.0], np.cumsum(0.5 * (local_hz[1:] + local_hz[:-1]))]) / rate_hz
    period = 1 << max(4, int(np.ceil(np.log2(rate_hz / freq_hz.min()))))
    places = np.interp(np.arange(int(phase[-1] * period)) / period, phase, np.arange(len(samples), dtype=float))
    return Warped(read_cubic(dense, places * _OVERSAMPLED), period, phase, freq_hz, rate_hz)


def frames_at(warped: Warped, cycles: np.ndarray, periods: int = PERIODS) -> np.ndarray:
    """Windows of whole periods centred on phases, not yet weighted: float64[n, periods * period]; zeros outside the recording."""
    size = periods * warped.period
    starts = np.rint(np.asarray(cycles) * warped.period).astype(np.int64) - size // 2
    padded = np.pad(warped.samples, (size, 2 * size))
    starts = np.clip(starts + size, 0, len(padded) - size)
    return np.lib.stride_tricks.sliding_window_view(padded, size)[starts]


def spectra_at(warped: Warped, cycles: np.ndarray, periods: int = PERIODS) -> np.ndarray:
    """Hann-weighted spectra of such windows, scaled so that a harmonic's bin holds its amplitude: complex[n, bins]."""
    window = np.hanning(periods * warped.period + 1)[:-1]
    return np.fft.rfft(frames_at(warped, cycles, periods) * window, axis=1) * (2 / window.sum())


def follow_pitch(samples: np.ndarray, rate_hz: int, freq_hz: float, stiffness: float = 0.0, before: Warped | None = None,
                 dense: np.ndarray | None = None) -> Warped:
    """A note warped along its own pitch, found from the phase advance of eight harmonics over one period.

    freq_hz: where to start from, right to half a semitone. Where the note is more than 45 dB under its loudest the nearest pitch holds.
    before: the same note as it was followed with another stiffness, to go on from; dense: the recording oversampled.
    """
    dense = oversample(samples) if dense is None else dense
    warped = before or warp(samples, rate_hz, np.full(max(2, int(np.ceil(len(samples) / rate_hz * CONTOUR_HZ)) + 1), float(freq_hz)), dense)
    for _ in range(_TURNS):
        contour = warped.freq_hz
        contour = np.clip(contour * (1 + _deviation(warped, stiffness)), *(freq_hz * 2 ** (np.array([-1, 1]) * _FURTHEST_CENTS / 1200)))
        warped = warp(samples, rate_hz, contour, dense)
    return warped


def _deviation(warped: Warped, stiffness: float) -> np.ndarray:
    """How far the pitch lies from the one warped to, relative, at 100 Hz: float64[m]."""
    centres = warped.cycle_at(np.arange(len(warped.freq_hz)) / CONTOUR_HZ)
    first, second = (spectra_at(warped, centres + shift) for shift in (-0.5, 0.5))
    count = min(_HARMONICS, (first.shape[1] - 1) // PERIODS)
    number = np.arange(1, count + 1)
    product = (second * first.conj())[:, PERIODS * number]
    drift = np.angle(product) / (2 * np.pi * number) - 0.5 * stiffness * number**2
    weight = np.abs(product) * number
    level = np.sqrt(np.abs(product).sum(1))
    found = (drift * weight).sum(1) / np.maximum(weight.sum(1), 1e-30)
    heard = np.flatnonzero(level > _QUIET * level.max())
    if not len(heard):
        return np.zeros(len(found))
    smooth = np.convolve(np.pad(found[heard], 1, mode="edge"), [0.25, 0.5, 0.25], "valid")
    return np.interp(np.arange(len(found)), heard, smooth)
