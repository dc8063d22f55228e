"""What the bars of a model ask, measured on its exported files: `python -m training.report.quality_report akwf-16 FOLDER`.

FOLDER holds the collection the model was trained on (its split says what was held out); `--frame-size 600` for AKWF.
`--foreign FOLDER` judges reconstruction on sounds of others as well. Prints one figure a line.
"""

import argparse
from pathlib import Path

import numpy as np

from synth.errors import UserError
from synth.samples import dataset
from synth.samples.baseline import fit_pca
from synth.samples.dataset import Dataset
from synth.samples.groups import describe
from synth.samples.spectrum import LSD_HARMONICS, log_magnitudes, rms_difference_db
from synth.timbres.density import Density, Map, load_map
from synth.timbres.loudness import cycle_harmonics, gain_of, k_weights
from synth.timbres.model import Model, open_model

from ..config import Config
from ..data.datasets import split
from ..export.latent_map import encoded
from ..export.mixture import single_gaussian
from .evaluate import evaluate, rebuild

DRAWN = 10_000
PAIRS = 500
STEPS = 33
CHUNK = 500


def nearest_lsd(spectra_db: np.ndarray, others_db: np.ndarray) -> np.ndarray:
    """LSD from each spectrum to the nearest of the others: [n, bins], [m, bins] -> [n]."""
    others = others_db.astype(np.float32)
    squares = (others**2).sum(1)
    found = []
    for start in range(0, len(spectra_db), CHUNK):
        rows = spectra_db[start : start + CHUNK].astype(np.float32)
        distances = (rows**2).sum(1)[:, None] + squares - 2 * rows @ others.T
        found.append(np.sqrt(np.maximum(distances.min(1), 0) / rows.shape[1]))
    return np.concatenate(found)


def pair_distance(spectra_db: np.ndarray, rng: np.random.Generator) -> float:
    """Median LSD of 5,000 random pairs."""
    a, b = rng.integers(len(spectra_db), size=(2, 5000))
    keep = a != b
    return float(np.median(np.sqrt(((spectra_db[a[keep]] - spectra_db[b[keep]]) ** 2).mean(1))))


def loudness_db(cycle: np.ndarray) -> float:
    """K-weighted level of A3 after the bank's gain, dB."""
    h = cycle_harmonics(cycle)
    power = np.abs(h[1:] * gain_of(h)) ** 2 / 2
    return float(10 * np.log10(power @ k_weights()[: len(power)] + 1e-30))


def judge_draws(model: Model, density: Density, train_db: np.ndarray, held_out_db: np.ndarray) -> dict[str, float]:
    """10,000 latents drawn from the density and clipped to the model's ranges, against real cycles."""
    rng = np.random.default_rng(0)
    latents = np.clip(density.sample(rng, DRAWN), model.low, model.high)
    finite, dc_db, jump, loud, spectra = True, -np.inf, 0.0, [], []
    for start in range(0, DRAWN, CHUNK):
        cycles = model.decode(latents[start : start + CHUNK])
        finite &= bool(np.isfinite(cycles).all())
        steps = np.abs(np.diff(cycles, axis=1)).max(1)
        jump = max(jump, float((np.abs(cycles[:, 0] - cycles[:, -1]) / steps).max()))
        dc_db = max(dc_db, float(20 * np.log10(np.abs(cycles.mean(1, dtype=float)).max() + 1e-30)))
        spectra.append(describe(cycles))
        loud += [loudness_db(cycle) for cycle in cycles]
    drawn_db = np.concatenate(spectra)
    low, high = np.percentile(loud, (1, 99))
    near, real = np.mean(nearest_lsd(drawn_db, train_db)), np.mean(nearest_lsd(held_out_db, train_db))
    pairs, real_pairs = pair_distance(drawn_db, rng), pair_distance(held_out_db, rng)
    return {
        "draws.finite": float(finite), "draws.dc_db": dc_db, "draws.wrap_step_over_largest_step": jump,
        "draws.nearest_lsd_db": float(near), "held_out.nearest_lsd_db": float(real), "draws.nearest_ratio": float(near / real),
        "draws.pair_lsd_db": pairs, "held_out.pair_lsd_db": real_pairs, "draws.pair_ratio": pairs / real_pairs,
        "draws.loudness_p99_p1_db": float(high - low),
    }


