"""What can be played: a model, a wavetable, or the amplitudes a preset keeps for when its model is gone.

Each is a `Source`: played points (float32[n, latent_size] within low..high) -> (re, im) float32[n, 1 + h] at equal loudness.
"""

from abc import ABC, abstractmethod
from typing import Protocol

import numpy as np

from ..params.knobs import MAX_DIRECTIONS
from . import loudness
from .decode_kernel import BlockDecoder, rows_decoder
from .density import Map, load_map
from .model import Model
from .morph_path import MorphPaths

Spectra = tuple[np.ndarray, np.ndarray]
_AT_A = np.array([[1, 0, 0, 0]], np.float32)
_UNTOUCHED = np.zeros((1, MAX_DIRECTIONS), np.float32)


class Source(Protocol):
    """Anything with a spectrum at every point."""

    name: str
    sha256: str
    latent_size: int
    low: np.ndarray
    high: np.ndarray
    latent_names: tuple[str, ...]
    direction_names: tuple[str, ...]  # at most 8
    faults: int  # rows that were not numbers so far: each repeated the last good one

    def spectra(self, points: np.ndarray, weights: np.ndarray, amounts: np.ndarray) -> Spectra:
        """(re, im) float32[n, 1 + h] of n played points; a row is the same whatever else is in the batch.

        points: float32[n, latent_size], morph and offsets and modulation, clipped. weights: float32[n, 4], how much of
        corners A to D is in the played position. amounts: float32[n, 8] of the named directions, -1..1, 0 untouched.
        """
        ...

    def spectrum(self, point: np.ndarray) -> Spectra:
        """(re, im) float32[1 + h] at a point, no direction asked."""
        ...

    def corners(self) -> np.ndarray:
        """Corners A..D for a patch that has none: float64[4, latent_size]."""
        ...


class _Batched(ABC):
    """What every source shares: rows that are not numbers made good, and a spectrum for one point."""

    direction_names: tuple[str, ...] = ()
    block_decoder: BlockDecoder | None = None  # what the audio thread can decode by itself, where it can
    faults = 0
    _good: tuple[np.ndarray, np.ndarray] | None = None

    @abstractmethod
    def spectra(self, points: np.ndarray, weights: np.ndarray, amounts: np.ndarray) -> Spectra:
        """As `Source.spectra`."""

    def spectrum(self, point: np.ndarray) -> Spectra:
        """`spectra` of one point, played at corner A with no direction: (re, im) float32[1 + n]."""
        re, im = self.spectra(np.asarray(point, np.float32)[None], _AT_A, _UNTOUCHED)
        return re[0], im[0]

    def _levelled(self, re: np.ndarray, im: np.ndarray) -> Spectra:
        """Rows at equal loudness; one that is not numbers repeats the last good one, or is silent, and is counted."""
        bad = loudness.level(re, im)
        for i in np.flatnonzero(bad):
            good = (re[i - 1], im[i - 1]) if i else self._good or (0.0, 0.0)
            re[i], im[i] = good
        self.faults += int(bad.sum())
        if len(re) and not bad.all():
            self._good = re[-1].copy(), im[-1].copy()
        return re, im


