"""One process that runs a chain of plug-ins, or shows an editor, as its parent holds it: what is said to it, what it says, its end."""

import json
import subprocess
import threading
from collections.abc import Callable, Sequence

from .child_command import environment


class ChildProcess:
    """One process of a command and the thread that reads what it says. inherited: file descriptors that it gets."""

    def __init__(self, command: Sequence[str], heard: Callable[["ChildProcess", dict], None], ended: Callable[["ChildProcess"], None], *,
                 inherited: Sequence[int] = (), with_display: bool = False):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        env=environment(with_display), pass_fds=inherited, start_new_session=True)
        self.ready = threading.Event()
        self.ours = False  # killed by us
        self._heard, self._ended = heard, ended
        threading.Thread(target=self._read, name="latentwave-effects", daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            message = json.loads(line)
            if message["is"] == "ready":
                self.ready.set()
            self._heard(self, message)
        self.process.wait()
        self.ready.set()
        self._ended(self)

    def say(self, message: dict) -> None:
        """A line; one that is gone hears nothing."""
        assert self.process.stdin
        try:
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            pass

    def kill(self) -> None:
        """End it."""
        self.ours = True
        self.process.kill()
