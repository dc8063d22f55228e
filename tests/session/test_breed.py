"""Bred sounds: alike in loudness, different in sound, locked parts equal to the bit, latents where sounds are; picks teach a taste."""

from dataclasses import replace

import numpy as np
import pytest

from synth import cli as command_line
from synth import paths
from synth.errors import UserError
from synth.events import note_off, note_on
from synth.params.knobs import PARAMS
from synth.patch import preset_file
from synth.patch.patch import Patch
from synth.patch.sections import SECTIONS, knobs_of, part_of, section_of
from synth.render.offline import render
from synth.samples.spectrum import rms_difference_db
from synth.session.audition import measure
from synth.session.breed import Breeding, change_section
from synth.timbres.inside import is_inside, threshold
from synth.timbres.model import open_model
from synth.timbres.mutation import cross, mutate
from synth.timbres.preference import learn
from synth.timbres.source import ModelSource, WavetableSource
from tests.engine.sounds import click_db
from tests.measures.loudness import loudest_db

from .desk import SR, Desk

SOURCE = ModelSource(open_model("akwf-16"))


def preset(name):
    return preset_file.load(paths.find_preset(name))


def heard(patch):
    """A C4, rendered by itself: float32[n, 2]."""
    return render(patch, [(4800, note_on(60)), (76800, note_off(60))], 2.0)[4800:]


def loudness_db(sound):
    """Both sides' power together, in the loudest 400 ms."""
    return float(10 * np.log10(sum(10 ** (loudest_db(side) / 10) for side in sound.T)))


@pytest.mark.parametrize("name, locked", [("Rubber Bass", ("envelopes", "effects")), ("Copper Brass", ())])
def test_eight_relatives_are_as_loud_and_all_different(name, locked):
    parent = preset(name)
    bred = Breeding(parent, SOURCE, amount=0.35, locked=locked, seed=4)
    assert len(bred.now.candidates) == 8 and len({patch.name for patch in bred.now.candidates}) == 8
    sounds = [heard(parent), *map(heard, bred.now.candidates)]
    levels = [loudness_db(sound) for sound in sounds]
    bands = [measure(sound).bands for sound in sounds]
    apart = [float(rms_difference_db(bands[i], bands[j])) for i in range(9) for j in range(i)]
    print(f"{name}: loudness within {max(abs(x - levels[0]) for x in levels):.2f} LU, ERB-LSD {min(apart):.1f} to {max(apart):.1f} dB")
    assert max(abs(x - levels[0]) for x in levels) < 2.0, "two listenings of a sound that drifts differ by half a LU"
    assert min(apart) > 1.0 and max(np.abs(sound).max() for sound in sounds) < 1
    for patch in bred.now.candidates:
        assert all(part_of(patch, section) == part_of(parent, section) for section in locked)
        assert all(is_inside(SOURCE, patch.corner(c)) for c in patch.corners)
        assert all(((SOURCE.low <= patch.corner(c)) & (patch.corner(c) <= SOURCE.high)).all() for c in patch.corners)
        assert preset_file.from_json(preset_file.to_json(patch)).corners == patch.corners
    if locked:
        again = Breeding(parent, SOURCE, amount=0.35, locked=locked, seed=4)
        assert [preset_file.to_data(p) for p in again.now.candidates] == [preset_file.to_data(p) for p in bred.now.candidates]


@pytest.mark.parametrize("section", SECTIONS)
def test_one_unlocked_section_changes_and_all_others_stay_to_the_bit(section):
    rng, changed = np.random.default_rng(2), 0
    for name in ("Init", "Acid Line", "Shimmer Drift"):
        parent = preset(name)
        for _ in range(5):
            child = mutate(parent, SOURCE, rng, 0.6, frozenset(SECTIONS) - {section})
            assert all(part_of(child, other) == part_of(parent, other) for other in SECTIONS if other != section)
            outside = {k: v for k, v in child.params.items() if section_of(k) == ""}
            assert outside == {k: v for k, v in parent.params.items() if section_of(k) == ""}
            assert all(PARAMS[k].low <= v <= PARAMS[k].high for k, v in child.params.items())
            changed += part_of(child, section) != part_of(parent, section)
    assert changed > 8


def test_every_knob_is_of_one_section_or_the_players_own():
    sections = [name for section in SECTIONS for name in knobs_of(section)]
    assert len(sections) == len(set(sections))
    own = {PARAMS[name].group.name for name in set(PARAMS) - set(sections)}
    assert own <= {"osc", "track", "parts", "play", "clock", "master", "output"}, own


