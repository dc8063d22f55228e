"""Imported cycles that keep their own shape: through files, at the corner, on the way, and under modulation."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import onnx
import pytest
import soundfile
from onnx import TensorProto, helper, numpy_helper

from synth import paths
from synth.errors import UserError
from synth.events import note_on
from synth.params.knobs import MAX_DIRECTIONS
from synth.patch import preset_file, waveform_residual
from synth.patch.patch import Patch
from synth.render.offline import render
from synth.samples.cycles import to_cycle
from synth.timbres import loudness
from synth.timbres.gauss_newton import refine
from synth.timbres.model import open_model
from synth.timbres.residual_source import ResidualSource, _shape_rows, compile_residuals, level_residual, residual_of
from synth.timbres.source import ModelSource

WAY = np.concatenate([np.linspace(0, 1, 9), np.random.default_rng(0).uniform(0, 1, 7)])  # eighths, and between


def cycles():
    """Single cycles as they come: float[n] of some length, none with the model's phases."""
    rng = np.random.default_rng(2)
    t = np.arange(2048) / 2048
    noise = np.zeros(301, complex)
    noise[1:] = rng.standard_normal(300) * np.exp(1j * rng.uniform(0, 6.28, 300)) / np.arange(1, 301) ** 0.8
    return {"saw": np.linspace(1, -1, 600), "square": np.where(t < 0.3, 1.0, -1.0), "grit": np.fft.irfft(noise, 602),
            "formant": np.exp(-8 * t) * np.sin(2 * np.pi * 9 * t), "sync": ((t * 3.7) % 1) ** 3,
            "thin": np.sin(2 * np.pi * t) + 0.3 * np.sin(6 * np.pi * t)}


@pytest.fixture(scope="module")
def model():
    return ModelSource(open_model("akwf-16"))


@pytest.fixture(scope="module")
def encoded(model):
    """[(cycle float32[2048], latent, shape)]."""
    drawn = np.array([to_cycle(c) for c in cycles().values()])
    latents = refine(model.model, drawn, model.model.encode(drawn))
    return [(c, z, residual_of(model.model, c, z)) for c, z in zip(drawn, latents, strict=True)]


def snr_db(wanted, found):
    """Of cycles float[2048], whatever the level."""
    found = found * (found @ wanted) / (found @ found)
    return 10 * np.log10((wanted**2).sum() / ((wanted - found) ** 2).sum())


def on_the_way(source, corners, positions):
    """(levels in dB, complex harmonics) [n, h] at positions between A and B."""
    weights = np.stack([1 - positions, positions, 0 * positions, 0 * positions], 1).astype(np.float32)
    points = np.clip(weights @ corners, source.low, source.high).astype(np.float32)
    re, im = source.spectra(points, weights, np.zeros((len(points), MAX_DIRECTIONS), np.float32))
    h = (re + 1j * im.astype(complex))[:, 1:]
    return 20 * np.log10(np.maximum(np.abs(h), 1e-7)), h


def test_an_imported_cycle_comes_back_sample_by_sample(cli_here, tmp_path):
    soundfile.write(tmp_path / "in.wav", 0.5 * cycles()["grit"], 48_000, subtype="FLOAT")
    cli_here("encode", "in.wav", "--keep-shape", "-o", "p.json", check=True)
    cli_here("decode", "--preset", "p.json", "-o", "out.wav", check=True)
    wanted = to_cycle(cycles()["grit"])
    assert snr_db(wanted, soundfile.read(tmp_path / "out.wav")[0]) > 40
    assert (tmp_path / "p.json").stat().st_size <= 64 * 1024
    patch = preset_file.load(tmp_path / "p.json")
    assert snr_db(wanted, open_model(patch.model).decode(patch.corner("A")[None])[0]) < 15, "the model alone says as much"


@pytest.mark.parametrize("position", [0, 0.5])
def test_it_sounds_so_in_a_note(encoded, model, position):
    """55 Hz for one second: every harmonic's level and phase, but for where the cycle begins; at the corner and half-way."""
    cycle, latent, shape = encoded[0]
    far = encoded[2][1]
    patch = Patch(model=model.name, model_sha256=model.sha256, latent_size=16, shapes={"A": shape},
                          corners={"A": tuple(map(float, latent)), "B": tuple(map(float, far))}, params={"osc.position": position})
    x = render(patch, [(0, note_on(33, 1.0))], 1.5)[24000:, 0].astype(float)
    found = np.fft.rfft(x)[55:55 * 401:55]
    corners = np.array([latent, far, latent, far])
    wanted = np.fft.rfft(cycle)[1:401] if position == 0 else on_the_way(
        ResidualSource(model, corners, {"A": shape}), corners, np.array([position]))[1][0, :400]
    grid = np.zeros(1 << 18, complex)
    grid[1:401] = found.conj() * wanted
    start = np.fft.ifft(grid).real.argmax() / len(grid)
    found = found * np.exp(-2j * np.pi * start * np.arange(1, 401))
    found *= (found.conj() @ wanted).real / (found.conj() @ found).real
    assert 10 * np.log10((abs(wanted) ** 2).sum() / (abs(wanted - found) ** 2).sum()) > 40


