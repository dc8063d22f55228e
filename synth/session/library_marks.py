"""What the user thinks of presets: ratings, favourites, recently used. Kept in `library.json` of the user's folder, never in a preset.

    {"format": 1, "ratings": {"user/Pads/Mine": 4}, "favourites": ["factory/Init"], "recent": ["user/Pads/Mine", ...]}

Written whole at each change; several instruments and commands may change it at once, each then sees what the others did.
"""

import contextlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .. import paths
from ..errors import UserError
from ..patch.preset_file import write_text
from ..text import escape_surrogates
from .file_lock import locked

FORMAT = 1
MOST_RECENT = 100
MOST_STARS = 5
_WAIT_S = 2.0  # for another process that changes it just now
_MOST_BYTES = 64 << 20


class Marks:
    """Ratings (1 to 5), favourites and recently used entries by their keys. From any thread.

    tell: takes a sentence for the player.
    """

    def __init__(self, tell: Callable[[str], None] = lambda sentence: None, file: Path | None = None) -> None:
        self._file, self._tell, self._lock = file or paths.user_folder() / "library.json", tell, threading.RLock()
        self._data: dict[str, Any] = {}
        self._read_of: tuple | None = None
        self.version = 0
        self.read()

    @property
    def ratings(self) -> dict[str, int]:
        """Stars by key; none where it was not rated."""
        return self._data["ratings"]

    @property
    def favourites(self) -> frozenset[str]:
        """Keys of favourites."""
        return frozenset(self._data["favourites"])

    @property
    def recent(self) -> list[str]:
        """Keys of what was used, the latest first."""
        return self._data["recent"]

    def rate(self, key: str, stars: int) -> None:
        """Give 1 to 5 stars; 0 takes them away. Raises UserError."""
        if not 0 <= stars <= MOST_STARS:
            raise UserError(f"a rating is 1 to {MOST_STARS} stars, or 0 for none, not {stars}")
        with self._changing() as data:
            data["ratings"].pop(key, None)
            data["ratings"] |= {key: stars} if stars else {}

    def set_favourite(self, key: str, on: bool = True) -> None:
        """Make it a favourite, or none any more. Raises UserError."""
        with self._changing() as data:
            data["favourites"] = [k for k in data["favourites"] if k != key] + ([key] if on else [])

    def note_used(self, *keys: str) -> None:
        """They were loaded, the last of them latest. Raises UserError."""
        with self._changing() as data:
            for key in keys:
                data["recent"] = [key, *(k for k in data["recent"] if k != key)][:MOST_RECENT]

    def note_renamed(self, old: str, new: str) -> None:
        """An entry has another key from now on. Raises UserError."""
        with self._changing() as data:
            data["favourites"] = [new if k == old else k for k in data["favourites"]]
            data["recent"] = [new if k == old else k for k in data["recent"]]
            if old in data["ratings"]:
                data["ratings"][new] = data["ratings"].pop(old)

    def read(self) -> None:
        """Take what the file holds now, if it is another one than the last time."""
        with self._lock:
            try:
                found = self._file.stat()
                state: tuple | None = (found.st_mtime_ns, found.st_size, found.st_ino)
            except OSError:
                state = None
            if state != self._read_of or not self._data:
                self._data, self._read_of = self._parsed(), state
                self.version += 1

    @contextlib.contextmanager
    def _changing(self) -> Iterator[dict]:
        """The newest data, to be changed in place and written."""
        with self._lock, _alone(self._file.with_name(f".{self._file.name}.lock")):
            self.read()
            data = json.loads(json.dumps(self._data))
            yield data
            write_text(self._file, escape_surrogates(json.dumps({"format": FORMAT, **data}, ensure_ascii=False, indent=0)) + "\n")
            self._data = data
            self.version += 1

    def _parsed(self) -> dict[str, Any]:
        try:
            if self._file.stat().st_size > _MOST_BYTES:
                raise ValueError("too large")
            data = json.loads(self._file.read_text(encoding="utf-8-sig"))
            if data.get("format") != FORMAT:
                raise UserError(f"{self._file}: made by a newer version; update latentwave to have its ratings")
            return _checked(data)
        except FileNotFoundError:
            return _checked({})
        except (OSError, ValueError, TypeError, AttributeError, RecursionError, UserError) as error:
            return self._put_aside(error)

    def _put_aside(self, error: Exception) -> dict[str, Any]:
        """A file that cannot be read stays, beside a new one."""
        aside = self._file.with_name(f"library-{time.strftime('%Y%m%d-%H%M%S')}.json")
        with contextlib.suppress(OSError):
            os.replace(self._file, aside)
        why = str(error) if isinstance(error, UserError) else f"{self._file}: ratings and favourites cannot be read"
        self._tell(f"{why}; the file is kept as {aside.name}, a new one begins")
        return _checked({})


def _checked(data: dict) -> dict[str, Any]:
    """What is known of it in its shape, the rest as it is. Raises ValueError or TypeError for what is none."""
    ratings, favourites, recent = data.get("ratings") or {}, data.get("favourites") or [], data.get("recent") or []
    if not isinstance(ratings, dict) or not all(type(stars) is int for stars in ratings.values()):
        raise ValueError("ratings")
    if not all(isinstance(keys, list) and all(isinstance(key, str) for key in keys) for keys in (favourites, recent)):
        raise ValueError("keys")
    rest = {key: value for key, value in data.items() if key != "format"}
    return rest | {"ratings": ratings, "favourites": favourites, "recent": recent}


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody else changes the file meanwhile. Raises UserError where the folder cannot be written, or it takes too long."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + _WAIT_S
        while (lock := locked(path)) is None:
            if time.monotonic() > deadline:
                raise UserError(f"{path.parent}: another latentwave is changing the library; try again")
            time.sleep(0.005)
    except OSError as error:
        raise UserError(f"{path.parent}: cannot be written ({error.strerror})") from None
    with lock:
        yield
