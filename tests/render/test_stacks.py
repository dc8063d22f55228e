"""Stacks, heard: who plays which keys and velocities, each as its preset does, with a filter and a voice mode of its own; takes repeat."""

from dataclasses import replace

import numpy as np
import pytest

from synth.events import control, note_off, note_on, pressure, set_param
from synth.params.knobs import FILTER_TYPES, MOD_SOURCES, MOD_TARGETS
from synth.patch.morph import Morph
from synth.patch.patch import Patch
from synth.patch.stack import Layer
from synth.render.offline import Offline, blocks
from tests.engine.late import take
from tests.engine.sounds import click_db

from .morph_pairs import GONE, random_part

NEAR = 1e-5  # of the peak: -100 dB


def slot(n, source, target, amount):
    return {f"mod{n}.source": float(MOD_SOURCES.index(source)), f"mod{n}.target": float(MOD_TARGETS.index(target)),
            f"mod{n}.amount": amount}


def part(source, **knobs):
    """A preset of a source with its own envelope, filter and unison, and no effects."""
    drawn = random_part(np.random.default_rng(3), "keys", source)
    kept = {name: value for name, value in drawn.params.items()
            if name.startswith(("amp.", "env2.", "osc.", "lfo")) and name != "lfo1.sync"}
    return replace(drawn, params=kept | {name.replace("__", "."): value for name, value in knobs.items()})


@pytest.fixture(scope="module")
def bass():
    return part("akwf-16", filter__type=2.0, filter__cutoff_hz=700.0, voice__mode=1.0, master__gain_db=-6.0, lfo1__scope=1.0,
                lfo1__rate_hz=6.0, **{k.replace(".", "__"): v for k, v in slot(1, "lfo1", "latent.1", 0.3).items()})


@pytest.fixture(scope="module")
def pad():
    return part("akwf-8", filter__type=float(FILTER_TYPES.index("high24")), filter__cutoff_hz=500.0, unison__voices=3.0, amp__attack_s=0.05,
                glide__time_s=0.1, **{k.replace(".", "__"): v for k, v in slot(1, "lfo1", "osc.fine_cents", 0.2).items()})


def stacked(parts, *layers):
    return Patch(name="S", morph=Morph(tuple(parts), "stack", layers=layers or (Layer(),) * len(parts)))


def played(patch, rows, n=24000):
    return Offline(patch, rows).read(n)


def same(a, b):
    return np.abs(a - b).max() <= NEAR * max(np.abs(a).max(), 0.01)


def test_a_split_plays_one_preset_below_and_another_above(bass, pad):
    """Each as it is alone: its timbre, filter, unison, level, glide and mode, with the other sounding beside it."""
    split = stacked((bass, pad), Layer(keys=(0, 59)), Layer(keys=(60, 127)))
    low = [(1000, note_on(36, 0.8)), (6000, note_on(43, 0.8)), (12000, note_off(43))]  # one voice that goes on and comes back
    high = [(1500, note_on(60, 0.7)), (3000, note_on(67, 0.5)), (9000, note_off(60)), (14000, note_on(72, 0.9))]  # many, gliding
    below, above = played(split, low), played(split, high)
    assert np.abs(below).max() > 0.01 and np.abs(above).max() > 0.01
    assert same(below, played(bass, low)) and same(above, played(pad, high))
    both = played(split, sorted(low + high, key=lambda row: row[0]))
    assert same(both, below + above)


def test_layers_have_velocities_levels_pans_and_transpositions(bass, pad):
    soft, loud = [(1000, note_on(50, 0.4))], [(1000, note_on(50, 0.9))]
    layers = stacked((bass, pad), Layer(velocities=(1, 64)), Layer(velocities=(65, 127), level_db=-6.0, pan=-1.0, transpose_semitones=12))
    assert same(played(layers, soft), played(bass, soft))
    x, alone = played(layers, loud), played(replace(pad, params=pad.params | {"master.pan": -1.0}), [(1000, note_on(62, 0.9))])
    assert same(x, alone * 10 ** (-6 / 20)) and np.abs(x[:, 1]).max() == 0
    together = stacked((bass, pad))
    assert same(played(together, loud), played(bass, loud) + played(pad, loud)), "at 0 dB each is as loud as its preset"
    assert np.abs(played(layers, [(1000, note_on(50, 64.4 / 127))])).max() > 0.001, "no velocity falls between two layers"


def test_what_is_one_for_all_is_the_first_parts(bass, pad):
    """Effects of part A are heard on all; a knob that is turned holds for all parts."""
    rows = [(1000, note_on(50, 0.9))]
    wet = replace(pad, params=pad.params | {"delay.mix": 0.4, "delay.time_s": 0.1})
    quiet = Layer(keys=(0, 1))
    assert same(played(stacked((wet, bass), quiet, Layer()), rows), played(replace(bass, params=bass.params | {
        name: value for name, value in wet.params.items() if name.startswith("delay.")}), rows))
    turned = [(0, set_param("filter.cutoff_hz", 300.0)), (9000, note_on(50, 0.9))]
    assert same(played(stacked((bass, pad)), turned), played(bass, turned) + played(pad, turned))


