"""What a model is measured against: PCA on floored log magnitudes, and which cycles it has already seen."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import UserError
from .groups import near_any
from .spectrum import LSD_HARMONICS, erb_bank, floored_db, pooled_db, rms_difference_db, unit_rms

HASH_STEP_DB = 0.5
HASH_LOWEST_DB = -100.0


@dataclass(frozen=True)
class Baseline:
    """PCA of the model's training split, and coarse spectra of all cycles it was trained or chosen on.

    mean float32[127] dB; components float32[z, 127]; hashes uint8[n, 127]: floored dB at unit RMS in steps of 0.5 dB,
    so that near-duplicates are found and not only exact copies.
    """

    mean: np.ndarray
    components: np.ndarray
    hashes: np.ndarray

    def predict(self, spectra_db: np.ndarray) -> np.ndarray:
        """Spectra [n, 127] floored dB -> what PCA keeps of them."""
        return self.mean + (spectra_db - self.mean) @ self.components.T @ self.components

    def has_seen(self, spectra_db: np.ndarray) -> np.ndarray:
        """Which cycles lie within 1 dB of one the model was trained or chosen on: bool[n]."""
        return near_any(np.asarray(spectra_db, np.float32), unpack(self.hashes))


def fit_pca(spectra_db: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """(mean float32[bins], components float32[size, bins]) of spectra [n, bins]; rows orthonormal, strongest first."""
    mean = spectra_db.mean(0, dtype=np.float64)
    centred = spectra_db - mean
    vectors = np.linalg.eigh(centred.T @ centred)[1][:, ::-1]
    return mean.astype(np.float32), vectors[:, :size].T.astype(np.float32)


def pack(spectra_db: np.ndarray) -> np.ndarray:
    """Floored dB at unit RMS -> uint8 steps of 0.5 dB."""
    return np.clip(np.rint((spectra_db - HASH_LOWEST_DB) / HASH_STEP_DB), 0, 255).astype(np.uint8)


def unpack(hashes: np.ndarray) -> np.ndarray:
    """The inverse of `pack`, float32."""
    return (hashes * HASH_STEP_DB + HASH_LOWEST_DB).astype(np.float32)


def pca_distances(baseline: Baseline, spectra_db: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(LSD, ERB-LSD) in dB of what PCA keeps of each cycle: spectra [n, 127] -> two float64[n]."""
    bank = erb_bank(LSD_HARMONICS)
    amplitudes = unit_rms(10 ** (np.asarray(baseline.predict(spectra_db), np.float64) / 20))
    true = unit_rms(10 ** (np.asarray(spectra_db, np.float64) / 20))
    lsd = rms_difference_db(spectra_db, floored_db(amplitudes))
    return lsd, rms_difference_db(pooled_db(true, bank), pooled_db(amplitudes, bank))


def load_baseline(folder: Path) -> Baseline | None:
    """The `baseline.npz` of a model folder, None where there is none. Raises UserError where it is damaged."""
    path = folder / "baseline.npz"
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as arrays:
            baseline = Baseline(arrays["pca_mean"], arrays["pca_components"], arrays["training_hashes"])
    except Exception as error:
        raise UserError(f"{path} is damaged ({error}); copy the model anew") from None
    bins = {baseline.mean.shape[-1], baseline.components.shape[-1], baseline.hashes.shape[-1]}
    if bins != {LSD_HARMONICS} or baseline.hashes.ndim != 2 or baseline.components.ndim != 2:
        raise UserError(f"{path} does not hold spectra of {LSD_HARMONICS} harmonics; copy the model anew")
    return baseline


def save_baseline(baseline: Baseline, folder: Path) -> None:
    """Write `baseline.npz`."""
    np.savez_compressed(
        folder / "baseline.npz",
        pca_mean=baseline.mean, pca_components=baseline.components, training_hashes=baseline.hashes,
    )
