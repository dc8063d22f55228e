"""The library: every preset, wavetable and instrument there is, found, searched, marked and changed. It follows the folders it stands on.

From any thread. `start` reads and watches in a thread of its own; without it, `refresh` reads when it is asked to.
"""

import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from ..errors import UserError, did_you_mean
from ..patch.patch import Patch
from . import library_files
from .library_entries import Entry, own_folders, roots
from .library_index import Index
from .library_instruments import InstrumentEntries, watched_folders
from .library_marks import Marks
from .library_search import Query, search
from .nearest import Nearest
from .pack import Unpacked, read_pack, write_pack

_REST_S = 0.1  # several changes of a folder within it are one
_LOOK_S = 5.0  # where folders cannot be watched, they are looked at so often
_JOIN_S = 10.0


class Library:
    """tell: takes a sentence for the player. index, marks: others than those of the user's folder, for tests."""

    def __init__(self, tell: Callable[[str], None] = lambda sentence: None, index: Index | None = None, marks: Marks | None = None) -> None:
        self._tell = tell
        self._index, self._nearest, self._instruments = index or Index(), Nearest(), InstrumentEntries()
        self._all: tuple[tuple[int, int], tuple[Entry, ...]] = ((-1, -1), ())
        self.marks = marks or Marks(tell)
        self._used: list[str] = []
        self._filters: tuple[int, tuple[int, tuple[str, ...], tuple[str, ...]]] = (-1, (0, (), ()))
        self._stop, self._wake = threading.Event(), threading.Event()
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None

    # ---- what there is -----------------------------------------------------------------------------------------------
    @property
    def entries(self) -> tuple[Entry, ...]:
        """Presets and wavetables as they are known now, Init first, then by name."""
        return self._index.entries

    @property
    def instruments(self) -> tuple[Entry, ...]:
        """Instruments of recordings that did not come with the program (those have presets), by name."""
        return self._instruments.entries

    @property
    def all_sounds(self) -> tuple[Entry, ...]:
        """`entries` and `instruments`, in one order."""
        stamp = (self._index.version, self._instruments.version)
        if self._all[0] != stamp:
            order = sorted((*self.entries, *self.instruments), key=lambda e: (e.name.casefold() != "init", e.name.casefold(), e.key))
            self._all = (stamp, tuple(order))
        return self._all[1]

    @property
    def version(self) -> int:
        """Counts every change of what there is, and of ratings, favourites and recently used."""
        return self._index.version + self.marks.version + self._instruments.version

    @property
    def unread(self) -> int:
        """Files of which only the name is known so far."""
        return self._index.unread

    def refresh(self) -> None:
        """See what is in the folders now, and read what changed."""
        self._index.refresh()
        self._instruments.look_again()
        self.marks.read()

    def refresh_soon(self) -> None:
        """`refresh`, in the library's thread where there is one."""
        if self._thread:
            self._wake.set()
        else:
            self.refresh()

    def entry(self, key: str) -> Entry:
        """The entry of a key. Raises UserError where there is none."""
        found = self._index.by_key.get(key) or next((entry for entry in self.instruments if entry.key == key), None)
        if found is None:
            near = did_you_mean(key, self._index.by_key)
            raise UserError(f"nothing in the library is called '{key}'{near}")
        return found

    def find(self, name: str) -> Entry:
        """The entry of a key, or of a name in any capitals, the user's own first. Raises UserError where there is none, or several."""
        if name in self._index.by_key:
            return self._index.by_key[name]
        wanted = name.removesuffix(".json").casefold()
        found = [e for e in self.entries if wanted in (e.file.stem.casefold(), e.name.casefold(), e.key.split("/", 1)[1].casefold())]
        own = [e for e in found if e.is_own] or found
        if not own:
            near = did_you_mean(name, (e.name for e in self.entries))
            raise UserError(f"nothing in the library is called '{name}'{near}; `latentwave presets` lists what there is")
        if len(own) > 1:
            raise UserError(f"several are called '{name}'; say which: {', '.join(e.key for e in own[:6])}")
        return own[0]

    def entry_of(self, file: Path) -> Entry | None:
        """The entry that stands in a file, or in the folder of an instrument."""
        path = str(file)
        return self._index.by_path.get(path) or next((entry for entry in self.instruments if entry.path == path), None)

    def categories(self) -> dict[str, int]:
        """How many entries each category has."""
        return dict(sorted(Counter(entry.category for entry in self.entries if entry.category).items()))

    def tags(self) -> dict[str, int]:
        """How many entries each tag has, those used most first."""
        return dict(Counter(tag for entry in self.entries for tag in entry.tags).most_common())

    @property
    def filters(self) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
        """How many entries there are, and what they can be narrowed to: categories and tags, in the order of the methods above."""
        version = self._index.version
        if self._filters[0] != version:
            self._filters = (version, (len(self.entries), tuple(self.categories()), tuple(self.tags())))
        return self._filters[1]

    # ---- search ------------------------------------------------------------------------------------------------------
    def search(self, words: str = "", category: str = "", tags: tuple[str, ...] = (), *, favourites: bool = False,
               least_rating: int = 0, with_instruments: bool = False) -> list[Entry]:
        """Entries that match, best first."""
        keys = self.marks.favourites if favourites else None
        among = self.all_sounds if with_instruments else self.entries
        return search(among, Query(words, category, tags, least_rating, keys), self.marks.ratings)

    def recent(self) -> list[Entry]:
        """What was loaded, the latest first."""
        keys = list(dict.fromkeys([*reversed(self._used), *self.marks.recent]))
        known = {entry.key: entry for entry in self.instruments} | self._index.by_key
        return [known[key] for key in keys if key in known]

    def nearest_to(self, sound: Patch | Path, limit: int = 20) -> list[tuple[Entry, float]]:
        """(entry, dB away) of what sounds nearest to a patch or to a recording. Takes long where files were not described yet."""
        entries = [entry for entry in self.entries if not entry.error]
        if isinstance(sound, Patch):
            return self._nearest.to_patch(sound, entries, self._stop.is_set)[:limit]
        return self._nearest.to_recording(sound, entries, self._stop.is_set)[:limit]

    # ---- changes -----------------------------------------------------------------------------------------------------
    def note_used(self, key: str) -> None:
        """It was loaded: kept in memory at once, in the file within some seconds."""
        self._used.append(key)

    def rename(self, key: str, name: str) -> Entry:
        """Another name for one of the user's; its marks and program number stay. Raises UserError."""
        old = self.entry(key)
        entry = self._appeared(library_files.rename(old, name))
        self.marks.note_renamed(key, entry.key)
        return entry

    def duplicate(self, key: str, name: str = "") -> Entry:
        """A copy among the user's own. Raises UserError."""
        return self._appeared(library_files.duplicate(self.entry(key), name))

    def delete(self, key: str) -> Path:
        """Move one of the user's to the bin; answers where it lies. Its marks stay, for when it comes back. Raises UserError."""
        place = library_files.delete(self.entry(key))
        self._index.refresh()
        return place

    def restore(self, name: str) -> Entry:
        """Take one out of the bin. Raises UserError."""
        return self._appeared(library_files.restore(name))

    def pack(self, entries: list[Entry], file: Path) -> None:
        """Write entries as one zip. Raises UserError."""
        write_pack(entries, file)

    def unpack(self, file: Path) -> Unpacked:
        """Take a pack in. Raises UserError."""
        found = read_pack(file)
        self._index.refresh()
        return found

    def _appeared(self, file: Path) -> Entry:
        self._index.refresh()
        found = self.entry_of(file)
        if found is None:
            raise UserError(f"{file}: is not in the library's folders any more")
        return found

    # ---- following the folders ---------------------------------------------------------------------------------------
    def start(self) -> None:
        """Read, then follow the folders, in a thread, until `close`."""
        for folder in (*own_folders().values(), watched_folders()[0]):
            with contextlib.suppress(OSError):
                folder.mkdir(parents=True, exist_ok=True)  # to be watched, and for files to be dropped on
        self._thread = threading.Thread(target=self._run, name="latentwave-library", daemon=True)
        self._thread.start()

    def wait_ready(self, timeout_s: float) -> bool:
        """Until the names of all entries are known, for so long at most; answers whether they are."""
        return self._ready.wait(timeout_s)

    def close(self) -> None:
        """Keep what was used, and end the thread."""
        self._stop.set()
        self._wake.set()
        if self._thread:
            self._thread.join(timeout=_JOIN_S)
        self._keep_used()

    def _run(self) -> None:
        from .library_watch import FolderWatch  # what only listens to folders is no part of a command's start

        with contextlib.suppress(OSError):  # a disk that goes away must not end the thread
            self._index.refresh(quick=True)
            self._instruments.refresh()
        self._ready.set()
        with FolderWatch([*roots().values(), *watched_folders()], self._wake.set) as watch:
            self._wake.set()
            while not self._stop.is_set():
                if self._wake.wait(_LOOK_S) or not watch.is_watching:
                    self._stop.wait(_REST_S)
                    self._wake.clear()
                    with contextlib.suppress(OSError):
                        self._index.refresh(self._stop.is_set)
                        self._instruments.refresh()
                    watch.follow([*roots().values(), *watched_folders()])
                self.marks.read()
                self._keep_used()

    def _keep_used(self) -> None:
        used, self._used = self._used, []
        if used:
            try:
                self.marks.note_used(*used)
            except UserError as error:
                self._tell(str(error))
