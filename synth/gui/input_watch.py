"""Whether mouse or keyboard did anything, asked of the system: Dear PyGui tells only by drawing a frame, which software GL makes dear."""

import ctypes
import os
import sys
from contextlib import suppress

_KEYMAP_BYTES = 32


class InputWatch:
    """On X11, where it `works`; elsewhere nothing is known without a frame."""

    def __init__(self) -> None:
        self._display = None
        self._seen: tuple = ()
        if sys.platform.startswith("linux"):
            with suppress(OSError, AttributeError):
                self._open()

    def _open(self) -> None:
        x = ctypes.CDLL("libX11.so.6")
        x.XOpenDisplay.restype, x.XOpenDisplay.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
        x.XDefaultRootWindow.restype, x.XDefaultRootWindow.argtypes = ctypes.c_ulong, [ctypes.c_void_p]
        ints, windows = [ctypes.POINTER(ctypes.c_int)] * 4, [ctypes.POINTER(ctypes.c_ulong)] * 2
        x.XQueryPointer.argtypes = [ctypes.c_void_p, ctypes.c_ulong, *windows, *ints, ctypes.POINTER(ctypes.c_uint)]
        x.XQueryKeymap.argtypes = [ctypes.c_void_p, ctypes.c_char * _KEYMAP_BYTES]
        x.XCloseDisplay.argtypes = [ctypes.c_void_p]
        self._x, self._display = x, x.XOpenDisplay(os.environ.get("DISPLAY", "").encode() or None)

    @property
    def works(self) -> bool:
        """Whether it can tell."""
        return bool(self._display)

    def changed(self) -> bool:
        """Whether the pointer, a button or a key is elsewhere than at the last look."""
        if not self._display:
            return True
        windows = [ctypes.c_ulong() for _ in range(2)]
        places = [ctypes.c_int() for _ in range(4)]
        buttons, keys = ctypes.c_uint(), (ctypes.c_char * _KEYMAP_BYTES)()
        self._x.XQueryPointer(self._display, self._x.XDefaultRootWindow(self._display), *map(ctypes.byref, windows),
                              *map(ctypes.byref, places), ctypes.byref(buttons))
        self._x.XQueryKeymap(self._display, keys)
        seen, before = (places[0].value, places[1].value, buttons.value, keys.raw), self._seen
        self._seen = seen
        return seen != before

    def close(self) -> None:
        """Let go of the display."""
        if self._display:
            self._x.XCloseDisplay(self._display)
            self._display = None
