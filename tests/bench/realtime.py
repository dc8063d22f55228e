"""`python -m tests.bench.realtime`: how it is known that the audio callback neither allocates, locks, faults nor runs Python.

What it can call: the whole of each compiled callback, its kernels linked in, as LLVM sees it. Only libm and LLVM's own are
allowed; numba's allocator would be `NRT_Allocate` and its kin. The error path that numba puts around every cfunc (PyErr_...)
is there and never run: no kernel raises. What it reaches by address: sem_post, which never blocks, and JACK's port functions.
What it does: ten seconds of the JACK thread with everything on, by the kernel's own counts: page faults, and how often it went
to sleep, which must be no more than once a period (JACK's own wait for the next one).
Prints JSON lines; exit 1 if something is wrong.
"""

import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests import servers
from tests.bench import SHORT

ALLOWED = re.compile(r"llvm\..*|(sin|asin|cos|tan|exp|exp2|log|log2|log10|pow|sqrt|fmod|floor|ceil|round|trunc|rint|ldexp|tanh|atan|atan2|"
                     r"expm1|log1p|mem(cpy|set|move))f?|(Py|_Py|numba_|NRT_|__gxx).*")
FORBIDDEN = re.compile(r".*(alloc|Allocate|mutex|lock|sleep|open|read|write).*", re.I)
PLAYED_S, BEFORE_S = (1.0, 1.0) if SHORT else (10.0, 4.0)


def symbols() -> list[str]:
    """Compile both callbacks and the quantum they call afresh (a minute); answers what should not be there."""
    from numba import cfunc

    from synth.engine import callback, jack_process
    from synth.engine.compile.jit import OPTIONS

    bad = []
    compiled = [("jack", jack_process.SIGNATURE, jack_process._jack_process), ("portaudio", callback.SIGNATURE, callback._callback)]
    compiled += [("quantum", callback.QUANTUM_SIGNATURE, callback._quantum)]
    if SHORT:
        del compiled[1:]
    for name, signature, function in compiled:
        text = cfunc(signature, **{**OPTIONS, "cache": False})(function).inspect_llvm()
        called = sorted(set(re.findall(r'^declare [^@]*@"?([\w.$-]+)', text, re.M)))
        wrong = [c for c in called if FORBIDDEN.fullmatch(c) and not c.startswith(("llvm.", "PyErr_")) or not ALLOWED.fullmatch(c)]
        print(json.dumps({"name": name, "ir_bytes": len(text), "can_call": called, "wrong": wrong}), flush=True)
        bad += wrong
    return bad


def _counts() -> dict[int, tuple[int, int, int, int]]:
    """Thread id -> (minor faults, major faults, voluntary switches, involuntary switches) of this process's threads."""
    found = {}
    for task in Path("/proc/self/task").iterdir():
        fields = (task / "stat").read_text().rpartition(")")[2].split()
        status = dict(line.split(":", 1) for line in (task / "status").read_text().splitlines() if ":" in line)
        found[int(task.name)] = (int(fields[7]), int(fields[9]), int(status["voluntary_ctxt_switches"]),
                                 int(status["nonvoluntary_ctxt_switches"]))
    return found


def _perform(player, seconds: float, stop: threading.Event) -> None:
    """Notes, steals, bends, knobs and presets' worth of change, by the window's door."""
    from synth.events import bend, control, note_off, note_on

    until, i = time.monotonic() + seconds, 0
    while time.monotonic() < until and not stop.is_set():
        player.post(note_on(36 + i * 7 % 48, 0.3 + 0.1 * (i % 7)))
        player.post(note_off(36 + (i - 12) * 7 % 48))
        player.post(bend((i % 9) / 4.5 - 1))
        player.post(control(1, i * 11 % 128))
        player.set_param("filter.cutoff_hz", 500.0 + 300 * (i % 20))
        i += 1
        time.sleep(0.02)


def threads() -> bool:
    """In a process of its own under a JACK server: the audio thread's counts over PLAYED_S; answers whether they are as they must be."""
    from synth.bench.costs import EVERYTHING
    from synth.session.session import Session

    player, stop = Session(EVERYTHING, midi="none"), threading.Event()
    _perform(player, BEFORE_S, stop)
    python = {t.native_id for t in threading.enumerate()}
    before, blocks = _counts(), int(player.engine.snapshot()["blocks"])
    _perform(player, PLAYED_S, stop)
    after, ran = _counts(), int(player.engine.snapshot()["blocks"]) - blocks
    gone = {tid: tuple(b - a for a, b in zip(before[tid], now, strict=True)) for tid, now in after.items() if tid in before}
    audio = min((tid for tid in gone if tid not in python), key=lambda tid: abs(gone[tid][2] - ran))
    minor, major, slept, preempted = gone[audio]
    seen, realtime = player.snapshot(), player.output.jack.realtime
    player.close()
    print(json.dumps({"name": "audio thread", "seconds": PLAYED_S, "blocks": ran, "minor_faults": minor, "major_faults": major,
                      "voluntary_switches": slept, "per_block": round(slept / ran, 4), "preempted": preempted, "realtime": realtime,
                      "voices": seen.voices, "load_percent": round(100 * seen.load, 1), "xruns": seen.xruns,
                      "late_decodes": seen.late_decodes, "late_starts": seen.late_starts}), flush=True)
    return minor == 0 and major == 0 and slept <= 1.01 * ran


def main() -> int:
    """Both; what is wrong is in the exit status."""
    wrong = bool(symbols())
    with servers.jackd({**os.environ, "PYTHONPATH": os.getcwd()}) as env:
        code = "import sys; from tests.bench import realtime; sys.exit(not realtime.threads())"
        wrong |= subprocess.run([sys.executable, "-c", code], env=env).returncode != 0
    return int(wrong)


if __name__ == "__main__":
    sys.exit(servers.measure(main))
