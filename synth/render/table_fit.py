"""Frames as a format's owner takes them: of its size, no more than it holds, without a constant, no louder than full scale."""

import numpy as np

DC_HEARD = 10 ** (-80 / 20)  # a mean above it clicks at a note's beginning and end


def without_dc(frames: np.ndarray) -> tuple[np.ndarray, str]:
    """(frames float64[n, size], a word): their means taken off where any is to be heard, else every sample as it was."""
    means = frames.mean(1, keepdims=True)
    worst = float(np.abs(means).max())
    if worst <= DC_HEARD:
        return frames, ""
    return frames - means, f"a constant of up to {20 * np.log10(worst):.0f} dBFS was taken off"


def resized(frames: np.ndarray, size: int) -> tuple[np.ndarray, str]:
    """Each frame resampled as the period it is, by FFT: float64[n, size]; harmonics that do not fit are left out, and told."""
    n, before = frames.shape
    if size == before:
        return frames, ""
    spectra = np.fft.rfft(frames, axis=1)
    kept = min(before, size) // 2 + 1
    found = np.zeros((n, size // 2 + 1), complex)
    found[:, :kept] = spectra[:, :kept] * (size / before)
    if min(before, size) % 2 == 0:
        found[:, kept - 1] = 0  # at half the rate, where the phase is not known
    lost = (np.abs(spectra[:, kept:]) ** 2).sum() > 1e-6 * (np.abs(spectra) ** 2).sum()
    left_out = f", without harmonics above the {(size - 1) // 2}th" if lost else ""
    return np.fft.irfft(found, size, axis=1), f"frames of {before} samples were brought to {size}{left_out}"


def recounted(frames: np.ndarray, most: int, exactly: bool) -> tuple[np.ndarray, str]:
    """At most `most` frames, those nearest to equal steps; with `exactly`, that many, mixed between neighbours where there are fewer."""
    n = len(frames)
    if n == most or (n < most and not exactly):
        return frames, ""
    at = np.linspace(0, n - 1, most)
    if n > most:
        return frames[np.round(at).astype(int)], f"of {n} frames {most} were kept, evenly along the table"
    i = np.minimum(at.astype(int), max(n - 2, 0))
    mix = (at - i)[:, None]
    return (1 - mix) * frames[i] + mix * frames[np.minimum(i + 1, n - 1)], f"{n} frames were spread over {most}"


def within_full_scale(frames: np.ndarray) -> tuple[np.ndarray, str]:
    """All frames lowered alike where one would go over full scale; never raised."""
    peak = float(np.abs(frames).max())
    if peak <= 1:
        return frames, ""
    return frames / peak, f"all frames were lowered by {20 * np.log10(peak):.1f} dB, to full scale"
