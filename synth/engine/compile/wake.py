"""A semaphore from the audio thread to the decode worker: posting never blocks, waiting holds no lock of Python's.

POSIX unnamed semaphores, which Linux has; elsewhere the worker looks once a millisecond.
"""

import ctypes
import sys
import time

import numpy as np

_POLL_S = 0.001


class _Timespec(ctypes.Structure):
    _fields_ = [("tv_sec", ctypes.c_long), ("tv_nsec", ctypes.c_long)]


class Wake:
    """Lives in 64 bytes of the engine's state. `post_address` is what the kernel calls with `address` (0: it need not)."""

    def __init__(self, memory: np.ndarray):
        self.address, self.post_address = memory.ctypes.data, 0
        if not sys.platform.startswith("linux"):
            return
        libc = ctypes.CDLL(None, use_errno=True)
        libc.sem_init.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_uint]
        libc.sem_timedwait.argtypes = [ctypes.c_void_p, ctypes.POINTER(_Timespec)]
        if libc.sem_init(self.address, 0, 0) == 0:
            self._wait = libc.sem_timedwait
            self.post_address = ctypes.cast(libc.sem_post, ctypes.c_void_p).value or 0

    def wait(self, timeout_s: float) -> None:
        """Sleep until posted, or for timeout_s at most."""
        if not self.post_address:
            time.sleep(min(_POLL_S, timeout_s))
            return
        until = time.time() + timeout_s
        self._wait(self.address, ctypes.byref(_Timespec(int(until), int(until % 1 * 1e9))))
