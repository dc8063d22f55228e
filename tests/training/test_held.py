"""A lean model held to what presets played on the model whose place it took: where they lead, and the whole folder anew."""

import hashlib
import json
import shutil

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

pytest.importorskip("torch")

from synth import paths  # noqa: E402
from synth.errors import UserError  # noqa: E402
from synth.patch.patch import Patch  # noqa: E402
from synth.samples.spectrum import lsd  # noqa: E402
from synth.timbres.model import open_model  # noqa: E402
from tests.engine.test_own_latents import slot  # noqa: E402
from tools.presets.hold_sounds import played_latents  # noqa: E402
from training.config import Config  # noqa: E402
from training.data.datasets import gather  # noqa: E402
from training.export.held_model import put_held  # noqa: E402
from training.export.model_folder import write_manifest  # noqa: E402

SHIPPED = paths.bundled_folder() / "exported"


def test_where_a_preset_leads_is_held_its_corners_its_ways_and_its_directions():
    model = open_model("akwf-8")
    a, b = (model.mean + step * model.std for step in (0.5, 1.0))
    moves = slot(1, "wheel", "osc.position", 1.0) | slot(2, "macro1", "direction.1", 1.0)
    found = played_latents(Patch(latent_size=8, corners={"A": tuple(a.tolist()), "B": tuple(b.tolist())}, params=moves), model)
    along = (found - a) @ (b - a) / ((b - a) @ (b - a))
    aside = np.abs(found - a - along[:, None] * (b - a)).max(1)
    assert found.dtype == np.float32 and (found >= model.low - 1e-4).all() and (found <= model.high + 1e-4).all()
    on_it = np.sort(along[aside < 1e-3])
    print(f"{len(found)} latents, along the way {on_it[0]:.2f} to {on_it[-1]:.2f}, aside {aside.max():.2f}")
    assert on_it[0] < 0.01 and on_it[-1] > 0.99 and np.diff(on_it).max() < 0.3 and aside.max() > 0.3


@pytest.fixture(scope="module")
def training_data():
    """What the models are said to learn: few synthetic cycles."""
    return gather(None, Config(latent_size=8, harmonics=1023, synthetic_bank=500))


def drawn_otherwise(folder):
    """akwf-8 in a folder, with noise on its last layer."""
    shutil.copytree(SHIPPED / "akwf-8", folder)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for name in ("decoder.onnx", "amplitudes.onnx"):
        graph = onnx.load(str(folder / name))
        weight = next(t for t in graph.graph.initializer if t.name.endswith("decoder.leave.weight.half"))
        noise = 0.01 * np.random.default_rng(0).normal(size=tuple(weight.dims))
        weight.CopyFrom(numpy_helper.from_array((numpy_helper.to_array(weight) + noise).astype(np.float16), weight.name))
        onnx.save(graph, str(folder / name))
        manifest["sha256"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    write_manifest(manifest, folder)
    return open_model(folder)


def test_a_model_is_held_and_stands_whole_in_its_place(training_data, tmp_path):
    before = drawn_otherwise(tmp_path / "before" / "akwf-8")
    shutil.copytree(SHIPPED / "akwf-8", tmp_path / "akwf-8")
    write_manifest(open_model("akwf-8").manifest | {"replaces": [before.sha256]}, tmp_path / "akwf-8")
    model, rng = open_model(tmp_path / "akwf-8"), np.random.default_rng(1)
    here = np.clip(before.mean + 2 * before.std + 0.2 * rng.normal(size=(60, 8)), before.low, before.high).astype(np.float32)
    found = put_held(model, before, [here], training_data, pull=1.0)
    away, then = (lsd(before.decode(here), m.decode(here)).mean() for m in (model, found))
    elsewhere = before.mean + before.std * rng.normal(size=(200, 8)).astype(np.float32)
    moved, apart = (lsd(m.decode(elsewhere), model.decode(elsewhere)).mean() for m in (found, before))
    print(f"from the model before: {away:.2f} -> {then:.2f} dB where it is held; elsewhere it moved by {moved:.2f} of {apart:.2f}")
    assert away > 0.5 and then < 0.3 * away and moved < 0.5 * apart
    assert found.folder == model.folder and found.declined == "" and found.replaces == {before.sha256, model.sha256}
    assert found.manifest["scores"] != model.manifest["scores"] and len(found.manifest["directions"]) == len(model.manifest["directions"])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["akwf-8", "before"]


def test_a_model_that_is_not_lean_or_of_other_latents_is_refused(training_data):
    for name, before in (("akwf-32", "akwf-32"), ("akwf-16", "akwf-8")):
        with pytest.raises(UserError, match="took the place"):
            put_held(open_model(name), open_model(before), [], training_data)
