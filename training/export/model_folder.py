"""A trained state -> a model folder that the player opens: two ONNX files, manifest, baseline. Whole or not at all."""

import datetime
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from synth import __version__
from synth.errors import UserError
from synth.paths import write_whole
from synth.samples.baseline import Baseline, fit_pca, pack, save_baseline
from synth.samples.spectrum import LSD_HARMONICS, floored_db, unit_rms
from synth.timbres.foreign import note_trained
from synth.timbres.model import Model, Network, open_model
from synth.whole_folders import whole_folder

from ..config import Config
from ..data.datasets import TrainingData
from ..data.features import Pool, cycles_of, hidden
from ..fit.distil import LATENTS, Played
from ..fit.distil import STEPS as LEAN_STEPS
from ..network.layers import Lean
from ..network.model import Autoencoder
from ..network.phases import shared_phases
from .directions import STEPS as LABEL_STEPS
from .graphs import AmplitudesGraph, Axes, DecoderGraph, EncoderGraph, find_axes
from .latent_map import add_map, encoded
from .lean_model import from_smoothed_db, lean_config, make_lean
from .mixture import fit_mixture
from .onnx_files import (
    DECODER_TOLERANCE,
    ENCODER_TOLERANCE,
    check_against_torch,
    check_levels,
    store_halves,
    with_half_weights,
    write_onnx,
)

ONNX_FILES = ("decoder.onnx", "amplitudes.onnx", "encoder.onnx")
RANGE_QUANTILES, OTHERS_QUANTILES = (0.001, 0.999), (0.005, 0.995)
MOST_OTHERS = 2000  # synthetic sounds asked for the range
CHUNK = 256
FEWEST_A_LATENT = 4  # sounds, that axes are found from
MOST_LEAN_DB = 0.35  # LSD at latents of validation, from the trained decoder smoothed


def latent_axes(model: Autoencoder, train: Pool, others: Pool, axes: Axes | None = None) -> tuple[Axes, np.ndarray, np.ndarray]:
    """(axes, the training latents [n, z] on them, those of other sounds [m, z]). axes: those to keep, else they are found."""
    size = model.latent_size
    graph = EncoderGraph(model, Axes(np.zeros(size), np.eye(size)), train.levels_db.shape[1]).eval()
    with torch.no_grad():
        latents, besides = (_raw(graph, pool) for pool in (train, others))
        if axes is None:
            told = latents if len(latents) >= FEWEST_A_LATENT * size else torch.cat([latents, besides])  # few tell no direction
            levels_db = torch.cat([model.decode(rows) for rows in told.split(CHUNK)])
            axes = find_axes(told.numpy(), (levels_db - levels_db.amax(-1, keepdim=True)).numpy())
        return axes, ((latents - axes.mean) @ axes.matrix).numpy(), ((besides - axes.mean) @ axes.matrix).numpy()


def _on_axes(model: Autoencoder, axes: Axes, pool: Pool) -> np.ndarray:
    """Latents [n, z] of a pool on a model's axes."""
    size = model.latent_size
    graph = EncoderGraph(model, Axes(np.zeros(size), np.eye(size)), pool.levels_db.shape[1]).eval()
    with torch.no_grad():
        return ((_raw(graph, pool) - axes.mean) @ axes.matrix).numpy()


def _raw(graph: EncoderGraph, pool: Pool) -> torch.Tensor:
    """The model's own latents [n, z] of a pool."""
    return torch.cat([graph.raw(rows) for rows in torch.from_numpy(hidden(pool)).split(CHUNK)])


