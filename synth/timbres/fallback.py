"""What a preset keeps of its sound for the day its model is gone: levels along its position path."""

from dataclasses import replace

import numpy as np

from ..patch.patch import Patch
from ..patch.preset_file import FALLBACK_POINTS
from ..samples.spectrum import unit_rms
from .model import Model
from .static_render import asked_at, source_on

KEPT_HARMONICS = 320  # 20 kHz at B1, 10 kHz at B0: with more a preset would be three times as large
_FLOOR = 1e-5  # -100 dB, where a preset's levels end


def levels_along(patch: Patch, model: Model) -> np.ndarray:
    """Levels in dB at unit RMS along the position path, of the harmonics that are kept: float32[9, n], floored at -100 dB."""
    source = source_on(patch, model)
    re, im = source.spectra(*asked_at(patch, source, np.linspace(0, 1, FALLBACK_POINTS)))
    amplitudes = unit_rms(np.hypot(re, im)[:, 1:].astype(float))[:, :min(model.harmonics, KEPT_HARMONICS)]
    return (20 * np.log10(np.maximum(amplitudes, _FLOOR))).astype(np.float32)


def cycles_of(levels_db: np.ndarray) -> np.ndarray:
    """Levels float[n, harmonics] -> cycles of those harmonics as sines, float32[n, 2048] at unit RMS."""
    spectrum = np.zeros((len(levels_db), 1025), complex)
    spectrum[:, 1:levels_db.shape[1] + 1] = np.where(levels_db > -99.9, -1j * 10.0 ** (np.asarray(levels_db, float) / 20), 0)
    cycles = np.fft.irfft(spectrum, 2048, axis=1)
    return (cycles / np.sqrt((cycles**2).mean(1, keepdims=True))).astype(np.float32)


def keep(patch: Patch, model: Model) -> Patch:
    """The patch bound to `model`, with its fallback made anew."""
    bound = replace(patch, model=model.name, model_sha256=model.sha256, latent_size=model.latent_size)
    return replace(bound, fallback_db=levels_along(bound, model))
