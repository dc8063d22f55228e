"""A model whose corners carry shapes of their own: imported cycles that keep their phases and every harmonic's level.

Levels interpolate in the log domain: the model's at the played point, and each corner's residual by its weight. Phases go
from the corner's own to the model's shared ones by the shorter way, in proportion to the weight, so that two spectra of
neighbouring ticks differ little in any phase and a cross-fade between them never cancels.
"""

from collections.abc import Sequence

import numpy as np

from ..engine.compile.jit import kernel
from ..params.knobs import CORNERS
from ..patch.waveform_residual import MOST_HARMONICS, PHASE_STEP, WaveformResidual, shape
from . import loudness
from .model import Model
from .source import ModelSource

_FLOOR_DB = -100.0  # at unit RMS: added to every level before its logarithm, and taken off what is heard
_HEARD_DB = _FLOOR_DB + 6.0  # a level as high as the floor, on it
_ROOM_DB = 12.0  # how far a raised harmonic may lie above both its own level and the model's when modulation moves the point
_DIP_DB = 2.0  # how far a harmonic may lie under its log interpolation on the way between the corners
_POINTS = 33, 17  # of the way, where it is looked at: with two corners, along each side with four
_ROUNDS = 6
_ENDLESS = 1e60
_NEPER = np.log(10) / 20


def _levels_db(amplitudes: np.ndarray, count: int) -> np.ndarray:
    """Amplitudes [n, h] -> dB at unit RMS [n, count], each above a floor of -100 dB, so that silence is the floor."""
    amplitudes = np.asarray(amplitudes, float)
    level = np.sqrt((amplitudes**2).sum(1, keepdims=True) / 2)
    padded = np.zeros((len(amplitudes), count))
    padded[:, :amplitudes.shape[1]] = amplitudes / np.maximum(level, 1e-30)
    return 20 * np.log10(padded + 10 ** (_FLOOR_DB / 20))


def levels_at(model: Model, latent: Sequence[float] | np.ndarray, count: int) -> np.ndarray:
    """A model's levels at a latent float[z], in dB at unit RMS and no lower than -100: float64[count]."""
    return _levels_db(model.amplitudes(np.asarray(latent, np.float32)[None]), count)[0]


def residual_of(model: Model, cycle: np.ndarray, latent: Sequence[float] | np.ndarray) -> WaveformResidual:
    """What `cycle` float[2048] has beyond a latent float[z] of the model."""
    h = loudness.cycle_harmonics(cycle, MOST_HARMONICS)[1:]
    own_db = _levels_db(np.abs(h)[None], MOST_HARMONICS)[0]
    count = max(model.harmonics, int(np.flatnonzero(own_db > _HEARD_DB)[-1]) + 1)
    h, own_db = h[:count], own_db[:count]
    model_db = levels_at(model, latent, count)
    shared = model.harmonics
    grid = np.zeros(16384, complex)
    grid[1:shared + 1] = h[:shared] * np.exp(-1j * model.phases)
    start = int(np.fft.ifft(grid).real.argmax()) / len(grid)
    phases = np.angle(h) + 2 * np.pi * start * np.arange(1, count + 1)
    return shape(phases, own_db - model_db, start)


def level_residual(model: Model, levels_db: np.ndarray, latent: Sequence[float] | np.ndarray) -> WaveformResidual:
    """What a sound has beyond a latent float[z] where only its levels are known: they, and the model's phases.

    levels_db: float[n] at unit RMS, no fewer than the model's harmonics; -100 is silence.
    """
    model_db = levels_at(model, latent, len(levels_db))
    phases = np.full(len(levels_db), -np.pi / 2)
    phases[:model.harmonics] = model.phases
    own_db = _levels_db(np.where(levels_db > _FLOOR_DB, 10 ** (np.asarray(levels_db, float) / 20), 0)[None], len(levels_db))[0]
    return shape(phases, own_db - model_db, 0.0)


