"""Paths that morphs follow in place of straight lines: found once for their corners, kept, and played as displacements.

Between corners A and B (and C and D) the path is that of `morph_path_search`, smoothed, in steps that sound nearly alike. What is kept of
it is how far it lies from the straight line, as a sum of sines of the position that are zero at both ends: it has no kinks that a swept
position would turn into lines, and the corners stay where they are. A displacement is added to a played point after its offsets and
modulation, before named directions.
"""

import threading
from collections.abc import Callable

import numpy as np

from ..engine.compile.jit import kernel
from ..engine.dsp.morph_path import TERMS, follow_path
from ..samples.spectrum import lsd
from .bounded_cache import BoundedCache
from .density import Density
from .model import Model
from .morph_path_search import find_path

_SHAPE, _EVEN = 4.0, 6.0  # the m-th sine counts by exp(-(m / 4)^2) in where it leads, by exp(-(m / 6)^2) in how fast as well
_SPEED = 0.06  # of the way, over which its speed is averaged (standard deviation): fully even steps would dash and halt when swung
_KNOTS = 129  # points of it that are decoded
_MOST = 64  # kept


class MorphPaths:
    """The ways of one model. From any thread; one at a time is found."""

    def __init__(self, model: Model, density: Density | None):
        self._model, self._density, self.latent_size = model, density, model.latent_size
        self._low, self._high = np.asarray(model.low, np.float32), np.asarray(model.high, np.float32)
        self._known: BoundedCache[bytes, np.ndarray] = BoundedCache(_MOST)
        self._finding = threading.Lock()

    def _ends(self, corners: np.ndarray) -> np.ndarray:
        """Corners [4, z] as ends of ways: float32[2, 2, z], A and B, C and D."""
        return np.clip(np.asarray(corners, np.float32), self._low, self._high).reshape(2, 2, -1)

    def known(self, corners: np.ndarray) -> bool:
        """Whether the ways between corners A to D float[4, z] need not be found any more."""
        return all(ends.tobytes() in self._known for ends in self._ends(corners))

    def find(self, corners: np.ndarray) -> list[np.ndarray]:
        """Sines of the ways from A to B and from C to D: float32[terms, z] each. Corners: float[4, z].

        About 0.3 s for each that is not known.
        """
        return [self._side(ends) for ends in self._ends(corners)]

    def _side(self, ends: np.ndarray) -> np.ndarray:
        key = ends.tobytes()
        found = self._known.get(key)
        if found is None:
            with self._finding:
                found = self._known.get(key)
                if found is None:
                    found = self._known.put(key, self._sines(*ends))
        return found

    def _sines(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        if np.array_equal(start, end):
            return np.zeros((TERMS, len(start)), np.float32)
        start, end, at = start.astype(float), end.astype(float), np.linspace(0, 1, _KNOTS)
        beads = find_path(self._model, self._density, start, end)
        line = start + np.linspace(0, 1, len(beads))[:, None] * (end - start)
        shape = _sines(beads - line, _SHAPE)
        morph_path = np.clip(start + at[:, None] * (end - start) + _sum(shape, at), self._low, self._high)
        cycles = self._model.decode(morph_path)
        gone = np.concatenate([[0], np.cumsum(_averaged(lsd(cycles[1:], cycles[:-1]) + 1e-6))])
        when = np.interp(at * gone[-1], gone, at)  # steps that sound alike
        away = (when - at)[:, None] * (end - start) + _sum(shape, when)
        return _sines(away, _EVEN).astype(np.float32)

    def displace(self, latents: np.ndarray, weights: np.ndarray, follow: np.ndarray, corners: np.ndarray) -> None:
        """Move played points float32[n, z], in place, so far towards the ways as float32[n] says, and clip them to the ranges.

        weights: float32[n, 4] of corners A to D. A row comes out the same whatever else is in the batch; one that follows nothing
        is left as it is.
        """
        _displace(latents, np.ascontiguousarray(weights, np.float32), np.ascontiguousarray(follow, np.float32), *self.find(corners),
                  self._low, self._high)

    def displacement(self, weights: np.ndarray, follow: np.ndarray, corners: np.ndarray) -> np.ndarray:
        """What `displace` adds, before it clips: float32[n, z]."""
        away, ends = np.zeros((len(weights), self.latent_size), np.float32), np.full(self.latent_size, np.inf, np.float32)
        _displace(away, np.ascontiguousarray(weights, np.float32), np.ascontiguousarray(follow, np.float32), *self.find(corners),
                  -ends, ends)
        return away


def _waves(at: np.ndarray) -> np.ndarray:
    return np.sin(np.pi * np.arange(1, TERMS + 1) * at[:, None])


def _sum(sines: np.ndarray, at: np.ndarray) -> np.ndarray:
    return _waves(at) @ sines


def _sines(away: np.ndarray, smooth: float) -> np.ndarray:
    """The sines of what is zero at both ends, float64[n, z] at equal steps, smoothed."""
    n = len(away) - 1
    counts = np.exp(-((np.arange(1, TERMS + 1) / smooth) ** 2))[:, None]
    return counts * (2 / n * (_waves(np.linspace(0, 1, n + 1)).T @ away))


def _averaged(steps: np.ndarray) -> np.ndarray:
    width = _SPEED * len(steps)
    reach = int(3 * width)
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    return np.convolve(np.pad(steps, reach, "symmetric"), bell / bell.sum(), "valid")


def followed(morph_paths: MorphPaths, points: np.ndarray, corners_of: Callable[[int], np.ndarray | None]) -> np.ndarray:
    """The latents float32[n, z] of points (LATENT_POSITION[n], see engine/timbre/records.py), each moved to the ways it follows.

    corners_of: the corners of a way's number, None where they are forgotten or it is not to be followed: it then goes straight.
    """
    latents = np.ascontiguousarray(points["latent"][:, :morph_paths.latent_size])
    for k in range(2):
        follow, morph_path = points["follow"][:, k], points["morph_path"][:, k]
        for number in np.unique(morph_path[follow != 0]):
            corners = corners_of(int(number))
            if corners is not None:
                morph_paths.displace(latents, points["weights"], np.where(morph_path == number, follow, np.float32(0)), corners)
    return latents


def compile_morph_paths() -> None:
    """Compile what a followed morph needs, or fetch it from the cache, so that the first comes at once."""
    row, sines = np.zeros((1, 1), np.float32), np.zeros((TERMS, 1), np.float32)
    _displace(row, np.zeros((1, 4), np.float32), np.zeros(1, np.float32), sines, sines, row[0], row[0])


@kernel
def _displace(latents, weights, follow, lower, upper, low, high):
    """`MorphPaths.displace` by sines float32[terms, z] of the ways A to B and C to D, row by row."""
    for i in range(latents.shape[0]):
        if follow[i] != 0.0:
            follow_path(latents[i], weights[i], follow[i], lower, upper, low, high)
