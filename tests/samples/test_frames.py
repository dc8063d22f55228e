"""Wavetables as other programs write them: their frames are found by what the file tells, or guessed and told; a recording is none."""

import struct

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from synth.errors import UserError
from synth.samples.folder import read_file
from synth.samples.wavetable import read_wavetable
from tests.samples.test_dataset import tone

RATE_HZ = 44_100
CLM = b"<!>%d 01000000 wavetable (www.example.com)"


def sines(count, size):
    """Frame i holds harmonic i + 1 alone: a frame of another size holds other ones."""
    return np.stack([0.5 * np.sin(2 * np.pi * (i + 1) * np.arange(size) / size) for i in range(count)])


def chunk(name, data, size=None, pad=True):
    """A chunk whose header may tell another size, and whose pad byte may be missing."""
    return name + struct.pack("<I", len(data) if size is None else size) + data + b"\0" * (pad and len(data) % 2)


FORM = chunk(b"fmt ", struct.pack("<HHIIHH", 3, 1, RATE_HZ, 4 * RATE_HZ, 4, 32))


def sound(frames):
    return np.asarray(frames, "<f4").tobytes()


def riff(*chunks, form=b"RIFF", size=None):
    body = b"WAVE" + b"".join(chunks)
    return form + struct.pack("<I", len(body) if size is None else size) + body


def smpl(*loops):
    rows = b"".join(struct.pack("<6I", i, 0, start, end, 0, 0) for i, (start, end) in enumerate(loops))
    return chunk(b"smpl", struct.pack("<9I", *[0] * 7, len(loops), 0) + rows)


def cues(*places):
    return chunk(b"cue ", struct.pack("<I", len(places)) + b"".join(struct.pack("<II4sIII", i, p, b"data", 0, 0, p) for i, p in
                                                                    enumerate(places)))


def wave64(frames):
    def guid(name, data):
        tail = "2e91cf11a5d628db04c10000" if name == b"riff" else "f3acd3118cd100c04f8edb8a"
        return name + bytes.fromhex(tail) + struct.pack("<Q", len(data) + 24) + data + b"\0" * (-len(data) % 8)
    body = b"wave" + bytes.fromhex("f3acd3118cd100c04f8edb8a") + guid(b"fmt ", FORM[8:]) + guid(b"clm ", CLM % 256)
    return guid(b"riff", body + guid(b"data", sound(frames)))


def rf64(form, frames, told):
    data = sound(frames)
    sizes = struct.pack("<QQQI", 0, told, 0, 0)
    return riff(chunk(b"ds64", sizes), FORM, chunk(b"clm ", CLM % 256), b"data" + struct.pack("<I", 0xFFFFFFFF) + data, form=form,
                size=0xFFFFFFFF)


