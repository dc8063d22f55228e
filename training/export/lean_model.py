"""The lean decoder in a model: taught from the trained one, put in its place beside the same encoder and latents.

`train` does it before it exports. `python -m training.export.lean_model NAME FOLDER` does it to a finished model, in place; its map and
named directions stay as they are, and the directions' figures and the scores are measured anew.
"""

import argparse
import copy
import shlex
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from synth.errors import UserError
from synth.timbres.density import Density, load_map
from synth.timbres.directions import Directions
from synth.timbres.model import Model, open_model
from synth.whole_folders import whole_folder

from ..config import Config
from ..data.datasets import TrainingData, gather
from ..data.features import cycles_of
from ..fit.compress import compress
from ..fit.distil import CHUNK, LATENTS, Played, Swings, distil, smoothed
from ..network.layers import Lean, Straight
from ..network.losses import SpectralLoss, measure_db
from ..network.model import Autoencoder
from .graphs import Axes
from .onnx_files import with_half_weights

BEGUN_ON = 10_000  # latents that a compression is fitted to
RANK = 48  # of the harmonics above 127
Report = Callable[[int, float, Lean], None]


def lean_config(config: Config, decoder: nn.Module | None = None) -> Config:
    """The recipe with the shape of a lean decoder, or of this one; as it is where only two blocks can be made so and there are not two."""
    if config.blocks != 2:
        return config
    return replace(config, upper_rank=RANK, last=decoder.leave.in_features if isinstance(decoder, Lean) else config.last)


def make_lean(model: Autoencoder, config: Config, axes: Axes, played: Played, steps: int, latents: int = LATENTS, seed: int = 0,
              report: Report = lambda step, loss, pupil: None, begun: Lean | None = None) -> Autoencoder:
    """The model with a lean decoder in place of its own, which is smoothed and taught for `steps`; encoder and latents as they were.

    `played` is on the axes; `begun` is a decoder to go on with. A decoder of other than two blocks stays as it is.
    """
    if config.blocks != 2:
        return model
    rng, draws = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    where = torch.from_numpy(played.draw(rng, latents))
    spread = torch.from_numpy(played.latents.std(0).astype(np.float32))
    with torch.no_grad():
        own = where @ axes.back + axes.mean
        aim_db = torch.cat([smoothed(_levels_of(model, axes), rows, spread, draws) for rows in where.split(CHUNK)])
    swings = Swings(played, lambda z: z @ axes.back + axes.mean, seed)
    torch.manual_seed(seed)
    trained = model.decoder
    pupil = begun or (compress(trained, own[:BEGUN_ON], RANK, config.last) if isinstance(trained, Straight) else copy.deepcopy(trained))
    taught = distil(pupil.requires_grad_(True), aim_db, own, swings, steps, seed, report)
    found = Autoencoder(replace(config, upper_rank=RANK))
    found.encoder, found.corrector, found.decoder = copy.deepcopy(model.encoder), copy.deepcopy(model.corrector), taught
    return with_half_weights(found.eval())


def _levels_of(model: Autoencoder, axes: Axes) -> Callable[[Tensor], Tensor]:
    """Latents on the axes -> levels in dB."""
    return lambda latent: model.decode(latent @ axes.back + axes.mean)


def from_smoothed_db(model: Autoencoder, lean: Autoencoder, axes: Axes, latents: np.ndarray, spread: np.ndarray) -> tuple[float, float]:
    """Mean (LSD, ERB-LSD) in dB from the smoothed decoder of one model to the decoder of another, at latents [n, z] on the axes."""
    where = torch.from_numpy(latents)
    with torch.no_grad():
        aim_db = smoothed(_levels_of(model, axes), where, torch.from_numpy(spread), torch.Generator().manual_seed(1), 64)
        return measure_db(lean.decode(where @ axes.back + axes.mean), aim_db, SpectralLoss(aim_db.shape[1]))


def opened(model: Model, last: int) -> tuple[Autoencoder, Config, Axes]:
    """A finished model as torch again."""
    from .import_onnx import axes_of, open_base

    base = open_base(str(model.folder))
    trained = Autoencoder(base.config)
    trained.load_state_dict(base.weights)
    config = base.config if base.config.upper_rank else replace(base.config, last=last)
    return trained.eval(), config, axes_of(model.folder)


def _read(file: Path | None, model: Model) -> Lean | None:
    """The decoder that an earlier run saved with --keep."""
    if file is None:
        return None
    weights = torch.load(file, weights_only=True)
    lean = Lean(model.latent_size, model.harmonics, len(weights["up0.bias"]), weights["leave.weight"].shape[1], RANK)
    lean.load_state_dict(weights)
    return lean


