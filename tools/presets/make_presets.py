"""Make the shipped presets from their recipes, or bring presets to a model that was trained anew. Needs no torch.

python -m tools.presets.make_presets COLLECTION      every recipe; COLLECTION holds the AKWF families as FAMILY.flac
python -m tools.presets.make_presets --reencode      every preset in presets/ whose model is not the installed one
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from synth.errors import UserError
from synth.params.knobs import param
from synth.patch import preset_file
from synth.patch.patch import Patch
from synth.paths import bundled_folder
from synth.samples.cycles import to_cycle
from synth.samples.reading import read_mono
from synth.samples.spectrum import lsd
from synth.timbres import fallback
from synth.timbres.model import Model, open_model

from .recipes import Akwf, Recipe, Sound, recipes
from .reencode import encoded, reencode_all
from .textbook_spectra import cycle

AKWF_SIZE = 600


def _read(sound: Akwf, collection: Path | None) -> np.ndarray:
    if collection is None:
        raise UserError(f"a corner is {sound.family} {sound.index} of the AKWF collection; name the folder that holds it")
    samples, _ = read_mono(collection / f"{sound.family}.flac")
    return samples[AKWF_SIZE * sound.index:AKWF_SIZE * (sound.index + 1)]


def make_cycle(sound: Sound, collection: Path | None) -> np.ndarray:
    """The cycle a corner is encoded from: float32[2048], unit RMS."""
    return to_cycle(_read(sound, collection) if isinstance(sound, Akwf) else cycle(sound))


def cook(recipe: Recipe, model: Model, collection: Path | None) -> tuple[Patch, np.ndarray]:
    """(preset of a recipe, LSD in dB of each corner to the sound it was encoded from)."""
    cycles = np.array([make_cycle(sound, collection) for sound in recipe.sounds.values()])
    latents = encoded(model, cycles)
    knobs = {"osc.level_db": recipe.level_db} | recipe.knobs
    params = {name: param(name).parse(value) for name, value in knobs.items()}
    patch = Patch(
        name=recipe.name, author="latentwave", category=recipe.category, tags=recipe.tags, comment=recipe.comment,
        model=model.name, latent_size=model.latent_size,
        corners={name: tuple(z.tolist()) for name, z in zip(recipe.sounds, latents, strict=True)},
        params={name: value for name, value in params.items() if value != param(name).default})
    return fallback.keep(patch, model), lsd(cycles, model.decode(latents))


def _make_all(model: Model, folder: Path, collection: Path | None, only: list[str]) -> None:
    for recipe in recipes():
        if only and recipe.name not in only:
            continue
        patch, distance = cook(recipe, model, collection)
        preset_file.save(patch, folder / f"{recipe.name}.json")
        print(f"{recipe.name:16} LSD to its sounds: " + ", ".join(
            f"{name} {d:.2f}" for name, d in zip(recipe.sounds, distance, strict=True)) + " dB")


def main(argv: list[str] | None = None) -> int:
    """0 done, 1 an error told in one line."""
    parser = argparse.ArgumentParser(prog="python -m tools.presets.make_presets", description=__doc__.splitlines()[0])
    parser.add_argument("collection", nargs="?", type=Path, metavar="COLLECTION", help="folder of AKWF families")
    parser.add_argument("--model", default="akwf-16")
    parser.add_argument("--reencode", action="store_true", help="bring presets made with an older model to this one")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="this recipe only; may be repeated")
    parser.add_argument("--out", type=Path, default=bundled_folder() / "presets", metavar="DIR")
    args = parser.parse_args(argv)
    try:
        model = open_model(args.model)
        if args.reencode:
            reencode_all(model, args.out)
        else:
            _make_all(model, args.out, args.collection, args.only)
    except UserError as error:
        print(f"make_presets: error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
