"""Distances between single cycles, blind to phase and level.

LSD: root mean square, over harmonics 1..H, of the difference in dB between two cycles at unit RMS, each floored
80 dB under its strongest harmonic; the mean over cycles is quoted. ERB-LSD: the same on power pooled in 1-ERB bands
at f0 = 110 Hz, floored at 60 dB. ERB rate: Glasberg and Moore 1990; good to about 10 % between 100 Hz and 10 kHz.
"""

from functools import lru_cache

import numpy as np

LSD_HARMONICS = 127
LSD_FLOOR_DB = 80.0
ERB_FLOOR_DB = 60.0
ERB_F0_HZ = 110.0


def magnitudes(cycles, harmonics: int) -> np.ndarray:
    """Harmonic magnitudes at unit RMS, DC dropped: float[..., n] -> float64[..., harmonics]; absent ones are 0."""
    cycles = np.asarray(cycles, float)
    spectrum = np.fft.rfft(cycles - cycles.mean(-1, keepdims=True), axis=-1)
    found = np.abs(spectrum)[..., 1 : harmonics + 1]
    missing = harmonics - found.shape[-1]
    if missing > 0:
        found = np.concatenate([found, np.zeros((*found.shape[:-1], missing))], -1)
    return unit_rms(found)


def unit_rms(amplitudes: np.ndarray) -> np.ndarray:
    """Harmonic amplitudes scaled to a waveform of RMS 1: float[..., harmonics] -> the same shape."""
    return amplitudes / np.sqrt((amplitudes**2).sum(-1, keepdims=True) / 2 + 1e-30)


def floored_db(amplitudes: np.ndarray, floor_db: float = LSD_FLOOR_DB) -> np.ndarray:
    """Amplitudes in dB, no lower than `floor_db` under the strongest of the last axis."""
    floor = amplitudes.max(-1, keepdims=True) * 10 ** (-floor_db / 20)
    return 20 * np.log10(np.maximum(np.maximum(amplitudes, floor), 1e-30))


@lru_cache(maxsize=8)
def erb_bank(harmonics: int = LSD_HARMONICS, f0_hz: float = ERB_F0_HZ) -> np.ndarray:
    """Gaussian bands one ERB apart that pool harmonic power: float64[bands, harmonics], read-only."""
    erb = 21.4 * np.log10(1 + 0.00437 * f0_hz * np.arange(1, harmonics + 1))
    centres = np.arange(erb[0], erb[-1] + 1e-6, 1.0)
    bank = np.exp(-0.5 * ((erb[None] - centres[:, None]) / 0.5) ** 2)
    bank.flags.writeable = False
    return bank


def log_magnitudes(cycles, harmonics: int = LSD_HARMONICS) -> np.ndarray:
    """Floored dB at unit RMS of harmonics 1..harmonics: float[..., n] -> float64[..., harmonics]."""
    return floored_db(magnitudes(cycles, harmonics), LSD_FLOOR_DB)


def erb_log_magnitudes(cycles, harmonics: int = LSD_HARMONICS, f0_hz: float = ERB_F0_HZ) -> np.ndarray:
    """Floored dB of ERB-pooled power: float[..., n] -> float64[..., bands]."""
    return pooled_db(magnitudes(cycles, harmonics), erb_bank(harmonics, f0_hz))


def pooled_db(amplitudes: np.ndarray, bank: np.ndarray) -> np.ndarray:
    """Amplitudes pooled as power by `bank`, in floored dB: float[..., harmonics] -> float[..., bands]."""
    return floored_db(np.sqrt(amplitudes**2 @ bank.T), ERB_FLOOR_DB)


def rms_difference_db(reference_db: np.ndarray, candidate_db: np.ndarray) -> np.ndarray:
    """Root mean square over the last axis of the difference of two spectra in dB."""
    return np.sqrt(((reference_db - candidate_db) ** 2).mean(-1))


def lsd(reference, candidate, harmonics: int = LSD_HARMONICS) -> np.ndarray:
    """Log-spectral distance in dB per cycle: two float[n_cycles, n] -> float64[n_cycles]."""
    return rms_difference_db(log_magnitudes(reference, harmonics), log_magnitudes(candidate, harmonics))


def erb_lsd(reference, candidate, harmonics: int = LSD_HARMONICS, f0_hz: float = ERB_F0_HZ) -> np.ndarray:
    """Log-spectral distance in dB on ERB-pooled power per cycle: two float[n_cycles, n] -> float64[n_cycles]."""
    return rms_difference_db(
        erb_log_magnitudes(reference, harmonics, f0_hz), erb_log_magnitudes(candidate, harmonics, f0_hz)
    )