def put_lean(model: Model, training_data: TrainingData, steps: int, seed: int, report: Report, begun: Path | None = None,
             last: int = 0) -> Model:
    """A finished model with a lean decoder, in place of the one that stood there. Raises UserError where it has no map."""
    from .latent_map import encoded

    (trained, config, axes), density = opened(model, last), _map_of(model)[0]
    latents = encoded(model, cycles_of(training_data.parts["train"]))
    lean = make_lean(trained, config, axes, Played(latents, density, model.low, model.high), steps, seed=seed, report=report,
                     begun=_read(begun, model))
    tell_distance(trained, lean, axes, encoded(model, cycles_of(training_data.parts["val"])), latents.std(0))
    return put_decoder(model, lean, config, axes, latents, training_data)


def tell_distance(trained: Autoencoder, lean: Autoencoder, axes: Axes, held_out: np.ndarray, spread: np.ndarray) -> None:
    """Print how far a lean decoder is from the trained one smoothed, at latents [n, z] that the trained model gave to held-out sounds."""
    found = from_smoothed_db(trained, lean, axes, held_out, spread)
    print("validation latents, from the smoothed decoder: LSD {:.3f}, ERB-LSD {:.3f} dB".format(*found), flush=True)


def put_decoder(model: Model, lean: Autoencoder, config: Config, axes: Axes, latents: np.ndarray, training_data: TrainingData) -> Model:
    """A finished model with another lean decoder on the same axes, in place of the one that stood there.

    latents: float32[n, z] of what it learnt. Raises UserError where it has no map.
    """
    from ..report.scores import final_scores
    from .directions import figures
    from .latent_map import encoded
    from .model_folder import write_manifest, write_networks

    directions = _map_of(model)[1]
    with whole_folder(model.folder) as partial:
        shutil.copytree(model.folder, partial, dirs_exist_ok=True)
        hashes = write_networks(lean, axes, np.array(model.manifest["phases"]), latents[:8], partial)
        shape = lean_config(config, lean.decoder).to_dict() | {"base": Path(config.base).name}
        replaces = sorted({model.sha256, *model.replaces})  # presets of those are played on this one
        write_manifest(model.manifest | {"config": shape, "sha256": hashes, "replaces": replaces}, partial)
        new = open_model(partial)
        rows = figures(encoded(new, cycles_of(training_data.parts["test"])), new.decode, directions, new.low, new.high)
        told = [old | row for old, row in zip(model.manifest["directions"], rows, strict=True)]
        write_manifest(new.manifest | {"directions": told, "scores": final_scores(new, training_data)}, partial)
    return open_model(model.folder)


def _map_of(model: Model) -> tuple[Density, Directions]:
    """A finished model's density and directions. Raises UserError where it has none."""
    found = load_map(model.folder, model.latent_size)
    if found is None or found.directions is None:
        raise UserError(f"{model.folder} holds no map.npz with directions; make it with: python -m training.export.latent_map")
    return found.density, found.directions


def main(name: str, data: str, frame_size: int | None, steps: int, seed: int, keep: Path | None, begun: Path | None,
         last: int) -> None:
    """A finished model, from the data it was trained on; `keep` is where the pupil is saved on its way."""
    from synth.samples import dataset

    from .model_folder import write_manifest

    model = open_model(name)
    cycles, _ = dataset.load(Path(data), frame_size)
    training_data = gather(cycles, Config(latent_size=model.latent_size, harmonics=model.harmonics, synthetic_share=0.0,
                                         seed=Config.from_dict(model.manifest.get("config") or {}).seed))

    def report(step: int, loss: float, pupil: Lean) -> None:
        if step % 100 == 0:
            print(f"{model.name}, step {step}: {loss:.3f} dB", flush=True)
            if keep is not None:
                torch.save(pupil.state_dict(), keep)

    new = put_lean(model, training_data, steps, seed, report, begun, last)
    words = ["python", "-m", "training.export.lean_model", model.name, Path(data).name]
    words += ["--frame-size", str(frame_size)] if frame_size else []
    words += ["--last", str(last)] if last else []
    write_manifest(new.manifest | {"lean_command": shlex.join([*words, "--steps", str(steps), "--seed", str(seed)])}, new.folder)
    print(new.manifest["scores"])


if __name__ == "__main__":
    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(prog="python -m training.export.lean_model")
    parser.add_argument("model")
    parser.add_argument("data", metavar="FOLDER")
    parser.add_argument("--frame-size", type=int)
    parser.add_argument("--steps", type=int, default=1_500, help="how long it is taught")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, metavar="FILE", help="where the decoder is saved as it is taught")
    parser.add_argument("--begin", type=Path, metavar="FILE", help="go on with a decoder that an earlier run saved")
    parser.add_argument("--last", type=int, default=0, help="units of the last layer (default: as many as the width)")
    given = parser.parse_args()
    main(given.model, given.data, given.frame_size, given.steps, given.seed, given.keep, given.begin, given.last)