SMALL, LARGE = sines(24, 256), sines(3, 2048)
DATA = sound(LARGE)
TAG, DAT = chunk(b"clm ", CLM % 2048), chunk(b"data", DATA)
ODD = chunk(b"LIST", b"INFOIART\5\0\0\0abcde", pad=False)
LIES = {f"{name} {kind}": (riff(FORM, TAG, b"data" + struct.pack("<I", told) + DATA + after), LARGE)
        for name, told in (("nothing", 0), ("open", 0xFFFFFFFF), ("long", len(DATA) + 4000), ("short", len(DATA) // 3))
        for kind, after in (("alone", b""), ("before a chunk", chunk(b"LIST", b"INFO")))}
TABLES = {
    "clm": (riff(FORM, TAG, DAT), LARGE),
    "srge": (riff(FORM, chunk(b"srge", struct.pack("<ii", 1, 256)), chunk(b"data", sound(SMALL))), SMALL),
    "srgo": (riff(FORM, chunk(b"srgo", struct.pack("<ii", 1, 256)), chunk(b"data", sound(SMALL))), SMALL),
    "uhWT": (riff(FORM, chunk(b"uhWT", b"x" * 9), DAT), LARGE), "behind": (riff(FORM, DAT, TAG), LARGE),
    "loop": (riff(FORM, smpl((0, 255)), chunk(b"data", sound(SMALL))), SMALL),
    "loop to the sample behind": (riff(FORM, smpl((256, 512)), chunk(b"data", sound(SMALL))), SMALL),
    "loops": (riff(FORM, smpl(*((i * 256, i * 256 + 255) for i in range(24))), chunk(b"data", sound(SMALL))), SMALL),
    "cues": (riff(FORM, cues(*range(0, 24 * 256, 256)), chunk(b"data", sound(SMALL))), SMALL),
    "odd, no pad, before": (riff(FORM, ODD, TAG, DAT), LARGE),
    "odd, no pad, behind": (riff(FORM, DAT, ODD, TAG), LARGE),
    "RF64": (rf64(b"RF64", SMALL, SMALL.size * 4), SMALL), "BW64": (rf64(b"BW64", SMALL, SMALL.size * 4), SMALL),
    "RF64 lies": (rf64(b"RF64", SMALL, 0), SMALL), "W64": (wave64(SMALL), SMALL), **LIES,
    "list too long": (riff(FORM, chunk(b"LIST", b"INFO", 99_999_999), TAG, DAT), LARGE),
}


@pytest.mark.parametrize("kind", TABLES)
def test_a_wavetables_frames_are_what_its_file_tells(tmp_path, kind):
    data, frames = TABLES[kind]
    (tmp_path / "t.wav").write_bytes(data)
    table = read_wavetable(tmp_path / "t.wav")
    assert table.frames.shape == frames.shape and np.abs(table.frames - frames).max() < 1e-6
    assert ("its header tells" in table.told) == kind.startswith(("long", "short")) and "guessed" not in table.told
    assert len(read_file(tmp_path / "t.wav", "t").cuts) == len(frames)


def saws(count, size):
    at = np.arange(size) / size
    return np.stack([1 - 2 * at + i / count * np.sin(6 * np.pi * at) for i in range(count)])


@pytest.mark.parametrize(("frames", "count"), [
    (sines(64, 256), 64), (saws(64, 256), 64), (saws(8, 2048), 8), (sines(8, 2048), 8), (saws(12, 1024), 12), (sines(5, 4096), 5),
    (np.stack([tone(2048, i) for i in range(8)]), 8), (np.stack([tone(256, i) for i in range(64)]), 64),
    (sines(1, 8192), 1), (saws(1, 8192), 1), (np.random.default_rng(0).normal(size=(9, 2048)), 9),
])
@pytest.mark.parametrize("subtype", ["FLOAT", "PCM_16"])
def test_a_guessed_frame_size_is_right_and_told(tmp_path, frames, count, subtype):
    soundfile.write(tmp_path / "t.wav", 0.2 * frames.ravel(), RATE_HZ, subtype=subtype)
    table = read_wavetable(tmp_path / "t.wav")
    assert len(table.frames) == count and "guessed" in table.told and f"{frames.shape[1]} samples" in table.told
    assert not read_wavetable(tmp_path / "t.wav", frames.shape[1]).told


@pytest.mark.parametrize(("samples", "tag", "count", "told"), [
    (sines(1, 600), 2048, 1, "one cycle"), (sines(3, 2048).ravel()[:-700], 2048, 2, "left out"),
    (np.interp(np.arange(6687) / 6687 * 6144, np.arange(6144), sines(3, 2048).ravel()), 2048, 3, "resampled"),
    (sines(3, 2048), 256, 24, "do not close"),
])
def test_a_tag_that_contradicts_its_file_is_told(tmp_path, samples, tag, count, told):
    (tmp_path / "t.wav").write_bytes(riff(FORM, chunk(b"clm ", CLM % tag), chunk(b"data", sound(samples))))
    table = read_wavetable(tmp_path / "t.wav")
    assert len(table.frames) == count and told in table.told
    if told == "resampled":
        assert np.abs(np.fft.rfft(table.frames[2])).argmax() == 3


def note(n, freq_hz=220.0):
    t = np.arange(n) / RATE_HZ
    return 0.2 * sum(np.sin(2 * np.pi * freq_hz * k * t + k) / k for k in range(1, 30)) * np.exp(-t)


@pytest.mark.parametrize("samples", [
    note(47 * 2048), note(4 * 2048, 331.0), note(64 * 256, 97.3), note(88_200), note(100_001),
    np.random.default_rng(0).normal(size=32_768) * np.exp(-np.arange(32_768) / 2000),
])
@pytest.mark.parametrize("extra", [b"", smpl((30_000, 30_167)), smpl((0, 40_000))])
def test_a_recording_is_no_wavetable(tmp_path, samples, extra):
    (tmp_path / "r.wav").write_bytes(riff(FORM, extra, chunk(b"data", sound(samples))))
    with pytest.raises(UserError, match="sounds like a recording"):
        read_wavetable(tmp_path / "r.wav")


def test_a_cycle_cut_short_is_refused_and_a_note_cut_short_is_used(tmp_path):
    whole = riff(FORM, chunk(b"data", sound(sines(1, 2048))))
    (tmp_path / "c.wav").write_bytes(whole[:-2000])
    with pytest.raises(UserError, match="cut short"):
        read_wavetable(tmp_path / "c.wav")
    (tmp_path / "n.wav").write_bytes(riff(FORM, chunk(b"data", sound(note(88_200))))[:-90_000])
    found = read_file(tmp_path / "n.wav", "n.wav")
    assert abs(found.cuts[0][1].freq_hz - 220) < 0.1 and "its header tells" in found.remark


@given(st.lists(st.tuples(st.sampled_from([b"LIST", b"bext", b"zzzz", b"id3 "]), st.binary(max_size=40), st.booleans()), max_size=4),
       st.integers(0, 4), st.booleans())
def test_sound_is_found_among_any_chunks(tmp_path_factory, strangers, place, pad_last):
    """Chunks of any even or padded length before and after the sound change nothing."""
    rows = [chunk(name, data) for name, data, _ in strangers]
    rows.insert(min(place, len(rows)), TAG + chunk(b"data", DATA))
    path = tmp_path_factory.getbasetemp() / "among.wav"
    path.write_bytes(riff(FORM, *rows))
    assert np.abs(read_wavetable(path).frames - LARGE).max() < 1e-6
