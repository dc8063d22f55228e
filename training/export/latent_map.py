"""Builds a model's `map.npz`: the mixture of its latents, the flat map, the names of known sounds, the named directions.

`python -m training.export.latent_map akwf-16 FOLDER --frame-size 600` makes it anew for a finished model and leaves its networks alone.
"""

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from synth.samples.dataset import Dataset
from synth.samples.spectrum import log_magnitudes
from synth.timbres.density import Density, Map, save_map
from synth.timbres.directions import Directions
from synth.timbres.model import Model, open_model

from .directions import HOLD, STEPS, figures, teach
from .import_onnx import levels_of_decoder
from .mixture import fit_mixture, with_narrow

MOST_NAMES = 200
IMAGE = 96  # rows and columns
MARGIN = 0.08  # of the extent, each side
QUANTILES = (0.005, 0.995)
CHUNK = 256


def encoded(model: Model, cycles: np.ndarray) -> np.ndarray:
    """Cycles [n, 2048] -> latents float32[n, z], in chunks."""
    parts = [model.encode(np.asarray(cycles[i : i + CHUNK])) for i in range(0, len(cycles), CHUNK)]
    return np.concatenate(parts)


def make_map(model: Model, latents: np.ndarray, names: Sequence[str], directions: Directions | None) -> Map:
    """Map of training latents [n, z] with their names (`file:index`)."""
    latents = np.asarray(latents, np.float32)
    density = with_narrow(fit_mixture(latents), latents)
    plane, centre = _flat(model, latents)
    shown, known = _known_sounds(latents, names)
    points = latents @ plane - centre
    low, high = np.quantile(points, QUANTILES, axis=0)
    low, high = low - MARGIN * (high - low), high + MARGIN * (high - low)
    extent = np.array([low[0], high[0], low[1], high[1]], np.float32)
    return Map(density, plane, centre, shown, known, _image(density, plane, centre, extent), extent, directions)


def _flat(model: Model, latents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(plane [z, 2], centre [2]): the two straight lines along which the decoded spectra differ most, unit spread."""
    few = latents[:: -(-len(latents) // 2000)]
    spectra = log_magnitudes(model.decode(few))
    centred = (few - few.mean(0)).astype(float)
    slope = np.linalg.lstsq(centred, spectra - spectra.mean(0), rcond=None)[0]  # [z, bins]
    along = np.linalg.eigh(slope.T @ (centred.T @ centred) @ slope)[1][:, ::-1][:, : min(2, slope.shape[1])]
    plane = slope @ along
    plane = plane / np.maximum((centred @ plane).std(0), 1e-9)
    if model.latent_size == 1:
        plane[:, 1] = 0
    plane = plane.astype(np.float32)
    return plane, (latents.mean(0) @ plane).astype(np.float32)


def _known_sounds(latents: np.ndarray, names: Sequence[str]) -> tuple[tuple[str, ...], np.ndarray]:
    """One sound a file, the one nearest to the middle of that file's; at most 200 files, evenly taken."""
    stems = np.array([Path(name.rpartition(":")[0] or name).stem for name in names], dtype=np.str_)
    files = np.unique(stems)
    files = files[:: -(-len(files) // MOST_NAMES)] if len(files) else files
    rows = []
    for file in files:
        mine = np.flatnonzero(stems == file)
        rows.append(mine[((latents[mine] - np.median(latents[mine], 0)) ** 2).sum(1).argmin()])
    return tuple(files.tolist()), latents[np.array(rows, int)]


def _image(density: Density, plane: np.ndarray, centre: np.ndarray, extent: np.ndarray) -> np.ndarray:
    """The mixture's density on the flat map, square root (so that thin places show): uint8[96, 96]."""
    factors = density.choleskys.transpose(0, 2, 1) @ plane
    covariance = factors.transpose(0, 2, 1) @ factors + 1e-6 * np.eye(2)
    x, y = (np.linspace(extent[2 * i], extent[2 * i + 1], IMAGE) for i in range(2))
    grid = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
    total = np.zeros(len(grid))
    for weight, mean, spread in zip(density.weights, density.means @ plane - centre, covariance, strict=True):
        away = grid - mean
        total += weight / np.sqrt(np.linalg.det(spread)) * np.exp(-0.5 * (away * np.linalg.solve(spread, away.T).T).sum(1))
    return np.rint(255 * np.sqrt(total / max(total.max(), 1e-30))).astype(np.uint8).reshape(IMAGE, IMAGE)


def add_map(model: Model, latents: np.ndarray, names: Sequence[str], held_out: np.ndarray,
            steps: int = STEPS, hold_first: float = HOLD) -> list[dict]:
    """Write `map.npz` into a finished model's folder; answers the manifest's `directions`, judged on held-out latents."""
    levels_of = levels_of_decoder(model.folder / "decoder.onnx")
    directions = teach(latents, levels_of, model.low, model.high, steps, hold_first)
    save_map(make_map(model, latents, names, directions), model.folder)
    rows = figures(held_out, model.decode, directions, model.low, model.high)
    mean_moves = [(directions.move(latents, amount) - latents).mean(0) for amount in np.eye(len(directions.names))]
    return [row | {"vector": [round(float(v), 6) for v in mean]} for row, mean in zip(rows, mean_moves, strict=True)]


def main(model_name: str, data: str, frame_size: int | None, steps: int | None, hold_first: float | None) -> None:
    """Make the map of a finished model from the data it was trained on."""
    from synth.samples import dataset

    from .model_folder import write_manifest

    model = open_model(model_name)
    cycles, _ = dataset.load(Path(data), frame_size)
    rows = _parts(cycles, model)
    latents = encoded(model, cycles.cycles[rows["train"]])
    directions = add_map(model, latents, cycles.name[rows["train"]].tolist(),
                         encoded(model, cycles.cycles[rows["test"]]), steps or STEPS, hold_first or HOLD)
    words = ["python", "-m", "training.export.latent_map", model.name, Path(data).name]
    words += ["--frame-size", str(frame_size)] if frame_size else []
    words += ["--steps", str(steps)] if steps else []
    words += ["--hold-first", f"{hold_first:g}"] if hold_first else []
    write_manifest(model.manifest | {"directions": directions, "map_command": shlex.join(words)}, model.folder)
    for row in directions:
        print({key: value for key, value in row.items() if key != "vector"})


def _parts(data: Dataset, model: Model) -> dict[str, np.ndarray]:
    """As the model's own training split them."""
    from synth.samples.groups import describe

    from ..config import Config
    from ..data.datasets import split

    return split(data, Config.from_dict(model.manifest.get("config") or {}).seed, describe(data.cycles))[0]


if __name__ == "__main__":
    import torch

    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(prog="python -m training.export.latent_map")
    parser.add_argument("model")
    parser.add_argument("data", metavar="FOLDER")
    parser.add_argument("--frame-size", type=int)
    parser.add_argument("--steps", type=int, help="how long the directions are taught")
    parser.add_argument("--hold-first", type=float, help=f"weight of the first three where another is asked for (default {HOLD:g})")
    given = parser.parse_args()
    main(given.model, given.data, given.frame_size, given.steps, given.hold_first)
