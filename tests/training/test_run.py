"""Training end to end: a smoke run to a playable model, kills and resumes, and what it refuses."""

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

torch = pytest.importorskip("torch")

from synth import paths  # noqa: E402
from synth.cli import main  # noqa: E402
from synth.samples import dataset  # noqa: E402
from synth.timbres.density import load_map  # noqa: E402
from synth.timbres.model import Network, open_model  # noqa: E402
from tests.decoders import check_kernel  # noqa: E402
from tests.servers import WORK_S, child_env  # noqa: E402
from training.config import Config  # noqa: E402
from training.data.datasets import gather  # noqa: E402
from training.fit.loop import (  # noqa: E402
    Run,
    checkpoint,  # noqa: E402
    fit,
)

SMALL = Config(steps=24, harmonics=200, latent_size=4, width=32, encoder_width=32, blocks=1, batch=32,
               synthetic_bank=200, validate_every=6, warmup_steps=4)


def folder_of_cycles(folder, count=60, size=256):
    """One file of `count` cycles with random slopes and odd/even balance."""
    rng = np.random.default_rng(0)
    k = np.arange(1, size // 2)
    cycles = []
    for _ in range(count):
        levels = k ** -rng.uniform(0.3, 2.5) * np.where(k % 2, 1, rng.uniform(0, 1)) * rng.uniform(0.5, 1, len(k))
        cycles.append(np.cos(2 * np.pi * np.outer(np.arange(size) / size, k) + rng.uniform(0, 6.3, len(k))) @ levels)
    sound = np.concatenate(cycles)
    folder.mkdir(exist_ok=True)
    soundfile.write(folder / "pack.wav", 0.9 * sound / np.abs(sound).max(), 48_000, subtype="FLOAT")
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return folder_of_cycles(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def training_data(data):
    return gather(dataset.load(data, 256)[0], SMALL)


def evaluated(*args):
    """What `latentwave evaluate --json` prints."""
    with contextlib.redirect_stdout(io.StringIO()) as told:
        assert main(["evaluate", *map(str, args), "--json"]) == 0
    return json.loads(told.getvalue())


def judged(*args):
    """How many cycles `evaluate` judges a model by; 0 where it refuses."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        code = main(["evaluate", *map(str, args), "--json"])
    return 0 if code else json.loads(told.getvalue())["n"]


def test_smoke_run_gives_a_model_that_plays(train, data, tmp_path):
    train(data, "--frame-size", 256, "--name", "my model", "--steps", 30, "--latent", 6, "--out", "out")
    model = open_model(tmp_path / "out" / "my model")
    cycles = model.decode(np.zeros((3, 6)))
    assert np.abs(np.sqrt((cycles**2).mean(1)) - 1).max() < 1e-4
    scores = model.manifest["scores"]
    assert 0 < scores["erb_lsd_db"] and 0 < scores["lsd_db"] < 15 and scores["refined_lsd_db"] > 0
    assert not list((tmp_path / "out").glob(".*.part"))
    found = evaluated("out/my model", data, "--frame-size", 256)
    assert found["n"] + found["n_left_out"] == 60 and 1 <= found["n"] <= 15
    assert found["lsd_db"] == pytest.approx(scores["lsd_db"], abs=0.02)
    assert found["pca_erb_lsd_db"] == pytest.approx(scores["pca_erb_lsd_db"], abs=0.02)
    alone = Network(model.folder / "amplitudes.onnx", "latent", "amplitudes", 6, model.harmonics)
    spectra = np.fft.rfft(model.decode(np.eye(6, dtype=np.float32)))[:, 1 : model.harmonics + 1] / 1024
    assert np.abs(alone(np.eye(6, dtype=np.float32)) - np.abs(spectra)).max() < 1e-5
    check_kernel(model)
    assert set(model.manifest["sha256"]) == {"decoder.onnx", "encoder.onnx", "amplitudes.onnx"}
    curve = (model.folder / "curve.csv").read_text("utf-8").splitlines()
    assert len(curve) == 31 and curve[0].startswith("step,") and curve[30].count(",") == 3 and not curve[30].endswith(",")
    page = (tmp_path / "out" / "my model" / "report.html").read_text("utf-8")
    assert len(page) < 8 << 20 and page.count("<audio") >= 8 and page.count("<polyline") > 15 and ">pack</text>" in page
    assert not re.search(r"https?://|<script|<link|src=\"(?!data:)", page), "a report needs nothing from outside"
    drawn = load_map(model.folder, 6).density.sample(np.random.default_rng(0), 50)
    assert np.isfinite(model.decode(drawn)).all()


def test_with_no_folder_it_trains_on_synthetic_cycles_and_writes_into_the_users_home(train, home, tmp_path):
    clone = paths.bundled_folder() / "exported"
    before = sorted(clone.rglob("*"))
    train("--name", "alone", "--steps", 5, "--latent", 3)
    assert (home / "models" / ".runs" / "alone" / "last.pt").is_file()
    assert sorted(clone.rglob("*")) == before and [path.name for path in tmp_path.iterdir()] == ["home"]
    model = open_model("alone")
    assert model.folder == home / "models" / "alone" and model.manifest["data"][0]["name"] == "synthetic cycles"
    assert np.isfinite(model.decode(np.ones((1, 3)))).all()


def test_another_collection_is_learnt_besides_and_judges_nothing(train, data, tmp_path):
    (tmp_path / "notes").mkdir()
    rng = np.random.default_rng(3)
    known = dataset.load(data, 256)[0]
    cycles = np.concatenate([known.cycles[:30], rng.normal(size=(20, 2048))])
    cycles -= cycles.mean(1, keepdims=True)
    cycles /= np.sqrt((cycles**2).mean(1, keepdims=True))
    other = tmp_path / "notes" / "other.npz"
    np.savez(other, cycles=cycles.astype(np.float32))
    other.with_suffix(".txt").write_text("name: Noises\nlicence: CC0\n")
    train(data, "--frame-size", 256, "--name", "m", "--steps", 8, "--latent", 3, "--with", other, "--out", "out")
    model = open_model(tmp_path / "out" / "m")
    assert [d["name"] for d in model.manifest["data"]] == [data.name, "Noises", "synthetic cycles"]
    assert model.manifest["command"] == (
        f"latentwave train {data.name} --frame-size 256 --with other.npz --from nothing --name m --latent 3 --seed 0 --steps 8")
    found = evaluated("out/m", data, "--frame-size", 256)
    assert found["n"] == model.manifest["scores"]["n"], "what judges was not learnt"
    assert judged("out/m", other) <= 8, "of what it learnt nearly nothing"
    training_data = gather(known, SMALL, [dataset.load(other, None)[0]])
    assert training_data.more is not None and 40 <= len(training_data.more) < 50


def states_equal(a, b):
    if isinstance(a, torch.Tensor):
        return torch.equal(a, b)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(states_equal(a[k], b[k]) for k in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(states_equal, a, b))
    return a == b


def test_a_stopped_run_resumes_bit_exact(training_data, tmp_path):
    whole = Run(SMALL, training_data)
    assert fit(whole, tmp_path / "whole")
    first = Run(SMALL, training_data)
    assert not fit(first, tmp_path / "cut", stopped=lambda: first.step >= 11)
    second = Run(SMALL, training_data)
    second.restore(checkpoint.load(tmp_path / "cut" / checkpoint.LAST))
    assert second.step == 11
    assert fit(second, tmp_path / "cut")
    a, b = (checkpoint.load(tmp_path / f / checkpoint.LAST) for f in ("whole", "cut"))
    for state in (a, b):
        state.pop("elapsed_s")
    assert states_equal(a, b)
    changed = Run(SMALL, training_data)
    assert not states_equal(a["model"], changed.model.state_dict())


def train_process(data, out, *more):
    command = [sys.executable, "-m", "synth", "train", str(data), "--frame-size", "256", "--name", "m", "--out", str(out),
               "--synthetic", "0"]
    return subprocess.Popen([*command, *map(str, more)], env=child_env(), stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def wait_for(path: Path, process):
    end = time.monotonic() + WORK_S
    while not path.is_file():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "no checkpoint came"
        time.sleep(0.05)


def test_sigterm_saves_and_a_kill_leaves_a_whole_checkpoint(train, data, tmp_path):
    runs = tmp_path / ".runs" / "m"
    process = train_process(data, tmp_path, "--steps", 100_000, "--latent", 4)
    wait_for(runs / "best.pt", process)
    os.kill(process.pid, signal.SIGTERM)
    out, _ = process.communicate(timeout=WORK_S)
    assert process.returncode == 0 and "--resume" in out
    saved = checkpoint.load(runs / "last.pt")
    assert saved["step"] >= 20
    process = train_process(data, tmp_path, "--resume", "--steps", 100_000)
    before = (runs / "best.pt").stat().st_mtime_ns
    time.sleep(4)
    process.kill()
    process.communicate()
    assert checkpoint.load(runs / "last.pt")["step"] >= saved["step"]
    assert (runs / "best.pt").stat().st_mtime_ns >= before
    train(data, "--frame-size", 256, "--name", "m", "--out", tmp_path, "--synthetic", 0, "--resume", "--steps", saved["step"] + 5,
          export=False)
    assert checkpoint.load(runs / "last.pt")["step"] == saved["step"] + 5


@pytest.fixture
def refused(capsys, tmp_path, monkeypatch):
    """Run a command in this process; gives its one line of error."""
    monkeypatch.chdir(tmp_path)

    def run(*args):
        assert main([str(a) for a in args]) == 1
        lines = capsys.readouterr().err.splitlines()
        assert lines[-1].startswith("latentwave: error: ")
        return lines[-1]

    return run


@pytest.mark.parametrize(("args", "said"), [
    (("nowhere",), "nowhere"), (("few", "--frame-size", 256), "at least"), (("--resume",), "nothing to resume"),
    (("--latent", 0), "--latent"), (("--synthetic", 2), "--synthetic"), (("--minutes", -1), "--minutes"),
    (("--steps", 0), "--steps"), (("--device", "mps"), "no mps device"), (("few", "--frame-size", 3), "frame size"),
])
def test_what_cannot_be_trained_is_refused_before_the_first_step(refused, tmp_path, args, said):
    folder_of_cycles(tmp_path / "few", count=5)
    assert said in refused("train", *args, "--name", "m", "--out", "out")
    assert not (tmp_path / "out" / "m").exists()


@pytest.mark.parametrize("name", ["../up", "", "a/b", ".hidden"])
def test_a_name_that_is_no_name_is_refused(refused, tmp_path, name):
    assert "no name" in refused("train", "--name", name, "--out", "out")
    assert not (tmp_path / "out").exists()


def test_resuming_on_other_data_is_refused(refused, data, training_data, tmp_path):
    run = Run(SMALL, training_data)
    checkpoint.save(run.state(), tmp_path / "out" / ".runs" / "m" / checkpoint.LAST)
    folder_of_cycles(tmp_path / "other", count=61)
    said = refused("train", "other", "--frame-size", 256, "--name", "m", "--out", "out", "--resume")
    assert "not the cycles this run began with" in said


def test_resuming_with_other_settings_is_refused(refused, training_data, tmp_path):
    checkpoint.save(Run(SMALL, training_data).state(), tmp_path / "out" / ".runs" / "m" / checkpoint.LAST)
    for option, value in (("--latent", 9), ("--seed", 77), ("--synthetic", 0.9)):
        assert f"this run began with {option}" in refused("train", "--name", "m", "--out", "out", "--resume", option, value)


def test_the_clock_ends_a_run_by_minutes(training_data, tmp_path):
    run = Run(replace(SMALL, minutes=0.01, steps=10**6), training_data)
    assert fit(run, tmp_path / "run")
    saved = checkpoint.load(tmp_path / "run" / checkpoint.LAST)
    assert 1 <= saved["step"] < 1000 and saved["elapsed_s"] >= 0.6


def test_a_damaged_checkpoint_is_one_sentence(refused, data, tmp_path):
    runs = tmp_path / "out" / ".runs" / "m"
    runs.mkdir(parents=True)
    (runs / "last.pt").write_bytes(b"PK\x03\x04 nonsense")
    assert "damaged" in refused("train", data, "--frame-size", 256, "--name", "m", "--out", "out", "--resume")
