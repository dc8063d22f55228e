"""Faults that a recipe can have without a word: decay to nothing, steps lost, scores that are no numbers, an earlier run written over."""

import types

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from synth.errors import UserError  # noqa: E402
from training.config import Config  # noqa: E402
from training.data.datasets import TrainingData  # noqa: E402
from training.data.features import Pool  # noqa: E402
from training.export.latent_map import _parts  # noqa: E402
from training.export.model_folder import latent_axes  # noqa: E402
from training.export.onnx_files import check_against_torch, check_levels  # noqa: E402
from training.fit.loop import Run  # noqa: E402
from training.network.model import Autoencoder  # noqa: E402
from training.train import _keep_aside  # noqa: E402

TINY = Config(steps=6, harmonics=140, latent_size=3, width=16, encoder_width=16, blocks=1, batch=16, synthetic_share=0.0, augment_share=0.0,
              learning_rate=0.0, weight_decay=0.5, warmup_steps=1)


def pool(n, seed=0):
    rng = np.random.default_rng(seed)
    levels = -rng.uniform(3, 12, (n, 1)) * np.log2(np.arange(1, 141)) + rng.normal(0, 2, (n, 140))
    return Pool((levels - levels.max(1, keepdims=True)).astype(np.float32), np.full(n, 140))


@pytest.fixture
def data():
    return TrainingData({"train": pool(40), "val": pool(8, 1), "test": pool(8, 2)}, pool(20, 3), "mine", np.zeros((0, 127), np.float32))


def test_a_run_from_a_model_decays_to_it_and_not_to_nothing(data):
    torch.manual_seed(1)
    weights = Autoencoder(TINY).state_dict()
    run = Run(TINY, data, weights=weights)
    with torch.no_grad():
        for parameter in run.model.parameters():
            parameter += 1.0
    run._set_rate = lambda: run.optimizer.param_groups[0].update(lr=1.0)
    run.optimizer.step = lambda: None  # the decay alone
    for _ in range(12):
        run.advance()
    away = [(own - weights[name]).abs().max().item() for name, own in run.model.state_dict().items()]
    assert max(away) < 0.01


def test_steps_without_a_gradient_are_counted_and_a_score_that_is_no_number_ends_the_run(data, tmp_path, monkeypatch):
    run = Run(TINY, data)
    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", lambda *_: torch.tensor(float("nan")))
    run.advance()
    assert run.skipped == 1 and run.step == 1
    run.score = lambda part: (float("nan"), 1.0)
    with pytest.raises(UserError, match="no numbers at step 1"):
        run.validate(tmp_path)


def test_earlier_runs_are_all_kept(tmp_path, capsys):
    for turn in range(3):
        (tmp_path / "last.pt").write_text(str(turn))
        _keep_aside(tmp_path)
    kept = sorted((path.name, path.read_text()) for path in tmp_path.iterdir())
    assert kept == [("earlier-2-last.pt", "1"), ("earlier-3-last.pt", "2"), ("earlier-last.pt", "0")]
    _keep_aside(tmp_path)
    assert capsys.readouterr().err.count("is kept as") == 3


def test_the_axes_of_few_sounds_are_found_with_others():
    """Eight sounds of five latents leave directions that nothing moves along: a slider there would be thousands long."""
    torch.manual_seed(0)
    model = Autoencoder(Config(harmonics=140, latent_size=5, width=16, encoder_width=16, blocks=1)).eval()
    few = pool(8)
    few = Pool(np.repeat(few.levels_db[:2], 4, 0), few.known)  # two different ones
    axes, latents, others = latent_axes(model, few, pool(60, 4))
    assert np.linalg.cond(axes.matrix.numpy()) < 1e4 and np.abs(others).max() < 50


def test_levels_are_checked_where_they_are_soft():
    """A decibel at -75 dB is nothing beside the peak."""
    levels = torch.tensor([[1.0, 10 ** (-75 / 20), 1e-6]])
    graph = type("Graph", (torch.nn.Module,), {"forward": lambda self, x: levels})()
    wrong = levels.numpy() * np.array([1, 10 ** (1 / 20), 1.5], np.float32)
    assert check_against_torch(graph, np.zeros((1, 3), np.float32), wrong, 1e-4) < 1e-4
    with pytest.raises(UserError, match="by 1.00 dB"):
        check_levels(graph, np.zeros((1, 3), np.float32), wrong)
    assert check_levels(graph, np.zeros((1, 3), np.float32), levels.numpy()) == 0


def test_a_map_made_anew_is_judged_on_the_runs_own_split(monkeypatch):
    import training.data.datasets as datasets

    seeds = []
    monkeypatch.setattr(datasets, "split", lambda data, seed, spectra: (seeds.append(seed) or {}, ""))
    model = types.SimpleNamespace(manifest={"config": {"seed": 7}})
    _parts(types.SimpleNamespace(cycles=np.zeros((1, 2048), np.float32)), model)
    assert seeds == [7]
