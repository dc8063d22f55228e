"""Notes to come are looked at a fixed time before they start, so that each starts at its own point in the latent space.

Events wait in the producers' rings until their frame; one that starts a note is looked at `look_ahead` frames (to the
quantum) before. What its channel will have been told by then lies before it in the same ring and is taken into account.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

from ...events import PRODUCERS, Kind
from ..compile.atomics import load_acquire
from ..compile.jit import kernel
from ..constants import EVENT_RING, QUANTUM, RING_HEAD, RING_TAIL, STREAMS
from ..journal import append_row
from ..modulation import matrix, stack
from ..modulation.midi_channels import is_member
from ..timbre import spectrum_stream
from ..voice import own_position

_PRODUCERS = len(PRODUCERS)
_NOTE_ON, _BEND, _CONTROL, _PRESSURE = int(Kind.NOTE_ON), int(Kind.BEND), int(Kind.CONTROL), int(Kind.PRESSURE)
_LATE_NOTE = int(Kind.LATE_NOTE)


@kernel
def _apply_to_channel(ch, event):
    """What a message yet to come will do to a channel, as far as it moves a note's point."""
    kind, number, value = event["kind"], event["number"] & 127, event["value"]
    if kind == _BEND:
        ch["bend"] = min(max(value, -1.0), 1.0)
        return
    value = min(max(value, 0.0), 127.0)
    if kind == _PRESSURE:
        ch["pressure"] = value
    elif kind == _CONTROL and number == 74:
        ch["slide"] = value
    elif kind == _CONTROL:
        _apply_to_wheels(ch, number, value)


@kernel
def _apply_to_wheels(ch, number, value):
    if number == 1:
        ch["wheel"] = value
    elif number == 2:
        ch["breath"] = value
    elif number == 11:
        ch["expression"] = value


@kernel
def _prefetch_note(polyphony, knobs, midi, latent, spectra, rings, transport, producer, tail, at):
    """A note's start in a ring: its point with its channel as it will be.

    Seven records, because the note is looked at as if it started (see `own_position.prefetch_voice`).
    """
    ring = rings["events"][producer]
    event = ring[at % EVENT_RING]
    channel = event["channel"] & 15
    master = midi["channels"][channel]["master"] if is_member(midi, channel) else channel
    midi["kept"][0], midi["kept"][1] = midi["channels"][channel], midi["channels"][master]
    for i in range(tail, at):
        before = ring[i % EVENT_RING]
        where = before["channel"] & 15
        if not math.isfinite(before["value"]):
            continue
        if where == channel or where == master:
            _apply_to_channel(midi["channels"][where], before)
        if where == master and before["kind"] == _CONTROL:  # it speaks for its zone
            _apply_to_wheels(midi["channels"][channel], before["number"] & 127, min(max(before["value"], 0.0), 127.0))
    note, velocity = event["number"] & 127, min(event["value"], 1.0)
    for part in range(stack.n_stacked(knobs)):
        if stack.hears(knobs, part, note, velocity):
            own_position.prefetch_voice(polyphony, knobs, midi, latent, spectra, rings, transport, channel, note, velocity,
                                        event["frame"], part)
    midi["channels"][master] = midi["kept"][1]
    midi["channels"][channel] = midi["kept"][0]


@kernel
def _expire(spectra, rings, transport):
    """Lines of notes that did not come are free again."""
    for index in range(1, STREAMS):
        stream = spectra["streams"][index]
        if stream["state"] == spectrum_stream.EXPECTED and stream["at_frame"] < transport["frame"]:
            spectrum_stream.free_stream(spectra, rings, transport, index)


@kernel
def note_arrivals(rings, transport):
    """At the start of a quantum: what has come into the rings since the last one is there from now on; a note that came too late to be
    looked at in time is told, so that a log can repeat it."""
    counters, now = rings["counters"], transport["frame"]
    for producer in range(_PRODUCERS):
        head = load_acquire(counters, RING_HEAD + 8 * producer)
        ring = rings["events"][producer]
        for at in range(rings["arrived"][producer], head):
            event = ring[at % EVENT_RING]
            if event["kind"] == _NOTE_ON and event["value"] > 0.0 and event["frame"] < now + rings["prefetch"]:
                append_row(rings, _LATE_NOTE, now, event["channel"] & 15, event["number"] & 127, max(event["frame"], now) - now)
        rings["arrived"][producer] = head


@kernel
def prefetch_notes(polyphony, knobs, midi, latent, spectra, rings, transport):
    """Once a quantum, after its events: ask for the points of the notes that come into sight.

    Seven records, because the note is looked at as if it started (see `own_position.prefetch_voice`).
    """
    if not knobs["matrix"]["classes"] & matrix.LATENT:
        return
    _expire(spectra, rings, transport)
    if rings["prefetch"] <= 0:
        return
    end = transport["frame"] + QUANTUM + rings["prefetch"]
    for producer in range(_PRODUCERS):
        head = rings["arrived"][producer]
        tail = load_acquire(rings["counters"], RING_TAIL + 8 * producer)
        at = max(rings["peeked"][producer], tail)
        ring = rings["events"][producer]
        while at < head and ring[at % EVENT_RING]["frame"] < end:
            event = ring[at % EVENT_RING]
            if event["kind"] == _NOTE_ON and event["value"] > 0.0 and event["frame"] >= transport["frame"]:
                _prefetch_note(polyphony, knobs, midi, latent, spectra, rings, transport, producer, tail, at)
            at += 1
        rings["peeked"][producer] = at
