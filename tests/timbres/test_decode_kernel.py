"""The decode kernel: as near to the graph as onnxruntime, each row by itself, and declining what it does not know."""

import hashlib
import json
import shutil
import subprocess
import sys

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from synth import paths
from synth.commands import doctor
from synth.commands.model import describe
from synth.errors import UserError
from synth.timbres.decode_kernel import DecodeKernel
from synth.timbres.decoder_file import DeclinedError, read_network
from synth.timbres.model import open_model
from synth.timbres.onnx_reader import UnreadableError, read_graph
from tests.decoders import check_kernel, latents_of, run_exactly

EXPORTED = paths.bundled_folder() / "exported"
SHIPPED = sorted(p.parent.name for p in EXPORTED.glob("*/amplitudes.onnx"))


@pytest.fixture(scope="module", params=SHIPPED)
def model(request):
    return open_model(EXPORTED / request.param)


def kernel_of(model):
    return DecodeKernel(read_network(model.folder, "waveform", model.latent_size, model.harmonics))


def test_it_answers_as_onnxruntime_does(model):
    check_kernel(model)


def test_a_row_is_the_same_to_the_bit_in_any_company(model):
    latents, kernel = latents_of(model, 64), kernel_of(model)
    whole = kernel.amplitudes(latents)
    for n in (1, 2, 3, 4, 5, 7, 63):
        assert np.array_equal(np.concatenate([kernel.amplitudes(latents[i:i + n]) for i in range(0, 64, n)]), whole), n
    assert np.array_equal(kernel.amplitudes(latents[::-1])[::-1], whole)


def test_the_lowest_harmonics_alone_are_the_same(model):
    latents, kernel = latents_of(model, 9), kernel_of(model)
    whole = kernel.amplitudes(latents)
    for count in (1, 5, 16, 91, 127, 128, 129, 600, model.harmonics):
        some = kernel.amplitudes(latents, count)
        assert np.allclose(some / some[:, :1], whole[:, :count] / whole[:, :1], rtol=2e-6, atol=0), count
        assert np.allclose((some.astype(float) ** 2).sum(1), 2, rtol=1e-5)


