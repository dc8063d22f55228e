"""A wavetable -> presets: one that plays its frames, one that goes through them in a model's latents, one with corners among them."""

import numpy as np

from ..errors import UserError
from ..patch.latent_path import TableRef, as_kept
from ..patch.patch import Patch
from ..patch.preset_file import FALLBACK_POINTS
from ..samples.cycles import SampleError, to_cycle
from ..samples.spectrum import lsd, unit_rms
from ..text import counted
from . import fallback
from .gauss_newton import refine
from .model import Model
from .source import Source, WavetableSource

PATH_ROWS = 33  # at most: as many decodes tell one end from the other
_FLOOR = 1e-5
_CORNERS = {"A": 0.0, "B": 1.0, "C": 1 / 3, "D": 2 / 3}  # where along the table each stands


def levels_of(source: Source) -> np.ndarray:
    """Levels in dB at unit RMS along a source's position, float32[9, harmonics], floored at -100 dB: what its preset falls back on."""
    points = np.linspace(0, 1, FALLBACK_POINTS)
    weights = np.stack([1 - points, points, 0 * points, 0 * points], 1).astype(np.float32)
    re, im = source.spectra(points[:, None].astype(np.float32), weights, np.zeros((len(points), 8), np.float32))
    amplitudes = unit_rms(np.hypot(re, im)[:, 1:].astype(float))[:, :fallback.KEPT_HARMONICS]
    return (20 * np.log10(np.maximum(amplitudes, _FLOOR))).astype(np.float32)


def instrument_of(name: str, frames: np.ndarray, table: TableRef) -> Patch:
    """A preset that plays the file's own frames float[n, size] along its position."""
    source = WavetableSource(name, frames)
    comment = f"the wavetable {table.name}: the wheel goes through its {counted(len(frames), 'frame')}"
    return Patch(name=name, category="imported", comment=comment, table=table, fallback_db=levels_of(source))


def _cycles(frames: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The frame that stands at each place 0..1, or the nearest that sounds: float32[places, 2048]. Raises UserError where none does."""
    found: dict[int, np.ndarray] = {}
    for i, frame in enumerate(frames):
        try:
            found[i] = to_cycle(frame)
        except SampleError as error:
            reason = str(error)
    if not found:
        raise UserError(f"no frame of it can be encoded: {reason}")
    known = np.array(list(found))
    return np.stack([found[int(known[np.abs(known - place * (len(frames) - 1)).argmin()])] for place in places])


def _encoded(model: Model, cycles: np.ndarray) -> tuple[np.ndarray, str]:
    """(latents float[n, z] within the model's ranges, how near they come)."""
    latents = np.clip(refine(model, cycles, model.encode(cycles)), model.low, model.high)
    distances = lsd(cycles, model.decode(np.asarray(latents, np.float32)))
    return latents, f"encoded within {np.median(distances):.1f} dB of its frames (LSD), {distances.max():.1f} dB at worst"


def path_of(name: str, frames: np.ndarray, model: Model) -> tuple[Patch, str]:
    """(a preset whose position leads through the encoded frames, how near it comes)."""
    if len(frames) < 2:
        raise UserError("one frame alone makes no path; --as instrument plays it, `latentwave encode` finds its latent")
    latents, told = _encoded(model, _cycles(frames, np.linspace(0, 1, min(len(frames), PATH_ROWS))))
    path = as_kept(latents)
    patch = Patch(name=name, category="imported", comment=f"a path through {len(path)} frames of a wavetable, {told}",
                  corners={"A": path[0], "B": path[-1]}, latent_path=path)
    return fallback.keep(patch, model), told


def corners_of_table(name: str, frames: np.ndarray, model: Model) -> tuple[Patch, str]:
    """(a preset with the table's first frame at corner A, its last at B, and between them C and D, how near it comes)."""
    latents, told = _encoded(model, _cycles(frames, np.array(list(_CORNERS.values()))))
    corners = {corner: tuple(row) for corner, row in zip(_CORNERS, np.round(latents, 6).tolist(), strict=True)}
    if len(frames) == 1:
        corners = {"A": corners["A"]}
    patch = Patch(name=name, category="imported", comment=f"corners from frames of a wavetable, {told}", corners=corners)
    return fallback.keep(patch, model), told
