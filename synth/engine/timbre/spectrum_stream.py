"""Streams of spectra: what comes back from the decode worker, and the curve through it. What is asked: `decode_requests.py`.

A stream's sound moves on a quadratic B-spline through its spectra: within a ramp from half-way between the two before to half-way
between the last two, so that its speed has no steps and a moving latent no lines at the rate of the decodes. With u from 0 to 1:
(1 - u)^2 / 2 of `before`, u^2 / 2 of `to`, the rest of `from`. After the last spectrum one more ramp arrives at it.

Stream 0 is the sound's own, shared by every voice that has no latent position of its own; a voice that modulation moves has a stream to
itself, and a note to come has one before it starts, so that it starts at its own timbre. A spectrum lies in the pool and is
given back when no stream uses it. A late one is counted and taken at once; its ramp ends where a timely one's would.
Real-time: no allocation, no locks, no I/O, no Python.
"""

from ...events import Kind
from ..compile.atomics import load_acquire, store_release
from ..compile.jit import kernel
from ..constants import COUNTER, POOL, QUANTUM, QUEUE, STREAMS, TICK
from ..journal import append_row

FREE, EXPECTED, USED = range(3)
SHARED = 0
_DECODE = int(Kind.DECODE)
_ANSWER_HEAD, _ANSWER_TAIL = COUNTER["answer_head"], COUNTER["answer_tail"]
_RETURNED_HEAD = COUNTER["returned_head"]


@kernel
def retain_spectrum(spectra, index):
    """One more stream uses a spectrum of the pool."""
    if index >= 0:
        spectra["pool"][index]["uses"] += 1


@kernel
def release_spectrum(spectra, rings, index):
    """One stream less uses it; the last one gives it back to whose it is."""
    if index < 0:
        return
    spectrum = spectra["pool"][index]
    spectrum["uses"] -= 1
    if spectrum["uses"] <= 0 and index >= POOL:  # the audio thread's own
        spectra["free"][spectra["n_free"]] = index
        spectra["n_free"] += 1
    elif spectrum["uses"] <= 0:
        head = load_acquire(rings["counters"], _RETURNED_HEAD)
        rings["returned"][head % POOL] = index
        store_release(rings["counters"], _RETURNED_HEAD, head + 1)


@kernel
def _report_unheard(spectra, rings, transport, serial, late):
    """An answer that is not heard: told, so that a log can repeat it; counted if it was late."""
    if late:
        spectra["late_decodes"] += 1
    append_row(rings, _DECODE, transport["frame"], 0, serial, 0.0)


@kernel
def _discard_spectrum(spectra, rings, transport, index):
    """A spectrum whose stream is gone: one that was late is told, for in time it would have been heard."""
    if spectra["pool"][index]["due"] < transport["frame"]:
        _report_unheard(spectra, rings, transport, spectra["pool"][index]["serial"], False)
    release_spectrum(spectra, rings, index)


@kernel
def allocate_stream(spectra, transport, use):
    """A free stream for a use (EXPECTED or USED); -1 when all are taken."""
    for i in range(1, STREAMS):
        stream = spectra["streams"][i]
        if stream["state"] == FREE:
            stream["state"], stream["fresh"], stream["n_queued"] = use, 0, 0
            stream["before"] = stream["from"] = stream["to"] = -1
            stream["ramp_start"] = stream["ramp_end"] = transport["frame"]
            stream["source_number"], stream["asked"] = 0, -1
            stream["in_block"], stream["harmonics"] = 0, 0
            stream["ticks"], stream["calm"], stream["still"], stream["reach"] = 1, 0, 0, 0.0
            return i
    return -1


@kernel
def free_stream(spectra, rings, transport, index):
    """A stream is free again; what is still on its way to it will be given back."""
    stream = spectra["streams"][index]
    if index == SHARED or stream["state"] == FREE:
        return
    release_spectrum(spectra, rings, stream["before"])
    release_spectrum(spectra, rings, stream["from"])
    release_spectrum(spectra, rings, stream["to"])
    for i in range(stream["n_queued"]):
        _discard_spectrum(spectra, rings, transport, stream["queue"][i])
    stream["before"] = stream["from"] = stream["to"] = -1
    stream["n_queued"] = 0
    stream["state"] = FREE
    stream["generation"] += 1


@kernel
def copy_stream(spectra, index, other):
    """A stream begins as another stands: the same spectra, the same ramp."""
    stream, model = spectra["streams"][index], spectra["streams"][other]
    stream["before"], stream["from"], stream["to"] = model["before"], model["from"], model["to"]
    retain_spectrum(spectra, stream["before"])
    retain_spectrum(spectra, stream["from"])
    retain_spectrum(spectra, stream["to"])
    stream["ramp_start"], stream["ramp_end"], stream["fresh"] = model["ramp_start"], model["ramp_end"], model["fresh"]


@kernel
def ramp_at(stream, frame):
    """Where a stream's ramp stands: 0..1."""
    if frame >= stream["ramp_end"]:
        return 1.0
    return (frame - stream["ramp_start"]) / (stream["ramp_end"] - stream["ramp_start"])


