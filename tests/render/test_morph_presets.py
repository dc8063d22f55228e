"""Morphs of whole presets, heard: the ends to the bit, loudness on the line, even steps, no clicks, each note its own mix."""

from dataclasses import replace

import numpy as np
import pytest

from synth.events import control, note_off, note_on, set_param
from synth.params.knobs import FILTER_TYPES, MOD_SOURCES, MOD_TARGETS
from synth.patch.morph import Morph
from synth.patch.patch import Patch
from synth.render import morph_loudness
from synth.render.momentary_loudness import loudest_db
from synth.render.morph_loudness import CHORD, render_points
from synth.render.offline import Offline

from .morph_pairs import (
    GONE,
    SR_HZ,
    TABLE,
    away_from_line,
    bands_db,
    largest_step,
    morph_between,
    random_part,
    sweep_faults,
)

PHRASE = sorted([*((i * 700, note_on(n, 0.3 + 0.1 * i)) for i, n in enumerate(CHORD)), (9000, control(1, 90)), (12000, note_off(52)),
                 (15000, note_on(72))], key=lambda row: row[0])
PAIRS = (  # every category, every model, wavetables, kept levels; one model, two, and of two kinds
    (("pad", "akwf-8"), ("bass", "akwf-16")), (("keys", TABLE), ("lead", "akwf-32")), (("pluck", GONE), ("brass", "akwf-8")),
    (("lead", "akwf-16"), ("keys", "akwf-16")), (("pad", TABLE), ("pluck", TABLE)), (("brass", "akwf-32"), ("pad", "akwf-16")),
    (("bass", "akwf-8"), ("bass", "akwf-8")), (("keys", GONE), ("lead", GONE)), (("pluck", "akwf-32"), ("keys", "akwf-8")),
    (("brass", GONE), ("bass", "akwf-32")), (("lead", "akwf-8"), ("pad", "akwf-8")), (("pluck", "akwf-16"), ("brass", "akwf-16")))


def pair(seed, soft=False):
    rng = np.random.default_rng(seed)
    return tuple(random_part(rng, category, source, soft=soft) for category, source in PAIRS[seed % len(PAIRS)])


def played(patch, events, seconds):
    return Offline(patch, events).read(round(seconds * SR_HZ))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_part_alone_is_its_preset_to_the_bit(seed):
    """Loaded there, and moved there: its sound, and when its timbre is heard."""
    parts = (*pair(seed), *pair(seed + 10))[:3]
    for axis in ("pad", "chain"):
        morph = Morph(parts, axis)
        for i, part in enumerate(parts):
            x, y = morph.place_of(i)
            alone = Patch(name="M", morph=replace(morph, gain_db=tuple((0.0,) * morph.grid[1] for _ in range(morph.grid[0]))),
                          params={"morph.x": x, "morph.y": y})
            if axis == "pad" or i == 1:
                assert np.array_equal(played(part, PHRASE, 0.5), played(alone, PHRASE, 0.5)), f"{axis}, part {i}"


@pytest.mark.parametrize("sources", [("akwf-16", "akwf-16"), ("akwf-8", "akwf-16", GONE, "akwf-8"), ("akwf-8", "akwf-32", TABLE)])
def test_between_its_parts_it_is_decoded_in_the_block_as_by_the_worker(sources):
    """At once while the worker stands still, the same sound as the worker's at rest; what a wavetable is mixed into, the worker decodes."""
    rng = np.random.default_rng(5)
    parts = tuple(replace(random_part(rng, "keys", source), params={"amp.sustain": 1.0}) for source in sources)
    patch, rows = Patch(name="M", morph=Morph(parts), params={"morph.x": 0.7}), [(100, note_on(45, 0.8)), (4800, set_param("morph.x", 0.3))]
    for y in (0.0, 0.4) if len(parts) > 2 else (0.0,):
        moved = replace(patch, params=patch.params | {"morph.y": y})
        here, worker, still = Offline(moved, rows), Offline(moved, rows, block_products=0), Offline(moved, rows[:1])
        still.decoder.pump = here.decoder.pump = lambda: 0
        a, b, at_rest = (player.read(14400) for player in (here, worker, still))
        asked = int(here.engine._s["rings"]["request_head"]), int(worker.engine._s["rings"]["request_head"])
        assert asked[1] > 3
        if TABLE in sources and y:
            assert asked[0] > 3
            continue
        assert asked[0] == 0
        first = int(np.flatnonzero((a != at_rest).any(1))[0])
        assert first <= 4800 + 128 and np.abs(a[4800:6000] - b[4800:6000]).max() > 1e-4, "heard before the worker's would be"
        assert np.abs(a[9600:] - b[9600:]).max() < 1e-5 * np.abs(a).max()


