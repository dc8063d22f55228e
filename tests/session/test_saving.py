"""What is saved is what was heard: factory presets stay, names are checked, nothing is half written, and the model may go."""

import os
import stat
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth import paths
from synth.errors import UserError
from synth.events import note_on
from synth.params.knobs import PARAMS
from synth.patch import preset_file
from synth.render.offline import Offline
from synth.session import saving
from synth.session.differences import value_of

from .desk import Desk


def test_a_factory_preset_is_never_overwritten_and_the_copy_takes_its_place(home):
    desk = Desk("Amber Pad")
    factory = desk.document.file
    before = factory.read_bytes()
    desk.set_param("filter.cutoff_hz", 555.0)
    desk.save().result()
    own = home / "presets" / "Amber Pad.json"
    assert factory.read_bytes() == before and desk.document.file == own and not desk.dirty
    assert "own presets" in desk.told[-1]
    assert paths.find_preset("Amber Pad") == own and preset_file.load(own).params["filter.cutoff_hz"] == 555.0
    desk.set_param("filter.cutoff_hz", 666.0)
    desk.save().result()
    assert preset_file.load(own).params["filter.cutoff_hz"] == 666.0 and sorted(f.name for f in own.parent.glob("*.json")) == [own.name]


def test_save_as_names_the_sound_and_asks_before_it_replaces(home):
    desk = Desk("Init")
    desk.set_param("osc.level_db", -6)
    desk.save_as("  My   Pad ").result()
    assert desk.name == "My Pad" and desk.document.file == home / "presets" / "My Pad.json" and not desk.dirty
    desk.load_preset("Init").result()
    desk.settle()
    with pytest.raises(UserError, match="already"):
        desk.save_as("MY PAD")
    desk.save_as("MY PAD", replace_it=True).result()
    assert [f.name for f in (home / "presets").glob("*.json")] == ["My Pad.json"]
    desk.random_patch().result()
    desk.save().result()
    assert desk.document.file.stem == desk.name and desk.name.startswith("Random")


def test_an_edited_sound_under_a_new_name_is_not_said_to_be_another_s(home):
    """A copy of a shipped preset keeps who made it and what it is described as; once edited, neither is true."""
    desk = Desk("Amber Pad")
    shipped = desk.patch
    assert shipped.author and shipped.comment
    desk.save_as("A copy").result()
    desk.load_preset("Amber Pad").result()
    desk.settle()
    desk.set_param("filter.cutoff_hz", 555.0)
    desk.save_as("Mine").result()
    assert not desk.dirty and desk.name == "Mine"
    mine = replace(desk.patch, author="Me", comment="Dark")
    preset_file.save(mine, home / "presets" / "Mine.json")
    desk.load_preset("Mine").result()
    desk.settle()
    desk.set_param("filter.cutoff_hz", 666.0)
    desk.save_as("Mine too").result()
    kept = {file.stem: preset_file.load(file) for file in (home / "presets").glob("*.json")}
    assert (kept["A copy"].author, kept["A copy"].comment) == (shipped.author, shipped.comment)
    assert (desk.patch.author, desk.patch.comment) == ("Me", "Dark") == (kept["Mine too"].author, kept["Mine too"].comment)
    assert mine.tags == shipped.tags and kept["Mine too"].params["filter.cutoff_hz"] == 666.0
    desk.load_preset("Amber Pad").result()
    desk.settle()
    desk.set_param("filter.cutoff_hz", 555.0)
    desk.save_as("Mine three").result()
    three = preset_file.load(home / "presets" / "Mine three.json")
    assert (three.author, three.comment, three.tags) == ("", "", shipped.tags)


