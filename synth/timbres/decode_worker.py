"""The decode worker: answers the engine's requests in batches, in a thread of its own when live, on call when offline."""

import threading
import time
from functools import partial

import numpy as np

from ..engine.engine import Engine
from ..engine.resolved_patch import ResolvedPatch
from .bounded_cache import BoundedCache
from .morph_path import followed
from .morph_source import MorphSource
from .source import ModelSource, Source

_IDLE_S, _BUSY_S = 0.2, 0.0005
_BATCH = 64
_JOIN_S = 30.0  # a busy machine may hold the thread up
MOST_SOURCES = 16  # kept; what plays is, and what waits to: the engine queues four patches at most, so they are among the newest


class Decoder:
    """Holds the sources that patches play and decodes what the engine asks for. A late decode delays timbre, never sound."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self._sources: BoundedCache[int, Source] = BoundedCache(MOST_SOURCES, lambda number: number == engine.source_number)
        self._next = 1
        self._announced = 0
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.late: dict[int, int | None] = {}  # offline: requests that a live take answered late -> frame, None: not at all

    def add(self, source: Source) -> int:
        """Make a source known; answers the number patches call it by. The same object keeps its number as long as it is kept."""
        with self._lock:
            number = next((number for number, known in self._sources.items() if known is source), None)
            if number is None:
                number, self._next = self._next, self._next + 1
            self._sources.put(number, source)
            return number

    def source(self, number: int) -> Source:
        """The source of a number. Raises KeyError where it went long ago."""
        source = self._sources.get(number)
        if source is None:
            raise KeyError(number)
        return source

    def begin(self, resolved: ResolvedPatch) -> None:
        """Before the first block: take the patch and publish its spectrum, so that sound starts at its own timbre."""
        self.engine.begin(resolved)
        re, im = self._spectra(resolved.source_number, self.engine.played_point()[None])
        self.engine.begin_at(re[0], im[0])

    def pump(self) -> int:
        """Answer every waiting request, many at a time; answers how many there were.

        Of a stream's requests that can no longer be in time only the newest is decoded; the others are told to the engine.
        """
        self._find_ahead()
        if not self.engine.is_asked():
            return 0
        waiting = self.engine.requests()
        waiting, refused = self._in_time(waiting)
        if len(refused):
            self.engine.refuse(refused)
        kinds = self._kinds(waiting)
        at = 0
        while at < len(waiting):  # oldest first, also where the patch changes
            same = (kinds[at:at + _BATCH] == kinds[at]).all(1)
            n = len(same) if same.all() else int(same.argmin())
            self._answer(int(kinds[at, 0]), waiting[at:at + n])
            at += n
        return len(waiting) + len(refused)

    def _kinds(self, waiting: np.ndarray) -> np.ndarray:
        """What can be decoded together, int64[n, 2]: one source and, of a morph of presets, what has as many harmonics."""
        kinds = np.zeros((len(waiting), 2), np.int64)
        kinds[:, 0] = waiting["source_number"]
        for number in set(kinds[:, 0].tolist()):
            source, rows = self._sources.get(number), kinds[:, 0] == number
            if isinstance(source, MorphSource):
                kinds[rows, 1] = source.kinds(waiting["latent_position"][rows])
        return kinds

    def _find_ahead(self) -> None:
        """Live: look for a morph path that is announced while the one before is followed, in a thread, so that no decode waits for it."""
        if self._thread is None:
            return
        newest = self.engine.newest_morph_path
        if newest == self._announced:
            return
        self._announced = newest
        source = self._sources.get(self.engine.source_number)
        if newest == self.engine.morph_path or not isinstance(source, ModelSource):
            return
        before, corners = (self.engine.morph_path_corners(number, source.latent_size) for number in (self.engine.morph_path, newest))
        if before is not None and corners is not None and source.morph_paths.known(before):
            threading.Thread(target=source.morph_paths.find, args=(corners,), name="latentwave-ways", daemon=True).start()

    def _in_time(self, waiting: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(to answer, to refuse) of requests, oldest first."""
        if self.late:
            frames = [self.late.get(int(serial), int(due)) for serial, due in zip(waiting["serial"], waiting["due"], strict=True)]
            heard = np.array([frame is not None for frame in frames])
            waiting["due"] = [0 if frame is None else frame for frame in frames]
            return waiting[heard], waiting[~heard]
        past = waiting["due"] < self.engine.frame
        if not past.any():
            return waiting, waiting[:0]
        newest = np.zeros(len(waiting), bool)
        newest[len(waiting) - 1 - np.unique(waiting["stream"][::-1], return_index=True)[1]] = True
        keep = ~past | newest
        return waiting[keep], waiting[~keep]

    def _spectra(self, number: int, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        source = self.source(number)
        if isinstance(source, MorphSource):
            return source.spectra_of(points)
        if isinstance(source, ModelSource) and points["follow"].any():
            latents = followed(source.morph_paths, points, partial(self.engine.morph_path_corners, latent_size=source.latent_size))
        else:
            latents = np.ascontiguousarray(points["latent"][:, :source.latent_size])
        return source.spectra(latents, points["weights"], points["amounts"])

    def _answer(self, number: int, rows: np.ndarray) -> None:
        if number not in self._sources:  # of a patch long gone: nothing sounds of it any more
            self.engine.refuse(rows)
            return
        re, im = self._spectra(number, rows["latent_position"])
        done = self.engine.answer(rows, re, im)
        while done < len(rows) and self._thread is not None and not self._stop.is_set():
            time.sleep(_BUSY_S)  # every spectrum is in use for now
            done += self.engine.answer(rows[done:], re[done:], im[done:])
        if done < len(rows):  # the end: nobody gives spectra back any more
            self.engine.refuse(rows[done:])

    def start(self) -> None:
        """Answer requests in a thread until `stop`."""
        self._thread = threading.Thread(target=self._run, name="latentwave-decoder", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread:
            self._thread.join(timeout=_JOIN_S)

    def _run(self) -> None:
        while not self._stop.is_set():
            self.engine.wait_for_request(_IDLE_S)
            self.pump()
