"""`latentwave instrument`: one recording makes one, a folder a better one; what cannot be used is told."""

import json
import re

import numpy as np
import pytest

from synth import cli as command_line
from synth.tracks.instrument_file import load
from synth.tracks.nearness import WORDS, nearness
from tests.tracks.sounds import RATE_HZ, key_hz, note, write


def made(capfd, *args):
    code = command_line.main(["instrument", *map(str, args), "--model", "akwf-8", "--json"])
    out = capfd.readouterr()
    assert code == 0, out.err
    return json.loads(out.out)


def test_one_recording_makes_an_instrument(home, tmp_path, capfd):
    file = write(tmp_path / "Horn_A3_mf.wav", note(key_hz(57), vibrato_cents=15))
    told = made(capfd, file, "-o", "Horn")
    (zone,) = told["zones"]
    assert (zone["key"], zone["velocity"], zone["keys"], zone["velocities"]) == (57, 80, [0, 127], [1, 127])
    assert abs(1200 * np.log2(zone["freq_hz"] / key_hz(57))) < 2
    assert zone["errors"]["lsd_db"] < 0.6 * zone["errors"]["cycle_lsd_db"]
    assert load(home / "instruments" / "Horn").zones[0].key == 57
    page = (home / "instruments" / "Horn" / "Horn.html").read_text("utf-8")
    figures = re.findall(r"<td>([0-9.]+)(?: <small class=v[0-3]>(.*?)</small>)?</td>", page)
    assert len(figures) >= 6 and all(word in WORDS for _, word in figures), "a word beside every figure"
    assert told["verdicts"]["lsd_db"] == nearness("lsd_db", told["lsd_db"]) in WORDS and "Very near: as two takes" in page
    assert re.search(r"a timbre that (hardly )?moves( fast)?: [0-9]+ knots", page)
    assert told["page"].endswith("Horn.html") and page.count("<audio") == 2 and "A3 at 80" in page and "Horn_A3_mf" in page
    assert (home / "instruments" / "Horn" / "tracks.npz").stat().st_size < 12_000 * 1.35
    assert command_line.main(["instrument", str(file), "-o", "Horn"]) == 1
    assert "already" in capfd.readouterr().err


def test_a_folder_uses_what_can_be_used(home, tmp_path, capfd):
    rng = np.random.default_rng(0)
    folder = tmp_path / "notes"
    write(folder / "48_100.wav", note(key_hz(48), seconds=0.7))
    write(folder / "55_40.wav", note(key_hz(55), seconds=0.7))
    write(folder / "55_120.wav", note(key_hz(55), seconds=0.7, seed=1))
    write(folder / "wrong_F4.wav", note(key_hz(62), seconds=0.7))
    write(folder / "phrase.wav", np.concatenate([note(key_hz(k), seconds=0.5, release_s=0.03, decay_db_a_s=14) for k in (65, 69)]))
    write(folder / "chord.wav", sum(note(key_hz(k)) for k in (60, 64, 67)))
    write(folder / "noise.wav", 0.1 * rng.standard_normal(RATE_HZ))
    write(folder / "silence.wav", np.zeros(RATE_HZ))
    write(folder / "one.wav", np.ones(1))
    write(folder / "cut.wav", note(key_hz(50), seconds=1.0, decay_db_a_s=0)[:30_000])
    told = made(capfd, folder, "-o", "Mixed")
    assert [z["key"] for z in told["zones"]] == [48, 50, 55, 55, 62, 65, 69]
    assert set(told["left_out"]) == {"chord.wav", "noise.wav", "silence.wav", "one.wav"}
    assert "several notes" in told["left_out"]["chord.wav"] and "short" in told["left_out"]["one.wav"]
    assert "F4" in told["remarks"]["wrong_F4.wav"] and "2 notes" in told["remarks"]["phrase.wav"]
    assert "still sounds" in told["remarks"]["cut.wav"]
    soft, hard = (z for z in told["zones"] if z["key"] == 55)
    assert (soft["velocities"], hard["velocities"], soft["keys"]) == ([1, 80], [81, 127], [53, 58])


def test_of_a_folder_of_loops_the_lines_are_used(home, tmp_path, capfd):
    rng, folder = np.random.default_rng(0), tmp_path / "loops"
    t = np.arange(RATE_HZ // 4) / RATE_HZ
    kick, hat = np.sin(2 * np.pi * 60 * np.exp(-8 * t) * t) * np.exp(-14 * t), 0.4 * rng.standard_normal(len(t)) * np.exp(-25 * t)
    write(folder / "beat.wav", np.concatenate([kick, hat] * 6))
    write(folder / "chords.wav", np.concatenate([sum(note(key_hz(k), 0.8, 0.2) for k in keys) for keys in ((60, 64, 67), (57, 60, 64))]))
    write(folder / "bass.wav", np.concatenate([note(key_hz(k), seconds=0.4, release_s=0.03, decay_db_a_s=14) for k in (40, 43, 45)]))
    told = made(capfd, folder, "-o", "Loops")
    assert [z["key"] for z in told["zones"]] == [40, 43, 45] and set(told["left_out"]) == {"beat.wav", "chords.wav"}
    assert "loop" in told["left_out"]["beat.wav"] and "several notes" in told["left_out"]["chords.wav"]
    (folder / "bass.wav").unlink()
    assert command_line.main(["instrument", str(folder), "-o", "None"]) == 1
    assert "nothing here can be an instrument" in capfd.readouterr().err and not (home / "instruments" / "None").exists()


def test_sixty_takes_of_one_key_are_round_robins(home, tmp_path, capfd):
    folder = tmp_path / "takes"
    for take in range(12):
        write(folder / f"A4_ff_rr{take + 1}.wav", note(440.0, seconds=0.3, release_s=0.05, seed=take))
    told = made(capfd, folder, "-o", "Takes")
    assert [z["round_robin"] for z in told["zones"]] == list(range(8))
    assert "12 takes of A4" in told["remarks"]["takes"]


@pytest.mark.parametrize("build, words", [
    (lambda f: write(f / "a.wav", np.zeros(9000)), "silent"), (lambda f: (f / "a.txt").write_text("no"), "no recordings"),
    (lambda f: (f / "a.sfz").write_text("<region> sample=gone.wav key=60"), "gone.wav")])
def test_where_nothing_can_be_used_nothing_is_written(home, tmp_path, capfd, build, words):
    folder = tmp_path / "in"
    folder.mkdir()
    build(folder)
    assert command_line.main(["instrument", str(folder), "-o", "None", "--model", "akwf-8"]) == 1
    assert words in capfd.readouterr().err
    assert not (home / "instruments").exists() or not list((home / "instruments").iterdir())


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "a\tb"])
def test_a_name_that_is_no_folder_is_refused(home, tmp_path, capfd, name):
    assert command_line.main(["instrument", str(tmp_path), "-o", name]) == 1
    assert "name" in capfd.readouterr().err


def test_words_for_distances_follow_what_is_known_to_lie_so_far_apart():
    assert [nearness("lsd_db", db) for db in (2.9, 4.3, 6.0, 7.1)] == list(WORDS)  # two takes, one waveform, in between, the next key
    assert [nearness("neighbour_erb_lsd_db", db) for db in (0.9, 2.0, 4.0, 5.4)] == list(WORDS)
    assert [nearness("whole_db", db) for db in (1.5, 3.0, 4.7, 8.0)] == list(WORDS)
