"""Instruments of recordings, the user's and those that packages bring, as entries of the library.

They stand beside presets where a hand chooses sounds, and are not among files to pack. A folder is described once, and
again when its `instrument.json` changes. They are few: nothing of it is kept on disk.
"""

import contextlib
import threading
from pathlib import Path

from .. import paths
from ..errors import UserError
from ..text import counted
from .library_entries import INSTRUMENT, INSTRUMENTS, Entry, Signature, words_of


class InstrumentEntries:
    """One thread at a time refreshes. version: counts every change of `entries`."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Signature, Entry]] = {}
        self._refreshing = threading.Lock()
        self._entries: tuple[Entry, ...] = ()
        self._stale = False
        self.version = 0

    @property
    def entries(self) -> tuple[Entry, ...]:
        """By name, as they are known now; where they were to be looked for again, that is done first."""
        if self._stale:
            self.refresh()
        return self._entries

    def look_again(self) -> None:
        """Before they are asked for the next time: most commands never ask."""
        self._stale = True

    def refresh(self) -> None:
        """See what instruments there are now."""
        with self._refreshing:
            self._stale = False
            found: dict[str, tuple[Signature, Entry]] = {}
            for folder in paths.own_instruments():
                with contextlib.suppress(OSError):  # one that is just taken away
                    stat = (folder / "instrument.json").stat()
                    signature = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
                    before = self._known.get(str(folder))
                    found[str(folder)] = before if before and before[0] == signature else (signature, _described(folder))
            if found != self._known:
                self._known = found
                self._entries = tuple(sorted((entry for _, entry in found.values()), key=lambda e: (e.name.casefold(), e.key)))
                self.version += 1


def watched_folders() -> list[Path]:
    """Folders in which an instrument may appear, the user's first."""
    return paths.search_folders("instruments")[:-1]


def _described(folder: Path) -> Entry:
    own, *packages = watched_folders()
    root = next((root for root in packages if root in folder.parents), own)
    origin = INSTRUMENTS if root == own else f"package {root.parent.name} {INSTRUMENTS}"
    key = f"{origin}/{folder.relative_to(root).as_posix()}"
    error, comment, model = "", "", ""
    try:
        from ..tracks.instrument_file import heading  # no part of a command's start

        n_notes, model = heading(folder)
        comment = f"an instrument of recordings, {counted(n_notes, 'note')}"
    except UserError as wrong:
        error = str(wrong)
    return Entry(key, str(folder), INSTRUMENT, folder.name, INSTRUMENT, comment=comment, model=model, error=error,
                 words=words_of(folder.name, INSTRUMENT, (), "", comment, model, key))
