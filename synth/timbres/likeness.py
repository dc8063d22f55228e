"""How alike two sounds are: their spectra in bands of the ear, and where a model's own encoder puts them.

A sound is described as it stands: a preset's levels at its `osc.position` behind its filter, as if played at 110 Hz, without
envelopes, modulation and effects. The filter is that of a textbook (Zolzer, DAFX, 2.2), near enough for a comparison.
"""

from collections.abc import Sequence

import numpy as np

from ..errors import UserError
from ..params.knobs import FILTER_TYPES, PARAMS
from ..patch.patch import Patch
from ..samples.spectrum import ERB_F0_HZ, LSD_HARMONICS, erb_bank, pooled_db, rms_difference_db, unit_rms
from . import fallback
from .model import Model, open_model

BANDS = len(erb_bank())
_DB_PER_STD = 3.0  # what a standard deviation of the latents counts beside decibels of the bands
_BATCH = 256


def amplitudes_of(patch: Patch) -> np.ndarray | None:
    """float64[127] harmonic amplitudes of a preset at unit RMS, as it stands; None where it keeps none and has no model."""
    if patch.fallback_db is None and patch.morph is not None:
        shares = patch.morph.weights(patch.params.get("morph.x", 0.0), patch.params.get("morph.y", 0.0))
        found = [(share, amplitudes_of(part)) for share, part in zip(shares, patch.morph.parts, strict=True) if share > 0]
        if any(part is None for _, part in found):
            return None
        return unit_rms(np.sqrt(sum(share * part**2 for share, part in found if part is not None)))
    levels = patch.fallback_db
    if levels is None:
        try:
            levels = fallback.levels_along(patch, open_model(patch.model)) if patch.model else None
        except UserError:
            levels = None
    if levels is None:
        return None
    rows = np.zeros((len(levels), LSD_HARMONICS))
    n = min(levels.shape[1], LSD_HARMONICS)
    rows[:, :n] = np.where(levels[:, :n] > -99.9, 10.0 ** (levels[:, :n].astype(float) / 20), 0.0)
    at = patch.params.get("osc.position", PARAMS["osc.position"].default) * (len(rows) - 1)
    i = min(int(at), len(rows) - 2)
    heard = (rows[i] + (at - i) * (rows[i + 1] - rows[i])) * _filter_gains(patch)
    return unit_rms(heard) if heard.any() else None


def amplitudes_of_cycle(cycle: np.ndarray) -> np.ndarray:
    """float64[127] harmonic amplitudes of one cycle at unit RMS."""
    found = np.abs(np.fft.rfft(cycle - np.mean(cycle)))[1:LSD_HARMONICS + 1]
    return unit_rms(np.pad(found, (0, LSD_HARMONICS - len(found))))


def _filter_gains(patch: Patch) -> np.ndarray | float:
    kind = FILTER_TYPES[int(patch.params.get("filter.type", 0))]
    if kind == "off":
        return 1.0
    cutoff_hz, resonance = (patch.params.get(f"filter.{name}", PARAMS[f"filter.{name}"].default) for name in ("cutoff_hz", "resonance"))
    x = ERB_F0_HZ * np.arange(1, LSD_HARMONICS + 1) / cutoff_hz
    below = 1 - x**2 + 1j * 1.414 * max(1 - resonance, 0.05) * x
    top = {"low": np.ones(len(x)), "lad": np.ones(len(x)), "ban": 1j * x, "hig": -x**2, "not": 1 - x**2}[kind[:3]]
    gains = np.abs(top / below)
    return gains**2 if kind.endswith("24") else gains


def bands_of(amplitudes: np.ndarray) -> np.ndarray:
    """Amplitudes float[n, 127] -> dB in the ear's bands, float64[n, BANDS], floored 60 dB under each one's strongest."""
    return pooled_db(amplitudes, erb_bank())


def latents_of(amplitudes: np.ndarray, model: Model) -> np.ndarray:
    """Where a model's encoder puts sounds of these amplitudes float[n, 127]: float32[n, z], in standard deviations from its mean."""
    spread = np.maximum([float(row.get("std") or 1.0) for row in model.manifest["latents"]], 1e-3)
    found = np.zeros((len(amplitudes), model.latent_size), np.float32)
    for start in range(0, len(amplitudes), _BATCH):
        rows = slice(start, start + _BATCH)
        levels_db = 20 * np.log10(np.maximum(amplitudes[rows], 1e-5))
        found[rows] = (model.encode(fallback.cycles_of(levels_db)) - model.mean) / spread
    return found


def distances(bands: np.ndarray, latents: np.ndarray, all_bands: np.ndarray, all_latents: np.ndarray) -> np.ndarray:
    """How far one sound is from each of n, in dB: float64[n]. The latents count beside the bands where both have them."""
    by_ear = rms_difference_db(all_bands, bands)
    by_model = np.sqrt(((all_latents - latents) ** 2).mean(-1)) if len(latents) else 0.0
    return np.hypot(by_ear, _DB_PER_STD * np.nan_to_num(by_model))


def stacked(rows: Sequence[np.ndarray]) -> np.ndarray:
    """Rows as one array, also where there are none."""
    return np.stack(rows) if rows else np.zeros((0, LSD_HARMONICS))
