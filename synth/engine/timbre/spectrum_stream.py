"""Lines of spectra: what comes back from the decode worker, and the curve through it. What is asked: `decode_requests.py`.

A line's sound moves on a quadratic B-spline through its spectra: within a ramp from half-way between the two before to half-way
between the last two, so that its speed has no steps and a moving latent no lines at the rate of the decodes. With u from 0 to 1:
(1 - u)^2 / 2 of `before`, u^2 / 2 of `to`, the rest of `from`. After the last spectrum one more ramp arrives at it.

Line 0 is the sound's own, shared by every voice that has no point of its own; a voice that modulation moves has a line to
itself, and a note to come has one before it starts, so that it starts at its own timbre. A spectrum lies in the pool and is
given back when no line uses it. A late one is counted and taken at once; its ramp ends where a timely one's would.
Real-time: no allocation, no locks, no I/O, no Python.
"""

from ...events import Kind
from ..compile.atomics import load_acquire, store_release
from ..compile.jit import kernel
from ..journal import append_row
from ..state import COUNTER, POOL, QUANTUM, QUEUE, STREAMS, TICK

FREE, EXPECTED, USED = range(3)
SHARED = 0
_DECODE = int(Kind.DECODE)
_ANSWER_HEAD, _ANSWER_TAIL = COUNTER["answer_head"], COUNTER["answer_tail"]
_RETURNED_HEAD = COUNTER["returned_head"]


@kernel
def retain_spectrum(s, index):
    """One more line uses a spectrum of the pool."""
    if index >= 0:
        s["pool"][index]["uses"] += 1


@kernel
def release_spectrum(s, index):
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
def _report_unheard(s, serial, late):
    """An answer that is not heard: told, so that a log can repeat it; counted if it was late."""
    if late:
        s["stats"]["late_decodes"] += 1
    append_row(s, _DECODE, s["frame"], 0, serial, 0.0)


@kernel
def _discard_spectrum(s, index):
    """A spectrum whose line is gone: one that was late is told, for in time it would have been heard."""
    if s["pool"][index]["due"] < s["frame"]:
        _report_unheard(s, s["pool"][index]["serial"], False)
    release_spectrum(s, index)


@kernel
def allocate_stream(s, state):
    """A free line put in a state; -1 when all are in use."""
    for i in range(1, STREAMS):
        stream = s["streams"][i]
        if stream["state"] == FREE:
            stream["state"], stream["fresh"], stream["n_queued"] = state, 0, 0
            stream["before"] = stream["from"] = stream["to"] = -1
            stream["ramp_start"] = stream["ramp_end"] = s["frame"]
            stream["source_number"], stream["asked"] = 0, -1
            return i
    return -1


@kernel
def free_stream(s, index):
    """A line is free again; what is still on its way to it will be given back."""
    stream = s["streams"][index]
    if index == SHARED or stream["state"] == FREE:
        return
    release_spectrum(s, stream["before"])
    release_spectrum(s, stream["from"])
    release_spectrum(s, stream["to"])
    for i in range(stream["n_queued"]):
        _discard_spectrum(s, stream["queue"][i])
    stream["before"] = stream["from"] = stream["to"] = -1
    stream["n_queued"] = 0
    stream["state"] = FREE
    stream["generation"] += 1


@kernel
def copy_stream(s, index, other):
    """A line begins as another stands: the same spectra, the same ramp."""
    stream, model = s["streams"][index], s["streams"][other]
    stream["before"], stream["from"], stream["to"] = model["before"], model["from"], model["to"]
    retain_spectrum(s, stream["before"])
    retain_spectrum(s, stream["from"])
    retain_spectrum(s, stream["to"])
    stream["ramp_start"], stream["ramp_end"], stream["fresh"] = model["ramp_start"], model["ramp_end"], model["fresh"]


@kernel
def ramp_at(stream, frame):
    """Where a line's ramp stands: 0..1."""
    if frame >= stream["ramp_end"]:
        return 1.0
    return (frame - stream["ramp_start"]) / (stream["ramp_end"] - stream["ramp_start"])


