"""Named directions: straight lines through the latent along which one thing a listener names changes, others little."""

from collections.abc import Callable

import numpy as np

RIDGE = 1e-2
REACH = 1.0  # standard deviations of the descriptor, each way
PROBES = 400
MOST_LATENTS = 4000  # looked at


def brightness(amplitudes: np.ndarray) -> np.ndarray:
    """log2 of the amplitude centroid in harmonics: [n, harmonics] -> [n]."""
    return np.log2((amplitudes * np.arange(1, amplitudes.shape[1] + 1)).sum(1) / amplitudes.sum(1))


def hollowness(amplitudes: np.ndarray) -> np.ndarray:
    """Odd over even harmonics above the fundamental, dB of power, limited to 40: [n, harmonics] -> [n]."""
    power = amplitudes[:, 1:] ** 2
    odd, even = power[:, 1::2].sum(1), power[:, ::2].sum(1)
    return np.clip(10 * np.log10((odd + 1e-9) / (even + 1e-9)), -40, 40)


def fundamental(amplitudes: np.ndarray) -> np.ndarray:
    """The first harmonic against all others, dB of power, limited to 40: [n, harmonics] -> [n]."""
    power = amplitudes**2
    return np.clip(10 * np.log10((power[:, 0] + 1e-9) / (power[:, 1:].sum(1) + 1e-9)), -40, 40)


DESCRIPTORS = {"brightness": brightness, "hollowness": hollowness, "fundamental": fundamental}


def find_directions(latents: np.ndarray, amplitudes_of: Callable[[np.ndarray], np.ndarray]) -> list[dict]:
    """The manifest's `directions` from training latents [n, z] and a function latents -> amplitudes [n, harmonics].

    Ridge regression of each descriptor; the vectors are the pseudo-inverse, so that each moves its own descriptor by one
    standard deviation and, to first order, the others not at all. correlation: of the distance moved with the change
    heard, pooled over real starting points; leak: mean slope of the others, in standard deviations, over its own.
    """
    latents = np.asarray(latents[:: -(-len(latents) // MOST_LATENTS)], float)
    heard = _described(amplitudes_of(latents))
    spread = np.maximum(heard.std(0), 1e-6)
    centred = latents - latents.mean(0)
    normal = centred.T @ centred + RIDGE * len(latents) * np.eye(latents.shape[1])
    slopes = np.linalg.solve(normal, centred.T @ ((heard - heard.mean(0)) / spread)).T  # [descriptors, z]
    vectors = np.linalg.pinv(slopes).T
    rng = np.random.default_rng(0)
    starts = latents[rng.choice(len(latents), min(PROBES, len(latents)), replace=False)]
    moves = rng.uniform(-REACH, REACH, (len(starts), 1))
    before = _described(amplitudes_of(starts))
    found = []
    for i, name in enumerate(DESCRIPTORS):
        change = (_described(amplitudes_of(starts + moves * vectors[i])) - before) / spread
        gains = (moves * change).sum(0) / (moves**2).sum()
        others = np.delete(gains, i)
        found.append({
            "name": name, "vector": [round(float(v), 6) for v in vectors[i]],
            "correlation": round(_correlation(moves[:, 0], change[:, i]), 4),
            "leak": round(float(np.abs(others).mean() / max(abs(gains[i]), 1e-6)), 4),
        })
    return found


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson's, 0 where one does not vary."""
    a, b = a - a.mean(), b - b.mean()
    return float(a @ b / max(np.sqrt((a @ a) * (b @ b)), 1e-12))


def _described(amplitudes: np.ndarray) -> np.ndarray:
    """[n, harmonics] -> [n, descriptors]."""
    return np.stack([describe(amplitudes) for describe in DESCRIPTORS.values()], 1)
