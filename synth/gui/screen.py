"""How much room the screen has for a window. Dear PyGui does not tell, so the system is asked; where it says nothing, None."""

import ctypes
import os
import sys
from contextlib import suppress

from .geometry import Rect

_FRAME_W, _FRAME_H = 8, 40  # pixels that a window manager's frame and title may take


def work_area() -> Rect | None:
    """The first screen without its bars, less what a window's frame takes, in pixels; None where it cannot be told."""
    ask = _windows if sys.platform == "win32" else _mac if sys.platform == "darwin" else _x11
    with suppress(OSError, AttributeError, TypeError, ValueError):
        return ask()
    return None


def _windows() -> Rect:
    found = (ctypes.c_long * 4)()
    ctypes.windll.user32.SystemParametersInfoW(0x30, 0, ctypes.byref(found), 0)  # type: ignore[attr-defined]  # SPI_GETWORKAREA
    left, top, right, bottom = found
    return Rect(left, top, right - left - _FRAME_W, bottom - top - _FRAME_H)


class _CGRect(ctypes.Structure):
    _fields_ = [("x", ctypes.c_double), ("y", ctypes.c_double), ("w", ctypes.c_double), ("h", ctypes.c_double)]


def _mac() -> Rect:
    lib = ctypes.CDLL("/System/Library/Frameworks/CoreGraphics.framework/CoreGraphics")
    lib.CGDisplayBounds.restype, lib.CGDisplayBounds.argtypes = _CGRect, [ctypes.c_uint32]
    r = lib.CGDisplayBounds(lib.CGMainDisplayID())
    menu, dock = 25, 70
    return Rect(0, menu, r.w, r.h - menu - dock - _FRAME_H)


class _XineramaScreen(ctypes.Structure):
    _fields_ = [("number", ctypes.c_int), ("x", ctypes.c_short), ("y", ctypes.c_short), ("w", ctypes.c_short), ("h", ctypes.c_short)]


def _x11() -> Rect | None:
    x = ctypes.CDLL("libX11.so.6")
    x.XOpenDisplay.restype, x.XOpenDisplay.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
    display = x.XOpenDisplay(os.environ.get("DISPLAY", "").encode() or None)
    if not display:
        return None
    try:
        for function in (x.XDefaultScreen, x.XCloseDisplay):
            function.argtypes = [ctypes.c_void_p]
        screen = x.XDefaultScreen(display)
        for function in (x.XDisplayWidth, x.XDisplayHeight):
            function.argtypes = [ctypes.c_void_p, ctypes.c_int]
        room = _first_monitor(display) or Rect(0, 0, x.XDisplayWidth(display, screen), x.XDisplayHeight(display, screen))
        if not _root_numbers(x, display, screen, b"_NET_SUPPORTING_WM_CHECK"):  # nobody draws frames and bars
            return room
        bars = _root_numbers(x, display, screen, b"_NET_WORKAREA")
        if len(bars) >= 4:
            room = _overlap(room, Rect(*bars[:4]))
        return Rect(room.x, room.y, room.w - _FRAME_W, room.h - _FRAME_H)
    finally:
        x.XCloseDisplay(display)


def _overlap(a: Rect, b: Rect) -> Rect:
    left, top = max(a.x, b.x), max(a.y, b.y)
    w, h = min(a.right, b.right) - left, min(a.bottom, b.bottom) - top
    return Rect(left, top, w, h) if w > 0 and h > 0 else a


def _first_monitor(display) -> Rect | None:
    """The first of several monitors, where the server tells them apart."""
    with suppress(OSError, AttributeError):
        lib, x, n = ctypes.CDLL("libXinerama.so.1"), ctypes.CDLL("libX11.so.6"), ctypes.c_int()
        lib.XineramaQueryScreens.restype = ctypes.POINTER(_XineramaScreen)
        lib.XineramaQueryScreens.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_int)]
        screens = lib.XineramaQueryScreens(display, ctypes.byref(n))
        if screens and n.value:
            first = Rect(screens[0].x, screens[0].y, screens[0].w, screens[0].h)
            x.XFree.argtypes = [ctypes.c_void_p]
            x.XFree(screens)
            return first
    return None


def _root_numbers(x, display, screen: int, name: bytes) -> list[int]:
    """A property of the root window that is a list of numbers; empty where there is none."""
    x.XRootWindow.restype, x.XRootWindow.argtypes = ctypes.c_ulong, [ctypes.c_void_p, ctypes.c_int]
    x.XInternAtom.restype, x.XInternAtom.argtypes = ctypes.c_ulong, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    x.XFree.argtypes = [ctypes.c_void_p]
    kind, bits, n, left = ctypes.c_ulong(), ctypes.c_int(), ctypes.c_ulong(), ctypes.c_ulong()
    data = ctypes.POINTER(ctypes.c_ulong)()
    x.XGetWindowProperty.argtypes = [
        ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_long, ctypes.c_long, ctypes.c_int, ctypes.c_ulong,
        ctypes.POINTER(ctypes.c_ulong), ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_ulong), ctypes.POINTER(ctypes.c_ulong),
        ctypes.POINTER(ctypes.POINTER(ctypes.c_ulong))]
    x.XGetWindowProperty(display, x.XRootWindow(display, screen), x.XInternAtom(display, name, 0), 0, 64, 0, 0, ctypes.byref(kind),
                         ctypes.byref(bits), ctypes.byref(n), ctypes.byref(left), ctypes.byref(data))
    found = [int(data[i]) for i in range(n.value)] if data and bits.value == 32 else []
    if data:
        x.XFree(data)
    return found
