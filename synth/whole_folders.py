"""Folders that appear whole or not at all: filled beside their name, then put in its place at one stroke."""

import contextlib
import ctypes
import glob
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

_GRACE_S = 3600.0  # what a process leaves that was killed goes by the next one, when it is so old
_AT_FDCWD, _EXCHANGE = -100, 2  # linux/fs.h; macOS's RENAME_SWAP is 2 too


@contextlib.contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """An empty, hidden folder beside `target`, to be filled: it takes that name when the block ends, and is gone if it fails.

    What stood there stays until then. Raises OSError where it cannot be written.
    """
    _sweep(target)
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        part.mkdir(parents=True)
        yield part
        put_in_place(part, target)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def put_in_place(part: Path, target: Path) -> None:
    """A finished folder takes the name `target`, and what stood there goes: at no moment is nothing there, on Linux and macOS.

    Raises OSError, and leaves what stood there.
    """
    if not target.exists():
        os.replace(part, target)
        return
    if not _exchange(part, target):
        old = part.with_name(f"{part.name}.old.part")
        os.replace(target, old)
        try:
            os.replace(part, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.replace(old, target)
            raise
        part = old
    shutil.rmtree(part, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two names at one stroke; False where the system cannot. By hand, as Python has no call for it."""
    names = os.fsencode(one), os.fsencode(other)
    with contextlib.suppress(OSError, AttributeError):
        if sys.platform == "linux":
            return ctypes.CDLL(None).renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _EXCHANGE) == 0
        if sys.platform == "darwin":
            return ctypes.CDLL(None).renamex_np(names[0], names[1], _EXCHANGE) == 0
    return False


def _sweep(target: Path) -> None:
    for left in target.parent.glob(f".{glob.escape(target.name)}.*.part"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _GRACE_S:
                shutil.rmtree(left, ignore_errors=True)
