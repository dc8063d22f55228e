"""The decode worker: answers the engine's requests, in a thread of its own when live, on call when offline."""

import threading
import time
from dataclasses import replace

from ..engine.engine import Engine, Loaded, Request
from .sources import Source

_IDLE_S, _BUSY_S = 0.2, 0.0005


class Decoder:
    """Holds the sources that patches play and decodes what the engine asks for. A late decode delays timbre, never sound."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self._sources: dict[int, Source] = {}
        self._next = 1
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.late: dict[int, int | None] = {}  # offline: requests that a live take answered late -> frame, None: not at all

    def add(self, source: Source) -> int:
        """Make a source known; answers the number patches call it by. The same object keeps its number."""
        with self._lock:
            for number, known in self._sources.items():
                if known is source:
                    return number
            number, self._next = self._next, self._next + 1
            self._sources = self._sources | {number: source}
            return number

    def source(self, number: int) -> Source:
        """The source of a number."""
        return self._sources[number]

    def begin(self, loaded: Loaded) -> None:
        """Before the first block: take the patch and publish its spectrum, so that sound starts at its own timbre."""
        self.engine.begin(loaded)
        source = self._sources[loaded.instrument]
        point = self.engine.played_point()[:source.latent_size]
        self.engine.publish(None, *source.spectrum(point))
        self.engine.mark_requested()

    def pump(self) -> int:
        """Answer every waiting request; of several waiting only those that can still be in time, and the newest. Answers how many."""
        waiting = self.engine.requests()
        for i, request in enumerate(waiting):
            if i < len(waiting) - 1 and request.due < self.engine.frame:
                continue
            self._answer(request)
        return len(waiting)

    def _answer(self, request: Request) -> None:
        due = self.late.get(request.serial, request.due)
        if due is None:
            return
        request = replace(request, due=due)
        source = self._sources[request.instrument]
        re, im = source.spectrum(request.latent[:source.latent_size])
        while not self.engine.publish(request, re, im) and self._thread is not None and not self._stop.is_set():
            time.sleep(_BUSY_S)

    def start(self) -> None:
        """Answer requests in a thread until `stop`."""
        self._thread = threading.Thread(target=self._run, name="latentwave-decoder", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread:
            self._thread.join(timeout=2)

    def _run(self) -> None:
        while not self._stop.is_set():
            self.engine.wait_for_request(_IDLE_S)
            self.pump()
