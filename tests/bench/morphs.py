"""What morphs of four presets cost beside one preset whose latents move: `python -m tests.bench.morphs`; with 300 or 100-200, random pairs;
with a file after it, what is in that file already is not looked at again.

Sixteen voices sound. The figure is processor time of engine and decodes together, as a ratio to the one preset's, each the least of some
rounds taken in turn. 'together': all voices share one position, which events move each tick; 'each': an LFO of each voice moves its own.
"""

import json
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from synth import paths
from synth.events import note_on, set_param
from synth.params.knobs import MOD_SOURCES, MOD_TARGETS
from synth.patch.morph import Morph
from synth.patch.patch import Patch
from synth.render.offline import Offline
from synth.timbres.model import open_model
from tests.bench import SHORT

SECONDS, ROUNDS = (0.3, 1) if SHORT else (2.0, 4)
MODELS = ("akwf-8", "akwf-16", "akwf-32")
_SWEPT = 4  # of so many pairs one is swept too
NOTES = tuple((i * 40, note_on(40 + 2 * i)) for i in range(16))


def _slot(n, source, target):
    return {f"mod{n}.source": float(MOD_SOURCES.index(source)), f"mod{n}.target": float(MOD_TARGETS.index(target)), f"mod{n}.amount": 0.5}


def _part(name: str, i: int) -> Patch:
    model = open_model(name)
    low, high = model.low, model.high
    corners = {c: tuple(float(a + (0.2 + 0.15 * ((i + k + j) % 5)) * (b - a)) for j, (a, b) in enumerate(zip(low, high, strict=True)))
               for k, c in enumerate("AB")}
    return Patch(name=f"{name} {i}", model=name, model_sha256=model.sha256, latent_size=model.latent_size, corners=corners,
                 params={"filter.type": 1.0 + i % 3, "filter.cutoff_hz": 1000.0 * (i + 1), "amp.release_s": 0.1 * (i + 1)})


def _cost(patch: Patch, moved: tuple[str, ...]) -> float:
    """Processor seconds of a second of sound."""
    events = [(t * 128, set_param(name, 0.5 + 0.4 * (((t * (3 + k)) % 400) / 200 - 1) ** 2))
              for t in range(20, round(SECONDS * 375)) for k, name in enumerate(moved)]
    player = Offline(patch, [*NOTES, *events])
    player.read(9600)
    began = time.process_time()
    player.read(round(SECONDS * 48000) - 9600)
    return (time.process_time() - began) / (SECONDS - 0.2)


def cases() -> dict[str, tuple[Patch, tuple[str, ...]]]:
    """What is measured: a patch and the knobs that events move."""
    one = _part("akwf-16", 0)
    four = Patch(name="four", morph=Morph(tuple(_part("akwf-16", i) for i in range(4))), params={"morph.x": 0.5, "morph.y": 0.5})
    mixed = replace(four, morph=Morph((*(_part(name, i) for i, name in enumerate(MODELS)), _gone(3))))
    own = _slot(1, "lfo1", "morph.x") | _slot(2, "lfo2", "morph.y") | {"lfo1.rate_hz": 3.0, "lfo2.rate_hz": 2.0}
    position = _slot(1, "lfo1", "osc.position") | {"osc.position": 0.5, "lfo1.rate_hz": 3.0}
    pad = ("morph.x", "morph.y")
    return {
        "one, rests": (one, ()), "four, at rest": (four, ()),
        "one, together": (one, ("osc.position",)), "four, together": (four, pad), "four sources, together": (mixed, pad),
        "one, each": (replace(one, params=one.params | position), ()), "four, each": (replace(four, params=four.params | own), ()),
        "four sources, each": (replace(mixed, params=mixed.params | own), ()),
    }


def _gone(i: int) -> Patch:
    """A part whose model is gone, with 511 harmonics of its own."""
    levels = np.tile(-6 * np.log2(np.arange(1, 512)), (9, 1)).astype(np.float32)
    return replace(_part("akwf-16", i), model="gone", model_sha256="0" * 64, fallback_db=levels)


