"""Tables as every program writes them, in each container and depth: tagged ones exact, untagged ones by the rule, none torn at its wrap."""

import base64
import json
import struct

import numpy as np
import pytest
import soundfile

from synth.errors import UserError
from synth.samples.wavetable import read_frames, read_wavetable
from tests.samples.test_frames import CLM, RATE_HZ, chunk, riff, saws, sines

DEPTHS = {"PCM_U8": 7, "PCM_16": 15, "PCM_24": 23, "PCM_32": 31, "FLOAT": 24, "DOUBLE": 50}
CONTAINERS = {".wav": DEPTHS, ".w64": DEPTHS, ".rf64": DEPTHS, ".flac": ("PCM_16", "PCM_24"), ".aiff": ("PCM_16", "PCM_24", "FLOAT"),
              ".caf": ("PCM_16", "FLOAT"), ".au": ("PCM_16", "FLOAT")}


@pytest.mark.parametrize(("suffix", "subtype"), [(suffix, subtype) for suffix, depths in CONTAINERS.items() for subtype in depths])
@pytest.mark.parametrize("frames", [saws(12, 1024), sines(5, 2048), saws(64, 256), sines(1, 600)],
                         ids=["1024", "2048", "waveedit", "cycle"])
def test_untagged_tables_of_every_container_and_depth(tmp_path, suffix, subtype, frames):
    kind = {".w64": "W64", ".rf64": "RF64"}.get(suffix)
    soundfile.write(tmp_path / f"t{suffix}", 0.5 * frames.ravel(), RATE_HZ, subtype=subtype, format=kind)
    table = read_wavetable(tmp_path / f"t{suffix}")
    wanted = 0.5 * (frames - frames.mean(1, keepdims=True))
    assert table.frames.shape == frames.shape and np.abs(table.frames - wanted).max() < 2.5 * 2.0 ** -DEPTHS[subtype]
    assert ("guessed" in table.told) == (len(frames) > 1)


def wav(frames, bits, *tags):
    """A WAV by hand: 8, 16, 24, 32 (whole), -32 and -64 (float) bits."""
    x = frames.ravel()
    top = 1 << (abs(bits) - 1)
    packed = {8: lambda: (np.round(x * 128) + 128).astype("u1"), 16: lambda: np.round(x * top).clip(-top, top - 1).astype("<i2"),
              24: lambda: np.round(x * top).clip(-top, top - 1).astype("<i4").view("u1").reshape(-1, 4)[:, :3],
              32: lambda: np.round(x * top).clip(-top, top - 1).astype("<i4"), -32: lambda: x.astype("<f4"), -64: lambda: x.astype("<f8")}
    step = abs(bits) // 8
    form = chunk(b"fmt ", struct.pack("<HHIIHH", 3 if bits < 0 else 1, 1, RATE_HZ, RATE_HZ * step, step, abs(bits)))
    return riff(form, *tags, chunk(b"data", packed[bits]().tobytes()))


TAGS = {"serum": (2048, chunk(b"clm ", b"<!>2048 01000000 wavetable (www.xferrecords.com)")),
        "vital": (2048, chunk(b"clm ", b"<!>2048 20000000 wavetable (vital.audio) [somebody]")),
        "clm of 256": (256, chunk(b"clm ", CLM % 256)), "hive": (2048, chunk(b"uhWT", b"\0" * 16)),
        "surge": (512, chunk(b"srge", struct.pack("<ii", 1, 512)))}


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("bits", [8, 16, 24, 32, -32, -64])
def test_tagged_wavs_are_exact_in_every_depth(tmp_path, tag, bits):
    size, data = TAGS[tag]
    frames = 0.5 * saws(6, size)
    (tmp_path / "t.wav").write_bytes(wav(frames, bits, data))
    table = read_frames(tmp_path / "t.wav")
    assert table.frames.shape == frames.shape and not table.told
    assert np.abs(table.frames - frames).max() <= {8: 1 / 255, 16: 2**-15, 24: 2**-23, 32: 2**-31, -32: 1e-7, -64: 0}[bits]


