"""A folder of anything -> cycles, file by file, with a word on each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..text import printable
from .cutting import Cut, cut_recording
from .cycles import LONGEST_CYCLE, SampleError, known_harmonics, to_cycle
from .finding import Refusal, find_sound_files
from .frames import known_table
from .reading import is_clipped, read_regions
from .riff import told_apart

CLIPPED = "is clipped: its upper harmonics are those of the clipping; record it softer for its own sound"
Progress = Callable[[int, int], None]


@dataclass
class Found:
    """What one file gave: (label, cut) of each cycle, what was left out and why, and a remark where one is due."""

    name: str
    cuts: list[tuple[str, Cut]] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    remark: str = ""


def scan(folder: Path, frame_size: int | None, progress: Progress | None = None) -> Iterator[Found]:
    """Every sound file under a folder in turn; one in memory at a time. `progress` is told (files done, files in all).

    What could not even be looked at comes first, as finds without cuts. Raises UserError where there are no sound files.
    """
    files, refusals = find_sound_files(folder)
    if not files:
        told = f": {refusals[0].name} {refusals[0].reason}" if refusals else ""
        raise UserError(f"no sound files (WAV, FLAC, OGG, AIFF, MP3) under {folder}{told}")
    for refusal in refusals:
        yield Found(refusal.name, refusals=[refusal])
    for done, (file, name) in enumerate(zip(files, _names(folder, files), strict=True)):
        if progress:
            progress(done, len(files))
        yield read_file(file, name, frame_size)
    if progress:
        progress(len(files), len(files))


def _names(folder: Path, files: list[Path]) -> list[str]:
    """A name for each file that can be printed and stored, each its own: bytes that are no text may look alike."""
    names: list[str] = []
    taken: set[str] = set()
    for file in files:
        plain = name = printable(file.relative_to(folder).as_posix())
        number = 1
        while name in taken:
            number += 1
            name = f"{plain} ({number})"
        taken.add(name)
        names.append(name)
    return names


def read_file(path: Path, name: str, frame_size: int | None = None) -> Found:
    """The cycles of one file: itself, its frames, or cuts of what it records. Never raises; what fails is a refusal."""
    found = Found(printable(name))
    try:
        table = known_table(path, frame_size)
        if table is not None:
            _frames(found, table.frames)
            found.remark = table.told
            return found
        regions, rate_hz = read_regions(path)
        if len(regions) == 1 and len(regions[0]) <= LONGEST_CYCLE:
            found.cuts.append((found.name, _cut(regions[0])))
            return found
        found.cuts += [(f"{found.name}:{i}", cut) for i, cut in enumerate(cut_recording(regions, rate_hz))]
        clipped = any(is_clipped(samples) for samples in regions)
        found.remark = "; ".join(filter(None, (CLIPPED if clipped else "", told_apart(path))))
    except SampleError as error:
        found.refusals.append(Refusal(found.name, str(error)))
    return found


def _frames(found: Found, frames: np.ndarray) -> None:
    """Each row of float64[n, size] is one cycle."""
    for index, frame in enumerate(frames):
        label = f"{found.name}:{index}"
        try:
            found.cuts.append((label, _cut(frame)))
        except SampleError as error:
            found.refusals.append(Refusal(label, str(error)))


def _cut(samples: np.ndarray) -> Cut:
    return Cut(to_cycle(samples), known_harmonics(len(samples)), float("nan"))