@pytest.fixture
def rendered(monkeypatch):
    """What is rendered to measure a morph, of shorter chords: heard with its gain it is the morph's way, so that it is played only once."""
    sounds, render = [], morph_loudness.render_points
    monkeypatch.setattr(morph_loudness, "HOLD_S", 0.5)
    monkeypatch.setattr(morph_loudness, "REST_S", 0.08)
    monkeypatch.setattr(morph_loudness, "render_points", lambda *args: sounds.append(render(*args)) or sounds[-1])
    return sounds


@pytest.mark.parametrize("seed", range(len(PAIRS)))
def test_loudness_keeps_to_the_line_and_steps_are_even(seed, rendered):
    parts = pair(seed)
    patch = morph_between(parts)
    morph = patch.morph
    assert len(rendered) <= 2 and len(morph.gain_db[0]) == 33
    sounds = [sound * 10 ** (gain / 20) for sound, gain in zip(rendered[-1 if morph.pace else 0], morph.gain_db[0], strict=True)]
    loudness, bands = np.array([loudest_db(sound) for sound in sounds]), np.array([bands_db(sound) for sound in sounds])
    assert away_from_line(loudness) < 1.5, f"loudness leaves the line by {away_from_line(loudness):.2f} dB"
    assert largest_step(bands) < 3, f"the largest step is {largest_step(bands):.1f} times the mean"
    for i, sound in zip((12, 19), render_points(patch, [(12 / 32, 0.0), (19 / 32, 0.0)]), strict=True):
        assert abs(loudest_db(sound) - loudness[i]) < 1, "as it is heard when it is played"
    for i, part in enumerate(parts):
        alone = replace(patch, params={"morph.x": float(i)})
        assert np.array_equal(played(part, PHRASE, 0.2), played(alone, PHRASE, 0.2)), "at the ends the presets themselves"


def test_where_much_happens_in_little_room_the_mix_goes_slower(rendered):
    """No filter against a band-pass, the 34th random pair of the bench: 3.2 means without a pace."""
    rng = np.random.default_rng(34)
    morph = morph_between([random_part(rng, "lead"), random_part(rng, "bass")]).morph
    assert len(rendered) == 2 and len(morph.pace[0]) == 33
    steps = []
    for sounds in rendered:
        loudness = np.array([loudest_db(sound) for sound in sounds])
        line_db = np.linspace(loudness[0], loudness[-1], 33)
        steps.append(largest_step(np.array([bands_db(sound * 10 ** (gain / 20))
                                            for sound, gain in zip(sounds, line_db - loudness, strict=True)])))
    assert steps[0] > 2.2 and steps[1] < 0.75 * steps[0], f"largest steps {steps[0]:.2f} and {steps[1]:.2f} means"


@pytest.mark.parametrize("seed", range(len(PAIRS)))
def test_a_sweep_does_not_click_and_has_no_gap(seed):
    """Each pair in 0.4 s and one in 4 s, under a loudness curve as steep as any."""
    rng = np.random.default_rng(seed)
    morph = Morph(pair(seed, soft=True), gain_db=(tuple(np.round(rng.uniform(-6, 6) * np.sin(np.linspace(0, 9, 33)), 2).tolist()),))
    for sweep_s in (0.4, 4.0) if seed == 1 else (0.4,):
        assert sweep_faults(Patch(name="M", morph=morph), sweep_s) == []


def slot(n, source, target, amount):
    return {f"mod{n}.source": float(MOD_SOURCES.index(source)), f"mod{n}.target": float(MOD_TARGETS.index(target)),
            f"mod{n}.amount": amount}


def test_each_note_has_its_own_mix():
    """morph.x by velocity: a soft note sounds as A and a loud one as B, side by side, in knobs as in timbre."""
    a = replace(pair(0)[0], params={"amp.velocity": 0.0, "filter.type": float(FILTER_TYPES.index("low24")), "filter.cutoff_hz": 300.0})
    b = replace(pair(3)[1], params={"amp.velocity": 0.0, "filter.type": float(FILTER_TYPES.index("low24")), "filter.cutoff_hz": 9000.0})
    morph = Patch(name="M", morph=Morph((a, b)), params=slot(1, "velocity", "morph.x", 1.0))

    def timbre(patch, velocity):
        return bands_db(played(patch, [(2000, note_on(57, velocity))], 0.6)[8000:])

    for velocity, part in ((1.0, b), (0.004, a)):
        assert np.abs(timbre(morph, velocity) - timbre(part, velocity)).mean() < 0.6
    both = played(morph, [(2000, note_on(45, 0.004)), (2000, note_on(69, 1.0))], 0.6)[8000:]
    apart = played(a, [(2000, note_on(45, 0.004))], 0.6)[8000:], played(b, [(2000, note_on(69, 1.0))], 0.6)[8000:]
    power = [10 ** (bands_db(sound) / 10) for sound in apart]
    assert np.abs(bands_db(both) - 10 * np.log10(power[0] + power[1])).mean() < 1.5
