"""Lines of spectra: what comes back from the decode worker, and the curve through it. What is asked: `asking.py`.

A line's sound moves on a quadratic B-spline through its spectra: within a ramp from half-way between the two before to half-way
between the last two, so that its speed has no steps and a moving latent no lines at the rate of the decodes. With u from 0 to 1:
(1 - u)^2 / 2 of `before`, u^2 / 2 of `to`, the rest of `from`. After the last spectrum one more ramp arrives at it.

Line 0 is the sound's own, shared by every voice that has no point of its own; a voice that modulation moves has a line to
itself, and a note to come has one before it starts, so that it starts at its own timbre. A spectrum lies in the pool and is
given back when no line uses it. A late one is counted and taken at once; its ramp ends where a timely one's would.
Real-time: no allocation, no locks, no I/O, no Python.
"""

from ..events import Kind
from .applied import tell
from .atomics import load_acquire, store_release
from .jit import kernel
from .state import COUNTER, LINES, POOL, QUANTUM, QUEUE, TICK

FREE, EXPECTED, USED = range(3)
SHARED = 0
_DECODE = int(Kind.DECODE)
_ANSWER_HEAD, _ANSWER_TAIL = COUNTER["answer_head"], COUNTER["answer_tail"]
_RETURNED_HEAD = COUNTER["returned_head"]


@kernel
def use(s, index):
    """One more line uses a spectrum of the pool."""
    if index >= 0:
        s["pool"][index]["uses"] += 1


@kernel
def drop(s, index):
    """One line less uses it; the last one gives it back to the worker."""
    if index < 0:
        return
    spectrum = s["pool"][index]
    spectrum["uses"] -= 1
    if spectrum["uses"] <= 0:
        head = load_acquire(s["counters"], _RETURNED_HEAD)
        s["returned"][head % POOL] = index
        store_release(s["counters"], _RETURNED_HEAD, head + 1)


@kernel
def _pass_over(s, serial, late):
    """An answer that is not heard: told, so that a log can repeat it; counted if it was late."""
    if late:
        s["stats"]["late_decodes"] += 1
    tell(s, _DECODE, s["frame"], 0, serial, 0.0)


@kernel
def _forget(s, index):
    """A spectrum whose line is gone: one that was late is told, for in time it would have been heard."""
    if s["pool"][index]["due"] < s["frame"]:
        _pass_over(s, s["pool"][index]["serial"], False)
    drop(s, index)


@kernel
def take(s, state):
    """A free line put in a state; -1 when all are in use."""
    for i in range(1, LINES):
        line = s["lines"][i]
        if line["state"] == FREE:
            line["state"], line["fresh"], line["n_queued"] = state, 0, 0
            line["before"] = line["from"] = line["to"] = -1
            line["ramp_start"] = line["ramp_end"] = s["frame"]
            line["instrument"], line["asked"] = 0, -1
            return i
    return -1


@kernel
def let_go(s, index):
    """A line is free again; what is still on its way to it will be given back."""
    line = s["lines"][index]
    if index == SHARED or line["state"] == FREE:
        return
    drop(s, line["before"])
    drop(s, line["from"])
    drop(s, line["to"])
    for i in range(line["n_queued"]):
        _forget(s, line["queue"][i])
    line["before"] = line["from"] = line["to"] = -1
    line["n_queued"] = 0
    line["state"] = FREE
    line["generation"] += 1


@kernel
def follow(s, index, other):
    """A line begins as another stands: the same spectra, the same ramp."""
    line, model = s["lines"][index], s["lines"][other]
    line["before"], line["from"], line["to"] = model["before"], model["from"], model["to"]
    use(s, line["before"])
    use(s, line["from"])
    use(s, line["to"])
    line["ramp_start"], line["ramp_end"], line["fresh"] = model["ramp_start"], model["ramp_end"], model["fresh"]


@kernel
def ramp_at(line, frame):
    """Where a line's ramp stands: 0..1."""
    if frame >= line["ramp_end"]:
        return 1.0
    return (frame - line["ramp_start"]) / (line["ramp_end"] - line["ramp_start"])


