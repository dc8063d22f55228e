"""The newest message: how long it is news, and what undo tells. No window: the real document and engine."""

from dataclasses import replace

import pytest

from synth import paths
from synth.gui import newest
from synth.gui.step_words import told_step
from synth.patch import preset_file
from synth.patch.morph import with_part
from synth.session.document import Document
from synth.session.morph_actions import morph_of
from synth.session.step_list import next_step
from tests.session.desk import Desk


@pytest.fixture
def desk(home):
    desk = Desk("Init")
    desk.messages = desk.told
    desk.name_steps(lambda step, back: told_step(step, back, ()))
    return desk


def test_undo_and_redo_tell_what_they_did_and_the_arrow_back_does_not(desk):
    desk.undo().result()
    desk.set_param("filter.cutoff_hz", 1200.0)
    desk.load_preset("Amber Pad").result()
    for step in (desk.undo, desk.undo, desk.redo, desk.redo, desk.redo):
        desk.settle()
        step().result()
    assert desk.told == ["nothing to undo", "undone: 'Amber Pad'", "undone: Cut-off 1.2 kHz", "redone: Cut-off 1.2 kHz",
                         "redone: 'Amber Pad'", "nothing to redo"]
    desk.settle()
    desk.step_preset(-1).result()
    assert len(desk.told) == 6


def test_a_part_of_a_morph_is_called_by_its_letter():
    init, amber, copper = (preset_file.load(paths.find_preset(name)) for name in ("Init", "Amber Pad", "Copper Brass"))
    pair = morph_of([init, amber])
    document = Document(init)
    for patch in (pair, replace(pair, morph=with_part(pair.morph, 2, copper))):
        document.edit(patch)
    assert told_step(next_step(document, True), True, ()) == "undone: part C"
    document.undo()
    assert told_step(next_step(document, True), True, ()) == "undone: part B"
    assert told_step(next_step(document, False), False, ()) == "redone: part C"


def test_what_is_over_with_the_next_step_does_not_come_back_and_nothing_grows_young_again(desk, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(newest.time, "monotonic", lambda: clock[0])
    line = newest.NewestMessage(desk)
    desk.tell_for_now("'Amber Pad' goes nowhere there")
    assert line.look() == "'Amber Pad' goes nowhere there"
    desk.set_param("filter.cutoff_hz", 1200.0)
    assert line.look() == "" and not line.is_fresh()
    desk._tell("the disk is full")
    assert line.look()
    desk.load_preset("Amber Pad").result()
    assert line.look() == "the disk is full"
    clock[0] += newest.MESSAGE_S + 1
    assert line.look() == ""
    desk._tell("".join(("the disk ", "is full")))
    assert line.look() == "the disk is full", "said again it is news again"
