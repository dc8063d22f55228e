"""What a file is to the instrument, told by its name, and what a folder holds of such files."""

import os
from dataclasses import dataclass
from pathlib import Path

from ..errors import UserError
from ..samples.finding import EXTENSIONS
from ..samples.tables import TABLES
from ..tracks.instrument_file import JSON_FILE

FOLDER, PRESET, PACK, SONG, SOUND, WAVETABLE, TUNING = "folder", "preset", "pack", "song", "sound", "wavetable", "tuning"
INSTRUMENT = "instrument"  # of recordings: a folder
MOST_FILES = 5000  # that a folder shows


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file or folder as a list shows it. n_bytes: 0 of a folder."""

    path: Path
    kind: str
    n_bytes: int = 0


def kind_of(path: Path) -> str:
    """One of the kinds above; '' for what the instrument has no use for."""
    suffix = path.suffix.lower()
    if suffix in TABLES:
        return WAVETABLE
    return SOUND if suffix in EXTENSIONS else {".json": PRESET, ".zip": PACK, ".mid": SONG, ".midi": SONG, ".scl": TUNING}.get(suffix, "")


def is_instrument(path: Path) -> bool:
    """Whether a path is the folder of an instrument of recordings."""
    return (path / JSON_FILE).is_file()


def list_folder(folder: Path) -> list[FileEntry]:
    """Folders, then files that can be opened, by name; hidden ones are left out. Raises UserError where it cannot be read."""
    folders, files = [], []
    try:
        with os.scandir(folder) as found:
            for item in found:
                if item.name.startswith("."):
                    continue
                if item.is_dir():
                    path = Path(item.path)
                    folders.append(FileEntry(path, INSTRUMENT if is_instrument(path) else FOLDER))
                elif kind := kind_of(Path(item.name)):
                    files.append(FileEntry(Path(item.path), kind, _size_of(item)))
    except OSError as error:
        raise UserError(f"{folder}: cannot be opened ({error.strerror})") from None
    return [*sorted(folders, key=_place), *sorted(files, key=_place)][:MOST_FILES]


def _size_of(item: os.DirEntry) -> int:
    try:
        return item.stat().st_size
    except OSError:  # a link that leads nowhere
        return 0


def _place(entry: FileEntry) -> tuple[str, str]:
    return entry.path.name.casefold(), entry.path.name
