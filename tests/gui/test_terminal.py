"""The terminal view as a player meets it: `latentwave play --no-gui` on a real pseudo-terminal."""

import json
import os
import select
import signal
import subprocess
import sys
import time

import pytest

from tests.conftest import child_env

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)

import pty
import termios

START_S = 180  # the kernels may have to be compiled first


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

    def wait(self, done, seconds, what):
        """Read the screen until `done()`."""
        end = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < end, f"no {what} within {seconds} s; the screen: {self.screen[-1500:]!r}"
            if select.select([self.master], [], [], 0.02)[0]:
                self.screen += os.read(self.master, 65536).decode("utf-8", "replace")

    def type(self, keys):
        os.write(self.master, keys.encode())

    def events(self, kind):
        """Events of a kind in the log so far."""
        if not self.log.exists():
            return []
        rows = [json.loads(line) for line in self.log.read_text().splitlines(keepends=True) if line.endswith("\n")]
        return [row for row in rows if row.get("type") == kind]

    def restored(self):
        return termios.tcgetattr(self.slave)[3] == self.before[3] and self.screen.rstrip().endswith("\x1b[?1049l")

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def terminal(home, tmp_path):
    view = Terminal(tmp_path)
    try:
        view.wait(lambda: "decode age" in view.screen, START_S, "first picture")
        yield view
    finally:
        view.close()


def test_a_key_plays_a_gate_that_repeats_extend_and_q_quits(terminal):
    for word in ("akwf-16", "Init", "Z16", "voices", "load", "xruns", "last MIDI"):
        assert word in terminal.screen, word
    terminal.type("a")
    terminal.wait(lambda: terminal.events("note_off"), 5, "note_off")
    on, off = terminal.events("note_on")[0], terminal.events("note_off")[0]
    assert on["note"] == off["note"] == 60 and on["velocity"] == pytest.approx(100 / 127)
    length_s = (off["frame"] - on["frame"]) / 48000
    assert 0.28 < length_s < 0.45
    for _ in range(6):
        terminal.type("d")
        began = time.monotonic()
        terminal.wait(lambda began=began: time.monotonic() - began > 0.1, 1, "pause")
    terminal.wait(lambda: len(terminal.events("note_off")) == 2, 5, "second note_off")
    assert [e["note"] for e in terminal.events("note_on")] == [60, 64]
    long_s = (terminal.events("note_off")[1]["frame"] - terminal.events("note_on")[1]["frame"]) / 48000
    assert 0.75 < long_s < 1.3
    terminal.type("q")
    terminal.wait(lambda: terminal.process.poll() is not None, 10, "end")
    terminal.wait(terminal.restored, 2, "restored terminal")
    assert terminal.process.returncode == 0


def test_latents_position_and_presets_answer_to_keys(terminal):
    terminal.type("3++")
    terminal.wait(lambda: len(terminal.events("corner")) == 2, 5, "two corner edits")
    first, second = terminal.events("corner")
    assert first["latent"] == second["latent"] == 3 and second["value"] > first["value"]
    terminal.type("]]")
    terminal.wait(lambda: len(terminal.events("param")) == 2, 5, "two steps of position")
    assert [e["value"] for e in terminal.events("param")] == pytest.approx([0.02, 0.04])
    terminal.type("\x1b[C")
    terminal.wait(lambda: terminal.events("patch"), 10, "next preset")
    assert terminal.process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_end_it_and_give_the_terminal_back(terminal, number):
    terminal.type("a")
    terminal.wait(lambda: terminal.events("note_on"), 5, "note_on")
    terminal.process.send_signal(number)
    terminal.wait(lambda: terminal.process.poll() is not None, 10, "end")
    terminal.wait(terminal.restored, 2, "restored terminal")
    assert terminal.process.returncode == 0
    assert len(terminal.events("note_off")) == 1


def test_it_costs_next_to_nothing(terminal):
    """The drawing thread alone: the whole process also renders and decodes."""
    def spent():
        with open(f"/proc/{terminal.process.pid}/task/{terminal.process.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    if not os.path.exists("/proc/self/task"):
        pytest.skip("no /proc to read a thread's time from")
    before, began = spent(), time.monotonic()
    terminal.wait(lambda: time.monotonic() - began > 6, 10, "six seconds")
    assert (spent() - before) / (time.monotonic() - began) < 0.03  # 1.5 % is the aim, twice that on a busy machine


def test_without_a_terminal_it_prints_plain_lines_and_ends(home, cli):
    done = cli("play", "--no-gui", "--device", "none", "--model", "akwf-16", "--midi", "none", "--seconds", "1", timeout=START_S,
               check=True)
    assert "Init on akwf-16: 0 voices" in done.stdout and "\x1b" not in done.stdout
