"""The shipped models on the fixed test part of the collection they were trained on."""

import json
import os
from pathlib import Path

import pytest

from synth import paths

ROOT = Path(__file__).resolve().parents[2]
BARS = {"akwf-8": (4.6, 2.75), "akwf-16": (3.5, 1.4), "akwf-32": (3.05, 1.0)}  # LSD, ERB-LSD in dB
SHIPPED = sorted(p.name for p in (paths.bundled_folder() / "exported").iterdir() if (p / "encoder.onnx").is_file())


@pytest.fixture(scope="module")
def collection():
    folder = Path(os.environ.get("LATENTWAVE_AKWF", ROOT.parent / "shared" / "data" / "akwf"))
    if not folder.is_dir():
        pytest.skip("needs the AKWF collection (LATENTWAVE_AKWF)")
    return folder


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_model_beats_its_bars_and_pca(cli, collection, name):
    done = cli("evaluate", ROOT / "exported" / name, collection, "--frame-size", 600, "--json", check=True)
    found = json.loads(done.stdout)
    lsd_db, erb_lsd_db = BARS[name]
    assert found["n"] == 381 and found["n_left_out"] == 3443
    assert found["lsd_db"] < min(lsd_db, found["pca_lsd_db"]) and found["erb_lsd_db"] < min(erb_lsd_db, found["pca_erb_lsd_db"])
    scores = json.loads((ROOT / "exported" / name / "manifest.json").read_text("utf-8"))["scores"]
    assert found["lsd_db"] == pytest.approx(scores["lsd_db"], abs=0.01)
    assert found["pca_lsd_db"] == pytest.approx(scores["pca_lsd_db"], abs=0.01)


def test_what_a_model_was_trained_on_is_not_counted(cli, collection, tmp_path):
    (tmp_path / "saw").mkdir()
    (tmp_path / "saw" / "bw_sin.flac").symlink_to(collection / "bw_sin.flac")
    done = cli("evaluate", ROOT / "exported" / "akwf-16", "saw", "--frame-size", 600)
    assert done.returncode in (0, 1)
    assert "trained on all" in done.stderr or "left out" in done.stdout
