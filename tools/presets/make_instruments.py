"""Make the shipped instruments of recordings, and the presets that play them, from FluidR3 GM (MIT). Needs fluidsynth and the soundfont.

python -m tools.presets.make_instruments [NAME ...]            a minute; in `exported/instruments/` and `presets/`
python -m tools.presets.make_instruments --presets [NAME ...]  the presets alone, of the instruments that are there; needs neither
"""

import argparse
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import mido

from synth.errors import UserError
from synth.params.knobs import param
from synth.patch import mod_slots, preset_file
from synth.patch.patch import Patch, by_name, numbered, with_param
from synth.paths import bundled_folder
from synth.render.preset_levels import ROUNDS, level
from synth.timbres import fallback
from synth.timbres.model import open_model
from synth.timbres.source import ModelSource
from synth.tracks import instrument_file
from synth.tracks.building import build
from synth.tracks.playing import patch_of_instrument
from training.data.soundfont import find_font

from .recipe import Knobs, Recipe, macro_names, slots

MODEL, RATE_HZ, VELOCITIES = "akwf-16", 44_100, (48, 104)
_SAMPLE_S = 0.3  # of silence behind a note's release


@dataclass(frozen=True)
class Recorded:
    """An instrument: its General MIDI program (from 0), keys, how long each note is held, and the preset that plays it."""

    program: int
    keys: tuple[int, ...]
    held_s: float
    recipe: Recipe


def _recipe(name: str, category: str, tags: tuple[str, ...], comment: str, moves: str, macros: str, **knobs: float | str) -> Recipe:
    named: Knobs = {key.replace("__", "."): value for key, value in knobs.items()}
    return Recipe(name, category, (*tags, "recordings"), comment, {}, 0.0, named, moves, macros, MODEL)


INSTRUMENTS = {
    "Nylon Diary": Recorded(24, (40, 46, 52, 58, 64, 70, 76), 2.2, _recipe(
        "Nylon Diary", "pluck", ("plucked", "guitar"), "a nylon guitar whose notes can be stretched; the wheel brightens, a macro scrubs",
        "wheel brightness .3\nvelocity brightness .06\nvelocity level -.17\npressure hollowness .25",
        "Stretch: track.speed -.2; Body: track.formant .5; Bright: brightness .4; Scrub: track.position .5",
        osc__level_db=6, reverb__mix=0.12)),
    "Paper Flute": Recorded(73, (60, 66, 72, 78, 84, 90), 1.6, _recipe(
        "Paper Flute", "wind", ("blown", "flute"), "a flute: pressure is more air, the wheel more vibrato and edge",
        "wheel track.contour .5\nwheel brightness .3\npressure track.noise_db .12\nbreath level .1\nbreath brightness .2\n"
        "velocity brightness .2\nvelocity level -.17",
        "Air: track.noise_db .15; Still: track.contour -.5; Bright: brightness .4; "
        "Slow: track.speed -.15", osc__level_db=6, track__contour=0.8, reverb__mix=0.16)),
    "Salt Cello": Recorded(42, (36, 41, 46, 51, 56, 61, 66, 71), 1.8, _recipe(
        "Salt Cello", "string", ("bowed", "cello"), "a bowed cello that drifts through its own strokes; the wheel leans into the string",
        "wheel brightness .25\nwheel track.noise_db .08\npressure brightness .15\nvelocity brightness .2\nvelocity level -.17",
        "Bow: track.noise_db .12; Drift: track.speed .15; Bright: brightness .4; "
        "Still: track.contour -.5", osc__level_db=6, reverb__mix=0.16)),
    "Tine Diary": Recorded(4, (36, 43, 50, 57, 64, 71, 78, 85), 2.2, _recipe(
        "Tine Diary", "keys", ("struck", "electric piano"), "struck tines: the wheel trembles, pressure swells",
        "wheel level .12 via lfo1\nwheel brightness .5\nwheel richness .4\nvelocity brightness .34\nvelocity level -.17\n"
        "pressure level .06\npressure brightness .2\nbreath brightness .22",
        "Longer: track.speed -.15; Bark: brightness .3; Hollow: hollowness .4; "
        "Scrub: track.position .5", osc__level_db=6, lfo1__rate_hz=5.2, chorus__mix=0.2)),
}


