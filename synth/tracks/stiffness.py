"""How far a string's partials lie above the multiples of its pitch: f_k = k f0 sqrt(1 + B k^2)."""

import numpy as np

from .warp import Warped

_PARTIALS = 36
_GRID = np.concatenate([[0.0], np.geomspace(2e-5, 4e-3, 47)])
_SPREADS = (0.12, 0.015)  # of finer grids around the best
_OFFSETS = np.arange(-20, 21) / 1200 * np.log(2)  # of the pitch itself, a cent apart
_LEAST_GAIN_DB = 1.5  # a partial, on average: below it a note is harmonic
_FURTHEST_DB = 60.0  # under the strongest: what is lower is noise and tells nothing


def partial_numbers(count: int, stiffness: float) -> np.ndarray:
    """k sqrt(1 + B k^2) of the first `count` partials, scaled so that the first is 1: float64[count]."""
    k = np.arange(1, count + 1)
    return k * np.sqrt((1 + stiffness * k**2) / (1 + stiffness))


def find_stiffness(warped: Warped, begin_cycle: float, end_cycle: float) -> float:
    """B of a note between two phases; 0 where its partials are harmonic to within what can be heard of them.

    The comb that holds most decibels, over B and small errors of the pitch, in one long spectrum of the warped note.
    """
    first, last = int(begin_cycle * warped.period), int(end_cycle * warped.period)
    piece = warped.samples[first:last]
    size = 1 << int(np.ceil(np.log2(max(2 * len(piece), 4096))))
    if len(piece) < 12 * warped.period:
        return 0.0
    power_db = 20 * np.log10(np.abs(np.fft.rfft(piece * np.hanning(len(piece)), size)) + 1e-12)
    power_db = np.maximum(power_db - power_db.max(), -_FURTHEST_DB)
    count, bins_a_cycle = min(_PARTIALS, warped.period // 2 - 2), size / warped.period
    levels = _comb_levels(power_db, bins_a_cycle, count, _GRID)
    best = float(_GRID[int(np.argmax(levels))])
    if levels.max() - levels[0] < _LEAST_GAIN_DB:
        return 0.0
    for spread in _SPREADS:
        grid = best * np.linspace(1 - spread, 1 + spread, 25)
        best = float(grid[int(np.argmax(_comb_levels(power_db, bins_a_cycle, count, grid)))])
    return best


def _comb_levels(power_db: np.ndarray, bins_a_cycle: float, count: int, grid: np.ndarray) -> np.ndarray:
    """Mean level of the partials for each B of the grid, at the best pitch: float64[grid]."""
    numbers = np.stack([partial_numbers(count, b) for b in grid])  # [grid, partials]
    places = np.rint(numbers[:, None] * np.exp(_OFFSETS)[None, :, None] * bins_a_cycle).astype(int)
    inside = places < len(power_db)
    levels = np.where(inside, power_db[np.minimum(places, len(power_db) - 1)], -_FURTHEST_DB)
    return levels.mean(2).max(1)