@kernel
def receive_spectra(spectra, rings, transport):
    """Sort the worker's answers into the queues of their streams."""
    counters = rings["counters"]
    head, tail = load_acquire(counters, _ANSWER_HEAD), load_acquire(counters, _ANSWER_TAIL)
    if head == tail:
        return
    while tail < head:
        answer = rings["answers"][tail % POOL]
        tail += 1
        index = answer["index"]
        if index < 0:
            _report_unheard(spectra, rings, transport, answer["serial"], True)
            continue
        spectrum = spectra["pool"][index]
        stream = spectra["streams"][spectrum["stream"]]
        spectrum["uses"] = 1
        if stream["state"] == FREE or stream["generation"] != spectrum["generation"]:
            _discard_spectrum(spectra, rings, transport, index)
        elif stream["n_queued"] >= QUEUE:
            _report_unheard(spectra, rings, transport, spectrum["serial"], True)
            release_spectrum(spectra, rings, index)
        else:
            stream["queue"][stream["n_queued"]] = index
            stream["n_queued"] += 1
    store_release(counters, _ANSWER_TAIL, tail)


@kernel
def _take_due_spectrum(spectra, rings, transport, stream):
    """Take the newest spectrum that is due from a stream's queue; -1 if there is none."""
    n, found = stream["n_queued"], 0
    while found < n and spectra["pool"][stream["queue"][found]]["due"] <= transport["frame"]:
        found += 1
    if found == 0:
        return -1
    newest = spectra["pool"][stream["queue"][found - 1]]
    dropped = stream["ramp_end"] == transport["frame"] == newest["due"]  # due within a longer ramp: not late
    for i in range(found - 1):
        _report_unheard(spectra, rings, transport, spectra["pool"][stream["queue"][i]]["serial"], not dropped)
        release_spectrum(spectra, rings, stream["queue"][i])
    index = stream["queue"][found - 1]
    for i in range(n - found):
        stream["queue"][i] = stream["queue"][i + found]
    stream["n_queued"] = n - found
    return index


@kernel
def advance_stream(spectra, rings, transport, index):
    """In a quantum, before its sound: a stream's finished ramp ends, a spectrum that is due begins the next one."""
    stream = spectra["streams"][index]
    frame = transport["frame"]
    if frame < stream["ramp_end"]:
        stream["fresh"] = 1 if frame == stream["ramp_start"] else 0
        return
    stream["fresh"] = 0
    moving = stream["from"] != stream["to"]
    if moving or stream["before"] != stream["from"]:  # the spectra move up
        release_spectrum(spectra, rings, stream["before"])
        stream["before"], stream["from"] = stream["from"], stream["to"]
        retain_spectrum(spectra, stream["to"])
    found = _take_due_spectrum(spectra, rings, transport, stream) if stream["n_queued"] > 0 else -1
    if found < 0:
        if moving:  # the rest of the way
            stream["ramp_start"], stream["ramp_end"], stream["fresh"] = frame, frame + TICK, 1
        return
    spectrum = spectra["pool"][found]
    spectra["decode_tick"] = spectrum["tick"]
    spectra["decodes"] += 1
    if stream["to"] < 0:  # the very first
        retain_spectrum(spectra, found)
        retain_spectrum(spectra, found)
        stream["before"] = stream["from"] = stream["to"] = found
        return
    if spectrum["due"] < frame:
        spectra["late_decodes"] += 1
        append_row(rings, _DECODE, frame, 0, spectrum["serial"], 1.0)
    release_spectrum(spectra, rings, stream["to"])  # it stays as `from`; the queue's use of the new one goes on as the stream's
    stream["to"] = found
    stream["ramp_start"] = frame
    span = max(spectrum["span"], QUANTUM)
    late = 0 if stream["in_block"] else frame - spectrum["tick"] - spectra["decode_latency"]
    stream["ramp_end"] = frame + span - late % span  # a late one keeps the grid
    stream["fresh"] = 1


@kernel
def start_expected_stream(spectra, rings, transport, index):
    """An expected stream's note starts now: at the spectrum that was asked for it. False if that has not come by now."""
    stream = spectra["streams"][index]
    if stream["n_queued"] == 0:
        return False
    found = stream["queue"][stream["n_queued"] - 1]
    if spectra["pool"][found]["due"] > transport["frame"]:  # a take that is repeated: it came later
        return False
    for i in range(stream["n_queued"] - 1):
        release_spectrum(spectra, rings, stream["queue"][i])
    stream["n_queued"] = 0
    retain_spectrum(spectra, found)
    retain_spectrum(spectra, found)
    stream["before"] = stream["from"] = stream["to"] = found
    stream["ramp_start"] = stream["ramp_end"] = transport["frame"]
    stream["fresh"] = 0
    spectra["decodes"] += 1
    return True


@kernel
def empty_queue(spectra, rings, transport, stream):
    """What waits in a stream's queue, or is on its way to it, is not heard."""
    for i in range(stream["n_queued"]):
        _discard_spectrum(spectra, rings, transport, stream["queue"][i])
    stream["n_queued"] = 0
    stream["generation"] += 1