def test_no_harmonic_dips_on_the_way_to_twenty_presets(encoded, model):
    """Not 3 dB under the straight line between its levels at both ends, at every eighth; the model alone dips."""
    patches = map(preset_file.load, sorted((paths.bundled_folder() / "presets").glob("*.json")))
    ends = [patch.corner("A") for patch in patches if patch.model == "akwf-16"][:20]
    deepest, alone = 0.0, 0.0
    for _, latent, shape in encoded:
        for end in ends:
            corners = np.array([latent, end, latent, end])
            for source in (ResidualSource(model, corners, {"A": shape}), model):
                levels, _ = on_the_way(source, corners, WAY)
                straight = levels[:1] + WAY[:, None] * (levels[8:9] - levels[:1])
                dip = (levels - straight)[straight > straight.max(1, keepdims=True) - 60].min()
                if source is model:
                    alone = min(alone, dip)
                else:
                    deepest = min(deepest, dip)
    assert deepest > -2.7 and alone < -5


def test_a_harmonic_that_appears_late_is_raised_as_far_as_it_takes(tmp_path):
    """Of this decoder the second harmonic is silent up to two fifths of the way; its log interpolation is not."""
    numbers = {"at": [0.4], "slope": [[20.0]], "floor": [1e-6], "one": [[1.0]]}
    arrays = [numpy_helper.from_array(np.array(value, np.float32), name) for name, value in numbers.items()]
    nodes = [helper.make_node(*row) for row in (
        ("Sub", ["latent", "at"], ["past"]), ("Relu", ["past"], ["rise"]), ("MatMul", ["rise", "slope"], ["steep"]),
        ("Exp", ["steep"], ["grown"]), ("Mul", ["grown", "floor"], ["second"]),
        ("Sub", ["latent", "latent"], ["none"]), ("Add", ["none", "one"], ["first"]))]
    nodes.append(helper.make_node("Concat", ["first", "second"], ["amplitudes"], axis=1))
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("latent", TensorProto.FLOAT, ["n", 1])],
                              [helper.make_tensor_value_info("amplitudes", TensorProto.FLOAT, ["n", 2])], arrays)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), tmp_path / "decoder.onnx")
    (tmp_path / "manifest.json").write_text(json.dumps({
        "format": 1, "name": "late", "output": "amplitudes", "latent_size": 1, "cycle_size": 2048, "harmonics": 2, "phases": [0.0, 0.0],
        "latents": [{"name": "Z1", "low": 0, "high": 1, "mean": 0.5, "std": 1}],
        "sha256": {"decoder.onnx": hashlib.sha256((tmp_path / "decoder.onnx").read_bytes()).hexdigest()}}))
    late = ModelSource(open_model(tmp_path))
    corners = np.float32([[0], [1], [0], [1]])
    source = ResidualSource(late, corners, {"A": residual_of(late.model, np.sin(2 * np.pi * np.arange(2048) / 2048), [0.0])})
    levels, _ = on_the_way(source, corners, WAY)
    straight = levels[:1] + WAY[:, None] * (levels[8:9] - levels[:1])
    heard = straight > straight.max() - 60
    assert -2.7 < (levels - straight)[heard].min() and np.abs(levels[:, 0] - levels[0, 0]).max() < 0.5
    assert (levels - np.maximum(straight, -70))[:, 1].max() < 8


def test_a_cross_fade_of_neighbours_cancels_nothing(encoded, model):
    """Of ticks a 32nd of the way apart, between two shapes that have no phase in common."""
    (_, a, shape_a), (_, b, shape_b) = encoded[0], encoded[2]
    corners = np.array([a, b, a, b])
    source = ResidualSource(model, corners, {"A": shape_a, "B": shape_b})
    levels, h = on_the_way(source, corners, np.linspace(0, 1, 33))
    faded = 20 * np.log10(np.abs((h[1:] + h[:-1]) / 2) + 1e-9)
    heard = np.minimum(levels[1:], levels[:-1]) > levels.max() - 60
    assert (faded - (levels[1:] + levels[:-1]) / 2)[heard].min() > -0.5
    assert np.abs(np.angle(h[0] * h[-1].conj()))[levels[0] > levels[0].max() - 40].max() > 2


def test_a_shape_needs_a_preset_to_keep_it(cli_here):
    done = cli_here("encode", "in.wav", "--keep-shape")
    assert done.returncode == 1 and "-o" in done.stderr and done.stderr.count("\n") == 1


def test_each_corner_is_its_own_and_equally_loud(encoded, model):
    four = encoded[-4:]
    corners = np.array([z for _, z, _ in four])
    source = ResidualSource(model, corners, dict(zip("ABCD", (shape for _, _, shape in four), strict=True)))
    re, im = source.spectra(corners, np.eye(4, dtype=np.float32), np.zeros((4, MAX_DIRECTIONS), np.float32))
    for i, (cycle, _, shape) in enumerate(four):
        h = (re[i] + 1j * im[i].astype(complex)) * np.exp(-2j * np.pi * np.arange(re.shape[1]) * shape.start_cycles)
        assert snr_db(cycle, np.fft.irfft(np.pad(h, (0, 1025 - len(h))))) > 40
        assert loudness.gain_of(h, loudness.peak_of(h)) == pytest.approx(1, abs=2e-3)


