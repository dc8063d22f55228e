"""A folder of anything -> cycles, file by file, with a word on each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..errors import UserError
from .cutting import Cut, cut_recording
from .cycles import LONGEST_CYCLE, SampleError, known_harmonics, to_cycle
from .finding import Refusal, find_sound_files
from .reading import is_clipped, read_mono, read_regions
from .tables import read_table
from .tags import tagged_frame_size

TABLES = (".wt", ".vitaltable")
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
    for done, file in enumerate(files):
        if progress:
            progress(done, len(files))
        yield read_file(file, file.relative_to(folder).as_posix(), frame_size)
    if progress:
        progress(len(files), len(files))


def read_file(path: Path, name: str, frame_size: int | None = None) -> Found:
    """The cycles of one file: itself, its frames, or cuts of what it records. Never raises; what fails is a refusal."""
    found = Found(_plain(name))
    try:
        if path.suffix.lower() in TABLES:
            _frames(found, *read_table(path))
            return found
        size = frame_size or tagged_frame_size(path)
        if size:
            _frames(found, read_mono(path)[0], size)
            return found
        regions, rate_hz = read_regions(path)
        if len(regions) == 1 and len(regions[0]) <= LONGEST_CYCLE:
            found.cuts.append((found.name, _cut(regions[0])))
            return found
        found.cuts += [(f"{found.name}:{i}", cut) for i, cut in enumerate(cut_recording(regions, rate_hz))]
        if any(is_clipped(samples) for samples in regions):
            found.remark = "is clipped: its upper harmonics are those of the clipping; record it softer for its own sound"
    except SampleError as error:
        found.refusals.append(Refusal(found.name, str(error)))
    return found


def _plain(name: str) -> str:
    """A name that can be printed and stored, whatever bytes the file system holds."""
    return name.encode("utf-8", "replace").decode()


def _frames(found: Found, samples: np.ndarray, size: int) -> None:
    """Each `size` samples are one cycle; what is left over at the end is dropped."""
    if len(samples) < size:
        raise SampleError(f"is shorter ({len(samples)} samples) than one frame of {size}")
    count = len(samples) // size
    for index, frame in enumerate(samples[: count * size].reshape(count, size)):
        label = f"{found.name}:{index}"
        try:
            found.cuts.append((label, _cut(frame)))
        except SampleError as error:
            found.refusals.append(Refusal(label, str(error)))


def _cut(samples: np.ndarray) -> Cut:
    return Cut(to_cycle(samples), known_harmonics(len(samples)), float("nan"))
