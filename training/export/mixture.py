"""A Gaussian mixture by expectation-maximisation (Dempster, Laird, Rubin 1977), held to the data's own covariance.

Each wide covariance is shrunk towards the pooled one inside components, as if as many more points as there are latents had been
seen there: a component of a few points would else lie on a line. Beside these wide clouds stand many narrow ones of one
shape, each at a few neighbouring points: in many dimensions a wide cloud draws sounds that are like none that is known.
"""

import numpy as np

from synth.timbres.density import Density

COMPONENTS = 32
MORE, MORE_FROM = 64, 12  # components, from so many latents on, as long as no narrow ones stand beside them
FEWEST_EACH = 8  # points a component, at least
ROUNDS = 60
ENOUGH = 1e-4  # log-likelihood a point gained by a round; less ends it
NARROW_ABOVE = 16  # latents: with fewer the wide clouds draw well, and make a smoother way to follow
NARROW = 960  # components, at most
NARROW_NUMBERS = 1 << 20  # in all their covariances, at most
NARROW_EACH = 3  # points a component, about
NARROW_SHARE, NARROW_SPREAD = 0.75, 0.55  # of the weight; of the points' own spread around the middle of their component
SMALLEST = 1e-3  # of the pooled variance
TINY = 1e-6  # and for points that are all alike


def single_gaussian(points: np.ndarray) -> Density:
    """The maximum-likelihood Gaussian of points [n, z]."""
    points = np.asarray(points, float)
    away = points - points.mean(0)
    covariance = away.T @ away / len(points) + np.eye(points.shape[1]) * (SMALLEST * points.var(0).mean() + TINY)
    return _density(np.ones(1), points.mean(0)[None], covariance[None])


def fit_mixture(points: np.ndarray, components: int | None = None, seed: int = 0) -> Density:
    """A mixture of points [n, z] with full covariances; fewer components where there are few points."""
    points = np.asarray(points, float)
    n, size = points.shape
    components = components or (MORE if MORE_FROM <= size <= NARROW_ABOVE else COMPONENTS)
    components = max(1, min(components, n // FEWEST_EACH))
    if components == 1:
        return single_gaussian(points)
    means = _spread_out(points, components, np.random.default_rng(seed))
    share = np.zeros((n, components))
    share[np.arange(n), ((points[:, None] - means) ** 2).sum(2).argmin(1)] = 1
    density, reached = _maximise(points, share, size), -np.inf
    for _ in range(ROUNDS):
        joint = density._log_joint(points)
        top = joint.max(1, keepdims=True)
        total = top + np.log(np.exp(joint - top).sum(1, keepdims=True))
        density = _maximise(points, np.exp(joint - total), size)
        if total.mean() - reached < ENOUGH:
            break
        reached = total.mean()
    return density


def with_narrow(wide: Density, points: np.ndarray, seed: int = 0) -> Density:
    """`wide` and narrow components around the middles of close points [n, z]; `wide` itself where latents or points are few."""
    points = np.asarray(points, float)
    n, size = points.shape
    count = min(NARROW, n // NARROW_EACH, NARROW_NUMBERS // size**2)
    if count < 2 or size <= NARROW_ABOVE:
        return wide
    means = _spread_out(points, count, np.random.default_rng(seed))
    which = _nearest(points, means)
    away = points - means[which]
    covariance = away.T @ away * (NARROW_SPREAD**2 / n) + np.eye(size) * (SMALLEST * points.var(0).mean() + TINY)
    weights = np.bincount(which, minlength=count) + 0.5
    shape = np.linalg.cholesky(covariance).astype(np.float32)
    return Density(np.concatenate([wide.weights * (1 - NARROW_SHARE), weights / weights.sum() * NARROW_SHARE]).astype(np.float32),
                   np.concatenate([wide.means, means]).astype(np.float32),
                   np.concatenate([wide.choleskys, np.broadcast_to(shape, (count, size, size))]))


def _nearest(points: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Which of means [k, z] lies nearest to each of points [n, z]."""
    return ((means**2).sum(1) - 2 * points @ means.T).argmin(1)


def _spread_out(points: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """k-means++ (Arthur and Vassilvitskii 2007) and a few rounds of k-means: [count, z]."""
    means = [points[rng.integers(len(points))]]
    nearest = np.full(len(points), np.inf)
    for _ in range(count - 1):
        nearest = np.minimum(nearest, ((points - means[-1]) ** 2).sum(1))
        means.append(points[rng.choice(len(points), p=nearest / nearest.sum())] if nearest.sum() > 0 else points[0])
    centres = np.array(means)
    for _ in range(10):
        which = _nearest(points, centres)
        for k in np.unique(which):
            centres[k] = points[which == k].mean(0)
    return centres


def _maximise(points: np.ndarray, share: np.ndarray, prior: float) -> Density:
    """Weights, means and covariances of responsibilities [n, k], covariances shrunk by `prior` pooled points."""
    counts = share.sum(0) + 1e-9
    means = share.T @ points / counts[:, None]
    scatter = np.empty((len(counts), points.shape[1], points.shape[1]))
    for k in range(len(counts)):
        away = points - means[k]
        scatter[k] = (share[:, k, None] * away).T @ away
    pooled = scatter.sum(0) / len(points)
    pooled += np.eye(len(pooled)) * (SMALLEST * points.var(0).mean() + TINY)
    covariances = (scatter + prior * pooled) / (counts + prior)[:, None, None]
    weights = (counts + 0.5) / (counts + 0.5).sum()
    return _density(weights, means, covariances)


def _density(weights: np.ndarray, means: np.ndarray, covariances: np.ndarray) -> Density:
    return Density(weights.astype(np.float32), means.astype(np.float32), np.linalg.cholesky(covariances).astype(np.float32))