def test_an_edited_shipped_preset_that_is_saved_in_its_place_is_not_said_to_be_another_s_either(home):
    desk = Desk("Amber Pad")
    shipped = desk.patch
    desk.save().result()  # not edited: a copy
    own = home / "presets" / "Amber Pad.json"
    assert preset_file.load(own).author == shipped.author
    own.unlink()
    desk.load_preset("Amber Pad").result()
    desk.settle()
    desk.set_param("filter.cutoff_hz", 555.0)
    desk.save().result()
    kept = preset_file.load(own)
    assert (kept.name, kept.author, kept.comment, kept.tags, kept.macros) == ("Amber Pad", "", "", shipped.tags, shipped.macros)
    assert kept.params["filter.cutoff_hz"] == 555.0 and not desk.dirty
    preset_file.save(replace(kept, author="Me", comment="Dark"), own)
    desk.load_preset("Amber Pad").result()
    desk.settle()
    desk.set_param("filter.cutoff_hz", 666.0)
    desk.save().result()
    assert (preset_file.load(own).author, preset_file.load(own).comment) == ("Me", "Dark"), "one's own stays so"


@pytest.mark.parametrize("name", ["", "   ", "a/b", "a\\b", "..", ".hidden", "a\x00b", "con", "COM1.x", "x" * 300, "what?", "a:b", "end."])
def test_names_that_are_none_are_refused_in_a_sentence(home, name):
    desk = Desk("Init")
    with pytest.raises(UserError):
        desk.save_as(name)
    assert not (home / "presets").exists()


@given(st.text(max_size=60))
def test_a_name_that_is_taken_makes_one_file_in_the_folder(name):
    try:
        checked = saving.check_name(name)
    except UserError:
        return
    file = saving.own_folder() / f"{checked}.json"
    assert file.parent == saving.own_folder() and file.name not in (".json", "..json") and checked == checked.strip()


def test_a_full_or_read_only_disk_leaves_the_old_file_and_the_edits(home):
    if os.geteuid() == 0:
        (home / "presets").write_text("")  # root may write everywhere: a file stands where the folder should be
    else:
        home.chmod(stat.S_IRUSR | stat.S_IXUSR)
    desk = Desk("Amber Pad")
    desk.set_param("filter.cutoff_hz", 555.0)
    with pytest.raises(UserError, match="cannot be"):
        desk.save().result()
    home.chmod(stat.S_IRWXU)
    assert desk.dirty and "cannot be" in desk.told[-1] and value_of(desk.patch, "filter.cutoff_hz") == 555.0


def test_what_is_saved_outlives_its_model(home, monkeypatch):
    """Saved with edited corners, then the model goes: what sounds is the edited sound, not what the preset had before."""
    desk = Desk("Amber Pad")
    for i in range(6):
        desk.set_latent(i, -1.5)
    desk.settle()
    desk.save_as("Edited").result()
    saved = preset_file.load(home / "presets" / "Edited.json")

    def spectrum(patch):
        out = Offline(patch, [(0, note_on(57, 0.8))]).read(24000)[12000:, 0]
        return np.abs(np.fft.rfft(out * np.hanning(len(out))))[:4000]

    def alike(a, b):
        return float((a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum()))

    with_model = spectrum(saved)
    without = spectrum(replace(saved, model="gone"))
    factory = spectrum(replace(preset_file.load(paths.factory_presets()[1]), model="gone"))
    assert alike(with_model, without) > 0.98 > alike(with_model, factory)


@pytest.mark.parametrize("preset", [file.stem for file in paths.factory_presets()[::16]])
def test_a_factory_preset_is_saved_and_loaded_exactly(home, preset):
    desk = Desk(preset)
    desk.set_latent(2, 0.123456789)
    desk.set_param("direction.1", 1 / 3)
    desk.set_param("mod9.source", "lfo2")
    desk.set_param("mod9.target", "direction.2")
    desk.set_param("mod9.amount", -1 / 7)
    desk.set_param("latent.3", 0.1)
    desk.settle()
    patch, source = desk.patch, desk.source
    desk.save_as("Round trip").result()
    desk.load_preset("Round trip").result()
    again = desk.patch
    assert {n: value_of(again, n) for n in PARAMS} == {n: value_of(patch, n) for n in PARAMS}
    assert np.array_equal(saving.played_corners(again, source).astype(np.float32), saving.played_corners(patch, source).astype(np.float32))
    assert again.shapes == patch.shapes and again.macros == patch.macros and again.tuning == patch.tuning and again.model == patch.model
    desk.save().result()
    assert preset_file.to_json(replace(preset_file.load(desk.document.file), name="")) == preset_file.to_json(
        replace(preset_file.load(home / "presets" / "Round trip.json"), name=""))
