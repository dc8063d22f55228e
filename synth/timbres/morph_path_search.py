"""A morph that follows the density: a way between two latents that stays where sounds are, in steps of one length.

The straight line can lead through places where no sound of the collection lies. After the string method (E, Ren and
Vanden-Eijnden 2002) on the mixture's log density: where the string hangs lower than its ends it climbs, across itself; else it
is kept taut, and its points are spread evenly again. (Climbing everywhere leads every way through the densest place of all.)
What is played is `morph_path.py`'s: the same string, made smooth, in steps that sound nearly alike.
"""

import numpy as np

from .density import Density
from .model import Model

_BEADS, _ROUNDS = 33, 60
_AFRESH = 10  # rounds for which the components that count near the string are the same
_CLIMB, _TENSION = 0.05, 0.2  # of a standard deviation for one neper a standard deviation; of the way to the neighbours' middle
_LONGEST = 0.1  # standard deviations a bead may climb at once
_SHALLOW = 1.0  # nepers under the line between the ends, where it climbs with all its might


def _spread(morph_path: np.ndarray, lengths: np.ndarray, count: int) -> np.ndarray:
    """`count` points of a way [n, z] at equal parts of its lengths [n - 1]."""
    at = np.concatenate([[0.0], np.cumsum(np.maximum(lengths, 1e-12))])
    wanted = np.linspace(0, at[-1], count)
    return np.stack([np.interp(wanted, at, column) for column in morph_path.T], 1)


def relaxed(density: Density, start: np.ndarray, end: np.ndarray, low: np.ndarray, high: np.ndarray, std: np.ndarray) -> np.ndarray:
    """The string between two latents [z], within the ranges, where it has come to rest: float64[33, z]. `std`: what a step is of."""
    beads = np.linspace(np.asarray(start, float), np.asarray(end, float), _BEADS)
    ends = density.log_density(beads[[0, -1]])
    near = density
    for i in range(_ROUNDS):
        if i % _AFRESH == 0:
            near = density.near(beads)
        inner, along = beads[1:-1], (beads[2:] - beads[:-2]) / std
        along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-12)
        slope = near.slope(inner) * std
        slope -= (slope * along).sum(1, keepdims=True) * along
        depth = np.interp(np.arange(1, _BEADS - 1), [0, _BEADS - 1], ends) - near.log_density(inner)
        climb = _CLIMB * slope * np.clip(depth / _SHALLOW, 0, 1)[:, None]
        climb *= np.minimum(1, _LONGEST / np.maximum(np.linalg.norm(climb, axis=1, keepdims=True), 1e-12))
        taut = _TENSION * ((beads[2:] + beads[:-2]) / 2 - inner)
        beads[1:-1] = np.clip(inner + climb * std + taut, low, high)
        beads = _spread(beads, np.linalg.norm(np.diff(beads, axis=0) / std, axis=1), _BEADS)
    return beads


def find_path(model: Model, density: Density | None, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The way between two latents [z] of a model, in steps of one length: float64[n, z]. Without a density it is the straight line."""
    if density is None:
        return np.linspace(np.asarray(start, float), np.asarray(end, float), 2)
    return relaxed(density, start, end, model.low, model.high, model.std)
