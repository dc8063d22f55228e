"""Pictures of the morph path: the window's and the README's."""

import numpy as np

from synth.patch.patch import Patch
from synth.paths import find_model
from synth.session.morph_preview import waveforms
from synth.timbres.model import open_model
from synth.timbres.source import ModelSource
from synth.timbres.static_render import asked_at


def _source():
    return ModelSource(open_model(find_model("akwf-16")))


def test_the_path_runs_from_a_to_b_and_obeys_offsets_and_ranges():
    source = _source()
    z = source.latent_size
    patch = Patch(model=source.name, latent_size=z, corners={"A": (0.0,) * z, "B": (0.5,) * z}, params={"latent.2": 0.25, "latent.3": 16.0})
    path = asked_at(patch, source, np.linspace(0, 1, 5))[0]
    assert path.shape == (5, z) and path[:, 0].tolist() == [0, 0.125, 0.25, 0.375, 0.5]
    assert path[0, 1] == 0.25 and path[0, 2] == np.float32(source.high[2])
    assert asked_at(Patch(), source, np.linspace(0, 1, 17))[0].shape == (17, z)


def test_the_pictured_cycle_is_the_one_that_is_played():
    source = _source()
    asked = asked_at(Patch(), source, np.linspace(0, 1, 3))
    pictured, path = waveforms(source, asked), asked[0]
    for i in (0, 2):
        re, im = source.spectrum(path[i])
        k, t = np.arange(1, 128), np.arange(256) / 256
        played = (re[1:128, None] * np.cos(2 * np.pi * k[:, None] * t) - im[1:128, None] * np.sin(2 * np.pi * k[:, None] * t)).sum(0)
        assert np.abs(pictured[i] - played).max() < 1e-4 * np.abs(played).max()


def test_the_waterfall_of_the_readme_is_drawn(tmp_path):
    from matplotlib.image import imread

    from training.report.pictures import draw_waterfall

    model = open_model(find_model("akwf-16"))
    low, high = np.asarray(model.low), np.asarray(model.high)
    draw_waterfall(model, np.array([low * 0.5, high * 0.5]), tmp_path / "w.png", rows=12)
    picture = imread(tmp_path / "w.png")
    assert picture.shape[:2] == (900, 1600)
    for colour in ((64, 211, 190), (255, 154, 69)):  # the first cycle and the lit one, right across
        near = np.abs(picture[..., :3] * 255 - colour).max(-1) < 40
        assert near.any(axis=0).sum() > 700, colour
