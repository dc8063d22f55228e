"""Whatever a command writes is whole: killed at any of its steps, what was there stays as it was, or the new is all there.

And what it may replace (docs/commands.md): the file that is named, nothing that it reads, no folder of other things.
"""

import json
import os
import subprocess
import sys
import time

import mido
import numpy as np
import pytest
import soundfile

from synth import whole_folders
from synth.cli import main
from synth.paths import find_preset
from tests.samples.test_frames import RATE_HZ, saws
from tests.servers import WORK_S, child_env

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the runs that are killed are forked")
OLD = b"what was there"


def song(path):
    track = mido.MidiTrack([mido.Message("note_on", note=60, velocity=100), mido.Message("note_off", note=60, time=120)])
    mido.MidiFile(tracks=[track]).save(path)


@pytest.fixture
def here(tmp_path, home):
    """A folder with things to read."""
    folder = tmp_path / "here"
    (folder / "in").mkdir(parents=True)
    song(folder / "song.mid")
    soundfile.write(folder / "table.wav", saws(4, 2048).ravel(), RATE_HZ, "FLOAT")
    for n in range(2):
        soundfile.write(folder / "in" / f"{n}.wav", np.linspace(-0.9, 0.9 - 0.3 * n, 600), RATE_HZ)
    return folder


def runs_of(folder, words, stride=1):
    done = subprocess.run([sys.executable, "-m", "tests.commands.killed", str(folder), str(stride), *words.split()], env=child_env(),
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=WORK_S)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["exit"] == 0, done.stderr
    return told["found"]


@pytest.mark.parametrize("words, output", [
    ("render song.mid -o out.wav --tail 0", "out.wav"),
    ("decode --preset Init -o out.wav", "out.wav"),
    ("encode in/0.wav --model akwf-8 --no-refine -o out.json", "out.json"),
    ("presets --random out.json --model akwf-8 --seed 1", "out.json"),
    ("convert table.wav out.wt --frame-size 2048", "out.wt"),
    ("wavetable Init -o out.vitaltable --frames 2", "out.vitaltable"),
    ("presets pack Init -o out.zip", "out.zip"),
    ("cycles in -o out.npz", "out.npz")])
def test_a_file_is_the_old_one_or_the_new_one_whole(words, output, here):
    (here / output).write_bytes(OLD)
    *killed, last = [found.get(output) for found in runs_of(here, words)]
    assert len(killed) > 1 and None not in (*killed, last) and set(killed) <= {killed[0], last} and last != killed[0]


@pytest.mark.parametrize("words, stride", [
    ("wavetable Init -o out --frames 3", 1),
    ("samplepack Init -o out --notes 60-60/1 --velocities 100 --seconds 0.5 --jobs 1", 4)])
def test_a_folder_appears_whole(words, stride, here):
    *killed, last = [{name: what for name, what in found.items() if name.startswith("out/")} for found in runs_of(here, words, stride)]
    assert len(killed) > 2 and len(last) > 2 and all(found in ({}, last) for found in killed)


def test_a_folder_gives_its_place_to_another_at_one_stroke(here):
    assert main(["cycles", str(here / "in"), "-o", str(here / "out")]) == 0
    soundfile.write(here / "in" / "2.wav", np.tanh(np.linspace(-4, 4, 600)), RATE_HZ)
    *killed, last = [{name: what for name, what in found.items() if name.startswith("out/")} for found in runs_of(here, "cycles in -o out")]
    old = killed[0]
    assert len(killed) > 2 and len(old) == len(last) == 5 and old != last and all(found in (old, last) for found in killed)


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_folder_that_cannot_be_filled_leaves_what_was_there(can_exchange, tmp_path, monkeypatch):
    """On systems too that cannot swap two names."""
    if not can_exchange:
        monkeypatch.setattr(whole_folders, "_exchange", lambda one, other: False)
    target = tmp_path / "out"
    for words in ("one", "two"):
        with whole_folders.whole_folder(target) as part:
            (part / words).write_text(words)
    with pytest.raises(OSError, match="full"), whole_folders.whole_folder(target) as part:
        (part / "three").write_text("three")
        raise OSError("full")
    assert [path.name for path in tmp_path.iterdir()] == ["out"] and [path.name for path in target.iterdir()] == ["two"]


def test_what_a_kill_left_goes_later(tmp_path):
    for name, age_s in ((".out.old.part", 7200), (".out.now.part", 0), (".other.old.part", 7200)):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (time.time() - age_s,) * 2)
    with whole_folders.whole_folder(tmp_path / "out"):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == [".other.old.part", ".out.now.part", "out"]


@pytest.mark.parametrize("words", [
    "convert table.wav table.wav --frame-size 2048", "convert table.wav in/../table.wav",
    "render song.mid --wavetable table.wav -o table.wav", "presets mutate My.json -o My.json", "presets cross Init My.json -o My.json",
    "presets morph My.json Init -o My.json", "presets stack Init My.json -o My.json"])
def test_a_command_replaces_nothing_that_it_reads(words, here, monkeypatch, capfd):
    monkeypatch.chdir(here)
    (here / "My.json").write_bytes(find_preset("Init").read_bytes())
    before = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
    assert main(words.split()) == 1
    assert "is read, and would be replaced" in capfd.readouterr().err
    assert before == {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}


def test_a_page_that_nobody_named_replaces_one_of_ours_only(here, monkeypatch, capfd):
    monkeypatch.chdir(here)
    (here / "mine.html").write_bytes(OLD)
    for _ in range(2):
        assert main(["cycles", "in", "-o", "mine.npz", "--json"]) == 0
        assert json.loads(capfd.readouterr().out)["page"] == "mine-2.html"
    assert (here / "mine.html").read_bytes() == OLD and not (here / "mine-3.html").exists()
