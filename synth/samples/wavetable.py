"""Wavetable files (WAV and its kin, FLAC, AIFF, `.wt`, `.vitaltable`) -> frames to play, with a word on what was guessed."""

import os
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..text import printable
from .cycles import LONGEST_CYCLE, SampleError
from .finding import EXTENSIONS
from .frames import Table, any_table
from .riff import read_wave_at
from .tables import TABLES, WT_HEADER
from .tags import LARGEST_FRAME, tagged_frame_size, told_samples

SHORTEST_FRAME = 8
MOST_FRAMES = 4096
_HEAD_BYTES = 4096
_LARGEST_UNTAGGED_BYTES = 64 << 20  # a longer file that says nothing is a recording


def read_wavetable(path: str | os.PathLike, frame_size: int | None = None) -> Table:
    """The frames of a wavetable file, each without its mean. Raises UserError for what is none, with one sentence."""
    path = Path(path)
    table = read_frames(path, frame_size)
    frames = table.frames - table.frames.mean(1, keepdims=True)
    if not (np.abs(frames).max(1) > 1e-7).any():
        raise UserError(f"{printable(path)}: is silent")
    return Table(frames, table.told)


def read_frames(path: Path, frame_size: int | None = None) -> Table:
    """As `read_wavetable`, every sample as the file holds it. Raises UserError."""
    name = printable(path)
    if not path.is_file():
        raise UserError(f"{name}: no such file")
    if frame_size is not None and not SHORTEST_FRAME <= frame_size <= LARGEST_FRAME:
        raise UserError(f"{name}: a frame of {frame_size} samples is outside {SHORTEST_FRAME} to {LARGEST_FRAME}")
    try:
        table = any_table(path, frame_size)
    except SampleError as error:
        raise UserError(f"{name} {error}") from None
    n_frames, size = table.frames.shape
    if size < SHORTEST_FRAME:
        raise UserError(f"{name}: a frame of {size} samples is outside {SHORTEST_FRAME} to {LARGEST_FRAME}")
    if n_frames > MOST_FRAMES:
        raise UserError(f"{name}: {n_frames} frames are more than {MOST_FRAMES}; is this a wavetable? Give --frame-size")
    if not np.isfinite(table.frames).all():
        raise UserError(f"{name}: holds samples that are not numbers")
    return table


def wavetable_name(path: str | os.PathLike) -> str | None:
    """The name of the wavetable that a file holds; None for a file that is none. Never raises: what is damaged is told when it is played.

    A file that says what it is costs its header alone; one that does not, and is no single cycle, is read and judged.
    """
    path = Path(path)
    if path.name.startswith(".") or path.suffix.lower() not in EXTENSIONS:
        return None
    try:
        if not path.is_file():
            return None
        return printable(path.stem) if _is_table(path) else None
    except OSError:
        return None


def _is_table(path: Path) -> bool:
    if path.suffix.lower() in TABLES:
        with open(path, "rb") as file:
            head = file.read(_HEAD_BYTES)
        if path.suffix.lower() == ".wt":
            return len(head) > WT_HEADER.size and head[:4] == b"vawt"
        return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"
    wave = read_wave_at(path)
    if tagged_frame_size(path, wave):
        return True
    if wave is not None and 0 < told_samples(path, wave) <= LONGEST_CYCLE:
        return True
    if path.stat().st_size > _LARGEST_UNTAGGED_BYTES:
        return False
    try:
        read_frames(path)
    except UserError:
        return False
    return True
