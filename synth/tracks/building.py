"""Recordings -> an instrument: what `latentwave instrument` does, file by file on two threads."""

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..samples.cycles import SampleError
from ..samples.finding import Refusal
from ..samples.reading import is_clipped, read_mono
from ..text import printable
from ..timbres.model import Model
from . import mapping
from .analysis import LONGEST_S, Heard, hear_note, make_zone
from .errors import measure_zone
from .inputs import Recording, find_recordings
from .names import read_name, settle_key
from .notes import cut_note, find_notes
from .residual import finish_zone
from .zone import TrackInstrument, Zone

_ENDS_LOUD_DB = -20.0  # under its loudest: a note that ends so has no end of its own
_PEAK_DB = 45.0  # from the loudest to the softest, where no name says a velocity
CLIPPED = "is clipped: its upper harmonics are those of the clipping"
Progress = Callable[[int, int], None]


@dataclass
class Built:
    """An instrument with what was said of its files, and what each zone was heard as and sounds like (for the report): float32[n]."""

    instrument: TrackInstrument
    left_out: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, str] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    played: list[np.ndarray] = field(default_factory=list)


@dataclass(frozen=True)
class _Found:
    zones: list[tuple[Zone, Heard, np.ndarray]]
    refusal: str = ""
    remark: str = ""


def build(given: list[Path], name: str, model: Model, progress: Progress | None = None, fingerprint: bool = True) -> Built:
    """An instrument of everything usable in files and folders. Raises UserError where nothing is."""
    recordings, refusals, said = find_recordings(given)
    found: list[_Found] = []
    with ThreadPoolExecutor(max(1, min(2, os.cpu_count() or 1))) as pool:
        jobs = [pool.submit(_read, recording, model, fingerprint) for recording in recordings]
        try:
            for done, job in enumerate(jobs):
                if progress:
                    progress(done, len(jobs))
                found.append(job.result())
        except BaseException:
            for job in jobs:
                job.cancel()
            raise
    if progress:
        progress(len(jobs), len(jobs))
    return _put_together(name, model, recordings, found, refusals, said)


def _put_together(name: str, model: Model, recordings: list[Recording], found: list[_Found], refusals: list[Refusal],
                  said: list[str]) -> Built:
    left_out = {refusal.name: refusal.reason for refusal in refusals}
    left_out |= {recording.name: one.refusal for recording, one in zip(recordings, found, strict=True) if one.refusal}
    remarks = {f"({index + 1})": words for index, words in enumerate(said)}
    remarks |= {recording.name: one.remark for recording, one in zip(recordings, found, strict=True) if one.remark}
    rows = [(*row, recording) for recording, one in zip(recordings, found, strict=True) for row in one.zones]
    if not rows:
        first = next(iter(left_out.items()), ("", "holds nothing"))
        raise UserError(f"nothing here can be an instrument: {first[0]} {first[1]}"
                        + (f" (and {len(left_out) - 1} more)" if len(left_out) > 1 else ""))
    zones, kept, words = mapping.place_zones([row[0] for row in rows], [row[3] for row in rows])
    if words:
        remarks["takes"] = words
    heard, played = [rows[index][1] for index in kept], [rows[index][2] for index in kept]
    zones = [replace(zone, errors=measure_zone(index, zones, heard, played[index], model)) for index, zone in enumerate(zones)]
    return Built(TrackInstrument(name, model.name, model.sha256, model.latent_size, tuple(zones)), left_out, remarks, heard, played)


def _read(recording: Recording, model: Model, fingerprint: bool) -> _Found:
    """The zones of one file; what fails is a refusal."""
    try:
        samples, rate_hz = read_mono(recording.path)
        notes = find_notes(samples, rate_hz)
    except (SampleError, OSError) as error:
        return _Found([], str(error))
    digest = hashlib.sha256(recording.path.read_bytes()).hexdigest()
    zones, remarks = [], [CLIPPED] if is_clipped(samples) else []
    for note in notes:
        piece = cut_note(samples, note, rate_hz)
        heard = hear_note(piece, rate_hz, note.freq_hz)
        told = read_name(Path(recording.name).stem, heard.freq_hz if len(notes) == 1 else None)
        key, doubt = settle_key((recording.key if recording.key is not None else told.key) if len(notes) == 1 else None, heard.freq_hz)
        velocity = recording.velocity or told.velocity or _velocity_of(heard)
        zone = make_zone(heard, model, key, velocity, recording.name, digest, note.start / rate_hz, fingerprint)
        zone = replace(zone, round_robin=recording.take or told.take)
        zone, played = finish_zone(zone, model, heard)
        zones.append((zone, heard, played.astype(np.float32)))
        remarks += [doubt] if doubt else []
        remarks += [words] if (words := _ending(piece, heard, len(notes))) and words not in remarks else []
    if len(notes) > 1:
        remarks.append(f"is a phrase: cut into {len(notes)} notes")
    return _Found(zones, "", "; ".join(remarks))


def _velocity_of(heard: Heard) -> int:
    """A velocity from a note's peak where no name says one: 127 at full scale, 45 dB under it 1."""
    peak_db = 20 * np.log10(np.abs(heard.samples).max() + 1e-9)
    return int(np.clip(round(127 * (1 + peak_db / _PEAK_DB)), 1, 127))


def _ending(piece: np.ndarray, heard: Heard, n_notes: int) -> str:
    if len(piece) / heard.rate_hz > LONGEST_S:
        return f"is longer than {LONGEST_S:g} s; its beginning is taken"
    tail = piece[-max(1, heard.rate_hz // 50):]
    loud = np.sqrt((tail**2).mean()) > 10 ** (_ENDS_LOUD_DB / 20) * np.abs(piece).max() / np.sqrt(2)
    return "ends while it still sounds, so its release is a fade" if loud and n_notes == 1 else ""


def file_name(name: str) -> str:
    """An instrument's name as its folder's. Raises UserError for what cannot be one."""
    plain = name.strip()
    if not plain or plain != printable(plain) or plain.startswith(".") or any(c in plain for c in '/\\:*?"<>|') or len(plain) > 80:
        raise UserError(f"'{printable(name)[:60]}' cannot be an instrument's name; take letters, digits and spaces")
    return plain
