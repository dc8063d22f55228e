"""What a start alone needed is given back, and compiling works as before."""

import subprocess
import sys

import pytest

from tests.servers import child_env

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
