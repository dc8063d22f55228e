"""Tells when something in the library's folders changes, by watchdog: the system's own notices, no looking again and again."""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer


class _Teller(FileSystemEventHandler):
    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Opening and closing for reading change nothing."""
        if event.event_type not in ("opened", "closed_no_write"):
            self._changed()


class FolderWatch:
    """Calls `changed`, from a thread of its own, whenever something below one of the folders does. A context manager."""

    def __init__(self, folders: Iterable[Path], changed: Callable[[], None]) -> None:
        self._teller, self._lock = _Teller(changed), threading.Lock()
        self._observer = Observer()
        self._watched: set[Path] = set()
        self._folders = list(folders)
        self.is_watching = False

    def __enter__(self) -> "FolderWatch":
        try:
            self._observer.start()
            self.is_watching = True
        except OSError:  # no more watches on this system: the folders are looked at now and then
            self.is_watching = False
        self.follow(self._folders)
        return self

    def follow(self, folders: Iterable[Path]) -> None:
        """Watch these too, as far as they are there."""
        if not self.is_watching:
            return
        with self._lock:
            for folder in folders:
                if folder not in self._watched and folder.is_dir():
                    try:
                        self._observer.schedule(self._teller, str(folder), recursive=True)
                        self._watched.add(folder)
                    except OSError:
                        self.is_watching = False

    def __exit__(self, *failure: object) -> None:
        if self._observer.is_alive():
            self._observer.stop()
            self._observer.join(timeout=5.0)
