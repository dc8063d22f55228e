"""Threads that never let the interpreter's lock go willingly, as a host's script or a busy window may."""

import contextlib
import threading
import time
from collections.abc import Iterator


@contextlib.contextmanager
def hog_the_gil(threads: int = 2) -> Iterator[None]:
    """So many of them, which have begun; they end with the block."""
    stop = threading.Event()

    def burn() -> None:
        x = 0
        while not stop.is_set():
            x += sum(i * i for i in range(20000))

    for _ in range(threads):
        threading.Thread(target=burn, daemon=True).start()
    time.sleep(1)
    try:
        yield
    finally:
        stop.set()
