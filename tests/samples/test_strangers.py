"""Recordings as other people's folders hold them: soft, high, streamed, beside a Mac's leftovers, under names that are no text."""

import json
import os
import struct
import sys

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from synth.errors import UserError
from synth.samples import dataset
from synth.samples.collect import collect
from synth.samples.flac import mended_flac
from synth.samples.folder import read_file
from synth.samples.pitch import find_pitch
from synth.samples.reading import read_mono
from synth.timbres.sample_input import read_sound

RATE_HZ = 44_100
FORK = struct.pack(">IIQQH", 0x00051607, 0x00020000, 0, 0, 2) + bytes(58)


def note(seconds=1.0, freq_hz=220.0, peak_db=-6.0, count=12):
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    sound = sum(np.sin(2 * np.pi * freq_hz * k * t + k * k) / k for k in range(1, count + 1) if freq_hz * k < 0.45 * RATE_HZ)
    return sound / np.abs(sound).max() * 10 ** (peak_db / 20)


def pitches(path):
    found = read_file(path, path.name)
    assert not found.refusals, found.refusals
    return [cut.freq_hz for _, cut in found.cuts]


@pytest.mark.parametrize(("peak_db", "before_s", "after_s"), [
    (-6, 0, 0.5), (-25, 0, 0.5), (-50, 0, 0.5), (-25, 0, 8.0), (-50, 0, 8.0), (-40, 3.0, 0.1), (-50, 3.0, 0.1), (-40, 60.0, 20.0)])
def test_a_soft_note_among_silence_is_taken_and_encoded(tmp_path, peak_db, before_s, after_s):
    rest = [1e-5 * np.random.default_rng(i).normal(size=int(s * RATE_HZ)) for i, s in enumerate((before_s, after_s))]
    samples = np.concatenate([rest[0], note(2.5, 233.08, peak_db) * np.minimum(1, np.arange(int(2.5 * RATE_HZ)) / 4000), rest[1]])
    soundfile.write(tmp_path / "n.flac", samples, RATE_HZ, subtype="PCM_24")
    found = pitches(tmp_path / "n.flac")
    assert found and np.abs(1200 * np.log2(np.array(found) / 233.08)).max() < 2
    sound = read_sound(tmp_path / "n.flac")
    assert abs(1200 * np.log2(sound.source_hz / 233.08)) < 2 and not sound.told


