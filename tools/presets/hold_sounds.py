"""Hold a lean model to what some presets sounded like before it was lean. Needs torch; minutes.

python -m tools.presets.hold_sounds akwf-16 OLD AKWF --frame-size 600 --preset "Rain on Tin" [--preset ...]

OLD is the folder of the model as it was trained, AKWF what it was trained on. Each preset is played on OLD, held and under the hands;
where that leads, the last layer of the lean decoder is fitted anew (`training/fit/held.py`). Bring the presets along afterwards:
`python -m tools.presets.make_presets --bind` the lean model as it was.
"""

import argparse
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from synth.errors import UserError
from synth.patch import preset_file
from synth.patch.patch import Patch
from synth.paths import bundled_folder
from synth.samples import dataset
from synth.timbres.model import Model, open_model
from synth.timbres.source import ModelSource
from training.config import Config
from training.data.datasets import gather
from training.export.held_model import put_held
from training.export.model_folder import write_manifest
from training.fit.held import PULL

from .listening import HOLD_S, LOUD, Take, middle, play, takes

_KEYS = (-24, -12, 0, 12)  # semitones from the middle of a preset's register
_STEP = 4  # decimals of a latent, within which points are one


class Noted(ModelSource):
    """A model that notes the latents it is asked for."""

    def __init__(self, model: Model):
        super().__init__(model)
        self.block_decoder = None  # the audio thread asks nobody
        self.asked: list[np.ndarray] = []

    def amplitudes(self, points, amounts):
        """As a model's."""
        self.asked.append(self.latents_at(points, amounts))
        return super().amplitudes(points, amounts)


def played_latents(patch: Patch, model: Model) -> np.ndarray:
    """Latents float32[n, z] that a preset leads a model to, held and under the hands, each once."""
    source = Noted(model)
    held: list[Take] = [(("held",), middle(patch.category) + away, LOUD, HOLD_S) for away in _KEYS]  # chance leads on from note to note
    play(replace(patch, model_sha256=model.sha256), takes(patch, macros=True) + held, source)
    return np.unique(np.round(np.concatenate(source.asked), _STEP), axis=0)


def hold_sounds(name: str, before: Path, data: Path, frame_size: int | None, presets: Sequence[str], folder: Path, pull: float) -> Model:
    """The model of a name, held to what presets of a folder sound like on the model in the folder `before`. Raises UserError."""
    model, old = open_model(name), open_model(str(before))
    played = [played_latents(preset_file.load(folder / f"{preset}.json"), old) for preset in presets]
    cycles, _ = dataset.load(data, frame_size)
    seed = Config.from_dict(model.manifest.get("config") or {}).seed
    training_data = gather(cycles, Config(latent_size=model.latent_size, harmonics=model.harmonics, synthetic_share=0.0, seed=seed))
    new = put_held(model, old, played, training_data, pull)
    words = ["python", "-m", "tools.presets.hold_sounds", model.name, before.name, data.name]
    words += ["--frame-size", str(frame_size)] if frame_size else []
    words += ["--pull", str(pull)] + [word for preset in presets for word in ("--preset", preset)]
    write_manifest(new.manifest | {"held_command": shlex.join(words)}, new.folder)
    return open_model(new.folder)


def main(argv: list[str] | None = None) -> int:
    """Entry point. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.presets.hold_sounds", description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("before", type=Path, metavar="OLD")
    parser.add_argument("data", type=Path, metavar="FOLDER")
    parser.add_argument("--frame-size", type=int)
    parser.add_argument("--preset", action="append", required=True, metavar="NAME", help="one to be held; may be repeated")
    parser.add_argument("--pull", type=float, default=PULL, help="the weight of each beside all ordinary latents (%(default)s)")
    parser.add_argument("--presets", type=Path, default=bundled_folder() / "presets", metavar="DIR")
    args = parser.parse_args(argv)
    try:
        new = hold_sounds(args.model, args.before, args.data, args.frame_size, args.preset, args.presets, args.pull)
    except UserError as error:
        print(f"hold_sounds: error: {error}", file=sys.stderr)
        return 1
    print(new.manifest["scores"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
