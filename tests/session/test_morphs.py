"""Morphs as the player makes them: parts come and go as steps, knobs hold for all, loudness arrives by itself, files keep it all."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from synth.errors import UserError
from synth.events import note_on
from synth.patch import preset_file
from synth.patch.morph import Morph
from synth.patch.patch import Patch
from synth.patch.stack import Layer
from synth.render import morph_loudness
from synth.session import saving
from synth.session.differences import value_of
from synth.session.modulation import ModulationActions, mod_rows
from synth.session.morph_actions import HERE, MorphActions
from tests.servers import LIMIT_S

from .desk import Desk


class MorphDesk(MorphActions, ModulationActions, Desk):
    """A desk with morphs."""

    def played(self, name):
        self.run(0.1)
        return self.knobs()[name]

    def sound(self):
        """A second's quarter of one note."""
        self.play(note_on(57))
        return np.concatenate([self._block() for _ in range(90)])

    def _block(self):
        block = self.engine.process(128)
        self._decoder.pump()
        return block


@pytest.fixture
def desk(home, monkeypatch):
    """Loudness is measured with a short chord: that it is found is tests/render's own."""
    monkeypatch.setattr(morph_loudness, "HOLD_S", 0.1)
    monkeypatch.setattr(morph_loudness, "REST_S", 0.1)
    made = MorphDesk("Copper Brass")
    yield made
    made.stop_measuring()


def settled(desk):
    """Until the loudness curve has come and nothing waits."""
    deadline = time.monotonic() + LIMIT_S
    while any(t.name == "latentwave-loudness" for t in threading.enumerate()) and time.monotonic() < deadline:
        time.sleep(0.02)
    desk.run()


def test_a_preset_is_put_into_a_corner_and_taken_out_again(desk):
    before = desk.patch
    desk.set_morph_part("B", "Quiet Choir").result()
    desk.run()
    assert [p.name for p in desk.morph.parts] == ["Copper Brass", "Quiet Choir"] and desk.patch.params == {}
    settled(desk)
    assert desk.morph.gain_db and desk.document.before.patch is before, "the curve is no step of its own"
    desk.set_morph_part("C", "Amber Pad").result()
    desk.run()
    desk.set_morph_axis("chain").result()
    desk.run()
    assert desk.morph.axis == "chain" and len(desk.morph.parts) == 3
    with pytest.raises(UserError, match="part F|next free part"):
        desk.set_morph_part("F", "Amber Pad").result()
    for _ in range(3):
        desk.undo().result()
        desk.run()
    assert desk.patch is before
    desk.redo().result()
    desk.run()
    desk.clear_morph_part("A").result()
    assert desk.morph is None and desk.patch.name == "Quiet Choir"


def test_a_preset_is_put_between_two_of_a_chain(desk):
    """The others stay where they lie, the loudness is measured anew, one step of undo; a full chain takes no more."""
    desk.make_morph([HERE, "Quiet Choir"]).result()
    desk.run()
    with pytest.raises(UserError, match="only a chain"):
        desk.insert_morph_part(0.5, "Amber Pad").result()
    desk.set_morph_axis("chain").result()
    desk.run()
    before = desk.patch
    desk.insert_morph_part(0.3, "Amber Pad").result()
    desk.run()
    assert [p.name for p in desk.morph.parts] == ["Copper Brass", "Amber Pad", "Quiet Choir"] and desk.morph.stops == (0, 0.3, 1)
    assert any("'Amber Pad' is part B" in sentence for sentence in desk.told)
    for x in (0.0, 1.0, 0.3, 0.29, 5.0):  # at an end, on another, beyond: beside it
        desk.insert_morph_part(x, "Init").result()
        desk.run()
    stops = desk.morph.stops
    assert len(stops) == 8 and np.diff(stops).min() > 1e-3 and stops[0] == 0 and stops[-1] == 1 and 0.3 in stops
    with pytest.raises(UserError, match="at most 8"):
        desk.insert_morph_part(0.5, "Init").result()
    for _ in range(6):
        desk.undo().result()
        desk.run()
    assert [p.name for p in desk.patch.morph.parts] == [p.name for p in before.morph.parts]


