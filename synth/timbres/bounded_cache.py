"""A cache with a bound: what was used longest ago makes room. functools' own cannot be asked what it holds, nor spare what plays."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """At most `most` values by key; `spared(key)` says which may not go. From any thread."""

    def __init__(self, most: int, spared: Callable[[K], bool] = lambda key: False):
        self.most, self._spared = most, spared
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: K) -> bool:
        return key in self._kept

    def get(self, key: K) -> V | None:
        """The value, now the last to go; None where there is none."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def put(self, key: K, value: V) -> V:
        """Keep a value; what was used longest ago goes while there are too many. Answers the value that is kept."""
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            for old in [old for old in self._kept if old != key and not self._spared(old)][:max(0, len(self._kept) - self.most)]:
                del self._kept[old]
            return value

    def items(self) -> list[tuple[K, V]]:
        """What is kept, the first to go first."""
        with self._lock:
            return list(self._kept.items())