@pytest.mark.parametrize(("sync", "scope", "shape"), [(0.0, 0.0, 2.0), (0.0, 1.0, 4.0), (16.0, 0.0, 3.0), (19.0, 1.0, 5.0)])
def test_an_lfo_keeps_step_with_that_of_its_preset(bass, sync, scope, shape):
    """Free and synced, of each note and of all, of shapes that jump: another part with LFOs of its own beside it changes nothing."""
    knobs = {"lfo1.sync": sync, "lfo1.scope": scope, "lfo1.shape": shape, "lfo1.rate_hz": 5.0} | slot(1, "lfo1", "osc.fine_cents", 0.2)
    moved = replace(bass, params=bass.params | knobs)
    other = replace(bass, params=bass.params | knobs | {"lfo1.sync": 0.0, "lfo1.rate_hz": 2.0, "lfo1.shape": 0.0})
    rows = [(1000, note_on(50, 0.9)), (13000, note_on(57, 0.9)), (20000, note_off(50))]
    alone, silent = played(moved, rows, 48000), Layer(keys=(0, 1))
    assert same(alone, played(stacked((moved, other), Layer(), silent), rows, 48000))
    assert same(alone, played(stacked((other, moved), silent, Layer()), rows, 48000))


@pytest.mark.parametrize(("knob", "value"), [("filter.cutoff_hz", 3000.0), ("master.gain_db", 0.0), ("osc.fine_cents", 40.0)])
def test_a_knob_turned_by_hand_glides_from_where_each_part_had_it(bass, knob, value):
    """In a stack each part goes on as its preset would alone; and so does a note with a mix of its own."""
    a = replace(bass, params=bass.params | {"filter.cutoff_hz": 12000.0, "master.gain_db": 0.0, "osc.fine_cents": -50.0})
    rows = [(1000, note_on(50, 0.9)), (9000, set_param(knob, value)), (9200, set_param(knob, 1.1 * value)), (9700, note_on(57, 0.9))]
    alone, in_stack = played(bass, rows, 14000), played(stacked((a, bass), Layer(keys=(0, 1)), Layer()), rows, 14000)
    if knob == "master.gain_db":  # that is one for all, and each voice's level makes up for it
        assert same(alone[:9000], in_stack[:9000]) and same(alone[11000:], in_stack[11000:])
        assert np.abs(alone - in_stack).max() < 0.1 * np.abs(alone).max(), "a jump would be a half"
    else:
        assert same(alone, in_stack)
    if knob == "filter.cutoff_hz":
        own, loud = slot(1, "velocity", "morph.x", 1.0), [(8000, note_on(50, 1.0)), *((frame + 5000, event) for frame, event in rows[1:3])]
        b, a = (replace(part, params=part.params | {"voice.mode": 0.0, "master.gain_db": 0.0}) for part in (bass, a))
        assert same(played(b, loud, 18000), played(Patch(name="M", morph=Morph((a, b)), params=own), loud, 18000))


def test_filters_follow_each_note_where_each_has_its_own_mix(bass):
    """morph.x by velocity: soft notes low-pass, loud ones ladder or high-pass, side by side, each as if it were alone; no click."""
    for kind in ("high24", "ladder24", "off"):
        other = replace(bass, params=bass.params | {"filter.type": float(FILTER_TYPES.index(kind)), "filter.cutoff_hz": 900.0})
        flat = {"amp.velocity": 0.0, "voice.mode": 0.0, "amp.sustain": 1.0} | slot(1, "velocity", "morph.x", 1.0)
        morph = Patch(name="M", morph=Morph((bass, other)), params=flat)
        soft, loud = (4000, note_on(40, 0.004)), (9000, note_on(57, 1.0))
        low, high, both = (played(morph, rows, 20000) for rows in ([soft], [loud], [soft, loud]))
        gap = np.abs(both - low - high).max() / np.abs(both).max()
        assert gap < 1e-3, f"{kind}: another note changes what is heard of one by {20 * np.log10(gap):.1f} dB"


def test_a_slide_of_its_own_moves_a_notes_filter_without_a_click():
    """From low-pass to off to high-pass by pressure, of 12 harmonics: whatever lies above 8 kHz is a click."""
    rng = np.random.default_rng(8)
    knobs = {"filter.cutoff_hz": 900.0, "osc.level_db": -12.0}
    a, b = (replace(random_part(rng, "pad", GONE, soft=True), params=knobs | {"filter.type": kind}) for kind in (2.0, 7.0))
    morph = Patch(name="M", morph=Morph((a, b)), params=slot(1, "pressure", "morph.x", 1.0))
    rows = [(0, note_on(45)), (0, note_on(52)), *((9600 + 100 * i, pressure(min(i, 127))) for i in range(160)), (30000, pressure(0))]
    x = played(morph, rows, 40000)
    assert click_db(x[7200:]) < -80 and np.abs(x[9600:12000] - x[26400:28800]).max() > 0.01
    plain = [*rows[:2], (20000, pressure(127)), (25000, a)]  # a preset in its place while the notes sound: the filter goes over smoothly
    assert click_db(played(morph, plain, 40000)[7200:]) < -80


def test_a_take_of_a_stack_repeats_whatever_the_blocks_and_the_worker(bass, pad):
    rng = np.random.default_rng(0)
    layers = Layer(keys=(0, 70)), Layer(keys=(50, 127)), Layer(velocities=(90, 127), transpose_semitones=-12)
    stack = stacked((bass, pad, part(GONE)), *layers)
    kinds = ((lambda n: note_on(n, 0.2 + n / 128), 30, 90), (note_off, 30, 90), (lambda n: control(1, n), 0, 128))
    rows = [(int(f), make(int(n))) for make, low, high in kinds
            for f, n in zip(rng.integers(500, 30000, 25), rng.integers(low, high, 25), strict=True)]
    rows.sort(key=lambda row: row[0])
    first, again = (np.concatenate(list(blocks(Offline(stack, rows), 33600, size))) for size in (128, 300))
    assert np.array_equal(first, again) and np.abs(first).max() > 0.02
    x, log, _ = take(stack, rows, 33600, rng, block_products=1_000_000)
    assert np.array_equal(x, Offline(stack, log, block_products=1_000_000).read(len(x)))
