"""Near-duplicates: cycles closer than 1 dB belong to one group, and a group is never torn between splits."""

import numpy as np

from .spectrum import LSD_HARMONICS, log_magnitudes

LINK_DB = 1.0
CHUNK = 1024


def describe(cycles: np.ndarray) -> np.ndarray:
    """What distances are taken on: float[n, samples] -> float32[n, 127] floored dB at unit RMS. Works in chunks."""
    parts = [log_magnitudes(cycles[i : i + CHUNK]).astype(np.float32) for i in range(0, len(cycles), CHUNK)]
    return np.concatenate(parts) if parts else np.zeros((0, LSD_HARMONICS), np.float32)


def _squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Squared Euclidean distances float32[len(a), len(b)] by one matrix product."""
    squared = -2.0 * (a @ b.T)
    squared += (a * a).sum(1)[:, None]
    squared += (b * b).sum(1)[None]
    return squared


def near_duplicate_groups(spectra_db: np.ndarray, link_db: float = LINK_DB) -> np.ndarray:
    """Group number of each cycle: float32[n, bins] (see `describe`) -> int32[n].

    Single linkage: groups are the connected components of 'LSD < link_db'. n * n distances in blocks of 1,024 rows.
    """
    n = len(spectra_db)
    labels = np.arange(n, dtype=np.int64)
    centred = spectra_db - spectra_db.mean(0) if n else spectra_db  # smaller numbers, less rounding
    limit = link_db**2 * spectra_db.shape[1]
    for start in range(0, n, CHUNK):
        near = _squared_distances(centred[start : start + CHUNK], centred[start:]) < limit
        for row in np.flatnonzero(near.sum(1) > 1):
            roots = np.unique(labels[start + np.flatnonzero(near[row])])
            if len(roots) > 1:
                labels[np.isin(labels, roots)] = roots[0]
    return np.unique(labels, return_inverse=True)[1].astype(np.int32)


def near_any(spectra_db: np.ndarray, others_db: np.ndarray, link_db: float = LINK_DB) -> np.ndarray:
    """Which cycles lie within `link_db` of any of the others: -> bool[n]."""
    found = np.zeros(len(spectra_db), bool)
    if not len(others_db) or not len(spectra_db):
        return found
    centre = others_db.mean(0)
    limit = link_db**2 * spectra_db.shape[1]
    for start in range(0, len(spectra_db), CHUNK):
        rows = slice(start, start + CHUNK)
        for first in range(0, len(others_db), CHUNK):
            distances = _squared_distances(spectra_db[rows] - centre, others_db[first : first + CHUNK] - centre)
            found[rows] |= (distances < limit).any(1)
    return found
