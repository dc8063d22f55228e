"""Memory that only a start needs, given back once the instrument plays. Linux; elsewhere nothing happens."""

import contextlib
import ctypes
import mmap
import sys
from collections.abc import Iterator
from pathlib import Path

_MAPS = Path("/proc/self/smaps")
_LOADER = "libllvmlite"  # what put the compiled code in its place: 70 MB that stay mapped, and are read again from the cache when asked for


def _untouched(name: str) -> Iterator[tuple[int, int]]:
    """(address, size) of the mappings of a file whose name begins so, of which no page is anything but what the file holds."""
    found, writable = None, True
    for line in _MAPS.read_text(errors="replace").splitlines():
        first, *rest = line.split(maxsplit=5)
        if not first.endswith(":"):
            low, high = (int(part, 16) for part in first.split("-"))
            found = (low, high - low) if len(rest) == 5 and Path(rest[4]).name.startswith(name) else None
            writable = "w" in rest[0]
        elif found and first == "Anonymous:" and rest[0] == "0" and not writable:
            yield found


def give_back() -> None:
    """Free pages of the heap go back to the system, and the compiler's code is no longer mapped in until it is called again."""
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None)
    with contextlib.suppress(AttributeError, OSError):  # not glibc; no /proc
        libc.malloc_trim(ctypes.c_size_t(0))
    with contextlib.suppress(OSError, ValueError):
        for address, size in _untouched(_LOADER):
            libc.madvise(ctypes.c_void_p(address), ctypes.c_size_t(size), mmap.MADV_DONTNEED)
