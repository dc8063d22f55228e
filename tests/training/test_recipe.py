"""Faults that a recipe can have without a word: decay to nothing, steps lost, scores that are no numbers, an earlier run written over."""

import types
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from synth.errors import UserError  # noqa: E402
from synth.samples.cutting import cut_recording  # noqa: E402
from synth.samples.dataset import dataset_of  # noqa: E402
from synth.samples.groups import describe  # noqa: E402
from training.config import Config  # noqa: E402
from training.data.augment import augment  # noqa: E402
from training.data.batches import Batches  # noqa: E402
from training.data.datasets import TrainingData, split, weigh_notes  # noqa: E402
from training.data.features import Pool  # noqa: E402
from training.export.latent_map import _parts  # noqa: E402
from training.export.model_folder import latent_axes  # noqa: E402
from training.export.onnx_files import check_against_torch, check_levels  # noqa: E402
from training.fit.loop import Run  # noqa: E402
from training.network.losses import SpectralLoss  # noqa: E402
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


def note(freq_hz, noise_db, seed, slope=6.0):
    """A steady note under white noise, noise_db of its own level: float64 samples at 48 kHz."""
    t = np.arange(24_000) / 48_000
    k = np.arange(1, int(24_000 / freq_hz))
    levels = 10 ** (-slope * np.log2(k) / 20) * np.random.default_rng(int(freq_hz)).uniform(0.4, 1.6, len(k))
    tone = (levels[:, None] * np.sin(2 * np.pi * k[:, None] * freq_hz * t + k[:, None])).sum(0)
    return tone + tone.std() * 10 ** (noise_db / 20) * np.random.default_rng(seed).normal(size=len(t))


def test_takes_under_noise_lie_in_one_part():
    """Two takes of a note, further than 1 dB apart in what noise covers: whatever the seed, neither judges what the other has taught."""
    labelled = [(f"{freq_hz:.0f} take {take}:{i}", cut) for freq_hz in 110 * 2 ** (np.arange(12) / 4) for take in (1, 2)
                for i, cut in enumerate(cut_recording([note(freq_hz, -25, take, 4 + freq_hz / 100)], 48_000))]
    data = dataset_of(labelled, np.full(len(labelled), -1, np.int32))
    key = np.array([name.split(" ")[0] for name, _ in labelled])
    spectra_db = describe(data.cycles)
    apart = [np.sqrt(((spectra_db[key == k][0] - spectra_db[key == k][-1]) ** 2).mean()) for k in np.unique(key)]
    assert np.median(apart) > 1.1
    for seed in range(4):
        parts = split(data, seed, spectra_db)[0]
        found = [set(key[rows]) for rows in parts.values()]
        assert all(found) and not (found[0] & found[1] | found[0] & found[2] | found[1] & found[2])


def test_what_is_not_known_weighs_next_to_nothing():
    """The invented envelope below harmonic 127 as well as above; in the loss and in what chooses."""
    loss = SpectralLoss(300, 0.5, 0.15, 0.05)
    target = -6.0 * torch.log2(torch.arange(1, 301.0))[None]
    wrong = target.clone()
    wrong[:, 40:] -= 30
    of = {known: float(loss(wrong, target, torch.tensor([known]))) for known in (300, 40)}
    assert of[300] > 20 and of[40] < 2
    weights = loss.weights(torch.tensor([40]))
    assert float(torch.stack(loss.distances(wrong, target, soft=False, weights=weights)).max()) < 0.02
    low = target.clone()
    low[:, 5] -= 20
    assert float(loss.distances(low, target, soft=False, weights=weights)[0]) > 2.5, "20 dB in one of 40"


def test_notes_come_as_often_as_each_other_however_many_cycles_they_were_cut_into(data):
    cycles = np.zeros((26, 2048), np.float32)
    long = types.SimpleNamespace(cycles=cycles, name=np.array([*(f"long:{i}" for i in range(24)), "short:0", "single"]),
                                 source_hz=np.array([220.0] * 25 + [np.nan]))
    often = weigh_notes(long, np.array([0] * 24 + [1, 2]))
    assert np.allclose(often, [1 / 24] * 24 + [1, 1])
    levels = np.repeat(np.arange(26.0)[:, None], 140, 1).astype(np.float32)
    batches = Batches(replace(data, parts={"train": Pool(levels, np.full(26, 140), often)}), replace(TINY, batch=3000))
    drawn = np.bincount(batches.draw(torch.Generator().manual_seed(0))[0][:, 0].int().numpy(), minlength=26)
    assert abs(drawn[:24].sum() - 1000) < 120 and abs(drawn[24] - 1000) < 120


def test_what_augmentation_adds_is_an_envelope():
    """Neighbours move together: what is another for each harmonic cannot be learnt, only blurred."""
    levels = torch.full((4000, 140), -20.0) - 0.01 * torch.arange(140)
    moved = augment(levels, torch.full((4000,), 140), 1.0, torch.Generator().manual_seed(0))[0]
    moved = moved[(moved.amin(1) > -60) & ((moved[:, 1::2] - moved[:, ::2]).mean(1).abs() < 1)]  # no noise, no even harmonics taken away
    assert len(moved) > 1000
    steps, ways = (moved[:, 100:130] - moved[:, 99:129]).abs().quantile(0.99), (moved[:, 110] - moved[:, 60]).abs().quantile(0.9)
    assert steps < 1 and ways > 2, "0.6 and 4.6; 9 where each harmonic has its own"


def test_the_best_is_chosen_as_it_would_be_exported(data):
    """After the encoder's last steps: a worse first answer of the encoder is no worse model."""
    torch.manual_seed(2)
    run = Run(replace(TINY, harmonics=140), data)
    for _ in range(4):
        run.advance()
    before = run.score(run.validation)[0]
    with torch.no_grad():
        run.average.encoder.line.bias += 0.05
    assert abs(run.score(run.validation)[0] - before) < 0.01 * before


def test_what_chooses_counts_notes_alike_and_nothing_that_is_unknown(data):
    torch.manual_seed(3)
    run = Run(replace(TINY, harmonics=140), data)
    levels, known = data.parts["val"].levels_db, np.full(8, 60)
    score = run.score(Pool(levels, known))
    often = np.ones(32)
    often[[0, *range(8, 32)]] = 1 / 25
    many = Pool(np.concatenate([levels, levels[:1].repeat(24, 0)]), np.full(32, 60), often)  # one note, cut 25 times
    invented = levels.copy()
    invented[:, 60:] = -3
    for pool in (many, Pool(invented, known)):
        assert run.score(pool) == pytest.approx(score, abs=1e-3)
