"""Whether mouse or keyboard did anything, told by the system: Dear PyGui tells only by drawing a frame, which software GL makes dear."""

import ctypes
import os
import select
import sys
from contextlib import suppress

from .geometry import Rect

_KEY_PRESS, _MOTION = 13, 17  # of XInput 2, raw: key and button down and up lie between
_ALL_MASTERS = 1
_NEAR = 100.0  # pixels round the window in which the mouse is coming


class _Mask(ctypes.Structure):
    _fields_ = [("device", ctypes.c_int), ("length", ctypes.c_int), ("mask", ctypes.c_char_p)]


class _Event(ctypes.Structure):
    """XGenericEventCookie as far as it is read, in the room of the largest XEvent."""

    _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("sent", ctypes.c_int), ("display", ctypes.c_void_p),
                ("extension", ctypes.c_int), ("kind", ctypes.c_int), ("rest", ctypes.c_long * 24)]


class InputWatch:
    """On X11, where it `works`: events of all devices on a connection of its own, slept on; elsewhere nothing is known without a frame."""

    def __init__(self) -> None:
        self._display = None
        if sys.platform.startswith("linux"):
            with suppress(OSError, AttributeError):
                self._open()

    def _open(self) -> None:
        x, xi = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXi.so.6")
        x.XOpenDisplay.restype, x.XOpenDisplay.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
        x.XDefaultRootWindow.restype, x.XDefaultRootWindow.argtypes = ctypes.c_ulong, [ctypes.c_void_p]
        for function in (x.XCloseDisplay, x.XPending, x.XConnectionNumber, x.XFlush):
            function.argtypes = [ctypes.c_void_p]
        x.XNextEvent.argtypes = [ctypes.c_void_p, ctypes.POINTER(_Event)]
        ints, windows = [ctypes.POINTER(ctypes.c_int)] * 4, [ctypes.POINTER(ctypes.c_ulong)] * 2
        x.XQueryPointer.argtypes = [ctypes.c_void_p, ctypes.c_ulong, *windows, *ints, ctypes.POINTER(ctypes.c_uint)]
        xi.XIQueryVersion.argtypes = [ctypes.c_void_p, *ints[:2]]
        xi.XISelectEvents.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.POINTER(_Mask), ctypes.c_int]
        display = x.XOpenDisplay(os.environ.get("DISPLAY", "").encode() or None)
        if not display:
            return
        if xi.XIQueryVersion(display, ctypes.c_int(2), ctypes.c_int(2)):  # another answer than Success: no XInput 2
            x.XCloseDisplay(display)
            return
        self._x, self._display, self._root = x, display, x.XDefaultRootWindow(display)
        wanted = sum(1 << kind for kind in range(_KEY_PRESS, _MOTION + 1)).to_bytes(4, "little")
        xi.XISelectEvents(display, self._root, _Mask(_ALL_MASTERS, len(wanted), wanted), 1)
        x.XFlush(display)
        self._socket = x.XConnectionNumber(display)

    @property
    def works(self) -> bool:
        """Whether it can tell."""
        return bool(self._display)

    def wait(self, seconds: float, window: Rect) -> bool:
        """Sleep until a key, a button, or the mouse near `window` (in pixels of the screen) does something, or so long; whether one did."""
        select.select([self._socket], [], [], seconds)
        kinds = self._pending()
        return bool(kinds - {_MOTION}) or (_MOTION in kinds and self._is_near(window))

    def has_come(self) -> bool:
        """Whether anything did something since this was asked last."""
        return self.works and bool(self._pending())

    def _pending(self) -> set[int]:
        """Kinds of the events that have come."""
        event, kinds = _Event(), set[int]()
        while self._x.XPending(self._display):
            self._x.XNextEvent(self._display, event)
            kinds.add(event.kind)
        return kinds

    def _is_near(self, window: Rect) -> bool:
        others = [ctypes.c_ulong() for _ in range(2)]
        places = [ctypes.c_int() for _ in range(4)]
        self._x.XQueryPointer(self._display, self._root, *others, *places, ctypes.c_uint())
        return window.inset(-_NEAR).holds(places[0].value, places[1].value)

    def close(self) -> None:
        """Let go of the display."""
        if self._display:
            self._x.XCloseDisplay(self._display)
            self._display = None
