"""Models of strangers: those that hang, eat memory or break their promise are refused in time, those that die cost timbre, not sound."""

import hashlib
import itertools
import json
import os
import signal
import time

import numpy as np
import pytest
import soundfile

from synth import paths
from synth.errors import UserError
from synth.events import note_on
from synth.patch import preset_file
from synth.patch.patch import Patch
from synth.render.offline import render
from synth.session.session import Session
from synth.timbres import child_network
from synth.timbres.foreign import is_foreign, note_trained
from synth.timbres.model import open_model
from tests.bench import SHORT
from tests.ports.test_recovery import until
from tests.servers import LIMIT_S

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

H = 64
K = np.arange(1, H + 1)
WEIGHTS = np.stack([np.log(K), np.where(K % 2, 0.0, 3.0)]).astype(np.float32)
BIAS = (-1.5 * np.log(K)).astype(np.float32)
LEVELS = [("MatMul", ["latent", "weights"], "tilted"), ("Add", ["tilted", "bias"], "log"), ("Exp", ["log"], "amplitudes")]


def write_model(folder, steps, constants=None, kind=TensorProto.FLOAT, batch="batch", nodes=(), external=None):
    """A folder whose decoder takes those steps from `latent` [batch, 2] to `amplitudes` [batch, 64]."""
    folder.mkdir(exist_ok=True)
    dtype = np.float16 if kind == TensorProto.FLOAT16 else np.float32
    arrays = {"weights": WEIGHTS.astype(dtype), "bias": BIAS.astype(dtype)} | (constants or {})
    made = [helper.make_node(op, given, [found]) for op, given, found in steps] + list(nodes)
    tensors = [numpy_helper.from_array(a, name) for name, a in arrays.items()]
    if external:
        tensors[0].ClearField("raw_data")
        tensors[0].data_location = TensorProto.EXTERNAL
        for key, value in {"location": external, "offset": "0", "length": str(WEIGHTS.nbytes)}.items():
            entry = tensors[0].external_data.add()
            entry.key, entry.value = key, value
    graph = helper.make_graph(made, "strange", [helper.make_tensor_value_info("latent", kind, [batch, 2])],
                              [helper.make_tensor_value_info("amplitudes", kind, None)], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    (folder / "decoder.onnx").write_bytes(model.SerializeToString())
    (folder / "manifest.json").write_text(json.dumps({
        "format": 1, "name": folder.name, "output": "amplitudes", "latent_size": 2, "cycle_size": 2048, "harmonics": H,
        "latents": [{"name": name, "low": low, "high": high, "mean": (low + high) / 2, "std": 0.5} for name, low, high in
                    (("Bright", -1.0, 1.0), ("Even", -2.0, 0.0))],
        "phases": [-np.pi / 2] * H, "sha256": {"decoder.onnx": hashlib.sha256((folder / "decoder.onnx").read_bytes()).hexdigest()}}))
    return folder


def endless():
    """A Loop of 10^18 turns, each of which multiplies a row by one."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["go_on"]), helper.make_node("Mul", ["row", "one"], ["next"])], "body",
        [helper.make_tensor_value_info("i", TensorProto.INT64, []), helper.make_tensor_value_info("go", TensorProto.BOOL, []),
         helper.make_tensor_value_info("row", TensorProto.FLOAT, None)],
        [helper.make_tensor_value_info("go_on", TensorProto.BOOL, []), helper.make_tensor_value_info("next", TensorProto.FLOAT, None)])
    return [helper.make_node("Loop", ["turns", "yes", "found"], ["amplitudes"], body=body)]


BEFORE = [*LEVELS[:2], ("Exp", ["log"], "found")]
STRANGE = {
    "endless": (BEFORE, {"turns": np.array(10**18), "yes": np.array(True), "one": np.float32(1)}, endless, "does not answer within 5 s"),
    "16 GB": ([*BEFORE, ("ConstantOfShape", ["size"], "zeros"), ("ReduceMax", ["zeros"], "zero"), ("Add", ["found", "zero"], "amplitudes")],
              {"size": np.array([4 << 30])}, list, "more than 2 GB of memory"),
    "no numbers": ([*BEFORE, ("Mul", ["found", "nan"], "amplitudes")], {"nan": np.float32("nan")}, list, "not numbers"),
    "other shape": ([*BEFORE, ("Concat", ["found", "found"], "amplitudes")], {}, list, "shape|cannot be"),
}


@pytest.mark.parametrize("name", STRANGE)
def test_a_model_that_breaks_its_promise_is_refused_in_time(name, tmp_path, home):
    steps, constants, nodes, said = STRANGE[name]
    folder = write_model(tmp_path / "strange", steps, constants, nodes=nodes())
    if name == "other shape":
        model = onnx.load(folder / "decoder.onnx")
        model.graph.node[3].attribute.append(helper.make_attribute("axis", 1))
        (folder / "decoder.onnx").write_bytes(model.SerializeToString())
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["sha256"]["decoder.onnx"] = hashlib.sha256((folder / "decoder.onnx").read_bytes()).hexdigest()
        (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(UserError, match=said) as told:
        open_model(folder)
    assert "decoder.onnx" in str(told.value) and "\n" not in str(told.value)


def test_data_outside_the_folder_is_not_read(tmp_path, home):
    (tmp_path / "secret.bin").write_bytes(WEIGHTS.tobytes())
    folder = write_model(tmp_path / "climber", LEVELS, external="../secret.bin")
    with pytest.raises(UserError, match=r"decoder.onnx cannot be run"):
        open_model(folder)


@pytest.mark.parametrize("how", ["absolute", "link", "sub-folder's parent"])
def test_data_outside_the_folder_is_refused_however_it_is_named(how, tmp_path, home):
    secret = tmp_path / "secret.bin"
    secret.write_bytes(WEIGHTS.tobytes())
    (tmp_path / "climber").mkdir()
    place = {"absolute": str(secret), "link": "mine.bin", "sub-folder's parent": "sub/../../secret.bin"}[how]
    if how == "link":
        (tmp_path / "climber" / "mine.bin").symlink_to(secret)
    with pytest.raises(UserError, match=r"decoder\.onnx cannot be run \(it keeps numbers outside its folder, in ") as told:
        open_model(write_model(tmp_path / "climber", LEVELS, external=place))
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(("kind", "batch"), [(TensorProto.FLOAT16, "batch"), (TensorProto.FLOAT, 1), (TensorProto.FLOAT16, 1)])
def test_halves_and_single_rows_play_as_float32_batches_do(kind, batch, tmp_path, home):
    plain, other = (open_model(write_model(tmp_path / name, LEVELS, kind=k, batch=b))
                    for name, k, b in (("plain", TensorProto.FLOAT, "batch"), ("other", kind, batch)))
    assert plain.children and other.children
    latents = np.random.default_rng(0).uniform(plain.low, plain.high, (7, 2)).astype(np.float32)
    found, wanted = other.amplitudes(latents), plain.amplitudes(latents)
    np.testing.assert_allclose(wanted, np.exp(latents @ WEIGHTS + BIAS), rtol=1e-5)
    np.testing.assert_allclose(found, wanted, rtol=0.01, atol=1e-5)


def test_the_child_ends_with_its_model(tmp_path, home):
    model = open_model(write_model(tmp_path / "plain", LEVELS))
    pid = model.children[0].pid
    assert pid
    del model
    assert until(lambda: not os.path.exists(f"/proc/{pid}"), 20)


def test_own_models_are_no_strangers(home):
    shipped = json.loads((paths.bundled_folder() / "exported" / "akwf-16" / "manifest.json").read_text())["sha256"]
    assert not any(map(is_foreign, shipped.values())) and is_foreign("0" * 64)
    note_trained(["0" * 64])
    assert not is_foreign("0" * 64)
    (home / "trained_models.json").write_text("{")
    assert is_foreign("0" * 64)


@pytest.mark.parametrize("n_kills", [5, pytest.param(1 if SHORT else 20, marks=pytest.mark.soak, id="soak")])
def test_a_model_that_is_killed_again_and_again_costs_timbre_and_no_sound(tmp_path, home, n_kills):
    """Each time it is back within 1.5 s: another waits."""
    folder = write_model(tmp_path / "plain", LEVELS)
    patch = Patch(model=str(folder), latent_size=2, corners={"A": (-0.5, -1.0), "B": (0.8, -0.2)})
    session = Session(patch, device="none", midi="none", keep=False, record=tmp_path / "take.wav")
    [child] = session.source.model.children
    for key in range(45, 61):
        session.post(note_on(key, 0.4))
    assert until(lambda: session.snapshot().voices == 16)
    began = session.snapshot().frame
    took_s = []
    for i in range(n_kills):
        assert until(lambda: child.pid and child.waits, 60)
        os.kill(child.pid, signal.SIGKILL)
        killed_s, before = time.monotonic(), child.restarts
        while child.restarts == before and time.monotonic() - killed_s < LIMIT_S:
            session.set_param("osc.position", (i % 2 + 0.2 * (time.monotonic() % 1)) / 1.3)
            time.sleep(0.02)
        took_s.append(time.monotonic() - killed_s)
    end = session.snapshot().frame
    session.set_param("osc.position", 1.0)
    assert until(lambda: session.snapshot().latents[0] == pytest.approx(0.8, abs=1e-3))
    print(f"back after {np.median(took_s):.2f} s (median), {max(took_s):.2f} s at most")
    assert child.restarts == n_kills and max(took_s) < 1.5, took_s
    assert session.snapshot().voices == 16
    session.close()
    heard = soundfile.read(tmp_path / "take.wav", dtype="float32")[0][began:end]
    for side in heard.T:
        level = np.sqrt((side[:len(side) // 2400 * 2400].reshape(-1, 2400) ** 2).mean(1))
        assert level.min() > 0.2 * np.median(level), "no gap"
        spectrum = np.abs(np.fft.rfft(side[:len(side) // 240 * 240].reshape(-1, 240) * np.hanning(240)))[:, 96:]  # above 19 kHz: clicks
        assert 20 * np.log10(spectrum.max() / 60) < -80, "no click"


def test_a_model_that_hangs_at_one_place_is_contained(tmp_path, home):
    """It answers wherever it is asked on opening, and loops for ever near one latent: the note goes on, and the timbre after it left."""
    near = [("Gather", ["latent", "first"], "bright"), ("Sub", ["bright", "place"], "off"), ("Abs", ["off"], "far"),
            ("ReduceMin", ["far"], "nearest"), ("Less", ["nearest", "reach"], "there"), ("Where", ["there", "for_ever", "once"], "turn"),
            ("Reshape", ["turn", "scalar"], "turns")]
    constants = {"first": np.array([0]), "place": np.float32(0.8), "reach": np.float32(0.004), "for_ever": np.array(10**18),
                 "once": np.array(1), "scalar": np.array([], np.int64), "yes": np.array(True), "one": np.float32(1)}
    folder = write_model(tmp_path / "trap", BEFORE + near, constants, nodes=endless())
    model = onnx.load(folder / "decoder.onnx")
    next(n for n in model.graph.node if n.op_type == "Gather").attribute.append(helper.make_attribute("axis", 1))
    (folder / "decoder.onnx").write_bytes(model.SerializeToString())
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["sha256"]["decoder.onnx"] = hashlib.sha256((folder / "decoder.onnx").read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    session = Session(Patch(model=str(folder), latent_size=2, corners={"A": (-0.5, -1.0), "B": (0.8, -1.0)}), device="none", midi="none",
                      keep=False, record=tmp_path / "take.wav")
    [child] = session.source.model.children
    session.post(note_on(57, 0.8))
    assert until(lambda: session.snapshot().peak_left > 0.02)
    began, pid = session.snapshot().frame, child.pid
    session.set_param("osc.position", 1.0)
    assert until(lambda: child.pid not in (0, pid), 30), "the one that hung was ended, another waits"
    session.set_param("osc.position", 0.5)
    frame = session.snapshot().frame
    assert until(lambda: session.snapshot().frame > frame + 9600) and session.snapshot().voices == 1
    session.close()
    heard = soundfile.read(tmp_path / "take.wav", dtype="float32")[0][began:frame]
    for side in heard.T:
        level = np.sqrt((side[:len(side) // 480 * 480].reshape(-1, 480) ** 2).mean(1))
        assert level.min() > 0.3 * np.median(level), "no gap"


def test_preset_of_a_model_that_is_refused_plays_what_it_keeps(tmp_path, home):
    steps, constants, nodes, _ = STRANGE["no numbers"]
    folder = write_model(tmp_path / "strange", steps, constants, nodes=nodes())
    kept = preset_file.load(paths.find_preset("Amber Pad")).fallback_db
    session = Session(Patch(name="Mine", model=str(folder), latent_size=2, corners={"A": (0.0, -1.0)}, fallback_db=kept), device="none",
                      midi="none", keep=False)
    try:
        session.post(note_on(60))
        assert until(lambda: session.snapshot().peak_left > 0.01)
        assert any("not numbers" in sentence for sentence in session.messages)
    finally:
        session.close()


def write_decoder(path, moving=False):
    """A bare decoder of cycles of unit RMS; the phase of harmonic k is 0.3 k, or moves with a latent."""
    angle = 0.3 * K[:, None] + 2 * np.pi * K[:, None] * np.arange(2048) / 2048
    steps = [*BEFORE, ("Mul", ["found", "found"], "power"), ("ReduceSum", ["power", "axis"], "sum"), ("Sqrt", ["sum"], "level"),
             ("Div", ["found", "level"], "even"), ("MatMul", ["even", "waves"], "cycle")]
    waves = np.sqrt(2) * np.cos(angle)
    constants = {"axis": np.array([1]), "waves": waves.astype(np.float32)}
    if moving:
        steps = [*steps[:-1], ("MatMul", ["even", "waves"], "straight"), ("Gather", ["straight", "turned"], "aside"),
                 ("Greater", ["tilted", "middle"], "high"), ("Gather", ["high", "tenth"], "which"),
                 ("Where", ["which", "aside", "straight"], "cycle")]
        constants |= {"turned": (np.arange(2048) + 300) % 2048, "middle": np.float32(0), "tenth": np.array([8])}
    folder = write_model(path.parent / "parts", steps, constants)
    model = onnx.load(folder / "decoder.onnx")
    for node in model.graph.node:
        if node.op_type == "Gather":
            node.attribute.append(helper.make_attribute("axis", 1))
    model.graph.output[0].name = "cycle"
    path.write_bytes(model.SerializeToString())
    return path


def test_a_bare_decoder_becomes_a_model_that_plays(tmp_path, home, cli_here):
    file = write_decoder(tmp_path / "bare.onnx")
    row = json.loads(cli_here("plugins", "probe", file, "-o", home / "models" / "Bare", "--json", check=True).stdout)
    assert (row["output"], row["latent_size"], row["harmonics"]) == ("waveform", 2, H)
    model = open_model("Bare")
    np.testing.assert_allclose(np.exp(1j * model.phases), np.exp(0.3j * K), atol=1e-3)
    assert json.loads(cli_here("plugins", "list", "--json", check=True).stdout)[0]["name"] == "Bare"
    heard = render(Patch(model="Bare", latent_size=2, corners={"A": (0.5, -1.0)}), [(0, note_on(69, 0.8))], 0.5)
    for side in heard.T:
        assert abs(np.abs(np.fft.rfft(side[4800:24000] * np.hanning(19200))).argmax() * 2.5 - 440) < 3
    again = cli_here("plugins", "probe", file, "-o", home / "models" / "Bare")
    assert again.returncode == 1 and "is there already" in again.stderr


def test_what_is_no_decoder_is_told(tmp_path, home, cli_here):
    (tmp_path / "junk.onnx").write_bytes(b"junk" * 1000)
    other = onnx.load(write_decoder(tmp_path / "other.onnx"))
    other.graph.output[0].name = "power"
    other.graph.output.append(helper.make_tensor_value_info("level", TensorProto.FLOAT, None))
    (tmp_path / "other.onnx").write_bytes(other.SerializeToString())
    for file, said in (("junk.onnx", "cannot be run"), ("other.onnx", "export it with these names"),
                       ("nowhere.onnx", "no such file")):
        done = cli_here("plugins", "probe", file, "-o", "Made")
        assert done.returncode == 1 and said in done.stderr and done.stderr.startswith("latentwave: error: ")
        assert done.stderr.count("\n") == 1
    assert not (tmp_path / "Made").exists() and not [f for f in os.listdir(tmp_path) if f.startswith(".Made")]


def test_a_verdict_of_a_busy_machine_is_not_kept(tmp_path, home, monkeypatch):
    """One that did not answer because others had the processor is looked at again; one that ran all the time is refused at once."""
    steps, constants, nodes, said = STRANGE["endless"]
    folder = write_model(tmp_path / "strange", steps, constants, nodes=nodes())
    monkeypatch.setattr(child_network, "_RUN_S", 0.3)
    waited = itertools.count()
    monkeypatch.setattr(child_network, "_spent", lambda pid: (0.0, float(next(waited))))
    for _ in range(2):
        with pytest.raises(UserError, match="does not answer") as told:
            open_model(folder)
        assert "as was found before" not in str(told.value)
    monkeypatch.setattr(child_network, "_spent", lambda pid: (float(next(waited)), 0.0))
    for found in (False, True):
        with pytest.raises(UserError, match="does not answer") as told:
            open_model(folder)
        assert ("as was found before" in str(told.value)) == found