def describe_latents(latents: np.ndarray, others: np.ndarray) -> list[dict]:
    """Name, range (data quantiles, never a multiple of sigma: the tails are heavy), mean and spread of each.

    The range takes in most synthetic sounds as well: a collection does not hold the textbook's extremes.
    """
    low, high = np.quantile(latents, RANGE_QUANTILES, axis=0)
    if len(others):
        low_others, high_others = np.quantile(others, OTHERS_QUANTILES, axis=0)
        low, high = np.minimum(low, low_others), np.maximum(high, high_others)
    return [
        {"name": f"Z{i + 1}", "low": round(float(low[i]), 4), "high": round(float(high[i]), 4),
         "mean": round(float(latents[:, i].mean()), 6), "std": round(float(latents[:, i].std()), 6)}
        for i in range(latents.shape[1])
    ]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make_manifest(config: Config, latents: list[dict], phases: np.ndarray, origin: dict, hashes: dict[str, str]) -> dict:
    """The contract's manifest, format 1, without scores; `origin` holds its `data` and `command`."""
    return {
        "format": 1, "name": config.name, "kind": "autoencoder", "output": "waveform",
        "latent_size": config.latent_size, "cycle_size": 2048, "harmonics": config.harmonics,
        "latents": latents, "directions": [], "phases": [float(p) for p in phases], **origin,
        "scores": {}, "code_version": __version__, "config": config.to_dict() | {"base": Path(config.base).name},
        "made": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "versions": {"torch": torch.__version__.split("+")[0], "numpy": np.__version__},
        "sha256": hashes,
    }


def make_baseline(training_data: TrainingData, latent_size: int) -> Baseline:
    """PCA on the floored log magnitudes of the train part, and the hashes of train and validation."""
    train = training_data.parts["train"]
    hidden = np.arange(train.levels_db.shape[1])[None] >= train.known[:, None]
    amplitudes = np.where(hidden, 0.0, 10 ** (train.levels_db.astype(np.float64) / 20))[:, :LSD_HARMONICS]
    amplitudes = np.pad(amplitudes, ((0, 0), (0, LSD_HARMONICS - amplitudes.shape[1])))
    return Baseline(*fit_pca(floored_db(unit_rms(amplitudes)), latent_size), pack(training_data.seen_db))


def export(model: Autoencoder, config: Config, training_data: TrainingData, origin: dict, target: Path) -> Model:
    """Write the model folder beside `target`, open it as the player would, then put it in place.

    Raises UserError where it cannot be written or does not answer as the trained model does; `target` is then untouched.
    """
    def fill(partial: Path) -> None:
        rounded = with_half_weights(model.cpu().eval())
        _, latents = _fill(partial, rounded, config, training_data, origin, None, lean=True)
        _add_map(partial, latents, config, training_data)

    write_folder(target, fill)
    return open_model(target)


def export_as_it_learns(model: Autoencoder, config: Config, training_data: TrainingData, target: Path, axes: Axes | None) -> Axes:
    """A model in the midst of its run, without a map, to be heard: quick to write. Answers its axes, which the next one keeps."""
    found: list[Axes] = []

    def fill(partial: Path) -> None:
        rounded, origin = with_half_weights(model.cpu().eval()), {"data": [], "command": ""}
        found.append(_fill(partial, rounded, config, training_data, origin, axes, lean=False)[0])

    write_folder(target, fill)
    return found[0]


def write_folder(target: Path, fill: Callable[[Path], None]) -> None:
    """A model's folder, filled beside `target` and then put in its place. Raises UserError."""
    try:
        with whole_folder(target) as partial:
            fill(partial)
    except OSError as error:
        raise UserError(f"cannot write the model to {target} ({error.strerror or error})") from None


