"""Random patches and ways that follow the density: they are drawn from where sounds are, and stay there."""

import numpy as np
import pytest

from synth.errors import UserError
from synth.events import note_on
from synth.patch import preset_file
from synth.patch.patch import Patch
from synth.render.offline import render
from synth.samples.spectrum import erb_lsd, lsd
from synth.timbres.model import open_model
from synth.timbres.random_patch import random_patch
from synth.timbres.source import ModelSource, WavetableSource
from synth.timbres.static_render import asked_at
from tests.known import between


@pytest.fixture(scope="module")
def source():
    return ModelSource(open_model("akwf-16"))


@pytest.fixture(scope="module")
def pairs(source):
    drawn = np.clip(source.map.density.sample(np.random.default_rng(4), 40), source.low, source.high)
    return list(zip(drawn[::2], drawn[1::2], strict=True))


def depth(source, morph_path):
    """How far the log density falls under the line between its ends, in nepers."""
    level = source.map.density.log_density(morph_path)
    return (np.linspace(level[0], level[-1], len(level)) - level).max()


def test_the_slope_is_that_of_the_density(source):
    density, z = source.map.density, source.latent_size
    at = np.random.default_rng(0).normal(0, 0.6, (6, z))
    wanted = np.stack([density.log_density(at + 1e-5 * e) - density.log_density(at - 1e-5 * e) for e in np.eye(z)], 1) / 2e-5
    assert np.abs(density.slope(at) - wanted).max() < 1e-4 * np.abs(wanted).max()


def test_a_way_stays_where_sounds_are_in_evener_steps(source, pairs):
    """As it is played."""
    way = np.linspace(0, 1, 17)
    straight, followed, steps, longer = [], [], [], []
    for a, b in pairs:
        morph_path, line = (asked_at(between(a, b, osc_follow=follow), source, way)[0] for follow in (1.0, 0.0))
        assert np.allclose(morph_path[[0, -1]], [a, b], atol=1e-5)
        assert (morph_path >= source.low - 1e-5).all() and (morph_path <= source.high + 1e-5).all()
        straight.append(depth(source, line))
        followed.append(depth(source, morph_path))
        step, plain = (lsd(c[1:], c[:-1]) for c in map(source.model.decode, (morph_path, line)))
        steps.append([each.max() / each.mean() for each in (step, plain)])
        longer.append(step.sum() / plain.sum())
    followed_step, straight_step = np.percentile(steps, 95, axis=0)
    print(f"hole {np.percentile(straight, 80):.2f} {np.percentile(followed, 95):.2f}, steps {followed_step:.2f} {straight_step:.2f}, "
          f"longer {np.median(longer):.3f}")
    assert np.percentile(straight, 80) > 2 and np.percentile(followed, 95) < 2
    assert followed_step < 1.5 and straight_step > 1.6 and np.median(longer) < 1.1


def test_a_random_patch_lies_where_sounds_are_and_is_a_morph(source):
    like = Patch(params={"filter.cutoff_hz": 900.0, "latent.2": 1.0, "osc.position": 0.7}, tags=("x",))
    rng = np.random.default_rng(1)
    patches = [random_patch(source, rng, like) for _ in range(20)]
    corners = np.array([[p.corner("A"), p.corner("B")] for p in patches])
    typical = source.map.density.log_density(source.map.density.sample(np.random.default_rng(0), 2000))
    found = source.map.density.log_density(corners.reshape(40, -1))
    assert np.median(found) > np.percentile(typical, 15)
    cycles = source.model.decode(corners.reshape(40, -1))
    assert np.median(erb_lsd(cycles[::2], cycles[1::2])) > np.median(erb_lsd(cycles[::2], np.roll(cycles[::2], 1, 0)))
    assert all(p.params == {"filter.cutoff_hz": 900.0} and p.model_sha256 == source.sha256 for p in patches)
    assert preset_file.from_json(preset_file.to_json(patches[0])).corners == patches[0].corners
    sound = render(patches[0], [(0, note_on(60))], 0.3)
    assert 0.02 < np.abs(sound).max() < 1


def test_what_has_no_map_is_told(source):
    with pytest.raises(UserError, match="has no map"):
        random_patch(WavetableSource("saw", np.linspace(1, -1, 64)[None]), np.random.default_rng(0), Patch())


def test_the_command_writes_one(cli_here, tmp_path, source):
    told = cli_here("presets", "--random", "Chance.json", "--seed", "7", check=True)
    assert told.stdout.startswith("Chance.json: Drawn from akwf-16, between something like ")
    found = preset_file.load(tmp_path / "Chance.json")
    again = random_patch(source, np.random.default_rng(7), Patch())
    assert found.name == "Chance" and found.corners == again.corners and found.fallback_db is not None
    for wrong in (("--random", "x.wav"), ("--seed", "3")):
        done = cli_here("presets", *wrong)
        assert done.returncode == 1 and done.stderr.startswith("latentwave: error: ") and done.stderr.count("\n") == 1