def record(font: Path, program: int, key: int, velocity: int, held_s: float, out: Path) -> None:
    """A note by fluidsynth, without reverb and chorus, to a file."""
    with tempfile.TemporaryDirectory() as folder:
        song = Path(folder) / "note.mid"
        midi = mido.MidiFile(ticks_per_beat=480)
        midi.tracks.append(mido.MidiTrack([
            mido.Message("program_change", program=program), mido.Message("note_on", note=key, velocity=velocity),
            mido.Message("note_off", note=key, time=round(960 * held_s)), mido.MetaMessage("end_of_track", time=round(960 * _SAMPLE_S))]))
        midi.save(song)
        subprocess.run(["fluidsynth", "-ni", "-R", "0", "-C", "0", "-g", "0.6", "-r", str(RATE_HZ), "-F", str(out), str(font), str(song)],
                       check=True, capture_output=True)


def make(name: str, root: Path) -> str:
    """One instrument and its preset below `root`. Raises UserError without a soundfont."""
    given, font, model = INSTRUMENTS[name], find_font(), open_model(MODEL)
    if font is None:
        raise UserError("no soundfont; install fluidsynth and fluid-soundfont-gm")
    with tempfile.TemporaryDirectory() as notes:
        for key in given.keys:
            for velocity in VELOCITIES:
                record(font, given.program, key, velocity, given.held_s, Path(notes) / f"{key}_{velocity}.wav")
        built = build([Path(notes)], name, model)
    folder = root / "exported" / "instruments" / name
    folder.parent.mkdir(exist_ok=True)
    instrument_file.save(built.instrument, folder, replace=folder.exists())
    renew_preset(name, root)
    size = sum(file.stat().st_size for file in folder.iterdir()) // 1024
    return f"{name}: {len(built.instrument.zones)} zones, {size} kB {built.left_out or ''}"


def renew_preset(name: str, root: Path) -> str:
    """The preset of an instrument that lies below `root`."""
    found = instrument_file.load(root / "exported" / "instruments" / name)
    preset_file.save(preset(INSTRUMENTS[name].recipe, patch_of_instrument(found, name)), root / "presets" / f"{name}.json")
    return name


def preset(recipe: Recipe, patch: Patch) -> Patch:
    """The preset of an instrument at the library's loudness, with what it moves."""
    model = open_model(MODEL)
    names = ModelSource(model).direction_names
    params, named = dict(patch.params), dict(patch.named)
    mod_slots.take_mod(slots(recipe), params, named)
    patch = replace(patch, author="latentwave", category=recipe.category, tags=recipe.tags, comment=recipe.comment, params=params,
                    named=named, macros=macro_names(recipe))
    for name, value in recipe.knobs.items():
        patch = with_param(patch, name, value)
    patch = numbered(patch, names)
    patch = replace(patch, params={k: v for k, v in patch.params.items() if v != param(k).default})
    return by_name(fallback.keep(level(patch, None, ROUNDS, louder_db=recipe.level_db), model), names)


def main(argv: list[str] | None = None) -> int:
    """0 done, 1 an error told in one line."""
    parser = argparse.ArgumentParser(prog="python -m tools.presets.make_instruments", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these")
    parser.add_argument("--presets", action="store_true", help="only the presets, of the instruments that are there")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=bundled_folder(), metavar="DIR", help="where exported/ and presets/ lie")
    args = parser.parse_args(argv)
    try:
        with ProcessPoolExecutor(args.jobs) as pool:
            for line in pool.map(partial(renew_preset if args.presets else make, root=args.out), args.names or list(INSTRUMENTS)):
                print(line, flush=True)
    except UserError as error:
        print(f"make_instruments: error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
