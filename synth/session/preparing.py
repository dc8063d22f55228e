"""An instrument made ready in a thread of its own, so that a view can show how far it is: the first start compiles for a minute."""

import threading
import time
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

# A first start as it was measured: functions compiled so far, seconds. What follows the 429th is the optimising of the whole.
_STEPS, _TIMES_S = (0, 429, 430, 463), (0.0, 36.5, 47.0, 57.7)
_FULL = 0.95  # of a step whose end has not been told
_USUAL_S = 2.0  # a start with everything compiled
_STACK = 64 << 20  # bytes: LLVM goes deep, and a thread's own stack may be small


class Cancelled(Exception):
    """The instrument is not wanted any more."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What is being done, the part of it that is done 0..1, and seconds left (None: not worth telling)."""

    words: str
    part: float
    left_s: float | None = None

    def sentence(self, brief: bool = False) -> str:
        """As one line of text; `brief` leaves room for a bar beside it in a terminal of 80 columns."""
        if self.left_s is None:
            return self.words
        left = f"{self.left_s:.0f} s" if self.left_s < 90 else f"{self.left_s / 60:.0f} minutes"
        return f"{self.words}{'' if brief else ' (only at the first start)'}: {100 * self.part:.0f} %, about {left} left"


def _usual_time_s(steps: float) -> float:
    """Seconds that so many compiled functions took where it was measured."""
    i = min(bisect_right(_STEPS, steps), len(_STEPS) - 1)
    along = (min(steps, _STEPS[-1]) - _STEPS[i - 1]) / (_STEPS[i] - _STEPS[i - 1])
    return _TIMES_S[i - 1] + along * (_TIMES_S[i] - _TIMES_S[i - 1])


def compile_progress(steps: int, elapsed_s: float, since_s: float) -> tuple[float, float]:
    """(part done 0..1, seconds left) when so many functions are compiled after so long, the last one `since_s` ago."""
    told = _usual_time_s(steps)
    pace = max(elapsed_s - since_s, 0.1) / max(told, 0.1) if steps >= 5 else 1.0  # this machine against the measured one
    done = told + min(since_s / pace, _FULL * (_usual_time_s(steps + 1) - told))
    return min(done / _TIMES_S[-1], 0.99), max(_TIMES_S[-1] - done, 1.0) * pace


class Preparation(Generic[T]):
    """`make`, called at once in a thread with a function that takes what is being done; its `result` is there once it is `done`."""

    def __init__(self, make: Callable[[Callable[[str], None]], T]):
        self._make = make
        self._words, self._began_s = "loading", time.monotonic()
        self._compiling, self._steps, self._stepped_s = False, 0, self._began_s
        self._result: T | None = None
        self._error: BaseException | None = None
        self._cancelled, self._ready = threading.Event(), threading.Event()
        usual = threading.stack_size(_STACK)
        try:
            self._thread = threading.Thread(target=self._run, name="latentwave-preparing", daemon=True)
            self._thread.start()
        finally:
            threading.stack_size(usual)

    @property
    def done(self) -> bool:
        """Whether the result is ready or cannot be had."""
        return self._ready.is_set()

    @property
    def result(self) -> T:
        """What was made; waits for it. Raises what making it raised."""
        self._ready.wait()
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]

    def wait(self, timeout_s: float) -> bool:
        """Wait until it is done, for so long at most; answers whether it is."""
        return self._ready.wait(timeout_s)

    def cancel(self, timeout_s: float = 1.0) -> T | None:
        """Stop at the next step; answers the result where it is ready all the same, to be closed."""
        self._cancelled.set()
        self._ready.wait(timeout_s)
        return self._result

    @property
    def progress(self) -> Progress:
        """How far it is now."""
        now = time.monotonic()
        if not self._compiling:
            return Progress(self._words, 1 - 2 ** (-(now - self._began_s) / _USUAL_S))
        part, left_s = compile_progress(self._steps, now - self._began_s, now - self._stepped_s)
        return Progress("preparing the sound engine", part, left_s)

    def _run(self) -> None:
        try:
            self._watch()
            self._result = self._make(self._say)
        except BaseException as error:  # it is raised to whoever asks for the result
            self._error = error
        self._ready.set()

    def _say(self, words: str) -> None:
        self._words = words
        if self._cancelled.is_set():
            raise Cancelled

    def _watch(self) -> None:
        """Count what numba compiles, where the kernels do not lie compiled yet."""
        from numba.core import event

        from ..engine.compile.jit import is_compiled

        preparation = self

        class Counter(event.Listener):
            def on_start(self, event):
                pass

            def on_end(self, event):
                preparation._steps += 1
                preparation._stepped_s = time.monotonic()

        if not is_compiled():
            self._compiling = True
            event.register("numba:compile", Counter())
