"""Wavetable files (WAV and its kin, FLAC, AIFF, `.wt`, `.vitaltable`) -> frames to play, with a word on what was guessed."""

import os
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..text import printable
from .cycles import SampleError
from .frames import Table, any_table
from .tags import LARGEST_FRAME

SHORTEST_FRAME = 8
MOST_FRAMES = 4096


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
