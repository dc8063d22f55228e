"""Where a note begins, holds still and is let go, from its level alone."""

from dataclasses import dataclass

import numpy as np

_BLOCK_S = 0.001
_FAINT_DB = -42.0  # under the loudest: a note has begun
_OVER_ROOM_DB = 9.0  # a beginning stands so far above what was there before it
_LOUDEST_ROOM_DB = -40.0  # what is louder is a slow attack, not the room
_ROOM_BLOCKS = 60
_END_DB = -60.0
_COARSE_S = 0.02
_LET_GO_DB_A_S = -25.0  # a release falls so much faster than the note before it
_LEAST_FALL_DB = 12.0
_SETTLED_S = 0.25  # the attack and what follows it is over
_LEAST_STEADY_S = 0.1


@dataclass(frozen=True)
class NoteTimes:
    """Times in s from the recording's first sample: onset, steady part, release (the end where there is none), end of the sound."""

    onset_s: float
    steady_s: tuple[float, float]
    release_s: float
    end_s: float


def _levels_db(samples: np.ndarray, rate_hz: int, block_s: float) -> np.ndarray:
    block = max(1, int(round(block_s * rate_hz)))
    count = max(1, len(samples) // block)
    padded = np.pad(samples, (0, max(0, count * block - len(samples))))[: count * block]
    return 10 * np.log10((padded.reshape(count, block) ** 2).mean(1) + 1e-14)


def find_onset(samples: np.ndarray, rate_hz: int) -> float:
    """The time in s at which a note begins: float64[n] that holds one note, perhaps some room before it."""
    levels = _levels_db(samples, rate_hz, _BLOCK_S)
    smooth = 10 * np.log10(np.convolve(10 ** (levels / 10), np.full(5, 0.2), "same") + 1e-14)
    top = smooth.max()
    loud = int(np.argmax(smooth > top - 12))
    room = min(float(np.percentile(levels[:loud], 10)), top + _LOUDEST_ROOM_DB) if loud > _ROOM_BLOCKS else -140.0
    floor = max(top + _FAINT_DB, room + _OVER_ROOM_DB)
    quiet = np.flatnonzero(smooth[: loud + 1] < floor)
    first = int(quiet[-1]) + 1 if len(quiet) else 0
    while first > 0 and levels[first - 1] > floor:  # the smoothing has moved it later by up to two blocks
        first -= 1
    return first * _BLOCK_S


def find_shape(samples: np.ndarray, rate_hz: int) -> NoteTimes:
    """Onset, steady part, release and end of one note float64[n]."""
    onset_s = find_onset(samples, rate_hz)
    levels = _levels_db(samples, rate_hz, _COARSE_S)
    top = levels.max()
    heard = np.flatnonzero(levels > top + _END_DB)
    end_s = min((int(heard[-1]) + 1) * _COARSE_S, len(samples) / rate_hz)
    release_s = _find_release(levels, onset_s, end_s)
    first = min(onset_s + _SETTLED_S, onset_s + 0.4 * (release_s - onset_s))
    last = max(release_s - 0.05, first + min(_LEAST_STEADY_S, 0.5 * max(release_s - first, 0.0)))
    return NoteTimes(onset_s, (first, min(last, end_s)), release_s, end_s)


def _find_release(levels: np.ndarray, onset_s: float, end_s: float) -> float:
    """Where two straight lines through the level meet best, if the second falls much faster; else the end."""
    first, last = int((onset_s + _SETTLED_S) / _COARSE_S), int(end_s / _COARSE_S)
    curve = np.maximum(levels[first:last], levels.max() + _END_DB)
    if len(curve) < 12:
        return end_s
    before, after = _line_fits(curve), _line_fits(curve[::-1])
    splits = np.arange(4, len(curve) - 3)
    split = int(splits[np.argmin(before[splits, 1] + after[len(curve) - splits, 1])])
    slope_before, slope_after = before[split, 0], -after[len(curve) - split, 0]
    falls = slope_after < slope_before + _LET_GO_DB_A_S and curve[split - 1] - curve[-1] > _LEAST_FALL_DB
    return (first + split) * _COARSE_S if falls else end_s


def _line_fits(curve: np.ndarray) -> np.ndarray:
    """Of the straight lines through the first 0 to n values: (slope a second, sum of squares left): float64[n + 1, 2]."""
    curve = curve - curve.mean()
    at = np.arange(len(curve)) * _COARSE_S
    n = np.maximum(np.arange(len(curve) + 1), 1)
    x, y, xx, xy, yy = (np.concatenate([[0.0], np.cumsum(column)]) for column in (at, curve, at * at, at * curve, curve * curve))
    spread, together = xx - x * x / n, xy - x * y / n
    slope = together / np.maximum(spread, 1e-12)
    return np.stack([slope, np.maximum(yy - y * y / n - slope * together, 0.0)], 1)
