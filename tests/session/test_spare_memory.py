"""What a start alone needed is given back, and compiling works as before."""

import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest

from synth.session import housekeeping
from tests.servers import LIMIT_S, child_env

CHECK = """
import ctypes, re
from pathlib import Path
import numba
from synth.session.spare_memory import give_back

def resident(kind):
    return int(re.search(rf"^{kind}:\\s+(\\d+)", Path("/proc/self/smaps_rollup").read_text(), re.M).group(1))

one = numba.njit(lambda x: x * 2.0)
assert one(2.0) == 4.0
kept = [bytearray(1000) for _ in range(20000)]
heap, shared = resident("Anonymous"), resident("Rss") - resident("Anonymous")
del kept
give_back()
assert resident("Anonymous") < heap - 10000, (heap, resident("Anonymous"))
assert resident("Rss") - resident("Anonymous") < shared - 20000, (shared, resident("Rss") - resident("Anonymous"))
other = numba.njit(lambda x: x ** 3 + 1.0)
assert other(2.0) == 9.0 and one(3.0) == 6.0
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is given back on Linux")
def test_what_a_start_needed_is_given_back_and_the_compiler_still_compiles():
    done = subprocess.run([sys.executable, "-c", CHECK], env=child_env(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


HELD = """
import re, threading
from pathlib import Path
import numpy as np
from synth.session.spare_memory import hold_tight

hold_tight()

def own_mb():
    return int(re.search(r"^Private_Dirty:\\s+(\\d+)", Path("/proc/self/smaps_rollup").read_text(), re.M).group(1)) / 1024

def work(kept):
    for size in (4_000_000, 12_000_000, 24_000_000):  # each that is freed lets glibc take larger ones from its heap
        np.ones(size, np.uint8)
    large = [np.ones(3_000_000, np.uint8) for _ in range(5)]
    kept.append(np.ones(50_000, np.uint8))  # what stays lies behind them
    del large

kept, before = [], own_mb()
for _ in range(8):  # as a note that is heard, a model that is loaded, a map that is drawn: a thread each
    thread = threading.Thread(target=work, args=(kept,))
    thread.start()
    thread.join()
assert own_mb() - before < 6, own_mb() - before
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is given back on Linux")
def test_what_threads_free_is_given_back():
    done = subprocess.run([sys.executable, "-c", HELD], env=child_env(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_housekeeping_gives_free_memory_back_now_and_then(monkeypatch):
    trimmed = threading.Event()
    monkeypatch.setattr(housekeeping, "_TRIM_S", 0.05)
    monkeypatch.setattr(housekeeping, "trim", trimmed.set)
    engine = SimpleNamespace(take_log=lambda: [], frame=0, ready_slots=lambda: None)
    keeper = housekeeping.Housekeeping(engine, [], [], follow=lambda taken: None, program=lambda *_: None, scan=lambda: None,
                                       controls=SimpleNamespace(take=lambda taken: None))
    keeper.start()
    assert trimmed.wait(LIMIT_S)
    keeper.stop()
