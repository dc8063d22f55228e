"""A wavetable file put where presets find it: the user's folder `wavetables`."""

import hashlib
import os
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..patch.latent_path import TableRef
from ..paths import find_wavetable, user_folder, write_whole
from ..text import printable
from .unfinished import free_name
from .wavetable_files import write_wavetable


def kept_table(source: Path, frames: np.ndarray, frame_size: int | None) -> tuple[TableRef, str]:
    """(what a preset calls the file, a word where it was copied). A folder of cycles is written as one `.wt`. Raises UserError."""
    folder = user_folder() / "wavetables"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{printable(folder)}: cannot be made ({error.strerror})") from None
    if source.is_dir():
        file = free_name(folder / f"{source.resolve().name}.wt")
        write_wavetable(file, frames)
        return _named(file, None), f"written as {printable(file)}, where presets find it"
    source = find_wavetable(os.fspath(source))
    if folder.resolve() in source.resolve().parents:
        return _named(source, frame_size), ""
    data = source.read_bytes()
    file = folder / source.name
    if file.exists() and file.read_bytes() == data:
        return _named(file, frame_size), ""
    file = free_name(file)
    write_whole(file, data)
    return _named(file, frame_size), f"copied to {printable(file)}, where presets find it"


def _named(file: Path, frame_size: int | None) -> TableRef:
    return TableRef(file.name, hashlib.sha256(file.read_bytes()).hexdigest(), frame_size or 0)