@kernel
def receive(s):
    """Sort the worker's answers into the queues of their lines."""
    counters = s["counters"]
    head, tail = load_acquire(counters, _ANSWER_HEAD), load_acquire(counters, _ANSWER_TAIL)
    if head == tail:
        return
    while tail < head:
        answer = s["answers"][tail % POOL]
        tail += 1
        index = answer["index"]
        if index < 0:
            _pass_over(s, answer["serial"], True)
            continue
        spectrum = s["pool"][index]
        line = s["lines"][spectrum["line"]]
        spectrum["uses"] = 1
        if line["state"] == FREE or line["generation"] != spectrum["generation"]:
            _forget(s, index)
        elif line["n_queued"] >= QUEUE:
            _pass_over(s, spectrum["serial"], True)
            drop(s, index)
        else:
            line["queue"][line["n_queued"]] = index
            line["n_queued"] += 1
    store_release(counters, _ANSWER_TAIL, tail)


@kernel
def _next(s, line):
    """Take the newest spectrum that is due from a line's queue; -1 if there is none."""
    n, found = line["n_queued"], 0
    while found < n and s["pool"][line["queue"][found]]["due"] <= s["frame"]:
        found += 1
    if found == 0:
        return -1
    shed = line["ramp_end"] == s["frame"] == s["pool"][line["queue"][found - 1]]["due"]  # due within a longer ramp: not late
    for i in range(found - 1):
        _pass_over(s, s["pool"][line["queue"][i]]["serial"], not shed)
        drop(s, line["queue"][i])
    index = line["queue"][found - 1]
    for i in range(n - found):
        line["queue"][i] = line["queue"][i + found]
    line["n_queued"] = n - found
    return index


@kernel
def step(s, index):
    """At the start of a quantum: a line's finished ramp ends, a spectrum that is due begins the next one."""
    line = s["lines"][index]
    line["fresh"] = 0
    frame = s["frame"]
    if frame < line["ramp_end"]:
        return
    moving = line["from"] != line["to"]
    if moving or line["before"] != line["from"]:  # the spectra move up
        drop(s, line["before"])
        line["before"], line["from"] = line["from"], line["to"]
        use(s, line["to"])
    found = _next(s, line) if line["n_queued"] > 0 else -1
    if found < 0:
        if moving:  # the rest of the way
            line["ramp_start"], line["ramp_end"], line["fresh"] = frame, frame + TICK, 1
        return
    spectrum, stats = s["pool"][found], s["stats"]
    stats["decode_tick"] = spectrum["tick"]
    stats["decodes"] += 1
    if line["to"] < 0:  # the very first
        use(s, found)
        use(s, found)
        line["before"] = line["from"] = line["to"] = found
        return
    if spectrum["due"] < frame:
        stats["late_decodes"] += 1
        tell(s, _DECODE, frame, 0, spectrum["serial"], 1.0)
    drop(s, line["to"])  # it stays as `from`; the queue's use of the new one goes on as the line's
    line["to"] = found
    line["ramp_start"] = frame
    span = max(spectrum["span"], QUANTUM)
    line["ramp_end"] = frame + span - (frame - spectrum["tick"] - s["decode_latency"]) % span  # a late one keeps the grid
    line["fresh"] = 1


@kernel
def start_at(s, index):
    """An expected line's note starts now: at the spectrum that was asked for it. False if that has not come by now."""
    line = s["lines"][index]
    if line["n_queued"] == 0:
        return False
    found = line["queue"][line["n_queued"] - 1]
    if s["pool"][found]["due"] > s["frame"]:  # a take that is repeated: it came later
        return False
    for i in range(line["n_queued"] - 1):
        drop(s, line["queue"][i])
    line["n_queued"] = 0
    use(s, found)
    use(s, found)
    line["before"] = line["from"] = line["to"] = found
    line["ramp_start"] = line["ramp_end"] = s["frame"]
    line["fresh"] = 0
    s["stats"]["decodes"] += 1
    return True


