"""What we write is what its owners read, to the byte: told by a reader of the tests' own, which knows the formats and not our code."""

import base64
import json
import struct

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from synth.errors import UserError
from synth.render.table_fit import resized, without_dc
from synth.render.wavetable_files import LAYOUTS, write_wavetable
from synth.samples.wavetable import read_frames
from tests.samples.test_frames import sines

OWNERS = {"serum": ("t.wav", 32), "vital": ("t.wav", 16), "surge": ("t.wav", 32), "waveedit": ("t.wav", 16), "wt": ("t.wt", 32),
          "vitaltable": ("t.vitaltable", 32), "flac": ("t.flac", 24)}


def chunks(data):
    """Name -> data of a RIFF file, each in its place and padded; the whole length as it says."""
    assert data[:4] == b"RIFF" and data[8:12] == b"WAVE" and struct.unpack("<I", data[4:8])[0] == len(data) - 8
    found, at = {}, 12
    while at < len(data):
        name, size = data[at:at + 4], struct.unpack("<I", data[at + 4:at + 8])[0]
        found[name] = data[at + 8:at + 8 + size]
        at += 8 + size + size % 2
    assert at == len(data)
    return found


def samples_of(form, data):
    kind, channels, rate_hz, _, step, bits = struct.unpack("<HHIIHH", form)
    assert channels == 1 and step == bits // 8 and (kind == 3) == (bits == 32)
    if bits == 24:
        raw = np.frombuffer(data, np.uint8).reshape(-1, 3)
        return (np.pad(raw, ((0, 0), (1, 0))).view("<i4").ravel() >> 8) / 2**23, rate_hz
    return (np.frombuffer(data, "<f4").astype(float) if bits == 32 else np.frombuffer(data, "<i2") / 2**15), rate_hz


def independent(path):
    """(frames, rate in Hz or 0) of a file that says its frame size, by the facts of its format alone."""
    data = path.read_bytes()
    if path.suffix == ".wt":
        assert data[:4] == b"vawt"
        size, count, flags = struct.unpack("<IHH", data[4:12])
        assert flags in (0, 12) and len(data) == 12 + size * count * (2 if flags else 4)
        return (np.frombuffer(data[12:], "<i2") / 2**15 if flags else np.frombuffer(data[12:], "<f4")).reshape(count, size), 0
    if path.suffix == ".vitaltable":
        table = json.loads(data)
        assert {"version", "name", "author", "groups", "remove_all_dc", "full_normalize"} <= table.keys()
        (part,), = (group["components"] for group in table["groups"])
        assert part["type"] == "Wave Source" and {"interpolation", "interpolation_style"} <= part.keys()
        places = [row["position"] for row in part["keyframes"]]
        assert places[0] == 0 and places == sorted(set(places)) and (len(places) == 1 or places[-1] == 256)
        return np.array([np.frombuffer(base64.b64decode(row["wave_data"]), "<f4") for row in part["keyframes"]]), 0
    if path.suffix == ".flac":
        samples, rate_hz = soundfile.read(path)
        at = data.index(b"riffclm ") + 12
        return samples.reshape(-1, int(data[at + 3:at + 7])), rate_hz
    found = chunks(data)
    samples, rate_hz = samples_of(found[b"fmt "], found[b"data"])
    if b"srge" in found:
        version, size = struct.unpack("<ii", found[b"srge"])
        assert version == 1
    else:
        size = int(found[b"clm "][3:7]) if b"clm " in found else 256
    return samples.reshape(-1, size), rate_hz


@pytest.mark.parametrize("owner", OWNERS)
def test_what_is_written_is_what_the_facts_say(tmp_path, owner):
    layout, (name, bits) = LAYOUTS[owner], OWNERS[owner]
    frames = 0.9 * sines(7, layout.frame_size or 512)
    told = write_wavetable(tmp_path / name, frames, owner)
    read, rate_hz = independent(tmp_path / name)
    assert rate_hz == {"vital": 88_200, "wt": 0, "vitaltable": 0}.get(owner, 44_100)
    assert read.shape == {"vital": (256, 2048), "waveedit": (64, 256)}.get(owner, frames.shape)
    assert np.abs(read - told.frames).max() <= (6e-8 if bits == 32 else 0.51 / 2 ** (bits - 1))
    data = (tmp_path / name).read_bytes()
    text = {"serum": b"<!>2048 10000000 wavetable (www.xferrecords.com)", "vital": b"<!>2048 20000000 wavetable (vital.audio)"}.get(owner)
    if name == "t.wav":
        found = chunks(data)
        assert found.get(b"clm ") == text and (b"srge" in found) == (owner == "surge")
    again = read_frames(tmp_path / name)
    assert np.array_equal(again.frames, read) and ("guessed" in again.told) == (owner == "waveedit")
    assert [p.name for p in tmp_path.iterdir()] == [name]


