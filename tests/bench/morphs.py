"""What a morph of four presets costs beside one preset whose latents move: `python -m tests.bench.morphs`; with 300, so many random pairs.

Sixteen voices sound. The figure is processor time of engine and decodes together, as a ratio to the one preset's, each the least of some
rounds taken in turn. 'together': all voices share one position, which events move each tick; 'each': an LFO of each voice moves its own.
"""

import sys
import time
from dataclasses import replace

import numpy as np

from synth.events import note_on, set_param
from synth.params.knobs import MOD_SOURCES, MOD_TARGETS
from synth.patch.morph import Morph
from synth.patch.patch import Patch
from synth.render.offline import Offline
from synth.timbres.model import open_model
from tests.bench import SHORT

SECONDS, ROUNDS = (0.3, 1) if SHORT else (2.0, 4)
MODELS = ("akwf-8", "akwf-16", "akwf-32")
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


def walk_pairs(count: int) -> None:
    """Print how far random pairs leave the line between their ends, and their largest steps, at 33 points each."""
    from tests.render.morph_pairs import CATEGORIES, away_from_line, largest_step, morph_between, random_part, walk

    kinds, away_db, steps = list(CATEGORIES), [], []
    for seed in range(count):
        rng = np.random.default_rng(seed)
        loudness, bands = walk(morph_between([random_part(rng, kinds[(seed + k) % 6]) for k in (0, 1 + seed % 5)]))
        away_db.append(away_from_line(loudness))
        steps.append(largest_step(bands))
    for name, found, bound in (("from the line, dB", np.array(away_db), 1.5), ("largest step, means", np.array(steps), 3.0)):
        print(f"{count} pairs, {name}: {np.median(found):.2f} in the median, {found.max():.2f} at worst, "
              f"{(found <= bound).mean():.1%} within {bound}")


def main() -> None:
    """Print what each costs, and the ratios; with a number, walk so many random pairs instead."""
    if len(sys.argv) > 1:
        walk_pairs(int(sys.argv[1]))
        return
    costs = measure()
    for name, cost in costs.items():
        kind = "rests" if "rest" in name else name.split(", ")[1]
        print(f"{name:<26} {100 * cost:6.1f} % of a core   x {cost / costs[f'one, {kind}']:.2f}")


if __name__ == "__main__":
    main()
