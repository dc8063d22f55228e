"""Which files of a folder are sound, by name and by their first bytes; sub-folders and links are followed once each."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..text import printable

EXTENSIONS = frozenset((".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".aif", ".aiff", ".aifc", ".mp3", ".w64", ".rf64", ".caf",
                        ".au", ".snd", ".wt", ".vitaltable"))
CONVERT_FIRST = frozenset((".m4a", ".aac", ".mp4", ".wma", ".ape", ".wv", ".alac", ".mka", ".webm", ".amr", ".ac3", ".dsf"))
_NOT_THE_USERS = frozenset(("__macosx", "@eadir", "$recycle.bin", "system volume information", "lost+found"))  # folders, in lower case
_NOT_SOUND = frozenset(("thumbs.db", "desktop.ini", "icon\r"))
_MAGIC = ((b"RIFF", 8, b"WAVE"), (b"fLaC", 0, b"fLaC"), (b"OggS", 0, b"OggS"), (b"FORM", 8, b"AIF"), (b"ID3", 0, b"ID3"),
          (b"caff", 0, b"caff"), (b".snd", 0, b".snd"))


@dataclass(frozen=True)
class Refusal:
    """One file, folder or cycle that was not taken, and why."""

    name: str
    reason: str


def find_sound_files(folder: Path) -> tuple[list[Path], list[Refusal]]:
    """(sound files under `folder` in a stable order, what could not be looked at). Hidden ones are passed over,
    and what systems keep beside the user's files (`__MACOSX`, `Thumbs.db`).
    """
    refusals: list[Refusal] = []
    found: list[Path] = []
    for path in _files(folder, refusals):
        suffix = path.suffix.lower()
        name = printable(path.relative_to(folder).as_posix())
        if suffix in CONVERT_FIRST:
            refusals.append(Refusal(name, f"is {suffix[1:].upper()}, which is not read; convert it to WAV or FLAC"))
        elif suffix in EXTENSIONS or _looks_like_sound(path):
            found.append(path)
    return sorted(found, key=lambda p: p.relative_to(folder).as_posix()), refusals


def _files(folder: Path, refusals: list[Refusal]) -> Iterator[Path]:
    """Files of all sub-folders; what cannot be opened, broken links and links back into themselves are told."""
    seen: set[str] = set()

    def denied(error: OSError) -> None:
        name = printable(os.path.relpath(error.filename, folder))
        refusals.append(Refusal(name, f"cannot be opened ({error.strerror or 'no permission'})"))

    for here, folders, files in os.walk(folder, followlinks=True, onerror=denied):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name.lower() not in _NOT_THE_USERS)
        real = os.path.realpath(here)
        if real in seen:
            folders.clear()
            refusals.append(Refusal(printable(os.path.relpath(here, folder)), "is a link to a folder that is read already"))
            continue
        seen.add(real)
        for name in sorted(files):
            path = Path(here, name)
            if name.startswith(".") or name.lower() in _NOT_SOUND:
                continue
            if path.is_file():
                yield path
            elif path.is_symlink() and path.suffix.lower() in EXTENSIONS:
                refusals.append(Refusal(printable(path.relative_to(folder).as_posix()), "is a link that leads nowhere"))


def _looks_like_sound(path: Path) -> bool:
    """A sound file under another name, or without an extension."""
    try:
        with open(path, "rb") as file:
            head = file.read(12)
    except OSError:
        return False
    return any(head.startswith(first) and head[at : at + len(then)] == then for first, at, then in _MAGIC)