def judge_morphs(model: Model, latents: np.ndarray) -> dict[str, float]:
    """Straight morphs between random held-out pairs, 33 points: path over chord, largest over mean step, in LSD."""
    rng = np.random.default_rng(0)
    latents = np.clip(latents, model.low, model.high)
    part = np.linspace(0, 1, STEPS)[:, None]
    ratios: list[float] = []
    steps: list[float] = []
    while len(ratios) < PAIRS:
        a, b = latents[rng.integers(len(latents), size=2)]
        spectra = describe(model.decode((1 - part) * a + part * b)).astype(float)
        chord = np.sqrt(((spectra[0] - spectra[-1]) ** 2).mean())
        if chord < 1:
            continue
        step = np.sqrt((np.diff(spectra, axis=0) ** 2).mean(1))
        ratios.append(float(step.sum() / chord))
        steps.append(float(step.max() / step.mean()))
    return {"morph.path_over_chord_median": float(np.median(ratios)), "morph.largest_over_mean_step_p95": float(np.percentile(steps, 95))}


def judge_upper(model: Model, data: Dataset, rows: dict[str, np.ndarray]) -> dict[str, float]:
    """LSD over the harmonics above 127 that all cycles have, of held-out cycles, beside PCA of as many numbers."""
    known = min(int(data.known_harmonics.min()), model.harmonics)
    if known <= LSD_HARMONICS:
        return {}
    train, test = (log_magnitudes(data.cycles[rows[part]], known) for part in ("train", "test"))
    mean, components = fit_pca(train, model.latent_size)
    kept = mean + (test - mean) @ components.T @ components
    drawn = log_magnitudes(rebuild(model, np.asarray(data.cycles[rows["test"]])), known)
    return {name: float(rms_difference_db(test[:, LSD_HARMONICS:], found[:, LSD_HARMONICS:]).mean())
            for name, found in (("upper.lsd_db", drawn), ("upper.pca_lsd_db", kept))}


def judge_density(found: Map, train: np.ndarray, parts: dict[str, np.ndarray]) -> dict[str, float]:
    """Mean log-likelihood a held-out latent, beside a single Gaussian's."""
    single = single_gaussian(train)
    scores = {}
    for part, latents in parts.items():
        scores[f"density.{part}_log_likelihood"] = float(found.density.log_density(latents).mean())
        scores[f"density.{part}_single_gaussian"] = float(single.log_density(latents).mean())
    return scores


def measure_quality(model_name: str, folder: Path, frame_size: int | None, foreign: Path | None,
                    foreign_frame: int | None) -> dict[str, float]:
    """Every figure by name. Raises UserError where the model has no map."""
    from ..export.directions import figures

    model = open_model(model_name)
    found = load_map(model.folder, model.latent_size)
    if found is None:
        raise UserError(f"{model.folder} holds no map.npz; make it with: python -m training.export.latent_map {model_name} FOLDER")
    data, _ = dataset.load(folder, frame_size)
    spectra_db = describe(data.cycles)
    rows = split(data, Config.from_dict(model.manifest.get("config") or {}).seed, spectra_db)[0]
    latents = {part: encoded(model, data.cycles[index]) for part, index in rows.items()}
    scores = judge_density(found, latents["train"], {"val": latents["val"], "test": latents["test"]})
    scores |= judge_draws(model, found.density, spectra_db[rows["train"]], spectra_db[rows["test"]])
    scores |= judge_morphs(model, latents["test"]) | judge_upper(model, data, rows)
    if found.directions is not None:
        for part in ("val", "test"):
            for row in figures(latents[part], model.decode, found.directions, model.low, model.high):
                scores |= {f"directions.{part}.{row['name']}.{key}": value for key, value in row.items() if key != "name"}
    if foreign is not None:
        others, _ = dataset.load(foreign, foreign_frame)
        scores |= {f"foreign.{key}": value for key, value in evaluate(model, others).items() if value is not None}
    return scores


def main() -> int:
    """Print the figures of one model."""
    parser = argparse.ArgumentParser(prog="python -m training.report.quality_report", description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("model")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--frame-size", type=int)
    parser.add_argument("--foreign", type=Path)
    parser.add_argument("--foreign-frame-size", type=int)
    args = parser.parse_args()
    for key, value in measure_quality(args.model, args.folder, args.frame_size, args.foreign, args.foreign_frame_size).items():
        print(f"{key:44} {value:9.4f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
