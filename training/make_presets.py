"""Make the shipped presets from their recipes, or bring presets to a model that was trained anew. Needs no torch.

    python -m training.make_presets COLLECTION      every recipe; COLLECTION holds the AKWF families as FAMILY.flac
    python -m training.make_presets --reencode      every preset in presets/ whose model is not the installed one
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from synth import presets
from synth.errors import UserError
from synth.latent import fallback
from synth.latent.density import Map, load_map
from synth.latent.plugin import Instrument, load_instrument
from synth.latent.refine import refine
from synth.params import param
from synth.paths import bundled_folder
from synth.presets import Patch
from synth.samples.cycles import to_cycle
from synth.samples.reading import read_mono
from synth.samples.spectrum import erb_lsd, log_magnitudes, lsd

from .recipes import Akwf, Recipe, Sound, recipes
from .timbres import cycle

AKWF_SIZE = 600
_STEPS = 30
_WELL = 4.0  # dB^2 of LSD and ERB-LSD
_DRAWN, _STARTS = 2000, 6  # random sounds looked at, and begun from besides


def _read(sound: Akwf, collection: Path | None) -> np.ndarray:
    if collection is None:
        raise UserError(f"a corner is {sound.family} {sound.index} of the AKWF collection; name the folder that holds it")
    samples, _ = read_mono(collection / f"{sound.family}.flac")
    return samples[AKWF_SIZE * sound.index:AKWF_SIZE * (sound.index + 1)]


def cycle_of(sound: Sound, collection: Path | None) -> np.ndarray:
    """The cycle a corner is encoded from: float32[2048], unit RMS."""
    return to_cycle(_read(sound, collection) if isinstance(sound, Akwf) else cycle(sound))


def encoded(instrument: Instrument, cycles: np.ndarray) -> np.ndarray:
    """Latents float32[n, z] of cycles, refined: from the encoder's answer and from the random sounds that lie nearest."""
    answers = np.clip(instrument.encode(cycles), instrument.low, instrument.high)
    starts = [answers] if (found := load_map(instrument.folder, instrument.latent_size)) is None else [
        answers, *_near(instrument, cycles, found)]
    ends = [refine(instrument, cycles, start, _STEPS) for start in starts]
    drawn = [instrument.decode(end) for end in ends]
    cost = np.array([lsd(cycles, there) ** 2 + erb_lsd(cycles, there) ** 2 for there in drawn])
    cost[1:] = np.where(cost[0] < _WELL, np.inf, cost[1:] * 1.5)  # what the encoder found is kept where it will do
    return np.array(ends)[cost.argmin(0), np.arange(len(cycles))]


def _near(instrument: Instrument, cycles: np.ndarray, found: Map) -> np.ndarray:
    """The few of many random sounds nearest to each cycle: float32[few, n, z]."""
    drawn = np.clip(found.density.sample(np.random.default_rng(0), _DRAWN), instrument.low, instrument.high)
    spectra = log_magnitudes(instrument.decode(drawn))
    wanted = log_magnitudes(cycles)
    order = np.argsort(((wanted[:, None] - spectra[None]) ** 2).sum(2), 1)[:, :_STARTS]
    return drawn[order].transpose(1, 0, 2)


def cook(recipe: Recipe, instrument: Instrument, collection: Path | None) -> tuple[Patch, np.ndarray]:
    """(preset of a recipe, LSD in dB of each corner to the sound it was encoded from)."""
    cycles = np.array([cycle_of(sound, collection) for sound in recipe.sounds.values()])
    latents = encoded(instrument, cycles)
    knobs = {"osc.level_db": recipe.level_db} | recipe.knobs
    params = {name: param(name).parse(value) for name, value in knobs.items()}
    patch = Patch(
        name=recipe.name, author="latentwave", category=recipe.category, tags=recipe.tags, comment=recipe.comment,
        model=instrument.name, latent_size=instrument.latent_size,
        corners={name: tuple(z.tolist()) for name, z in zip(recipe.sounds, latents, strict=True)},
        params={name: value for name, value in params.items() if value != param(name).default})
    return fallback.keep(patch, instrument), lsd(cycles, instrument.decode(latents))


