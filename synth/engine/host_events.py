"""What a host brings with a block, its events and its transport, into the rings of their producers.

Real-time: no allocation, no locks, no I/O, no Python.
"""

from ..events import PRODUCERS, Kind
from .abi import BEATS, NONE
from .compile.atomics import load_acquire, store_release
from .compile.jit import kernel
from .constants import EVENT_RING, RING_HEAD, RING_TAIL

_HOST = PRODUCERS.index("host")
_CONTROL, _TEMPO, _POSITION, _CONTINUE, _STOP = (
    int(k) for k in (Kind.CONTROL, Kind.TEMPO, Kind.POSITION, Kind.CONTINUE, Kind.STOP))
_ENDS = ((64, 0.0), (66, 0.0), (123, 0.0))  # controllers that end every note
_MOVED_BEATS = 0.02  # a song position that is so far from where it was heading has been moved


@kernel
def _end_all(ring, head, order, frame):
    """Messages were lost, note-offs maybe among them: end every note rather than let one stick. Answers the new head."""
    if head > 0:  # frames of one producer never fall
        frame = max(frame, ring[(head - 1) % EVENT_RING]["frame"])
    for channel in range(16):
        for number, value in _ENDS:
            row = ring[head % EVENT_RING]
            row["frame"], row["order"], row["kind"], row["channel"] = frame, order, _CONTROL, channel
            row["number"], row["value"] = number, value
            head += 1
    return head


@kernel
def take_event(rings, event, first):
    """An event of the host's block into its producer's ring."""
    order = event["order"]
    if order < 0 or order >= len(PRODUCERS):
        return
    counters, ring = rings["counters"], rings["events"][order]
    head, tail = load_acquire(counters, RING_HEAD + 8 * order), load_acquire(counters, RING_TAIL + 8 * order)
    if rings["lost"][order] and head - tail < EVENT_RING // 2:
        rings["lost"][order] = 0
        head = _end_all(ring, head, order, first + event["frame"])
    if event["kind"] == 0 or head - tail >= EVENT_RING:
        rings["lost"][order] = 1
    else:
        row = ring[head % EVENT_RING]
        row["frame"], row["order"], row["kind"], row["channel"] = first + event["frame"], order, event["kind"], event["channel"]
        row["number"], row["value"] = event["number"], event["value"]
        head += 1
    store_release(counters, RING_HEAD + 8 * order, head)


@kernel
def end_lost(rings, first):
    """Where messages were lost and there is room again, the notes are ended, though nothing more comes."""
    counters = rings["counters"]
    for order in range(len(PRODUCERS)):
        if rings["lost"][order]:
            head, tail = load_acquire(counters, RING_HEAD + 8 * order), load_acquire(counters, RING_TAIL + 8 * order)
            if head - tail < EVENT_RING // 2:
                rings["lost"][order] = 0
                store_release(counters, RING_HEAD + 8 * order, _end_all(rings["events"][order], head, order, first))


@kernel
def _post_host(rings, kind, value, frame):
    """What the host's transport did, as an event of its own ring."""
    counters = rings["counters"]
    head = load_acquire(counters, RING_HEAD + 8 * _HOST)
    if head - load_acquire(counters, RING_TAIL + 8 * _HOST) < EVENT_RING:
        row = rings["events"][_HOST][head % EVENT_RING]
        row["frame"], row["order"], row["kind"], row["channel"], row["number"], row["value"] = frame, _HOST, kind, 0, 0, value
        store_release(counters, RING_HEAD + 8 * _HOST, head + 1)


@kernel
def follow_transport(rings, transport, host, told, n_frames, first):
    """A host's tempo, starts, stops and jumps become events, so that a take repeats them. told: its TRANSPORT of this block."""
    tempo_bpm = told["tempo_bpm"] if told["valid"] == BEATS else 0.0
    if tempo_bpm != host["tempo_bpm"]:
        host["tempo_bpm"] = tempo_bpm
        _post_host(rings, _TEMPO, tempo_bpm, first)
    running = 1 if told["valid"] != NONE and told["running"] else 0
    per_frame = (tempo_bpm if tempo_bpm > 0.0 else transport["tempo_bpm"]) / (60.0 * transport["sr_hz"])
    beat = told["beat"] if told["valid"] == BEATS else told["seconds"] * transport["sr_hz"] * per_frame
    moved = abs(beat - host["next_beat"]) > _MOVED_BEATS
    if running and (moved or not host["running"]):
        _post_host(rings, _POSITION, beat, first)
        _post_host(rings, _CONTINUE, 0.0, first)
    elif host["running"] and not running:
        _post_host(rings, _STOP, 0.0, first)
    host["running"], host["next_beat"] = running, beat + n_frames * per_frame
