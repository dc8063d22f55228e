"""Recordings of notes -> the harmonics of their frames, and which notes are one sample played at several keys."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synth.samples.cycles import SampleError
from synth.samples.finding import Refusal
from synth.samples.reading import read_mono
from synth.samples.spectrum import LSD_HARMONICS
from synth.tracks.analysis import hear_note, target_amplitudes
from synth.tracks.building import Progress
from synth.tracks.errors import loud_frames
from synth.tracks.inputs import Recording, find_recordings
from synth.tracks.notes import cut_note, find_notes

SHARED_DB = 3.0  # notes of ten instruments lie under 2.8 dB where they share a sample, over 4 where they do not
_COMPARED = 40  # harmonics
_COMPARED_DB = 30.0  # under the strongest
_FROM_S = 0.03
_FEWEST_FRAMES = 3


@dataclass(frozen=True)
class Note:
    """Frames of a note that are within 40 dB of its loudest: times in s from the onset, amplitudes float64[n, 127], `known` of them."""

    name: str
    freq_hz: float
    time_s: np.ndarray
    amplitudes: np.ndarray
    known: int


def read_notes(given: Sequence[Path], progress: Progress | None = None) -> tuple[list[Note], list[Refusal]]:
    """Notes of files, folders and sample maps. Raises UserError where there is nothing to read."""
    recordings, refusals, _ = find_recordings(list(given))
    notes: list[Note] = []
    with ThreadPoolExecutor(max(1, min(2, os.cpu_count() or 1))) as pool:
        for done, found in enumerate(pool.map(_read, recordings)):
            if progress:
                progress(done + 1, len(recordings))
            notes += found if isinstance(found, list) else []
            refusals += [] if isinstance(found, list) else [found]
    return notes, refusals


def _read(recording: Recording) -> list[Note] | Refusal:
    try:
        samples, rate_hz = read_mono(recording.path)
        found = find_notes(samples, rate_hz)
    except (SampleError, OSError) as error:
        return Refusal(recording.name, str(error))
    notes = []
    for index, note in enumerate(found):
        heard = hear_note(cut_note(samples, note, rate_hz), rate_hz, note.freq_hz)
        rows = loud_frames(heard)
        if rows.any():
            name = recording.name if len(found) == 1 else f"{recording.name}:{index}"
            notes.append(Note(name, heard.freq_hz, (heard.frames.time_s - heard.shape.onset_s)[rows],
                              target_amplitudes(heard.frames)[rows, :LSD_HARMONICS],
                              min(LSD_HARMONICS, heard.frames.amplitudes.shape[1])))
    return notes


def sample_distance_db(first: Note, second: Note) -> float:
    """How far the second note's harmonics lie from the first's, played as much faster as its pitch is higher: what a sampler makes.

    Median over frames of the RMS difference in dB of the strong harmonics; infinite where too few frames meet.
    """
    ratio = second.freq_hz / first.freq_hz
    count = min(first.known, second.known, _COMPARED)
    at = second.time_s * ratio
    rows = np.flatnonzero((second.time_s > _FROM_S) & (at < first.time_s[-1]))
    if len(rows) < _FEWEST_FRAMES:
        return np.inf
    theirs, ours = (20 * np.log10(note.amplitudes[:, :count]) for note in (first, second))
    theirs = np.stack([np.interp(at[rows], first.time_s, theirs[:, k]) for k in range(count)], 1)
    a, b = (levels - levels.max(1, keepdims=True) for levels in (theirs, ours[rows]))
    strong = np.maximum(a, b) > -_COMPARED_DB
    return float(np.median(np.sqrt(np.where(strong, (a - b) ** 2, 0).sum(1) / strong.sum(1))))


def group_by_sample(notes: Sequence[Note]) -> np.ndarray:
    """Group number of each note: those of one sample, shifted in pitch or not, belong together. int64[n]."""
    group = np.arange(len(notes))
    for i, first in enumerate(notes):
        for j in range(i):
            if group[i] != group[j] and sample_distance_db(first, notes[j]) < SHARED_DB:
                group[group == group[i]] = group[j]
    return np.unique(group, return_inverse=True)[1]
