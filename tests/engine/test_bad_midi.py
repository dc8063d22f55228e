"""MIDI as broken as it comes, through the real engine: no stuck note, no sample over full scale, nothing that is not a number."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.engine.jack_process import decode
from synth.events import EVENT_DTYPE, Event, Kind, bend, control, mpe_zone, note_off, note_on, pressure
from synth.midi_bytes import Stream
from synth.patch.patch import Patch
from synth.render.offline import Offline

from .sounds import INIT, SR_HZ, soft

SOURCE = soft()
CHANNEL, BYTE = st.integers(0, 15), st.integers(0, 127)
ODD = st.sampled_from([-1e300, -1.0, 0.0, 0.5, 1.0, 64.0, 127.0, 1e9, float(2**31)])
EVENTS = st.one_of(
    st.builds(note_on, BYTE, st.floats(0, 1), CHANNEL), st.builds(note_off, BYTE, CHANNEL),
    st.builds(control, st.sampled_from([0, 1, 2, 6, 7, 10, 11, 33, 38, 39, 64, 66, 67, 74, 96, 97, 98, 100, 101, 120, 121, 123, 126]),
              BYTE.map(float), CHANNEL),
    st.builds(control, BYTE, ODD, CHANNEL), st.builds(bend, ODD, CHANNEL), st.builds(pressure, ODD, CHANNEL),
    st.builds(Event, st.just(Kind.KEY_PRESSURE), BYTE, ODD, CHANNEL),
    st.builds(Event, st.sampled_from([Kind.TICK, Kind.START, Kind.CONTINUE, Kind.STOP, Kind.POSITION, Kind.TEMPO]), st.just(0), ODD),
    st.builds(lambda n, c: mpe_zone(n, c)[2], st.integers(0, 127), CHANNEL))


def let_go(player, frame, seconds=1.0):
    """Everything a player does to be rid of all notes: keys and pedals up on every channel. The sound after, float32[n, 2]."""
    for channel in range(16):
        for event in (control(64, 0, channel), control(66, 0, channel), *(note_off(n, channel) for n in range(128))):
            while not player.engine.post(event, "window", frame):
                player.read(128)
    return player.read(round(seconds * SR_HZ))


def check(events, patch=INIT):
    player = Offline(patch, events, source=SOURCE)
    last = max((f for f, _ in events), default=0)
    x = player.read(last + 2000)
    after = let_go(player, player.engine.frame)
    assert np.isfinite(x).all() and np.abs(x).max() <= 1 and np.isfinite(after).all()
    snapshot = player.engine.snapshot()
    assert snapshot["voices"] == 0 and snapshot["held"].sum() == 0 and np.abs(after[-480:]).max() == 0
    assert np.isfinite([snapshot["tempo_bpm"], snapshot["beat"]]).all() and 1 <= snapshot["tempo_bpm"] <= 1000
    return x


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 4000), EVENTS), max_size=150), st.booleans())
def test_any_events_leave_no_note(events, zone):
    rows = [(0, e) for e in mpe_zone(15)] if zone else []
    check(rows + sorted(events, key=lambda row: row[0]))


@pytest.mark.parametrize("zone", [False, True])
def test_ten_thousand_events_in_one_block(zone):
    rng = np.random.default_rng(1)
    rows = [(0, e) for e in mpe_zone(15)] if zone else []
    for _ in range(2500):
        note, channel = int(rng.integers(128)), int(rng.integers(16))
        rows += [(100, note_on(note, 1.0, channel)), (100, bend(float(rng.uniform(-1, 1)), channel)),
                 (100, control(int(rng.integers(120)), float(rng.integers(128)), channel)), (100, note_off(note, channel))]
    check(rows)


def test_events_out_of_range_and_no_numbers():
    kinds = [k for k in Kind if k not in (Kind.PATCH, Kind.PROGRAM, Kind.DECODE, Kind.LATE_NOTE)]
    far = (-1, 128, 2**31 - 1)
    odd = [(100, Event(kind, number, value, channel)) for kind in kinds for number in far for channel in far
           for value in (float("nan"), float("inf"), 1.0) if kind not in (Kind.PARAM, Kind.CORNER) or value != 1.0 or number > 9999]
    check(odd)


def test_note_offs_without_notes_and_notes_twice():
    check([(10 * i, note_off(i % 128, i % 16)) for i in range(400)])
    x = check([(100, note_on(60)), (200, note_on(60)), (300, note_on(60)), (900, note_off(60))])
    assert np.abs(x[:900]).max() > 0.01


def test_all_channels_full():
    rows = [(i, note_on(n, 1.0, c)) for i, (n, c) in enumerate((n, c) for n in range(128) for c in range(16))]
    x = check(rows, Patch(params={"amp.release_s": 0.05}))
    assert np.abs(x).max() > 0.2


@settings(max_examples=30)
@given(st.lists(st.integers(0, 255) | st.sampled_from([0x90, 0xB0, 0xE1, 0xF0, 0xF7, 0xF8, 60, 64, 127]), max_size=600))
def test_any_bytes_leave_no_note(wire):
    stream = Stream()
    events = [e for b in wire for _, e in stream.feed((b,)) if e.kind != Kind.PROGRAM]
    check([(3 * i, e) for i, e in enumerate(events)])


@given(st.binary(max_size=6))
def test_the_native_decoder_never_makes_a_wrong_row(message):
    row = np.zeros(1, EVENT_DTYPE)
    decode(np.frombuffer((message + bytes(8))[:8], np.uint8), len(message), row[0])
    if row["kind"][0]:
        assert 0 <= row["channel"][0] <= 15 and 0 <= row["number"][0] <= 127 and np.isfinite(row["value"][0])
