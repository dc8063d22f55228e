"""Is there a screen? Dear PyGui aborts the whole process without one, so this is asked first."""

import os
import socket
import sys

_X11_FOLDER = "/tmp/.X11-unix"


def has_display() -> bool:
    """True when a window can be opened. On Linux the X server named by DISPLAY must take a connection."""
    if sys.platform in ("win32", "darwin"):
        return True
    return _x_server_answers(os.environ.get("DISPLAY", ""))


def _x_server_answers(display: str, timeout_s: float = 1.0) -> bool:
    host, colon, rest = display.rpartition(":")
    number = rest.split(".")[0]
    if not colon or not number.isdigit():
        return False
    if host in ("", "unix") or host.startswith("/"):
        unix = os.path.join(_X11_FOLDER, f"X{number}")
        return _connects(socket.AF_UNIX, unix, timeout_s) or _connects(socket.AF_UNIX, "\0" + unix, timeout_s)
    return _connects(socket.AF_INET, (host, 6000 + int(number)), timeout_s)


def _connects(family: int, address, timeout_s: float) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.settimeout(timeout_s)
            probe.connect(address)
        return True
    except OSError:
        return False
