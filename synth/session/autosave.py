"""The sound being edited, kept in a file of the user's folder, so that a crash or a power cut costs ten seconds at most.

`autosave.json` is written whole or not at all: at each load, and while the sound changes. It is removed when nothing in it is unsaved
at the end. What a start finds there was left by an end that came too early: it is put aside under another name and offered.
A lock beside it is held while the program runs, whatever ends it, so that two instruments at once do not take each other's.
"""

import contextlib
import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from .. import paths
from ..errors import UserError
from ..patch import preset_file
from ..patch.patch import Patch
from ..text import escape_surrogates
from .document import State
from .file_lock import locked

FORMAT = 1
PERIOD_S = 8.0  # a change is never older than ten seconds in the file, its writing included
_LOOK_S = 0.2
_MOST_INSTANCES, _MOST_KEPT = 8, 10
_JOIN_S = 10.0
_GRACE_S = 60.0  # a temporary file of a writer that was killed; a younger one may still be somebody's
MAX_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class LeftSound:
    """A sound that an earlier run left behind: the patch, the preset's file it came from, where it is kept, whether it was edited."""

    patch: Patch
    origin: Path | None
    kept: Path
    saved_at_s: float
    edited: bool = True


def to_text(state: State, edited: bool = True) -> str:
    """What the file holds of a state."""
    file = state.origin.file
    data = {"autosave": FORMAT, "saved_at": time.time(), "file": None if file is None else str(file), "edited": edited,
            "preset": preset_file.to_data(state.patch)}
    return escape_surrogates(json.dumps(data, ensure_ascii=False)) + "\n"


def read(path: Path) -> LeftSound:
    """A sound that was left in a file. Raises UserError where it is damaged or of a newer version."""
    try:
        with open(path, "rb") as opened:
            raw = opened.read(MAX_BYTES + 1)
        data: Any = json.loads(raw.decode("utf-8"))
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise UserError(f"{path}: the sound kept from an earlier run is damaged") from None
    number = data.get("autosave") if isinstance(data, dict) else None
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise UserError(f"{path}: the sound kept from an earlier run is damaged")
    if number > FORMAT:
        raise UserError(f"{path}: the sound kept from an earlier run was made by a newer version; update latentwave to have it back")
    patch = preset_file.from_data(data.get("preset"), str(path))
    origin, at_s = data.get("file"), data.get("saved_at")
    usable = isinstance(at_s, int | float) and not isinstance(at_s, bool)
    return LeftSound(patch, Path(origin) if isinstance(origin, str) else None, path, float(at_s) if usable else 0.0,
                     data.get("edited") is not False)


class Autosave:
    """Keeps a document in a file from `start` to `close`; `left` is what an earlier run left, or None.

    state: (state, version, loads, dirty) of the document now. tell: takes a sentence for the player.
    """

    def __init__(self, state: Callable[[], tuple[State, int, int, bool]], tell: Callable[[str], None]) -> None:
        self._state, self._tell = state, tell
        self._folder = paths.user_folder()
        self._lock_file: IO[bytes] | None = None
        self._path: Path | None = None
        self.left: LeftSound | None = None
        self._written, self._written_loads, self._written_at_s = -1, -1, -PERIOD_S
        self._failed = False
        self._taken: list[Path] = []  # files of sounds that were restored: removed once they are kept in the present one
        self._write_lock = threading.Lock()
        self._wake, self._ended = threading.Event(), False
        self._thread = threading.Thread(target=self._run, name="latentwave-autosave", daemon=True)

    def start(self) -> None:
        """Find what was left, then keep the document in a thread."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._take_place()
        except OSError as error:
            self._fail(f"{self._folder}: {error.strerror}")
            return
        if self._path:
            self.write()
            self._thread.start()

    def write(self) -> None:
        """Write the document now, if it has changed. A failure is told once, and tried again at the next change."""
        with self._write_lock:
            state, version, loads, dirty = self._state()
            if self._path is None or version == self._written:
                return
            try:
                preset_file.write_text(self._path, to_text(state, dirty))
            except UserError as error:
                self._fail(str(error))
                self._written_at_s = time.monotonic()
                return
            self._failed = False
            self._written, self._written_loads, self._written_at_s = version, loads, time.monotonic()
            for file in self._taken:
                file.unlink(missing_ok=True)
            self._taken = []

    def take_left(self, left: LeftSound) -> None:
        """A sound that was left is played again; its file goes once the document has been kept with it."""
        self.left = None
        self._taken.append(left.kept)

    def close(self, discard: bool) -> str:
        """The end: the file goes, unless it holds unsaved edits that nobody wanted to `discard`. A sentence if it stays, or ''."""
        self._ended = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=_JOIN_S)
        told = ""
        if self._path:
            state, version, _, dirty = self._state()
            if dirty and not discard:
                self.write()
                if self._written == version:
                    told = f"the unsaved edits of '{state.patch.name}' are kept; the next start offers them"
            else:
                with contextlib.suppress(OSError):
                    self._path.unlink(missing_ok=True)
        if self._lock_file:
            self._lock_file.close()
        return told

    def _run(self) -> None:
        while not self._wake.wait(_LOOK_S):
            _, version, loads, _ = self._state()
            due = time.monotonic() - self._written_at_s >= PERIOD_S
            if version != self._written and (due or (loads != self._written_loads and not self._failed)):
                self.write()

    def _fail(self, why: str) -> None:
        if not self._failed:
            self._failed = True
            self._tell(f"the sound cannot be kept safe from a crash ({why}); it goes on, save it elsewhere if you edit it")

    # ---- what was left ---------------------------------------------------------------------------------------------
    def _take_place(self) -> None:
        """A file of this instrument's own, and everything that instruments that are gone have left."""
        for n in range(1, _MOST_INSTANCES + 1):
            name = "autosave" if n == 1 else f"autosave-{n}"
            path = self._folder / f"{name}.json"
            if self._path and not path.exists():
                continue
            lock = locked(self._folder / f".{name}.lock")
            if lock is None:
                continue
            self._clean_up(path)
            if path.exists():
                self._put_aside(path)
            if self._path:
                lock.close()
            else:
                self._path, self._lock_file = path, lock
        if not self._path:
            self._fail(f"{self._folder} cannot be locked")

    def _put_aside(self, path: Path) -> None:
        stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(path.stat().st_mtime))
        aside = next(p for i in range(1000) if not (p := self._folder / f"left-{stamp}{f'-{i}' if i else ''}.json").exists())
        os.replace(path, aside)
        try:
            found = read(aside)
        except UserError as error:
            self._tell(f"{error}; it is kept there")
            return
        if not found.edited:  # as its preset's file still has it: nothing was lost
            aside.unlink(missing_ok=True)
            return
        if self.left is None or found.saved_at_s > self.left.saved_at_s:
            self.left = found
        for old in sorted(self._folder.glob("left-*.json"))[:-_MOST_KEPT]:
            old.unlink(missing_ok=True)

    def _clean_up(self, path: Path) -> None:
        for part in self._folder.glob(f".{path.name}.*"):
            with contextlib.suppress(OSError):
                if time.time() - part.stat().st_mtime > _GRACE_S:
                    part.unlink()
