"""`render` of many songs, presets and channels: each file is what it would be alone, and one that cannot be stops no other."""

import json

import mido
import numpy as np
import soundfile

from synth.cli import main


def song(path, *notes):
    """(channel, note, from beat, beats) each."""
    file = mido.MidiFile(ticks_per_beat=480)
    rows = sorted((round(480 * at), kind, c, n) for c, n, start, beats in notes for kind, at in ((1, start), (0, start + beats)))
    track, now = mido.MidiTrack(), 0
    for at, kind, channel, note in rows:
        track.append(mido.Message(("note_off", "note_on")[kind], channel=channel, note=note, velocity=90, time=at - now))
        now = at
    file.tracks.append(track)
    file.save(path)


def test_songs_and_presets_in_processes_are_as_each_alone(home, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    song("a.mid", (0, 60, 0, 1), (0, 64, 1, 1))
    song("b.mid", (0, 50, 0, 1))
    whole = ["render", "a.mid", "b.mid", "--preset", "Init", "--preset", "Amber Pad", "--tail", "0.2", "-o", "out", "--json"]
    assert main([*whole, "--jobs", "2"]) == 0
    rows = json.loads(capfd.readouterr().out)
    names = [f"{s} - {p}.wav" for s in "ab" for p in ("Init", "Amber Pad")]
    assert [row["output"] for row in rows] == [f"out/{name}" for name in names]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(names)
    assert main(["render", "b.mid", "--preset", "Amber Pad", "--tail", "0.2", "-o", "alone.wav"]) == 0
    assert (tmp_path / "alone.wav").read_bytes() == (tmp_path / "out" / "b - Amber Pad.wav").read_bytes()


def test_a_song_that_cannot_be_stops_no_other(home, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    song("a.mid", (0, 60, 0, 1))
    (tmp_path / "x.mid").write_text("dear diary")
    assert main(["render", "x.mid", "a.mid", "gone.mid", "--tail", "0", "-o", "out", "--jobs", "1"]) == 1
    told = capfd.readouterr().err
    assert "x.mid" in told and "1 more of 3" in told and told.count("\n") == 1
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["a.wav"]
    song("sub.mid", (0, 60, 0, 1))
    for line, words in (("render a.mid a.mid -o out", "two of these"), ("render a.mid sub.mid -o out.wav", "give a folder"),
                        ("render a.mid sub.mid -o out --jobs 0", "--jobs"), ("render a.mid --stems --mpe -o s.wav", "--stems")):
        assert main(line.split()) == 1 and words in capfd.readouterr().err, line


def test_stems_sum_to_the_song(home, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    song("s.mid", (0, 48, 0, 2), (3, 60, 0.5, 1), (3, 67, 1, 1), (8, 72, 1.25, 1))
    assert main(["render", "s.mid", "--stems", "-o", "s.wav", "--tail", "0.3", "--jobs", "1"]) == 0
    assert main(["render", "s.mid", "-o", "all.wav", "--tail", "0.3"]) == 0
    stems = [soundfile.read(f"s - ch{n:02d}.wav")[0] for n in (1, 4, 9)]
    whole = soundfile.read("all.wav")[0]
    assert all(len(x) == len(whole) for x in stems) and all(np.abs(x).max() > 0.01 for x in stems)
    assert np.abs(sum(stems) - whole).max() < 1e-5
    assert np.abs(stems[0][:12_000]).max() > 0.01 and np.abs(stems[2][:12_000]).max() == 0