@given(st.floats(27.5, 4700), st.sampled_from([16_000, 22_050, 44_100, 48_000, 96_000]), st.integers(1, 20), st.integers(0, 2**32 - 1))
def test_the_pitch_of_any_note_of_a_piano_is_right(freq_hz, rate_hz, count, seed):
    rng, t = np.random.default_rng(seed), np.arange(max(2048, rate_hz // 10)) / rate_hz
    sound = sum(np.sin(2 * np.pi * freq_hz * k * t + rng.uniform(0, 6.3)) / k for k in range(1, count + 1) if freq_hz * k < 0.45 * rate_hz)
    found, clarity = find_pitch(sound + 1e-3 * rng.normal(size=len(t)), rate_hz)
    assert clarity > 0.9 and abs(1200 * np.log2(found / freq_hz)) < 3


@pytest.mark.parametrize("freq_hz", [5500.0, 7000.0, 9999.0, 15_000.0])
def test_what_is_higher_than_every_note_is_left_out_with_its_reason(tmp_path, freq_hz):
    soundfile.write(tmp_path / "h.wav", note(freq_hz=freq_hz, count=3), RATE_HZ)
    assert "is higher than 5000 Hz" in read_file(tmp_path / "h.wav", "h.wav").refusals[0].reason


@pytest.mark.parametrize(("channels", "rate_hz", "seconds"), [(1, 44_100, 1.0), (2, 48_000, 2.3), (1, 11_025, 0.5), (2, 22_050, 61.0)])
def test_a_flac_that_does_not_know_its_length_is_read_whole(tmp_path, channels, rate_hz, seconds):
    t = np.arange(int(seconds * rate_hz)) / rate_hz
    samples = np.tile(0.3 * sum(np.sin(2 * np.pi * 220 * k * t + k) / k for k in range(1, 9))[:, None], channels)
    soundfile.write(tmp_path / "s.flac", samples, rate_hz)
    whole = bytearray((tmp_path / "s.flac").read_bytes())
    whole[21], whole[22:26] = whole[21] & 0xF0, bytes(4)
    (tmp_path / "s.flac").write_bytes(whole)
    assert len(read_mono(tmp_path / "s.flac")[0]) == len(samples)
    assert np.abs(1200 * np.log2(np.array(pitches(tmp_path / "s.flac")) / 220)).max() < 1
    (tmp_path / "half.flac").write_bytes(whole[:60])
    with open(tmp_path / "half.flac", "rb") as file:
        assert mended_flac(file) is None


def test_what_systems_leave_beside_sounds_is_neither_taken_nor_told(tmp_path):
    folder = tmp_path / "in"
    for name in ("__MACOSX", ".hidden", "@eaDir", "sub/__MACOSX", "$RECYCLE.BIN"):
        (folder / name).mkdir(parents=True)
        soundfile.write(folder / name / "copy.wav", note(), RATE_HZ)
        (folder / name / "._a.wav").write_bytes(FORK)
    soundfile.write(folder / "a.mp3", note(2.0), RATE_HZ, format="MP3")
    for name in ("._a.mp3", "._gone.wav", ".DS_Store", "Thumbs.db", "desktop.ini", "sub/._b.wav", "Icon\r"):
        (folder / name).write_bytes(FORK)
    (folder / "._link.wav").symlink_to("nowhere")
    report = collect(folder, tmp_path / "d.npz")
    assert set(report.files) == {"a.mp3"} and not report.left_out and not report.remarks
    assert np.abs(1200 * np.log2(dataset.load(tmp_path / "d.npz")[0].source_hz / 220)).max() < 5
    with pytest.raises(UserError, match="resource fork"):
        read_sound(folder / "._a.mp3")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names there are text")
def test_names_that_are_no_text_are_read_written_and_stored(cli, tmp_path):
    odd = [os.fsdecode(name) for name in (b"mod\x85.wav", b"mod\x86.wav", b"t\xff.wav")]
    (tmp_path / "in").mkdir()
    for name, freq_hz in zip(odd, (220.0, 110.0, 330.0), strict=True):
        with open(tmp_path / "in" / name, "wb") as file:
            soundfile.write(file, note(freq_hz=freq_hz), RATE_HZ, format="WAV")
    (tmp_path / "in" / os.fsdecode(b"song\x85.m4a")).write_bytes(b"")
    output = os.fsdecode(b"out\x85.npz")
    report = json.loads(cli("cycles", "in", "-o", output, "--json", check=True).stdout)
    assert report["files"] == {"mod?.wav": 1, "mod?.wav (2)": 1, "t?.wav": 1} and "song?.m4a" in report["left_out"]
    assert report["dataset"] == output and (tmp_path / report["page"]).is_file()
    found, _ = dataset.load(tmp_path / output)
    assert np.abs(found.source_hz - [220, 110, 330]).max() < 0.1 and found.name[0] == "mod?.wav:0"
    assert len(dataset.load(tmp_path / "in")[0]) == 3
    cli("cycles", "in", "-o", os.fsdecode(b"d\x85"), check=True)
    encoded = cli("encode", tmp_path / "in" / odd[0], "-o", os.fsdecode(b"p\x85.json"), check=True)
    assert "220.0" in encoded.stdout and (tmp_path / os.fsdecode(b"p\x85.json")).is_file()
    done = cli("encode", os.fsdecode(b"nothing\x85.wav"))
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "Traceback" not in done.stderr