def test_a_larger_amount_goes_farther_and_latents_stay_where_sounds_are():
    parent, rng = preset("Slow Bows"), np.random.default_rng(5)
    away = []
    for amount in (0.1, 0.9):
        children = [mutate(parent, SOURCE, rng, amount) for _ in range(20)]
        corners = np.array([child.corner("A") for child in children])
        assert (SOURCE.map.density.log_density(corners) >= threshold(SOURCE)).all()
        away.append(np.abs((corners - parent.corner("A")) / SOURCE.model.std).mean())
    assert 0.02 < away[0] < away[1] / 3
    far = replace(parent, corners={"A": tuple(SOURCE.high.astype(float))})  # where no sound is
    assert not is_inside(SOURCE, far.corner("A")) and is_inside(SOURCE, mutate(far, SOURCE, rng, 0.1).corner("A"))


def test_a_child_of_two_has_sections_of_both_and_latents_between():
    a, b = preset("Acid Line"), preset("Copper Brass")
    rng, seen = np.random.default_rng(0), set()
    for _ in range(12):
        child = cross(a, b, SOURCE, rng, frozenset({"filter"}))
        assert part_of(child, "filter") == part_of(a, "filter")
        for section in ("oscillator", "envelopes", "modulation", "effects"):
            assert part_of(child, section) in (part_of(a, section), part_of(b, section))
        seen.add(part_of(child, "envelopes"))
        corner, ends = child.corner("A"), (a.corner("A"), b.corner("A"))
        assert is_inside(SOURCE, corner) and np.linalg.norm(corner - ends[0]) < 1.5 * np.linalg.norm(ends[1] - ends[0])
    assert len(seen) == 2


def test_picks_teach_a_taste_that_is_said_and_that_choosing_the_other_way_turns_round():
    rng, found = np.random.default_rng(3), SOURCE.map
    line = found.directions.lines[found.directions.names.index("brightness")] / SOURCE.model.std
    for sign, word in ((1, "more brightness"), (-1, "less brightness")):
        picks = []
        for _ in range(8):
            points = rng.standard_normal((8, SOURCE.latent_size))
            picks.append((points, int((sign * points @ line).argmax())))
        taste = learn(picks, SOURCE.latent_size)
        fresh = rng.standard_normal((200, SOURCE.latent_size))
        assert sign * np.corrcoef(taste.scores(fresh), fresh @ line)[0, 1] > 0.6
        assert word in taste.sentence(found, SOURCE.model.std) and "8 picks" in taste.sentence(found, SOURCE.model.std)
    assert learn([], 16).sentence(found, SOURCE.model.std) == "nothing is picked yet"


def test_what_cannot_be_bred_is_said():
    rng = np.random.default_rng(0)
    with pytest.raises(UserError, match="no section named 'filtre'; did you mean filter|filtre"):
        Breeding(Patch(), SOURCE, locked=("filtre",))
    with pytest.raises(UserError, match="amount"):
        mutate(Patch(), SOURCE, rng, 1.5)
    with pytest.raises(UserError, match="no map"):
        mutate(Patch(), WavetableSource("saw", np.linspace(-1, 1, 2048)[None]), rng, 0.3)


def test_candidates_swap_under_a_held_chord_without_a_click_and_picks_go_on_and_back():
    desk = Desk("Deep Current")
    parent = desk.patch
    eight = desk.breed(amount=0.3, locked=("effects", "oscillator"), seed=7).result()
    assert len(eight.candidates) == 8
    for note in (48, 55, 60, 64, 67, 72):
        desk.play(note_on(note, 0.4))
    desk.run(0.5)
    sounds = []

    def run(seconds):
        at = desk.engine.recorded
        desk.run(seconds)
        sounds.append(desk.engine.recording(at)[0])
        return sounds[-1]

    still = max(click_db(run(0.2)), -90.0)
    for i in range(8):
        desk.audition(i).result()
        swap, after = run(0.2), run(0.2)
        now = click_db(after)
        print(f"candidate {i + 1}: {still:.1f} dBFS before, {click_db(swap):.1f} while it is swapped, {now:.1f} after")
        assert click_db(swap) < max(still, now, -80) + 3
        assert np.abs(swap[4000:]).max() > 1e-3 and desk.patch.name == eight.candidates[i].name
        still = now
    gaps = np.abs(np.concatenate(sounds)).max(1)[:SR].reshape(-1, 480).max(1)
    assert gaps.min() > 1e-4
    nine = desk.pick(7).result()
    assert nine.parent.name == eight.candidates[7].name and any("pick" in said for said in desk.told)
    desk.breed_back().result()
    desk.settle()
    assert desk.patch.corners == parent.corners and desk.patch.params == parent.params and desk.breeding.now is eight
    with pytest.raises(UserError, match="no earlier"):
        desk.breed_back()
    with pytest.raises(UserError, match="no candidate 9"):
        desk.audition(8)