class ResidualSource(ModelSource):
    """A model as one patch plays it: corners float[4, z], and the shapes of some of them by name (A to D).

    follow: how far the patch's morph follows its way (`morph_path.py`), on which no harmonic shall dip; to a quarter.
    """

    def __init__(self, source: ModelSource, corners: np.ndarray, shapes: dict[str, WaveformResidual], follow: float = 0.0):
        super().__init__(source.model, source.map)
        self.morph_paths = source.morph_paths
        self.block_decoder = None
        self._own = [CORNERS.index(name) for name in sorted(shapes)]
        self.harmonics = max(self.model.harmonics, *(len(s.phases) for s in shapes.values()))
        points = np.clip(np.asarray(corners, np.float32), self.low, self.high)
        self._residual = np.zeros((len(shapes), self.harmonics), np.float32)
        self._turn = np.zeros((len(shapes), self.harmonics), np.float32)
        self._phases = np.zeros(self.harmonics, np.float32)
        known = self.model.harmonics
        self._phases[:known] = self.model.phases
        for row, name in enumerate(sorted(shapes)):
            phases, residual = shapes[name].phases, shapes[name].residual_db
            if row == 0:
                self._phases[known:len(phases)] = phases[known:]
            away = (phases - self._phases[:len(phases)] + np.pi) % (2 * np.pi) - np.pi
            self._turn[row, :len(phases)] = np.where(abs(away) > PHASE_STEP, away, 0)
            self._residual[row, :len(phases)] = residual
        self._turned = bool(self._turn.any())
        self._circle = np.stack([np.cos(self._phases), np.sin(self._phases)])
        model_db = _levels_db(self.model.amplitudes(points), self.harmonics)
        self._own_db = (model_db[self._own] + self._residual).astype(np.float32)
        self._fill = np.zeros((1, 1, self.harmonics), np.float32)
        self._fill = self._filled(points, follow)

    def spectra(self, points, weights, amounts):
        """Moved and decoded by the model, then given the corners' own levels and phases by their weights."""
        return self._levelled(*self._shaped(self.amplitudes(points, amounts), weights))

    def _shaped(self, amplitudes: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        re, im = (np.empty((len(amplitudes), 1 + self.harmonics), np.float32) for _ in range(2))
        scratch = np.empty((3, self.harmonics), np.float32)
        _shape_rows(np.ascontiguousarray(amplitudes), np.ascontiguousarray(weights, np.float32), np.array(self._own), self._residual,
                    self._own_db, self._turned, self._turn, self._phases, self._circle, self._fill, scratch, re, im)
        return re, im

    def _filled(self, corners: np.ndarray, follow: float) -> np.ndarray:
        """What is added on the way between the corners, in dB, so that no harmonic dips: float32[ys, xs, harmonics].

        The decoder need not go straight: a harmonic can be weaker half-way than at both ends.
        """
        flat = np.array_equal(corners[0], corners[2]) and np.array_equal(corners[1], corners[3]) and not {2, 3} & set(self._own)
        xs, ys = np.linspace(0, 1, _POINTS[0] if flat else _POINTS[1]), np.linspace(0, 1, 1 if flat else _POINTS[1])
        x, y = (axis.ravel() for axis in np.meshgrid(xs, ys))
        weights = np.stack([(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y], 1).astype(np.float32)
        latents = np.clip(weights @ corners, self.low, self.high)
        if follow := round(4 * follow) / 4:
            self.morph_paths.displace(latents, weights, np.full(len(latents), follow), corners)
        amplitudes = self.model.amplitudes(latents)
        ends = self._heard_db(self.model.amplitudes(corners), np.eye(4, dtype=np.float32))
        wanted = weights @ ends - _DIP_DB
        fill = np.zeros((len(weights), self.harmonics), np.float32)
        for _ in range(_ROUNDS):  # what is added makes all of it louder, so that a little more is wanting
            self._fill = fill.reshape(len(ys), len(xs), -1)
            fill = np.maximum(0, fill + wanted - self._heard_db(amplitudes, weights)).astype(np.float32)
        return fill.reshape(len(ys), len(xs), -1)

    def _heard_db(self, amplitudes: np.ndarray, weights: np.ndarray) -> np.ndarray:
        re, im = self._levelled(*self._shaped(amplitudes, weights))
        return 20 * np.log10(np.maximum(np.hypot(re, im)[:, 1:], 1e-6))


def compile_residuals() -> None:
    """Compile what shaped corners need, or fetch it from the cache, so that the first such preset comes at once."""
    row, plane = np.ones((1, 1), np.float32), np.zeros((1, 1, 1), np.float32)
    _shape_rows(row, np.zeros((1, 4), np.float32), np.zeros(1, int), row, row, False, row, row[0], np.ones((2, 1), np.float32), plane,
                np.empty((3, 1), np.float32), np.empty((1, 2), np.float32), np.empty((1, 2), np.float32))


@kernel
def _shape_rows(amplitudes, weights, own, residual, own_db, turned, turn, phases, circle, fill, scratch, re, im):
    """Amplitudes float32[n, h] -> re, im float32[n, 1 + H] with the shapes of corners `own` by their weights [n, 4]."""
    n, known = amplitudes.shape
    harmonics = phases.shape[0]
    ys, xs = fill.shape[0], fill.shape[1]
    level, phase, model = scratch[0], scratch[1], scratch[2]
    floor = np.float32(10 ** (_FLOOR_DB / 20))
    for i in range(n):
        total = 0.0
        for k in range(known):
            total += np.float64(amplitudes[i, k]) * amplitudes[i, k]
        if not 1e-30 < total < _ENDLESS:
            re[i] = 0.0 if total <= 1e-30 else np.nan  # told by `bank.level`
            im[i] = 0.0
            continue
        scale = np.float32(1 / np.sqrt(0.5 * total))
        for k in range(harmonics):
            model[k] = scale * amplitudes[i, k] + floor if k < known else floor
            phase[k] = phases[k]
        x = min(max(weights[i, 1] + weights[i, 3], np.float32(0)), np.float32(1)) * (xs - 1)
        y = min(max(weights[i, 2] + weights[i, 3], np.float32(0)), np.float32(1)) * (ys - 1)
        x0, y0 = min(int(x), max(xs - 2, 0)), min(int(y), max(ys - 2, 0))
        x1, y1 = min(x0 + 1, xs - 1), min(y0 + 1, ys - 1)
        fx, fy = np.float32(x - x0), np.float32(y - y0)
        for k in range(harmonics):
            a = fill[y0, x0, k] + fx * (fill[y0, x1, k] - fill[y0, x0, k])
            b = fill[y1, x0, k] + fx * (fill[y1, x1, k] - fill[y1, x0, k])
            level[k] = a + fy * (b - a)
        for c in range(own.shape[0]):
            weight = weights[i, own[c]]
            if weight == 0:
                continue
            for k in range(harmonics):
                raised = residual[c, k]
                if raised > _ROOM_DB:
                    here = np.float32(20) * np.log10(model[k])
                    raised = min(raised, np.float32(_ROOM_DB) + max(np.float32(0), own_db[c, k] - here))
                level[k] += weight * raised
            if turned:
                for k in range(harmonics):
                    phase[k] += weight * turn[c, k]
        re[i, 0] = 0.0
        im[i, 0] = 0.0
        for k in range(harmonics):
            level[k] = max(model[k] * np.exp(np.float32(_NEPER) * level[k]) - floor, np.float32(0))
        for k in range(harmonics):
            re[i, 1 + k] = level[k] * (np.cos(phase[k]) if turned else circle[0, k])
            im[i, 1 + k] = level[k] * (np.sin(phase[k]) if turned else circle[1, k])
