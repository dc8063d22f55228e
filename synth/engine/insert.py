"""Where the sound leaves for a process that runs other people's plug-ins, and comes back: one place before our effects, one behind.

What is sent comes back a fixed number of frames later. Until then, and whenever it does not come, the same sound is heard as it was
sent, as late as it would have come back; between the two it fades, for which there is time because the end of the returned sound is
noticed `FADE` frames before it is reached. A place that nobody uses costs a load and leaves the sound bit for bit as it was.

The memory that is shared with the process (see insert_layout.py) is trusted with nothing but samples: what is no number is
replaced, counters are held to their range, and what is heard in its place lies here.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import numpy as np
from numba import carray, types

from ..params.knobs import index_of
from .compile.atomics import address_of, call_count, floats_at, load_acquire, pointer_intrinsic, store_release
from .compile.jit import kernel
from .compile.layout import on_lines
from .constants import QUANTUM
from .insert_layout import (
    CHUNK,
    DELAY,
    DONE,
    FADE,
    HEADER,
    MOST_DELAY,
    N_MACROS,
    N_SLOTS,
    N_VALUES,
    RING,
    SUBMITTED,
    VALID,
)

_SLOW = 1024  # frames of every fade but the one from what returns to ours
_SHIFT_STEP = QUANTUM / _SLOW  # from one delay to another

# a gain on its way: a polynomial of the part of the way that is gone, as smooth where it turns as everywhere else
FADING = np.dtype([("goal", "f8"), ("began", "i8"), ("frames", "f8"), ("c", "f8", (6,))], align=True)
INSERT = on_lines([
    ("switch", "i8", (8,)),  # 1: in use. Written by Python with release, behind all addresses
    ("head", "i8"), ("sent", "i8"), ("back", "i8"), ("values", "i8"),  # addresses in the shared memory
    ("post", "i8"), ("semaphore", "i8"),  # sem_post, 0: the process looks by itself
    ("latency", "i8"),  # frames of the way there and back
    ("running", "i8"), ("began", "i8"),  # whether, and from which frame on
    ("path", FADING), ("mix", FADING), ("wet", "f8"),  # the last: of `mix`, now
    ("delay", "i8"), ("next_delay", "i8"), ("shift", "f4"),
    ("late", "i8"), ("late_chunk", "i8"), ("bad", "i8"),  # chunks that did not come in time, the newest; samples that were no numbers
    ("dry", "f4", (2, RING)),
])
_FIRST_MACRO = index_of("macro1.value")
_words_at = pointer_intrinsic(types.int64, "int64")


@kernel
def _curve(x):
    """0 to 1 without a step in slope or curvature, so that a fade has no edge."""
    return x * x * x * (x * (x * np.float32(6.0) - np.float32(15.0)) + np.float32(10.0))


@kernel
def _gain_at(fading, frame):
    """The gain at a frame."""
    c, u = fading["c"], (frame - fading["began"]) / fading["frames"]
    if u >= 1.0:
        return fading["goal"]
    return c[0] + u * (c[1] + u * (c[2] + u * (c[3] + u * (c[4] + u * c[5]))))


@kernel
def _put(fading, gain):
    """At a gain, at rest."""
    fading["goal"], fading["began"], fading["frames"] = gain, 0, 1.0
    fading["c"][0] = gain
    for i in range(1, 6):
        fading["c"][i] = 0.0


@kernel
def _rests(fading, frame):
    """Whether it has arrived."""
    return frame - fading["began"] >= fading["frames"]


@kernel
def _turn(fading, frame, goal, frames):
    """To another goal in so many frames, from its gain, slope and curvature as they are (a quintic, which arrives at rest)."""
    c, u, ratio = fading["c"], (frame - fading["began"]) / fading["frames"], frames / fading["frames"]
    gain, slope, bend = _gain_at(fading, frame), 0.0, 0.0
    if u < 1.0:
        slope = ratio * (c[1] + u * (2.0 * c[2] + u * (3.0 * c[3] + u * (4.0 * c[4] + u * 5.0 * c[5]))))
        bend = ratio * ratio * (2.0 * c[2] + u * (6.0 * c[3] + u * (12.0 * c[4] + u * 20.0 * c[5])))
    way = goal - gain
    c[0], c[1], c[2] = gain, slope, 0.5 * bend
    c[3] = 10.0 * way - 6.0 * slope - 1.5 * bend
    c[4] = -15.0 * way + 8.0 * slope + 1.5 * bend
    c[5] = 6.0 * way - 3.0 * slope - 0.5 * bend
    fading["goal"], fading["began"], fading["frames"] = goal, frame, frames


@kernel
def _delay_of(insert, head):
    """How late our own sound is to be heard: as late as what returns, through plug-ins that tell their latency."""
    return insert["latency"] + min(max(load_acquire(head, DELAY), 0), MOST_DELAY - insert["latency"])


@kernel
def _begin_insert(insert, head, frame):
    """In use from this frame on. From the first frame of all nothing is faded: what was rendered begins with the delay."""
    insert["running"], insert["began"] = 1, frame
    _put(insert["path"], 1.0 if frame == 0 else 0.0)
    _put(insert["mix"], 0.0)
    insert["shift"] = 1.0
    insert["delay"] = insert["next_delay"] = _delay_of(insert, head)


@kernel
def _send(insert, head, out, frame, knobs):
    """The quantum into both rings; where a chunk is whole, macros and the matrix's sums with it, and the process is told."""
    sent, at = carray(floats_at(insert["sent"]), (2, RING)), frame % RING
    for side in range(2):
        for i in range(QUANTUM):
            insert["dry"][side, at + i] = sent[side, at + i] = out[side, i]
    end = frame + QUANTUM
    if end % CHUNK == 0:
        values = carray(floats_at(insert["values"]), (RING // CHUNK, N_VALUES))[(frame // CHUNK) % (RING // CHUNK)]
        played = carray(address_of(knobs["played"]), (_FIRST_MACRO + N_MACROS,))
        for i in range(N_MACROS):
            values[i] = played[_FIRST_MACRO + i]
        for i in range(N_SLOTS):
            values[N_MACROS + i] = knobs["effect_sums"][i]
        store_release(head, SUBMITTED, end)
        if insert["post"] != 0:
            call_count(insert["post"], insert["semaphore"])


@kernel
def _aim_delay(insert, head, frame):
    """Follow the plug-ins' latency by a fade from one delay to another."""
    wanted = _delay_of(insert, head)
    if insert["shift"] >= 1.0 and wanted != insert["delay"] and frame - insert["began"] >= wanted:
        insert["next_delay"], insert["shift"] = wanted, 0.0


@kernel
def _has_returned(insert, head, frame):
    """Whether what is due, and enough beyond it to fade out in, has returned."""
    due, done = frame - insert["latency"], min(load_acquire(head, DONE), frame + QUANTUM)
    valid = due >= load_acquire(head, VALID) and due >= insert["began"]
    enough = done - due >= QUANTUM + FADE
    if valid and not enough and insert["late_chunk"] != frame // CHUNK:
        insert["late"], insert["late_chunk"] = insert["late"] + 1, frame // CHUNK
    return valid and enough


@kernel
def _own_sample(insert, side, frame, shift):
    """Our own sound, delayed; between two delays while one follows the other."""
    dry, mask = insert["dry"], RING - 1
    own = dry[side, (frame - insert["delay"]) & mask]
    if shift < 1.0:
        own += _curve(shift) * (dry[side, (frame - insert["next_delay"]) & mask] - own)
    return own


@kernel
def _aim_gains(insert, frame, on, returned):
    """Towards what has returned, or ours; a fade to ours is short, and ends before another begins. Towards either when in use."""
    mix, path = insert["mix"], insert["path"]
    if returned and mix["goal"] == 0.0 and _rests(mix, frame):
        _turn(mix, frame, 1.0, np.float64(_SLOW))
        if frame == insert["latency"] and insert["began"] == 0:
            _put(mix, 1.0)
    elif not returned and mix["goal"] == 1.0:
        _turn(mix, frame, 0.0, np.float64(FADE))
    if on and path["goal"] == 0.0 and _rests(path, frame) and frame - insert["began"] >= insert["delay"]:
        _turn(path, frame, 1.0, np.float64(_SLOW))
    elif not on and path["goal"] == 1.0 and _rests(path, frame):
        _turn(path, frame, 0.0, np.float64(_SLOW))


@kernel
def _receive(insert, out, frame, shift):
    """What is heard of this quantum. shift: where the fade between delays begins; where it ends stands in the record."""
    back, due, step = carray(floats_at(insert["back"]), (2, RING)), frame - insert["latency"], insert["shift"] - shift
    for i in range(QUANTUM):
        path, mix = np.float32(_gain_at(insert["path"], frame + i)), np.float32(_gain_at(insert["mix"], frame + i))
        for side in range(2):
            heard = _own_sample(insert, side, frame + i, shift + np.float32(i + 1) * np.float32(1 / QUANTUM) * step)
            if mix != 0.0:
                returned = back[side, (due + i) & (RING - 1)]
                if not abs(returned) < 1e6:
                    insert["bad"] += 1
                    returned = heard
                heard = returned if mix == 1.0 else heard + mix * (returned - heard)
            out[side, i] = heard if path == 1.0 else out[side, i] + path * (heard - out[side, i])


@kernel
def exchange_insert(insert, out, frame, knobs):
    """A quantum out to the process and what is due back into `out`, float32[2, QUANTUM]; what turns its parameters goes along."""
    on = load_acquire(insert["switch"], 0) != 0
    if not on and insert["running"] == 0:
        return
    head = carray(_words_at(insert["head"]), (HEADER,))
    if insert["running"] == 0:
        if frame % CHUNK != 0:
            return
        _begin_insert(insert, head, frame)
    _send(insert, head, out, frame, knobs)
    _aim_delay(insert, head, frame)
    shift = insert["shift"]
    insert["shift"] = min(shift + np.float32(_SHIFT_STEP), np.float32(1.0))
    _aim_gains(insert, frame, on, _has_returned(insert, head, frame))
    _receive(insert, out, frame, shift)
    insert["wet"] = _gain_at(insert["mix"], frame + QUANTUM)
    if insert["shift"] >= 1.0:
        insert["delay"] = insert["next_delay"]
    if not on and insert["path"]["goal"] == 0.0 and _rests(insert["path"], frame):
        insert["running"] = 0
