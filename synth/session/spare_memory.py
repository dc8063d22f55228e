"""Memory that is needed no longer goes back to the system: what only a start needs, what playing frees; on Linux alone."""

import contextlib
import ctypes
import mmap
import sys
from collections.abc import Iterator
from pathlib import Path

_MAPS = Path("/proc/self/smaps")
_LOADER = "libllvmlite"  # what put the compiled code in its place: 70 MB that stay mapped, and are read again from the cache when asked for

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # of mallopt(3)
_ARENAS = 2  # twenty threads would have one each, whose free parts no other thread takes
_LARGE_BYTES = 1 << 20  # blocks from here on are mappings of their own, given back as they are freed; glibc lets that grow to 32 MB


def hold_tight() -> None:
    """Let freed memory be found again and given back, from now on: before there are threads."""
    if not sys.platform.startswith("linux"):
        return
    with contextlib.suppress(AttributeError, OSError):  # not glibc
        mallopt = ctypes.CDLL(None).mallopt
        for name, value in ((_ARENA_MAX, _ARENAS), (_MMAP_THRESHOLD, _LARGE_BYTES), (_TRIM_THRESHOLD, _LARGE_BYTES)):
            mallopt(name, value)


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


def trim() -> None:
    """Free pages of the heap go back to the system: in an hour of the window's work they come to 10 MB that nothing else uses."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(AttributeError, OSError):  # not glibc
            ctypes.CDLL(None).malloc_trim(ctypes.c_size_t(0))


def give_back() -> None:
    """Free pages of the heap go back to the system, and the compiler's code is no longer mapped in until it is called again."""
    if not sys.platform.startswith("linux"):
        return
    trim()
    libc = ctypes.CDLL(None)
    with contextlib.suppress(OSError, ValueError):
        for address, size in _untouched(_LOADER):
            libc.madvise(ctypes.c_void_p(address), ctypes.c_size_t(size), mmap.MADV_DONTNEED)
