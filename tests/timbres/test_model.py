"""The contract of a model folder, held by the shipped one; and each way a folder can be wrong, told in a sentence."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from synth import paths
from synth.errors import UserError
from synth.samples.spectrum import erb_lsd, lsd, magnitudes
from synth.timbres.gauss_newton import refine
from synth.timbres.model import open_model

SHIPPED = sorted(p.parent.name for p in paths.bundled_folder().joinpath("exported").glob("*/encoder.onnx"))


@pytest.fixture(scope="module", params=SHIPPED)
def model(request):
    return open_model(paths.bundled_folder() / "exported" / request.param)


@pytest.fixture
def latents(model):
    return np.random.default_rng(0).uniform(model.low, model.high, (64, model.latent_size))


def textbook_cycles(count=24):
    """Cycles float64[count, 2048] no model was trained on: random harmonics on a slope, random phases."""
    rng = np.random.default_rng(5)
    k = np.arange(1, 200)
    amplitudes = k ** -rng.uniform(0.5, 2.0, (count, 1)) * rng.uniform(0.3, 1.0, (count, len(k)))
    spectrum = np.zeros((count, 1025), complex)
    spectrum[:, 1:200] = amplitudes * np.exp(1j * rng.uniform(0, 6.28, (count, len(k))))
    cycles = np.fft.irfft(spectrum)
    return cycles / np.sqrt((cycles**2).mean(1, keepdims=True))


def test_decoded_cycles_keep_the_contract(model, latents):
    cycles = model.decode(latents)
    assert cycles.shape == (64, 2048) and cycles.dtype == np.float32
    spectrum = np.fft.rfft(cycles.astype(float))
    power = np.abs(spectrum) ** 2
    total = power.sum(1, keepdims=True)
    assert np.abs(np.sqrt((cycles.astype(float) ** 2).mean(1)) - 1).max() < 1e-4
    assert (power[:, :1] / total).max() < 1e-10 and (power[:, model.harmonics + 1 :] / total).max() < 1e-10
    heard = power[:, 1 : model.harmonics + 1] > 1e-6 * total
    turned = spectrum[:, 1 : model.harmonics + 1] * np.exp(-1j * model.phases)
    assert np.abs(np.angle(turned))[heard].max() < 1e-3


def test_crest_stays_moderate(model, latents):
    crest = np.abs(model.decode(latents)).max(1)
    assert np.median(crest) < 2.6 and crest.max() < 5


def test_one_decode_equals_its_row_in_a_batch(model, latents):
    assert np.abs(model.decode(latents[7:8]) - model.decode(latents)[7:8]).max() < 1e-4


def test_the_encoder_ignores_level_rotation_polarity_and_offset(model):
    cycles = textbook_cycles().astype(np.float32)
    expected = model.encode(cycles)
    for changed in (1e-4 * cycles, 300 * cycles, -cycles, np.roll(cycles, 777, 1), cycles + 0.5):
        assert np.abs(model.encode(changed) - expected).max() < 1e-3
    assert np.abs(expected[0] - expected[1]).max() > 0.1


def test_morphs_go_straight(model):
    """Path over chord of the decoded spectra between encoded sounds."""
    ends = np.clip(model.encode(textbook_cycles(40)), model.low, model.high)
    ratios = []
    for a, b in zip(ends[::2], ends[1::2], strict=True):
        path = model.decode(a + (b - a) * np.linspace(0, 1, 17)[:, None])
        ratios.append(lsd(path[1:], path[:-1]).sum() / max(lsd(path[:1], path[-1:])[0], 1e-3))
    assert np.median(ratios) < 1.2


def test_refinement_helps_and_never_leaves_the_ranges(model):
    cycles = textbook_cycles()
    start = np.clip(model.encode(cycles), model.low, model.high)
    moved = refine(model, cycles, start)
    assert (moved >= model.low - 1e-6).all() and (moved <= model.high + 1e-6).all()
    costs = [lsd(cycles, c) ** 2 + erb_lsd(cycles, c) ** 2 for c in map(model.decode, (start, moved))]
    assert (costs[1] <= costs[0] + 1e-6).all() and costs[1].mean() < 0.99 * costs[0].mean()


def test_decoding_leaves_torch_alone():
    code = ("import sys\nfrom synth.timbres.model import open_model\n"
            f"i = open_model({SHIPPED[0]!r}); i.encode(i.decode(i.mean[None]))\n"
            "print([m for m in ('torch', 'training') if m in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          cwd=Path(__file__).resolve().parents[2])
    assert done.stdout.strip() == "[]", done.stderr


@pytest.fixture
def copy(tmp_path):
    """A copy of a shipped model that a test may spoil."""
    target = tmp_path / "model"
    shutil.copytree(paths.bundled_folder() / "exported" / SHIPPED[0], target)
    return target


def edit(folder, **changes):
    """Change keys of a manifest; None removes one."""
    manifest = json.loads((folder / "manifest.json").read_text()) | changes
    (folder / "manifest.json").write_text(json.dumps({k: v for k, v in manifest.items() if v is not None}))


@pytest.mark.parametrize(("changes", "said"), [
    ({"format": 2}, "newer version"), ({"format": "1"}, "format"), ({"format": None}, "format"),
    ({"latent_size": 5}, "latents"), ({"latent_size": 0}, "latent_size"), ({"latent_size": 10**9}, "latent_size"),
    ({"cycle_size": 1024}, "cycle_size"), ({"harmonics": 4000}, "harmonics"), ({"harmonics": 100}, "phases"),
    ({"phases": [0.0]}, "phases"), ({"phases": None}, "phases"), ({"latents": "x"}, "latents"), ({"latents": None}, "latents"),
    ({"output": "sound"}, "output"), ({"sha256": {"decoder.onnx": "00"}}, "hash"), ({"sha256": None}, "sha256"),
    ({"name": 3}, "name"),
])
def test_a_wrong_manifest_is_told_in_one_sentence(copy, changes, said):
    edit(copy, **changes)
    with pytest.raises(UserError, match=said) as error:
        open_model(copy)
    assert "\n" not in str(error.value) and str(copy) in str(error.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"format": 1', "\x00\xff", "[" * 100_000])
def test_a_damaged_manifest_is_told_in_one_sentence(copy, text):
    (copy / "manifest.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(UserError, match=r"manifest\.json"):
        open_model(copy)


def latents_of(size, **changes):
    return [{"name": f"Z{i}", "low": -1.0, "high": 1.0, "mean": 0.0, "std": 1.0} | changes for i in range(size)]


@pytest.mark.parametrize("changes", [{"low": 2.0}, {"std": 0.0}, {"mean": None}, {"high": float("nan")}, {"high": True}])
def test_impossible_ranges_are_refused(copy, changes):
    size = json.loads((copy / "manifest.json").read_text())["latent_size"]
    edit(copy, latents=latents_of(size, **changes))
    with pytest.raises(UserError, match="latent"):
        open_model(copy)


def rehash(folder):
    """Make the manifest agree with the files, so that only their content is wrong."""
    sums = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.glob("*.onnx")}
    edit(folder, sha256=sums)


@pytest.mark.parametrize("keep", [0, 100, 0.5, 0.999])
def test_a_truncated_decoder_is_refused(copy, keep):
    whole = (copy / "decoder.onnx").read_bytes()
    (copy / "decoder.onnx").write_bytes(whole[: int(keep * len(whole)) if keep < 1 else keep])
    with pytest.raises(UserError, match=r"decoder\.onnx.*hash"):
        open_model(copy)
    rehash(copy)
    with pytest.raises(UserError, match=r"decoder\.onnx"):
        open_model(copy)


def test_missing_files_are_named(copy):
    (copy / "encoder.onnx").unlink()
    with pytest.raises(UserError, match="no encoder"):
        open_model(copy).encode(np.zeros((1, 2048)))
    (copy / "decoder.onnx").unlink()
    with pytest.raises(UserError, match=r"decoder\.onnx is missing"):
        open_model(copy)
    with pytest.raises(UserError, match="no model named 'nowhere'"):
        open_model("nowhere")


def linear_decoder(folder, weights, output="cycle", bias=None):
    """A decoder of one matrix product, float32[z, size], in place of the trained one."""
    z, size = weights.shape
    bias = np.zeros(size) if bias is None else bias
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["latent", "w", "b"], [output])], "g",
        [helper.make_tensor_value_info("latent", TensorProto.FLOAT, ["batch", z])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", size])],
        [numpy_helper.from_array(weights.astype(np.float32), "w"), numpy_helper.from_array(bias.astype(np.float32), "b")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(folder / "decoder.onnx"))
    (folder / "amplitudes.onnx").unlink(missing_ok=True)
    rehash(folder)


@pytest.mark.parametrize(("weights", "said"), [
    (np.zeros((16, 100)), "shape"), (np.full((16, 2048), np.nan), "not numbers"), (np.zeros((16, 2048)), "unit RMS"),
    (np.zeros((3, 2048)), "must take float32"),
])
def test_a_decoder_that_breaks_its_promise_is_refused(copy, weights, said):
    edit(copy, latent_size=16, latents=latents_of(16))
    linear_decoder(copy, weights)
    with pytest.raises(UserError, match=said):
        open_model(copy)


def test_an_instrument_of_amplitudes_plays_with_its_phases(copy):
    (copy / "encoder.onnx").unlink()
    phases = [0.5, -1.0, 2.0]
    edit(copy, output="amplitudes", harmonics=3, phases=phases, latent_size=2, latents=latents_of(2))
    linear_decoder(copy, np.array([[0.0, 0.4, 0.0], [0.0, 0.0, 0.3]]), "amplitudes", np.array([1.0, 0.5, 0.5]))
    cycle = open_model(copy).decode(np.array([[0.5, 1.0]]))[0]
    angle = 2 * np.pi * np.outer(np.arange(2048) / 2048, [1, 2, 3]) + phases
    expected = np.cos(angle) @ [1.0, 0.7, 0.8]
    assert np.abs(cycle - expected / np.sqrt((expected**2).mean())).max() < 1e-5
    assert magnitudes(cycle, 3)[1] / magnitudes(cycle, 3)[0] == pytest.approx(0.7, abs=1e-5)
