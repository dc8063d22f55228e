"""The engine as the decode worker sees it: what is asked for, and the spectra that answer it. All of it is called by one thread."""

import numpy as np

from .compile.atomics import load_acquire, store_release
from .compile.jit import kernel
from .compile.wake import Wake
from .constants import COUNTER, HARMONICS, MORPH_PATHS, POOL, QUANTUM, REQUEST_RING
from .timbre.records import REQUEST


@kernel
def load_counter(counters, index):
    """A counter of the rings, from Python."""
    return load_acquire(counters, index)


@kernel
def store_counter(counters, index, value):
    """Publish a counter of the rings, from Python."""
    store_release(counters, index, value)


class WorkerSide:
    """A part of `Engine`."""

    _s: np.void  # the state
    _rings: np.void
    _spectra: np.void
    _counters: np.ndarray
    _wake: Wake
    _free: list[int]  # places of the pool that hold no spectrum

    def wait_for_request(self, timeout_s: float) -> None:
        """Sleep until a decode is asked for, or for timeout_s at most. One caller: the decode worker."""
        self._wake.wait(timeout_s)

    def played_point(self) -> np.ndarray:
        """The shared point that is played or heading to: a POINT record (see timbre/records.py); exact before the first block."""
        return self._spectra["streams"][0]["now"].copy()

    @property
    def inserts(self) -> np.ndarray:
        """Where plug-ins of others are let in (INSERT[2], see insert.py): in the hands of `hosting`."""
        return self._s["inserts"]

    @property
    def source_number(self) -> int:
        """Number of what the present patch plays."""
        return int(self._s["knobs"]["patch"]["source_number"])

    @property
    def newest_morph_path(self) -> int:
        """Number of the newest morph path: the corners a patch brought, or edited ones that have rested."""
        return int(self._s["latent"]["newest_morph_path"])

    @property
    def morph_path(self) -> int:
        """Number of the morph path that is followed."""
        return int(self._s["latent"]["morph_path"])

    def morph_path_corners(self, number: int, latent_size: int) -> np.ndarray | None:
        """Corners A to D of a morph path, float32[4, latent_size]; None where they are too long past. From any thread."""
        corners = self._s["latent"]["morph_paths"][number % MORPH_PATHS][:, :latent_size].copy()
        return corners if number > self.newest_morph_path - MORPH_PATHS + 2 else None

    def is_asked(self) -> bool:
        """Whether decodes wait that `requests` would answer."""
        return load_counter(self._counters, COUNTER["request_tail"]) != load_counter(self._counters, COUNTER["request_head"])

    def requests(self) -> np.ndarray:
        """Decodes asked for since the last call, oldest first: REQUEST[n] (see timbre/records.py). One caller: the decode worker."""
        head, tail = COUNTER["request_head"], COUNTER["request_tail"]
        first, last = load_counter(self._counters, tail), load_counter(self._counters, head)
        rows = self._rings["requests"][np.arange(first, last) % REQUEST_RING]
        if last > first:
            store_counter(self._counters, tail, last)
        return rows

    def answer(self, requests: np.ndarray, re: np.ndarray, im: np.ndarray) -> int:
        """Hand the engine the spectra of REQUEST[n]: float32[n, 1 + harmonics] each, heard at each request's due frame.

        Answers how many were taken: fewer when the pool is empty for now. One caller: the decode worker.
        """
        returned, tail = load_counter(self._counters, COUNTER["returned_head"]), load_counter(self._counters, COUNTER["returned_tail"])
        if returned > tail:
            self._free += self._rings["returned"][np.arange(tail, returned) % POOL].tolist()
        store_counter(self._counters, COUNTER["returned_tail"], returned)
        n = min(len(requests), len(self._free))
        if n:
            places = np.array(self._free[-n:], np.int64)
            del self._free[-n:]
            head = load_counter(self._counters, COUNTER["answer_head"])
            _answer(self._spectra["pool"], self._rings["answers"], head, np.ascontiguousarray(requests[:n]), places, re, im)
            store_counter(self._counters, COUNTER["answer_head"], head + n)
        return n

    def refuse(self, requests: np.ndarray) -> None:
        """Tell the engine that some requests will not be answered, so that a log can repeat it. One caller: the decode worker."""
        head = load_counter(self._counters, COUNTER["answer_head"])
        for i, serial in enumerate(requests["serial"]):
            self._rings["answers"][(head + i) % POOL] = (-1, serial)
        store_counter(self._counters, COUNTER["answer_head"], head + len(requests))

    def begin_at(self, re: np.ndarray, im: np.ndarray) -> None:
        """Before the first block: the spectrum of the shared point, float32[1 + harmonics] each."""
        first = np.zeros(1, REQUEST)
        first["serial"], first["due"], first["span"] = -1, 0, QUANTUM
        self.answer(first, re[None], im[None])
        stream = self._spectra["streams"][0]
        stream["sent"], stream["source_number"] = stream["now"], self._s["knobs"]["patch"]["source_number"]
        stream["harmonics"] = HARMONICS


@kernel
def _answer(pool, answers, head, requests, places, re, im):
    """Spectra into the pool, zero above what they hold, and their places into the ring of answers, to be published.

    Its arrays are the state's own; the whole state as an argument would cost 0.1 ms, so long is its type.
    """
    n = min(re.shape[1], HARMONICS + 1)
    for i in range(places.shape[0]):
        row, request = pool[places[i]], requests[i]
        row["serial"], row["tick"], row["due"], row["span"] = request["serial"], request["tick"], request["due"], request["span"]
        row["stream"], row["generation"], row["harmonics"], row["uses"] = request["stream"], request["generation"], max(n - 1, 1), 0
        to_re, to_im = row["re"], row["im"]
        to_re[0] = to_im[0] = 0.0
        for k in range(1, n):
            to_re[k], to_im[k] = re[i, k], im[i, k]
        for k in range(n, HARMONICS + 1):
            to_re[k] = to_im[k] = 0.0
        answer = answers[(head + i) % POOL]
        answer["index"], answer["serial"] = places[i], request["serial"]
