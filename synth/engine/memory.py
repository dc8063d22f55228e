"""Memory for the engine's state, of which only what can be used is the process's own.

A page that nobody has touched costs nothing, and its first touch is a page fault, which the audio thread must not take. So all that it
may touch is touched before it runs, and the rest is left alone: what is sized for a higher rate than the engine's, what only other
threads write to first, and what is needed late and then made ready ahead of the audio thread (`Memory.ready`).
"""

import contextlib
import mmap
import sys
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

_POPULATE_WRITE = 23  # MADV_POPULATE_WRITE of madvise(2), Linux 5.14
Span = tuple[int, int]  # first byte and the one behind the last


def _whole_pages(span: Span) -> Span:
    """The whole pages within a span."""
    first = -(-span[0] // mmap.PAGESIZE) * mmap.PAGESIZE
    return first, max(span[1] // mmap.PAGESIZE * mmap.PAGESIZE, first)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, those that touch as one, of each the whole pages."""
    found: list[Span] = []
    for first, end in sorted(spans):
        if found and first <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((first, end))
    return [_whole_pages(span) for span in found]


def _between(spans: Sequence[Span], n_bytes: int) -> list[Span]:
    """What lies before, between and behind spans."""
    ends = [0, *(end for _, end in spans)]
    return [(end, first) for end, first in zip(ends, [*(first for first, _ in spans), n_bytes], strict=True) if first > end]


class Memory:
    """n_bytes of zeros, page-aligned; `bytes` is uint8[n_bytes].

    unused: spans that the audio thread touches never, or after another thread has. later: by name the parts, each of some spans, that it
    touches after `ready` of them, in that order; where the system cannot touch a page without changing it, they are touched at once.
    """

    def __init__(self, n_bytes: int, unused: Sequence[Span], later: Mapping[str, Sequence[Sequence[Span]]]):
        private = {} if sys.platform == "win32" else {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS}
        self._map = mmap.mmap(-1, n_bytes, **private)
        self.bytes = np.frombuffer(self._map, np.uint8)
        self._later = dict(later) if self._populate((0, mmap.PAGESIZE)) else {}
        self._n_ready = dict.fromkeys(later, 0)
        left = _joined((*unused, *(span for parts in self._later.values() for part in parts for span in part)))
        self._advise("MADV_NOHUGEPAGE", left)  # else the first touch of a page is that of five hundred
        used = _between(left, n_bytes)
        self._advise("MADV_HUGEPAGE", [_whole_pages(span) for span in used])
        for first, end in used:
            self.bytes[first:end] = 0

    def ready(self, name: str, n_parts: int) -> None:
        """Make the first parts of what comes later the process's own, whatever is written there meanwhile. Each name from one thread."""
        for part in self._later.get(name, ())[self._n_ready[name]:n_parts]:
            for first, end in part:
                self._populate((first - first % mmap.PAGESIZE, end))
        self._n_ready[name] = max(n_parts, self._n_ready[name])

    def _populate(self, span: Span) -> bool:
        """Touch pages without changing them; whether the system can."""
        if not sys.platform.startswith("linux"):
            return False
        try:
            self._map.madvise(_POPULATE_WRITE, span[0], span[1] - span[0])
        except (OSError, ValueError):
            return False
        return True

    def _advise(self, name: str, spans: Sequence[Span]) -> None:
        """Tell the system how large pages may be, where it asks."""
        for first, end in spans:
            if hasattr(mmap, name) and end > first:
                with contextlib.suppress(OSError):
                    self._map.madvise(getattr(mmap, name), first, end - first)
