"""The ring that tells Python what took effect, and when."""

from .compile.atomics import load_acquire, store_release
from .compile.jit import kernel
from .constants import COUNTER, LOG_RING

_HEAD, _TAIL = COUNTER["log_head"], COUNTER["log_tail"]


@kernel
def append_row(rings, kind, frame, channel, number, value):
    """Note that something took effect at a frame; counted as dropped when nobody reads.

    Real-time: no allocation, no locks, no I/O, no Python.
    """
    counters = rings["counters"]
    head = load_acquire(counters, _HEAD)
    if head - load_acquire(counters, _TAIL) >= LOG_RING:
        rings["dropped"] += 1
        return
    row = rings["log"][head % LOG_RING]
    row["kind"], row["frame"], row["channel"], row["number"], row["value"] = kind, frame, channel, number, value
    store_release(counters, _HEAD, head + 1)
