"""Which window another asks to stay in front of: `python -m tests.gui.in_front_of TITLE` prints its id, 0 for none (WM_TRANSIENT_FOR).

By hand through libX11, as xprop is not everywhere.
"""

import ctypes
import ctypes.util
import subprocess
import sys


def in_front_of(title: str) -> int:
    """Of the first window of that title on $DISPLAY."""
    shown = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", title], capture_output=True, check=True, text=True).stdout
    x11 = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    display, behind = ctypes.c_void_p(x11.XOpenDisplay(None)), ctypes.c_ulong()
    found = x11.XGetTransientForHint(display, ctypes.c_ulong(int(shown.split()[0])), ctypes.byref(behind))
    return behind.value if found else 0


if __name__ == "__main__":
    print(in_front_of(sys.argv[1]))
