"""Scores of a finished model on its test part, from the exported files themselves."""

from synth.samples.baseline import load_baseline, pca_distances
from synth.samples.groups import describe
from synth.timbres.gauss_newton import refine
from synth.timbres.model import Model

from ..data.datasets import TrainingData
from ..data.features import cycles_of
from .evaluate import distances, rebuild

MOST_REFINED = 400


def final_scores(model: Model, training_data: TrainingData) -> dict[str, str | float | int]:
    """Scores for the manifest: one-shot and refined, beside PCA, on the test part alone."""
    cycles = cycles_of(training_data.parts["test"])
    scores: dict[str, str | float | int] = {"split": training_data.split, **distances(cycles, rebuild(model, cycles))}
    baseline = load_baseline(model.folder)
    if baseline is not None:
        pca = pca_distances(baseline, describe(cycles))
        scores |= {"pca_lsd_db": float(pca[0].mean()), "pca_erb_lsd_db": float(pca[1].mean())}
    few = cycles[:MOST_REFINED]
    refined = distances(few, model.decode(refine(model, few, model.encode(few))))
    scores |= {f"refined_{key}": value for key, value in refined.items()}
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in scores.items()} | {"n": len(cycles)}
