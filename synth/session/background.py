"""What takes long and changes nothing of the document: a thread of its own, so that no load waits for it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from ..errors import UserError


def in_thread(work: Callable[[], Any], tell: Callable[[str], object] | None = None) -> "Future[Any]":
    """The future of what `work` answers. tell: told what fails, in a sentence, where whoever asked does not look."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except Exception as error:  # whoever asked is told; a fault of ours must not be lost with its thread
            future.set_exception(error)
            if tell:
                fault = f"a fault of latentwave, please report it: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
                tell(str(error) if isinstance(error, UserError) else f"that could not be done ({fault})")

    threading.Thread(target=run, name="latentwave-background", daemon=True).start()
    return future
