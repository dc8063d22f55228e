"""What the engine moved reaches the document, and every load and gesture is one step. No device."""

from dataclasses import replace

import numpy as np
import pytest

from synth import paths
from synth.events import Event, Kind, control, set_corner, set_param
from synth.patch import preset_file
from synth.session.differences import value_of

from .desk import Desk


@pytest.fixture
def desk(home):
    return Desk("Amber Pad")


def test_what_the_wheel_did_is_in_the_document_and_survives_tuning_and_random(desk, tmp_path):
    desk.play(control(1, 100))
    desk.settle()
    assert value_of(desk.patch, "osc.position") == pytest.approx(100 / 127, abs=1e-6)
    (tmp_path / "seven.scl").write_text("seven equal\n7\n" + "".join(f"{i * 1200 / 7:.6f}\n" for i in range(1, 8)))
    desk.load_tuning(tmp_path / "seven.scl").result()
    desk.settle()
    assert desk.knobs()["osc.position"] == pytest.approx(100 / 127, abs=1e-6)
    desk.load_preset("Init").result()
    desk.settle()
    assert desk.patch.tuning.name == "seven"  # picked for every preset
    for _ in range(2):
        desk.undo().result()
        desk.settle()
    assert desk.patch.tuning is None and desk.knobs()["osc.position"] == pytest.approx(100 / 127, abs=1e-6)
    assert desk.load_preset("Init").result() is None and desk.patch.tuning is None  # the pick of a tuning is undone too


@pytest.mark.parametrize("producer", ["host", "osc", "file"])
def test_knobs_and_corners_of_other_producers_reach_the_document(desk, producer):
    desk.play(set_param("filter.cutoff_hz", 321.0), producer)
    desk.play(set_corner("B", 3, 0.123456789), producer)
    desk.settle()
    assert value_of(desk.patch, "filter.cutoff_hz") == 321.0
    assert np.float32(desk.patch.corner("B")[3]) == np.float32(0.123456789) and desk.dirty


def test_modulation_never_edits_the_document(desk):
    for name, value in (("mod1.source", "wheel"), ("mod1.target", "filter.cutoff_hz"), ("mod1.amount", 0.5), ("mod2.source", "pressure"),
                        ("mod2.target", "osc.position_y"), ("mod2.amount", 1.0)):
        desk.set_param(name, value)
    desk.settle()
    before = dict(desk.patch.params)
    for event in (Event(Kind.PRESSURE, 0, 90), Event(Kind.BEND, 0, 0.5), control(74, 90), control(2, 70), Event(Kind.NOTE_ON, 60, 0.8)):
        desk.play(event)
    desk.run(0.3)
    assert desk.patch.params == before


def test_a_sweep_of_the_wheel_is_one_step_and_rest_ends_it(desk):
    first = value_of(desk.patch, "osc.position")
    for sweep in (range(0, 64), range(64, 128)):
        for value in sweep:
            desk.play(control(1, value))
            desk.run(0.008)
        desk.run(0.7)
    assert value_of(desk.patch, "osc.position") == 1.0
    desk.undo().result()
    desk.settle()
    assert desk.knobs()["osc.position"] == pytest.approx(63 / 127, abs=1e-6)
    desk.undo().result()
    desk.settle()
    assert desk.knobs()["osc.position"] == pytest.approx(first) and not desk.can_undo and not desk.dirty


def test_a_drag_is_one_step_the_mouse_or_another_knob_ends_it(desk):
    for value in np.linspace(0.1, 0.9, 30):
        desk.set_param("osc.position", value)
        desk.run(0.01)
    desk.end_gesture()
    desk.set_param("osc.position", 0.2)
    desk.set_param("filter.resonance", 0.5)
    desk.set_param("osc.position", 0.3)
    seen = []
    while desk.can_undo:
        desk.undo().result()
        seen.append((round(value_of(desk.patch, "osc.position"), 6), value_of(desk.patch, "filter.resonance")))
    start = (0.0, value_of(desk.patch, "filter.resonance"))
    assert seen == [(0.2, 0.5), (0.2, start[1]), (0.9, start[1]), start]