@kernel
def receive_spectra(s):
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
            _report_unheard(s, answer["serial"], True)
            continue
        spectrum = s["pool"][index]
        stream = s["streams"][spectrum["stream"]]
        spectrum["uses"] = 1
        if stream["state"] == FREE or stream["generation"] != spectrum["generation"]:
            _discard_spectrum(s, index)
        elif stream["n_queued"] >= QUEUE:
            _report_unheard(s, spectrum["serial"], True)
            release_spectrum(s, index)
        else:
            stream["queue"][stream["n_queued"]] = index
            stream["n_queued"] += 1
    store_release(counters, _ANSWER_TAIL, tail)


@kernel
def _take_due_spectrum(s, stream):
    """Take the newest spectrum that is due from a line's queue; -1 if there is none."""
    n, found = stream["n_queued"], 0
    while found < n and s["pool"][stream["queue"][found]]["due"] <= s["frame"]:
        found += 1
    if found == 0:
        return -1
    dropped = stream["ramp_end"] == s["frame"] == s["pool"][stream["queue"][found - 1]]["due"]  # due within a longer ramp: not late
    for i in range(found - 1):
        _report_unheard(s, s["pool"][stream["queue"][i]]["serial"], not dropped)
        release_spectrum(s, stream["queue"][i])
    index = stream["queue"][found - 1]
    for i in range(n - found):
        stream["queue"][i] = stream["queue"][i + found]
    stream["n_queued"] = n - found
    return index


@kernel
def advance_stream(s, index):
    """At the start of a quantum: a line's finished ramp ends, a spectrum that is due begins the next one."""
    stream = s["streams"][index]
    stream["fresh"] = 0
    frame = s["frame"]
    if frame < stream["ramp_end"]:
        return
    moving = stream["from"] != stream["to"]
    if moving or stream["before"] != stream["from"]:  # the spectra move up
        release_spectrum(s, stream["before"])
        stream["before"], stream["from"] = stream["from"], stream["to"]
        retain_spectrum(s, stream["to"])
    found = _take_due_spectrum(s, stream) if stream["n_queued"] > 0 else -1
    if found < 0:
        if moving:  # the rest of the way
            stream["ramp_start"], stream["ramp_end"], stream["fresh"] = frame, frame + TICK, 1
        return
    spectrum, stats = s["pool"][found], s["stats"]
    stats["decode_tick"] = spectrum["tick"]
    stats["decodes"] += 1
    if stream["to"] < 0:  # the very first
        retain_spectrum(s, found)
        retain_spectrum(s, found)
        stream["before"] = stream["from"] = stream["to"] = found
        return
    if spectrum["due"] < frame:
        stats["late_decodes"] += 1
        append_row(s, _DECODE, frame, 0, spectrum["serial"], 1.0)
    release_spectrum(s, stream["to"])  # it stays as `from`; the queue's use of the new one goes on as the line's
    stream["to"] = found
    stream["ramp_start"] = frame
    span = max(spectrum["span"], QUANTUM)
    stream["ramp_end"] = frame + span - (frame - spectrum["tick"] - s["decode_latency"]) % span  # a late one keeps the grid
    stream["fresh"] = 1


@kernel
def start_expected_stream(s, index):
    """An expected line's note starts now: at the spectrum that was asked for it. False if that has not come by now."""
    stream = s["streams"][index]
    if stream["n_queued"] == 0:
        return False
    found = stream["queue"][stream["n_queued"] - 1]
    if s["pool"][found]["due"] > s["frame"]:  # a take that is repeated: it came later
        return False
    for i in range(stream["n_queued"] - 1):
        release_spectrum(s, stream["queue"][i])
    stream["n_queued"] = 0
    retain_spectrum(s, found)
    retain_spectrum(s, found)
    stream["before"] = stream["from"] = stream["to"] = found
    stream["ramp_start"] = stream["ramp_end"] = s["frame"]
    stream["fresh"] = 0
    s["stats"]["decodes"] += 1
    return True


