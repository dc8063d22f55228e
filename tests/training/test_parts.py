"""Parts of training against theory: PCA, the transforms, the losses, the phases, the prior, the augmentation."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from synth.samples import spectrum  # noqa: E402
from training.config import Config, minutes_for  # noqa: E402
from training.data.augment import augment, stretch  # noqa: E402
from training.data.datasets import gather  # noqa: E402
from training.data.features import extrapolate, normalised, pool_of  # noqa: E402
from training.data.synthetic import synthetic_pool  # noqa: E402
from training.export.graphs import Axes, EncoderGraph  # noqa: E402
from training.fit.loop import Run  # noqa: E402
from training.network.losses import SpectralLoss  # noqa: E402
from training.network.model import Autoencoder, narrowed, start_from_pca, viewed  # noqa: E402
from training.network.phases import shared_phases  # noqa: E402
from training.network.transforms import ToCycle, ToPowers  # noqa: E402


@pytest.fixture(scope="module")
def pool():
    return synthetic_pool(400, 127, seed=0)


def linear_error(line, x):
    with torch.no_grad():
        return float(((line(x) - x) ** 2).mean())


def test_a_linear_autoencoder_trains_to_the_error_of_pca(pool):
    """Baldi and Hornik 1989: its only minimum is the principal subspace. Trained from random weights."""
    x = torch.from_numpy(normalised(pool.levels_db, np.full(400, 127)))[:, :40]
    x = x - x.mean(0)
    torch.manual_seed(0)
    line = torch.nn.Sequential(torch.nn.Linear(40, 5, bias=False), torch.nn.Linear(5, 40, bias=False))
    optimizer = torch.optim.LBFGS(line.parameters(), lr=1, max_iter=150, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = ((line(x) - x) ** 2).mean()
        loss.backward()
        return loss

    optimizer.step(closure)
    best = float((torch.linalg.svdvals(x)[5:] ** 2).sum() / x.numel())
    assert best * 0.9999 <= linear_error(line, x) < 1.01 * best


def test_the_start_is_pca(pool):
    """Before any step the model keeps exactly what principal components keep."""
    config = Config(harmonics=127, latent_size=7, width=16, encoder_width=16)
    x = normalised(pool.levels_db, np.full(400, 127))
    model = Autoencoder(config)
    start_from_pca(model, x, x, np.ones(127))
    with torch.no_grad():
        rebuilt = model.decoder(model.encode(torch.from_numpy(x))).numpy()
        latents = model.encode(torch.from_numpy(x)).numpy()
    centred = x - x.mean(0)
    best = (np.linalg.svd(centred, compute_uv=False)[7:] ** 2).sum() / x.size
    assert ((rebuilt - x) ** 2).mean() == pytest.approx(best, rel=1e-3)
    assert latents.std(0) == pytest.approx(np.ones(7), abs=1e-3)


@pytest.mark.parametrize("harmonics", [5, 127, 511, 1023])
def test_transforms_equal_the_fft(harmonics):
    rng = np.random.default_rng(0)
    amplitudes, phases = rng.normal(size=(3, harmonics)), rng.uniform(-3, 3, harmonics)
    bins = np.zeros((3, 1025), complex)
    bins[:, 1 : harmonics + 1] = amplitudes * np.exp(1j * phases)
    cycle = ToCycle(phases)(torch.tensor(amplitudes, dtype=torch.float32)).numpy()
    expected = np.fft.irfft(bins, 2048) * 1024
    assert np.abs(cycle - expected).max() < 1e-6 * np.abs(expected).max()
    noise = rng.normal(size=(3, 2048))
    powers = ToPowers(harmonics)(torch.tensor(noise, dtype=torch.float32)).numpy()
    expected = np.abs(np.fft.rfft(noise)[:, 1 : harmonics + 1]) ** 2
    assert np.abs(powers - expected).max() < 1e-5 * expected.max()


def test_the_hard_loss_is_the_measure(pool):
    rng = np.random.default_rng(0)
    a, b = (10 ** (x / 20) for x in (pool.levels_db[:100], pool.levels_db[100:200] + rng.normal(size=(100, 127))))
    cycles = [np.fft.irfft(np.pad(x, ((0, 0), (1, 897)))) for x in (a, b)]
    loss = SpectralLoss(127, 0.5, 0.1, 0.1)
    lsd, erb = loss.distances(*(torch.tensor(20 * np.log10(x), dtype=torch.float32) for x in (a, b)), soft=False)
    assert np.abs(lsd.numpy() - spectrum.lsd(*cycles)).max() < 2e-3
    assert np.abs(erb.numpy() - spectrum.erb_lsd(*cycles)).max() < 2e-3


def test_unknown_harmonics_pull_but_lightly():
    loss = SpectralLoss(511, 0.5, 0.15, 0.05)
    target = torch.full((1, 511), -20.0)
    wrong = target.clone()
    wrong[:, 300:] += 15
    known = [loss(wrong, target, torch.tensor([n])).item() for n in (511, 300)]
    right = loss(target, target, torch.tensor([300])).item()
    assert right < known[1] < known[0]


def test_the_prior_continues_the_slope_and_never_rises():
    levels = np.stack([-12 * np.log2(np.arange(1, 512)), 6 * np.log2(np.arange(1, 512)) - 54]).astype(np.float32)
    filled = extrapolate(levels, np.array([200, 200]))
    assert np.abs(filled[0] - np.maximum(levels[0], -110)).max() < 0.01
    assert (np.diff(filled[1, 199:]) < 0).all()
    assert np.array_equal(filled[:, :200], levels[:, :200])


def test_what_the_encoder_sees_hides_the_unknown():
    cycle = np.random.default_rng(0).normal(size=(1, 2048))
    pool = pool_of(cycle, np.array([100]), 511)
    seen = normalised(pool.levels_db, pool.known)
    assert (seen[0, 100:] == seen.min()).all() and seen[0, :100].min() > seen.min()


def test_shared_phases_tame_the_crest():
    k = np.arange(1, 512)
    spectra = np.stack([1 / k, (k % 2) / k, k**-0.5, np.where(k < 128, 1.0, 0), np.where(k < 300, 1.0, 0)])
    cycles = ToCycle(shared_phases(511))(torch.tensor(spectra, dtype=torch.float32)).numpy()
    crest = np.abs(cycles).max(1) / np.sqrt((cycles**2).mean(1))
    assert crest.max() < 4.2
    assert np.array_equal(shared_phases(127), shared_phases(511)[:127])


def test_augmentation_repeats_with_its_generator_and_leaves_its_share_alone(pool):
    levels, known = torch.from_numpy(pool.levels_db), torch.from_numpy(pool.known)
    runs = [augment(levels, known, 0.6, torch.Generator().manual_seed(s)) for s in (1, 1, 2)]
    assert torch.equal(runs[0][0], runs[1][0]) and not torch.equal(runs[0][0], runs[2][0])
    untouched = (runs[0][0] == levels).all(1).float().mean()
    assert 0.3 < untouched < 0.5
    assert torch.isfinite(runs[0][0]).all() and runs[0][0].max() <= 1e-5 and runs[0][1].max() <= 127


def test_stretching_moves_a_peak():
    levels = torch.full((1, 127), -60.0)
    levels[0, 20] = 0
    assert stretch(levels, torch.tensor([[2.0]])).argmax() == 41  # harmonic 42 has the level of harmonic 21


def test_synthetic_cycles_vary_and_are_finite(pool):
    assert np.isfinite(pool.levels_db).all() and pool.levels_db.max() == 0
    centroid = (10 ** (pool.levels_db / 10) * np.arange(1, 128)).sum(1) / (10 ** (pool.levels_db / 10)).sum(1)
    assert np.quantile(centroid, 0.1) < 3 and np.quantile(centroid, 0.9) > 15


def test_the_encoders_view_of_a_decoder_is_the_view_of_what_it_draws():
    model = Autoencoder(Config(harmonics=700, latent_size=5, width=16, encoder_width=16))
    torch.nn.init.normal_(model.decoder.leave.weight)
    z = torch.randn(7, 5)
    assert torch.allclose(narrowed(model.decoder)(z), viewed(model.decoder(z)), atol=1e-5)
    assert viewed(torch.arange(1023.0)[None]).tolist()[0][254:257] == [254, 262.5, 278.5]
    assert torch.allclose(model.decode(z, 127), model.decode(z)[:, :127], atol=1e-4)


SMALL = Config(steps=80, harmonics=300, latent_size=6, width=48, encoder_width=48, blocks=1, batch=48, synthetic_bank=400,
               warmup_steps=5)


@pytest.fixture(scope="module")
def taught():
    run = Run(SMALL, gather(None, SMALL))
    for _ in range(SMALL.steps):
        run.advance()
    return run


def test_the_last_steps_come_nearer_and_answer_the_same_to_a_turned_cycle(taught):
    """What the network says, and where the Gauss-Newton steps take it: sounds of kinds it has not been taught."""
    k = np.arange(1, 301)
    levels = np.stack([-6 * np.log2(k) - 30 * (k % n == 0) + 12 * np.cos(k / n) for n in range(2, 14)]).astype(np.float32)
    cycles = np.fft.irfft(np.pad(10 ** (levels / 20) * np.exp(1j * k**2), ((0, 0), (1, 724))))
    target = pool_of(cycles, np.full(12, 300), 300)
    axes = Axes(np.zeros(6), np.eye(6))
    graph = EncoderGraph(taught.average, axes, 300).eval()
    with torch.no_grad():
        first = taught.average.encode(torch.from_numpy(normalised(target.levels_db, target.known)))
        last, turned = (graph(torch.from_numpy(x.astype(np.float32))) for x in (cycles, -3 * np.roll(cycles, 700, 1)))
        distance = [sum(taught.loss.distances(taught.average.decode(z), torch.from_numpy(target.levels_db), soft=False))
                    for z in (first, last)]
    assert distance[1].mean() < distance[0].mean() - 0.4 and (distance[1] < distance[0] + 0.1).all()
    assert (last - turned).abs().max() < 1e-3


def test_steps_that_are_even_cost_nothing_and_a_leap_does(taught):
    """A decoder that draws all of the way's change within a tenth of it, against one that draws it evenly."""
    fields = dict(SMALL.to_dict(), morph_weight=0.0, even_weight=1.0)
    run = Run(Config.from_dict(fields), gather(None, SMALL))
    slope = -torch.log2(torch.arange(1.0, 301))
    part = torch.linspace(0, 0.95, 40)[:, None]
    ends = [(torch.full((40, 6), z), (6 + 12 * z) * slope.expand(40, -1), torch.full((40,), 300)) for z in (0.0, 1.0)]
    cost = []
    for shape in (lambda z: z, lambda z: torch.sigmoid((z - 0.5) * 40)):
        run.model.decode = lambda z, lowest=None, shape=shape: ((6 + 12 * shape(z[:, :1])) * slope)[:, :lowest]
        cost.append(float(run._on_the_way(*ends, part).mean()))
    assert cost[0] < 0.02 and cost[1] > 1


def test_products_in_half_precision_lose_little(taught):
    """The path that CUDA takes, on this processor."""
    pool = taught.validation
    levels, known = torch.from_numpy(pool.levels_db[:32]), torch.from_numpy(pool.known[:32])
    noise, part = torch.zeros(32, 6), torch.full((32, 1), 0.5)
    found = []
    for taught.mixed in (False, True):
        taught.optimizer.zero_grad()
        loss, total = taught._loss(levels, known, noise, part)
        total.backward()
        found.append((float(loss.detach()), torch.cat([p.grad.flatten() for p in taught.model.parameters()])))
    taught.mixed = False
    (loss, grad), (loss_half, grad_half) = found
    assert loss != loss_half and loss_half == pytest.approx(loss, rel=0.02)
    assert torch.cosine_similarity(grad, grad_half, 0) > 0.97, "0.980 to 0.999 by the seed"


def test_a_run_is_as_long_as_its_sounds_are_worth():
    assert [minutes_for(n, False) for n in (24, 500, 2250, 4000, 10**6)] == [2.5, 2.5, 6.8, 11.0, 11.0]
    assert [minutes_for(n, True) for n in (24, 500, 2250, 4000, 10**6)] == [2.5, 2.5, 3.8, 5.0, 5.0]
