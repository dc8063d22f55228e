"""A take as a MIDI file: every event comes back as it was, a file of other programs stays a song, and it sounds as the log does."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth import paths
from synth.events import (
    Event,
    Kind,
    bend,
    control,
    from_json,
    mpe_zone,
    note_off,
    note_on,
    pressure,
    set_corner,
    set_param,
    to_json,
)
from synth.midi_bytes import event_of, message_of
from synth.params.knobs import PARAMS
from synth.patch import preset_file
from synth.patch.control_map import map_of, map_to_data
from synth.patch.patch import Patch
from synth.patch.tuning import Tuning
from synth.render import event_log
from synth.render.midi_capture import MidiCapture, convert, rows_of_played, smf_of_log, timing_of
from synth.render.midifile import read_song
from synth.render.offline import Offline
from synth.render.smf import read_smf

SR = 48000


def header(patch, sr_hz=SR):
    return event_log.header(patch, sr_hz, 128, controls=map_of(()))


def captured(folder, patch, rows, sr_hz=SR):
    """A file of rows, read back as `render` reads it."""
    file = folder / "take.mid"
    file.write_bytes(smf_of_log(header(patch, sr_hz), rows_of_played(rows)))
    song = read_song(file, 22050)
    assert song.told == "" and song.header["samplerate"] == sr_hz
    return song


BYTE = st.integers(0, 127)
CHANNEL = st.integers(0, 15)
MESSAGES = st.one_of(
    st.tuples(st.sampled_from([0x80, 0x90, 0xA0, 0xB0, 0xE0]), CHANNEL, BYTE, BYTE).map(lambda t: bytes((t[0] | t[1], *t[2:]))),
    st.tuples(st.sampled_from([0xC0, 0xD0]), CHANNEL, BYTE).map(lambda t: bytes((t[0] | t[1], t[2])))).map(event_of)
OTHERS = st.one_of(
    st.builds(lambda v, d: Event(Kind.NOTE_ON, 60, v, 3, d), st.floats(0.001, 1), st.integers(0, 5)),
    st.builds(lambda v: Event(Kind.BEND, 0, v, 9), st.floats(-1, 1)),
    st.builds(lambda v: Event(Kind.CONTROL, 74, v, 2), st.floats(0, 127)),
    st.builds(lambda v: set_param("filter.cutoff_hz", v), st.floats(20, 20000)),
    st.builds(lambda v: set_corner("B", 3, v), st.floats(-4, 4)),
    st.builds(lambda v: Event(Kind.TEMPO, 0, v), st.floats(20, 400)),
    st.builds(lambda n, taken: Event(Kind.DECODE, n, float(taken)), st.integers(0, 10**9), st.booleans()),
    st.sampled_from([Event(Kind.TICK), Event(Kind.START), Event(Kind.STOP), Event(Kind.POSITION, 0, 3.5), Event(Kind.LATE_NOTE, 60, 40.0)]))


@given(event=MESSAGES)
def test_every_message_is_written_as_it_was_read(event):
    assert event_of(message_of(event)) == event


@given(rows=st.lists(st.tuples(st.integers(0, 2**30), st.one_of(MESSAGES, OTHERS)), min_size=1, max_size=20),
       sr_hz=st.sampled_from([22050, 44100, 48000, 88200, 96000, 192000, 48017]))
def test_any_take_is_read_back_to_the_last_digit(tmp_path_factory, rows, sr_hz):
    rows = sorted((row for row in rows if row[1].kind != Kind.PROGRAM), key=lambda row: row[0])
    if rows:
        folder = tmp_path_factory.mktemp("take")
        assert list(captured(folder, Patch(), rows, sr_hz).events) == [from_json(to_json(event, frame)) for frame, event in rows]


@pytest.mark.parametrize("sr_hz", [22050, 32000, 44100, 48000, 88200, 96000, 176400, 192000])
def test_a_tick_is_a_frame_for_every_program(sr_hz):
    ticks, beat_us = timing_of(sr_hz)
    assert ticks * 1_000_000 == sr_hz * beat_us and ticks < 32768


def gesture():
    """(frame, event) of a take that uses what MIDI can say and what it cannot: MPE, tunings, presets, knobs and odd velocities."""
    other = preset_file.load(paths.find_preset("Shimmer Drift"))
    tuned = preset_file.load(paths.find_preset("Amber Pad"))
    rows = [(0, event) for event in mpe_zone(4)]
    rows += [(3000, note_on(60, 0.613, 1)), (3100, note_on(67, 90 / 127, 2)), (5000, bend(0.2501, 1)), (7000, pressure(80, 2)),
             (8000, control(74, 99, 1)), (9000, control(1, 77)), (12001, set_param("filter.type", PARAMS["filter.type"].parse("low24"))),
             (12001, set_param("filter.cutoff_hz", 1234.5)), (14000, other), (16000, note_off(60, 1)), (20000, set_corner("A", 2, 0.7)),
             (22000, event_log.ControlMap(map_of(()).rows[:3])), (24000, control(1, 10)),
             (26000, replace(tuned, tuning=Tuning("narrow", tuple(60 + (key - 60) * 0.97 for key in range(128))))),
             (28000, note_on(50, 1.0, 3)), (40000, note_off(67, 2)), (44000, note_off(50, 3))]
    return rows


def sound(first, rows, n_frames=60000):
    player = Offline(preset_file.from_data(first["preset"]), rows, sr_hz=SR, controls=first["controls"])
    return player.read(n_frames)


def test_a_capture_sounds_as_its_log_to_the_sample(tmp_path):
    patch, rows = preset_file.load(paths.find_preset("Init")), gesture()
    log = event_log.EventLog(tmp_path / "take.jsonl", header(patch))
    log.put(rows_of_played(rows))
    log.close()
    first, events = event_log.read(tmp_path / "take.jsonl")
    song = captured(tmp_path, patch, rows)
    live, back = sound(first, events), sound(song.header, song.events)
    assert np.array_equal(live, back) and np.abs(live[3500:]).max() > 0.05
    notes_only = [row for row in song.events if isinstance(row[1], Event) and row[1].kind in (Kind.NOTE_ON, Kind.NOTE_OFF)]
    assert np.abs(sound(song.header, notes_only) - live).max() > 0.02  # what stands beside the notes is heard


def test_other_programs_see_notes_and_controllers_on_their_ticks(tmp_path):
    file = tmp_path / "take.mid"
    file.write_bytes(smf_of_log(header(Patch()), rows_of_played(gesture())))
    score = read_smf(file.read_bytes())
    channel = [(tick, what) for tick, what in score.rows if isinstance(what, bytes) and what[0] >= 0x80]
    assert score.damage == () and score.ticks_per_beat == 24000
    assert (3000, bytes((0x91, 60, 78))) in channel and (7000, bytes((0xD2, 80))) in channel and (40000, bytes((0x82, 67, 64))) in channel


def test_a_file_that_was_stretched_is_a_song_again(tmp_path):
    file = tmp_path / "take.mid"
    raw = bytearray(smf_of_log(header(Patch()), rows_of_played([(480, note_on(60)), (24000, note_off(60))])))
    raw[12:14] = (480).to_bytes(2, "big")  # as a sequencer of 480 ticks a beat would write it, had it kept our marks
    file.write_bytes(raw)
    song = read_song(file, SR)
    assert song.header is None and song.events[-1][0] == 50 * 24000


def test_a_capture_with_a_damaged_mark_plays_the_rest(tmp_path):
    file = tmp_path / "take.mid"
    raw = smf_of_log(header(Patch()), rows_of_played([(480, note_on(60)), (600, set_param("osc.position", 0.5)), (24000, note_off(60))]))
    file.write_bytes(raw.replace(b'"name":"osc.position"', b'"name":"osc.pos!tion"'))
    song = read_song(file, SR)
    assert "damaged" in song.told and [event.kind for _, event in song.events] == [Kind.NOTE_ON, Kind.NOTE_OFF]


def test_a_capture_appears_whole_and_what_a_crash_leaves_is_converted(tmp_path, home):
    take = MidiCapture(tmp_path / "a.mid", header(Patch()))
    take.add([(5, note_on(60)), (99, note_off(60))], {}, {})
    assert not (tmp_path / "a.mid").exists()
    assert take.close() == f"saved {tmp_path / 'a.mid'}" and [p.name for p in tmp_path.glob("*a.mid*")] == ["a.mid"]
    assert [frame for frame, _ in read_song(tmp_path / "a.mid", SR).events] == [5, 99]
    torn = tmp_path / ".b.mid.part"
    torn.write_text(event_log.text_of([{**header(Patch()), "controls": map_to_data(map_of(()))}, to_json(note_on(60), 7)]) + '{"fra')
    convert(torn, tmp_path / "b.mid")
    assert [frame for frame, _ in read_song(tmp_path / "b.mid", SR).events] == [7] and not torn.exists()
