"""Where a held note may be repeated, and the blend that makes the repeat inaudible."""

from dataclasses import dataclass

import numpy as np

LONGEST_S, SHORTEST_S = 2.0, 0.1  # of a loop
_BLEND_S = 0.25  # at most half the loop
_MATCH = 4096  # samples before both ends that are compared
_DIES = 10 ** (-30 / 20)  # under its loudest moment at its end: the note has died away, and is not repeated
_WINDOW_S = 0.1


@dataclass(frozen=True)
class Loop:
    """Frames start..end-1 repeat; `end` is the first that is not played."""

    start: int
    end: int


def is_held(samples: np.ndarray, sr_hz: int) -> bool:
    """Whether float[n, channels] still sounds at its end."""
    size = max(round(_WINDOW_S * sr_hz), 1)
    rows = samples[:len(samples) // size * size].reshape(-1, size, samples.shape[1])
    levels = np.sqrt((rows**2).mean((1, 2)))
    return bool(len(levels) > 4 and levels[-2] > _DIES * levels.max() > 0)


def find_loop(samples: np.ndarray, sr_hz: int, earliest: int) -> Loop | None:
    """The loop whose end is likest to its beginning, both behind frame `earliest`; None where there is no room. float[n, channels].

    The end is fixed; the start is where what comes before it correlates best with what comes before the end, so that every partial,
    detuned ones too, comes as near to its own phase as whole samples allow.
    """
    end = len(samples)
    first = max(earliest, end - round(LONGEST_S * sr_hz)) + _MATCH
    last = end - max(round(SHORTEST_S * sr_hz), _MATCH)
    if last <= first:
        return None
    wanted = samples[end - _MATCH:]
    field = samples[first - _MATCH:last]
    size = 1 << (len(field) + _MATCH).bit_length()
    product = np.fft.rfft(field, size, axis=0) * np.conj(np.fft.rfft(wanted, size, axis=0))
    likeness = np.fft.irfft(product.sum(1), size)[:len(field) - _MATCH + 1]
    energy = np.concatenate([[0.0], np.cumsum((field**2).sum(1))])
    likeness /= np.sqrt(np.maximum(energy[_MATCH:] - energy[:-_MATCH], 1e-20) * max((wanted**2).sum(), 1e-20))
    near = np.flatnonzero(likeness > likeness.max() - 1e-4)
    return Loop(first + int(near[0]), end)  # of those as good, the longest


def blend_loop(samples: np.ndarray, loop: Loop, sr_hz: int) -> np.ndarray:
    """The samples with the loop's last stretch led into what stands before its start: nothing steps at its end, whatever moved."""
    length = min(round(_BLEND_S * sr_hz), (loop.end - loop.start) // 2, loop.start)
    own, other = samples[loop.end - length:loop.end], samples[loop.start - length:loop.start]
    rise = ((np.arange(length) + 1) / length)[:, None]
    rise = rise * rise * (3 - 2 * rise)
    likeness = float((own * other).sum() / np.sqrt(max((own**2).sum() * (other**2).sum(), 1e-20)))
    level = np.sqrt((1 - rise) ** 2 + rise**2 + 2 * max(likeness, 0.0) * rise * (1 - rise))  # unlike stretches keep their power too
    found = samples.copy()
    found[loop.end - length:loop.end] = ((1 - rise) * own + rise * other) / level
    return found
