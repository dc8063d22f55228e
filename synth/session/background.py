"""What takes long and changes nothing of the document: a thread of its own, so that no load waits for it."""

import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from ..errors import UserError


def fail(future: "Future[Any]", error: Exception) -> None:
    """The future failed. Where is told, what the functions there had in hand goes: the future keeps the error, and that their variables,
    in a circle that only the collector opens; an engine that rendered something is 43 MB.
    """
    link: BaseException | None = error
    while link is not None:
        traceback.clear_frames(link.__traceback__)
        link = link.__cause__ or link.__context__
    future.set_exception(error)


def in_thread(work: Callable[[], Any], tell: Callable[[str], object] | None = None) -> "Future[Any]":
    """The future of what `work` answers. tell: told what fails, in a sentence, where whoever asked does not look."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except Exception as error:  # whoever asked is told; a fault of ours must not be lost with its thread
            fail(future, error)
            if tell:
                fault = f"a fault of latentwave, please report it: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
                tell(str(error) if isinstance(error, UserError) else f"that could not be done ({fault})")

    threading.Thread(target=run, name="latentwave-background", daemon=True).start()
    return future