class ModelSource(_Batched):
    """A trained model (`model.Model`), with the named directions of its map where it has one, and the paths of its morphs.

    Raises UserError where the map is damaged.
    """

    def __init__(self, model: Model, found: Map | None = None):
        self.model = model
        self.name, self.sha256, self.latent_size = model.name, model.sha256, model.latent_size
        self.low, self.high = np.asarray(model.low, np.float32), np.asarray(model.high, np.float32)
        self.latent_names = tuple(str(row.get("name") or f"Z{i + 1}") for i, row in enumerate(model.manifest["latents"]))
        self.map = found or load_map(model.folder, model.latent_size)
        self._directions = self.map.directions if self.map else None
        self.direction_names = self._directions.names[:MAX_DIRECTIONS] if self._directions else ()
        self.morph_paths = MorphPaths(model, self.map.density if self.map else None)
        self.block_decoder = model.block_decoder(self._directions)
        turn = np.exp(1j * np.asarray(model.phases))
        self._cosine, self._sine = turn.real.astype(np.float32), turn.imag.astype(np.float32)

    @property
    def map_axes(self) -> np.ndarray | None:
        """Latents that cross the map from left to right and from bottom to top, float32[2, z]; None without a map."""
        return self.map.axes if self.map else None

    def latents_at(self, points: np.ndarray, amounts: np.ndarray) -> np.ndarray:
        """Points [n, z] moved by the named directions and clipped: what is decoded."""
        if self._directions is not None and amounts.any():
            points = self._directions.move_rows(points, amounts)
        return np.clip(points, self.low, self.high)

    def amplitudes(self, points: np.ndarray, amounts: np.ndarray) -> np.ndarray:
        """Points [n, z] moved by the named directions, clipped and decoded: float32[n, harmonics], each row at its own scale."""
        return self.model.amplitudes(self.latents_at(points, amounts))

    def spectra(self, points, weights, amounts):
        """Moved, decoded and turned to the model's phases, in one batch."""
        found = self.amplitudes(points, amounts)
        re, im = (np.empty((len(found), 1 + found.shape[1]), np.float32) for _ in range(2))
        loudness.spread(found, self._cosine, self._sine, re, im)
        return self._levelled(re, im)

    def corners(self):
        """A at the model's mean, B along its first latent."""
        corners = np.tile(np.clip(self.model.mean, self.low, self.high).astype(float), (4, 1))
        corners[1::2, 0] = self.low[0] + 0.85 * (self.high[0] - self.low[0])
        return corners


class _OneAxis(_Batched):
    """A source whose only latent is the position along rows of harmonics."""

    latent_size = 1
    sha256 = ""

    def __init__(self, name: str, rows: np.ndarray):
        self.name, self._rows = name, rows
        self.low, self.high = np.zeros(1, np.float32), np.ones(1, np.float32)
        self.latent_names: tuple[str, ...] = ("Position",)
        if 1 < rows.shape[1] <= loudness.HARMONICS + 1:
            self.block_decoder = rows_decoder(rows[:, 1:], self._phases(rows.shape[1] - 1))

    def _phases(self, harmonics: int) -> np.ndarray | None:
        """Phases of its harmonics where all rows have the same."""
        return None

    def spectra(self, points, weights, amounts):
        """Rows on both sides of the position, mixed linearly."""
        at = np.nan_to_num(np.clip(np.asarray(points, float)[:, 0], 0, 1)) * (len(self._rows) - 1)
        i = np.minimum(at.astype(int), max(len(self._rows) - 2, 0))
        mix = (at - i)[:, None]
        h = np.where(mix == 0, self._rows[i], (1 - mix) * self._rows[i] + mix * self._rows[np.minimum(i + 1, len(self._rows) - 1)])
        return self._levelled(h.real.astype(np.float32), h.imag.astype(np.float32))

    def corners(self):
        """Position 0 at A and C, 1 at B and D."""
        return np.array([[0.0], [1.0], [0.0], [1.0]])


class WavetableSource(_OneAxis):
    """Frames of a wavetable file along `osc.position`. frames: float[n, size]; told: what was guessed of them, for the player."""

    def __init__(self, name: str, frames: np.ndarray, told: str = ""):
        self.told = told
        super().__init__(name, np.array([loudness.cycle_harmonics(frame) for frame in frames]))


class FallbackSource(_OneAxis):
    """The amplitudes a preset keeps: levels in dB, float[9, harmonics], with the phases of sines."""

    def __init__(self, name: str, levels_db: np.ndarray):
        amplitudes = np.where(levels_db > -99.9, 10.0 ** (np.asarray(levels_db, float) / 20), 0.0)
        rows = np.zeros((len(amplitudes), amplitudes.shape[1] + 1), complex)
        rows[:, 1:] = -1j * amplitudes
        super().__init__(name, rows)

    def _phases(self, harmonics: int) -> np.ndarray | None:
        return np.full(harmonics, -np.pi / 2)
