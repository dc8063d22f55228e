"""`python -m tests.bench.effects`: what each effect costs on noise at 48 kHz, in ns a frame (stereo) and of a core. Prints JSON lines."""

import json
import time

import numpy as np

from synth.engine.effects.parts import QUANTUM
from tests.bench import SHORT
from tests.engine.rack import SR_HZ, Rack

QUANTA, TIMINGS = 60 if SHORT else 6000, 1 if SHORT else 7
ON = {
    "off": {},
    "drive soft": {"drive.mix": 1.0},
    "drive hard": {"drive.mix": 1.0, "drive.type": 1.0},
    "drive fold": {"drive.mix": 1.0, "drive.type": 2.0},
    "drive tube": {"drive.mix": 1.0, "drive.type": 3.0},
    "equaliser, four bands": {"eq.low_gain_db": 3.0, "eq.bell1_gain_db": 3.0, "eq.bell2_gain_db": 3.0, "eq.high_gain_db": 3.0},
    "chorus, two voices a side": {"chorus.mix": 0.5},
    "chorus, four voices a side": {"chorus.mix": 0.5, "chorus.voices": 4.0},
    "delay": {"delay.mix": 0.5, "delay.low_cut_hz": 100.0, "delay.high_cut_hz": 6000.0},
    "reverb": {"reverb.mix": 0.5},
    "limiter": {"limiter.on": 1.0, "limiter.gain_db": 12.0},
}


def ns_per_frame(knobs: dict[str, float]) -> float:
    """Best of TIMINGS."""
    rack, source = Rack(), 0.1 * np.random.default_rng(0).standard_normal((2, 64 * QUANTUM)).astype(np.float32)
    sound = np.tile(source, (1, -(-QUANTA // 64)))[:, :QUANTA * QUANTUM]
    best = np.inf
    for _ in range(1 + TIMINGS):  # the first warms up
        copied = sound.copy()
        began = time.process_time()
        rack.play_in_place(copied, knobs)
        best = min(best, time.process_time() - began)
    return best / QUANTA / QUANTUM * 1e9


if __name__ == "__main__":
    _began = time.process_time()
    ns_per_frame({})
    print(json.dumps({"name": "compile, or load from the cache", "s": round(time.process_time() - _began, 1)}))
    rows = dict(ON)
    rows["all, four voices"] = {k: v for name in ON for k, v in ON[name].items()}
    for name, knobs in rows.items():
        ns = ns_per_frame(knobs)
        print(json.dumps({"name": name, "ns_per_frame": round(ns, 2), "us_per_quantum": round(ns * QUANTUM / 1000, 3),
                          "percent_of_core": round(ns * SR_HZ / 1e7, 3)}), flush=True)
