"""Dear PyGui's callbacks, called with as many of their arguments as they take.

Its own `run_callbacks` asks `inspect` for that at every call, a tenth of a millisecond: sixteen keys that are held, and so are told at
every frame, took a third of our own time in it.
"""

import inspect
from collections.abc import Callable
from typing import Any

_counts: dict[tuple[Any, bool], int] = {}  # by a function's code, and whether it is bound


def count_arguments(callback: Callable[..., object]) -> int:
    """How many arguments a callback takes, at most three: sender, data, what was given with it."""
    code = getattr(callback, "__code__", None)
    if code is None:
        return len(inspect.signature(callback).parameters)
    key = (code, inspect.ismethod(callback))
    if key not in _counts:
        _counts[key] = len(inspect.signature(callback).parameters)
    return _counts[key]


def run_job(job: Any) -> None:
    """Call one of `get_callback_queue`: (callback or None, sender, data, what was given with it)."""
    if job[0] is not None:
        job[0](*job[1:1 + count_arguments(job[0])])