@pytest.mark.parametrize(("flags", "scale"), [(0, 1), (4, 16384), (12, 32768), (2, 1)])
@pytest.mark.parametrize("size", [2, 64, 2048, 4096])
def test_surges_own_are_exact_in_every_depth(tmp_path, flags, scale, size):
    if size < 8:
        frames = np.array([[0.5, -0.5]])
    else:
        frames = np.round(0.5 * saws(3, size) * 16384) / 16384
    data = (frames * scale).astype("<i2" if flags & 4 else "<f4").tobytes()
    (tmp_path / "t.wt").write_bytes(b"vawt" + struct.pack("<IHH", size, len(frames), flags) + data)
    if size < 8:
        with pytest.raises(UserError, match="a frame of 2 samples"):
            read_frames(tmp_path / "t.wt")
    else:
        assert np.array_equal(read_frames(tmp_path / "t.wt").frames, frames)


def steps_at_wrap(frames):
    """The step from each frame's end to its beginning, in the largest of those inside it."""
    steps = np.abs(np.diff(frames, axis=1, append=frames[:, :1]))
    return steps[:, -1] / steps[:, :-1].max(1)


@pytest.mark.parametrize(("samples", "size"), [
    (np.sin(np.arange(40_000) / 31), 2048), (np.sin(np.arange(9000) / 31) + np.sin(np.arange(9000) / 17), 1000),
    (np.cumsum(np.random.default_rng(1).normal(size=30_000)) / 300, 600)])
def test_frames_cut_from_a_sound_that_runs_on_are_closed(tmp_path, samples, size):
    soundfile.write(tmp_path / "r.wav", 0.4 * samples / np.abs(samples).max(), RATE_HZ, subtype="FLOAT")
    table = read_wavetable(tmp_path / "r.wav", size)
    count = len(samples) // size
    torn = (0.4 * samples / np.abs(samples).max())[:count * size].reshape(-1, size)
    assert steps_at_wrap(torn).max() > 3 and steps_at_wrap(table.frames).max() <= 1
    assert "blended" in table.told and ("no whole frame" in table.told) == (len(samples) % size > 0)


def test_a_collection_of_cycles_is_given_to_the_bit_where_one_leads_into_the_next_by_chance(tmp_path):
    n = np.arange(600) / 600
    frames = np.array([0.5 * np.sin(2 * np.pi * (k + 1) * n + k) for k in range(12)])
    frames[4] = n - 0.5  # a sawtooth whose jump is at the wrap, before a cycle that begins where it ends
    frames[5] = 0.5 * np.cos(2 * np.pi * n)
    soundfile.write(tmp_path / "c.wav", frames.ravel(), RATE_HZ, subtype="DOUBLE")
    table = read_frames(tmp_path / "c.wav", 600)
    assert np.allclose(table.frames, frames, rtol=0, atol=1e-6) and "blended" not in table.told


def test_a_given_frame_size_wins_and_leaves_whole_frames_alone(tmp_path):
    frames = saws(6, 1024)
    (tmp_path / "t.wav").write_bytes(wav(0.5 * frames, -32, chunk(b"clm ", CLM % 2048)))
    assert np.allclose(read_frames(tmp_path / "t.wav", 1024).frames, 0.5 * frames, atol=1e-7)
    (tmp_path / "t.wt").write_bytes(b"vawt" + struct.pack("<IHH", 2048, 3, 0) + frames.astype("<f4").tobytes())
    assert np.allclose(read_frames(tmp_path / "t.wt", 1024).frames, frames, atol=1e-7)


