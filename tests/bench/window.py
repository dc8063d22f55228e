"""What the window costs while 16 voices sound and while nothing happens: `python -m tests.bench.window`.

With software GL at 1280x800, as it is played, through a real JACK server at 128 frames. Told as soon as it is known: how long until it
shows and the share of a processor when idle (half a minute); frames a second, our own Python in a frame; then what the sound feels of it
and without it (`full_window.py`), a line of JSON each. Three minutes in all.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from synth.paths import cache_folder
from tests import servers
from tests.bench import SHORT
from tests.bench.full_window import ALONE, BEFORE
from tests.gui.desk import opened
from tests.servers import LIMIT_S, child_env

SIZE = "1280x800x24"
KEYS = "awsedftgyhujkolp"  # sixteen notes
PLAYED_S, IDLE_S, FALL_ASLEEP_S = (0.5, 0.5, 0.5) if SHORT else (10.0, 10.0, 14.0)


def processor_s(pid: int) -> float:
    """Processor time that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def frames_in(desk, seconds: float) -> tuple[float, list[float]]:
    """(frames a second, own milliseconds of each) in the next seconds."""
    here, began = len(desk.rows()), time.monotonic()
    time.sleep(seconds)
    rows = [row for row in desk.rows()[here:] if row["event"] == "frame"]
    return len(rows) / (time.monotonic() - began), [row["own_ms"] for row in rows]


def _felt(file: Path) -> str:
    """Let what waits for it measure, and write to `file`."""
    Path(f"{file}.go").touch()
    return str(file)


def main() -> int | None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name, servers.xvfb(child_env(), SIZE) as display, servers.jackd(child_env()) as jack:
        os.environ |= {key: value for key, value in jack.items() if key.startswith("JACK")}
        Path(name, "cache").symlink_to(cache_folder(), target_is_directory=True)  # of compiled kernels
        os.environ["LATENTWAVE_HOME"] = name  # neither the view nor the sounds that somebody left
        told, began = str(Path(name, "shown.jsonl")), time.monotonic()
        with opened(Path(name), display, "--preset", "Amber Pad", before=BEFORE.format(file=told), plain=True) as desk:
            print(f"shown after {time.monotonic() - began:.1f} s", flush=True)
            _tell_idle(desk)
            for key in KEYS:
                desk.hand("keydown", key)
            desk.hear(1.0)
            fps, own_ms = frames_in(desk, PLAYED_S)
            for key in KEYS:
                desk.hand("keyup", key)
            print(f"16 voices: {fps:.1f} frames a second, own Python {statistics.median(own_ms):.2f} ms a frame "
                  f"(99 %: {sorted(own_ms)[int(0.99 * len(own_ms))]:.2f})", flush=True)
            _felt(Path(told))
            began = time.monotonic()
            while not Path(told).exists() and time.monotonic() - began < LIMIT_S:
                time.sleep(0.2)
            print(Path(told).read_text() if Path(told).exists() else f"what the sound feels of it was not measured in {LIMIT_S:.0f} s\n",
                  end="", flush=True)
        if not SHORT:
            told = _felt(Path(name, "alone.jsonl"))
            subprocess.run([sys.executable, "-c", ALONE, told], env=child_env(), check=True)
            print(Path(told).read_text(), end="", flush=True)
    return 0


def _tell_idle(desk) -> None:
    time.sleep(FALL_ASLEEP_S)  # no wait for frames: that would wake it
    spent, began = processor_s(desk.process.pid), time.monotonic()
    idle_fps, _ = frames_in(desk, IDLE_S)
    idle = (processor_s(desk.process.pid) - spent) / (time.monotonic() - began)
    print(f"idle: {idle_fps:.1f} frames a second, {100 * idle:.1f} % of a core", flush=True)


if __name__ == "__main__":
    raise SystemExit(servers.measure(main))
