"""The map of a model: a mixture against theory, what is drawn from it, where the flat map puts things, damaged files."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from synth.errors import UserError
from synth.samples.spectrum import lsd
from synth.timbres.density import Density, load_map, save_map
from synth.timbres.model import open_model

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted(p.parent.name for p in (ROOT / "exported").glob("*/map.npz"))


def mixture():
    """Two Gaussians of three numbers, far apart and differently turned."""
    rng = np.random.default_rng(1)
    factors = np.tril(rng.normal(size=(2, 3, 3))) * 0.3 + 0.5 * np.eye(3)
    return Density(np.array([0.3, 0.7], np.float32), np.array([[-3, 0, 1], [3, 1, 0]], np.float32), factors.astype(np.float32))


def test_the_log_density_is_the_textbook_sum():
    d = mixture()
    points = np.random.default_rng(0).normal(size=(50, 3)) * 3
    total = np.zeros(50)
    for weight, mean, factor in zip(d.weights, d.means, d.choleskys.astype(float), strict=True):
        covariance = factor @ factor.T
        away = points - mean
        power = -0.5 * np.einsum("ni,ij,nj->n", away, np.linalg.inv(covariance), away)
        total += weight * np.exp(power) / np.sqrt((2 * np.pi) ** 3 * np.linalg.det(covariance))
    assert d.log_density(points) == pytest.approx(np.log(total), rel=1e-6)
    assert np.isfinite(d.log_density(np.full((1, 3), 1e4))).all()


def test_draws_have_the_moments_of_the_mixture():
    d = mixture()
    drawn = d.sample(np.random.default_rng(0), 40_000).astype(float)
    covariances = d.choleskys.astype(float) @ d.choleskys.transpose(0, 2, 1)
    mean = d.weights @ d.means
    away = d.means - mean
    covariance = np.einsum("k,kij->ij", d.weights, covariances) + np.einsum("k,ki,kj->ij", d.weights, away, away)
    assert drawn.mean(0) == pytest.approx(mean, abs=0.05)
    assert np.cov(drawn.T) == pytest.approx(covariance, abs=0.15)
    assert np.array_equal(drawn, d.sample(np.random.default_rng(0), 40_000))


@pytest.mark.parametrize("name", SHIPPED)
class TestShipped:
    def test_known_sounds_lie_where_the_map_is_lit(self, name):
        model = open_model(ROOT / "exported" / name)
        found = load_map(model.folder, model.latent_size)
        x, y = ((found.points[:, i] - found.extent[2 * i]) / (found.extent[2 * i + 1] - found.extent[2 * i]) for i in range(2))
        inside = (x >= 0) & (x < 1) & (y >= 0) & (y < 1)
        rows, columns = found.image.shape
        lit = found.image[(y[inside] * rows).astype(int), (x[inside] * columns).astype(int)]
        assert len(found.names) > 40 and inside.mean() > 0.95
        assert np.median(lit) > 2 * np.median(found.image)
        cycles = model.decode(found.latents)
        assert np.median(lsd(cycles, np.roll(cycles, 1, 0))) > 6, "known sounds differ from each other"

    def test_a_point_on_the_map_gives_a_latent_that_lies_there(self, name):
        model = open_model(ROOT / "exported" / name)
        found = load_map(model.folder, model.latent_size)
        placed = found.place(found.points)
        assert np.abs(found.project(placed) - found.points).max() < 1e-3
        assert np.median(found.density.log_density(placed)) > np.median(found.density.log_density(found.latents))

    def test_random_sounds_are_real_ones(self, name):
        """Finite, no DC, no wrap jump, as far apart as known sounds are, and much likelier than points of a box."""
        model = open_model(ROOT / "exported" / name)
        found = load_map(model.folder, model.latent_size)
        rng = np.random.default_rng(3)
        latents = np.clip(found.density.sample(rng, 500), model.low, model.high)
        cycles = model.decode(latents).astype(float)
        assert np.isfinite(cycles).all() and np.abs(cycles.mean(1)).max() < 10 ** (-90 / 20)
        assert (np.abs(cycles[:, 0] - cycles[:, -1]) <= 1.5 * np.abs(np.diff(cycles)).max(1)).all()
        assert 12 < np.median(lsd(cycles, np.roll(cycles, 1, 0))) < 25
        box = rng.uniform(model.low, model.high, (500, model.latent_size))
        assert np.median(found.density.log_density(latents)) > np.median(found.density.log_density(box)) + 5

    def test_a_damaged_map_is_one_sentence(self, name, tmp_path):
        folder = ROOT / "exported" / name
        z = open_model(folder).latent_size
        assert load_map(tmp_path, z) is None
        whole = load_map(folder, z)
        save_map(whole, tmp_path)
        again = load_map(tmp_path, z)
        assert again.names == whole.names and np.array_equal(again.density.choleskys, whole.density.choleskys)
        with pytest.raises(UserError, match="damaged"):
            load_map(tmp_path, z + 1)
        data = (folder / "map.npz").read_bytes()
        for broken in (b"", b"PK\x03\x04 nonsense", data[: len(data) // 2]):
            (tmp_path / "map.npz").write_bytes(broken)
            with pytest.raises(UserError, match="damaged"):
                load_map(tmp_path, z)
        shutil.copy(folder / "map.npz", tmp_path)
        with np.load(tmp_path / "map.npz") as arrays:
            values = {key: arrays[key] for key in arrays.files}
        values["means"] = np.full_like(values["means"], np.nan)
        np.savez(tmp_path / "map.npz", **values)
        with pytest.raises(UserError, match="damaged"):
            load_map(tmp_path, z)