FLOATS = st.floats(-1, 1, width=32, allow_subnormal=False)


@given(arrays(np.float32, st.tuples(st.integers(1, 5), st.just(32)), elements=FLOATS),
       st.sampled_from(["wt", "surge", "serum", "vitaltable"]))
def test_floats_come_back_bit_for_bit(tmp_path_factory, small, owner):
    frames = np.tile(small, 64 if owner in ("serum", "vitaltable") else 8)
    path = tmp_path_factory.getbasetemp() / OWNERS[owner][0]
    write_wavetable(path, frames, owner)
    assert np.array_equal(independent(path)[0], frames) and np.array_equal(read_frames(path).frames, frames)


@given(arrays(np.int16, st.tuples(st.integers(1, 4), st.just(64))), st.sampled_from(["wt", "surge", "serum", "flac"]))
def test_sixteen_bits_come_back_bit_for_bit(tmp_path_factory, small, owner):
    """No doubled level, no rounding: what was 16 bits deep is written as the same numbers."""
    frames = np.tile(small, 32) / 2**15
    path = tmp_path_factory.getbasetemp() / OWNERS[owner][0]
    write_wavetable(path, frames, owner, 16)
    assert np.array_equal(independent(path)[0], frames) and np.array_equal(read_frames(path).frames, frames)


@pytest.mark.parametrize("size", [600, 256, 1024, 2047, 4096])
def test_a_frame_is_resampled_as_the_period_it_is(size):
    """Harmonics stay where they are and as loud; no step at the wrap that is larger than inside the cycle."""
    at = np.arange(size) / size
    frames = np.stack([sum(np.sin(2 * np.pi * (k * at + k * k / 7)) / k for k in range(1, top)) for top in (3, 40, 100)])
    found, told = resized(frames, 2048)
    h, wanted = (np.fft.rfft(x, axis=1)[:, :101] / x.shape[1] for x in (found, frames))
    assert np.abs(h - wanted).max() < 1e-12 and "above" not in told and f"{size} samples" in told
    assert np.abs(np.fft.rfft(found, axis=1)[:, 101:]).max() < 1e-9
    steps = np.abs(np.diff(found, axis=1, append=found[:, :1]))
    assert (steps[:, -1] <= steps[:, :-1].max(1) * (1 + 1e-9)).all()


def test_what_does_not_fit_is_told(tmp_path):
    at = np.arange(2048) / 2048
    bright = np.sin(2 * np.pi * 300 * at)[None] * 0.5
    assert "harmonics above the 127th" in write_wavetable(tmp_path / "w.wav", bright + sines(3, 2048), "waveedit").told
    loud = write_wavetable(tmp_path / "l.wt", 3 * sines(3, 2048))
    assert "lowered by 3.5 dB" in loud.told and np.abs(independent(tmp_path / "l.wt")[0]).max() == 1
    many = write_wavetable(tmp_path / "m.wav", np.tile(sines(1, 2048), (300, 1)))
    assert len(many.frames) == 256 and "of 300 frames 256" in many.told
    frames, told = without_dc(sines(2, 64) + 0.25)
    assert np.abs(frames - sines(2, 64)).max() < 1e-12 and "-12 dBFS" in told
    assert without_dc(sines(2, 64)) == (pytest.approx(sines(2, 64), abs=0), "")
    with pytest.raises(UserError, match="24 bits are not written"):
        write_wavetable(tmp_path / "x.wt", sines(2, 64), None, 24)
    with pytest.raises(UserError, match="cannot be written"):
        write_wavetable(tmp_path / "no" / "x.wt", sines(2, 64))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["l.wt", "m.wav", "w.wav"]
