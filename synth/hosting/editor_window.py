"""What pedalboard leaves undone about its windows on X11: errors that would end the process, a name that says whose editor it is, and a
place in front of our own window.
"""

import ctypes
import os
import sys
from ctypes.util import find_library
from typing import Any

_HANDLER = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
_DEPTH = 4  # under the root: a window manager puts frames around windows
_WM_NAME, _WM_TRANSIENT_FOR, _WINDOW = (ctypes.c_ulong(atom) for atom in (39, 68, 33))


@_HANDLER
def _pass_over(display: int, event: int) -> int:
    return 0


def _library() -> Any:
    if not sys.platform.startswith("linux"):
        return None
    try:
        return ctypes.CDLL(find_library("X11") or "libX11.so.6")
    except OSError:
        return None


def ignore_x_errors() -> None:
    """An error of the X server's ends no process from now on: JUCE asks about windows that are not there, without a window manager."""
    x11 = _library()
    if x11:
        x11.XSetErrorHandler.argtypes = [_HANDLER]
        x11.XSetErrorHandler(_pass_over)


def name_windows(title: str) -> None:
    """Give this process's windows a title, and let them stay in front of the window of the process that started it, where that has one.

    Elsewhere than under X they stay as they are.
    """
    x11 = _library()
    if not x11:
        return
    window, pointer = ctypes.c_ulong, ctypes.c_void_p
    x11.XOpenDisplay.restype, x11.XDefaultRootWindow.restype, x11.XInternAtom.restype = pointer, window, window
    display = pointer(x11.XOpenDisplay(None))
    if not display:
        return
    atoms = {name: window(x11.XInternAtom(display, name, 0)) for name in (b"_NET_WM_PID", b"_NET_WM_NAME", b"UTF8_STRING")}
    text = title.encode()
    owned: dict[int, list[Any]] = {os.getpid(): [], os.getppid(): []}
    for found in _windows(x11, display, window(x11.XDefaultRootWindow(display)), _DEPTH):
        owned.get(_number(x11, display, found, atoms[b"_NET_WM_PID"]), []).append(found)
    for found in owned[os.getpid()]:
        for name in (_WM_NAME, atoms[b"_NET_WM_NAME"]):
            x11.XChangeProperty(display, found, name, atoms[b"UTF8_STRING"], 8, 0, text, len(text))
        for front in owned[os.getppid()][:1]:  # else a click on ours hides it under most window managers
            x11.XChangeProperty(display, found, _WM_TRANSIENT_FOR, _WINDOW, 32, 0, ctypes.byref(front), 1)
    x11.XCloseDisplay(display)


def _windows(x11: Any, display: Any, parent: Any, depth: int) -> list[Any]:
    """Every window below one, so deep."""
    root, above, n = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.c_uint()
    children = ctypes.POINTER(ctypes.c_ulong)()
    if not x11.XQueryTree(display, parent, ctypes.byref(root), ctypes.byref(above), ctypes.byref(children), ctypes.byref(n)):
        return []
    found = [ctypes.c_ulong(children[i]) for i in range(n.value)]
    if n.value:
        x11.XFree(children)
    return found + [inner for child in found for inner in (_windows(x11, display, child, depth - 1) if depth > 1 else [])]


def _number(x11: Any, display: Any, window: Any, atom: Any) -> int:
    """What a window's property holds, 0 for nothing."""
    kind, size, n, left = ctypes.c_ulong(), ctypes.c_int(), ctypes.c_ulong(), ctypes.c_ulong()
    data = ctypes.POINTER(ctypes.c_long)()
    x11.XGetWindowProperty(display, window, atom, ctypes.c_long(0), ctypes.c_long(1), 0, ctypes.c_ulong(0), ctypes.byref(kind),
                           ctypes.byref(size), ctypes.byref(n), ctypes.byref(left), ctypes.byref(data))
    if not n.value:
        return 0
    found = int(data[0])
    x11.XFree(data)
    return found & 0xFFFFFFFF
