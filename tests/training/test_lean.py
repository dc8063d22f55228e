"""Lean decoders: what a compression keeps exactly, the way through ONNX and back, and that teaching smooths what is steep."""

import copy

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from synth.timbres.density import Density  # noqa: E402
from training.config import Config  # noqa: E402
from training.export.graphs import AmplitudesGraph, Axes  # noqa: E402
from training.export.import_onnx import levels_of_decoder  # noqa: E402
from training.export.lean_model import from_smoothed_db, lean_config, make_lean  # noqa: E402
from training.export.onnx_files import store_halves, write_onnx  # noqa: E402
from training.fit.compress import compress  # noqa: E402
from training.fit.distil import NODES, Played, Swings  # noqa: E402
from training.fit.held import Held, hold  # noqa: E402
from training.network.layers import Lean  # noqa: E402
from training.network.losses import SpectralLoss  # noqa: E402
from training.network.model import Autoencoder, narrow_copy, viewed  # noqa: E402

CONFIG = Config(latent_size=3, harmonics=300, width=64, encoder_width=16)


def trained(seed=0, steep=1.0):
    """An autoencoder whose decoder bends: levels that fall by 6 dB an octave, and a network that moves them by some dB."""
    torch.manual_seed(seed)
    model = Autoencoder(CONFIG).eval()
    with torch.no_grad():
        for block in model.decoder.blocks:
            torch.nn.init.normal_(block.down.weight, std=0.1)
            torch.nn.init.normal_(block.norm.bias, std=0.3)
        torch.nn.init.normal_(model.decoder.enter.weight, std=steep)
        torch.nn.init.normal_(model.decoder.leave.weight, std=0.03)
        model.decoder.line.weight.mul_(0.1)
        model.decoder.line.bias.copy_(1.6 - 0.24 * torch.log2(torch.arange(1, CONFIG.harmonics + 1)))
    return model


def played(n=300):
    latents = np.random.default_rng(0).normal(size=(n, 3)).astype(np.float32)
    density = Density(np.ones(1, np.float32), np.zeros((1, 3), np.float32), np.eye(3, dtype=np.float32)[None])
    return Played(latents, density, np.full(3, -3.0, np.float32), np.full(3, 3.0, np.float32))


def axes():
    return Axes(np.array([0.1, 0.0, -0.2]), np.array([[1.0, 0.2, 0], [0, 1, 0], [0.1, 0, 0.8]]))


def test_the_first_block_is_kept_to_rounding_and_the_rest_nearly():
    decoder = trained().decoder
    own = torch.randn(2000, 3, generator=torch.Generator().manual_seed(1))
    lean = compress(decoder, own, 48)
    first = decoder.blocks[0]
    with torch.no_grad():
        assert torch.allclose(lean.up0(lean.norm0(lean.start(own))), first.up(first.norm(decoder.enter(own))), atol=2e-3)
        apart = (lean(own) - decoder(own)).std() / (decoder(own) - decoder(own).mean(0)).std()
    print(f"compressed: {apart:.3f} of what moves is lost")
    assert apart < 0.15


def test_the_ends_multiplied_out_are_the_network():
    torch.manual_seed(0)
    lean, z = Lean(3, 300, 32, 24, 5), torch.randn(20, 3)
    model = Autoencoder(lean_config(CONFIG))
    with torch.no_grad():
        assert torch.allclose(narrow_copy(lean)(z), viewed(lean(z)), atol=1e-5)
        assert torch.allclose(model.decode(z), model.decoder(z) * 25 - 40, atol=1e-3)
        assert torch.allclose(model.decode(z, 7), model.decode(z)[:, :7], atol=1e-4)


def test_a_lean_decoder_comes_back_from_its_file(tmp_path):
    torch.manual_seed(3)
    model = Autoencoder(lean_config(CONFIG)).eval()
    where, file, z = axes(), tmp_path / "amplitudes.onnx", torch.randn(9, 3)
    graph = AmplitudesGraph(model, where, 300).eval()
    write_onnx(graph, z, ("latent", "amplitudes"), file)
    store_halves(file)
    with torch.no_grad():
        expected = model.decode(z @ where.back + where.mean)
        assert torch.allclose(levels_of_decoder(file, 300)(z), expected, atol=1e-3)
        assert torch.allclose(levels_of_decoder(file)(z), expected[:, :127], atol=1e-3)