def small_graph(rng, z=5, width=24, harmonics=150, norm=True, rank=0, tail="ones"):
    """A decoder graph of the kind that `train` exports, of weights drawn; lean where `rank` is given."""
    constants, nodes = {}, []

    def matrix(name, rows, columns, scale=1.0):
        constants[name] = (scale * rng.normal(size=(rows, columns)) / np.sqrt(rows)).astype(np.float32)
        return name

    def vector(name, size, scale=0.3, middle=0.0):
        constants[name] = (middle + scale * rng.normal(size=size)).astype(np.float32)
        return name

    def add(kind, inputs, **attributes):
        name = f"v{len(nodes)}"
        nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def gemm(x, name, rows, columns):
        return add("Gemm", [x, matrix(name, columns, rows), vector(name + ".b", columns)], transB=1)

    def silu(x):
        return add("Mul", [x, add("Sigmoid", [x])])

    x = add("Add", [add("MatMul", ["latent", matrix("back", z, z)]), vector("mean", z)])
    h = gemm(x, "enter", z, width)
    for b in "ab":
        inner = h
        if norm:
            inner = add("LayerNormalization", [h, vector(b + "g", width, middle=1.0), vector(b + "o", width)], axis=-1, epsilon=1e-5)
        h = add("Add", [h, gemm(silu(gemm(inner, b + "up", width, width)), b + "down", width, width)])
    h = silu(h)
    lower = min(harmonics, 127) if rank else harmonics
    y = add("Add", [gemm(x, "line", z, lower), gemm(h, "leave", width, lower)])
    if rank:
        shapes = add("Add", [gemm(x, "line2", z, rank), add("MatMul", [h, matrix("leave2", width, rank)])])
        y = add("Concat", [y, gemm(shapes, "basis", rank, harmonics - lower)], axis=-1)
    for number, value in (("scale", 8.0), ("centre", -40.0), ("neper", np.log(10) / 20), ("half", 0.5)):
        constants[number] = np.float32(value)
    constants["ones"] = np.ones((harmonics, 1), np.float32)
    y = add("Add", [add("Mul", [y, "scale"]), "centre"])
    e = add("Exp", [add("Mul", [add("Sub", [y, add("ReduceMax", [y], axes=[-1], keepdims=1)]), "neper"])])
    power = add("MatMul", [add("Mul", [e, e]), "ones"])
    nodes.append(helper.make_node("Div", [e, add("Sqrt", [add("Mul", [power, "half"])])], ["amplitudes"]))
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("latent", TensorProto.FLOAT, ["batch", z])],
        [helper.make_tensor_value_info("amplitudes", TensorProto.FLOAT, ["batch", harmonics])],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def as_model(folder, graph, z, harmonics):
    """A model of amplitudes alone, made of a graph."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(graph, str(folder / "decoder.onnx"))
    manifest = {"format": 1, "name": "small", "output": "amplitudes", "latent_size": z, "cycle_size": 2048, "harmonics": harmonics,
                "phases": [-1.5] * harmonics, "latents": [{"name": f"Z{i}", "low": -3, "high": 3, "mean": 0, "std": 1} for i in range(z)],
                "sha256": {"decoder.onnx": hashlib.sha256((folder / "decoder.onnx").read_bytes()).hexdigest()}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@settings(max_examples=12, deadline=None)
@given(z=st.integers(1, 20), width=st.integers(1, 70), harmonics=st.integers(2, 300), norm=st.booleans(), rank=st.integers(0, 20),
       seed=st.integers(0, 99))
def test_graphs_of_any_size_are_run_as_they_stand(tmp_path_factory, z, width, harmonics, norm, rank, seed):
    graph = small_graph(np.random.default_rng(seed), z, width, harmonics, norm, rank if harmonics > 127 else 0)
    folder = as_model(tmp_path_factory.mktemp("m") / "m", graph, z, harmonics)
    latents = np.random.default_rng(seed).normal(size=(6, z)).astype(np.float32)
    exact = run_exactly(read_graph(folder / "decoder.onnx"), latents)
    found = DecodeKernel(read_network(folder, "amplitudes", z, harmonics)).amplitudes(latents)
    heard = exact > 1e-4 * exact.max(1, keepdims=True)
    few = norm and width < 8  # a norm of few numbers may be one of nearly none
    assert np.abs(found / exact - 1)[heard].max() < (5e-5 if few else 1e-5)


def test_upper_harmonics_that_nobody_hears_are_not_computed(tmp_path):
    folder = as_model(tmp_path / "m", small_graph(np.random.default_rng(0), width=64, harmonics=1000, rank=16), 5, 1000)
    found = read_network(folder, "amplitudes", 5, 1000)
    assert found.products(1000) > found.products(127) + 16 * 872 and found.products(127) - found.products(112) == 16 * (4 * 5 + 64)


def changed(graph, change):
    change(graph.graph)
    return graph


def _other_function(graph):
    next(node for node in graph.node if node.op_type == "Sigmoid").op_type = "Tanh"


def _other_sum(graph):
    node = next(node for node in graph.node if node.op_type == "ReduceMax")
    node.op_type = "ReduceMin"


def _other_input(graph):
    node = next(node for node in graph.node if node.op_type == "Sub")
    node.input[1] = node.input[0]


def _no_number(graph):
    tensor = next(t for t in graph.initializer if t.name == "line")
    array = numpy_helper.to_array(tensor).copy()
    array[0, 0] = np.nan
    tensor.CopyFrom(numpy_helper.from_array(array, "line"))


def _other_scale(graph):
    tensor = next(t for t in graph.initializer if t.name == "half")
    tensor.CopyFrom(numpy_helper.from_array(np.float32(0.25) * np.ones((), np.float32), "half"))


def _other_tail(graph):
    graph.node[-1].op_type = "Mul"


@pytest.mark.parametrize("change", [_other_function, _other_sum, _other_input, _no_number, _other_scale, _other_tail])
def test_a_graph_with_one_node_changed_is_declined_and_onnxruntime_plays_or_refuses_it(tmp_path, change):
    graph = changed(small_graph(np.random.default_rng(0)), change)
    folder = as_model(tmp_path / "m", graph, 5, 150)
    with pytest.raises(DeclinedError):
        read_network(folder, "amplitudes", 5, 150)
    try:
        model = open_model(folder)
    except UserError as error:
        assert "\n" not in str(error)
    else:
        assert model.declined and np.isfinite(model.amplitudes(np.zeros((1, 5)))).all()


def test_wide_and_foreign_models_play(tmp_path):
    wide = as_model(tmp_path / "wide", small_graph(np.random.default_rng(0), z=64, width=1024, harmonics=1023), 64, 1023)
    model = open_model(wide)
    exact = run_exactly(read_graph(wide / "decoder.onnx"), latents_of(model, 4))
    assert not model.declined and np.abs(model.amplitudes(latents_of(model, 4)) / exact - 1)[exact > 1e-4 * exact.max()].max() < 2e-5
    foreign = helper.make_model(helper.make_graph(
        [helper.make_node("Gemm", ["latent", "w", "b"], ["amplitudes"])], "g",
        [helper.make_tensor_value_info("latent", TensorProto.FLOAT, ["batch", 256])],
        [helper.make_tensor_value_info("amplitudes", TensorProto.FLOAT, ["batch", 40])],
        [numpy_helper.from_array(np.full((256, 40), 1e-3, np.float32), "w"), numpy_helper.from_array(np.ones(40, np.float32), "b")]),
        opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    model = open_model(as_model(tmp_path / "foreign", foreign, 256, 40))
    assert model.declined and np.allclose(model.decode(np.zeros((1, 256))).std(), 1, atol=1e-4)


def test_models_tells_what_onnxruntime_plays(cli, home, tmp_path):
    folder = as_model(home / "models" / "odd", changed(small_graph(np.random.default_rng(0)), _other_function), 5, 150)
    rows = {row["name"]: row for row in json.loads(cli("models", "--json", check=True).stdout)}
    assert rows["akwf-16"]["decoder"] == "kernel" and rows["small"]["decoder"] == "onnxruntime" and "Tanh" in rows["small"]["declined"]
    for told in (describe(rows["small"]), doctor.check_model(folder)):  # to a musician; the step is for who makes models
        assert "played by onnxruntime" in told and "Tanh" not in told
    assert doctor.check_model(EXPORTED / SHIPPED[0]) is None


@settings(max_examples=60, deadline=None)
@given(keep=st.floats(0, 1), flips=st.lists(st.tuples(st.integers(0, 3999), st.integers(0, 255)), max_size=3))
def test_a_file_cut_or_changed_anywhere_is_read_or_refused_in_a_sentence(tmp_path_factory, keep, flips):
    whole = small_graph(np.random.default_rng(0), width=3, harmonics=9).SerializeToString()
    data = bytearray(whole[:int(keep * len(whole))] if not flips else whole)
    for at, value in flips:
        data[at % len(data)] = value
    file = tmp_path_factory.mktemp("f") / "decoder.onnx"
    file.write_bytes(data)
    try:
        read_graph(file)
        read_network(file.parent, "amplitudes", 5, 9)
    except (UnreadableError, DeclinedError) as error:
        assert str(error) and "\n" not in str(error)


def test_amplitudes_of_another_decoder_are_not_taken_for_its_own(tmp_path):
    folder = shutil.copytree(EXPORTED / SHIPPED[0], tmp_path / "m")
    graph = onnx.load(folder / "amplitudes.onnx")
    tensor = next(t for t in graph.graph.initializer if t.name.endswith("line.bias"))
    bias = numpy_helper.to_array(tensor)
    tensor.CopyFrom(numpy_helper.from_array(bias + np.linspace(0, 1, bias.size, dtype=np.float32), tensor.name))
    onnx.save(graph, folder / "amplitudes.onnx")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["sha256"]["amplitudes.onnx"] = hashlib.sha256((folder / "amplitudes.onnx").read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(UserError, match="does not sound like decoder"):
        open_model(folder)


def test_a_model_opens_at_once_and_without_onnxruntime():
    code = ("import sys, time\nfrom synth.engine.engine import Engine\nfrom synth.timbres.source import ModelSource\n"
            "from synth.timbres.model import open_model\nEngine(); spent = []\n"
            "for name in ('akwf-8', 'akwf-16', 'akwf-32') * 3:\n"
            "    began = time.process_time(); source = ModelSource(open_model(name)); spent.append(time.process_time() - began)\n"
            "    source.spectrum(source.model.mean)\n"
            "print(min(spent[3:]), 'onnxruntime' in sys.modules)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=paths.bundled_folder())
    spent_s, imported = done.stdout.split()
    assert float(spent_s) < 0.1 and imported == "False", done.stderr