def test_a_morph_says_what_its_parts_say_until_it_is_called_otherwise(desk, home):
    brass, choir = desk.patch.macros, ("Ah", "Oh", "Breath", "Chapel")
    assert brass == ("Blow", "Rasp", "Slow", "Hall")
    desk.make_morph([HERE, "Quiet Choir"]).result(LIMIT_S)
    desk.run()
    assert desk.name == "Copper Brass to Quiet Choir"
    assert desk.patch.macros == tuple(f"{one} / {other}" for one, other in zip(brass, choir, strict=True))
    assert [part.macros for part in desk.morph.parts] == [brass, choir]
    desk.set_morph_part("C", "Silver Flute").result(LIMIT_S)
    desk.run()
    assert desk.name == "Copper Brass to Quiet Choir to Silver Flute"
    assert desk.patch.comment == "A morph of Copper Brass, Quiet Choir, Silver Flute" and desk.patch.macros[0] == "Blow / Ah / Overblow"
    assert {"vowel", "breath", "section"} <= set(desk.patch.tags)
    desk.set_morph_axis("stack").result(LIMIT_S)
    desk.run()
    assert desk.name == "Copper Brass + Quiet Choir + Silver Flute"
    desk.set_morph_axis("pad").result(LIMIT_S)
    desk.run()
    desk.clear_morph_part("B").result(LIMIT_S)
    desk.run()
    assert desk.name == "Copper Brass to Silver Flute" and desk.patch.macros[0] == "Blow / Overblow"
    desk.undo().result(LIMIT_S)
    desk.run()
    assert desk.name == "Copper Brass to Quiet Choir to Silver Flute"
    desk.save_as("Winds", tags=("mine",)).result(LIMIT_S)
    desk.run()
    desk.set_morph_part("B", "Amber Pad").result(LIMIT_S)
    desk.run()
    assert (desk.name, desk.patch.tags) == ("Winds", ("mine",)), "what a hand said stays"
    assert desk.patch.macros[0] == "Blow / Choir / Overblow" and "Amber Pad" in desk.patch.comment
    desk.set_morph_part("B", "Copper Brass").result(LIMIT_S)
    desk.run()
    assert desk.patch.macros[0] == "Blow / Overblow", "one name where two parts have the same"
    desk.save().result(LIMIT_S)
    desk.run()
    kept = preset_file.load(home / "presets" / "Winds.json")
    assert kept.macros == desk.patch.macros and kept.name == "Winds"
    desk.clear_morph_part("C").result(LIMIT_S)
    desk.run()
    desk.clear_morph_part("A").result(LIMIT_S)
    desk.run()
    assert desk.patch.macros == brass


def test_a_stack_is_made_and_its_layers_are_steps(desk, tmp_path):
    """Made of two presets, a split set, undone, heard, saved byte-stable with its parts inside."""
    before = desk.patch
    desk.make_morph([HERE, "Quiet Choir"], "stack").result()
    desk.run()
    assert desk.patch.name == "Copper Brass + Quiet Choir" and desk.morph.layers == (Layer(), Layer())
    desk.set_layer("A", keys=(0, 59)).result()
    desk.run()
    desk.set_layer("B", keys=(60, 127), level_db=-3.0).result()
    desk.run()
    assert [layer.keys for layer in desk.morph.layers] == [(0, 59), (60, 127)]
    for wrong in ({"keys": (60, 127, 3)}, {"level_db": 99}, {"colour": 1}):
        with pytest.raises(UserError):
            desk.set_layer("B", **wrong).result()
    assert np.abs(desk.sound()).max() > 0.01 and desk.engine.snapshot()["voices"] == 1
    saving.write(desk.patch, desk.source, tmp_path / "s.json")
    again = preset_file.load(tmp_path / "s.json")
    assert again.morph.layers == desk.morph.layers and all(p.fallback_db is not None for p in again.morph.parts)
    saving.write(again, desk.source, tmp_path / "t.json")
    assert (tmp_path / "s.json").read_bytes() == (tmp_path / "t.json").read_bytes()
    desk.undo().result()
    desk.run()
    assert [layer.keys for layer in desk.morph.layers] == [(0, 59), (0, 127)]
    assert np.abs(desk.sound()).max() > 0.01 and desk.engine.snapshot()["voices"] >= 2, "then both play the note"
    desk.set_morph_part("C", "Amber Pad").result()
    desk.run()
    desk.set_morph_axis("pad").result()
    desk.run()
    assert desk.morph.layers == () and len(desk.morph.parts) == 3
    with pytest.raises(UserError, match="no stack"):
        desk.set_layer("A", pan=0.5).result()
    for _ in range(4):
        desk.undo().result()
        desk.run()
    assert desk.patch is before


