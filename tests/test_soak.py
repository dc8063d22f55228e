"""Hours of playing at random: the instrument stays up, keeps its size, and falls silent at the end. `make soak`.

`SOAK_MINUTES` says how long (default 60).
"""

import os
import random
import subprocess
import sys
import time

import pytest

from tests.bench.live import pss_bytes
from tests.ports.test_jack import KEYS, Play
from tests.servers import end

MINUTES = float(os.environ.get("SOAK_MINUTES", "60"))
MOST_GROWTH_MB = 8.0
pytestmark = [pytest.mark.soak, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]


def pss_mb(pid: int) -> float:
    """Proportional set size of a process in MB."""
    return pss_bytes(pid) / 2**20


def phrase(rng: random.Random) -> str:
    """A few seconds of notes, controllers, bends, pedal and program changes, as lines for `jack_keys.py`."""
    lines, held = [], []
    for _ in range(80):
        kind = rng.random()
        if kind < 0.45 or not held:
            held.append(rng.randint(24, 100))
            lines.append(f"{rng.expovariate(25):.3f} 144 {held[-1]} {rng.randint(1, 127)}")
        elif kind < 0.75:
            lines.append(f"{rng.expovariate(25):.3f} 128 {held.pop(rng.randrange(len(held)))} 0")
        elif kind < 0.9:
            lines.append(f"{rng.expovariate(40):.3f} 176 {rng.choice([1, 7, 11, 16, 17, 64, 80])} {rng.randint(0, 127)}")
        elif kind < 0.98:
            lines.append(f"{rng.expovariate(40):.3f} 224 {rng.randint(0, 127)} {rng.randint(0, 127)}")
        else:
            lines.append(f"0.01 192 {rng.randint(0, 20)}")
    lines += [f"0.001 128 {note} 0" for note in held] + ["0.01 176 64 0", "0.01 224 0 64"]
    return "\n".join(lines) + "\n"


@pytest.mark.timeout(0)
def test_hours_of_playing_neither_leak_nor_stop(jack_server):
    rng = random.Random(1)
    with Play(jack_server) as play:
        keys = subprocess.Popen([sys.executable, str(KEYS), "latentwave:midi_in"], env=jack_server, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True)
        try:
            assert keys.stdout.readline().strip() == "ready"
            began, first, sizes = time.monotonic(), None, []
            while (minutes := (time.monotonic() - began) / 60) < MINUTES:
                keys.stdin.write(phrase(rng))
                keys.stdin.flush()
                time.sleep(3)
                assert play.process.poll() is None, "it ended by itself"
                sizes.append(pss_mb(play.process.pid))
                if first is None and minutes > min(2.0, MINUTES / 3):
                    first = len(sizes) - 1
        finally:
            end(keys)
    early, late = sizes[first:][:5], sizes[-5:]
    print(f"\n{MINUTES:g} minutes: PSS {sum(early) / len(early):.1f} -> {sum(late) / len(late):.1f} MB; {play.said.strip()[-300:]}")
    assert play.process.returncode == 0
    assert sum(late) / len(late) - sum(early) / len(early) < MOST_GROWTH_MB
