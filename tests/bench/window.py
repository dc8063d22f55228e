"""What the window costs while 16 voices sound and while nothing happens: `python -m tests.bench.window`.

With software GL at 1280x800: frames a second, our own Python in a frame, the share of a processor when idle, and how long until it shows.
"""

import os
import statistics
import tempfile
import time
from pathlib import Path

from synth.paths import cache_folder
from tests import servers
from tests.bench import SHORT
from tests.gui.desk import opened
from tests.servers import child_env

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


def main() -> int | None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name, servers.xvfb(child_env(), SIZE) as display:
        Path(name, "cache").symlink_to(cache_folder(), target_is_directory=True)  # of compiled kernels
        os.environ["LATENTWAVE_HOME"] = name  # neither the view nor the sounds that somebody left
        began = time.monotonic()
        with opened(Path(name), display, "--preset", "Amber Pad") as desk:
            shown_s = time.monotonic() - began
            for key in KEYS:
                desk.hand("keydown", key)
            desk.hear(1.0)
            fps, own_ms = frames_in(desk, PLAYED_S)
            for key in KEYS:
                desk.hand("keyup", key)
            time.sleep(FALL_ASLEEP_S)  # no wait for frames: that would wake it
            spent, began = processor_s(desk.process.pid), time.monotonic()
            idle_fps, _ = frames_in(desk, IDLE_S)
            idle = (processor_s(desk.process.pid) - spent) / (time.monotonic() - began)
    print(f"shown after {shown_s:.1f} s; 16 voices: {fps:.1f} frames a second, own Python {statistics.median(own_ms):.2f} ms a frame "
          f"(99 %: {sorted(own_ms)[int(0.99 * len(own_ms))]:.2f}); idle: {idle_fps:.1f} frames a second, {100 * idle:.1f} % of a core")
    return 0


if __name__ == "__main__":
    raise SystemExit(servers.measure(main))
