"""What adapting learns from, chooses by and is judged on: frames of notes, and of other people's for everything else."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synth import paths
from synth.errors import UserError
from synth.samples.spectrum import LSD_HARMONICS, erb_bank, floored_db, pooled_db, rms_difference_db, unit_rms
from synth.text import counted
from synth.timbres.model import Model
from synth.tracks.analysis import encode_frames
from synth.tracks.fitting import Drawer, drawn_amplitudes, fit_latents
from synth.tracks.instrument_file import load

from ..data.datasets import FEWEST_SOUNDS, split_by_group
from .frames import Note, group_by_sample

FOLDS = 4  # of the learnt notes: what is learnt from three is heard on the fourth
_LEARNT_FRAMES = 48  # of a note, evenly spread: those between them follow


@dataclass(frozen=True)
class Frames:
    """Spectra float64[n, 127], which note each is of, and a base model's latents of them float32[n, z] to begin a fit from."""

    amplitudes: np.ndarray
    note: np.ndarray
    latents: np.ndarray

    @property
    def weights(self) -> np.ndarray:
        """Sum 1, notes weighing the same: float64[n]."""
        weights = 1 / np.bincount(self.note)[self.note]
        return weights / weights.sum()

    @property
    def n_notes(self) -> int:
        """How many notes these are of."""
        return len(np.unique(self.note))

    @property
    def target_db(self) -> np.ndarray:
        """Floored dB at unit RMS, float64[n, 127]."""
        return floored_db(unit_rms(self.amplitudes))

    def of_notes(self, chosen: np.ndarray) -> "Frames":
        """Those of the notes that are True in bool[notes]."""
        rows = chosen[self.note]
        return Frames(self.amplitudes[rows], self.note[rows], self.latents[rows])

    def fitted(self, drawer: Drawer) -> "Frames":
        """The same with the latents by which a decoder draws them best, from these."""
        offsets = np.zeros((len(self.latents), 0))
        return Frames(self.amplitudes, self.note, fit_latents(drawer, self.amplitudes, self.latents, offsets))

    def thinned(self, most: int = _LEARNT_FRAMES) -> "Frames":
        """At most so many frames of each note."""
        rows = [mine[np.unique(np.linspace(0, len(mine) - 1, min(most, len(mine))).astype(int))]
                for mine in (np.flatnonzero(self.note == note) for note in np.unique(self.note))]
        kept = np.concatenate(rows)
        return Frames(self.amplitudes[kept], self.note[kept], self.latents[kept])

    def note_distances_db(self, drawer: Drawer) -> np.ndarray:
        """LSD and ERB-LSD in dB of what a decoder draws at these latents, the mean of each note: float64[notes, 2]."""
        bank, wanted, drawn = erb_bank(), unit_rms(self.amplitudes), drawn_amplitudes(drawer, self.latents)
        rows = (rms_difference_db(floored_db(wanted), floored_db(drawn)),
                rms_difference_db(pooled_db(wanted, bank), pooled_db(drawn, bank)))
        numbers, note = np.unique(self.note, return_inverse=True)
        return np.stack([np.bincount(note, row) / np.bincount(note) for row in rows], 1).reshape(len(numbers), 2)

    def distances_db(self, drawer: Drawer) -> tuple[float, float]:
        """(LSD, ERB-LSD) in dB, means of notes."""
        lsd_db, erb_db = self.note_distances_db(drawer).mean(0)
        return float(lsd_db), float(erb_db)


@dataclass(frozen=True)
class Sets:
    """Notes learnt, with the fold of each, and notes that judge; a sample is in one part and one fold. names: of the notes of both parts.

    Other recordings, to choose by and to judge: those of the instruments that are shipped.
    """

    learnt: Frames
    fold: np.ndarray
    judge: Frames
    others_choose: Frames
    others_judge: Frames
    names: dict[str, list[str]]


def different_notes(notes: Sequence[Note]) -> np.ndarray:
    """The sample that each note is of, int64[n]. Raises UserError where they are too few to keep some aside."""
    group = group_by_sample(notes)
    n_groups = int(group.max(initial=-1)) + 1
    if n_groups < FEWEST_SOUNDS:
        raise UserError(f"only {counted(n_groups, 'different note')}; add recordings until there are at least {FEWEST_SOUNDS}, "
                        "so that some can be kept aside to judge by")
    return group


def make_sets(model: Model, notes: Sequence[Note], seed: int) -> Sets:
    """Parts of notes, split by the sample they are of. Raises UserError where they are too few."""
    group = different_notes(notes)
    parts = split_by_group(group, seed)
    rows = {"learnt": np.sort(np.concatenate([parts["train"], parts["val"]])), "judge": parts["test"]}
    frames = {part: frames_of(model, [notes[i] for i in mine]) for part, mine in rows.items()}
    fold = np.unique(group[rows["learnt"]], return_inverse=True)[1] % FOLDS
    names = {part: [notes[i].name for i in mine] for part, mine in rows.items()}
    return Sets(frames["learnt"], fold, frames["judge"], *_shipped(model), names)


def frames_of(model: Model, notes: Sequence[Note]) -> Frames:
    """Frames of notes, encoded."""
    amplitudes = np.concatenate([note.amplitudes for note in notes])
    return Frames(amplitudes, np.repeat(np.arange(len(notes)), [len(note.amplitudes) for note in notes]), encode_frames(model, amplitudes))


def _shipped(model: Model) -> tuple[Frames, Frames]:
    """What was measured of the notes of the shipped instruments, every second note."""
    zones = [zone for folder in sorted((paths.bundled_folder() / "exported/instruments").glob("*/instrument.json"))
             for zone in load(folder.parent).zones]
    notes = [Note(zone.source, zone.freq_hz, zone.fallback_s, 10 ** (zone.fallback_db.astype(float) / 20) + 1e-9, LSD_HARMONICS)
             for zone in zones]
    return frames_of(model, notes[::2]), frames_of(model, notes[1::2])
