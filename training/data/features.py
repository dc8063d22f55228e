"""Cycles -> what the model sees: harmonic levels in dB under the strongest, and the prior above the known ones."""

from dataclasses import dataclass

import numpy as np

from synth.samples.cycles import CYCLE_SIZE
from synth.samples.spectrum import magnitudes

FLOOR_DB = -80.0  # the model's and the measure's floor
STORE_DB = -110.0  # kept below the floor so that augmentation may lift what is there
CENTRE_DB = -40.0
SCALE_DB = 25.0
STEEPEST_DB_PER_OCTAVE = -36.0
FLATTEST_DB_PER_OCTAVE = -6.0


@dataclass(frozen=True)
class Pool:
    """Cycles to learn or to judge by: levels_db float32[n, harmonics] re the strongest, known int64[n] harmonics of each.

    often: how often a row counts beside the others, float64[n] (None: all the same).
    """

    levels_db: np.ndarray
    known: np.ndarray
    often: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.levels_db)

    def take(self, index: np.ndarray) -> "Pool":
        """The rows in `index`."""
        return Pool(self.levels_db[index], self.known[index], None if self.often is None else self.often[index])

    @property
    def all_often(self) -> np.ndarray:
        """`often`, as an array in any case."""
        return np.ones(len(self)) if self.often is None else self.often

    def joined(self, other: "Pool") -> "Pool":
        """These rows, then the other's."""
        columns = ("levels_db", "known", "all_often")
        return Pool(*(np.concatenate([getattr(self, name), getattr(other, name)]) for name in columns))


def pool_of(cycles: np.ndarray, known: np.ndarray, harmonics: int, chunk: int = 2048,
            often: np.ndarray | None = None) -> Pool:
    """Pool of cycles float32[n, 2048]; harmonics above each one's known ones hold its extrapolated envelope."""
    parts = [amplitudes_to_db(magnitudes(cycles[i : i + chunk], harmonics)) for i in range(0, len(cycles), chunk)]
    known = np.minimum(np.asarray(known, np.int64), harmonics)
    return Pool(extrapolate(np.concatenate(parts), known), known, often)


def amplitudes_to_db(amplitudes: np.ndarray) -> np.ndarray:
    """Amplitudes [n, harmonics] -> float32 dB under the strongest, no lower than STORE_DB."""
    relative = amplitudes / np.maximum(amplitudes.max(-1, keepdims=True), 1e-30)
    return (20 * np.log10(np.maximum(relative, 10 ** (STORE_DB / 20)))).astype(np.float32)


def extrapolate(levels_db: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Fill harmonics above the known ones with a straight line (dB per octave) through the top known octave.

    Masked harmonics run wild when nothing holds them; the line's slope is kept within -36..-6 dB per octave, so what
    is invented is always softer than what is known.
    """
    harmonics = levels_db.shape[1]
    filled = levels_db.copy()
    octave = np.log2(np.arange(1, harmonics + 1))
    for count in np.unique(known[known < harmonics]):
        rows = np.flatnonzero(known == count)
        top = slice(max(count // 2, 1) - 1, count)
        x = octave[top] - octave[top].mean() if count > 2 else np.zeros(1)
        levels = np.maximum(levels_db[rows, top], -100.0)
        slope = (levels * x).sum(1) / max((x * x).sum(), 1e-9)
        slope = np.clip(slope, STEEPEST_DB_PER_OCTAVE, FLATTEST_DB_PER_OCTAVE)
        start = levels.mean(1) + slope * (octave[count - 1] - octave[top].mean())
        line = start[:, None] + slope[:, None] * (octave[count:] - octave[count - 1])
        filled[rows, count:] = np.maximum(line, STORE_DB)
    return filled


def normalised(levels_db: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The encoder's view, float32[n, harmonics]: floored, unknown harmonics on the floor, about -1.6..1.6."""
    unknown = np.arange(levels_db.shape[1])[None] >= known[:, None]
    seen = np.where(unknown, FLOOR_DB, np.maximum(levels_db, FLOOR_DB))
    return ((seen - CENTRE_DB) / SCALE_DB).astype(np.float32)


def hidden(pool: Pool) -> np.ndarray:
    """Levels with what is not known put where nothing is heard: float32[n, harmonics]."""
    known = np.arange(pool.levels_db.shape[1])[None] < pool.known[:, None]
    return np.where(known, pool.levels_db, np.float32(STORE_DB))


def cycles_of(pool: Pool) -> np.ndarray:
    """Cycles float32[n, 2048] with the pool's known harmonics and none above; phases do not matter to the measures."""
    levels_db = np.where(np.arange(pool.levels_db.shape[1])[None] < pool.known[:, None], pool.levels_db, -np.inf)
    amplitudes = 10 ** (levels_db.astype(np.float64) / 20)
    amplitudes /= np.sqrt((amplitudes**2).sum(1, keepdims=True) / 2)
    spectrum = np.zeros((len(pool), CYCLE_SIZE // 2 + 1), complex)
    spectrum[:, 1 : amplitudes.shape[1] + 1] = -1j * amplitudes
    return (np.fft.irfft(spectrum, CYCLE_SIZE) * (CYCLE_SIZE / 2)).astype(np.float32)
