"""One cycle of any length -> the house's form: 2,048 samples, no DC, unit RMS, all of its harmonics."""

import numpy as np

CYCLE_SIZE = 2048
MAX_HARMONICS = CYCLE_SIZE // 2 - 1
SHORTEST_CYCLE = 16  # samples: fewer hold under 8 harmonics, no timbre to speak of
LONGEST_CYCLE = 4096  # samples: a longer file is a recording or a pack, not one cycle
SILENCE_RMS = 1e-5  # -100 dB re full scale


class SampleError(ValueError):
    """Why one file or cycle cannot be used, in a few words; readers collect these and go on."""


def known_harmonics(n_samples: int) -> int:
    """How many harmonics a cycle of `n_samples` samples can carry (under its Nyquist), at most 1,023."""
    return min((n_samples - 1) // 2, MAX_HARMONICS)


def to_cycle(samples: np.ndarray) -> np.ndarray:
    """Resample one cycle by FFT, keeping every harmonic: float[n] -> float32[2048], zero mean, unit RMS.

    Never by interpolation between its ends, which stretches the period by one sample. Raises SampleError for what
    holds no sound: too short, not finite, or silent but for a constant offset.
    """
    samples = np.asarray(samples, np.float64)
    n_samples = samples.shape[-1]
    if n_samples < SHORTEST_CYCLE:
        raise SampleError(f"too short for a cycle ({n_samples} samples, at least {SHORTEST_CYCLE} are needed)")
    if not np.isfinite(samples).all():
        raise SampleError("holds values that are not numbers (NaN or infinity)")
    count = known_harmonics(n_samples)
    spectrum = np.zeros(CYCLE_SIZE // 2 + 1, complex)
    spectrum[1 : count + 1] = np.fft.rfft(samples)[1 : count + 1] / n_samples
    rms = np.sqrt(2 * (np.abs(spectrum) ** 2).sum())
    if not rms > SILENCE_RMS:
        raise SampleError("is silent")
    return (np.fft.irfft(spectrum / rms, CYCLE_SIZE) * CYCLE_SIZE).astype(np.float32)
