"""`cycles`: one data set from a folder of everything, with a word on each file."""

import json

import numpy as np
import soundfile

from synth.samples import dataset


def test_cycles_cuts_and_reports_each_file(cli_here, tmp_path):
    (tmp_path / "in" / "sub").mkdir(parents=True)
    t = np.arange(48_000) / 48_000
    soundfile.write(tmp_path / "in" / "note.wav", 0.3 * sum(np.sin(2 * np.pi * 110 * k * t) / k for k in range(1, 9)), 48_000)
    soundfile.write(tmp_path / "in" / "sub" / "a:b.wav", np.linspace(-0.9, 0.9, 600), 48_000)
    soundfile.write(tmp_path / "in" / "copy.wav", np.linspace(-0.5, 0.5, 600), 48_000)
    soundfile.write(tmp_path / "in" / "silent.wav", np.zeros(600), 48_000)
    report = json.loads(cli_here("cycles", "in", "-o", "d.npz", "--json", check=True).stdout)
    assert set(report["left_out"]) == {"silent.wav"} and report["files"] == {"copy.wav": 1, "note.wav": 1, "sub/a:b.wav": 1}
    found, _ = dataset.load(tmp_path / "d.npz")
    assert len(found) == report["cycles"] == 3 and report["groups"] == 2
    cli_here("cycles", "in", "-o", "d", check=True)
    again, _ = dataset.load(tmp_path / "d")
    assert np.array_equal(again.cycles, found.cycles) and isinstance(again.cycles, np.memmap)
    by_name = dict(zip(found.name.tolist(), found.group.tolist(), strict=True))
    assert by_name["copy.wav"] == by_name["sub/a:b.wav"] != by_name["note.wav:0"]
    assert abs(found.source_hz[found.name.tolist().index("note.wav:0")] - 110) < 0.1


def test_cycles_refuses_in_one_line(cli_here, tmp_path):
    (tmp_path / "empty").mkdir()
    for args in (("nowhere", "-o", "d.npz"), ("empty", "-o", "d.npz"), ("empty", "-o", "d.wav"), ("empty", "-o", "no/d.npz")):
        done = cli_here("cycles", *args)
        assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == ["empty"]