def test_the_journal_of_an_older_edit_of_ours_does_not_take_the_newer_one_back(desk):
    """A drag is quicker than the journal: its rows tell of values that the document has left already."""
    for value in (0.1, 0.2, 0.3):
        desk.set_param("osc.position", value)
        for _ in range(2):
            desk.engine.process(128)
        rows = desk.engine.take_log()
        desk.set_param("osc.position", value + 0.05)
        desk._editor.follow(rows)
        assert value_of(desk.patch, "osc.position") == value + 0.05
    desk.settle()
    desk.undo().result()
    assert value_of(desk.patch, "osc.position") == 0 and not desk.can_undo


def test_undo_of_knobs_interrupts_no_note_and_posts_them_as_knobs(home):
    desk = Desk("Init")
    desk.set_param("filter.cutoff_hz", 2000.0)
    desk.set_latent(3, 1.0)
    desk.play(Event(Kind.NOTE_ON, 60, 0.8))
    desk.run(0.2)
    desk.undo().result()
    desk.undo().result()
    rows = []
    for _ in range(20):
        desk.engine.process(128)
        desk._decoder.pump()
        rows += desk.engine.take_log()
    desk._editor.follow(rows)
    assert {event.kind for _, event in rows} <= {Kind.PARAM, Kind.CORNER, Kind.DECODE, Kind.LATE_NOTE}
    assert desk.engine.snapshot()["held"][60] and desk.knobs()["filter.cutoff_hz"] == np.float32(value_of(desk.patch, "filter.cutoff_hz"))


def test_an_arrow_key_by_accident_costs_nothing(desk):
    """newuser 8: the arrow back brings what was left, edits and all; so does undo, after `Random` too."""
    desk.set_param("filter.cutoff_hz", 777.0)
    desk.settle()
    edited, names = desk.patch, desk.preset_names()
    desk.step_preset(1).result()
    desk.settle()
    assert desk.name == names[names.index("Amber Pad") + 1] and not desk.dirty
    desk.step_preset(-1).result()
    desk.settle()
    assert desk.patch is edited and desk.dirty and desk.knobs()["filter.cutoff_hz"] == 777.0
    desk.random_patch().result()
    desk.settle()
    assert desk.name.startswith("Random") and desk.dirty
    desk.step_preset(-1).result()
    desk.settle()
    assert desk.patch is edited and desk.knobs()["filter.cutoff_hz"] == 777.0
    desk.play(Event(Kind.PROGRAM, 4))
    desk.settle()
    assert desk.patch is not edited and desk.knobs()["filter.cutoff_hz"] != 777.0
    desk.undo().result()
    desk.settle()
    assert desk.patch is edited and desk.knobs()["filter.cutoff_hz"] == 777.0
    desk.step_preset(-1).result()
    assert desk.name == names[names.index("Amber Pad") - 1]


def test_rows_that_were_dropped_are_made_up_for(desk):
    """A journal that nobody read for long: what the engine has is read as a whole."""
    for _ in range(5):
        for _ in range(2000):
            desk.play(control(7, 100), delay=0)
        for _ in range(30):
            desk.engine.process(128)
            desk._decoder.pump()
    desk.play(control(1, 55), "midi")
    for _ in range(4):
        desk.engine.process(128)
    assert len(desk.engine.take_log()) >= 1000
    desk._editor._missed = True
    desk.run(0.01)
    desk.run(0.01)
    assert value_of(desk.patch, "osc.position") == pytest.approx(55 / 127, abs=1e-6)


def test_a_latent_of_a_sound_whose_model_is_absent_moves_its_position_and_loses_nothing(home):
    folder = home / "presets"
    folder.mkdir()
    preset_file.save(replace(preset_file.load(paths.find_preset("Amber Pad")), model="gone"), folder / "Orphan.json")
    desk = Desk("Orphan")
    corners = desk.patch.corners
    desk.set_latent(0, 0.5)
    desk.settle()
    assert value_of(desk.patch, "osc.position") == 0.5
    desk.save().result()
    kept = preset_file.load(folder / "Orphan.json")
    assert kept.corners == corners == desk.patch.corners and kept.model == "gone" and kept.params["osc.position"] == 0.5
    assert kept.latent_size == 16 and kept.fallback_db is not None
