"""Takes of one note: recordings at one pitch whose strong harmonics agree. What noise does to weak ones tells nothing."""

import numpy as np

TAKE_DB = 3.0  # RMS of the strong harmonics
TAKE_CENTS = 50.0
ALIKE_SHARE = 0.5  # of a note's cycles that have their like in the other
_STRONG_DB, _HARMONICS = 30.0, 40  # under the strongest; from the first on
_CHUNK = 512


def link_takes(spectra_db: np.ndarray, notes: np.ndarray, freq_hz: np.ndarray) -> np.ndarray:
    """Numbers of notes with takes of one note joined: spectra float32[n, bins] (`groups.describe`), notes [n], Hz [n] -> int64[n].

    notes: cycles that share a number >= 0 are one note's; a cycle of -1 with a pitch is a note by itself, one without (nan) stays -1.
    Notes are joined where at least half of the cycles of each lie within 3 dB of one of the other's: round robins, or the same note
    recorded again, whatever noise there is in either.
    """
    found = np.asarray(notes, np.int64).copy()
    pitched = np.flatnonzero(np.asarray(freq_hz) > 0)
    alone = pitched[found[pitched] < 0]
    found[alone] = found.max(initial=-1) + 1 + np.arange(len(alone))
    numbers, own = np.unique(found[pitched], return_inverse=True)
    for first, second in _alike(spectra_db[pitched], own, np.asarray(freq_hz, float)[pitched]):
        a, b = numbers[first], numbers[second]  # what they are called by now
        if a != b:
            numbers[numbers == max(a, b)] = min(a, b)
    found[pitched] = numbers[own]
    return found


def _alike(spectra_db: np.ndarray, note: np.ndarray, freq_hz: np.ndarray) -> np.ndarray:
    """Pairs of notes that are takes of one: int64[pairs, 2]. note [n] counts from 0."""
    order = np.argsort(freq_hz, kind="stable")
    place, note, levels_db = 1200 * np.log2(freq_hz[order]), note[order], _relative(spectra_db[order])
    reach = np.searchsorted(place, place + TAKE_CENTS, "right")
    count = int(note.max(initial=0)) + 1
    hits = [np.zeros(0, np.int64)]  # row * count + the note of one that is near
    for start in range(0, len(note), _CHUNK):
        stop = int(reach[min(start + _CHUNK, len(note)) - 1])
        near = _strong_distance_db(levels_db[start : start + _CHUNK], levels_db[start:stop]) < TAKE_DB
        rows, others = (found + start for found in np.nonzero(near & (np.arange(start, stop)[None] < reach[start : start + _CHUNK, None])))
        hits += [np.unique(rows * count + note[others]), np.unique(others * count + note[rows])]
    met = np.unique(np.concatenate(hits))
    pairs, n_rows = np.unique(note[met // count] * count + met % count, return_counts=True)
    enough = pairs[n_rows >= ALIKE_SHARE * np.bincount(note)[pairs // count]] if len(pairs) else pairs
    both = enough[np.isin(enough % count * count + enough // count, enough)]
    return np.stack([both // count, both % count], 1)[both // count < both % count]


def _relative(spectra_db: np.ndarray) -> np.ndarray:
    """The first harmonics under the strongest of them."""
    levels_db = spectra_db[:, :_HARMONICS].astype(np.float32)
    return levels_db - levels_db.max(1, keepdims=True)


def _strong_distance_db(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """RMS difference in dB over harmonics that are strong in either: [n, k], [m, k] -> float32[n, m], by matrix products alone."""
    strong_a, strong_b = ((x > -_STRONG_DB).astype(np.float32) for x in (a, b))
    a, b = (np.maximum(x, -2 * _STRONG_DB) for x in (a, b))
    squares = [weight_a * a * a @ weight_b.T - 2 * (weight_a * a) @ (weight_b * b).T + weight_a @ (weight_b * b * b).T
               for weight_a, weight_b in ((strong_a, np.ones_like(b)), (1 - strong_a, strong_b))]
    count = strong_a.sum(1)[:, None] + (1 - strong_a) @ strong_b.T
    return np.sqrt(np.maximum(sum(squares), 0) / np.maximum(count, 1))
