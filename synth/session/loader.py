"""What may take long, one at a time and in order, in a thread of its own: presets and models load, sounds are saved.

No caller waits: each gets a `Future` that tells when its request is done, or how it failed; a failure is told to the player too.
"""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any

from ..errors import UserError
from .background import fail

_JOIN_S = 30.0  # a busy machine may hold the thread up; one that hangs must not keep the program for ever
Request = tuple["Future[None]", Callable[[], Any], Callable[[Any], None]]


class Loader:
    """Does requests in order. Before `start` and after `stop` they are done at once, by whoever asks.

    tell: takes a sentence for the player.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._requests: queue.Queue[Request | None] = queue.Queue()
        self._lock = threading.Lock()
        self._newest_load: Future[None] | None = None  # while nothing else was asked for since
        self._waiting = 0
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Do requests in a thread until `stop`."""
        self._thread = threading.Thread(target=self._run, name="latentwave-loader", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Do what was asked for, then end."""
        thread, self._thread = self._thread, None
        if thread:
            self._requests.put(None)
            thread.join(timeout=_JOIN_S)

    @property
    def is_live(self) -> bool:
        """Whether there is a thread, so that whoever asks does not wait."""
        return self._thread is not None

    @property
    def busy(self) -> bool:
        """Whether a request is under way or waits."""
        return self._waiting > 0

    def load(self, prepare: Callable[[], Any], finish: Callable[[Any], None]) -> "Future[None]":
        """Ask for another sound: `prepare` may take long and changes nothing, `finish` takes what it answers and is quick.

        A newer one takes the place of one that has not come to `finish`, whose future is then cancelled.
        """
        return self._ask(prepare, finish, is_load=True)

    def do(self, work: Callable[[], None]) -> "Future[None]":
        """Ask for something else, which nothing takes the place of."""
        return self._ask(lambda: None, lambda _: work(), is_load=False)

    def _ask(self, prepare: Callable[[], Any], finish: Callable[[Any], None], is_load: bool) -> "Future[None]":
        future: Future[None] = Future()
        with self._lock:
            if is_load and self._newest_load:
                self._newest_load.cancel()
            self._newest_load = future if is_load else None
            self._waiting += 1
            if self._thread:
                self._requests.put((future, prepare, finish))
                return future
        self._do((future, prepare, finish))
        return future

    def _run(self) -> None:
        while (request := self._requests.get()) is not None:
            self._do(request)

    def _do(self, request: Request) -> None:
        future, prepare, finish = request
        try:
            ready = None if future.cancelled() else prepare()
            if future.set_running_or_notify_cancel():
                finish(ready)
                future.set_result(None)
        except CancelledError:
            future.cancel()
        except Exception as error:
            self._fail(future, error)
        finally:
            with self._lock:
                self._waiting -= 1
                if self._newest_load is future:
                    self._newest_load = None

    def _fail(self, future: "Future[None]", error: Exception) -> None:
        """The sound goes on as it was, and the player is told why nothing changed; of what was superseded nobody wants to know."""
        if future.cancelled():
            return
        if isinstance(error, UserError):
            self._tell(str(error))
        else:  # a fault of ours: whoever plays must not lose the thread that loads for it
            said = " ".join(f"{type(error).__name__}: {error}".split())
            self._tell(f"that could not be done, the sound goes on (a fault of latentwave, please report it: {said[:200]})")
        fail(future, error)
