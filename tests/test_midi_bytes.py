"""MIDI as it comes from a wire: running status, real-time bytes in between, exclusive messages, broken pieces; polled stamps."""

import mido
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.events import RELEASE_VELOCITY, Event, Kind, mpe_zone
from synth.midi_bytes import Stream, event_of
from synth.ports.rtmidi_ports import Leader, Stamps
from synth.render.midifile import read_midi_file
from synth.render.offline import Offline
from tests.engine.sounds import INIT, soft

DATA = st.integers(0, 127)
VOICE = st.one_of(st.tuples(st.integers(0x80, 0xBF) | st.integers(0xE0, 0xEF), DATA, DATA), st.tuples(st.integers(0xC0, 0xDF), DATA))
SYSTEM = st.one_of(st.tuples(st.just(0xF2), DATA, DATA), st.tuples(st.sampled_from([0xF1, 0xF3]), DATA), st.just((0xF6,)),
                   st.just((0xF4,)), st.just((0xF5,)), st.lists(DATA, max_size=9).map(lambda d: (0xF0, *d, 0xF7)))
REAL_TIME = st.sampled_from([0xF8, 0xF9, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE, 0xFF])


@given(st.data(), st.lists(VOICE | SYSTEM, max_size=30), st.booleans())
def test_a_wire_with_everything_on_it(data, messages, running):
    """Whole messages come out, in order, whatever lies between their bytes and however the stream is cut."""
    wire, status = bytearray(), 0
    for message in messages:
        wire += bytes(message[1:] if running and message[0] == status and status < 0xF0 else message)
        status = message[0] if message[0] < 0xF0 else 0
    places = sorted(data.draw(st.lists(st.tuples(st.integers(0, len(wire)), REAL_TIME), max_size=12)), reverse=True)
    for place, byte in places:
        wire.insert(place, byte)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=8)))
    stream = Stream()
    found = [e for a, b in zip([0, *cuts], [*cuts, len(wire)], strict=True) for _, e in stream.feed(wire[a:b])]
    system = (Kind.TICK, Kind.START, Kind.CONTINUE, Kind.STOP)
    assert [e for e in found if e.kind not in system] == [e for m in messages if (e := event_of(m)) is not None]
    assert [e.kind for e in found if e.kind in system] == [e.kind for _, b in reversed(places) if (e := event_of((b,))) is not None]


@pytest.mark.parametrize(("wire", "kinds"), [
    ("90 3C 40 3E 40", [1, 1]), ("3C 40 90 3C", []), ("90 3C F8 40", [12, 1]), ("90 3C B0 07 40", [4]),
    ("90 3C F0 01 02 F7 40", []), ("F0 90 3C 40", [1]), ("90 3C 40 F6 3C 40", [1]), ("F2 10 00", [16]), ("90 3C 40 F7 3C 00", [1]),
    ("C0 05 06 D0 40 41", [10, 10, 5, 5]), ("FA FB FC FE FF", [13, 14, 15])])
def test_streams_by_hand(wire, kinds):
    assert [int(e.kind) for _, e in Stream().feed(bytes.fromhex(wire))] == kinds


def test_what_messages_mean():
    assert event_of((0x93, 60, 0)) == Event(Kind.NOTE_OFF, 60, RELEASE_VELOCITY, 3)
    assert event_of((0x83, 60, 127)) == Event(Kind.NOTE_OFF, 60, 1.0, 3)
    assert event_of((0xF2, 4, 1)) == Event(Kind.POSITION, 0, 33.0)
    assert event_of((0xE0, 127, 127)).value == 1 and event_of((0xE0, 0, 64)).value == 0 and event_of((0xE0, 0, 0)).value == -1


@given(st.lists(st.integers(-10, 300), max_size=40))
def test_no_bytes_are_too_odd(wire):
    Stream().feed(wire)
    event_of(wire)


def test_polled_stamps_take_the_jitter_of_polling_away():
    rng, stamps = np.random.default_rng(1), Stamps()
    came = 100 + np.cumsum(rng.uniform(0, 0.02, 500))
    seen = np.maximum.accumulate(came + rng.uniform(0, 0.004, 500))
    deltas = np.diff(came, prepend=came[0])
    placed = np.array([now - stamps.age_s(d, now) for d, now in zip(deltas, seen, strict=True)])[20:]
    assert np.ptp(placed - came[20:]) < 5e-4 and np.ptp(seen - came) > 3e-3
    assert 0 <= stamps.age_s(0.0, seen[-1] + 10) < 1e-9  # a clock that stood still starts afresh


def test_one_input_leads_the_clock():
    leader, one, two = Leader(), object(), object()
    assert [leader.leads(who, 1.0) for who in (two, one, two, one)] == [True, False, True, False]
    assert leader.leads(one, 3.5) and not leader.leads(two, 3.6)


def song(folder, *tracks):
    """A file of 480 ticks a beat: each track a list of (tick, message)."""
    file = mido.MidiFile(ticks_per_beat=480)
    for rows in tracks:
        track, at = mido.MidiTrack(), 0
        for tick, message in rows:
            track.append(message.copy(time=tick - at))
            at = tick
        file.tracks.append(track)
    file.save(folder / "song.mid")
    return folder / "song.mid"


def test_a_songs_tempo_map_is_the_clock(tmp_path):
    tempos = [(0, mido.MetaMessage("set_tempo", tempo=600000)), (960, mido.MetaMessage("set_tempo", tempo=300000)),
              (2880, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(77.7)))]
    notes = [(tick, mido.Message("note_on", note=60 + tick // 480, velocity=90)) for tick in range(0, 4800, 480)]
    events = read_midi_file(song(tmp_path, tempos, notes), 48000)
    player = Offline(INIT, events, source=soft())
    state = player.engine._s
    for frame, event in events:
        if event.kind == Kind.NOTE_ON and frame:
            player.read(frame // 32 * 32 + 32 - player.engine.frame)  # to the end of the note's quantum
            beat = state["transport"]["beat"] + (frame - (state["transport"]["frame"] - 32)) / 48000 * state["transport"]["tempo_bpm"] / 60
            assert beat == pytest.approx(event.number - 60, abs=2e-4)
    assert state["transport"]["tempo_bpm"] == pytest.approx(77.7, rel=1e-4)


def test_channel_10_is_no_drums_in_a_zone(tmp_path):
    note = (100, mido.Message("note_on", note=60, channel=9, velocity=90))
    zone = [(0, mido.Message("control_change", channel=0, control=e.number, value=int(e.value))) for e in mpe_zone(15)]
    events = read_midi_file(song(tmp_path, [*zone, note]), 48000)
    assert [e.channel for _, e in events if e.kind == Kind.NOTE_ON] == [9]
    small = [(0, mido.Message("control_change", channel=0, control=e.number, value=int(e.value))) for e in mpe_zone(4)]
    other = (50, mido.Message("note_on", note=62, channel=1, velocity=90))
    events = read_midi_file(song(tmp_path, [*small, other, note]), 48000)
    assert [e.channel for _, e in events if e.kind == Kind.NOTE_ON] == [1]
