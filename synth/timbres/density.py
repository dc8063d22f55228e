"""Where a model's sounds are: a Gaussian mixture over its latents, a flat map of them, and the names of known sounds.

Plain numpy over `map.npz`, which `train` writes beside the manifest. Random sounds come from the mixture: a box around the
latents holds places where no sound is, and a smaller one is dull.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..paths import whole_file
from .directions import Directions

FORMAT = 1
FILE = "map.npz"
MOST_COMPONENTS = 1024
_DIRECTION_ARRAYS = ("spread", "lines", "place", "bias", "amount", "middle", "middle_bias", "leave")


@dataclass(frozen=True)
class Density:
    """weights float32[k], means float32[k, z], choleskys float32[k, z, z]: lower factors of the covariances."""

    weights: np.ndarray
    means: np.ndarray
    choleskys: np.ndarray

    @cached_property
    def _inverses(self) -> tuple[np.ndarray, np.ndarray]:
        """(inverse factors [k, z, z], log of each component's weight over its normaliser [k])."""
        factors = self.choleskys.astype(float)
        size = factors.shape[1]
        inverses = np.linalg.solve(factors, np.broadcast_to(np.eye(size), factors.shape))
        logs = np.log(np.einsum("kii->ki", factors)).sum(1)
        return inverses, np.log(self.weights.astype(float)) - logs - 0.5 * size * np.log(2 * np.pi)

    def _log_joint(self, latents: np.ndarray) -> np.ndarray:
        """Latents [n, z] -> log of weight times density of each component: float64[n, k]."""
        inverses, logs = self._inverses
        found = np.empty((len(latents), len(logs)))
        for k, (inverse, log) in enumerate(zip(inverses, logs, strict=True)):
            away = (latents - self.means[k]) @ inverse.T
            found[:, k] = log - 0.5 * (away**2).sum(1)
        return found

    def log_density(self, latents: np.ndarray) -> np.ndarray:
        """Latents [n, z] -> natural log of their density: float64[n]."""
        joint = self._log_joint(np.atleast_2d(np.asarray(latents, float)))
        top = joint.max(1, keepdims=True)
        return (top + np.log(np.exp(joint - top).sum(1, keepdims=True)))[:, 0]

    def near(self, latents: np.ndarray, least: float = 1e-12) -> "Density":
        """The density near latents [n, z], sooner: components with more than `least` of the strongest one's share at some of them."""
        joint = self._log_joint(np.asarray(latents, float))
        kept = (joint - joint.max(1, keepdims=True)).max(0) > np.log(least)
        return Density(self.weights[kept], self.means[kept], self.choleskys[kept])

    def slope(self, latents: np.ndarray) -> np.ndarray:
        """Latents [n, z] -> gradient of the log density: float64[n, z]."""
        latents = np.asarray(latents, float)
        joint = self._log_joint(latents)
        share = np.exp(joint - joint.max(1, keepdims=True))
        share /= share.sum(1, keepdims=True)
        found = np.zeros_like(latents)
        for k in np.flatnonzero(share.max(0) > 1e-6):
            found -= share[:, k, None] * ((latents - self.means[k]) @ self._inverses[0][k].T @ self._inverses[0][k])
        return found

    def sample(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """`n` latents drawn: float32[n, z]. Not clipped; the same generator state draws the same."""
        weights = self.weights.astype(float)
        which = rng.choice(len(weights), n, p=weights / weights.sum())
        noise = rng.standard_normal((n, self.means.shape[1]))
        return (self.means[which] + np.einsum("nij,nj->ni", self.choleskys[which], noise)).astype(np.float32)


@dataclass(frozen=True)
class Map:
    """What a window needs to show where sounds are.

    density; plane float32[z, 2] and centre float32[2]: a latent lies at `latent @ plane - centre`; names [m] of known
    sounds, their latents float32[m, z] and points float32[m, 2]; image uint8[rows, columns], the density of the flat map,
    255 where it is highest, first row lowest; extent float32[4]: x low, x high, y low, y high of the image; directions, the
    named directions, or None.
    """

    density: Density
    plane: np.ndarray
    centre: np.ndarray
    names: tuple[str, ...]
    latents: np.ndarray
    image: np.ndarray
    extent: np.ndarray
    directions: Directions | None

    @property
    def points(self) -> np.ndarray:
        """Where the known sounds lie: float[m, 2]."""
        return self.project(self.latents)

    @cached_property
    def axes(self) -> np.ndarray:
        """The least changes of latents that cross the picture from left to right and from bottom to top: float32[2, z]."""
        plane, (left, right, bottom, top) = self.plane.astype(float), self.extent.astype(float)
        across = np.linalg.pinv(plane)  # [2, z]; a map of one dimension has no second axis
        return (across * np.array([[right - left], [top - bottom]])).astype(np.float32)

    def project(self, latents: np.ndarray) -> np.ndarray:
        """Latents [..., z] -> points on the map [..., 2]."""
        return np.asarray(latents) @ self.plane - self.centre

    def place(self, points: np.ndarray) -> np.ndarray:
        """Points [n, 2] -> the latents to be expected there, float32[n, z]: the mixture's mean given the two numbers."""
        points = np.atleast_2d(np.asarray(points, float))
        d, plane = self.density, self.plane.astype(float)
        flat = d.choleskys.transpose(0, 2, 1).astype(float) @ plane  # [k, z, 2]
        covariance = flat.transpose(0, 2, 1) @ flat  # [k, 2, 2]
        covariance += np.diag(1.0 * ~plane.any(0))  # a map of one dimension says nothing along the other
        away = points[None] - self.project(d.means.astype(float))[:, None]  # [k, n, 2]
        solved = np.linalg.solve(covariance, away.transpose(0, 2, 1)).transpose(0, 2, 1)  # [k, n, 2]
        log = (np.log(d.weights.astype(float)) - 0.5 * np.linalg.slogdet(covariance)[1])[:, None]
        log = log - 0.5 * (away * solved).sum(2)
        share = np.exp(log - log.max(0))
        share /= share.sum(0)
        means = d.means[:, None] + solved @ (d.choleskys.astype(float) @ flat).transpose(0, 2, 1)  # [k, n, z]
        return (share[..., None] * means).sum(0).astype(np.float32)


def load_map(folder: Path, latent_size: int) -> Map | None:
    """The `map.npz` of a model folder, None where there is none. Raises UserError where it is damaged."""
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
        if int(found["format"]) > FORMAT:
            raise UserError(f"{path} was made by a newer version; update latentwave")
        density = Density(found["weights"], found["means"], found["choleskys"])
        directions = None
        if "label_names" in found:
            directions = Directions(tuple(found["label_names"].tolist()), *(found[f"label_{name}"] for name in _DIRECTION_ARRAYS))
        whole = Map(density, found["plane"], found["centre"], tuple(found["names"].tolist()), found["latents"],
                    found["image"], _with_area(found["extent"]), directions)
        _check(whole, latent_size)
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"{path} is damaged ({str(error).splitlines()[0]}); copy the model anew") from None
    return whole


def _with_area(extent: np.ndarray) -> np.ndarray:
    """The extent float32[4] of a picture that can be drawn: a map of one dimension lies in the middle of its height."""
    ends = extent.reshape(2, 2)
    return np.where(ends[:, :1] < ends[:, 1:], ends, ends + np.array([-0.5, 0.5], np.float32)).ravel()


def _check(found: Map, z: int) -> None:
    """Raises ValueError where shapes or numbers are not those of a map."""
    d, k, m = found.density, len(found.density.weights), len(found.names)
    shapes = [(d.weights, (k,)), (d.means, (k, z)), (d.choleskys, (k, z, z)), (found.plane, (z, 2)),
              (found.centre, (2,)), (found.latents, (m, z)), (found.extent, (4,))]
    if found.directions is not None:
        names, hidden = len(found.directions.names), len(found.directions.bias)
        wanted = ((names,), (names, z), (z, hidden), (hidden,), (names, hidden), (hidden, hidden), (hidden,), (hidden, z))
        shapes += [(getattr(found.directions, name), shape) for name, shape in zip(_DIRECTION_ARRAYS, wanted, strict=True)]
    for array, shape in shapes:
        if array.shape != shape or array.dtype.kind != "f" or not np.isfinite(array).all():
            raise ValueError(f"an array of shape {array.shape} where {shape} finite numbers belong")
    if not 1 <= k <= MOST_COMPONENTS or not (d.weights > 0).all() or not (np.einsum("kii->ki", d.choleskys) > 0).all():
        raise ValueError("no mixture: weights and spreads must be above 0")
    if found.image.ndim != 2 or found.image.dtype != np.uint8:
        raise ValueError("no picture of the map")


def save_map(found: Map, folder: Path) -> None:
    """Write `map.npz` beside the manifest, whole or not at all."""
    arrays: dict[str, np.ndarray] = {
        "format": np.array(FORMAT), "weights": found.density.weights, "means": found.density.means,
        "choleskys": found.density.choleskys, "plane": found.plane, "centre": found.centre,
        "names": np.array(found.names, dtype=np.str_), "latents": found.latents, "image": found.image, "extent": found.extent,
    }
    if found.directions is not None:
        arrays["label_names"] = np.array(found.directions.names, dtype=np.str_)
        arrays |= {f"label_{name}": getattr(found.directions, name) for name in _DIRECTION_ARRAYS}
    with whole_file(folder / FILE) as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
