"""The two homes of Gauss-Newton agree: the steps inside `encoder.onnx` and the player's refinement end at the same latent."""

from types import SimpleNamespace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from synth.samples.spectrum import LSD_HARMONICS, erb_lsd, lsd  # noqa: E402
from synth.timbres.gauss_newton import _residual_space, erb_bank, refine  # noqa: E402
from training.network.gauss_newton import Settle  # noqa: E402
from training.network.losses import SpectralLoss  # noqa: E402

SIZE, N = 3, 6


def levels_db(latents):
    """Levels of a decoder that is straight in decibels: float64[n, 127], far above the floor."""
    rng = np.random.default_rng(3)
    base = -10 - 3 * np.log2(1 + np.arange(LSD_HARMONICS)) + rng.normal(0, 2, LSD_HARMONICS)
    return base + latents @ rng.normal(0, 2, (SIZE, LSD_HARMONICS))


def cycles(levels):
    """Cycles float32[n, 2048] of harmonic levels in dB."""
    spectrum = np.zeros((len(levels), 1025), complex)
    spectrum[:, 1:1 + LSD_HARMONICS] = 10 ** (levels / 20)
    wave = np.fft.irfft(spectrum)
    return (wave / np.sqrt((wave**2).mean(1, keepdims=True))).astype(np.float32)


@pytest.fixture
def model():
    return SimpleNamespace(low=np.full(SIZE, -4, np.float32), high=np.full(SIZE, 4, np.float32), std=np.ones(SIZE, np.float32),
                           decode=lambda latents: cycles(levels_db(np.asarray(latents, float))))


def test_what_both_make_small_is_the_same(model):
    a, b = (cycles(levels_db(np.random.default_rng(seed).normal(size=(N, SIZE)))) for seed in (1, 2))
    space = [_residual_space(x, erb_bank()) for x in (a, b)]
    assert ((space[0] - space[1]) ** 2).sum(1) == pytest.approx(lsd(a, b) ** 2 + erb_lsd(a, b) ** 2, rel=1e-4)
    loss = SpectralLoss(LSD_HARMONICS)
    parts = [torch.cat(loss.residuals(torch.tensor(20 * np.log10(np.abs(np.fft.rfft(x))[:, 1:1 + LSD_HARMONICS] + 1e-9),
                                                   dtype=torch.float32)), 1).numpy() for x in (a, b)]
    assert ((parts[0] - parts[1]) ** 2).sum(1) == pytest.approx(((space[0] - space[1]) ** 2).sum(1), rel=1e-3)


def test_both_end_at_the_same_latent(model):
    rng = np.random.default_rng(5)
    wanted, start = rng.normal(size=(N, SIZE)), rng.normal(size=(N, SIZE))
    noisy = levels_db(wanted) + rng.normal(0, 1, (N, LSD_HARMONICS))  # no latent draws it exactly
    by_numpy = refine(model, cycles(noisy), start.astype(np.float32), steps=40)
    settle = Settle(SpectralLoss(LSD_HARMONICS), SIZE, steps=40)

    def draw(latents):
        return torch.tensor(levels_db(latents.detach().numpy().astype(float)), dtype=torch.float32)

    by_torch = settle(torch.tensor(start, dtype=torch.float32), torch.tensor(noisy, dtype=torch.float32), draw).numpy()
    assert np.abs(by_numpy - by_torch).max() < 0.03
    assert np.abs(by_numpy - wanted).max() < 1.0