def test_levels_alone_keep_the_models_phases_and_leave_other_corners_to_it(encoded, model):
    """To a hundredth of a decibel down to 95 dB under a unit, where a floor that is only taken off would show."""
    _, a, _ = encoded[0]
    b = encoded[2][1]
    n = model.model.harmonics
    levels = np.maximum(-12 - 0.1 * np.arange(n) - 20 * np.random.default_rng(3).random(n), -95)
    levels -= 10 * np.log10((10 ** (levels / 10)).sum() / 2)
    levels[40:50] = -100
    corners = np.array([a, b, a, b])
    source = ResidualSource(model, corners, {"A": level_residual(model.model, levels, a)})
    found, h = on_the_way(source, corners, np.array([0.0, 1.0]))
    heard = levels > -96
    away = (found[0] - levels)[heard]
    assert np.ptp(away) < 0.03 and found[0, 40:50].max() < found[0].max() - 100
    assert np.abs(np.angle(h[0] * np.exp(-1j * np.asarray(model.model.phases))))[heard].max() < 1e-3
    plain, _ = on_the_way(model, corners, np.array([1.0]))
    assert np.abs(found[1] - plain[0])[plain[0] > plain[0].max() - 90].max() < 0.03


def test_it_is_compiled_before_the_first_is_played(encoded, model):
    compile_residuals()
    before = list(_shape_rows.signatures)
    _, a, shape = encoded[0]
    on_the_way(ResidualSource(model, np.tile(a, (4, 1)), {"A": shape}), np.tile(a, (4, 1)), np.zeros(2))
    assert before == _shape_rows.signatures and len(before) == 1


def test_modulation_moves_it_and_no_harmonic_runs_away(encoded, model):
    rng = np.random.default_rng(0)
    points = rng.uniform(model.low, model.high, (300, 16)).astype(np.float32)
    weights, none = np.tile(np.float32([1, 0, 0, 0]), (300, 1)), np.zeros((300, MAX_DIRECTIONS), np.float32)
    dark = points[np.hypot(*model.spectra(points, weights, none))[:, 20:].sum(1).argmin()]
    raised = residual_of(model.model, encoded[2][0], dark)
    assert raised.residual_db.max() > 40
    for _, latent, shape in [*encoded, (None, dark, raised)]:
        source = ResidualSource(model, np.tile(latent, (4, 1)), {"A": shape})
        own, there, plain = (np.hypot(*s.spectra(p, weights[:len(p)], none[:len(p)]))[:, 1:512]
                             for s, p in ((source, latent[None]), (source, points), (model, points)))
        unit = [a / np.sqrt((a.astype(float)**2).sum(1, keepdims=True)) for a in (own, there, plain)]
        room_db = 20 * np.log10((unit[1] + 1e-9) / np.maximum(np.maximum(unit[0], unit[2]), 1e-4))
        assert room_db.max() < 22  # 12 dB of room, and what the level of the rest gives
        assert np.median(20 * np.abs(np.log10((there + 1e-6) / (own + 1e-6)))[:, :20]) > 2
        order = rng.permutation(300)
        shuffled = source.spectra(points[order], weights, none)
        assert np.array_equal(np.array(shuffled), np.array(source.spectra(points, weights, none))[:, order])


def test_a_shape_outlives_json_and_a_stranger_is_refused(encoded, model):
    _, latent, shape = encoded[2]
    patch = Patch(latent_size=16, corners={"A": tuple(round(float(v), 6) for v in latent)}, shapes={"A": shape})
    assert preset_file.from_json(preset_file.to_json(patch)) == patch
    full = waveform_residual.shape(np.zeros(1023), np.zeros(1023), 0)
    preset_file.to_json(replace(patch, shapes=dict.fromkeys("ABCD", full), fallback_db=np.full((9, 511), -55.5, np.float32)))
    data = json.loads(preset_file.to_json(patch))
    right = data["shapes"]["A"]
    for wrong in ({"A": {}}, {"A": {"phases": "AAA=", "residual_db": "AAAA"}}, {"E": right}, {"A": {"phases": "?", "residual_db": "?"}},
                  {"A": right | {"phases": ""}}, {"A": right | {"start_cycles": "x"}}):
        with pytest.raises(UserError, match="shape"):
            preset_file.from_json(json.dumps(data | {"shapes": wrong}))


def test_without_its_model_it_keeps_its_levels(encoded, model):
    from synth.timbres import fallback

    _, latent, shape = encoded[2]
    patch = fallback.keep(Patch(corners={"A": tuple(map(float, latent))}, shapes={"A": shape}), model.model)
    wanted = np.abs(np.fft.rfft(encoded[2][0]))[1:201] / 1024
    assert np.abs(patch.fallback_db[0, :200] - 20 * np.log10(wanted))[wanted > 1e-3].max() < 0.1
