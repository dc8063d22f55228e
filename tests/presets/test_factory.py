"""The factory's library: even, all different, alive while held and under the hands. The whole table: `python -m tools.presets.bars`."""

from dataclasses import replace

import numpy as np
import pytest

from synth.events import control, note_off, note_on
from synth.patch import preset_file
from synth.patch.programs import list_programs
from synth.paths import factory_presets, shipped_presets
from synth.render.momentary_loudness import loudest_db
from synth.render.offline import render
from synth.render.preset_levels import LOUD, LOUD_LU, STEP_LU, level, measure_levels, note_s
from tests.engine.sounds import click_db, soft
from tools.presets import bars, heard_cache, listening
from tools.presets.make_instruments import INSTRUMENTS
from tools.presets.recipes import recipes

FILES = factory_presets()
PATCHES = [preset_file.load(file) for file in FILES]
MADE = [patch for patch in PATCHES if patch.category != "init"]
EVERY = 12  # presets to one that is listened to in full here
FREE = {"noise.level_db": -60.0, "sub.level_db": -60.0, "drive.mix": 0.0, "filter.drive_db": 0.0}  # these sound above 8 kHz


@pytest.fixture(scope="module")
def heard():
    """Every twelfth preset of each category, listened to in full."""
    chosen = sorted(MADE, key=lambda p: (p.category, p.name))[::EVERY]
    return [listening.listen(patch) for patch in chosen]


def failed(found):
    return [f"{bar.what}: {bar.figure}; {', '.join(bar.wrong)}" for bar in found if not bar.kept]


def test_presets_are_built_to_live():
    assert not failed(bars.build_bars(PATCHES))


def test_a_sample_of_the_library_keeps_every_bar(heard):
    found = bars.sound_bars(heard)
    halves = [bar for bar in found if "(at least 50)" in bar.figure]  # a share that chance moves far in so few
    assert halves and all(len(bar.wrong) < 0.8 * len(heard) for bar in halves), failed(halves)
    assert not failed(bar for bar in found if bar not in halves)


@pytest.fixture(scope="module")
def at_middle_key():
    """Every preset at the middle key of its category: one note."""
    found = []
    for patch in MADE:
        middle, held_s = listening.middle(patch.category), max(note_s(patch), 1.0)
        (x,) = listening.play(patch, [(("held",), middle, LOUD, held_s)])
        assert np.isfinite(x).all() and np.abs(x).max() < 1.0, patch.name
        whole = np.pad(x, ((0, max(4 * listening.SR_HZ - len(x), 0)), (0, 0)), "edge")
        found.append(listening.Heard(patch.name, patch.category, {middle: loudest_db(x) - 3.01}, spectrum=listening.bands_db(x),
                                     envelope=listening.envelope_class(whole)))
    return found


def test_all_presets_are_even(at_middle_key):
    levels = {h.name: h.mean_lu() - LOUD_LU for h in at_middle_key}
    assert not {name: lu for name, lu in levels.items() if abs(lu) > 4}, "one note, of which chance makes 3; the mean is within 1.5"


def test_no_two_presets_are_alike(at_middle_key):
    assert not [pair for pair in bars.nearest(at_middle_key) if pair[0] < 2.5], "a second is less than what the bar of 3 dB speaks of"


@pytest.mark.parametrize("patch", [p for p in MADE if p.name in ("Amber Pad", "Saw Doctor", "Portal", "Gate Keeper", "Koto Garden",
                                                                 "Rotary Rig", "Ladder Man", "Tremolando")], ids=lambda p: p.name)
def test_nothing_clicks_under_the_hands(patch):
    """A soft timbre in place of the preset's own: what is then above 8 kHz is a click."""
    patch = replace(patch, params={**patch.params, **FREE, "filter.type": 0.0})
    hands = [(int(9600 + i * 900), control(number, 127 * (i % 2))) for i in range(8) for number in (1, 2, 74)]
    notes = [(0, note_on(36, 0.8)), (24000, note_off(36)), (26000, note_on(40, 0.5)), (40000, note_off(40))]
    assert click_db(render(patch, [*notes, *hands], 1.2, source=soft())) < -60


def test_levels_are_found_whatever_a_preset_begins_with():
    """The maker's own tool: a preset too loud, deaf to velocity and uneven over the keys comes out right."""
    patch = next(p for p in MADE if p.name == "Drawbar Club")
    knobs = {k: v for k, v in patch.params.items() if not k.startswith("mod")}
    wrong = replace(patch, params=knobs | {"master.gain_db": 3.0, "amp.velocity": 0.0})
    right = level(wrong)
    heard = measure_levels(right)
    assert heard.mean_lu() == pytest.approx(LOUD_LU, abs=0.3)
    assert heard.step_lu() == pytest.approx(STEP_LU, abs=0.3)
    assert preset_file.to_json(level(wrong, before=right)) == preset_file.to_json(right), "what is right stays as it is"


def test_a_struck_sound_is_as_loud_as_its_stroke():
    """The measure: half a second of a tone at -20 dBFS and a stroke of it come out as BS.1770 says, whatever follows."""
    t = np.arange(96000) / 48000
    tone = 10 ** (-20 / 20) * np.sin(2 * np.pi * 997 * t)[:, None] * np.ones(2)
    held, struck = tone * (t < 1.5)[:, None], tone * (t < 0.2)[:, None]
    assert loudest_db(held) - 3.01 == pytest.approx(-23.01 + 0.69, abs=0.1), "0.691 dB: the filters' gain at 1 kHz"
    assert loudest_db(held) - loudest_db(struck) == pytest.approx(3.01, abs=0.1), "half of 400 ms"


def test_what_was_heard_is_recalled_until_the_preset_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(heard_cache, "FOLDER", tmp_path)
    patch = next(p for p in MADE if p.name == "Kick Start")
    first = heard_cache.listen_or_recall(patch, macros=False)
    monkeypatch.setattr(heard_cache, "listen", None)
    again = heard_cache.listen_or_recall(patch, macros=False)
    assert (again.spectrum == first.spectrum).all() and bars.describe(again) == bars.describe(first) and again.hands_db == first.hands_db
    with pytest.raises(TypeError):
        heard_cache.listen_or_recall(replace(patch, params={**patch.params, "amp.decay_s": 0.1}), macros=False)


def test_every_recipe_ships_with_a_number():
    assert {r.name for r in recipes()} | set(INSTRUMENTS) == {file.stem for file in FILES}
    assert len({p.name for p in PATCHES}) == len(PATCHES) >= 97
    numbered = {program.file.stem for program in list_programs() if program.bank in (0, 120)}
    assert numbered == {file.stem for file in shipped_presets()} > {file.stem for file in FILES}
