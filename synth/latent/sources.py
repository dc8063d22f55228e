"""What can be played: a model, a wavetable, or the amplitudes a preset keeps for when its model is gone.

Each is a `Source`: a played point (float32[latent_size] within low..high) -> (re, im) float32[1 + n] at equal loudness.
"""

from typing import Protocol

import numpy as np

from . import bank


class Source(Protocol):
    """Anything with a spectrum at every point."""

    name: str
    sha256: str
    latent_size: int
    low: np.ndarray
    high: np.ndarray
    latent_names: tuple[str, ...]

    def spectrum(self, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(re, im) float32[1 + n] at a point."""
        ...

    def corners(self) -> np.ndarray:
        """Corners A..D for a patch that has none: float64[4, latent_size]."""
        ...


class ModelSource:
    """A trained instrument (`plugin.Instrument`)."""

    def __init__(self, instrument):
        self.instrument = instrument
        self.name, self.sha256, self.latent_size = instrument.name, instrument.sha256, instrument.latent_size
        self.low, self.high = np.asarray(instrument.low, np.float32), np.asarray(instrument.high, np.float32)
        self.latent_names = tuple(row.get("name", f"Z{i + 1}") for i, row in enumerate(instrument.manifest["latents"]))
        self._point = np.zeros((1, self.latent_size), np.float32)

    def spectrum(self, point):
        """One decode, always a batch of one: its rounding must not depend on what else is asked."""
        self._point[0] = point
        cycle = self.instrument.decode(self._point)[0]
        h = bank.harmonics_of(cycle, self.instrument.harmonics)
        return bank.spectrum_of_harmonics(h, float(np.abs(cycle).max()))

    def corners(self):
        """A at the model's mean, B along its first latent."""
        corners = np.tile(np.clip(self.instrument.mean, self.low, self.high).astype(float), (4, 1))
        corners[1::2, 0] = self.low[0] + 0.85 * (self.high[0] - self.low[0])
        return corners


class _OneAxis:
    """A source whose only latent is the position along rows of harmonics."""

    latent_size = 1
    sha256 = ""

    def __init__(self, name: str, rows: np.ndarray):
        self.name, self._rows = name, rows
        self.low, self.high = np.zeros(1, np.float32), np.ones(1, np.float32)
        self.latent_names: tuple[str, ...] = ("Position",)

    def spectrum(self, point):
        """Rows on both sides of the position, mixed linearly."""
        at = min(max(float(point[0]), 0.0), 1.0) * (len(self._rows) - 1)
        i = min(int(at), max(len(self._rows) - 2, 0))
        mix = at - i
        rows = self._rows
        return bank.spectrum_of_harmonics(rows[i] if mix == 0 else (1 - mix) * rows[i] + mix * rows[i + 1])

    def corners(self):
        """Position 0 at A and C, 1 at B and D."""
        return np.array([[0.0], [1.0], [0.0], [1.0]])


class WavetableSource(_OneAxis):
    """Frames of a wavetable file along `osc.position`. frames: float[n, size]."""

    def __init__(self, name: str, frames: np.ndarray):
        super().__init__(name, np.array([bank.harmonics_of(frame) for frame in frames]))


class FallbackSource(_OneAxis):
    """The amplitudes a preset keeps: levels in dB, float[9, harmonics], with the phases of sines."""

    def __init__(self, name: str, levels_db: np.ndarray):
        amplitudes = np.where(levels_db > -99.9, 10.0 ** (np.asarray(levels_db, float) / 20), 0.0)
        rows = np.zeros((len(amplitudes), amplitudes.shape[1] + 1), complex)
        rows[:, 1:] = -1j * amplitudes
        super().__init__(name, rows)
