"""Presets that follow a model trained anew: every corner keeps its sound, by a shape where the model cannot draw it."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from synth.errors import UserError
from synth.params.knobs import CORNERS, MAX_DIRECTIONS
from synth.patch import preset_file
from synth.patch.patch import Patch
from synth.paths import bundled_folder
from synth.timbres import fallback
from synth.timbres.model import open_model
from synth.timbres.static_render import corners_of, source_on
from tests.measures import spectrum
from tools.presets import make_presets
from tools.presets.library import classics
from tools.presets.reencode import corner_levels, reencode

FOLDER = bundled_folder() / "presets"
KEPT_DB = 0.5  # LSD of a corner to its sound


@pytest.fixture(scope="module")
def model():
    return open_model("akwf-16")


def shipped(name):
    return preset_file.load(FOLDER / f"{name}.json")


def older(patch):
    """The patch as if another model of the name had made it."""
    return replace(patch, model_sha256="0" * 64)


def distances(patch, model):
    """LSD in dB of each corner as it is played to the sound that it keeps."""
    source = source_on(patch, model)
    re_, im = source.spectra(corners_of(patch, source).astype(np.float32), np.eye(4, dtype=np.float32),
                             np.zeros((4, MAX_DIRECTIONS), np.float32))
    played = np.fft.irfft(np.pad(re_ + 1j * im.astype(complex), ((0, 0), (0, 1025 - re_.shape[1]))), axis=1)
    sounds = corner_levels(patch, model)
    kept = np.concatenate([fallback.cycles_of(levels[None]) for levels in sounds.values()])
    return spectrum.lsd(kept, played[[CORNERS.index(name) for name in sounds]])


@pytest.mark.parametrize("name", [r.name for r in classics.recipes()])
def test_every_corner_keeps_its_sound(name, model):
    """As it ships, and moved to the model once more."""
    patch = shipped(name)
    found, away = reencode(older(patch), model)
    assert found.model_sha256 == model.sha256 and set(found.corners) == set(patch.corners) == set(away)
    np.testing.assert_array_equal(found.fallback_db[[0, -1], :patch.fallback_db.shape[1]], patch.fallback_db[[0, -1]])
    for here in (patch, preset_file.from_json(preset_file.to_json(found))):
        assert distances(here, model).max() < KEPT_DB
        assert all(away[corner] > 0.4 for corner in here.shapes), "a shape where the model would do"


@pytest.mark.parametrize("name", ["Shimmer Drift", "Vox Machine", "Acid Line"])
def test_twice_gives_the_same_file(name, tmp_path):
    """Also after the levels of an older model, which ended at harmonic 511."""
    file = tmp_path / f"{name}.json"
    patch = shipped(name)
    preset_file.save(older(replace(patch, fallback_db=patch.fallback_db[:, :511])), file)
    texts = []
    for _ in range(2):
        assert make_presets.main(["--reencode", "--out", str(tmp_path)]) == 0
        texts.append(file.read_text())
        file.write_text(re.sub('"sha256":"[0-9a-f]{64}"', f'"sha256":"{"0" * 64}"', texts[-1]))
    assert texts[0] == texts[1]
    ends = preset_file.from_json(texts[0]).fallback_db[[0, -1]]
    ends = np.pad(ends, ((0, 0), (0, 1023 - ends.shape[1])), constant_values=-100)
    for row in ends[ends[:, 510] > ends.max(1) - 80]:
        assert abs(row[511:519].max() - row[503:511].max()) < 6 and row[700:708].max() > -100, "goes on as the model does"


def test_no_drift_through_a_smaller_model_that_draws_it_otherwise(model):
    patch = older(shipped("Clav Wire"))
    small = open_model("akwf-8")
    there = preset_file.from_json(preset_file.to_json(reencode(patch, small)[0]))
    assert there.latent_size == 8 and there.shapes and distances(there, small).max() < KEPT_DB
    bare = replace(there, shapes={})
    assert distances(bare, small).max() > 1, "the model alone cannot"
    back, direct = (preset_file.to_json(reencode(p, model)[0]) for p in (there, patch))
    assert json.loads(back) == json.loads(direct)


def test_what_keeps_no_sound_is_refused(model):
    choir = older(shipped("Quiet Choir"))
    for patch, said in ((Patch(name="Bare"), "keeps no sound"), (replace(choir, name="Mine"), "corner C cannot be found"),
                        (replace(choir, params={"osc.position_y": 0.5}), "lies between its corners")):
        with pytest.raises(UserError, match=said):
            reencode(patch, model)