def test_a_knob_holds_for_all_parts_until_it_is_undone(desk):
    desk.make_morph([HERE, "Quiet Choir"]).result()
    desk.run()
    parts = [value_of(part, "filter.cutoff_hz") for part in desk.morph.parts]
    desk.set_morph_position(0.5)
    desk.run()
    assert min(parts) <= desk.played("filter.cutoff_hz") <= max(parts)
    desk.set_param("filter.cutoff_hz", 700.0)
    desk.run()
    assert desk.played("filter.cutoff_hz") == 700 and desk.patch.params["filter.cutoff_hz"] == 700
    desk.undo().result()
    desk.run()
    assert "filter.cutoff_hz" not in desk.patch.params
    assert desk.played("filter.cutoff_hz") == pytest.approx(value_of(desk.patch, "filter.cutoff_hz"), rel=1e-3)


def test_a_row_that_a_morph_is_given_leaves_the_rows_of_its_parts(desk):
    """A vibrato made before the morph is heard on after a wheel was dropped on the morph."""
    vibrato = desk.modulate("lfo1", "osc.coarse_semitones", 0.5)
    desk.run()
    desk.make_morph([HERE, "Quiet Choir"]).result()
    desk.stop_measuring()
    desk.run()
    own = [{row.slot for row in mod_rows(part)} for part in desk.morph.parts]
    assert vibrato in own[0] and own[1]
    slot = desk.modulate("wheel", "morph.x")
    desk.run()
    assert slot not in own[0] | own[1]
    assert [row.slot for row in mod_rows(desk.patch)] == [slot]


def test_a_morph_is_saved_with_its_parts_and_plays_without_them(desk, tmp_path):
    desk.make_morph([HERE, "Quiet Choir", "Amber Pad"]).result()
    desk.run()
    saving.write(desk.patch, desk.source, tmp_path / "m.json")
    again = preset_file.load(tmp_path / "m.json")
    assert [p.name for p in again.morph.parts] == ["Copper Brass", "Quiet Choir", "Amber Pad"]
    assert all(p.fallback_db is not None and p.model_sha256 for p in again.morph.parts)
    gone = replace(again, morph=Morph(tuple(replace(p, model="gone") for p in again.morph.parts)))
    desk.load_patch(gone).result()
    desk.run()
    assert "part A" in desk.told[-1] and np.abs(desk.sound()).max() > 0.01


def test_what_cannot_be_a_morph_is_told_and_nothing_is_lost(desk):
    before = desk.patch
    nested = Patch(name="N", morph=Morph((before, before)))
    for wrong in (lambda: desk.set_morph_part("B", "No Such Preset"), lambda: desk.set_morph_part("B", nested),
                  lambda: desk.set_morph_part("Q", "Amber Pad"), lambda: desk.clear_morph_part("A"),
                  lambda: desk.make_morph(["Amber Pad"]), lambda: desk.set_morph_axis("ring"),
                  lambda: desk.make_morph([HERE, "Amber Pad"], "ring")):
        with pytest.raises(UserError):
            wrong().result()
        assert desk.patch is before
