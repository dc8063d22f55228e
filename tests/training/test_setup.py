"""Training that begins from a finished model: its weights, what it has seen, and what is told of it."""

import argparse
import shutil
from dataclasses import replace

import numpy as np
import pytest
import soundfile

torch = pytest.importorskip("torch")

from synth.cli import main  # noqa: E402
from synth.errors import UserError  # noqa: E402
from synth.paths import find_model  # noqa: E402
from synth.samples import dataset  # noqa: E402
from synth.samples.baseline import load_baseline  # noqa: E402
from synth.samples.groups import describe, near_any  # noqa: E402
from synth.samples.spectrum import lsd  # noqa: E402
from synth.timbres.model import open_model  # noqa: E402
from training.config import Config  # noqa: E402
from training.data.datasets import NothingNew, gather  # noqa: E402
from training.data.features import cycles_of, pool_of  # noqa: E402
from training.export.import_onnx import open_base  # noqa: E402
from training.fit import checkpoint, setup  # noqa: E402
from training.fit.loop import Run  # noqa: E402
from training.fit.weight_interpolation import interpolate_weights  # noqa: E402


def new_cycles(count, seed=5, size=256):
    """Cycles no model has seen: random slopes, ripples and odd/even balance."""
    rng = np.random.default_rng(seed)
    k = np.arange(1, size // 2)
    levels = [k ** -rng.uniform(0.3, 2) * np.where(k % 2, 1, rng.uniform(0, 1)) * 10 ** (rng.uniform(0, 12) / 20 * rng.normal(size=len(k)))
              for _ in range(count)]
    turn = 2 * np.pi * np.outer(np.arange(size) / size, k)
    return [np.cos(turn + rng.uniform(0, 6.3, len(k))) @ level for level in levels]


def write_pack(folder, cycles):
    folder.mkdir(exist_ok=True)
    sound = np.concatenate([cycle / np.abs(cycle).max() for cycle in cycles])
    soundfile.write(folder / "pack.wav", 0.9 * sound, 48_000, subtype="FLOAT")
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_pack(tmp_path_factory.mktemp("data"), new_cycles(60))


@pytest.fixture(scope="module")
def base():
    return open_base("akwf-16")


def decoded_as(count, name="akwf-16"):
    """Sounds that the model knows: cycles [count, 2048] whose spectra are among its hashes."""
    found = load_baseline(find_model(name)).hashes[:: max(1, 3000 // count)][:count].astype(float) * 0.5 - 100
    spectrum = np.zeros((len(found), 1025), complex)
    spectrum[:, 1:128] = -1j * 10 ** (found / 20)
    return np.fft.irfft(spectrum) * 1024


def test_the_weights_are_the_exported_models_own(base):
    """Before a step, the model draws what the exported one draws: encoder, its corrections and decoder alike."""
    model = open_model("akwf-16")
    cycles = decoded_as(60)
    pool = pool_of(cycles.astype(np.float32), np.full(len(cycles), 127), base.config.harmonics)
    training_data = gather(dataset.Dataset(cycles.astype(np.float32), np.full(60, 127, np.int32), np.full(60, -1, np.int32),
                                      np.array([f"c:{i}" for i in range(60)]), np.full(60, np.nan, np.float32)), Config(synthetic_bank=10))
    run = Run(Config(base="akwf-16", synthetic_bank=10).shaped_as(base.config), training_data, weights=base.weights)
    score = run.score(pool)[0]
    own = lsd(cycles, model.decode(model.encode(cycles))).mean()
    assert abs(score - own) < 0.02, "with the encoder's last steps, as it is exported"
    assert set(base.weights) == set(run.model.state_dict())


def test_a_short_training_begins_from_the_shipped_model_and_beats_one_from_nothing(train, data, tmp_path):
    told = train(data, "--frame-size", 256, "--name", "m", "--steps", 25, "--out", "out")
    assert "begins from akwf-16" in told
    found = open_model(tmp_path / "out" / "m").manifest
    shipped = open_model("akwf-16").manifest
    assert found["command"] == f"latentwave train {data.name} --frame-size 256 --from akwf-16 --name m --latent 16 --seed 0 --steps 25"
    assert [row["name"] for row in found["data"]] == [data.name, "synthetic cycles", shipped["data"][0]["name"]]
    assert found["base"]["name"] == "akwf-16" and 0 < found["base"]["share"] <= 1
    assert found["config"]["base"] == "akwf-16" and found["config"]["base_sha256"] == shipped["sha256"]["decoder.onnx"]
    train(data, "--frame-size", 256, "--name", "n", "--steps", 25, "--from", "nothing", "--out", "out", export=False)
    config, alone, origin = train.unexported[-1]
    assert config.base == "" and "--from nothing" in origin["command"]
    erb_db = [checkpoint.load(tmp_path / "out" / ".runs" / name / checkpoint.LAST)["history"][-1][2] for name in "mn"]
    assert erb_db[0] < 0.88 * erb_db[1], f"ERB-LSD of validation, which came out as 1.43 and 1.72: {erb_db}"
    seen = load_baseline(tmp_path / "out" / "m").hashes
    assert len(seen) == len(load_baseline(find_model("akwf-16")).hashes) + len(alone.seen_db)


def test_no_more_synthetic_sounds_are_drawn_than_a_run_can_learn():
    """All of them take 40 s of processor."""
    def bank(steps=None, minutes=None):
        args = argparse.Namespace(name="x", steps=steps, minutes=minutes, latent=None, synthetic=None, seed=None)
        return setup._new_config(args, setup.MANY, None).synthetic_bank

    assert bank(minutes=0.01) < 2000 and bank(steps=5) == 1050
    assert bank(minutes=3) == bank() == Config.synthetic_bank


def as_dataset(cycles):
    cycles = np.asarray([np.interp(np.arange(2048) / 2048 * len(c), np.arange(len(c) + 1), np.append(c, c[0])) for c in cycles])
    cycles = ((cycles - cycles.mean(1, keepdims=True)) / cycles.std(1, keepdims=True)).astype(np.float32)
    n = len(cycles)
    return dataset.Dataset(cycles, np.full(n, 127, np.int32), np.full(n, -1, np.int32), np.array([f"c:{i}" for i in range(n)]),
                           np.full(n, np.nan, np.float32))


def test_what_the_model_has_seen_judges_nothing(base):
    both = as_dataset([*new_cycles(80), *decoded_as(40)])
    alone, together = gather(both, Config(synthetic_bank=10)), gather(both, Config(synthetic_bank=10), before=base.seen)
    judges = [len(m.parts["val"]) + len(m.parts["test"]) for m in (alone, together)]
    assert judges[1] < judges[0] and sum(map(len, together.parts.values())) == 120
    for part in ("val", "test"):
        assert near_any(describe(cycles_of(alone.parts[part])), base.seen.spectra_db).any()
        assert not near_any(describe(cycles_of(together.parts[part])), base.seen.spectra_db).any()
    for seen in (base.seen, replace(base.seen, split=alone.split)):  # other sounds may have been split by the same rule
        with pytest.raises(NothingNew):
            gather(as_dataset(decoded_as(60)), Config(synthetic_bank=10), before=seen)


def test_known_sounds_begin_from_nothing_unless_asked_otherwise(train, refused, tmp_path):
    write_pack(tmp_path / "known", [np.fft.irfft(np.fft.rfft(c)[:129]) for c in decoded_as(60)])
    args = ("known", "--frame-size", 256, "--name", "m", "--steps", 2, "--out", "out")
    assert "too few could judge" in refused("train", *args, "--from", "akwf-16") and not (tmp_path / "out").exists()
    assert "knows most of these sounds" in train(*args, export=False)
    assert train.unexported[-1][0].base == ""


@pytest.fixture
def refused(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*args):
        assert main([str(a) for a in args]) == 1
        return capsys.readouterr().err.splitlines()[-1]

    return run


def test_a_run_resumes_only_from_the_model_it_began_from(train, refused, data, tmp_path):
    shutil.copytree(find_model("akwf-16"), tmp_path / "mother")
    args = (data, "--frame-size", 256, "--name", "m", "--out", "out")
    train(*args, "--from", "mother", "--steps", 2, export=False)
    train(*args, "--resume", "--steps", 4, export=False)
    assert checkpoint.load(tmp_path / "out" / ".runs" / "m" / checkpoint.LAST)["step"] == 4
    assert "--from mother, not nothing" in refused("train", *args, "--resume", "--from", "nothing")
    shutil.rmtree(tmp_path / "mother")
    assert "this run began from 'mother'" in refused("train", *args, "--resume", "--steps", "6")
    shutil.copytree(find_model("akwf-8"), tmp_path / "mother")
    assert "not the one this run began from" in refused("train", *args, "--resume", "--steps", "6")


def test_what_training_cannot_begin_from_is_one_sentence(refused, data, tmp_path):
    assert "has 16 latents, not 5" in refused("train", data, "--frame-size", 256, "--name", "m", "--from", "akwf-16", "--latent", 5)
    assert "no model named 'nobody'" in refused("train", data, "--frame-size", 256, "--name", "m", "--from", "nobody")
    strange = tmp_path / "strange"
    shutil.copytree(find_model("akwf-16"), strange)
    (strange / "encoder.onnx").write_bytes(b"\x08\xff nonsense")
    with pytest.raises(UserError, match="so no training can begin from it"):
        open_base(str(strange))


def test_the_weights_end_where_held_out_sounds_are_drawn_best(base):
    """A run that was led astray comes back towards what it began with; one that began from nothing stays as it is."""
    training_data = gather(as_dataset(new_cycles(60)), Config(synthetic_bank=10))
    run = Run(Config(base="akwf-16", synthetic_bank=10).shaped_as(base.config), training_data, weights=base.weights)
    torch.manual_seed(0)
    with torch.no_grad():
        for weight in run.average.parameters():
            weight += 0.02 * torch.randn_like(weight)
    astray = run.score(run.validation)[0]
    assert interpolate_weights(run) < 1
    assert run.score(run.validation)[0] < astray - 0.2
    own = Run(Config(synthetic_bank=10, width=16, encoder_width=16), training_data)
    before = [weight.clone() for weight in own.average.parameters()]
    assert interpolate_weights(own) == 1 and all(torch.equal(a, b) for a, b in zip(before, own.average.parameters(), strict=True))


def test_a_run_that_went_astray_is_exported_half_way(train, data, tmp_path, monkeypatch):
    """Taught at a hundred times the rate, a model is ruined; what is exported has come back to where it draws well."""
    monkeypatch.setattr(setup, "BASE_RATE", 0.1)
    train(data, "--frame-size", 256, "--name", "m", "--steps", 12, "--out", "out")
    found = open_model(tmp_path / "out" / "m").manifest
    assert found["base"]["share"] < 1 and found["scores"]["lsd_db"] < found["scores"]["pca_lsd_db"]
    print(found["base"], found["scores"])
