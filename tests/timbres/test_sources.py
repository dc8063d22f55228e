"""Sources in batches: equally loud, each row its own, directions applied, and a decoder's NaN survived."""

import hashlib
import json
import shutil

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from synth import paths
from synth.errors import UserError
from synth.params.knobs import MAX_DIRECTIONS
from synth.timbres import loudness
from synth.timbres.fallback import cycles_of
from synth.timbres.model import open_model
from synth.timbres.source import FallbackSource, ModelSource, WavetableSource

SHIPPED = paths.bundled_folder() / "exported" / "akwf-16"
N = 40


def without_fft(decoder, target):
    """decoder.onnx cut before its inverse FFT, where the strongest amplitude is 1: what `amplitudes.onnx` holds."""
    model = onnx.load(decoder)
    last = [node for node in model.graph.node if node.op_type == "Exp"][-1]
    needed, kept = {last.output[0]}, []
    for node in reversed(model.graph.node):
        if needed & set(node.output):
            kept.insert(0, node)
            needed |= set(node.input)
    last.output[0] = "amplitudes"
    size = model.graph.input[0].type.tensor_type.shape.dim[1].dim_value
    graph = helper.make_graph(kept, "amplitudes", [helper.make_tensor_value_info("latent", TensorProto.FLOAT, ["n", size])],
                              [helper.make_tensor_value_info("amplitudes", TensorProto.FLOAT, ["n", None])],
                              [array for array in model.graph.initializer if array.name in needed])
    onnx.save(helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version), target)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The shipped model with an `amplitudes.onnx` beside its decoder."""
    folder = shutil.copytree(SHIPPED, tmp_path_factory.mktemp("model") / "akwf-16", dirs_exist_ok=True)
    without_fft(SHIPPED / "decoder.onnx", folder / "amplitudes.onnx")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["sha256"].pop("amplitudes.onnx", None)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """The shipped model as models were before `amplitudes.onnx`."""
    folder = shutil.copytree(SHIPPED, tmp_path_factory.mktemp("bare") / "akwf-16", dirs_exist_ok=True,
                             ignore=lambda *_: ["amplitudes.onnx", "map.npz"])
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["sha256"].pop("amplitudes.onnx", None)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def asked(source, n=N, seed=1):
    """(points, weights, amounts) of n voices, every third with directions."""
    rng = np.random.default_rng(seed)
    weights, amounts = rng.dirichlet(np.ones(4), n), rng.uniform(-1, 1, (n, MAX_DIRECTIONS))
    amounts[np.arange(n) % 3 > 0] = 0
    points = source.low + (source.high - source.low) * rng.uniform(0.1, 0.9, (n, source.latent_size))
    return points.astype(np.float32), weights.astype(np.float32), amounts.astype(np.float32)


def sources(folder):
    rng = np.random.default_rng(3)
    saw = np.linspace(1, -1, 2048, endpoint=False)
    click = np.eye(2048)[5]  # every harmonic alike: only the peak's limit holds it
    levels = rng.uniform(-60, 0, (9, 300))
    return [ModelSource(open_model(folder)), WavetableSource("w", np.array([saw, click, np.roll(click, 9), saw**3])),
            FallbackSource("f", levels)]


def test_every_row_is_as_loud_as_the_textbook_says(folder):
    limited = 0
    for source in sources(folder):
        re, im = source.spectra(*asked(source))
        for row in re + 1j * im.astype(complex):
            peak = loudness.peak_of(row)
            assert loudness.gain_of(row, peak) == pytest.approx(1, abs=2e-3), source.name
            limited += peak > 0.999 * loudness.PEAK_LIMIT
    assert 0 < limited < 2 * N


def test_a_row_is_the_same_whatever_else_is_in_the_batch(folder, bare):
    """Bit for bit: alone, in any company, at any place."""
    for source in [*sources(folder), ModelSource(open_model(bare))]:
        rows = asked(source, 64)
        whole = np.array(source.spectra(*rows))
        order = np.random.default_rng(0).permutation(64)
        assert np.array_equal(np.array(source.spectra(*(x[order] for x in rows))), whole[:, order]), source.name
        for n in (1, 2, 3, 7, 16, 31):
            for first in (0, 5, 64 - n):
                part = source.spectra(*(x[first:first + n] for x in rows))
                assert np.array_equal(np.array(part), whole[:, first:first + n]), (source.name, n)
        assert np.array_equal(source.spectrum(rows[0][1]), whole[:, 1])


def test_amplitudes_sound_as_the_decoder_does(folder, bare):
    quick, plain = ModelSource(open_model(folder)), ModelSource(open_model(bare))
    points, weights, _ = asked(plain)
    none = np.zeros((N, MAX_DIRECTIONS), np.float32)
    a, b = (np.array(source.spectra(points, weights, none)) for source in (quick, plain))
    assert np.sum((a - b) ** 2) < 1e-10 * np.sum(b**2)
    spectra = np.array([loudness.spectrum_of_cycle(cycle, plain.model.harmonics) for cycle in plain.model.decode(points)])
    assert np.sum((b.transpose(1, 0, 2) - spectra) ** 2) < 1e-10 * np.sum(b**2)


def test_directions_move_the_point_before_it_is_decoded(folder):
    source = ModelSource(open_model(folder))
    points, weights, amounts = asked(source)
    directions = source.map.directions
    moved = np.clip(directions.move(points, amounts[:, :len(directions.names)]), source.low, source.high)
    assert np.abs(moved - points)[0].max() > 0.1 and np.array_equal(moved[1], points[1])
    alone = directions.move(points, amounts[:, :len(directions.names)])
    np.testing.assert_allclose(directions.move_rows(points, amounts), alone, atol=2e-5)
    a, b = (np.array(source.spectra(p, weights, m)) for p, m in ((points, amounts), (moved, 0 * amounts)))
    assert np.sum((a - b) ** 2) < 1e-8 * np.sum(b**2)


def test_amplitudes_of_another_decoder_are_refused(folder, tmp_path):
    other = shutil.copytree(folder, tmp_path / "other")
    graph = onnx.load(other / "amplitudes.onnx")
    bias = next(a for a in graph.graph.initializer if a.name.endswith("leave.bias"))
    values = numpy_helper.to_array(bias)
    bias.CopyFrom(numpy_helper.from_array(values + np.linspace(0, 0.3, len(values), dtype=np.float32), bias.name))
    onnx.save(graph, other / "amplitudes.onnx")
    with pytest.raises(UserError, match="does not sound like"):
        open_model(other)


def test_a_decoder_that_gives_nan_is_survived(tmp_path):
    """At latent 0.125 this one divides nothing by nothing."""
    rows = np.ones((1, 8), np.float32) / np.arange(1, 9, dtype=np.float32)
    at, slope = numpy_helper.from_array(np.float32([0.125]), "at"), numpy_helper.from_array(rows, "slope")
    nodes = [helper.make_node("Sub", ["latent", "at"], ["away"]), helper.make_node("Div", ["away", "away"], ["one"]),
             helper.make_node("MatMul", ["one", "slope"], ["amplitudes"])]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("latent", TensorProto.FLOAT, ["n", 1])],
                              [helper.make_tensor_value_info("amplitudes", TensorProto.FLOAT, ["n", 8])], [at, slope])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), tmp_path / "decoder.onnx")
    (tmp_path / "manifest.json").write_text(json.dumps({
        "format": 1, "name": "holed", "output": "amplitudes", "latent_size": 1, "cycle_size": 2048, "harmonics": 8,
        "latents": [{"name": "Z1", "low": -1, "high": 1, "mean": 0, "std": 1}], "phases": [0.0] * 8,
        "sha256": {"decoder.onnx": hashlib.sha256((tmp_path / "decoder.onnx").read_bytes()).hexdigest()}}))
    source = ModelSource(open_model(tmp_path))
    points = np.float32([[0.125], [0.5], [0.125], [0.125]])
    re, im = source.spectra(points, np.zeros((4, 4), np.float32), np.zeros((4, 8), np.float32))
    assert source.faults == 3
    assert not re[0].any() and re[1].any() and np.array_equal(re[1], re[2]) and np.array_equal(re[1], re[3])
    assert np.array_equal(source.spectrum(points[0])[0], re[1]) and source.faults == 4


def test_a_kept_sound_is_its_levels():
    levels = np.random.default_rng(1).uniform(-50, 0, (9, 200))
    re, im = FallbackSource("f", levels).spectra(np.float32([[0.5]]), *(np.zeros((1, n), np.float32) for n in (4, 8)))
    wanted = np.abs(np.fft.rfft(cycles_of(levels[4:5])[0]))[1:201]
    np.testing.assert_allclose(np.hypot(re, im)[0, 1:] / wanted, (np.hypot(re, im)[0, 1:] / wanted)[0], rtol=1e-4)


def test_shipped_models_are_decoded_in_batches():
    """A row that depends on its place makes a network run row by row, five times as long for 16 voices."""
    for folder in SHIPPED.parent.iterdir():
        if (folder / "amplitudes.onnx").is_file():
            assert not open_model(folder).declined, f"{folder.name} is not decoded by the kernel"
