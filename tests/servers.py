"""Real servers for tests: jackd on its dummy driver and Xvfb, each ended by the process id it was given."""

import os
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
LIMIT_S = 150.0  # longest wait for what comes at once, an event or a frame; a limit, no measure: a busy machine may stand still for seconds
WORK_S = 480.0  # and for a whole command, which may compile, train or render


def child_env(**more: str) -> dict[str, str]:
    """Environment for a child process that runs this clone and never starts a JACK server by itself."""
    python_path = os.pathsep.join(p for p in (str(ROOT), os.environ.get("PYTHONPATH")) if p)
    return {**os.environ, "PYTHONPATH": python_path, "JACK_NO_START_SERVER": "1", **more}


def need(*programs: str) -> None:
    """Skip the test unless every program is on the path."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"no server: {program} is not installed (`make test` installs it where it may)")


def measure(run: Callable[[], int | None]) -> int:
    """Run a measurement outside pytest: a server that cannot be had ends it with its reason in one line."""
    try:
        return run() or 0
    except pytest.skip.Exception as why:
        print(why, file=sys.stderr)
        return 1


def end(process: subprocess.Popen, timeout_s: float = 60.0) -> None:
    """End one process by its id and reap it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def jackd(env: dict[str, str], rate_hz: int = 48000, period: int = 128, name: str = "test",
          most_ports: int = 0) -> Iterator[dict[str, str]]:
    """A jackd of this process's own, real-time where the machine grants it; yields its clients' environment.

    most_ports: 0 leaves the server's own 2,048, with 107 MB that each client locks, and so touches; 64 make 40 of them.
    """
    need("jackd", "jack_wait")
    name = f"lw_{name}_{os.getpid()}"
    env = env | {"JACK_DEFAULT_SERVER": name, "JACK_NO_START_SERVER": "1", "JACK_NO_AUDIO_RESERVATION": "1"}
    said, few = "", ["-p", str(most_ports)] if most_ports else []
    for realtime in ("-R", "-r"):
        with tempfile.TemporaryFile("w+") as log:
            command = ["jackd", "-n", name, realtime, "-S", *few, "-d", "dummy", "-r", str(rate_hz), "-p", str(period)]
            process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            try:
                if _jack_answers(process, env):
                    yield env
                    return
            finally:
                end(process)
            log.seek(0)
            said = log.read()[-300:]
    pytest.skip(f"no server: jackd does not start: {' '.join(said.split())}")


def _jack_answers(process: subprocess.Popen, env: dict[str, str], tries: int = 60) -> bool:
    """True once the server takes clients; False when it has ended or stays mute for `tries` seconds."""
    wait = ["jack_wait", "-s", env["JACK_DEFAULT_SERVER"], "-w", "-t", "1"]
    for _ in range(tries):
        if process.poll() is not None:
            return False
        if subprocess.run(wait, env=env, capture_output=True).returncode == 0:
            return process.poll() is None
    return False


@contextmanager
def xvfb(env: dict[str, str], size: str = "1600x1000x24", picture: Path | None = None) -> Iterator[dict[str, str]]:
    """An Xvfb on a display number that it picks free itself; yields its clients' environment.

    picture: a folder where the screen's picture lies meanwhile, for `photograph`.
    """
    need("Xvfb")
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", size, "+extension", "GLX", "+render", "-noreset",
               "-nolisten", "tcp", *(["-fbdir", str(picture)] if picture else [])]
    process = subprocess.Popen(command, env=env, pass_fds=(writer,), stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        ready, _, _ = select.select([reader], [], [], LIMIT_S)
        number = os.read(reader, 16).decode().strip() if ready else ""
        if not number:
            pytest.skip("no server: Xvfb does not start")
        yield env | {"DISPLAY": f":{number}", "LIBGL_ALWAYS_SOFTWARE": "1", "XAUTHORITY": os.devnull}
    finally:
        os.close(reader)
        end(process)


def photograph(picture: Path) -> np.ndarray:
    """What a screen of `xvfb` shows, uint8[height, width, 3]: an X window dump (big-endian words, colours, rows of BGRX)."""
    data = np.fromfile(picture / "Xvfb_screen0", np.uint8)
    head = data[:100].view(">u4")
    size, width, height, per_row, colours = (int(head[i]) for i in (0, 4, 5, 12, 19))
    begin = size + colours * 12
    rows = data[begin:begin + per_row * height].reshape(height, per_row)
    return np.ascontiguousarray(rows[:, :4 * width].reshape(height, width, 4)[:, :, 2::-1])
