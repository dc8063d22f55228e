"""The engine's memory: as much of it as the rate asks for is the process's own, the audio thread never finds a page that is not,
and a start makes little else.
"""

import subprocess
import sys

import numpy as np
import pytest

from synth.bench.costs import EVERYTHING
from synth.engine.constants import MAX_VOICES, POOL
from synth.engine.engine import Engine
from synth.engine.state import STATE, _later, _span
from synth.events import note_off, note_on
from synth.patch.patch import with_param
from synth.render.offline import Offline
from tests.servers import child_env

PAGE = 4096
N_PAGES = -(-STATE.itemsize // PAGE)
LONGEST = {"delay.time_s": 2.7, "delay.mix": 0.5, "reverb.predelay_s": 0.25, "reverb.size": 1.0, "reverb.mix": 0.5, "chorus.delay_s": 0.03,
           "chorus.depth": 1.0, "voice.count": float(MAX_VOICES)}
pytestmark = pytest.mark.skipif(sys.platform != "linux" or np.dtype(np.intp).itemsize != 8, reason="/proc tells it on Linux")


def resident(engine) -> np.ndarray:
    """Which pages of the engine's state are in memory, bool[pages]."""
    first = engine.state_address // PAGE
    with open("/proc/self/pagemap", "rb") as pagemap:
        pagemap.seek(8 * first)
        return np.frombuffer(pagemap.read(8 * N_PAGES), np.uint64) >> np.uint64(63) != 0


def pages_of(spans) -> np.ndarray:
    """Pages that lie wholly or in part in spans."""
    found = np.zeros(N_PAGES, bool)
    for first, end in spans:
        found[first // PAGE:-(-end // PAGE)] = True
    return found


@pytest.mark.parametrize(("sr_hz", "most_mb"), [(44100, 19.5), (48000, 20.0), (96000, 23.5), (192000, 27.0)])
def test_the_state_takes_as_much_memory_as_its_rate_asks_for(sr_hz, most_mb):
    engine = Engine(sr_hz)
    engine.process(256)
    mb = PAGE * np.count_nonzero(resident(engine)) / 1e6
    print(f"{sr_hz} Hz: {mb:.1f} of {STATE.itemsize / 1e6:.1f} MB")
    assert most_mb - 3 < mb < most_mb


def test_the_audio_thread_touches_no_page_first(sr_hz=44100):
    """Full chords in the bass, stolen all the time, everything on at its longest; memory is made ready every 20 ms as while one plays."""
    patch = EVERYTHING
    for name, value in LONGEST.items():
        patch = with_param(patch, name, value)
    notes = [(int((0.1 + 0.05 * i) * sr_hz), event) for i in range(40)
             for event in (*(note_on(20 + (7 * i + n) % 80, 0.3) for n in range(8)), note_off(20 + (7 * i + 3) % 80))]
    player, touched = Offline(patch, notes, sr_hz=sr_hz), np.zeros(N_PAGES, bool)
    for _ in range(155):
        player.engine.ready_slots()
        ready = resident(player.engine)
        player.read(int(0.02 * sr_hz))
        touched |= resident(player.engine) & ~ready
    others = pages_of([(_span("spectra", "pool")[0], _span("spectra", "pool", POOL)[0]), _span("rings", "events")])
    assert player.engine.snapshot()["voices"] > MAX_VOICES - 8
    assert touched[others].any(), "the worker's and Python's own"
    assert not touched[~others].any(), f"{np.count_nonzero(touched & ~others)} pages, the first at {PAGE * np.argmax(touched & ~others)}"


def test_memory_of_more_voices_and_of_plug_ins_is_made_ready_before_they_come():
    engine = Engine(48000)
    slots = [span for part in _later()["slots"] for span in part]
    later, inserts = pages_of(slots), pages_of([span for part in _later()["inserts"] for span in part])
    assert resident(engine)[later].mean() < 0.1
    engine._s["polyphony"]["voices"]["state"][9] = 1
    engine._s["tables"]["waves"][70] = 0.5  # a burst was there first: it keeps what it wrote
    engine.ready_slots()
    assert resident(engine)[pages_of(slots[:20])].all() and resident(engine)[later].mean() < 0.3, "ten more"
    assert (engine._s["tables"]["waves"][70] == 0.5).all() and not engine._s["tables"]["waves"][71].any()
    assert resident(engine)[inserts].mean() < 0.1
    engine.ready_inserts()
    assert resident(engine)[inserts].all()


START = """
import gc
from synth.engine.compile.jit import CACHE, Kernel
from synth.engine.engine import Engine
Engine().process(256)
kernels = [one for one in gc.get_objects() if isinstance(one, Kernel)]
print(len(kernels), sum("dispatcher" in vars(one) for one in kernels), max(f.stat().st_size for f in CACHE.rglob("first_block.*.nbc")))
"""


def test_a_start_makes_numbas_objects_only_of_kernels_it_calls_and_reads_no_text_of_their_types():
    Engine().process(256)  # all of it is compiled
    done = subprocess.run([sys.executable, "-c", START], env=child_env(), capture_output=True, text=True)
    n_kernels, n_made, largest = map(int, done.stdout.split())
    assert n_kernels > 500 and n_made < 20, done.stdout
    assert largest < 400_000, "machine code alone: the state's type written out is more than that"
