"""Textbook spectra by formula: what the recipes of the shipped presets are encoded from.

Each maker answers amplitudes of harmonics 1..511, float64[511], at any level.
"""

import numpy as np

COUNT = 511
K = np.arange(1, COUNT + 1, dtype=float)
_N = 4096  # samples of a cycle made in time


def cycle(amplitudes: np.ndarray) -> np.ndarray:
    """Amplitudes -> one cycle of sines: float64[2048]."""
    spectrum = np.zeros(1025, complex)
    spectrum[1:len(amplitudes) + 1] = -1j * amplitudes
    return np.fft.irfft(spectrum, 2048)


def _of_wave(wave: np.ndarray) -> np.ndarray:
    return np.abs(np.fft.rfft(wave))[1:COUNT + 1] + 1e-9


def saw(slope_db: float = 6.02) -> np.ndarray:
    """A saw, or a steeper or flatter one: `slope_db` an octave."""
    return K ** (-slope_db / 6.02)


def pulse(width: float = 0.5, null_db: float = -60.0) -> np.ndarray:
    """A pulse; 0.5 is a square. Its nulls are filled at `null_db`, as an analogue one's are."""
    return np.maximum(np.abs(np.sin(np.pi * K * width)), 10 ** (null_db / 20)) / K


def partials(*levels_db: tuple[int, float], rest_db: float = -75.0) -> np.ndarray:
    """Single harmonics (number, level) over a quiet saw `rest_db` down."""
    amplitudes = 10 ** (rest_db / 20) / K
    for k, level_db in levels_db:
        amplitudes[k - 1] += 10 ** (level_db / 20)
    return amplitudes


def drawbars(setting: str) -> np.ndarray:
    """A tone-wheel organ's nine drawbars, as in '888000000'; its 16' is harmonic 1, each step of a bar is 3 dB."""
    bars = zip((1, 3, 2, 4, 6, 8, 10, 12, 16), setting, strict=True)
    return partials(*((k, 3.0 * (int(d) - 8)) for k, d in bars if d != "0"))


def pipes(*ranks: tuple[int, float], slope_db: float = 12.0) -> np.ndarray:
    """Ranks of principal pipes (harmonic of the stop, level in dB), each with overtones of its own."""
    power = np.full(COUNT, 1e-9)
    for stop, level_db in ranks:
        k = np.arange(1, COUNT // stop + 1, dtype=float)
        power[stop * np.arange(1, len(k) + 1) - 1] += 10 ** (level_db / 10) * k ** (-slope_db / 3.01)
    return np.sqrt(power)


def vowel(*formants_hz: float, f0_hz: float = 150.0, slope_db: float = 10.0, width: float = 0.09) -> np.ndarray:
    """A sung vowel: a glottal slope and resonances at `formants_hz`, as heard at `f0_hz` (Peterson and Barney 1952)."""
    freq_hz = f0_hz * K
    response = np.full(COUNT, 0.004)
    for i, formant_hz in enumerate(formants_hz):
        response += 0.8**i / (1 + ((freq_hz - formant_hz) / (width * formant_hz + 40)) ** 2)
    return saw(slope_db) * response * (1 + freq_hz / 900)


def fm(ratio: int, depth: float, feedback: float = 0.0, carrier: int = 1) -> np.ndarray:
    """Two operators (Chowning 1973) with a modulator that may feed back on itself."""
    t = 2 * np.pi * np.arange(_N) / _N
    inner = np.sin(ratio * t)
    for _ in range(6):
        inner = np.sin(ratio * t + feedback * inner)
    return _of_wave(np.sin(carrier * t + depth * inner))


def plucked(place: float, slope_db: float = 9.0) -> np.ndarray:
    """A string plucked at `place` of its length: every harmonic with a node there is missing."""
    return np.maximum(np.abs(np.sin(np.pi * K * place)), 3e-3) * saw(slope_db)


def reed(even_db: float, corner: float) -> np.ndarray:
    """A cylindrical reed: even harmonics `even_db` down, all falling 18 dB an octave above harmonic `corner`."""
    level = np.where(K % 2 == 0, 10 ** (-even_db / 20), 1.0)
    return level / K**0.7 / (1 + (K / corner) ** 6) ** 0.5 + 1e-6 / K


def bowed(*bodies: tuple[float, float], f0_hz: float = 196.0, slope_db: float = 7.0) -> np.ndarray:
    """A bowed string: a saw through a body with resonances (Hz, dB)."""
    level_db = -slope_db * np.log2(K)
    for hz, gain_db in bodies:
        level_db = level_db + gain_db * np.exp(-0.5 * (np.log2(f0_hz * K / hz) / 0.22) ** 2)
    return 10 ** (level_db / 20)


def brass(corner: float, slope_db: float = 18.0) -> np.ndarray:
    """A lip reed: flat up to harmonic `corner`, then falling (Risset 1966: brighter as it is blown harder)."""
    return K**-0.3 / (1 + (K / corner) ** (slope_db / 3.01)) ** 0.5 + 1e-6 / K


def metal(*groups: tuple[float, float, float], rest_db: float = -70.0) -> np.ndarray:
    """Clusters of harmonics (centre, spread in octaves, level in dB) over a weak saw."""
    amplitudes = 10 ** (rest_db / 20) / K
    for centre, spread, level_db in groups:
        amplitudes = amplitudes + 10 ** (level_db / 20) * np.exp(-0.5 * (np.log2(K / centre) / spread) ** 2)
    return amplitudes
