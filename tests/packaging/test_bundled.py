"""What ships fits together: every preset stands on a shipped model as it is now, and sounds without it."""

import hashlib
import json

import numpy as np
import pytest

from synth import paths
from synth.patch import preset_file

PRESETS = sorted((paths.bundled_folder() / "presets").glob("*.json"))
MODELS = sorted((paths.bundled_folder() / "exported").glob("*/manifest.json"))


@pytest.mark.parametrize("file", PRESETS, ids=lambda f: f.stem)
def test_a_preset_stands_on_a_shipped_model_and_can_fall_back(file):
    patch = preset_file.load(file)
    assert patch.name == file.stem, "the name in the list is the name of the file"
    folder = paths.bundled_folder() / "exported" / patch.model
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert patch.model_sha256 == manifest["sha256"]["decoder.onnx"], "made with another model: make the preset again"
    assert patch.latent_size == manifest["latent_size"] and "A" in patch.corners
    assert patch.fallback_db is not None and np.isfinite(patch.fallback_db).all()
    assert (10 ** (patch.fallback_db / 20)).max(axis=1).min() > 0.01, "a silent fallback"


@pytest.mark.parametrize("manifest", MODELS, ids=lambda f: f.parent.name)
def test_a_models_files_are_those_its_manifest_names(manifest):
    told = json.loads(manifest.read_text(encoding="utf-8"))
    assert told["name"] == manifest.parent.name
    for name, digest in told["sha256"].items():
        assert hashlib.sha256((manifest.parent / name).read_bytes()).hexdigest() == digest


def test_init_and_a_model_ship():
    assert MODELS and any(f.stem == "Init" for f in PRESETS)
