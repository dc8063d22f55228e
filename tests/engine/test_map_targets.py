"""`map.x` and `map.y`: the sound moves on the model's map, each voice by what moves it, and nothing else of it changes."""

import numpy as np
import pytest

from synth.events import note_on
from synth.patch.morph import Morph
from synth.patch.patch import Patch
from synth.render.offline import Offline
from synth.timbres.model import open_model
from synth.timbres.source import ModelSource
from synth.timbres.static_render import asked_at

from .test_own_latents import slot


@pytest.fixture(scope="module")
def source():
    return ModelSource(open_model("akwf-16"))


def points(patch, velocities=(1.0,), source=None):
    """Where each voice plays on the map and off it: (float[n, 2] shares of the picture, float[n, z] latents)."""
    player = Offline(patch, [(100, note_on(48 + 7 * i, v)) for i, v in enumerate(velocities)], source=source)
    player.read(9600)
    s = player.engine._s
    rows = s["polyphony"]["voices"]
    sounding = sorted(rows[rows["state"] == 1], key=lambda v: v["serial"])
    return np.array([s["spectra"]["streams"][v["stream"]]["now"]["latent"] for v in sounding])


def on_map(source, latents):
    low_x, high_x, low_y, high_y = source.map.extent
    return (source.map.project(latents) - [low_x, low_y]) / [high_x - low_x, high_y - low_y]


def test_knobs_move_the_sound_across_the_map_and_leave_the_rest(source):
    z = source.latent_size
    still = points(Patch(), source=source)[:, :z]
    moved = points(Patch(params={"map.x": 0.1, "map.y": -0.05}), source=source)[:, :z]
    assert on_map(source, moved)[0] - on_map(source, still)[0] == pytest.approx([0.1, -0.05], abs=2e-3)
    plane = source.map.plane
    off = (moved - still) - (moved - still) @ np.linalg.pinv(plane.T) @ plane.T
    assert np.abs(off).max() < 1e-5, "the least change"
    pictured = asked_at(Patch(params={"map.x": 0.1, "map.y": -0.05}), source, np.zeros(1))[0]
    assert np.abs(pictured[0] - moved[0]).max() < 1e-4, "the window's picture shows it"


def test_each_voice_moves_by_its_own_velocity(source):
    z = source.latent_size
    patch = Patch(params=slot(1, "velocity", "map.x", 0.1))  # of two widths
    soft, loud = on_map(source, points(patch, (0.25, 1.0), source)[:, :z])
    assert loud[0] - soft[0] == pytest.approx(0.15, abs=3e-3) and loud[1] == pytest.approx(soft[1], abs=1e-3)


def test_parts_of_a_morph_move_on_their_own_maps(source):
    z = source.latent_size
    a, b = Patch(name="a", params={"map.y": 0.08}), Patch(name="b", params=slot(1, "velocity", "map.x", 0.05))
    found = points(Patch(params={"morph.x": 0.5}, morph=Morph((a, b))), (1.0,))[0]
    still = points(Patch(params={"morph.x": 0.5}, morph=Morph((Patch(name="a"), Patch(name="b")))), (1.0,))[0]
    for at, moved in ((0, (0.0, 0.08)), (z, (0.1, 0.0))):
        assert on_map(source, found[at:at + z]) - on_map(source, still[at:at + z]) == pytest.approx(moved, abs=3e-3)
