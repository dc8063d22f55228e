"""A wavetable becomes an instrument, a path through latents, or corners: each plays what it says, and outlives its file."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from synth.cli import main
from synth.errors import UserError
from synth.patch import preset_file
from synth.patch.latent_path import TableRef, as_kept, from_block, to_block
from synth.patch.patch import Patch
from synth.render.wavetable_files import write_wavetable
from synth.samples.spectrum import lsd
from synth.timbres.latent_path_source import LatentPathSource
from synth.timbres.model import open_model
from synth.timbres.morph_frames import Stop, along_position
from synth.timbres.source import ModelSource
from synth.timbres.source_cache import SourceCache, played_alone


@pytest.fixture(scope="module")
def bent():
    """Frames float64[17, 2048] of the model along a way that no straight line between its ends comes near."""
    model = open_model("akwf-16")
    at = np.linspace(0, 1, 17)[:, None]
    low, high = np.asarray(model.low), np.asarray(model.high)
    middle, span = (low + high) / 2, (high - low) / 2
    way = middle + span * (0.5 * np.eye(16)[0] * np.sin(2 * np.pi * at)
                           + 0.5 * np.eye(16)[3] * np.cos(2 * np.pi * at) + 0.2 * np.eye(16)[5] * at)
    return np.asarray(model.decode(way.astype(np.float32)), float) * 0.2


def test_an_instrument_plays_the_files_own_frames(home, tmp_path, monkeypatch, bent, capfd):
    monkeypatch.chdir(tmp_path)
    write_wavetable(tmp_path / "Bent.wt", bent)
    assert main(["convert", "Bent.wt", "Bent.json", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["kind"] == "instrument"
    assert (home / "wavetables" / "Bent.wt").read_bytes() == (tmp_path / "Bent.wt").read_bytes()
    patch = preset_file.load("Bent.json")
    played = along_position(Stop(*played_alone(patch)), 17)
    assert lsd(bent, played).max() < 0.01
    assert main(["convert", "Bent.wt", "Again.json"]) == 0 and len(list((home / "wavetables").iterdir())) == 1
    (home / "wavetables" / "Bent.wt").unlink()
    source, told = SourceCache(None).source_of(patch)
    assert "Bent.wt" in told and "the sound the preset keeps" in told
    kept = along_position(Stop(patch, source), 9)
    assert lsd(bent[::2], kept).max() < 0.5
    write_wavetable(home / "wavetables" / "Bent.wt", bent[::-1])
    assert "not the one it was made with" in SourceCache(None).source_of(patch)[1]
    with pytest.raises(UserError, match=r"Bent\.wt"):
        SourceCache(None).source_of(replace(patch, fallback_db=None, table=TableRef("Gone " + patch.table.name)))


def test_a_path_goes_through_every_frame(home, tmp_path, monkeypatch, bent):
    """Where the straight line between its ends is far off."""
    monkeypatch.chdir(tmp_path)
    write_wavetable(tmp_path / "b.wt", bent)
    assert main(["convert", "b.wt", "Path.json", "--as", "path"]) == 0
    patch = preset_file.load("Path.json")
    played = lsd(bent, along_position(Stop(*played_alone(patch)), 17))
    line = lsd(bent, along_position(Stop(*played_alone(replace(patch, latent_path=()))), 17))
    assert played.max() < 1.0 and line[4:12].min() > 2 * played.max()
    assert main(["convert", "b.wt", "Corners.json", "--as", "corners"]) == 0
    corners = preset_file.load("Corners.json")
    assert set(corners.corners) == set("ABCD") and not corners.latent_path
    ends = along_position(Stop(*played_alone(corners)), 2)
    assert lsd(bent[[0, -1]], ends).max() < 1.0


def test_a_swept_path_has_no_kink_and_rows_stand_alone():
    source = ModelSource(open_model("akwf-16"))
    rng = np.random.default_rng(0)
    path = as_kept(source.low + (source.high - source.low) * rng.uniform(0.3, 0.7, (7, 16)))
    along = LatentPathSource(source, path)
    x = np.linspace(0, 1, 601)
    weights = np.stack([1 - x, x, 0 * x, 0 * x], 1).astype(np.float32)
    seen = []
    along.amplitudes = lambda points, amounts: seen.append(points.copy()) or source.amplitudes(points, amounts)
    points = (weights[:, :2] @ np.array([path[0], path[-1]])).astype(np.float32)
    none = np.zeros((601, 8), np.float32)
    re, _ = along.spectra(points, weights, none)
    assert np.abs(seen[0][::100] - np.array(path)).max() < 1e-5
    speed = np.diff(seen[0], axis=0)
    assert np.abs(np.diff(speed, axis=0)).max() < 0.1 * np.abs(speed).max()  # a polygon turns by all of its speed at a row
    del along.amplitudes
    for i in (0, 17, 350, 600):
        assert np.array_equal(along.spectra(points[i:i + 1], weights[i:i + 1], none[:1])[0][0], re[i])


@settings(max_examples=30)
@given(arrays(np.float16, st.tuples(st.integers(2, 9), st.integers(1, 9)), elements=st.floats(-100, 100, width=16)),
       st.text(min_size=1, max_size=30), st.integers(0, 65536))
def test_paths_and_tables_come_back_as_they_went(path, name, frame_size):
    rows = as_kept(path.astype(float))
    assert from_block(to_block(rows), len(rows[0])) == rows
    patch = Patch(latent_size=len(rows[0]), latent_path=rows, table=TableRef(name, "ab", frame_size))
    text = preset_file.to_json(patch)
    try:
        again = preset_file.from_json(text)
    except UserError as error:
        assert "folder of wavetables" in str(error) or "surrogates" in str(error)
        assert set(name) & set("/\\\0") or name.startswith(".")
        return
    assert (again.latent_path, again.table) == (rows, patch.table) and preset_file.to_json(again) == text


@pytest.mark.parametrize(("key", "value", "words"), [
    ("latent_path", {"rows": 2, "latents": 16, "data": "AAAA"}, "3 bytes"),
    ("latent_path", {"rows": 2, "latents": 16, "data": "?"}, "base64"),
    ("latent_path", {"rows": 1, "latents": 16, "data": ""}, "2 to 64 rows"),
    ("latent_path", {"rows": 2, "latents": 3, "data": ""}, "16 latents"),
    ("latent_path", [], "rows, latents"), ("wavetable", {"name": "../x.wav"}, "without a path"),
    ("wavetable", {"name": ""}, "name of a file"),
    ("wavetable", {"name": "a.wav", "frame_size": 1.5}, "whole number"), ("wavetable", {"name": "a.wav", "frame_size": 1e12}, "65536"),
    ("wavetable", "a.wav", "name of a file")])
def test_paths_and_tables_that_are_none_are_refused(key, value, words):
    data = preset_file.to_data(Patch(latent_size=16)) | {key: value}
    with pytest.raises(UserError, match=words):
        preset_file.from_data(data)
