"""Cycles -> spectra at equal loudness: what the decode worker publishes.

The gain makes A3 (220 Hz) equally loud in K-weighted power (ITU-R BS.1770-4), whatever the timbre; it is less where
the peak would come too near full scale. The engine makes the band-limited tables from the spectrum.
"""

from functools import cache

import numpy as np

from ..engine.compile.jit import kernel
from ..engine.dsp.fft import MAX_SIZE, harmonics_to_table, twiddles

HARMONICS = 1023
REFERENCE_HZ = 220.0  # A3
TARGET_RMS = 10 ** (-18 / 20)  # K-weighted, velocity 127
PEAK_LIMIT = 0.72  # velocity 100 (gain 0.62) then peaks under -6 dBFS with room for band-limiting
_GRID = 4096  # samples of a waveform whose peak is looked for
_ENDLESS = 1e60
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


def k_response(freq_hz: np.ndarray) -> np.ndarray:
    """Gain of the K-weighting at frequencies float[n], linear."""
    z = np.exp(-2j * np.pi * np.asarray(freq_hz, float) / 48000)
    gain = np.ones(len(z))
    for b, a in _K_FILTERS:
        gain *= np.abs(np.polyval(b[::-1], z) / np.polyval(a[::-1], z))
    return gain


def cycle_harmonics(cycle: np.ndarray, most: int = HARMONICS) -> np.ndarray:
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
    spectrum = np.zeros(_GRID // 2 + 1, complex)
    spectrum[:len(h)] = h[:len(spectrum)]
    return float(np.abs(np.fft.irfft(spectrum, _GRID)).max() * _GRID / 2)


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
    return spectrum_of_harmonics(cycle_harmonics(cycle, most))


@cache
def _twiddles() -> np.ndarray:
    return twiddles()


@kernel
def spread(amplitudes, cosine, sine, re, im):
    """Amplitudes float32[n, h] with shared phases -> re, im float32[n, 1 + h]."""
    n, h = amplitudes.shape
    for i in range(n):
        re[i, 0] = 0.0
        im[i, 0] = 0.0
        for k in range(h):
            re[i, 1 + k] = amplitudes[i, k] * cosine[k]
            im[i, 1 + k] = amplitudes[i, k] * sine[k]


@kernel
def _peak(re, im, twiddle, work, table):
    """`peak_of` one row: float32[1 + h] each."""
    harmonics_to_table(re, im, re.shape[0] - 1, _GRID, twiddle, work, table)
    peak = np.float32(0.0)
    for j in range(1, _GRID + 1):
        peak = max(peak, abs(table[j]))
    return peak


@kernel
def _level(re, im, weight, twiddle, work, table, bad):
    """Scale each row to equal loudness in place; marks rows that are not numbers, and leaves them.

    The waveform is made only where the sum of the amplitudes does not show already that its peak keeps the limit: the
    answer is the same, so loudness moves as smoothly as the latent does.
    """
    n, h = re.shape[0], re.shape[1] - 1
    for i in range(n):
        loud, total, most = 0.0, 0.0, 0.0
        for k in range(1, h + 1):
            power = np.float64(re[i, k]) * re[i, k] + np.float64(im[i, k]) * im[i, k]
            loud += power * weight[k - 1]
            total += power
            most += np.sqrt(power)
        loud, total = 0.5 * loud, 0.5 * total
        bad[i] = not total < _ENDLESS  # np.isfinite is always true under `FAST`
        if bad[i]:
            continue
        gain = 0.0
        if total >= 1e-16:
            gain = min(TARGET_RMS / np.sqrt(max(loud, 1e-30)), _MOST_GAIN * TARGET_RMS / np.sqrt(total))
            if gain * most > PEAK_LIMIT:
                gain = min(gain, PEAK_LIMIT / max(_peak(re[i], im[i], twiddle, work, table), 1e-9))
        scale = np.float32(gain)
        for k in range(1, h + 1):
            re[i, k] *= scale
            im[i, k] *= scale


def level(re: np.ndarray, im: np.ndarray) -> np.ndarray:
    """Scale rows of harmonics (re, im), float32[n, 1 + h] each, to equal loudness, in place; answers bool[n]: not numbers.

    `gain_of` in one compiled pass that lets go of the GIL. A row comes out the same whatever else is in the batch.
    """
    n, width = re.shape
    if width > HARMONICS + 1:
        raise ValueError(f"{width - 1} harmonics are more than {HARMONICS}")
    work, table = np.empty((4, MAX_SIZE // 2), np.float32), np.empty(_GRID + 3, np.float32)
    bad = np.zeros(n, bool)
    _level(re, im, k_weights(), _twiddles(), work, table, bad)
    return bad
