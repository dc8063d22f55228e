"""What `bench` draws and compares; tests/bench/test_measures.py holds its measures; its figures are the machine's."""

import json
from xml.etree import ElementTree

import pytest

from synth.bench import bench, bench_picture
from synth.commands import bench as command

CONTRACT = ("yardstick_ns", "yardstick_ratio", "ns_per_sample_voice", "idle_us", "alias_db", "droop_db", "thd_n_db", "sweep_db",
            "onset_error_frames", "latent_rate_hz")


def test_the_picture_shows_every_note_and_the_bars(tmp_path):
    alias = {str(n): -130.0 + (n == 60) * 30 for n in range(24, 109)}
    bench_picture.draw(alias, {n: 0.01 for n in alias}, tmp_path / "p.svg")
    lines = [e for e in ElementTree.parse(tmp_path / "p.svg").iter() if e.tag.endswith("polyline")]
    curves = [[tuple(map(float, p.split(","))) for p in e.get("points").split()] for e in lines if not e.get("stroke-dasharray")]
    assert [len(c) for c in curves] == [85, 85] and len(lines) == 2 + 3 + 1
    heights = [y for _, y in curves[0]]
    assert heights.index(min(heights)) == 60 - 24  # the worst note stands highest
    assert heights[0] - min(heights) == pytest.approx(30 / 80 * 216, abs=0.2)


def test_a_picture_that_cannot_be_written_is_told_in_one_line(cli, tmp_path):
    done = cli("bench", "--picture", tmp_path / "nowhere" / "p.svg")
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "no such folder" in done.stderr


def test_figures_against_the_committed_ones(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    last = bench.committed()
    assert set(CONTRACT) <= set(last)
    now = json.loads(json.dumps(last))
    now["yardstick_ratio"] *= 2
    now["thd_n_db"] += 3
    command._tables(now, last)
    rows = {line.split("│")[1].strip(): line.split("│")[-2].strip() for line in capsys.readouterr().out.splitlines() if line.count("│") > 3}
    assert rows["full voice, cross-faded, each of 16"] == "2.00" and rows["sine, THD+N"] == "+3.0 dB"
    command._tables(now, {})  # outside a clone
