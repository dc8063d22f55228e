"""The way of a morph as frames of a wavetable: along one preset's position, or from preset to preset."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..params.knobs import CORNERS
from ..patch.morph import Morph
from ..patch.patch import Patch
from . import loudness
from .latent_path_source import LatentPathSource
from .residual_source import ResidualSource
from .source import ModelSource, Source
from .source_cache import played_alone
from .static_render import asked_at

FRAME = 2048
OWN_WAYS = (ResidualSource, LatentPathSource)  # models that a patch plays in a way of its own


@dataclass(frozen=True)
class Stop:
    """A preset on the way, and what plays it."""

    patch: Patch
    source: Source


def cycles_of_spectra(re: np.ndarray, im: np.ndarray) -> np.ndarray:
    """Spectra as sources give them, float[n, 1 + h] each -> their cycles at the same level, float64[n, 2048]."""
    spectra = np.zeros((len(re), FRAME // 2 + 1), complex)
    width = min(re.shape[1], FRAME // 2)
    spectra[:, 1:width] = (re[:, 1:width] + 1j * im[:, 1:width]) * (FRAME / 2)
    return np.fft.irfft(spectra, FRAME, axis=1)


def along_position(stop: Stop, count: int) -> np.ndarray:
    """Frames float64[count, 2048] of one preset at `count` positions from 0 to 1, all else as it stands."""
    return cycles_of_spectra(*stop.source.spectra(*asked_at(stop.patch, stop.source, np.linspace(0, 1, count))))


def along_presets(stops: Sequence[Stop], count: int, places: Sequence[float] = ()) -> np.ndarray:
    """Frames float64[count, 2048] from the first preset through all others to the last, each where its own position stands.

    Two of one model morph in its latents, as corners do, by the first one's `osc.follow`; others in spectrum: levels in the log domain,
    phases by the shorter way. places: where the presets stand from 0 to 1; none: at equal distances.
    """
    at = np.interp(np.linspace(0, 1, count), places or np.linspace(0, 1, len(stops)), np.arange(len(stops)))
    leg = np.minimum(at.astype(int), len(stops) - 2)
    re, im = np.zeros((count, 1 + loudness.HARMONICS), np.float32), np.zeros((count, 1 + loudness.HARMONICS), np.float32)
    for i in range(len(stops) - 1):
        rows = np.flatnonzero(leg == i)
        found = _leg(stops[i], stops[i + 1], at[rows] - i)
        width = found[0].shape[1]
        re[rows, :width], im[rows, :width] = found
    return cycles_of_spectra(re, im)


def along_morph(morph: Morph[Patch], count: int, model: str | None = None) -> np.ndarray:
    """Frames float64[count, 2048] through a morph's presets: a chain's where they stand, of a pad the line from A to B."""
    parts, places = (list(morph.parts), morph.stops) if morph.axis == "chain" else (list(morph.parts[:2]), ())
    return along_presets([Stop(*played_alone(part, model)) for part in parts], count, places)


def _leg(start: Stop, end: Stop, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    plain = all(isinstance(s.source, ModelSource) and not isinstance(s.source, OWN_WAYS) for s in (start, end))
    return _in_latents(start, end, at) if plain and start.source.sha256 == end.source.sha256 else _in_spectrum(start, end, at)


def _standing(stop: Stop) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What a preset asks for where its position stands: one row each of points, weights, amounts."""
    return asked_at(stop.patch, stop.source, np.array([stop.patch.params.get("osc.position", 0.0)]))


def _in_latents(start: Stop, end: Stop, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    (first, _, amounts), (last, _, other) = _standing(start), _standing(end)
    corners = {CORNERS[0]: tuple(first[0].tolist()), CORNERS[1]: tuple(last[0].tolist())}
    between = replace(start.patch, corners=corners, latent_size=start.source.latent_size,
                      params={"osc.follow": start.patch.params.get("osc.follow", 0.0)})
    points, weights, _ = asked_at(between, start.source, at)
    mixed = amounts + at[:, None] * (other - amounts)
    return start.source.spectra(points, weights, mixed.astype(np.float32))


def _in_spectrum(start: Stop, end: Stop, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    a, b = (_complex(stop) for stop in (start, end))
    floor = 1e-5 * max(np.abs(a).max(), np.abs(b).max())
    t = at[:, None]
    level = np.maximum(np.abs(a), floor) ** (1 - t) * np.maximum(np.abs(b), floor) ** t
    phase = np.angle(np.where(np.abs(a) > 0, a, b)) + t * np.where((np.abs(a) > 0) & (np.abs(b) > 0), np.angle(b * np.conj(a)), 0)
    h = level * np.exp(1j * phase)
    h[:, (np.abs(a) <= floor) & (np.abs(b) <= floor)] = 0
    h[at == 0], h[at == 1] = a, b
    h[:, 0] = 0
    re, im = h.real.astype(np.float32), h.imag.astype(np.float32)
    loudness.level(re, im)
    return re, im


def _complex(stop: Stop) -> np.ndarray:
    re, im = stop.source.spectra(*_standing(stop))
    h = np.zeros(1 + loudness.HARMONICS, complex)
    h[:re.shape[1]] = re[0] + 1j * im[0]
    return h