def measure() -> dict[str, float]:
    """Least processor seconds a second of each case."""
    found = cases()
    costs = {name: _cost(*case) for name, case in found.items()}
    for _ in range(ROUNDS - 1):
        costs = {name: min(costs[name], _cost(*case)) for name, case in found.items()}
    return costs


def _home() -> None:
    """A user folder of this run's own, where the pairs' wavetable lies, with the kernels of the real one."""
    home = Path(tempfile.mkdtemp(prefix="latentwave-morphs-"))
    (home / "cache").symlink_to(paths.cache_folder(), target_is_directory=True)
    os.environ["LATENTWAVE_HOME"] = str(home)


def look_at_pair(seed: int) -> dict:
    """A random pair at 33 points, its ends beside the presets themselves, and of some also soft presets of its kinds in sweeps."""
    from tests.render.morph_pairs import (
        CATEGORIES,
        away_from_line,
        largest_step,
        morph_between,
        random_part,
        sweep_faults,
        walk,
    )

    kinds, rng = list(CATEGORIES), np.random.default_rng(seed)
    chosen = [kinds[(seed + k) % 6] for k in (0, 1 + seed % 5)]
    parts = tuple(random_part(rng, kind) for kind in chosen)
    morph = morph_between(parts)
    loudness, bands = walk(morph)
    chord = [(i * 700, note_on(40 + 5 * i, 0.3 + 0.1 * i)) for i in range(6)]
    equal = all(np.array_equal(Offline(part, chord).read(14400), Offline(replace(morph, params={"morph.x": float(i)}), chord).read(14400))
                for i, part in enumerate(parts))
    faults = []
    if seed % _SWEPT == 0:
        soft = morph_between([random_part(rng, kind, soft=True) for kind in chosen])
        faults = [f"{fault} in {sweep_s:g} s" for sweep_s in (0.4, 4.0) for fault in sweep_faults(soft, sweep_s)]
    return {"seed": seed, "parts": [part.model or "table" for part in parts], "away_db": away_from_line(loudness),
            "step": largest_step(bands), "equal": equal, "faults": faults}


def walk_pairs(seeds: range, kept: Path | None) -> None:
    """Print how random pairs do, those last that fail. kept: a file of lines of JSON, where what was looked at before is not again."""
    _home()
    rows = [json.loads(line) for line in kept.read_text().splitlines()] if kept and kept.exists() else []
    for seed in sorted(set(seeds) - {row["seed"] for row in rows}):
        rows.append(look_at_pair(seed))
        if kept:
            with kept.open("a") as file:
                file.write(json.dumps(rows[-1]) + "\n")
    for name, key, bound in (("from the line, dB", "away_db", 1.5), ("largest step, means", "step", 3.0)):
        found = np.array([row[key] for row in rows])
        print(f"{name:<22} median {np.median(found):.2f}, 95 % {np.percentile(found, 95):.2f}, worst {found.max():.2f}, "
              f"{(found > bound).sum()} of {len(rows)} over {bound}")
    print(f"{sum(row['equal'] for row in rows)} of {len(rows)} equal to their presets at both ends, "
          f"{sum(bool(row['faults']) for row in rows)} of the {sum(row['seed'] % _SWEPT == 0 for row in rows)} swept with a click or a gap")
    for row in rows:
        if row["away_db"] > 1.5 or row["step"] > 3 or not row["equal"] or row["faults"]:
            print(row)


def main() -> None:
    """Print what each costs, and the ratios; with a number, walk so many random pairs instead."""
    if len(sys.argv) > 1:
        first, last = sys.argv[1].split("-") if "-" in sys.argv[1] else (0, sys.argv[1])
        walk_pairs(range(int(first), int(last)), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
        return
    costs = measure()
    for name, cost in costs.items():
        kind = "rests" if "rest" in name else name.split(", ")[1]
        print(f"{name:<26} {100 * cost:6.1f} % of a core   x {cost / costs[f'one, {kind}']:.2f}")


if __name__ == "__main__":
    main()
