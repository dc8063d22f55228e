"""What the library holds: one entry for each preset and wavetable file, found by walking the folders, and for each instrument."""

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .. import paths

PRESET, WAVETABLE, INSTRUMENT = "preset", "wavetable", "instrument"  # of recordings: a folder
TABLE_SUFFIXES = (".wt", ".vitaltable", ".wav", ".flac", ".aif", ".aiff")
FACTORY, USER, TABLES, INSTRUMENTS = "factory", "user", "wavetables", "instruments"
Signature = tuple[int, int, int]  # time of the last change in ns, bytes, inode: another of them is another file


@dataclass(frozen=True, slots=True)
class Entry:
    """A preset, wavetable or instrument of the library. key: `user/Pads/Mine`, `factory/Init`; it names the entry everywhere.

    error: why its file cannot be read, '' where it can. words: what a search looks through, folded.
    """

    key: str
    path: str
    kind: str = PRESET
    name: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    author: str = ""
    comment: str = ""
    model: str = ""
    keeps_its_sound: bool = False
    error: str = ""
    words: str = field(default="", compare=False, repr=False)

    @property
    def file(self) -> Path:
        """Where it stands. Made when it is asked for: ten thousand of them take a tenth of a second."""
        return Path(self.path)

    @property
    def origin(self) -> str:
        """`factory`, `user`, `wavetables`, or the package it came with."""
        return self.key.split("/", 1)[0]

    @property
    def is_own(self) -> bool:
        """Whether it is the user's, to be changed and deleted."""
        return self.origin in (USER, TABLES, INSTRUMENTS)


def fold(text: str) -> str:
    """Text as a search compares it: without capitals and accents."""
    if text.isascii():
        return text.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def words_of(name: str, category: str, tags: tuple[str, ...], author: str, comment: str, model: str, key: str) -> str:
    """The words of an entry, its name on a line of its own before all others."""
    return fold("\n".join((" ".join(name.split()), category, *tags, author, comment, model, key)))


def own_folders() -> dict[str, Path]:
    """The user's folders by the first word of their keys."""
    return {USER: paths.user_folder() / "presets", TABLES: paths.user_folder() / "wavetables"}


def roots() -> dict[str, Path]:
    """Every folder of the library by the first word of its keys, the user's first."""
    _, *packages, factory = paths.search_folders("presets")
    named = {f"package {folder.parent.name}" if i == 0 else f"package {folder.parent.name} {i + 1}": folder
             for i, folder in enumerate(packages)}
    return own_folders() | named | {FACTORY: factory}


def walk_files() -> Iterator[tuple[str, str, str, Signature]]:
    """(key, path, kind, signature) of every file that the library can hold, folder by folder."""
    for origin, folder in roots().items():
        start = len(str(folder)) + 1
        for file, entry in paths.files_below(folder):
            suffix = entry.name[entry.name.rfind("."):].lower()
            kind = PRESET if suffix == ".json" and origin != TABLES else WAVETABLE if suffix in TABLE_SUFFIXES else ""
            if not kind:
                continue
            try:
                found = entry.stat()
            except OSError:
                continue
            below = file[start:].replace(os.sep, "/") if os.sep != "/" else file[start:]
            key = f"{origin}/{below[:-len(suffix)] if kind == PRESET else below}"
            yield key, file, kind, (found.st_mtime_ns, found.st_size, found.st_ino)
