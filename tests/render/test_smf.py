"""MIDI files as others write them: what they hold is played, at its time, and what was wrong is told. Each small file is built here."""

import io
import struct

import mido
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from synth.errors import UserError
from synth.events import Kind
from synth.patch.patch import Patch
from synth.render.midifile import last_programs, read_song
from synth.render.offline import render
from synth.render.smf import read_smf
from tests.engine.sounds import soft

SR_HZ = 48000
C4, G4 = 60, 67
ON_C, OFF_C, ON_G, OFF_G = b"\x90\x3c\x64", b"\x80\x3c\x40", b"\x90\x43\x64", b"\x80\x43\x40"
BEAT, END = b"\x83\x60", b"\x00\xff\x2f\x00"  # 480 ticks: half a second
FIRST, SECOND = b"\x00" + ON_C + BEAT + OFF_C, b"\x00" + ON_G + BEAT + OFF_G
PLAIN = FIRST + SECOND + END
HALVES = [(0, C4, True), (24000, C4, False), (24000, G4, True), (48000, G4, False)]


def chunk(body: bytes, name: bytes = b"MTrk", length: int | None = None) -> bytes:
    return name + struct.pack(">I", len(body) if length is None else length) + body


def head(kind: int = 0, n_tracks: int = 1, division: int = 480, more: bytes = b"") -> bytes:
    return chunk(struct.pack(">HHH", kind, n_tracks, division) + more, b"MThd")


def meta(kind: int, body: bytes, delta: bytes = b"\x00") -> bytes:
    return delta + bytes((0xFF, kind, len(body))) + body


def first(event: bytes) -> bytes:
    """A song whose track begins with an event."""
    return head() + chunk(event + PLAIN)


def between(event: bytes) -> bytes:
    """A song in which an event takes the whole delta time of C4's end."""
    return head() + chunk(b"\x00" + ON_C + BEAT + event + b"\x00" + OFF_C + SECOND + END)


def read(raw: bytes, folder, **how):
    (folder / "song.mid").write_bytes(raw)
    return read_song(folder / "song.mid", SR_HZ, **how)


def notes(song) -> list[tuple[int, int, bool]]:
    """(frame, key, whether it goes down) of every note event."""
    return [(f, e.number, e.kind == Kind.NOTE_ON) for f, e in song.events if e.kind in (Kind.NOTE_ON, Kind.NOTE_OFF)]


