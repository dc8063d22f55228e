"""Near-duplicates: cycles closer than 1 dB belong to one group, and a group is never torn between splits."""

import numpy as np

from .spectrum import LSD_HARMONICS, log_magnitudes
from .takes import link_takes

LINK_DB = 1.0
CHUNK = 1024
LARGEST_SHARE = 0.4


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


def near_duplicate_groups(spectra_db: np.ndarray, linked: np.ndarray | None = None, link_db: float = LINK_DB) -> np.ndarray:
    """Group number of each cycle: float32[n, bins] (see `describe`) -> int32[n].

    Single linkage: groups are the connected components of 'LSD < link_db'; rows that share a number >= 0 in `linked` (one
    note's cycles) are linked too. Rows are sorted along the axis on which they differ most, and only those within reach on
    it are compared: a hundred thousand cycles in a minute or two.
    """
    n = len(spectra_db)
    parents = np.arange(n, dtype=np.int64)
    if not n:
        return parents.astype(np.int32)
    centred = spectra_db - spectra_db.mean(0)  # smaller numbers, less rounding
    place = centred @ _widest_axis(centred)
    order = np.argsort(place, kind="stable")
    place, rows = place[order], centred[order]
    limit = link_db**2 * spectra_db.shape[1]
    reach = np.searchsorted(place, place + 1.001 * np.sqrt(limit), "right")
    for start in range(0, n, CHUNK):
        stop = int(reach[min(start + CHUNK, n) - 1])
        near = _squared_distances(rows[start : start + CHUNK], rows[start:stop]) < limit
        for row in np.flatnonzero(near.sum(1) > 1):
            _unite(parents, order[start + np.flatnonzero(near[row])])
    for rows_of_one in _shared(linked) if linked is not None else ():
        _unite(parents, rows_of_one)
    return np.unique(_roots(parents, np.arange(n)), return_inverse=True)[1].astype(np.int32)


def groups_with_takes(spectra_db: np.ndarray, freq_hz: np.ndarray) -> np.ndarray:
    """Groups of near-duplicates and of takes of one note (see `link_takes`): int32[n]. freq_hz [n]: nan where there is none."""
    return near_duplicate_groups(spectra_db, link_takes(spectra_db, np.full(len(spectra_db), -1), freq_hz))


def groups_with_notes(spectra_db: np.ndarray, notes: np.ndarray, freq_hz: np.ndarray | None = None) -> np.ndarray:
    """Groups that tear no note and no takes of one (see `link_takes`), unless that makes one group of nearly half of everything.

    Notes that all die away into the same sine would; then each note, with its takes, is a group of its own, and near-duplicates are held
    together among cycles that stand alone. freq_hz [n]: nan where there is none.
    """
    if freq_hz is not None:
        takes = link_takes(spectra_db, notes, freq_hz)
        if np.bincount(takes[takes >= 0], minlength=1).max() <= LARGEST_SHARE * len(takes):  # else they are all of one key
            notes = takes
    group = near_duplicate_groups(spectra_db, notes)
    if len(np.unique(notes)) <= 3 or np.bincount(group).max() <= LARGEST_SHARE * len(group):
        return group
    alone = np.flatnonzero(notes < 0)
    found = np.asarray(notes, np.int64).copy()
    found[alone] = notes.max() + 1 + near_duplicate_groups(spectra_db[alone])
    return np.unique(found, return_inverse=True)[1].astype(np.int32)


def _shared(linked: np.ndarray) -> list[np.ndarray]:
    """The rows of each number >= 0."""
    order = np.argsort(linked, kind="stable")
    return [rows for rows in np.split(order, np.flatnonzero(np.diff(linked[order])) + 1) if linked[rows[0]] >= 0]


def _widest_axis(centred: np.ndarray) -> np.ndarray:
    """The first principal axis of float[n, bins], from at most 4,096 rows."""
    some = centred[:: max(1, len(centred) // 4096)].astype(np.float64)
    return np.linalg.eigh(some.T @ some)[1][:, -1].astype(centred.dtype)


def _roots(parents: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The root of each row's tree."""
    found = parents[rows]
    while not np.array_equal(above := parents[found], found):
        found = above
    return found


def _unite(parents: np.ndarray, rows: np.ndarray) -> None:
    """Make one tree of the trees of these rows, and a flat one."""
    roots = _roots(parents, rows)
    lowest = roots.min()
    parents[roots] = lowest
    parents[rows] = lowest


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