def test_compare_swaps_two_sounds_with_their_edits_and_undo_brings_each_back():
    desk = Desk("Rubber Bass")
    desk.set_param("filter.cutoff_hz", 700.0)
    assert desk.compare() is None and desk.compared == "Rubber Bass"
    desk.load_preset("Solo Fiddle").result()
    desk.settle()
    first, fiddle = desk._aside.patch, desk.patch
    desk.compare().result()
    desk.settle()
    assert desk.patch is first and desk.dirty and desk.knobs()["filter.cutoff_hz"] == 700 and desk.compared == "Solo Fiddle"
    desk.compare().result()
    desk.settle()
    assert desk.patch is fiddle and not desk.dirty and desk.knobs()["filter.cutoff_hz"] != 700
    desk.undo().result()
    desk.settle()
    assert desk.patch is first and desk.knobs()["filter.cutoff_hz"] == 700


def test_one_section_drawn_anew_is_one_step_at_its_loudness():
    desk = Desk("Wood Bars")
    before = desk.patch
    desk.change_section("filter", seed=3).result()
    assert all(part_of(desk.patch, s) == part_of(before, s) for s in SECTIONS if s != "filter")
    assert part_of(desk.patch, "filter") != part_of(before, "filter") and desk.name == before.name
    assert abs(loudness_db(heard(desk.patch)) - loudness_db(heard(before))) < 1.5
    desk.undo().result()
    assert desk.patch is before
    same = [change_section(before, SOURCE, "filter", seed=3).params for _ in range(2)]
    assert same[0] == same[1]


def test_the_command_writes_presets_that_play(home, tmp_path, cli_here, capfd, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cli_here("presets", "breed", "Rubber Bass", "-o", "eight", "--lock", "envelopes", "--seed", "2", check=True)
    assert len(list((tmp_path / "eight").glob("*.json"))) == 8
    cli_here("presets", "cross", "Rubber Bass", "Neon Lead", "-o", "child.json", check=True)
    child = preset_file.load(tmp_path / "child.json")
    assert child.name.startswith("Rubber Bass x Neon Lead") and child.fallback_db is not None
    assert np.abs(heard(child)).max() > 0.02
    for words in (("breed", "Rubber Bass", "-o", "x.json"), ("mutate", "Rubber Bass", "-o", "folder"),
                  ("mutate", "Nobody", "-o", "x.json"), ("mutate", "Init", "-o", "x.json", "--lock", "nothing"),
                  ("mutate", "Init", "-o", "x.json", "--amount", "nan"), ("mutate", "Init", "-o", "x.json", "--seed", "-1")):
        capfd.readouterr()
        assert command_line.main(["presets", *words]) == 1
        assert capfd.readouterr().err.count("\n") == 1
    assert not (tmp_path / "x.json").exists()


def test_what_is_locked_stays_in_random_sounds_and_in_what_is_bred():
    from synth.timbres.locks import kept_where_locked

    parent = preset("Amber Pad")
    locked = frozenset({"filter.cutoff_hz", "osc.position", "latent.3", "direction.1", "reverb.mix"})
    free = mutate(parent, SOURCE, np.random.default_rng(3), 0.9)
    drawn = kept_where_locked(free, parent, locked, SOURCE)
    for name in locked:
        assert drawn.params.get(name) == parent.params.get(name)
    for name in parent.corners:
        assert drawn.corners[name][2] == pytest.approx(parent.corners[name][2], abs=1e-6) != free.corners[name][2]
        assert drawn.corners[name][3] == pytest.approx(free.corners[name][3], abs=1e-6) != parent.corners[name][3]
    assert drawn.fallback_db is not None and not np.array_equal(drawn.fallback_db, free.fallback_db), "it keeps what it is now"
    desk = Desk("Amber Pad")
    desk.set_param("osc.position", 0.31)
    for name in locked:
        desk.lock(name)
    before = desk.patch
    desk.random_patch().result()
    assert desk.patch.name.startswith("Random") and desk.patch.params["osc.position"] == 0.31
    now, then = desk.patch.corners["A"], before.corners["A"]
    assert now[2] == pytest.approx(then[2], abs=1e-6) and now[3] != then[3]
    desk.lock("osc.position", False)
    desk.random_patch().result()
    assert "osc.position" not in desk.patch.params
    with pytest.raises(UserError, match="filter.cutoff_hz"):
        desk.lock("filter.cutof_hz")
