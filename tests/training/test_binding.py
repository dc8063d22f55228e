"""Presets bound to a model whose decoder was made anew beside the same latents: what stays to the bit, and what is heard."""

from dataclasses import replace

import numpy as np
import pytest
from onnx import numpy_helper

from synth.errors import UserError
from synth.patch import preset_file
from synth.patch.patch import Patch
from synth.patch.waveform_residual import shape
from synth.samples.spectrum import lsd
from synth.timbres import fallback
from synth.timbres.model import open_model
from tests.timbres.test_decode_kernel import as_model, changed, small_graph
from tools.presets.binding import bind

Z, HARMONICS = 5, 150


def small_model(folder, moved="line.b", by=0.0):
    """A model of weights drawn, some numbers of it moved."""
    def move(graph):
        tensor = next(t for t in graph.initializer if t.name == moved)
        tensor.CopyFrom(numpy_helper.from_array((numpy_helper.to_array(tensor) + by).astype(np.float32), moved))

    return open_model(as_model(folder, changed(small_graph(np.random.default_rng(0), Z), move), Z, HARMONICS))


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """One, and the same with levels some dB higher or lower."""
    where = tmp_path_factory.mktemp("models")
    return small_model(where / "a"), small_model(where / "b", by=0.3 * np.sin(np.arange(HARMONICS)))


@pytest.fixture
def patch(models):
    """Four corners, two of them shaped, latents and morph set and moved."""
    rng = np.random.default_rng(1)
    corners = {name: tuple(np.round(rng.normal(size=Z), 6).tolist()) for name in "ABCD"}
    shapes = {name: shape(rng.uniform(-3, 3, HARMONICS), rng.uniform(-6, 6, HARMONICS), 0.25) for name in "AC"}
    moved = Patch(name="Four", model="small", latent_size=Z, corners=corners, shapes=shapes,
                  params={"latent.2": 0.5, "osc.position_y": 0.3, "osc.position": 0.2, "macro1.value": 0.4}, named={"mod1.source": "lfo1"})
    return fallback.keep(moved, models[0])


def corner_cycles(patch, model):
    """Cycles at A and C, as they are played."""
    ways = [fallback.levels_along(replace(patch, params={"osc.position_y": y}), model)[:1] for y in (0.0, 1.0)]
    return np.concatenate([fallback.cycles_of(levels) for levels in ways])


def test_only_what_stands_for_the_model_changes(models, patch):
    before, model = models
    found = bind(patch, before, model)
    assert found.model_sha256 == model.sha256 != before.sha256
    same = {name: getattr(patch, name) for name in ("model_sha256", "fallback_db", "shapes")}
    assert replace(found, **same) == patch
    assert all(found.shapes[name].phase_steps == patch.shapes[name].phase_steps for name in "AC")
    assert preset_file.from_json(preset_file.to_json(found)).corners == patch.corners
    back = bind(found, model, before)
    assert all(np.abs(back.shapes[name].residual_db - patch.shapes[name].residual_db).max() < 0.011 for name in "AC")


def test_a_shaped_corner_sounds_as_before(models, patch):
    before, model = models
    was = corner_cycles(patch, before)
    assert lsd(was, corner_cycles(bind(patch, before, model), model)).max() < 0.05
    assert lsd(was, corner_cycles(fallback.keep(patch, model), model)).min() > 0.5, "the test's models hardly differ"


def test_corners_that_are_sought_sound_nearer(models, patch, tmp_path):
    before, model = models[0], small_model(tmp_path / "m", "mean", 0.3)
    bare = fallback.keep(replace(patch, shapes={}), before)
    latents = np.array(list(bare.corners.values()), np.float32)
    found = bind(bare, before, model, seek=True)
    wanted = before.decode(latents)
    kept, sought = (lsd(wanted, model.decode(np.array(list(corners.values()), np.float32))) for corners in (bare.corners, found.corners))
    assert kept.min() > 0.5 and sought.max() < 0.2


def test_a_preset_of_another_model_is_refused(models, patch):
    before, model = models
    with pytest.raises(UserError, match="was not made with"):
        bind(patch, model, before)
    with pytest.raises(UserError, match="not the same latents"):
        bind(patch, before, open_model("akwf-8"))
