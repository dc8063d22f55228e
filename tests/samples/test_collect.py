"""Folders as they are found: whatever is in them, each file gets its word and what is usable is kept."""

import os
import shutil
import subprocess
import sys
import tempfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from synth.errors import UserError
from synth.samples import dataset
from synth.samples.collect import collect
from synth.samples.cycles import SampleError
from synth.samples.folder import read_file
from synth.samples.tables import read_table
from synth.samples.writer import Writer
from tests.samples.test_dataset import tone
from tests.servers import WORK_S, child_env

RATE_HZ = 22_050


def note(freq_hz=220.0, seconds=0.5, level=0.2, rate_hz=RATE_HZ):
    t = np.arange(int(seconds * rate_hz)) / rate_hz
    return level * sum(np.sin(2 * np.pi * freq_hz * k * t) / k for k in range(1, 12))


def told(folder, out="d.npz"):
    """{file: count or reason} of a whole folder."""
    report = collect(folder, folder.parent / out)
    return report.files | report.left_out


def test_every_kind_of_file_gets_its_word(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    rng = np.random.default_rng(0)
    sounds = {"note": note(), "one": np.ones(1), "nan": np.r_[note(), np.nan], "quiet": np.zeros(9000),
              "hiss": 0.1 * rng.normal(size=20_000),
              "chord": note(220) + note(277.18) + note(329.63), "short": note(seconds=0.22)[:4097]}
    for name, samples in sounds.items():
        soundfile.write(folder / f"{name}.wav", samples, RATE_HZ, subtype="FLOAT")
    shutil.copy(folder / "note.wav", folder / "note.txt")
    shutil.copy(folder / "note.wav", folder / "no extension")
    (folder / "text.wav").write_text("dear diary")
    (folder / "song.m4a").write_bytes(b"\0\0\0\x20ftypM4A ")
    (folder / "letter.txt").write_text("no sound, and not spoken of")
    (folder / "gone.wav").symlink_to(folder / "nowhere.wav")
    (folder / ".hidden.wav").write_bytes(b"")
    found = told(folder)
    words = {"note.wav": 1, "note.txt": 1, "no extension": 1, "one.wav": "too short", "nan.wav": "not numbers", "quiet.wav": "silent",
             "hiss.wav": "noise", "chord.wav": "several notes", "short.wav": 1, "text.wav": "cannot be read as sound",
             "song.m4a": "convert it to WAV", "gone.wav": "leads nowhere"}
    assert set(found) == set(words)
    for name, word in words.items():
        assert found[name] == word if isinstance(word, int) else word in found[name], (name, found[name])


def test_a_link_loop_ends_and_links_to_other_folders_are_followed(tmp_path):
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    for folder in (tmp_path / "in" / "sub", tmp_path / "elsewhere"):
        soundfile.write(folder / "a.wav", tone(600), RATE_HZ)
    (tmp_path / "in" / "sub" / "loop").symlink_to(tmp_path / "in", target_is_directory=True)
    (tmp_path / "in" / "link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert told(tmp_path / "in") == {"sub/a.wav": 1, "link/a.wav": 1, "sub/loop": "is a link to a folder that is read already"}


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are POSIX")
def test_what_may_not_be_read_is_named():
    """As a user without rights: root may read anything, so it steps down first."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "locked").mkdir()
        for path in (folder / "fine.wav", folder / "secret.wav", folder / "locked" / "inside.wav"):
            soundfile.write(path, tone(600), RATE_HZ)
        (folder / "secret.wav").chmod(0)
        (folder / "locked").chmod(0)
        code = ("import os, sys\n"
                "from pathlib import Path\n"
                "from synth.samples.folder import scan\n"
                "import soundfile\n"
                "if os.geteuid() == 0: os.seteuid(65534)\n"
                "for f in scan(Path(sys.argv[1]), None): print(f.name, len(f.cuts), *(r.reason for r in f.refusals))\n")
        done = subprocess.run([sys.executable, "-c", code, name], capture_output=True, text=True, env=child_env(), timeout=WORK_S)
        (folder / "locked").chmod(0o755)
    assert done.stdout.splitlines() == ["locked 0 cannot be opened (Permission denied)", "fine.wav 1",
                                        "secret.wav 0 cannot be opened (Permission denied)"], done.stderr


def test_a_clipped_recording_is_taken_and_told(tmp_path):
    soundfile.write(tmp_path / "hot.wav", np.clip(note(level=1.5), -1, 1), RATE_HZ)
    soundfile.write(tmp_path / "cool.wav", note(level=0.5), RATE_HZ)
    assert "clipped" in read_file(tmp_path / "hot.wav", "hot.wav").remark
    assert not read_file(tmp_path / "cool.wav", "cool.wav").remark


def test_two_hours_cost_little_memory(tmp_path):
    """A note that falls through two hours: heard in regions from its beginning to its end."""
    rate_hz = 8000
    with soundfile.SoundFile(tmp_path / "long.wav", "w", rate_hz, 1, "PCM_16") as file:
        for freq_hz in (110.0, 165.0, 220.0, 330.0):
            second = np.tile(note(freq_hz, 1.0, rate_hz=rate_hz), 60)
            for _ in range(30):
                file.write(second)
    tracemalloc.start()
    found = read_file(tmp_path / "long.wav", "long.wav")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len({round(cut.freq_hz / 55) for _, cut in found.cuts}) == 4
    assert peak < 30e6


def test_cycles_of_one_note_are_one_group_and_other_notes_others(tmp_path):
    (tmp_path / "in").mkdir()
    t = np.arange(2 * RATE_HZ) / RATE_HZ
    for freq_hz, step in ((147.0, 1), (260.0, 2)):
        numbers = np.arange(1, 20, step)
        partials = np.cos(2 * np.pi * freq_hz * np.outer(t, numbers) + numbers)
        falling = 0.1 * (partials / numbers ** (0.5 + t[:, None])).sum(1)
        soundfile.write(tmp_path / "in" / f"{freq_hz:.0f}.wav", falling, RATE_HZ)
    report = collect(tmp_path / "in", tmp_path / "d.npz")
    found, _ = dataset.load(tmp_path / "d.npz")
    assert report.cycles > 6 and report.groups == 2
    loaded, _ = dataset.load(tmp_path / "in")
    assert np.array_equal(loaded.group, found.group) and np.array_equal(loaded.cycles, found.cycles)


def test_the_page_shows_what_was_found_and_what_was_not(tmp_path):
    (tmp_path / "in").mkdir()
    for i in range(5):
        soundfile.write(tmp_path / "in" / f"<{i}>&.wav", tone(600, i), RATE_HZ)
    soundfile.write(tmp_path / "in" / "quiet.wav", np.zeros(600), RATE_HZ)
    page = Path(collect(tmp_path / "in", tmp_path / "d.npz").page).read_text("utf-8")
    assert page.count("<polyline") == 6 and page.count("<circle") == 5 and "quiet.wav: is silent" in page
    assert "&lt;0&gt;&amp;.wav" in page and "<0>" not in page and "nan" not in page


def test_many_cycles_become_a_folder_that_need_not_fit_in_memory(tmp_path):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(50, 2048)).astype(np.float32)
    rows = (rows - rows.mean(1, keepdims=True)) / rows.std(1, keepdims=True)
    with Writer(tmp_path / "d.npz", most_in_npz=99) as writer:
        for half in (rows[:20], rows[20:]):
            writer.add(half, [7] * len(half), [f"é{i}" for i in range(len(half))], [np.nan] * len(half))
        assert np.array_equal(writer.cycles(), rows)
        for _ in range(2):
            writer.add(rows[:30], [9] * 30, ["long name"] * 30, [110.0] * 30)
        writer.finish(np.arange(110))
    assert writer.path == tmp_path / "d" and [p.name for p in tmp_path.iterdir()] == ["d"]
    found, _ = dataset.load(tmp_path / "d")
    assert isinstance(found.cycles, np.memmap) and len(found) == 110 and found.name[20] == "é0" and found.source_hz[-1] == 110
    assert np.array_equal(found.cycles[50:80], rows[:30])


def test_a_folder_of_other_things_is_never_replaced_and_a_leftover_is_no_hindrance(tmp_path):
    (tmp_path / "in").mkdir()
    soundfile.write(tmp_path / "in" / "a.wav", tone(600), RATE_HZ)
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("dear")
    with pytest.raises(UserError, match="other things"):
        collect(tmp_path / "in", tmp_path / "letters")
    (tmp_path / ".d.part").mkdir()  # of a run that was killed
    for _ in range(2):
        collect(tmp_path / "in", tmp_path / "d")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["d", "d.html", "in", "letters"]


def test_wavetables_of_surge_and_vital_are_read(tmp_path):
    import base64
    import json
    import struct

    frames = np.stack([tone(2048, i) for i in range(3)])
    waves = [{"wave_data": base64.b64encode(frame.astype("<f4").tobytes()).decode()} for frame in frames]
    table = {"groups": [{"components": [{"type": "Wave Source", "keyframes": waves}]}]}
    (tmp_path / "v.vitaltable").write_text(json.dumps(table))
    (tmp_path / "f.wt").write_bytes(b"vawt" + struct.pack("<IHH", 2048, 3, 0) + frames.astype("<f4").tobytes())
    whole = np.rint(frames * 16384).astype("<i2")
    (tmp_path / "i.wt").write_bytes(b"vawt" + struct.pack("<IHH", 2048, 3, 4) + whole.tobytes())
    for name in ("v.vitaltable", "f.wt", "i.wt"):
        assert np.abs(read_table(tmp_path / name)[0] - frames.ravel()).max() < 1e-4
        assert len(read_file(tmp_path / name, name).cuts) == 3
    for data in (b"", b"vawt", b"vawt" + struct.pack("<IHH", 4096, 512, 0), b"RIFF" * 9):
        (tmp_path / "x.wt").write_bytes(data)
        with pytest.raises(SampleError):
            read_table(tmp_path / "x.wt")
    for text in ("", "[]", '{"groups": 3}', '{"groups": [{"components": [{"keyframes": [{"wave_data": "%%"}]}]}]}', "[" * 9000):
        (tmp_path / "x.vitaltable").write_text(text)
        with pytest.raises(SampleError):
            read_table(tmp_path / "x.vitaltable")


def test_a_stopped_reading_leaves_nothing(tmp_path):
    (tmp_path / "in").mkdir()
    for i in range(3):
        soundfile.write(tmp_path / "in" / f"{i}.wav", tone(600, i), RATE_HZ)

    def stop(done, total):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        collect(tmp_path / "in", tmp_path / "d.npz", progress=stop)
    assert os.listdir(tmp_path) == ["in"]
