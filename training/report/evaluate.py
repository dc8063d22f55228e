"""How well a model draws cycles it has never seen, beside PCA. Needs no torch."""

from pathlib import Path

import numpy as np

from synth.errors import UserError
from synth.samples.baseline import load_baseline, pca_distances
from synth.samples.dataset import Dataset
from synth.samples.groups import describe, groups_with_takes
from synth.samples.spectrum import erb_lsd, lsd
from synth.timbres.model import Model

CHUNK = 256


def rebuild(model: Model, cycles: np.ndarray) -> np.ndarray:
    """Encode once and decode: float32[n, 2048] -> float32[n, 2048], in chunks."""
    parts = [model.decode(model.encode(cycles[i : i + CHUNK])) for i in range(0, len(cycles), CHUNK)]
    return np.concatenate(parts)


def unseen(dataset: Dataset, folder: Path) -> np.ndarray:
    """Rows of the cycles none of whose near-duplicates the model was trained or chosen on."""
    baseline = load_baseline(folder)
    if baseline is None:
        return np.arange(len(dataset))
    spectra_db = describe(dataset.cycles)
    group = groups_with_takes(spectra_db, dataset.source_hz)
    return np.flatnonzero(~np.isin(group, group[baseline.has_seen(spectra_db)]))


def evaluate(model: Model, dataset: Dataset) -> dict[str, float | int | None]:
    """Mean distances over unseen cycles; PCA's are None where the model ships no baseline.

    Raises UserError where every cycle was seen in training.
    """
    rows = unseen(dataset, model.folder)
    if not len(rows):
        raise UserError(f"model '{model.name}' was trained on all {len(dataset)} of these cycles; give it others")
    cycles = np.asarray(dataset.cycles[rows])
    scores: dict[str, float | int | None] = dict(distances(cycles, rebuild(model, cycles)))
    baseline = load_baseline(model.folder)
    scores |= {"pca_lsd_db": None, "pca_erb_lsd_db": None}
    if baseline is not None:
        pca = pca_distances(baseline, describe(cycles))
        scores |= {"pca_lsd_db": float(pca[0].mean()), "pca_erb_lsd_db": float(pca[1].mean())}
    return scores | {"n": len(rows), "n_left_out": len(dataset) - len(rows)}


def distances(cycles: np.ndarray, rebuilt: np.ndarray) -> dict[str, float]:
    """Mean LSD and ERB-LSD in dB between cycles and their copies."""
    return {"lsd_db": float(lsd(cycles, rebuilt).mean()), "erb_lsd_db": float(erb_lsd(cycles, rebuilt).mean())}
