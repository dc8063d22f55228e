"""Phases of harmonics between the spectra of several sources."""

from collections.abc import Sequence

import numpy as np

from ..engine.timbre import block_mix
from .residual_source import ResidualSource
from .source import FallbackSource, ModelSource, Source, Spectra

FLOOR_POWER = np.float32(block_mix.FLOOR_POWER)
_SAME = 1e-4  # radians


class Phases:
    """Phases of the harmonics of sources that are mixed: those that stay are known beforehand."""

    def __init__(self, sources: Sequence[Source], width: int):
        found = [_lasting_phases(source, width) for source in sources]
        self._known = [g for g, row in enumerate(found) if row is not None]
        self._open = [g for g, row in enumerate(found) if row is None]
        rows = [row for row in found if row is not None]
        self._first = np.zeros(width, np.float32)
        for row in reversed(rows):  # of a harmonic that a source lacks, the next one's counts
            self._first = np.where(np.isnan(row), self._first, row).astype(np.float32)
        turns = [np.where(np.isnan(row), 0, _wrapped(row - self._first)).astype(np.float32) for row in rows]
        self._turns = [turn if abs(turn).max() > _SAME else None for turn in turns]
        self._circle = np.cos(self._first), np.sin(self._first)

    @property
    def first(self) -> np.ndarray:
        """Phases float32[width] that the others turn away from, radians; those of harmonics start at 1."""
        return self._first

    def turn_of(self, g: int) -> np.ndarray | None:
        """How far a source's phases are off the first one's, float32[width] radians; None where they are the same, or move."""
        return self._turns[self._known.index(g)] if g in self._known else None

    def turned(self, level: np.ndarray, re: np.ndarray, im: np.ndarray, power: np.ndarray, weights: np.ndarray) -> Spectra:
        """Levels float32[n, width] with the phases of `mixed`: (re, im)."""
        if not self._open and all(turn is None for turn in self._turns):
            return level * self._circle[0], level * self._circle[1]
        phase = self.mixed(re, im, power, weights)
        return level * np.cos(phase), level * np.sin(phase)

    def mixed(self, re: np.ndarray, im: np.ndarray, power: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Phases float32[n, width] by the shorter way from the first source's. re, im, power: float32[sources, n, width]."""
        phase = np.repeat(self._first[None], len(weights), 0)
        if not self._known:
            phase = np.arctan2(im[0], re[0])
        first = phase.copy() if self._open else phase
        for g, turn in zip(self._known, self._turns, strict=True):
            if turn is not None:
                phase += weights[:, g, None] * turn
        for g in self._open:
            away = np.where(power[g] > FLOOR_POWER, _wrapped(np.arctan2(im[g], re[g]) - first), np.float32(0))
            phase += weights[:, g, None] * away
        return phase


def _wrapped(angle: np.ndarray) -> np.ndarray:
    """An angle within half a turn of 0."""
    turn = np.float32(2 * np.pi)
    return angle - turn * np.floor(angle / turn + np.float32(0.5))


def _lasting_phases(source: Source, width: int) -> np.ndarray | None:
    """Phases float32[width] (cosine reference) of a source's harmonics at every point, NaN for those it has not; None: they move."""
    row = np.full(width, np.nan, np.float32)
    if isinstance(source, ModelSource) and not isinstance(source, ResidualSource):
        phases = np.asarray(source.model.phases)[:width - 1]
        row[1:1 + len(phases)] = phases
        return row
    if isinstance(source, FallbackSource):
        row[1:] = -np.pi / 2
        return row
    return None
