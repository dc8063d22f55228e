"""Blocks with the GIL held elsewhere, and whose fault a late one is: `python -m tests.bench.live hog` runs it and prints it."""

import os
import time
from pathlib import Path

import numpy as np

from synth import paths
from synth.bench.costs import moving_patch
from synth.engine.first_block import cycle_counter
from synth.events import note_on
from synth.patch import preset_file
from synth.session.session import Session
from tests.bench.gil_hog import hog_the_gil


def _audio_task() -> Path:
    """Of this process the thread that JACK calls, by its scheduling (proc(5), field 41 of stat: FIFO), else the one that ran most."""
    tasks = [task for task in Path("/proc/self/task").iterdir() if task.name != str(os.getpid())]
    real = [task for task in tasks if (task / "stat").read_text().rpartition(")")[2].split()[38] == "1"]
    return max(real or tasks, key=lambda task: int((task / "schedstat").read_text().split()[0]))


def _interruptions(task: Path) -> tuple[int, int, int]:
    """(times that a thread was taken off its processor, us that it waited for one, us stolen from this machine by others) so far."""
    status = dict(line.split(":", 1) for line in (task / "status").read_text().splitlines() if ":" in line)
    stolen = int(Path("/proc/stat").read_text().split("\n", 1)[0].split()[8]) * 1_000_000 // os.sysconf("SC_CLK_TCK")
    return int(status["nonvoluntary_ctxt_switches"]), int((task / "schedstat").read_text().split()[1]) // 1000, stolen


def watch_callbacks(player, period: int, seconds: float) -> dict:
    """So many seconds of blocks: the longest callback, and tenths of a second with one longer than a block, by what went with it."""
    stats, task, client = player.engine._s["stats"], _audio_task(), player.output.jack
    began_s, began = time.perf_counter(), cycle_counter()
    longest: list[float] = []
    waited_ms, late = 0.0, dict.fromkeys(("ours", "preempted", "stolen"), 0)
    xruns = dict.fromkeys(("ours", "elsewhere"), 0)
    while time.perf_counter() - began_s < seconds:
        before, missed, stats["cycles_peak"] = _interruptions(task), client.xruns, 0
        time.sleep(0.1)
        per_s = (cycle_counter() - began) / (time.perf_counter() - began_s)
        longest.append(float(stats["cycles_peak"]) / per_s)
        off, waited, stolen = (b - a for a, b in zip(before, _interruptions(task), strict=True))
        waited_ms += waited / 1000
        if longest[-1] > period / 48000:
            late["preempted" if off else "stolen" if stolen else "ours"] += 1
        xruns["ours" if longest[-1] > period / 48000 and not off and not stolen else "elsewhere"] += client.xruns - missed
    most_ms = {name: round(1e3 * float(np.percentile(longest, p)), 3) for name, p in (("median", 50), ("p99", 99), ("worst", 100))}
    return {"block_ms": round(1e3 * period / 48000, 3), "callback_ms": most_ms,
            "waited_ms": round(waited_ms, 1), "late_callbacks": late, "xruns_by": xruns}


def play_hogged(period: int, voices: int, seconds: float) -> dict:
    """The player under the JACK server of the environment, and a thread that never lets the GIL go willingly.

    From 16 voices on each moves in the latent space by an LFO of its own. Of each tenth of a second the longest callback is kept, with what
    else happened to its thread: a callback that took longer than a block is ours if the thread was never taken off its processor then.
    """
    patch = moving_patch() if voices >= 16 else preset_file.load(paths.find_preset("Init"))
    player = Session(patch, blocksize=period)
    for i in range(voices):
        player.post(note_on(36 + i if voices > 8 else 40 + 3 * i))
    client = player.output.jack
    with hog_the_gil():
        before, began_s, xruns = player.engine.snapshot(), client.time_s(), client.xruns
        late = watch_callbacks(player, period, seconds)
        after, lasted_s = player.engine.snapshot(), client.time_s() - began_s
    ran = int(after["blocks"] - before["blocks"])
    expected = lasted_s * 48000 / period
    found = {"period": period, "voices": int(after["voices"]), "load_percent": round(100 * player.snapshot().load, 1),
             "late_decodes": int(after["late_decodes"] - before["late_decodes"]), "blocks": ran, "expected": round(expected),
             "off_percent": round(100 * (ran / expected - 1), 3), "xruns": client.xruns - xruns, "realtime": client.realtime}
    player.close()
    return found | late
