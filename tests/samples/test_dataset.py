"""Folders as musicians have them: formats, sub-folders, odd names, and files that are none."""

import struct

import numpy as np
import pytest
import soundfile

from synth.errors import UserError
from synth.samples import dataset
from synth.samples.spectrum import lsd


def tone(n, seed=0):
    """One cycle of n samples with harmonics that fall by 6 dB an octave, random phases."""
    rng = np.random.default_rng(seed)
    k = np.arange(1, 40)
    angles = 2 * np.pi * np.outer(np.arange(n) / n, k) + rng.uniform(0, 6.28, len(k))
    return 0.3 * np.cos(angles) @ (rng.uniform(0.5, 1.5, len(k)) / k)


@pytest.mark.parametrize(("suffix", "subtype"), [
    ("wav", "FLOAT"), ("WAV", "PCM_16"), ("flac", "PCM_24"), ("aiff", "PCM_16"), ("ogg", None), ("mp3", None),
])
def test_every_format_is_read(tmp_path, suffix, subtype):
    folder = tmp_path / "ünï cödé & spaces" / "sub"
    folder.mkdir(parents=True)
    frames = np.tile(tone(600), 40) if subtype is None else tone(600)
    soundfile.write(folder / f"a b.{suffix}", frames, 44_100, subtype=subtype, format=suffix.upper())
    found, refusals = dataset.load(tmp_path, 600 if subtype is None else None)
    assert not refusals
    assert found.name[0].startswith(f"ünï cödé & spaces/sub/a b.{suffix}")
    middle = len(found) // 2
    if subtype is None:  # lossy: the spectrum's strong part survives
        strong = lsd(tone(600)[None], found.cycles[middle : middle + 1], harmonics=12)
        assert strong[0] < 3
    else:
        assert lsd(tone(600)[None], found.cycles[middle : middle + 1], harmonics=30)[0] < 0.2
        assert found.known_harmonics[0] == 299


def test_frames_are_cut_in_order_and_named(tmp_path):
    cycles = [tone(256, seed) for seed in range(5)]
    soundfile.write(tmp_path / "pack.wav", np.concatenate([*cycles, np.ones(100)]), 48_000, subtype="FLOAT")
    found, _ = dataset.load(tmp_path, 256)
    assert found.name.tolist() == [f"pack.wav:{i}" for i in range(5)]
    assert lsd(np.stack(cycles), found.cycles, harmonics=100).max() < 0.01


def test_stereo_of_opposite_polarity_does_not_cancel(tmp_path):
    soundfile.write(tmp_path / "s.wav", np.stack([tone(600), -tone(600)], 1), 48_000, subtype="FLOAT")
    found, refusals = dataset.load(tmp_path)
    assert not refusals and lsd(tone(600)[None], found.cycles, harmonics=30)[0] < 0.01


def test_bad_files_are_left_out_by_name_and_good_ones_kept(tmp_path):
    soundfile.write(tmp_path / "good.wav", tone(600), 48_000)
    soundfile.write(tmp_path / "silent.wav", np.zeros(600), 48_000)
    soundfile.write(tmp_path / "long.wav", np.random.default_rng(0).uniform(-0.5, 0.5, 48_000), 48_000)
    soundfile.write(tmp_path / "short.wav", np.ones(3), 48_000)
    soundfile.write(tmp_path / "nan.wav", np.full(600, np.nan), 48_000, subtype="FLOAT")
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "text.wav").write_text("this is no sound")
    (tmp_path / "cut.flac").write_bytes(b"fLaC" + bytes(30))
    (tmp_path / "notes.txt").write_text("not a sound, and not spoken of")
    found, refusals = dataset.load(tmp_path)
    assert found.name.tolist() == ["good.wav"]
    reasons = {r.name: r.reason for r in refusals}
    assert set(reasons) == {"silent.wav", "long.wav", "short.wav", "nan.wav", "empty.wav", "text.wav", "cut.flac"}
    assert "--frame-size" in reasons["long.wav"] and "silent" in reasons["silent.wav"]


