"""What picks among candidates tell of a taste: a small model over the latent, and what it says in words.

Each pick is a choice of one of several, by a softmax of a linear score (McFadden 1974, conditional logit) with a Gaussian prior;
the weights are the mode, found by Newton's method. Good for tens of picks and tens of latents.
"""

from dataclasses import dataclass

import numpy as np

from .density import Map

_PRIOR, _ROUNDS = 1.0, 30
_CLEAR = 0.2  # cosine with a direction above which it is worth telling


@dataclass(frozen=True)
class Preference:
    """weights float64[z] of latents in standard deviations; n_picks: what they were learnt from."""

    weights: np.ndarray
    n_picks: int

    def scores(self, points: np.ndarray) -> np.ndarray:
        """Points float[n, z], in standard deviations -> how much they are to the taste: float64[n]."""
        return np.asarray(points, float) @ self.weights

    def sentence(self, found: Map | None, std: np.ndarray) -> str:
        """What was learnt, by the names of the model's directions."""
        if not self.n_picks:
            return "nothing is picked yet"
        picks = f"after {self.n_picks} pick{'' if self.n_picks == 1 else 's'}"
        size = float(np.linalg.norm(self.weights))
        if found is None or found.directions is None or size < 0.05:
            return f"{picks}: no clear taste yet"
        lines = np.asarray(found.directions.lines, float) / np.asarray(std, float)
        along = lines @ self.weights / (np.linalg.norm(lines, axis=1) * size + 1e-12)
        best = [i for i in np.argsort(-np.abs(along)) if abs(along[i]) > _CLEAR][:2]
        if not best:
            return f"{picks}: your picks lean to something that has no name among the model's directions"
        words = " and ".join(f"{'more' if along[i] > 0 else 'less'} {found.directions.names[i]}" for i in best)
        return f"{picks}: you lean to {words}"


def learn(choices: list[tuple[np.ndarray, int]], size: int) -> Preference:
    """Picks, each of (points float[n, z] in standard deviations, which was picked) -> the taste."""
    w = np.zeros(size)
    for _ in range(_ROUNDS if choices else 0):
        slope, curve = -w / _PRIOR**2, np.eye(size) / _PRIOR**2
        for points, picked in choices:
            score = points @ w
            share = np.exp(score - score.max())
            share /= share.sum()
            mean = share @ points
            slope += points[picked] - mean
            curve += (points - mean).T @ ((points - mean) * share[:, None])
        step = np.linalg.solve(curve, slope)
        w += step
        if np.abs(step).max() < 1e-9:
            break
    return Preference(w, len(choices))