def vitaltable(*keyframes, **part):
    rows = [{"position": p, "wave_data": w if isinstance(w, str) else base64.b64encode(w.astype("<f4").tobytes()).decode()}
            for p, w in keyframes]
    return json.dumps({"version": "1.0.7", "name": "n", "author": "a", "remove_all_dc": True, "full_normalize": True,
                       "groups": [{"components": [{"type": "Wave Source", "interpolation": 1, "interpolation_style": 1,
                                                   "keyframes": rows} | part]}]}).encode()


def test_vitals_keyframes_are_frames_where_they_stand_evenly(tmp_path):
    one, two, three = sines(3, 2048)
    for places in ((0, 128, 256), (0, 1, 2), (0, 100, 200)):
        (tmp_path / "t.vitaltable").write_bytes(b"\xef\xbb\xbf" + vitaltable(*zip(places, (one, two, three), strict=True)))
        assert np.allclose(read_frames(tmp_path / "t.vitaltable").frames, [one, two, three], atol=1e-7)
    (tmp_path / "t.vitaltable").write_bytes(vitaltable((256, three), (0, one), (10, two)))  # in any order
    frames = read_frames(tmp_path / "t.vitaltable").frames
    assert frames.shape == (257, 2048) and np.allclose(frames[[0, 10, 256]], [one, two, three], atol=1e-6)


RIFF_10_GB = riff(chunk(b"fmt ", struct.pack("<HHIIHH", 3, 1, RATE_HZ, 4 * RATE_HZ, 4, 32)), chunk(b"clm ", CLM % 2048),
                  b"data" + struct.pack("<I", 0xFFFFFFF0))
DAMAGED = {
    "size.wt": (b"vawt" + struct.pack("<IHH", 0xFFFFFFFF, 512, 0) + bytes(9000), "do not fit"),
    "ten-gb.wt": (b"vawt" + struct.pack("<IHH", 4_000_000, 640, 0) + bytes(9000), "do not fit"),
    "none.wt": (b"vawt" + struct.pack("<IHH", 2048, 0, 0), "do not fit"),
    "zero.wt": (b"vawt" + struct.pack("<IHH", 0, 3, 0) + bytes(9000), "do not fit"),
    "ten-gb.wav": (RIFF_10_GB, "samples"), "no-frames.vitaltable": (vitaltable(), "no frames"),
    "no-groups.vitaltable": (b'{"groups": []}', "no frames"), "text.vitaltable": (b"dear diary", "Vital"),
    "lies.vitaltable": (vitaltable((0, "AAAA")), "of 3 bytes"), "junk.vitaltable": (vitaltable((0, "not base64!")), "no base64"),
    "long.vitaltable": (vitaltable((0, np.zeros(4096))), "of 16384 bytes"),
    "null.vitaltable": (vitaltable((None, np.ones(2048))), "Vital"), "endless.vitaltable": (vitaltable((1e400, np.ones(2048))), "Vital"),
    "line.vitaltable": (vitaltable((0, np.ones(2048)), type="Line Source"), "only Vital can compute"),
    "twice.vitaltable": (vitaltable((0, np.ones(2048)), (0, np.ones(2048))), "two frames at one place"),
    "nan.vitaltable": (vitaltable((0, np.full(2048, np.nan))), "not numbers"),
    "deep.vitaltable": (b"[" * 100_000, "Vital"), "still.vitaltable": (vitaltable((0, np.zeros(2048))), "silent"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_tables_are_refused_in_one_sentence(tmp_path, name):
    data, words = DAMAGED[name]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UserError, match=words) as told:
        read_wavetable(tmp_path / name)
    assert str(told.value).startswith(str(tmp_path / name)) and "\n" not in str(told.value)


def test_what_a_damaged_file_still_holds_is_read_and_told(tmp_path):
    (tmp_path / "t.wt").write_bytes(b"vawt" + struct.pack("<IHH", 2048, 9, 0) + sines(3, 2048).astype("<f4").tobytes())
    table = read_wavetable(tmp_path / "t.wt")
    assert len(table.frames) == 3 and "tells 9 frames, 3 are there" in table.told