RIFF = b"RIFF\x00\x00\x00\x00RMID"
WHOLE = {  # files in which nothing is wrong: nothing may be told
    "plain": head() + chunk(PLAIN),
    **{f"meta {kind:02x}": between(bytes((0xFF, kind, 4)) + b"Lead") for kind in (0x03, 0x08, 0x09, 0x0A, 0x4B, 0x60, 0x7F)},
    "escape": between(b"\xf7\x02\xf3\x01"), "exclusive": between(b"\xf0\x05\x7e\x7f\x09\x01\xf7"),
    "exclusive in two": between(b"\xf0\x02\x7e\x7f\x00\xf7\x03\x09\x01\xf7"),
    "song select in the track": between(b"\xf3\x01"), "clock in the track": between(b"\xf8"),
    "eight sharps": first(meta(0x59, b"\x08\x00")), "18 flats": first(meta(0x59, b"\xee\x01")),
    "key of one byte": first(meta(0x59, b"\x00")),
    "short time signature": first(meta(0x58, b"\x04\x02")), "empty time signature": first(meta(0x58, b"")),
    "odd SMPTE offset": first(meta(0x54, b"\xa0\0\0\0\0")), "channel prefix of nothing": first(meta(0x20, b"")),
    "tempo of two bytes": first(meta(0x51, b"\x07\xa1")), "text that is no text": first(meta(0x01, b"\xff\xfe\x80")),
    "alien chunk first": head() + chunk(b"\1\2\3", b"SEM1") + chunk(PLAIN),
    "alien chunk last": head() + chunk(PLAIN) + chunk(b"\1\2\3", b"XFIH"),
    "longer header": head(more=b"\1\2") + chunk(PLAIN), "padding": head() + chunk(PLAIN) + b"\0\0\0",
    "bytes after the end": head() + chunk(PLAIN + b"\0\0\0\0"), "no end of track": head() + chunk(FIRST + SECOND),
    "type 2 of one": head(kind=2) + chunk(PLAIN), "macbinary": bytes(128) + head() + chunk(PLAIN),
    "RMID": RIFF + b"data" + struct.pack("<I", 14 + 8 + len(PLAIN)) + head() + chunk(PLAIN) + b"LIST\4\0\0\0INFO",
    "RMID, data last": RIFF + b"LIST\5\0\0\0INFO.\0data" + struct.pack("<I", 14 + 8 + len(PLAIN)) + head() + chunk(PLAIN),
    "30 frames": head(division=0xE250) + chunk(PLAIN.replace(BEAT, b"\x89\x30")),
    "25 frames": head(division=0xE728) + chunk(meta(0x51, b"\1\0\0") + PLAIN.replace(BEAT, b"\x83\x74")),
    "running status": head() + chunk(b"\x00\x90\x3c\x64" + BEAT + b"\x3c\x00\x00\x43\x64" + BEAT + b"\x43\x00" + END),
    "running status past a meta": head() + chunk(b"\x00\x90\x3c\x64" + BEAT + b"\xff\x01\x00\x00\x3c\x00" + SECOND + END),
    "delta of five bytes": head() + chunk(PLAIN.replace(BEAT, b"\x80\x80\x80" + BEAT)),
    "two tracks": head(1, 2) + chunk(FIRST + END) + chunk(BEAT + SECOND[1:] + END),
}
DAMAGED = {  # and files in which something is, with a word of what is told
    "volume of 255": (first(b"\x00\xb0\x07\xff"), "above 127"),
    "velocity of 200": (head() + chunk(PLAIN.replace(b"\x43\x64", b"\x43\xc8")), "above 127"),
    "note 200": (first(b"\x00\x90\xc8\x64"), "above 127"),
    "length too long": (head() + chunk(PLAIN, length=len(PLAIN) + 5), "shorter"),
    "length too short": (head() + chunk(PLAIN, length=9), "longer"),
    "length of nothing": (head() + chunk(PLAIN, length=0), "longer"),
    "first length too long": (head(1, 2) + chunk(FIRST + END, length=19) + chunk(BEAT + SECOND[1:] + END), "shorter"),
    "first length too short": (head(1, 2) + chunk(FIRST + END, length=7) + chunk(BEAT + SECOND[1:] + END), "longer"),
    "huge length": (head() + chunk(PLAIN, length=0xFFFFFFF0), "shorter"),
    "more tracks counted": (head(1, 3) + chunk(PLAIN), "counts 3"),
    "fewer tracks counted": (head(1, 1) + chunk(FIRST + END) + chunk(BEAT + SECOND[1:] + END), "counts 1"),
    "last byte missing": (head() + chunk(PLAIN)[:-1], "last byte"),
    "end of track missing": (head() + chunk(PLAIN)[:-4], "shorter"),
    "tempo of 0": (first(meta(0x51, b"\0\0\0")), "tempo of 0"),
    "no first status": (first(b"\x00\x3c\x64"), "no status"),
    "exclusive without a length": (first(b"\x00\xf0\x7e\x7f\x09\x01\xf7"), ""),
    "two patterns": (head(2, 2) + chunk(FIRST + END) + chunk(SECOND + END), "one after another"),
    "something before": (b"From: someone\r\n\r\n" + head() + chunk(PLAIN), "passed over"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_file_plays_and_nothing_is_told(name, tmp_path):
    song = read(WHOLE[name], tmp_path)
    assert notes(song) == HALVES and song.told == ""


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_plays_what_it_holds_and_is_told(name, tmp_path):
    raw, words = DAMAGED[name]
    song = read(raw, tmp_path)
    assert notes(song) == HALVES
    assert words in song.told and "\n" not in song.told and song.told.startswith("song.mid" if words else "")


@pytest.mark.parametrize("raw, words", [
    (b"", "MThd"), (b"dear diary\n" * 40, "MThd"), (head()[:10], "header"), (head(), "no track"), (head() + chunk(END), "no notes"),
    (head(division=0) + chunk(PLAIN), "0 ticks"), (head(division=0xE200) + chunk(PLAIN), "0 ticks"),
    (head() + chunk(b"\x00\x90"), "no notes")])
def test_what_holds_no_song_is_told(raw, words, tmp_path):
    with pytest.raises(UserError, match=words):
        read(raw, tmp_path)


def test_what_a_cut_file_still_holds_is_played(tmp_path):
    song = read((head() + chunk(PLAIN))[:-6], tmp_path)  # within the second note's end
    assert notes(song) == HALVES[:3] and "within an event" in song.told


def test_values_above_127_are_the_highest(tmp_path):
    song = read(first(b"\x00\xb0\x07\xff"), tmp_path)
    assert [(e.number, e.value) for _, e in song.events if e.kind == Kind.CONTROL] == [(7, 127)]


def test_what_comes_after_four_hours_is_left_out(tmp_path):
    song = read(head() + chunk(FIRST + b"\xff\xff\xff\x7f" + ON_G + END), tmp_path)
    assert notes(song) == HALVES[:2] and "four hours" in song.told


def strikes(*rows: tuple[int, int]) -> bytes:
    """A song of one key struck (1) and let go (0) at ticks."""
    track, at = mido.MidiTrack(), 0
    for tick, down in rows:
        track.append(mido.Message("note_on", note=C4, velocity=100 * down, time=tick - at))
        at = tick
    file = mido.MidiFile(ticks_per_beat=480, tracks=[track])
    return head() + file_track(file)


def file_track(file: mido.MidiFile) -> bytes:
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()[14:]


def silences(song, seconds: list[float]) -> list[bool]:
    """Whether the song is silent at each time."""
    patch = Patch(params={"amp.attack_s": 0.001, "amp.release_s": 0.001})
    x = render(patch, song.events, 2.2, sr_hz=SR_HZ, source=soft())[:, 0]
    return [bool(abs(x[round(s * SR_HZ):][:2000]).max() < 1e-4) for s in seconds]


@pytest.mark.parametrize("rows, heard_s, silent_s", [
    ([(0, 1), (480, 1), (480, 0), (960, 0)], [0.25, 0.75], [1.1]),  # the off belongs to the first
    ([(0, 1), (480, 1), (720, 0), (960, 0)], [0.25, 0.6, 0.9], [1.1]),  # overlapping
    ([(0, 1), (480, 1), (720, 0), (960, 1), (1200, 0), (1440, 0)], [0.9, 1.1, 1.4], [1.6]),  # a chain of them
    ([(0, 1), (0, 1), (480, 0), (480, 0)], [0.25], [0.6]),  # doubled
    ([(0, 1), (480, 1), (960, 0)], [0.25, 0.75], [1.1]),  # an off is missing: nothing hangs
    ([(0, 1), (240, 1), (480, 0), (960, 1), (1440, 0)], [0.25, 1.25], [0.6, 1.6]),
    ([(0, 1), (480, 0), (480, 0), (960, 1), (1440, 0)], [0.25, 1.25], [0.6, 1.6]),  # one too many
])
def test_each_off_ends_one_note(rows, heard_s, silent_s, tmp_path):
    song = read(strikes(*rows), tmp_path)
    assert silences(song, heard_s) == [False] * len(heard_s)
    assert silences(song, silent_s) == [True] * len(silent_s)


def test_all_notes_off_ends_every_note_of_a_key(tmp_path):
    off = b"\x00\xb0\x7b\x00"
    song = read(head() + chunk(b"\x00" + ON_C + BEAT + ON_C + BEAT + off[1:] + b"\x00" + ON_C + BEAT + OFF_C + END), tmp_path)
    assert silences(song, [0.25, 0.75, 1.25, 1.6]) == [False, False, False, True]


def test_the_last_of_many_program_changes_counts(tmp_path):
    many = b"".join(b"\x00" + bytes((0xC0 + channel, 10 + channel)) for channel in range(6))
    song = read(first(many + b"\x01\xc0\x05"), tmp_path, program_changes=True)
    assert [e.number for _, e in last_programs(song.events, 960) if e.kind == Kind.PROGRAM] == [5]
    later = read(head() + chunk(b"\x00\xc0\x01" + FIRST + b"\x00\xc0\x02" + SECOND + END), tmp_path, program_changes=True)
    assert [e.number for _, e in last_programs(later.events, 960) if e.kind == Kind.PROGRAM] == [1, 2]


def test_a_general_midi_songs_beginning_renders(tmp_path, cli_here, home):
    many = b"".join(b"\x00" + bytes((0xC0 + channel, channel)) for channel in range(9))
    (tmp_path / "song.mid").write_bytes(first(many))
    cli_here("render", "song.mid", "-o", "a.wav", "--program-changes", "--tail", 0, check=True)
    x, _ = soundfile.read(tmp_path / "a.wav")
    assert abs(x[4800:9600]).max() > 1e-2


MESSAGES = st.one_of(
    st.builds(lambda c, n, v: mido.Message("note_on", channel=c, note=n, velocity=v), *(st.integers(0, top) for top in (15, 127, 127))),
    st.builds(lambda c, n, v: mido.Message("note_off", channel=c, note=n, velocity=v), *(st.integers(0, top) for top in (15, 127, 127))),
    st.builds(lambda c, n, v: mido.Message("control_change", channel=c, control=n, value=v),
              *(st.integers(0, top) for top in (15, 127, 127))),
    st.builds(lambda c, p: mido.Message("pitchwheel", channel=c, pitch=p), st.integers(0, 15), st.integers(-8192, 8191)),
    st.builds(lambda c, p: mido.Message("program_change", channel=c, program=p), st.integers(0, 15), st.integers(0, 127)),
    st.builds(lambda data: mido.Message("sysex", data=data), st.lists(st.integers(0, 127), max_size=200)),
    st.builds(lambda text: mido.MetaMessage("text", text=text), st.text(st.characters(max_codepoint=255), max_size=200)),
    st.builds(lambda us: mido.MetaMessage("set_tempo", tempo=us), st.integers(1, (1 << 24) - 1)))
SONGS = st.lists(st.lists(st.tuples(st.integers(0, 1 << 20), MESSAGES), max_size=12), min_size=1, max_size=4)


def saved(tracks, division: int) -> tuple[bytes, list]:
    """(a type 1 file as mido writes it, its channel messages and tempos at ticks in order)"""
    file, wanted = mido.MidiFile(type=1, ticks_per_beat=division), []
    for rows in tracks:
        track, tick = mido.MidiTrack(), 0
        for delta, message in rows:
            tick += delta
            track.append(message.copy(time=delta))
            if message.type == "set_tempo":
                wanted.append((tick, message.tempo))
            elif not message.is_meta and message.type != "sysex":
                wanted.append((tick, bytes(message.bytes())))
        file.tracks.append(track)
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue(), sorted(wanted, key=lambda row: row[0])


@given(SONGS, st.integers(1, 32767))
def test_a_written_song_is_read_as_it_was(tracks, division):
    raw, wanted = saved(tracks, division)
    score = read_smf(raw)
    assert list(score.rows) == wanted and score.ticks_per_beat == division and score.damage == ()


@given(SONGS, st.data())
def test_mutated_bytes_are_read_or_refused(tmp_path_factory, tracks, data):
    raw = bytearray(saved(tracks, 480)[0])
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=8)):
        raw[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(raw)) | st.just(len(raw)))
    file = tmp_path_factory.getbasetemp() / "mutated.mid"
    file.write_bytes(raw[:cut])
    try:
        song = read_song(file, SR_HZ, drums=True, program_changes=True)
    except UserError as error:
        assert str(error) and "\n" not in str(error) and len(str(error)) < 500
    else:
        frames = [frame for frame, _ in song.events]
        assert frames == sorted(frames) and len(song.told) < 500
