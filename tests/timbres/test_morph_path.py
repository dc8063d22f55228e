"""Morphs that follow the way where sounds are: exact at the corners, evener and likelier between them, and kept."""

from dataclasses import replace

import numpy as np
import pytest

from synth.engine.engine import Engine
from synth.events import note_on, set_corner, set_param
from synth.params.knobs import MOD_SOURCES, MOD_TARGETS
from synth.patch import preset_file
from synth.patch.patch import Patch
from synth.render.offline import Offline
from synth.samples.spectrum import lsd
from synth.session.view_state import Viewer
from synth.timbres import fallback, morph_path
from synth.timbres.decode_worker import Decoder
from synth.timbres.model import open_model
from synth.timbres.morph_path import MorphPaths, compile_morph_paths
from synth.timbres.residual_source import level_residual
from synth.timbres.source import ModelSource
from synth.timbres.source_cache import SourceCache
from synth.timbres.static_render import asked_at, source_on
from tests.known import between, known_sounds

WAY = np.linspace(0, 1, 17)


@pytest.fixture(scope="module")
def source():
    return ModelSource(open_model("akwf-16"))


@pytest.fixture(scope="module")
def known(source):
    return known_sounds(source)


def test_follow_none_is_the_straight_line_and_corners_stay_to_the_bit(source, known):
    rng = np.random.default_rng(0)
    corners = known[:4]
    points = rng.uniform(source.low, source.high, (40, source.latent_size)).astype(np.float32)
    x, y = rng.random(40), rng.random(40)
    weights = np.stack([(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y], 1).astype(np.float32)
    moved = points.copy()
    source.morph_paths.displace(moved, weights, np.zeros(40), corners)
    assert np.array_equal(moved, points)
    source.morph_paths.displace(moved, weights, np.ones(40), corners)
    assert (moved != points).any(1).all() and (moved >= source.low).all() and (moved <= source.high).all()
    ends = corners.astype(np.float32)
    source.morph_paths.displace(ends, np.eye(4, dtype=np.float32), np.ones(4), corners)
    assert np.array_equal(ends, corners.astype(np.float32))


def test_a_row_is_the_same_in_any_company(source, known):
    rng = np.random.default_rng(1)
    corners, n = known[4:8], 31
    points = rng.uniform(source.low, source.high, (n, source.latent_size)).astype(np.float32)
    weights, follow = rng.dirichlet(np.ones(4), n).astype(np.float32), rng.random(n).astype(np.float32)
    whole = points.copy()
    source.morph_paths.displace(whole, weights, follow, corners)
    order = rng.permutation(n)
    turned = points[order]
    source.morph_paths.displace(turned, weights[order], follow[order], corners)
    alone = points.copy()
    for i in range(n):
        source.morph_paths.displace(alone[i:i + 1], weights[i:i + 1], follow[i:i + 1], corners)
    assert np.array_equal(turned, whole[order]) and np.array_equal(alone, whole)


def test_a_followed_morph_stays_where_sounds_are_in_evener_steps(source, known):
    """As it is played, from one known sound to another: the least likely point where the straight line dips, and the longest step."""
    lowest, steps = [], []
    for a, b in zip(known[0:32:2], known[1:32:2], strict=True):
        rows = [asked_at(between(a, b, osc_follow=follow), source, WAY)[0] for follow in (0.0, 1.0)]
        assert np.array_equal(rows[0][[0, -1]], rows[1][[0, -1]])
        level = [source.map.density.log_density(row) for row in rows]
        cycles = [source.model.decode(row) for row in rows]
        step = [lsd(c[1:], c[:-1]) for c in cycles]
        steps.append([s.max() / s.mean() for s in step])
        if (np.linspace(level[0][0], level[0][-1], len(WAY)) - level[0]).max() > 2:
            lowest.append([found.min() for found in level])
    straight, followed = np.array(lowest).T
    even = np.array(steps).T
    print(f"{len(lowest)} of 16 dip: lowest log density {straight.mean():.2f} -> {followed.mean():.2f}; "
          f"longest step over mean {np.median(even[0]):.2f} -> {np.median(even[1]):.2f}")
    assert len(lowest) >= 5 and (followed > straight - 0.05).all() and (followed - straight).mean() > 1
    assert np.median(even[1]) < 1.15 < np.median(even[0]) and (even[1] < np.maximum(even[0] + 0.05, 1.25)).all()


def test_each_edge_has_its_way_and_between_them_they_mix(source, known):
    corners = known[8:12]
    follow = np.ones(3)
    rows = [np.array([[(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y] for x in (0.25, 0.5, 0.75)]) for y in (0, 1, 0.25)]
    lower, upper, mixed = (source.morph_paths.displacement(weights, follow, corners) for weights in rows)
    alone = source.morph_paths.displacement(rows[0], follow, corners[[2, 3, 2, 3]])
    assert np.allclose(mixed, 0.75 * lower + 0.25 * upper, atol=1e-6) and np.abs(lower - upper).max() > 0.05
    assert np.array_equal(upper, alone)
    same = source.morph_paths.displacement(rows[2], follow, corners[[0, 1, 0, 1]])
    assert np.allclose(same, lower, atol=1e-6)


def test_a_way_is_found_once_and_not_all_are_kept(source, known, monkeypatch):
    found = []
    monkeypatch.setattr(morph_path, "find_path", lambda model, density, a, b: found.append(0) or np.linspace(a, b, 3))
    kept = MorphPaths(source.model, source.map.density)
    for _ in range(3):
        for a in known[:5]:
            kept.find(np.stack([a, known[9], a, known[9]]))
    assert len(found) == 5
    for i in range(200):
        kept.find(np.stack([known[0] * (1 + 1e-4 * i), known[1]] * 2))
    assert len(kept._known) <= 64 and kept.known(np.stack([known[0] * (1 + 199e-4), known[1]] * 2))


def test_it_is_compiled_before_the_first_is_played(source, known):
    compile_morph_paths()
    before = list(morph_path._displace.signatures)
    asked_at(between(*known[:2], osc_follow=0.5), source, WAY)
    source.morph_paths.displacement(np.ones((1, 4)) / 4, np.ones(1), known[:4])
    assert before == morph_path._displace.signatures and len(before) == 1


@pytest.mark.parametrize("params", [{"osc.follow": 0.4}, {"mod3.target": float(MOD_TARGETS.index("osc.follow")),
                                                          "mod3.source": float(MOD_SOURCES.index("lfo1")), "mod3.amount": 0.5}])
def test_a_patch_that_follows_finds_its_way_when_it_is_loaded_and_comes_back_from_its_file(known, params):
    source_cache = SourceCache(Decoder(Engine()))
    patch = between(*known[:2])
    corners = np.stack([known[0], known[1]] * 2)
    _, source, _ = source_cache.load(patch)
    assert not source.morph_paths.known(corners)
    again = preset_file.from_json(preset_file.to_json(replace(patch, params=params)))
    assert again.params == params
    source_cache.load(again)
    assert source.morph_paths.known(np.array([again.corner(c) for c in "ABCD"]))


def test_what_a_preset_keeps_for_without_its_model_is_the_followed_way(source, known):
    straight, followed = (fallback.levels_along(between(*known[:2], osc_follow=f), source.model) for f in (0.0, 1.0))
    assert np.array_equal(straight[[0, -1]], followed[[0, -1]])
    points = asked_at(between(*known[:2], osc_follow=1.0), source, np.linspace(0, 1, 9))
    re, im = source.spectra(*points)
    wanted = 20 * np.log10(np.hypot(re, im)[:, 1:] + 1e-9)
    away = followed - wanted[:, :followed.shape[1]]
    heard = followed > followed.max(1, keepdims=True) - 60
    level = np.nanmedian(np.where(heard, away, np.nan), 1, keepdims=True)  # what is not heard may lie under the floor of what is kept
    assert np.abs(away - level)[heard].max() < 0.01
    assert np.abs(straight - followed)[4].max() > 1


def test_what_is_shown_is_what_is_decoded(source, known, monkeypatch):
    """In the middle of a morph, while the follow moves, and with both edges at work."""
    asked = []
    plain = ModelSource.spectra
    monkeypatch.setattr(ModelSource, "spectra", lambda self, points, *rest: asked.append(points[-1].copy()) or plain(self, points, *rest))
    patch = Patch(latent_size=source.latent_size, corners={c: tuple(map(float, z)) for c, z in zip("ABCD", known[:4], strict=True)},
                  params={"osc.position": 0.4, "osc.position_y": 0.3, "latent.2": 0.2})
    player = Offline(patch, [(0, note_on(60)), (4800, set_param("osc.follow", 1.0))], source=source)
    viewer, line = Viewer(player.engine), None
    for n in (2400, 2560, 2400):
        player.read(n)
        shown = viewer.look(source, blocksize=128, jack_xruns=0, audio="", midi="", last_midi="").latents
        assert np.array_equal(shown, asked[-1])
        line = shown if line is None else line
    assert np.abs(shown - line).max() > 0.03
    wanted = asked_at(replace(patch, params={**patch.params, "osc.follow": 1.0}), source, np.array([0.4]))[0][0]
    assert np.abs(shown - wanted).max() < 1e-4


def test_edited_corners_get_a_way_of_their_own_once_they_rest(source, known):
    """At once the way bends with its corner; a second and a half later it is that of the corners as they now are."""
    a, b = known[:2]
    edited = a.copy()
    edited[0] += 1.0
    patch = between(a, b, osc_follow=1.0, osc_position=0.5)
    player = Offline(patch, [(0, note_on(60)), (9600, set_corner("A", 0, float(edited[0])))], source=source)
    viewer = Viewer(player.engine)

    def shown():
        return viewer.look(source, blocksize=128, jack_xruns=0, audio="", midi="", last_midi="").latents

    player.read(9088)
    before = shown()
    player.read(24000)
    soon = shown()
    assert soon[0] == pytest.approx(before[0] + 0.5, abs=1e-3) and np.allclose(soon[1:], before[1:], atol=1e-3)
    player.read(96000)
    wanted = asked_at(between(edited, b, osc_follow=1.0), source, np.array([0.5]))[0][0]
    assert np.abs(shown() - wanted).max() < 1e-3 < np.abs(soon - wanted).max()


def test_a_shape_of_its_own_stays_at_its_corner_and_dips_nowhere_on_a_followed_way(source, known):
    """Levels of a sound of their own at A, far from the model's there; no heard harmonic 3 dB under the line between its ends."""
    n = source.model.harmonics
    own = level_residual(source.model, np.maximum(-20 - 0.1 * np.arange(n) + 6.0 * (-1) ** np.arange(n), -95), known[0])
    deepest, away = 0.0, []
    for b in known[1:9]:
        heard = []
        for follow in (0.0, 1.0):
            patch = replace(between(known[0], b, osc_follow=follow), shapes={"A": own}, model_sha256=source.sha256)
            re, im = source_on(patch, source.model).spectra(*asked_at(patch, source, WAY))
            heard.append(20 * np.log10(np.maximum(np.hypot(re, im)[:, 1:], 1e-7)))
        assert np.array_equal(heard[0][[0, -1]], heard[1][[0, -1]])
        away.append(np.abs(heard[0] - heard[1]).max())
        line = heard[1][:1] + WAY[:, None] * (heard[1][-1:] - heard[1][:1])
        deepest = min(deepest, (heard[1] - line)[line > line.max(1, keepdims=True) - 60].min())
    assert deepest > -2.7 and min(away) > 0.5
