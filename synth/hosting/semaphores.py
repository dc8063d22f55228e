"""Semaphores in memory that two processes share: POSIX unnamed ones on Linux; elsewhere both sides look twice a millisecond."""

import ctypes
import sys
import time
from functools import cache
from typing import Any

_POLL_S = 0.0005


class _Timespec(ctypes.Structure):
    _fields_ = [("tv_sec", ctypes.c_long), ("tv_nsec", ctypes.c_long)]


@cache
def _library() -> Any:
    if not sys.platform.startswith("linux"):
        return None
    lib = ctypes.CDLL(None, use_errno=True)
    lib.sem_init.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_uint]
    lib.sem_post.argtypes = lib.sem_trywait.argtypes = [ctypes.c_void_p]
    lib.sem_timedwait.argtypes = [ctypes.c_void_p, ctypes.POINTER(_Timespec)]
    return lib


def begin(address: int) -> None:
    """Make 64 bytes a semaphore of two processes, at 0."""
    if _library():
        _library().sem_init(address, 1, 0)


def post_address() -> int:
    """Address of sem_post, for native code; 0: the other side looks by itself."""
    lib = _library()
    return (ctypes.cast(lib.sem_post, ctypes.c_void_p).value or 0) if lib else 0


def post(address: int) -> None:
    """One more. What was written before is seen by whoever sees what is written after."""
    if _library():
        _library().sem_post(address)


def wait(address: int, timeout_s: float) -> None:
    """Until it was posted, or so long; elsewhere than on Linux a moment."""
    lib = _library()
    if lib is None:
        time.sleep(min(_POLL_S, timeout_s))
        return
    until = time.time() + timeout_s
    lib.sem_timedwait(address, ctypes.byref(_Timespec(int(until), int(until % 1 * 1e9))))
