"""Morphs of whole presets, heard: the ends to the bit, loudness on the line, even steps, no clicks, each note its own mix."""

from dataclasses import replace

import numpy as np
import pytest

from synth.events import control, note_off, note_on, set_param
from synth.params.knobs import FILTER_TYPES, MOD_SOURCES, MOD_TARGETS
from synth.patch.morph import Morph
from synth.patch.patch import Patch
from synth.render.morph_loudness import CHORD
from synth.render.offline import Offline
from tests.engine.sounds import click_db

from .morph_pairs import CATEGORIES, SR_HZ, away_from_line, bands_db, largest_step, morph_between, random_part, walk

KINDS = list(CATEGORIES)
PHRASE = sorted([*((i * 700, note_on(n, 0.3 + 0.1 * i)) for i, n in enumerate(CHORD)), (9000, control(1, 90)), (12000, note_off(52)),
                 (15000, note_on(72))], key=lambda row: row[0])


def pair(seed, soft=False):
    rng = np.random.default_rng(seed)
    return tuple(random_part(rng, KINDS[(seed + k) % 6], soft=soft) for k in (0, 1 + seed % 5))


def played(patch, events, seconds):
    return Offline(patch, events).read(round(seconds * SR_HZ))


def played_by_worker(patch, events, seconds):
    """As `played`, no point decoded in the block that asks: as those of a morph are, whose timbre is heard 256 frames later."""
    return Offline(patch, events, block_products=0).read(round(seconds * SR_HZ))


@pytest.mark.parametrize("seed", range(4))
def test_a_part_alone_is_its_preset_to_the_bit(seed):
    parts = (*pair(seed), *pair(seed + 10))[:3]
    for axis in ("pad", "chain"):
        morph = Morph(parts, axis)
        for i, part in enumerate(parts):
            x, y = morph.place_of(i)
            alone = Patch(name="M", morph=replace(morph, gain_db=tuple((0.0,) * morph.grid[1] for _ in range(morph.grid[0]))),
                          params={"morph.x": x, "morph.y": y})
            if axis == "pad" or i == 1:
                assert np.array_equal(played_by_worker(part, PHRASE, 0.5), played_by_worker(alone, PHRASE, 0.5)), f"{axis}, part {i}"


@pytest.mark.parametrize("seed", range(12))
def test_loudness_keeps_to_the_line_and_steps_are_even(seed):
    morph = morph_between(pair(seed))
    loudness, bands = walk(morph)
    assert away_from_line(loudness) < 1.5, f"loudness leaves the line by {away_from_line(loudness):.2f} dB"
    assert largest_step(bands) < 3, f"the largest step is {largest_step(bands):.1f} times the mean"


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("sweep_s", [0.4, 4.0])
def test_a_sweep_does_not_click_and_has_no_gap(seed, sweep_s):
    morph = morph_between(pair(seed, soft=True))
    start, steps = round(0.5 * SR_HZ), round(sweep_s * 200)
    sweep = [(start + round(i / 200 * SR_HZ), set_param("morph.x", i / steps)) for i in range(steps + 1)]
    x = played(morph, [*((0, note_on(n)) for n in CHORD), *sweep], 0.5 + sweep_s + 0.5)
    heard = x[round(0.3 * SR_HZ):]
    assert click_db(heard) < -80
    pieces = heard[:len(heard) // 480 * 480].reshape(-1, 480 * 2)
    level = 10 * np.log10((pieces.astype(float) ** 2).mean(1) + 1e-20)
    assert level.min() > level.max() - 40, "a gap"


def slot(n, source, target, amount):
    return {f"mod{n}.source": float(MOD_SOURCES.index(source)), f"mod{n}.target": float(MOD_TARGETS.index(target)),
            f"mod{n}.amount": amount}


def test_each_note_has_its_own_mix():
    """morph.x by velocity: a soft note sounds as A and a loud one as B, side by side, in knobs as in timbre."""
    a = replace(pair(1)[0], params={"amp.velocity": 0.0, "filter.type": float(FILTER_TYPES.index("low24")), "filter.cutoff_hz": 300.0})
    b = replace(pair(2)[1], params={"amp.velocity": 0.0, "filter.type": float(FILTER_TYPES.index("low24")), "filter.cutoff_hz": 9000.0})
    morph = Patch(name="M", morph=Morph((a, b)), params=slot(1, "velocity", "morph.x", 1.0))

    def timbre(patch, velocity):
        return bands_db(played(patch, [(2000, note_on(57, velocity))], 0.6)[8000:])

    for velocity, part in ((1.0, b), (0.004, a)):
        assert np.abs(timbre(morph, velocity) - timbre(part, velocity)).mean() < 0.6
    both = played(morph, [(2000, note_on(45, 0.004)), (2000, note_on(69, 1.0))], 0.6)[8000:]
    apart = played(a, [(2000, note_on(45, 0.004))], 0.6)[8000:], played(b, [(2000, note_on(69, 1.0))], 0.6)[8000:]
    power = [10 ** (bands_db(sound) / 10) for sound in apart]
    assert np.abs(bands_db(both) - 10 * np.log10(power[0] + power[1])).mean() < 1.5
