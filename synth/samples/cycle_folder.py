"""A wavetable from one file, or from a folder of single cycles in the order of their names."""

import os
import re
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..paths import find_wavetable
from ..text import printable
from .finding import find_sound_files
from .frames import Table
from .wavetable import MOST_FRAMES, read_frames

FRAME = 2048


def read_table_or_folder(path: Path, frame_size: int | None = None) -> Table:
    """The frames of a wavetable file, by path or name, or of all files of a folder one after the other. Raises UserError.

    Cycles of different lengths are brought to 2,048 samples, each as the period it is.
    """
    if not path.is_dir():
        return read_frames(find_wavetable(os.fspath(path)), frame_size)
    files, _ = find_sound_files(path)
    if not files:
        raise UserError(f"{printable(path)}: holds no sound files")
    tables = [read_frames(file, frame_size) for file in sorted(files, key=_natural)]
    told = next((f"{printable(file.name)}: {table.told}" for file, table in zip(sorted(files, key=_natural), tables, strict=True)
                 if table.told), "")
    sizes = {table.frames.shape[1] for table in tables}
    rows = [table.frames if len(sizes) == 1 else _resampled(table.frames) for table in tables]
    frames = np.concatenate(rows)
    if len(frames) > MOST_FRAMES:
        raise UserError(f"{printable(path)}: holds {len(frames)} frames, more than {MOST_FRAMES}")
    return Table(frames, told)


def _natural(file: Path) -> tuple:
    """Numbers in names count as numbers: 2 before 10."""
    parts = re.split(r"(\d+)", file.as_posix().casefold())
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)


def _resampled(frames: np.ndarray) -> np.ndarray:
    n, size = frames.shape
    spectra = np.zeros((n, FRAME // 2 + 1), complex)
    kept = min((size + 1) // 2, FRAME // 2)
    spectra[:, :kept] = np.fft.rfft(frames, axis=1)[:, :kept]
    return np.fft.irfft(spectra, FRAME, axis=1) * (FRAME / size)
