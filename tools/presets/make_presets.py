"""Make the shipped presets from their recipes, or bring presets to a model that was trained anew. Needs no torch.

python -m tools.presets.make_presets               every recipe, levels measured: minutes
python -m tools.presets.make_presets --level       the same, corners as they are
python -m tools.presets.make_presets --keep        the same, corners and levels as they are: seconds
python -m tools.presets.make_presets --reencode    every preset in presets/ whose model is not the installed one, nothing else changed
python -m tools.presets.make_presets --bind OLD    those that stand on the model in the folder OLD, whose latents the installed one shares
"""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from synth.errors import UserError
from synth.params.knobs import param
from synth.patch import mod_slots, preset_file
from synth.patch.patch import Patch, by_name, numbered, with_param
from synth.paths import bundled_folder
from synth.render.preset_levels import ROUNDS, level
from synth.samples.cycles import to_cycle
from synth.samples.reading import read_mono
from synth.timbres import fallback
from synth.timbres.model import Model, open_model
from synth.timbres.source import ModelSource

from .binding import bind_all
from .library import classics
from .recipe import Akwf, Drawn, Recipe, drawn_latent, macro_names, slots
from .recipes import recipes
from .reencode import encoded, reencode, reencode_all
from .textbook_spectra import cycle

AKWF_SIZE = 600


def _read(sound: Akwf, collection: Path | None) -> np.ndarray:
    if collection is None:
        raise UserError(f"a corner is {sound.family} {sound.index} of the AKWF collection; name the folder that holds it")
    samples, _ = read_mono(collection / f"{sound.family}.flac")
    return samples[AKWF_SIZE * sound.index:AKWF_SIZE * (sound.index + 1)]


def corners(recipe: Recipe, model: Model, collection: Path | None) -> dict[str, np.ndarray]:
    """Latents of the recipe's sounds."""
    cycles = {name: to_cycle(_read(sound, collection) if isinstance(sound, Akwf) else cycle(sound))
              for name, sound in recipe.sounds.items() if not isinstance(sound, Drawn)}
    found = dict(zip(cycles, encoded(model, np.array(list(cycles.values()))), strict=True)) if cycles else {}
    return {name: drawn_latent(sound, model) if isinstance(sound, Drawn) else found[name] for name, sound in recipe.sounds.items()}


def cook(recipe: Recipe, folder: Path, collection: Path | None, keep: bool = False, same_corners: bool = False) -> Patch:
    """The preset of a recipe, at the library's loudness. A classic keeps the corners it has, unless a collection is named.

    same_corners: so do all that are there; keep: and their levels. Knobs, moves and words are the recipe's.
    """
    model, file = open_model(recipe.model), folder / f"{recipe.name}.json"
    stays = file.is_file() and (keep or same_corners or (collection is None and recipe.name in {r.name for r in classics.recipes()}))
    if stays:
        kept = preset_file.load(file)
        patch = kept if kept.model_sha256 == model.sha256 else reencode(kept, model)[0]
    else:
        patch = Patch(corners={name: tuple(z.tolist()) for name, z in corners(recipe, model, collection).items()})
    params: dict[str, float] = {}
    named: dict[str, float | str] = {}
    mod_slots.take_mod(slots(recipe), params, named)
    patch = replace(patch, name=recipe.name, author="latentwave", category=recipe.category, tags=recipe.tags, comment=recipe.comment,
                    model=model.name, model_sha256=model.sha256, latent_size=model.latent_size, params=params, named=named,
                    macros=macro_names(recipe))
    for name, value in recipe.knobs.items():
        patch = with_param(patch, name, value)
    names = ModelSource(model).direction_names
    patch = numbered(patch, names)
    patch = replace(patch, params={k: v for k, v in patch.params.items() if v != param(k).default})
    if recipe.category != "init":
        before = numbered(preset_file.load(file), names) if file.is_file() else None
        patch = level(patch, before, 0 if keep and before else ROUNDS, louder_db=recipe.level_db)
    return by_name(patch if stays else fallback.keep(patch, model), names)


def _make(name: str, folder: Path, collection: Path | None, keep: bool, same_corners: bool) -> str:
    recipe = next(r for r in recipes() if r.name == name)
    patch = cook(recipe, folder, collection, keep, same_corners)
    preset_file.save(patch, folder / f"{name}.json")
    return name


def _note_order(folder: Path) -> None:
    """Presets without a program number get the next ones."""
    file = folder / "order.txt"
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    file.write_text(text + "".join(f"{r.name}\n" for r in recipes() if r.name not in lines), encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    """0 done, 1 an error told in one line."""
    parser = argparse.ArgumentParser(prog="python -m tools.presets.make_presets", description=__doc__.splitlines()[0])
    parser.add_argument("collection", nargs="?", type=Path, metavar="COLLECTION",
                        help="folder of AKWF families, to encode those sounds anew")
    parser.add_argument("--model", default="akwf-16", help="that --reencode or --bind brings presets to")
    parser.add_argument("--reencode", action="store_true", help="bring presets made with an older model to this one")
    parser.add_argument("--bind", type=Path, metavar="OLD",
                        help="bring presets from the model in this folder to --model, whose latents are the same; corners and knobs stay")
    parser.add_argument("--seek", action="append", default=[], metavar="NAME", help="with --bind: seek this preset's corners anew where "
                        "they would sound too far from before; may be repeated")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="this recipe, or category, only; may be repeated")
    parser.add_argument("--level", action="store_true", help="leave corners as they are; find levels and renew knobs, moves and words")
    parser.add_argument("--keep", action="store_true", help="leave corners and levels as they are; renew knobs, moves and words")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=bundled_folder() / "presets", metavar="DIR")
    args = parser.parse_args(argv)
    try:
        if args.bind:
            bind_all(args.bind, open_model(args.model), args.out, args.seek)
            return 0
        if args.reencode:
            reencode_all(open_model(args.model), args.out)
            return 0
        wanted = [r.name for r in recipes() if not args.only or r.name in args.only or r.category in args.only]
        with ProcessPoolExecutor(args.jobs) as pool:
            make = partial(_make, folder=args.out, collection=args.collection, keep=args.keep, same_corners=args.level)
            for name in pool.map(make, wanted):
                print(name, flush=True)
        _note_order(args.out)
    except UserError as error:
        print(f"make_presets: error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
