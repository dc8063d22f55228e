"""The mixture and the directions as they are fitted: against known distributions, and through a decoder of known shape."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from synth.samples.spectrum import LSD_HARMONICS  # noqa: E402
from synth.timbres.model import open_model  # noqa: E402
from training.export.directions import DESCRIPTORS, describe, figures, teach  # noqa: E402
from training.export.import_onnx import levels_of_decoder  # noqa: E402
from training.export.mixture import fit_mixture, single_gaussian, with_narrow  # noqa: E402
from training.report.quality_report import nearest_lsd, pair_distance  # noqa: E402


def three_clouds(n, rng):
    centres = np.array([[0, 0, 0, 0], [6, 0, 0, 0], [0, 6, 6, 0]])
    return centres[rng.integers(3, size=n)] + rng.normal(size=(n, 4)) * [1, 0.3, 0.5, 2]


def test_a_mixture_finds_clouds_and_is_likelier_than_one_gaussian_where_it_has_not_been():
    rng = np.random.default_rng(0)
    train, held_out = three_clouds(600, rng), three_clouds(600, rng)
    fitted = fit_mixture(train, 3)
    assert fitted.weights == pytest.approx(np.full(3, 1 / 3), abs=0.06)
    assert fitted.log_density(held_out).mean() > single_gaussian(train).log_density(held_out).mean() + 0.5
    assert fit_mixture(train, 32).log_density(held_out).mean() > single_gaussian(train).log_density(held_out).mean()


def test_narrow_components_draw_nearer_to_what_is_known_and_as_widely_spread():
    """Points on a curved surface in many dimensions: wide clouds fill the space around it."""
    rng = np.random.default_rng(0)
    turns = rng.normal(size=(3, 24))
    train = np.sin(rng.uniform(0, 3, (1500, 3)) @ turns) + 0.1 * rng.normal(size=(1500, 24))
    wide = fit_mixture(train, 8)
    both = with_narrow(wide, train)

    def nearest(points):
        return np.sqrt(((points[:, None] - train) ** 2).sum(2)).min(1).mean()

    drawn = [d.sample(np.random.default_rng(1), 300) for d in (wide, both)]
    assert nearest(drawn[1]) < 0.85 * nearest(drawn[0])
    assert drawn[1].std() > 0.9 * drawn[0].std()
    assert both.weights.sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("points", [np.zeros((1, 3)), np.zeros((60, 3)), np.eye(3).repeat(30, 0), np.ones((20, 40))])
def test_too_few_points_or_all_alike_still_make_a_density(points):
    fitted = with_narrow(fit_mixture(points + 0.0), points)
    assert np.isfinite(fitted.log_density(points)).all()
    assert np.isfinite(fitted.sample(np.random.default_rng(0), 10)).all()


def test_distances_between_sets_are_the_measure():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(40, 127)) * 10, rng.normal(size=(30, 127)) * 10
    direct = np.sqrt(((a[:, None] - b) ** 2).mean(2)).min(1)
    assert nearest_lsd(a, b) == pytest.approx(direct, rel=1e-4)
    assert pair_distance(np.repeat([[0.0, 0.0], [3.0, 3.0]], 50, 0), rng) in (0.0, 3.0)


def test_descriptors_hear_what_they_name():
    k = np.arange(1, LSD_HARMONICS + 1)
    dull, bright = -12 * np.log2(k), -3 * np.log2(k)
    hollow = np.where(k % 2, dull, -60.0)
    sine = np.where(k == 1, 0.0, -110.0)
    sparse = np.where(np.isin(k, (1, 8, 24)), 0.0, -70.0)
    dense = np.where(k < 32, 0.0, -70.0)
    heard = describe(torch.tensor(np.stack([dull, bright, hollow, sine, sparse, dense]), dtype=torch.float32)).numpy()
    names = list(DESCRIPTORS)
    assert heard[1, 0] > heard[0, 0] and heard[3, 0] < heard[0, 0]
    assert heard[2, 1] > heard[0, 1] + 10
    assert heard[3, 2] == max(heard[:, 2])
    assert heard[5, names.index("roughness")] > heard[4, names.index("roughness")] + 1
    assert heard[5, names.index("richness")] > heard[4, names.index("richness")] + 1
    assert torch.isfinite(describe(torch.full((1, LSD_HARMONICS), -300.0))).all()


def test_directions_taught_through_a_decoder_move_what_they_name():
    """A decoder whose two latents are tilt and the level of even harmonics."""
    k = torch.arange(1, LSD_HARMONICS + 1)

    def levels_of(z):
        return -(9 - 3 * z[:, :1]) * torch.log2(k.float()) - (12 + 8 * torch.tanh(z[:, 1:2])) * (k % 2 == 0)

    def decode(z):
        amplitudes = 10 ** (levels_of(torch.tensor(z, dtype=torch.float32)).numpy() / 20)
        return np.fft.irfft(np.pad(amplitudes, ((0, 0), (1, 897))) + 0j, 2048) * 1024

    rng = np.random.default_rng(0)
    points = rng.normal(size=(300, 2)).clip(-2, 2)
    low, high = np.full(2, -2.5, np.float32), np.full(2, 2.5, np.float32)
    directions = teach(points, levels_of, low, high, steps=150)
    rows = {row["name"]: row for row in figures(points, decode, directions, low, high, points=200)}
    assert rows["hollowness"]["correlation"] > 0.9 and rows["brightness"]["correlation"] > 0.5


def test_a_reopened_decoder_is_the_exported_one():
    from pathlib import Path

    model = open_model(Path(__file__).resolve().parents[2] / "exported" / "akwf-16")
    z = np.clip(np.random.default_rng(0).normal(size=(20, 16)), model.low, model.high).astype(np.float32)
    levels = levels_of_decoder(model.folder / "decoder.onnx")(torch.tensor(z)).numpy()
    spectra = 20 * np.log10(np.abs(np.fft.rfft(model.decode(z))[:, 1 : LSD_HARMONICS + 1]) + 1e-9)
    difference = levels - spectra
    loud = levels > levels.max(1, keepdims=True) - 60
    assert np.abs(np.where(loud, difference - difference[:, :1], 0)).max() < 0.05
