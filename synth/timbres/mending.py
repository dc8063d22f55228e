"""Cycles of strangers' decoders, of any length and level, as harmonic amplitudes: the offset goes, and what tears at the wrap is closed."""

import numpy as np

_TORN, _EDGE = 1.0, 2.0  # of the RMS: a step at the wrap up to here is a tear, from there on the wave's own edge, as a sawtooth has it


def closed(cycles: np.ndarray) -> np.ndarray:
    """Cycles float[n, size] -> float64[n, size] without offset, whose ends meet.

    A decoder that was trained on cut-out cycles does not know that they repeat. Where the wrap lies further from the straight line
    through its neighbours than any place inside, a slope along the whole cycle closes it. A step of twice the RMS (a sawtooth's is
    3.5 times) is the wave's own; between, in part.
    """
    cycles = np.asarray(cycles, float)
    cycles = cycles - cycles.mean(1, keepdims=True)
    slopes = np.diff(cycles, axis=1)
    step = cycles[:, 0] - cycles[:, -1] - (slopes[:, 0] + slopes[:, -1]) / 2
    rms, bend = np.sqrt((cycles**2).mean(1)), np.abs(np.diff(slopes, axis=1)).max(1)
    torn = np.clip(_EDGE - np.abs(step) / np.maximum((_EDGE - _TORN) * rms, 1e-30), 0, 1)
    torn *= np.clip(np.abs(step) / np.maximum(bend, 1e-30) - 1, 0, 1)
    size = cycles.shape[1]
    return cycles + (step * torn)[:, None] * (np.arange(size) / (size - 1) - 0.5)


def cycle_amplitudes(cycles: np.ndarray, harmonics: int) -> np.ndarray:
    """Cycles float[n, size] -> amplitudes float32[n, harmonics] of their harmonics, closed first; NaN where a row is not numbers."""
    size = cycles.shape[1]
    with np.errstate(invalid="ignore", over="ignore"):
        return np.abs(np.fft.rfft(closed(cycles), axis=1)[:, 1:harmonics + 1] * (2 / size)).astype(np.float32)
