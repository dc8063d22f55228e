"""Ask a window to close, as a click on its X does: `python -m tests.gui.close_window TITLE` sends WM_DELETE_WINDOW to it.

By hand through libX11, because the xdotool of stable systems has no such command.
"""

import ctypes
import ctypes.util
import subprocess
import sys


class _ClientMessage(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int), ("display", ctypes.c_void_p),
                ("window", ctypes.c_ulong), ("message_type", ctypes.c_ulong), ("format", ctypes.c_int), ("data", ctypes.c_long * 5),
                ("rest_of_an_xevent", ctypes.c_long * 24)]


def close(title: str) -> None:
    """Send the message to the first window of that title on $DISPLAY."""
    window = int(subprocess.run(["xdotool", "search", "--name", title], capture_output=True, check=True, text=True).stdout.split()[0])
    x11 = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
    x11.XOpenDisplay.restype, x11.XInternAtom.restype = ctypes.c_void_p, ctypes.c_ulong
    display = ctypes.c_void_p(x11.XOpenDisplay(None))
    protocols, delete = (x11.XInternAtom(display, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW"))
    client_message = 33
    event = _ClientMessage(client_message, 0, 1, display, window, protocols, 32, (ctypes.c_long * 5)(delete, 0))
    x11.XSendEvent(display, ctypes.c_ulong(window), 0, ctypes.c_long(0), ctypes.byref(event))
    x11.XCloseDisplay(display)


if __name__ == "__main__":
    close(sys.argv[1])
