"""`python -m tests.bench.plugin_chain`: a chain of plug-ins live, through a real JACK server at 128 frames, the GIL held elsewhere.

The chain: compressor, chorus, reverb, and ZamEQ2 (VST3) where it is installed. Prints a line of JSON: chunks sent, those that did not come
back in time, the latency it adds, the child's scheduling, and blocks that the server missed.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from tests import servers
from tests.bench import SHORT
from tests.bench.gil_hog import hog_the_gil

ENV = {**os.environ, "PYTHONPATH": os.getcwd()}
PLAYED_S = 0.5 if SHORT else 30.0
PERIOD = 128
CHAIN = ("Compressor,threshold_db=-20,ratio=4", "Chorus", "Reverb")
PLUGIN = "vst3:ZamEQ2"


def measure() -> None:
    """In a process of its own under the server of ENV: the player, and two threads that never let the GIL go willingly."""
    from synth import paths
    from synth.events import note_on
    from synth.hosting.words import parse_effect
    from synth.patch import preset_file
    from synth.session.session import Session

    words = (*CHAIN, *((PLUGIN,) if Path("/usr/lib/vst3/ZamEQ2.vst3").exists() else ()))
    patch = preset_file.load(paths.find_preset("Init"))
    player = Session(replace(patch, effects=tuple(map(parse_effect, words))), blocksize=PERIOD, keep=False)
    chain = player.chain
    deadline = time.monotonic() + servers.LIMIT_S
    while not (chain.host and all(state.ok for state in chain.host.states.values()) and player.engine.inserts[1]["wet"] == 1.0):
        if time.monotonic() > deadline:
            sys.exit(f"the chain does not play: {list(player.messages)}")
        time.sleep(0.05)
    for i in range(8):
        player.post(note_on(40 + 3 * i))
    head, client = chain.host.heads[1], player.output.jack
    with hog_the_gil():
        before, late, xruns = int(head[0]), chain.host.late, client.xruns
        time.sleep(PLAYED_S)
        chunks = (int(head[0]) - before) // 128
        late = chain.host.late - late
        scheduled = os.sched_getscheduler(chain.host.pid)
    print(json.dumps({"name": "chain of plug-ins, GIL hog", "effects": words, "period": PERIOD, "chunks": chunks, "late": late,
                      "late_in_10000": round(1e4 * late / max(chunks, 1), 1), "latency_frames": chain.latency_frames,
                      "blocks": round(chain.latency_frames / PERIOD, 2), "child_is_real_time": scheduled == os.SCHED_FIFO,
                      "server_is_real_time": client.realtime, "xruns": client.xruns - xruns}), flush=True)
    player.close()


def main() -> None:
    """Start a server and measure under it."""
    with servers.jackd(ENV, period=PERIOD) as env:
        code = "from tests.bench.plugin_chain import measure; measure()"
        subprocess.run([sys.executable, "-c", code], env={**ENV, **env}, check=True)


if __name__ == "__main__":
    sys.exit(servers.measure(main))
