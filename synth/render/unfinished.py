"""Files of takes that something cut short (a power cut, kill -9): they are noted while they grow, and finished at the next start.

A note is a small file in the user's folder, locked by the process that writes the take. The system lets go of the lock however
that process ends, so a note that can be locked belongs to a take that nobody writes any more.
"""

import contextlib
import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import MappingProxyType

import soundfile

from .. import paths

_FAR = 1 << 30  # Windows locks bytes, and keeps others from reading them: one beyond the end
_FORGET_S = 86400.0


def length_of(seconds: float) -> str:
    """A length of time as it is told: 12.3 s, or 4:05 minutes."""
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds) // 60}:{int(seconds) % 60:02d} minutes"


def free_name(wanted: Path, taken: Collection[Path] = ()) -> Path:
    """`wanted`, or the first of `name-2`, `name-3` ... that neither exists nor is among `taken`."""
    name, number = wanted, 1
    while name.exists() or name.absolute() in taken:
        number += 1
        name = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
    return name


def new_name(wanted: Path) -> Path:
    """`wanted`, or a free name beside it where a file is there already; a device or a folder is left for whoever opens it to refuse."""
    return free_name(wanted) if wanted.is_file() else wanted


def name_takes(wanted: Mapping[str, str | os.PathLike | None]) -> tuple[dict[str, Path | None], list[str]]:
    """(names for new takes, by what they are; a sentence for each that is not as `wanted`): no file that is there is replaced."""
    names = {what: new_name(Path(path)) if path else None for what, path in wanted.items()}
    return names, [f"{wanted[what]} is there already, and stays: this take becomes {name}" for what, name in names.items()
                   if name and name != Path(wanted[what] or "")]


def lock(file) -> bool:
    """Whether nobody else holds the file's lock; ours until it is closed."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(_FAR)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
            file.seek(0)
        else:
            import fcntl  # a library for locks would be one more dependency for these two calls

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except OSError:
        return False


def _folder() -> Path:
    return paths.user_folder() / "unfinished"


class Note:
    """Says until `remove` that `part` is being written, to be called `target`. Without a writable folder it says nothing."""

    def __init__(self, part: Path, target: Path):
        self._path, self._file = _folder() / f"{secrets.token_hex(8)}.json", None
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = open(self._path, "w+", encoding="utf-8")  # noqa: SIM115 - its lock lasts as long as the take
            lock(self._file)  # first: an empty note is left alone
            json.dump({"part": str(part.absolute()), "target": str(target.absolute())}, self._file)
            self._file.flush()
            os.fsync(self._file.fileno())

    def remove(self) -> None:
        """The file is whole, or gone."""
        if self._file:
            self._file.close()
            self._file = None
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)


Finish = Callable[[Path, Path, Collection[Path]], str]


def finish_unfinished(taken: Collection[Path] = (), others: Mapping[str, Finish] = MappingProxyType({})) -> list[str]:
    """Finish what ended processes have left, under its name or a free one beside it; answers a sentence for each.

    taken: absolute names that are about to be written, and are not given. others: by the ending of its name, how a take is
    finished that is no recording.
    """
    told = []
    for path in sorted(_folder().glob("*.json")):
        with contextlib.suppress(OSError), open(path, "r+", encoding="utf-8") as file:
            if not lock(file):
                continue
            try:
                row = json.load(file)
                part, target = Path(row["part"]), Path(row["target"])
            except (ValueError, KeyError, TypeError):  # being written now, or broken
                if time.time() - path.stat().st_mtime < _FORGET_S:
                    continue
                part = target = path
            if part != path and not part.parent.is_dir():  # on a disk that is not there now
                continue
            if part != path and part.is_file():
                finish = others.get(target.suffix.lower(), _finish_take)
                told.append(finish(part, target, taken) if part != target else _finish_log(target, taken))
            file.close()
            path.unlink(missing_ok=True)
    return [sentence for sentence in told if sentence]


def _finish_take(part: Path, target: Path, taken: Collection[Path]) -> str:
    try:
        with soundfile.SoundFile(part, "r+") as file:
            frames, sr_hz = len(file), file.samplerate
            if frames:
                file.truncate(frames)  # what came after the header was written last is no whole chunk
    except (OSError, RuntimeError) as error:
        return f"a recording was cut short and cannot be finished ({error}); it lies as {part}"
    if not frames:
        part.unlink(missing_ok=True)
        return ""
    name = free_name(target, taken)
    os.replace(part, name)
    return f"a recording that was cut short is kept as {name} ({length_of(frames / sr_hz)})"


def cut_torn_line(path: Path) -> None:
    """Take away what follows the last whole line of a file."""
    with open(path, "rb+") as file:
        end = file.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - 65536)
            file.seek(start)
            at = file.read(end - start).rfind(b"\n")
            if at >= 0:
                end = start + at + 1
                break
            end = start
        file.truncate(end)


def _finish_log(target: Path, taken: Collection[Path]) -> str:
    cut_torn_line(target)
    if target.absolute() in taken:
        name = free_name(target, taken)
        os.replace(target, name)
        target = name
    return f"the event log of a take that was cut short is kept as {target}"