def test_a_swing_is_measured_as_its_sidebands_are():
    """Against the sidebands of the swing itself, 4,096 points of a turn."""
    lean = compress(trained(steep=3.0).decoder, torch.randn(500, 3), 8)
    lots = played()
    turn = 2 * np.pi * np.arange(4096) / 4096
    swings = Swings(lots, lambda z: z, 0)
    for one in range(3):
        where = np.repeat(lots.latents.mean(0)[None], 4096, 0)
        where[:, one] += 1.5 * lots.latents.std(0)[one] * np.sin(turn)
        with torch.no_grad():
            level = lean(torch.tensor(where, dtype=torch.float32))[:, :127] * 25
            amplitudes = 10 ** (level.numpy() / 20)
        amplitudes /= np.sqrt((amplitudes**2).sum(1, keepdims=True))
        power = (np.abs(np.fft.rfft(amplitudes, axis=0)) ** 2).sum(1)
        power[1:-1] *= 2
        expected = 10 * np.log10(power[13:].sum() / power.sum())
        with torch.no_grad():
            found = float(swings.noise_db(lean, torch.from_numpy(lots.latents.mean(0)[None]), np.array([one]))[0])
        print(f"latent {one + 1}: {found:.1f} dB, by its sidebands {expected:.1f}")
        assert abs(found - expected) < 1.5
    assert NODES > 2 * 13


def test_teaching_smooths_what_is_steep_and_stays_near():
    model, where, lots = trained(steep=2.0), axes(), played()
    swings = Swings(lots, lambda z: z @ where.back + where.mean, 0)
    middle = torch.from_numpy(np.repeat(lots.latents.mean(0)[None], 3, 0))

    def noise_db(decoder):
        with torch.no_grad():
            return swings.noise_db(decoder, middle, np.arange(3)).numpy()

    begun = compress(model.decoder, torch.from_numpy(lots.latents) @ where.back + where.mean, 48)
    taught = make_lean(model, CONFIG, where, lots, steps=400, latents=3000)
    spread = lots.latents.std(0)
    before, after = (from_smoothed_db(model, other, where, lots.latents[:100], spread)[0] for other in (with_decoder(model, begun), taught))
    steep, smooth = (float(noise_db(decoder).max()) for decoder in (begun, taught.decoder))
    print(f"noise of swings {steep:.1f} -> {smooth:.1f} dB; from the smoothed {before:.2f} -> {after:.2f} dB")
    assert smooth < steep - 6 and after < 0.8 * before
    again = make_lean(taught, lean_config(CONFIG), where, lots, steps=20, latents=500)  # of one that is lean already
    apart = SpectralLoss(300).distances(*(m.decode(torch.from_numpy(lots.latents[:50])) for m in (taught, again)), soft=False)[0]
    assert isinstance(again.decoder, Lean) and float(apart.mean()) < 2


def with_decoder(model, decoder):
    """The model, with another decoder."""
    found = Autoencoder(lean_config(CONFIG))
    found.decoder = copy.deepcopy(decoder)
    return found.eval()


def test_a_decoder_is_held_at_a_few_latents_and_stays_elsewhere():
    """At latents that lie together far from the middle, to what another last layer draws, 7 dB louder, which nobody hears."""
    lots, loss, draws = played(), SpectralLoss(300), torch.Generator().manual_seed(1)
    decoder = compress(trained(steep=2.0).decoder, torch.from_numpy(lots.latents), 24)
    ordinary = torch.from_numpy(lots.draw(np.random.default_rng(2), 2000))
    here = torch.tensor([2.2, -2.0, 1.8]) + 0.1 * torch.randn(40, 3, generator=draws)
    other = copy.deepcopy(decoder)
    with torch.no_grad():
        for layer in (other.leave, other.leave_upper):
            layer.weight += 0.005 * torch.randn(layer.weight.shape, generator=draws)
        aim_db, was = other(here) * 25 - 33, decoder(ordinary) * 25 - 40
        held = hold(decoder, ordinary, [Held(here, aim_db)], pull=1.0)
        before, after = (float(loss.distances(d(here) * 25 - 40, aim_db, soft=False)[0].mean()) for d in (decoder, held))
        upper_before, upper_after = (upper_away_db(d(here) * 25 - 40, aim_db) for d in (decoder, held))
        moved = float(loss.distances(held(ordinary) * 25 - 40, was, soft=False)[0].mean())
    print(f"held: {before:.2f} -> {after:.2f} dB, above harmonic 127 {upper_before:.2f} -> {upper_after:.2f}; elsewhere {moved:.2f}")
    assert before > 1 and after < 0.3 * before and upper_after < 0.7 * upper_before and moved < 0.1 * before
    assert all(torch.equal(a, b) for (name, a), (_, b) in zip(decoder.named_parameters(), held.named_parameters(), strict=True)
               if not name.startswith(("line", "leave")))


def upper_away_db(a, b):
    """RMS difference of harmonics above 127, each row at the level of those below."""
    a, b = ((x - x[:, :127].logsumexp(1, keepdim=True))[:, 127:] for x in (a * 0.23026, b * 0.23026))
    return float((a - b).square().mean().sqrt()) / 0.23026