def test_a_truncated_wav_gives_what_it_holds_or_is_refused(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.tile(tone(600), 4), 48_000)
    whole = (tmp_path / "a.wav").read_bytes()
    (tmp_path / "a.wav").write_bytes(whole[: len(whole) // 2])
    try:
        found, _ = dataset.load(tmp_path, 600)
    except UserError as error:
        assert "a.wav" in str(error)
    else:
        assert 1 <= len(found) <= 2 and np.isfinite(found.cycles).all()


@pytest.mark.parametrize("make", [
    lambda p: p / "nowhere", lambda p: p, lambda p: (p / "x.txt").write_text("x") and p / "x.txt",
    lambda p: (p / "x.npz").write_bytes(b"PK nonsense") and p / "x.npz",
])
def test_nothing_to_read_is_one_sentence(tmp_path, make):
    with pytest.raises(UserError) as error:
        dataset.load(make(tmp_path))
    assert "\n" not in str(error.value)


def test_npz_and_memory_mapped_folder_give_back_what_was_saved(tmp_path):
    soundfile.write(tmp_path / "pack.wav", np.concatenate([tone(256, s) for s in range(4)]), 48_000, subtype="FLOAT")
    first, _ = dataset.load(tmp_path, 256)
    dataset.save(first, tmp_path / "d.npz")
    (tmp_path / "d").mkdir()
    for field in dataset.FIELDS:
        np.save(tmp_path / "d" / f"{field}.npy", getattr(first, field))
    for path in (tmp_path / "d.npz", tmp_path / "d"):
        again, _ = dataset.load(path)
        for field in dataset.FIELDS:
            assert np.array_equal(getattr(first, field), getattr(again, field), equal_nan=field == "source_hz")
    assert isinstance(dataset.load(tmp_path / "d")[0].cycles, np.memmap)


@pytest.mark.parametrize("arrays", [
    {"cycles": np.ones((3, 100), np.float32)}, {"other": np.ones(3)}, {"cycles": np.ones((0, 2048), np.float32)},
    {"cycles": np.full((2, 2048), np.nan, np.float32)}, {"cycles": np.full((2, 2048), 9, np.float32)},
    {"cycles": np.array([{"a": 1}], object)},
    {"cycles": np.ones((2, 2048), np.float32), "known_harmonics": np.ones(5, np.int32)},
])
def test_a_strangers_data_set_is_checked(tmp_path, arrays):
    np.savez(tmp_path / "d.npz", **arrays)
    with pytest.raises(UserError, match=r"d\.npz"):
        dataset.load(tmp_path / "d.npz")


def test_a_recording_is_cut_where_its_sound_changes(tmp_path):
    """A tone whose brightness falls gives several cycles, each with its pitch; a steady one gives one."""
    rate_hz, k = 44_100, np.arange(1, 60)
    t = np.arange(2 * rate_hz) / rate_hz
    partials = np.cos(2 * np.pi * 147.0 * np.outer(t, k) + k)
    (tmp_path / "r").mkdir()
    soundfile.write(tmp_path / "r" / "falling.wav", 0.1 * (partials / k ** (0.7 + t[:, None])).sum(1), rate_hz)
    soundfile.write(tmp_path / "r" / "steady.wav", 0.1 * (partials / k).sum(1), rate_hz)
    found, refusals = dataset.load(tmp_path / "r")
    assert not refusals
    names = [name.split(":")[0] for name in found.name.tolist()]
    assert 5 <= names.count("falling.wav") <= 24 and names.count("steady.wav") == 1
    assert np.abs(1200 * np.log2(found.source_hz / 147.0)).max() < 3
    expected = np.cos(2 * np.pi * np.outer(np.arange(2048) / 2048, k)) @ (1 / k)
    assert lsd(expected[None], found.cycles[-1:], harmonics=59)[0] < 1.0
    assert found.known_harmonics[-1] in (149, 150)  # the 150th lies on Nyquist


def tagged(path, frames, name, data):
    """A float32 WAV of consecutive frames with one more chunk in front of its samples."""
    soundfile.write(path, np.concatenate(frames), 44_100, subtype="FLOAT")
    whole = path.read_bytes()
    chunk = name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
    path.write_bytes(whole[:4] + struct.pack("<I", len(whole) - 8 + len(chunk)) + whole[8:12] + chunk + whole[12:])


@pytest.mark.parametrize(("name", "data", "size"), [
    (b"clm ", b"<!>2048 01000000 wavetable (www.xferrecords.com)", 2048), (b"clm ", b"<!>256 20000000 wavetable", 256),
    (b"srge", struct.pack("<ii", 1, 512), 512), (b"uhWT", b"odd", 2048),
])
def test_a_tagged_wavetable_is_cut_into_its_frames(tmp_path, name, data, size):
    frames = [tone(size, seed) for seed in range(6)]
    tagged(tmp_path / "table.wav", frames, name, data)
    found, refusals = dataset.load(tmp_path)
    assert not refusals and found.name.tolist() == [f"table.wav:{i}" for i in range(6)]
    assert lsd(np.stack(frames), found.cycles, harmonics=60).max() < 0.01


@pytest.mark.parametrize("data", [b"", b"<!>", b"<!>0 ", b"<!>999999 ", b"nonsense"])
def test_a_nonsense_tag_is_no_tag(tmp_path, data):
    tagged(tmp_path / "x.wav", [tone(600)], b"clm ", data)
    found, _ = dataset.load(tmp_path)
    assert found.name.tolist() == ["x.wav"]