def _fill(folder: Path, model: Autoencoder, config: Config, training_data: TrainingData, origin: dict, axes: Axes | None,
          lean: bool) -> tuple[Axes, np.ndarray]:
    """All files of a model but its map, checked against torch; answers its axes and the latents [n, z] of what it learns.

    lean: a decoder that is not lean yet is taught to be first, and is that where it lies near enough to what it was taught from. One that
    a lean base lent is left as the run made it: it was smoothed once.
    """
    phases = shared_phases(config.harmonics)
    own = training_data.parts["train"]
    others = training_data.bank.take(np.arange(min(MOST_OTHERS, len(training_data.bank))))
    axes, latents, reach = latent_axes(model, own if training_data.more is None else own.joined(training_data.more), others, axes)
    sliders = describe_latents(latents, reach)
    if lean and not isinstance(model.decoder, Lean):
        low, high = (np.array([row[end] for row in sliders], np.float32) for end in ("low", "high"))
        steps = _lean_steps(config)
        played = Played(latents.astype(np.float32), fit_mixture(latents), low, high)
        taught = make_lean(model, config, axes, played, steps, min(LATENTS, 500 + 10 * steps), config.seed)
        held_out = _on_axes(model, axes, training_data.parts["val"]).astype(np.float32)
        away_db = from_smoothed_db(model, taught, axes, held_out, played.latents.std(0))[0]
        if away_db <= MOST_LEAN_DB:
            model, config = taught, lean_config(config)
        else:
            print(f"the lean decoder lies {away_db:.2f} dB from the trained one (at most {MOST_LEAN_DB}): that one is kept", flush=True)
    hashes = write_networks(model, axes, phases, latents[:8].astype(np.float32), folder)
    write_manifest(make_manifest(config, sliders, phases, origin, hashes), folder)
    save_baseline(make_baseline(training_data, config.latent_size), folder)
    return axes, latents[: len(own)]


def _add_map(folder: Path, latents: np.ndarray, config: Config, training_data: TrainingData) -> None:
    """Density, flat map and directions, and their names in the manifest."""
    exported = open_model(folder)
    held_out = encoded(exported, cycles_of(training_data.parts["test"]))
    directions = add_map(exported, latents, training_data.names, held_out, _label_steps(config))
    write_manifest(exported.manifest | {"directions": directions}, folder)


def write_networks(model: Autoencoder, axes: Axes, phases: np.ndarray, examples: np.ndarray, folder: Path) -> dict[str, str]:
    """Write a model's ONNX files, each checked against torch at latents [n, z]; answers the manifest's `sha256`."""
    decoder, levels = DecoderGraph(model, axes, phases).eval(), AmplitudesGraph(model, axes, len(phases)).eval()
    encoder = EncoderGraph(model, axes, len(phases)).eval()
    with torch.no_grad():
        cycles = decoder(torch.from_numpy(examples)).numpy()
    names, size = (("latent", "cycle"), ("latent", "amplitudes"), ("cycle", "latent")), len(axes.mean)
    shapes = ((size, 2048), (size, len(phases)), (2048, size))
    graphs: tuple[nn.Module, ...] = (decoder, levels, encoder)
    for file, graph, (given, answer), shape in zip(ONNX_FILES, graphs, names, shapes, strict=True):
        taken = cycles if graph is encoder else examples
        write_onnx(graph, torch.from_numpy(taken[:3]), (given, answer), folder / file)
        store_halves(folder / file)
        run = Network(folder / file, given, answer, *shape)
        check_against_torch(graph, taken, run(taken), ENCODER_TOLERANCE if graph is encoder else DECODER_TOLERANCE)
        if graph is levels:
            check_levels(graph, taken, run(taken))
    hashes = {name: _sha256(folder / name) for name in ONNX_FILES}
    note_trained(hashes.values())  # the player runs them without the care that it takes with a stranger's
    return hashes


def _lean_steps(config: Config) -> int:
    """How long the lean decoder is taught: half of the run's own time or so."""
    return min(LEAN_STEPS, max(20, round(1000 * config.minutes) if config.minutes else config.steps))


def _label_steps(config: Config) -> int:
    """How long directions are taught: a tenth or so of the run's own time."""
    return min(LABEL_STEPS, max(20, round(300 * config.minutes) if config.minutes else config.steps // 2))


def write_manifest(manifest: dict, folder: Path) -> None:
    """Write manifest.json, whole or not at all."""
    write_whole(folder / "manifest.json", (json.dumps(manifest, indent=1) + "\n").encode())


def add_scores(exported: Model, scores: dict) -> None:
    """Write scores into a finished model's manifest."""
    write_manifest(exported.manifest | {"scores": scores}, exported.folder)
