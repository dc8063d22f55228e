"""The library's index: what each file holds, kept on disk, so that only files that changed are read again.

Sorted out by time, size and inode of each file. The index is no truth of its own: without it, or damaged, it is made anew.
"""

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from .. import paths
from ..errors import UserError
from ..patch import preset_file
from ..text import escape_surrogates
from .library_entries import PRESET, WAVETABLE, Entry, Signature, walk_files, words_of

_FORMAT = 1
_PUBLISH_S = 0.25  # how often what was read so far is shown
Known = dict[str, tuple[Signature, Entry]]


class Index:
    """Entries of every file, `entries` as they are known now. One thread at a time refreshes.

    file: where it is kept; None: `index/library.json` in the user's folder, to which it belongs.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or paths.user_folder() / "index" / "library.json"
        self._known: Known | None = None
        self._refreshing = threading.Lock()
        self.entries: tuple[Entry, ...] = ()
        self.by_key: dict[str, Entry] = {}
        self.by_path: dict[str, Entry] = {}
        self.version = 0  # counts every change of `entries`
        self.unread = 0  # files of which only the name is known so far

    def refresh(self, stop: Callable[[], bool] = lambda: False, *, quick: bool = False) -> bool:
        """See what changed in the folders and read it; answers whether anything did. quick: names alone of what is new.

        stop: asked between files; what was not read then is read the next time.
        """
        with self._refreshing:
            if self._known is None:
                self._known = _read(self._file)
            known, found, unread = self._known, {}, []
            for key, file, kind, signature in walk_files():
                before = known.get(file)
                if before is None or before[0] != signature or before[1].key != key:
                    unread.append((key, file, kind, signature))
                    found[file] = (_NO_SIGNATURE, _named(key, file, kind))
                else:
                    found[file] = before
            changed = bool(unread) or found.keys() != known.keys()
            self._known = found
            if changed or not self.entries:
                self._publish(found, len(unread))
            if unread and not quick:
                self._read_all(found, unread, stop)
            if changed and not quick:
                _write(self._file, found)
            return changed

    def _read_all(self, found: Known, unread: list, stop: Callable[[], bool]) -> None:
        shown_s = time.monotonic()
        for n, (key, file, kind, signature) in enumerate(unread, 1):
            if stop():
                break
            found[file] = (signature, _described(key, file, kind))
            if time.monotonic() - shown_s > _PUBLISH_S:
                self._publish(found, len(unread) - n)
                shown_s = time.monotonic()
                time.sleep(0.001)  # the window's thread has its turn
        self._publish(found, 0)

    def _publish(self, found: Known, unread: int) -> None:
        entries = sorted((entry for _, entry in found.values()), key=lambda e: (e.name.casefold() != "init", e.name.casefold(), e.key))
        self.entries, self.by_key, self.unread = tuple(entries), {entry.key: entry for entry in entries}, unread
        self.by_path = {entry.path: entry for entry in entries}
        self.version += 1


_NO_SIGNATURE = (0, 0, 0)  # of an entry that was not read yet: it is read the next time


def _named(key: str, path: str, kind: str) -> Entry:
    """An entry of which nothing but its file is known."""
    name = os.path.splitext(os.path.basename(path))[0]
    return Entry(key, path, kind, name, words=words_of(name, "", (), "", "", "", key))


def _described(key: str, path: str, kind: str) -> Entry:
    file = Path(path)
    if kind == WAVETABLE:
        name = file.stem
        return Entry(key, path, kind, name, "wavetable", (file.suffix[1:].lower(),), keeps_its_sound=True,
                     words=words_of(name, "wavetable", (file.suffix[1:],), "", "", "", key))
    try:
        patch = preset_file.load(file)
    except UserError as error:
        return Entry(key, path, PRESET, file.stem, error=str(error), words=words_of(file.stem, "", (), "", "", "", key))
    return Entry(key, path, PRESET, patch.name, patch.category, patch.tags, patch.author, patch.comment, patch.model,
                 patch.fallback_db is not None,
                 words=words_of(patch.name, patch.category, patch.tags, patch.author, patch.comment, patch.model, key))


def _write(file: Path, known: Known) -> None:
    """A cache that cannot be written is made anew each time; nothing is lost."""
    rows = [[path, *signature, e.key, e.kind, e.name, e.category, list(e.tags), e.author, e.comment, e.model, e.keeps_its_sound, e.error]
            for path, (signature, e) in known.items() if signature != _NO_SIGNATURE]
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        preset_file.write_text(file, escape_surrogates(json.dumps({"format": _FORMAT, "rows": rows}, ensure_ascii=False)))
    except (UserError, ValueError, OSError):
        return


def _read(file: Path) -> Known:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        if data["format"] != _FORMAT:
            return {}
        known: Known = {}
        for path, time_ns, size, inode, key, kind, name, category, tags, author, comment, model, keeps, error in data["rows"]:
            words = words_of(name, category, tuple(tags), author, comment, model, key)
            known[path] = ((time_ns, size, inode),
                           Entry(key, path, kind, name, category, tuple(tags), author, comment, model, keeps, error, words))
        return known
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
