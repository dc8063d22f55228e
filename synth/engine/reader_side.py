"""The engine as readers see it: snapshots, what took effect, what was heard and what came in. All of it copies; none of it waits."""

import numpy as np

from ..events import Event, Kind
from .constants import COUNTER, INPUT, LOG_RING, SNAPSHOTS
from .worker_side import load_counter, store_counter


class ReaderSide:
    """A part of `Engine`."""

    _s: np.void  # the state
    _rings: np.void
    _spectra: np.void
    _counters: np.ndarray

    def snapshot(self) -> np.ndarray:
        """A whole copy of the newest published snapshot: SNAPSHOT record (see state.py)."""
        while True:
            count = load_counter(self._counters, COUNTER["snapshot"])
            copy = self._s["snapshots"][count % SNAPSHOTS].copy()
            if load_counter(self._counters, COUNTER["snapshot"]) - count < SNAPSHOTS - 1:  # the oldest of them is being written over
                return copy

    def present_patch(self) -> np.ndarray:
        """A copy of the patch that is played: PATCH record (see state.py). Whole while nothing changes it."""
        return self._s["knobs"]["patch"].copy()

    @property
    def recorded(self) -> int:
        """Frames of output made so far, in whole quanta."""
        return load_counter(self._counters, COUNTER["record"])

    def recording(self, since: int) -> tuple[np.ndarray, int, int]:
        """(float32[n, 2] of output after frame `since`, the frame it reaches, frames before it that were overwritten)."""
        last = self.recorded
        kept = int(self._s["output"]["record_frames"])
        first = max(since, last - kept + kept // 8)
        samples = self._s["output"]["record"][:, np.arange(first, last) % kept].T.copy()
        return samples, last, first - since

    def input(self, since: int) -> tuple[np.ndarray, int]:
        """(float32[n, 2] of the host's audio input after frame `since` of it, the frame it reaches)."""
        last = load_counter(self._counters, COUNTER["input"])
        first = max(since, last - INPUT + INPUT // 8)
        return self._s["input"][:, np.arange(first, last) % INPUT].T.copy(), last

    def scope(self, n: int = 2048) -> np.ndarray:
        """The newest n mono samples of the output, float32[n]."""
        last = self.recorded
        return self._s["output"]["record"][:, np.arange(last - n, last) % int(self._s["output"]["record_frames"])].mean(0)

    def spectrum(self) -> tuple[np.ndarray, np.ndarray]:
        """(re, im) float32[1024] of the harmonics being played; for pictures."""
        row = self._spectra["pool"][max(int(self._spectra["streams"][0]["to"]), 0)]
        return row["re"].copy(), row["im"].copy()

    def take_log(self) -> list[tuple[int, Event]]:
        """(frame, event) applied since the last call. One caller."""
        head, tail = COUNTER["log_head"], COUNTER["log_tail"]
        first, last = load_counter(self._counters, tail), load_counter(self._counters, head)
        rows = self._rings["log"][np.arange(first, last) % LOG_RING]
        if last > first:
            store_counter(self._counters, tail, last)
        return [(int(r["frame"]), Event(Kind(int(r["kind"])), int(r["number"]), float(r["value"]), int(r["channel"]) & 15,
                                        int(r["channel"]) >> 4)) for r in rows]