def _far_corners(patch: Patch, instrument: Instrument) -> dict[str, tuple[float, ...]]:
    """C and D, which no fallback holds, from the recipe of that name where it gives them by formula."""
    sounds = {r.name: r.sounds for r in recipes()}.get(patch.name, {})
    found = {}
    for name in {"C", "D"} & set(patch.corners):
        sound = sounds.get(name)
        if not isinstance(sound, np.ndarray):
            raise UserError(f"{patch.name}: corner {name} cannot be found again without its model")
        found[name] = tuple(encoded(instrument, cycle_of(sound, None)[None])[0].tolist())
    return found


def reencode(patch: Patch, instrument: Instrument) -> tuple[Patch, np.ndarray]:
    """(preset on another model, LSD in dB at the 9 points between what it kept and what it is now).

    A and B are encoded from the fallback's first and last row. Raises UserError where there is none.
    """
    if patch.fallback_db is None:
        raise UserError(f"{patch.name} keeps no sound to encode again")
    kept = fallback.cycles_of(patch.fallback_db)
    a, b = encoded(instrument, kept[[0, -1]])
    corners = {"A": tuple(a.tolist())} | ({"B": tuple(b.tolist())} if "B" in patch.corners else {})
    corners |= _far_corners(patch, instrument)
    params = {name: value for name, value in patch.params.items() if not name.startswith("latent.")}
    moved = replace(patch, corners=corners, shapes={}, params=params, latent_size=instrument.latent_size)
    found = fallback.keep(moved, instrument)
    assert found.fallback_db is not None
    return found, lsd(kept, fallback.cycles_of(found.fallback_db))


def _reencode_all(instrument: Instrument, folder: Path) -> None:
    for file in sorted(folder.glob("*.json")):
        patch = presets.load(file)
        if patch.model != instrument.name:
            print(f"{patch.name:16} stands on {patch.model}: left as it is")
        elif patch.model_sha256 == instrument.sha256 and patch.latent_size == instrument.latent_size:
            print(f"{patch.name:16} up to date")
        else:
            found, distance = reencode(patch, instrument)
            presets.save(found, file)
            print(f"{patch.name:16} LSD old to new: A {distance[0]:.2f}, B {distance[-1]:.2f}, mean {distance.mean():.2f} dB")


def _make_all(instrument: Instrument, folder: Path, collection: Path | None, only: list[str]) -> None:
    for recipe in recipes():
        if only and recipe.name not in only:
            continue
        patch, distance = cook(recipe, instrument, collection)
        presets.save(patch, folder / f"{recipe.name}.json")
        print(f"{recipe.name:16} LSD to its sounds: " + ", ".join(
            f"{name} {d:.2f}" for name, d in zip(recipe.sounds, distance, strict=True)) + " dB")


def main(argv: list[str] | None = None) -> int:
    """0 done, 1 an error told in one line."""
    parser = argparse.ArgumentParser(prog="python -m training.make_presets", description=__doc__.splitlines()[0])
    parser.add_argument("collection", nargs="?", type=Path, metavar="COLLECTION", help="folder of AKWF families")
    parser.add_argument("--model", default="akwf-16")
    parser.add_argument("--reencode", action="store_true", help="bring presets made with an older model to this one")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="this recipe only; may be repeated")
    parser.add_argument("--out", type=Path, default=bundled_folder() / "presets", metavar="DIR")
    args = parser.parse_args(argv)
    try:
        instrument = load_instrument(args.model)
        if args.reencode:
            _reencode_all(instrument, args.out)
        else:
            _make_all(instrument, args.out, args.collection, args.only)
    except UserError as error:
        print(f"make_presets: error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
