"""A terminal as a keyboard: single keys without echo on POSIX and Windows, and the screen given back whatever happens."""

import atexit
import os
import select
import signal
import sys
import time
from types import FrameType

_ENTER = "\x1b[?1049h\x1b[?25l\x1b[2J"  # other screen, no cursor, empty
_LEAVE = "\x1b[?25h\x1b[0m\x1b[?1049l"
_ESCAPES = {"[A": "up", "[B": "down", "[C": "right", "[D": "left", "OA": "up", "OB": "down", "OC": "right", "OD": "left"}
_WINDOWS_CODES = {"H": "up", "P": "down", "M": "right", "K": "left"}


def split_keys(text: str) -> list[str]:
    """Names of the keys in what a terminal sent: characters as they are, arrows by name, other escape codes dropped."""
    keys, i = [], 0
    while i < len(text):
        if text[i] != "\x1b":
            keys.append(text[i])
            i += 1
        elif text[i + 1:i + 3] in _ESCAPES:
            keys.append(_ESCAPES[text[i + 1:i + 3]])
            i += 3
        else:  # an escape code we do not know ends with a letter or ~
            i += 1
            if i < len(text) and text[i] in "[O":
                i += 1
                while i < len(text) and not (text[i].isalpha() or text[i] == "~"):
                    i += 1
                i += 1
    return keys


def _give_up_output() -> None:
    """Let what is still to be written go nowhere: the terminal is gone, and the take must be finished all the same."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            os.dup2(null, stream.fileno())
        except (OSError, ValueError):
            pass
    os.close(null)


class PosixTerminal:
    """Standard input in cbreak mode on the alternate screen; restored on exit, by signals and on suspension.

    Signals set `ended`, to be seen when `keys` returns.
    """

    def __init__(self) -> None:
        import termios

        self._termios = termios
        self._fd = sys.stdin.fileno()
        self._before = termios.tcgetattr(self._fd)
        self._inside = False
        self.resumed = False
        self.ended = self._gone = False

    def __enter__(self) -> "PosixTerminal":
        atexit.register(self._leave)
        self._old = {signal.SIGTSTP: signal.signal(signal.SIGTSTP, self._suspend)}
        for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM, signal.SIGINT):  # without an exception between any two steps
            self._old[number] = signal.signal(number, self._end)
        self._go()
        return self

    def __exit__(self, *_: object) -> None:
        self._leave()
        atexit.unregister(self._leave)
        for number, handler in self._old.items():
            signal.signal(number, handler)

    def _go(self) -> None:
        t = self._termios
        mode = t.tcgetattr(self._fd)
        mode[3] &= ~(t.ICANON | t.ECHO)  # signals stay: Ctrl-C is Ctrl-C
        t.tcsetattr(self._fd, t.TCSADRAIN, mode)
        self._inside = True
        self.write(_ENTER)

    def _leave(self) -> None:
        if self._inside:
            self._inside = False
            try:
                self._termios.tcsetattr(self._fd, self._termios.TCSADRAIN, self._before)
                self.write(_LEAVE)
            except (OSError, ValueError, self._termios.error):  # the terminal is gone
                _give_up_output()

    def _suspend(self, number: int, frame: FrameType | None) -> None:
        self._leave()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self._suspend)
        self._go()
        self.resumed = True

    def _end(self, number: int, frame: FrameType | None) -> None:
        self.ended = True

    def write(self, text: str) -> None:
        """Write to the screen at once; a screen that is gone sets `ended`."""
        try:
            if text and not self._gone:
                sys.stdout.write(text)
                sys.stdout.flush()
        except OSError:
            self.ended = self._gone = True
            _give_up_output()

    def keys(self, wait_s: float) -> list[str]:
        """Keys pressed within `wait_s`; returns early with the first. A hang-up sets `ended`."""
        ready, _, _ = select.select([self._fd], [], [], max(wait_s, 0.0))
        if not ready:
            return []
        try:
            data = os.read(self._fd, 1024)
        except OSError:
            data = b""
        self.ended = self.ended or not data
        return split_keys(data.decode("utf-8", "ignore"))


class WindowsTerminal:
    """The Windows console through msvcrt, with escape codes switched on."""

    def __init__(self) -> None:
        self.resumed = self.ended = False

    def __enter__(self) -> "WindowsTerminal":
        os.system("")  # makes the console obey escape codes
        atexit.register(self._leave)
        self.write(_ENTER)
        return self

    def __exit__(self, *_: object) -> None:
        atexit.unregister(self._leave)
        self._leave()

    def _leave(self) -> None:
        self.write(_LEAVE)

    def write(self, text: str) -> None:
        """Write to the screen at once."""
        if text:
            sys.stdout.write(text)
            sys.stdout.flush()

    def keys(self, wait_s: float) -> list[str]:
        """Keys pressed within `wait_s`, looked for every 10 ms."""
        import msvcrt

        found: list[str] = []
        end = time.monotonic() + wait_s
        while not found:
            while msvcrt.kbhit():  # type: ignore[attr-defined]
                key = msvcrt.getwch()  # type: ignore[attr-defined]
                if key in "\x00\xe0":
                    key = _WINDOWS_CODES.get(msvcrt.getwch(), "")  # type: ignore[attr-defined]
                found += [key] if key else []
            if time.monotonic() >= end:
                break
            time.sleep(0.01)
        return found


def is_terminal() -> bool:
    """True when both ends are a terminal that a view can be drawn on."""
    try:
        return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    except (AttributeError, ValueError):
        return False


def open_terminal() -> PosixTerminal | WindowsTerminal:
    """The terminal of this system, not yet entered."""
    return WindowsTerminal() if sys.platform == "win32" else PosixTerminal()
