"""The system's own lock on a file, which ends with the process however that ends."""

import os
from pathlib import Path
from typing import IO


def locked(path: Path) -> IO[bytes] | None:
    """The file, locked until it is closed or the process ends in any way; None where another process holds it.

    By hand: the system's own lock, which no library makes simpler.
    """
    file = open(path, "ab")  # noqa: SIM115 - lives as long as the instrument
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
