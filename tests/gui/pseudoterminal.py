"""`latentwave play --no-gui` on a real pseudo-terminal: POSIX only."""

import json
import os
import pty
import select
import subprocess
import sys
import termios
import time

from tests.servers import LIMIT_S, child_env


class Terminal:
    """`play --no-gui` with a pseudo-terminal for its keyboard and screen."""

    def __init__(self, folder, *args):
        self.log = folder / "events.jsonl"
        self.master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (30, 100))
        self.before = termios.tcgetattr(slave)
        self.slave, self.screen = slave, ""
        command = [sys.executable, "-m", "synth", "play", "--no-gui", "--device", "none", "--model", "akwf-16", "--midi", "none",
                   "--log-events", str(self.log), *args]
        self.process = subprocess.Popen(command, cwd=folder, env=child_env(TERM="xterm-256color"), stdin=slave, stdout=slave,
                                        stderr=subprocess.PIPE, start_new_session=True)

    def wait(self, done, what):
        """Read the screen until `done()`."""
        end = time.monotonic() + LIMIT_S
        while not done():
            assert time.monotonic() < end, f"no {what} within {LIMIT_S:.0f} s; the screen: {self.screen[-1500:]!r}"
            if not self.read(0.02):
                assert self.process.poll() is None or done(), f"it ended without {what}: {self.process.stderr.read()[-1500:]!r}"

    def read(self, wait_s=0.0):
        """Take in what the screen has been sent; whether there was anything."""
        found = False
        while select.select([self.master], [], [], 0.0 if found else wait_s)[0]:
            self.screen += os.read(self.master, 65536).decode("utf-8", "replace")
            found = True
        return found

    def type(self, keys):
        os.write(self.master, keys.encode())

    def events(self, kind):
        """Events of a kind in the log so far."""
        if not self.log.exists():
            return []
        rows = [json.loads(line) for line in self.log.read_text().splitlines(keepends=True) if line.endswith("\n")]
        return [row for row in rows if row.get("type") == kind]

    def restored(self):
        """Whether the terminal's mode and its usual screen are back; what was saved is told there."""
        back = "\x1b[?1049l" in self.screen[self.screen.rfind("\x1b[?1049h"):]
        return termios.tcgetattr(self.slave)[3] == self.before[3] and back

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        os.close(self.master)
        os.close(self.slave)
