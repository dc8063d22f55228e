"""The last of the sound's way: the safety limiter, the meters and the ring that scope and recorder read."""

import math

import numpy as np

from .compile.atomics import load_acquire, store_release
from .compile.jit import kernel
from .compile.layout import on_lines
from .constants import COUNTER, QUANTUM, RECORD

OUTPUT = on_lines([
    ("limiter_gain", "f4"), ("out", "f4", (2, QUANTUM)),
    ("record_frames", "i8"), ("record", "f4", (2, RECORD)),  # how many of them are kept at the rate: a power of two
])
_RECORD = COUNTER["record"]
CEILING = 0.9661  # -0.3 dBFS
_LIMITER_RELEASE_S = 0.08
_RECORD_S = 4.0


def record_frames(sr_hz: float) -> int:
    """How many frames of output are kept at a rate: four seconds and more, at more than 131 kHz as many as there is room for."""
    return min(1 << math.ceil(math.log2(_RECORD_S * sr_hz)), RECORD)


@kernel
def amplify_output(output, shared):
    """The whole instrument's level, by a line over the quantum; behind the effects, so that it turns down their tails too."""
    out, gain, slope = output["out"], shared["gain_now"], (shared["gain"] - shared["gain_now"]) * np.float32(1 / QUANTUM)
    shared["gain_now"] = shared["gain"]
    if gain == 1.0 and slope == 0.0:
        return
    for i in range(QUANTUM):
        now = gain + slope * np.float32(np.int32(i + 1))
        out[0, i] *= now
        out[1, i] *= now


@kernel
def limit_output(output, transport, stats):
    """Safety limiter: exact bypass under -0.3 dBFS, never over; the gain reaches each peak by a line within the quantum."""
    out = output["out"]
    peak, at = np.float32(0.0), 0
    for i in range(QUANTUM):
        a = max(abs(out[0, i]), abs(out[1, i]))
        if not a < 1e6:  # not a number, or beyond all reason: silence, told by a count
            out[0, i] = out[1, i] = a = np.float32(0.0)
            stats["bad_samples"] += 1
        if a > peak:
            peak, at = a, i
    gain = output["limiter_gain"]
    if gain == 1.0 and peak <= CEILING:
        return
    target = min(np.float32(1.0), np.float32(CEILING) / max(peak, np.float32(1e-9)))
    release = 1.0 - math.exp(-1.0 / (transport["sr_hz"] * _LIMITER_RELEASE_S))
    down = (gain - target) / (at + 1) if target < gain else 0.0
    for i in range(QUANTUM):
        if target < gain:
            gain = max(gain - down, target)
        elif i > at or target == 1.0:
            gain += (min(target, np.float32(1.0)) - gain) * release
        a = max(abs(out[0, i]), abs(out[1, i]))
        if a * gain > CEILING:
            gain = CEILING / a
        out[0, i] *= gain
        out[1, i] *= gain
    output["limiter_gain"] = 1.0 if gain > 0.9999 else gain


@kernel
def meter_output(output, rings, stats):
    out, record, mask = output["out"], output["record"], output["record_frames"] - 1
    at = load_acquire(rings["counters"], _RECORD)
    for i in range(QUANTUM):
        stats["peak"][0] = max(stats["peak"][0], abs(out[0, i]))
        stats["peak"][1] = max(stats["peak"][1], abs(out[1, i]))
        record[0, (at + i) & mask] = out[0, i]
        record[1, (at + i) & mask] = out[1, i]
    store_release(rings["counters"], _RECORD, at + QUANTUM)
