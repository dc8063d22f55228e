"""Keys, velocities and takes from names and from maps of others; a name that contradicts the sound does not win."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.errors import UserError
from synth.tracks.maps import read_map
from synth.tracks.names import DYNAMICS, Told, key_name, read_name, settle_key
from tests.tracks.sounds import key_hz


@pytest.mark.parametrize("stem, told", [
    ("Cello_C#3_ff", Told(49, 112)), ("60_100", Told(60, 100)), ("Piano_060_127_RR1", Told(60, 127, 1)),
    ("Tuba_Bb1_p_take3", Told(34, 49, 3)),
    ("Violin-A#4-mf", Told(70, 80)), ("gm43-velocity96", Told(None, 96)), ("kick 01", Told()),
    ("strings A4 v100", Told(69, 100)), ("C-1", Told(0)),
    ("flute", Told()), ("Übung_c4", Told(60))])
def test_names_say_key_velocity_and_take(stem, told):
    assert read_name(stem) == told


@given(st.integers(0, 127), st.sampled_from(sorted(DYNAMICS)), st.sampled_from("_- ."), st.integers(1, 9))
def test_any_written_name_is_read(key, dynamic, between, take):
    found = read_name(between.join(["Cello", key_name(key), dynamic, f"rr{take}"]))
    assert found == Told(key, DYNAMICS[dynamic], take)


@given(st.text(max_size=60))
def test_no_name_ends_the_program(stem):
    told = read_name(stem, 220.0)
    assert told.key is None or 0 <= told.key <= 127
    assert told.velocity is None or 1 <= told.velocity <= 127


def test_the_number_that_sounds_is_the_key():
    assert read_name("12_57_90", key_hz(57)).key == 57


def test_the_sound_decides_against_its_name():
    assert settle_key(60, key_hz(60) * 1.02) == (60, "")
    assert settle_key(72, key_hz(60)) == (60, "")  # names count octaves differently
    key, words = settle_key(64, key_hz(60))
    assert key == 60 and "E4" in words and "C4" in words


SFZ = """// mine
<control> default_path=sounds/
<global> lovel=1 hivel=127
<group> lokey=c3 hikey=d#3
<region> sample=low one.wav pitch_keycenter=49 hivel=64
<region> sample=low two.wav pitch_keycenter=c#3 lovel=65 seq_position=2
<group>
<region> sample=..\\high.flac key=72
"""
DSPRESET = """<?xml version="1.0"?><DecentSampler><groups><group loVel="1" hiVel="80">
<sample path="a.wav" rootNote="60" loNote="55" hiNote="62"/>
<sample path="b.wav" rootNote="64" loNote="63" hiNote="70" loVel="81" hiVel="127"/>
</group></groups></DecentSampler>"""


def test_an_sfz_map_is_read(tmp_path):
    (tmp_path / "a.sfz").write_text(SFZ)
    low, two, high = read_map(tmp_path / "a.sfz")
    assert (low.path.name, low.key, low.keys, low.velocities) == ("low one.wav", 49, (48, 51), (1, 64))
    assert (two.path.name, two.key, two.velocities, two.take) == ("low two.wav", 49, (65, 127), 2)
    assert (high.path, high.key, high.keys) == (tmp_path / "sounds" / ".." / "high.flac", 72, (72, 72))


def test_a_decent_sampler_map_is_read(tmp_path):
    (tmp_path / "a.dspreset").write_text(DSPRESET)
    a, b = read_map(tmp_path / "a.dspreset")
    assert (a.path, a.key, a.keys, a.velocities) == (tmp_path / "a.wav", 60, (55, 62), (1, 80))
    assert (b.key, b.keys, b.velocities) == (64, (63, 70), (81, 127))


@pytest.mark.parametrize("name, text", [
    ("bomb.dspreset", '<!DOCTYPE x [<!ENTITY a "aaaa">]><DecentSampler>&a;</DecentSampler>'), ("cut.dspreset", DSPRESET[:80]),
    ("empty.sfz", "<region>"), ("deep.dspreset", "<a>" * 50_000)])
def test_a_damaged_or_hostile_map_is_refused(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(UserError, match=name.split(".")[0]):
        read_map(tmp_path / name)


@given(st.binary(max_size=400))
def test_any_bytes_as_a_map(tmp_path_factory, raw):
    folder = tmp_path_factory.mktemp("maps")
    for suffix in (".sfz", ".dspreset"):
        (folder / f"a{suffix}").write_bytes(b"<region> sample=" + raw if suffix == ".sfz" else raw)
        try:
            read_map(folder / f"a{suffix}")
        except UserError:
            pass
