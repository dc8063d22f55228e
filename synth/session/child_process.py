"""A command of ours in a process of its own, at low priority: what takes long there never holds up the sound here."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

_END_S = 10.0
_CODE = ("import os, signal, sys\n"
         "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell may have had us ignore it
         "if hasattr(os, 'nice'): os.nice(10)\n"
         "from synth.cli import main\n"
         "sys.exit(main())\n")


class ChildProcess:
    """Runs `latentwave ARGUMENTS`. take: told each line that it prints, from a thread. Raises OSError where it cannot be begun."""

    def __init__(self, arguments: Sequence[str], take: Callable[[str], object]) -> None:
        root = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(p for p in (root, os.environ.get("PYTHONPATH")) if p)
        low = {"creationflags": subprocess.BELOW_NORMAL_PRIORITY_CLASS} if sys.platform == "win32" else {}  # type: ignore[attr-defined]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _CODE, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": path}, text=True, encoding="utf-8", errors="replace", start_new_session=True, **low)
        self._take, self.last = take, ""
        self._thread = threading.Thread(target=self._read, name="latentwave-child", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            if text := line.strip():
                self.last = text
                self._take(text)

    @property
    def code(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._process.poll()

    def wait(self) -> int:
        """Until it has ended and all of its lines were taken; answers the exit code."""
        code = self._process.wait()
        self._thread.join(timeout=_END_S)
        return code

    def stop(self) -> None:
        """Ask it to end, as Ctrl-C would; answers at once."""
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                self._process.terminate()
            else:
                self._process.send_signal(signal.SIGINT)

    def end(self) -> None:
        """Ask it to end and wait; one that does not is ended."""
        self.stop()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
