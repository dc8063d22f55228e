"""The memory that is shared with the child: without a name where the system can (it goes with its last user), else a file of its own."""

import contextlib
import mmap
import os
import tempfile

from ..engine.insert_layout import TOTAL_BYTES


class SharedMemory:
    """Zeroed memory. `argument`: how the child is told of it; `inherited`: file descriptors that it gets."""

    def __init__(self) -> None:
        self._path = ""
        if hasattr(os, "memfd_create"):
            file = os.memfd_create("latentwave-effects")
            self.argument, self.inherited = str(file), [file]
        else:
            file, self._path = tempfile.mkstemp(prefix="latentwave-effects-")
            self.argument, self.inherited = self._path, []
        self._file = file
        os.ftruncate(file, TOTAL_BYTES)
        self.map = mmap.mmap(file, TOTAL_BYTES)

    def close(self) -> None:
        """No further child can open it; the memory stays while somebody looks at it."""
        with contextlib.suppress(OSError):
            os.close(self._file)
            if self._path:
                os.unlink(self._path)


def open_memory(argument: str) -> mmap.mmap:
    """What a parent's `SharedMemory` told, in the child."""
    file = int(argument) if argument.isdigit() else os.open(argument, os.O_RDWR)
    return mmap.mmap(file, TOTAL_BYTES)
