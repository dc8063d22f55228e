"""`python -m tests.bench.kernels`: what each kernel of a voice costs, in ns a sample and voice and in yardsticks. Prints JSON lines."""

import json
import sys
import time

import numpy as np
from numba import njit

from synth.engine.compile.jit import OPTIONS
from synth.engine.constants import LANES, QUANTUM
from synth.engine.dsp import envelope, lfo, noise, sub
from synth.engine.dsp import filter as svf
from synth.engine.dsp.envelope import ENVELOPE
from synth.engine.dsp.filter_rows import DRIVE, N_ROWS, G, K
from synth.params.knobs import FILTER_TYPES
from tests.bench import SHORT
from tests.measures.yardstick import ns_per_sample_voice

# everything in one record, as in the engine: arrays of their own would be counted at every call
BENCH = np.dtype([
    ("x", "f4", (QUANTUM, LANES)), ("source", "f4", (QUANTUM, LANES)), ("rows", "f4", (N_ROWS, LANES)),
    ("mix", "f4", (svf.N_WEIGHTS,)), ("dmix", "f4", (svf.N_WEIGHTS,)), ("log2_hz", "f4", (LANES,)), ("g", "f4", (LANES,)),
    ("noise", "f4", (noise.N_ROWS, LANES)), ("seeds", "u4", (2, LANES)), ("scratch", "f4", (sub.N_SCRATCH,)),
    ("tables", "f4", (sub.N_TABLES,)), ("settings", "f8", (envelope.N_SETTINGS,)), ("envs", ENVELOPE, (LANES,)),
    ("row", "f4", (QUANTUM,)),
], align=True)
bench = njit(**OPTIONS)


@bench
def _copy(s):
    for i in range(QUANTUM):
        for v in range(LANES):
            s["x"][i, v] = s["source"][i, v]


@bench
def copies(n, s, which):
    for _ in range(n):
        _copy(s)


@bench
def filters(n, s, which):
    for _ in range(n):
        _copy(s)
        svf.render_lanes(s["x"], s["rows"], s["mix"], s["dmix"])


@bench
def coefficients(n, s, which):
    for _ in range(n):
        svf.coefficients_lanes(s["log2_hz"], 15.55, s["g"])
        s["log2_hz"][0] += s["g"][1] * np.float32(1e-9)


@bench
def noises(n, s, which):
    for i in range(n):
        noise.add_lanes(s["x"], s["noise"], s["seeds"], QUANTUM * i, 15.55)


@bench
def subs(n, s, which):
    phase = np.uint64(0)
    for _ in range(n):
        for _ in range(LANES):
            phase = sub.add(phase, np.uint64(1 << 55), np.int64(0), which, 0.1, 0.1, s["tables"], s["scratch"], s["row"], 0)


@bench
def fills(n, s, which):
    for i in range(n):
        for lane in range(LANES):
            if i % 64 == 0:
                envelope.enter(s["envs"][lane], which)
            envelope.fill(s["envs"][lane], s["row"], 0, QUANTUM, s["settings"])


@bench
def advances(n, s, which):
    for i in range(n):
        for lane in range(LANES):
            if i % 64 == 0:
                envelope.enter(s["envs"][lane], which)
            envelope.advance(s["envs"][lane], QUANTUM, s["settings"])


@bench
def lfos(n, s, which):
    for i in range(n):
        for lane in range(LANES):
            s["row"][lane] += lfo.value(which, i * 0.01 + lane, np.uint64(1))


def best_ns(run, s, which=0, n=30 if SHORT else 3000, repeats=1 if SHORT else 7):
    """Least CPU time of `run` over n quanta of LANES voices, in ns a sample and voice."""
    run(2, s, which)
    spent = []
    for _ in range(repeats):
        start = time.process_time()
        run(n, s, which)
        spent.append(time.process_time() - start)
    return min(spent) / n / QUANTUM / LANES * 1e9


def fresh():
    """A workspace with noise to filter, a note's settings and seeds."""
    s = np.zeros(1, BENCH)[0]
    s["source"] = 0.2 * np.random.default_rng(0).standard_normal((QUANTUM, LANES))
    s["rows"][G], s["rows"][K], s["log2_hz"], s["tables"] = 0.1, 0.5, 10.0, sub.tables()
    envelope.settings(0.0, 10.0, 0.0, 10.0, 0.5, 10.0, 1.5, 6.0, 6.0, 0.005, 48000.0, s["settings"])
    s["envs"]["level"], s["noise"][noise.GAIN], s["seeds"] = 0.5, 0.1, np.arange(2 * LANES).reshape(2, LANES)
    return s


def measure():
    """(name, ns) of every kernel."""
    s = fresh()
    copy_ns = best_ns(copies, s)
    for drive in (1.0, 4.0):
        for kind in range(svf.LOW12, svf.LADDER24 + 1):
            s["rows"][DRIVE] = drive
            svf.weights_of(kind, s["mix"])
            yield f"filter {FILTER_TYPES[kind]}{', driven' if drive > 1 else ''}", best_ns(filters, s) - copy_ns
    s["dmix"] = 1e-9
    yield "filter between two types, driven", best_ns(filters, s) - copy_ns
    yield "filter coefficients", best_ns(coefficients, s)
    yield "noise", best_ns(noises, s)
    for shape, name in enumerate(("sine", "triangle", "square")):
        yield f"sub {name}", best_ns(subs, s, shape)
    for run, what in ((fills, "every frame"), (advances, "end of quantum")):
        yield f"envelope, {what}, attack", best_ns(run, s, envelope.ATTACK)
        yield f"envelope, {what}, sustain", best_ns(run, s, envelope.SUSTAIN)
    for shape, name in ((lfo.SINE, "sine"), (lfo.DRIFT, "drift")):
        yield f"LFO {name}", best_ns(lfos, s, shape)


def main() -> int:
    """Print a line for each kernel; the yardstick is timed before and after."""
    blocks = 100 if SHORT else 4000
    before = ns_per_sample_voice(blocks)
    found = list(measure())
    yard_ns = (before + ns_per_sample_voice(blocks)) / 2
    for name, ns in found:
        print(json.dumps({"kernel": name, "ns_per_sample_voice": round(ns, 3), "yardsticks": round(ns / yard_ns, 3)}))
    print(json.dumps({"yardstick_ns": round(yard_ns, 3)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
