"""The document alone: steps, gestures, names."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from synth.patch.patch import Patch
from synth.session import document as documents
from synth.session.document import REST_S, Document
from synth.timbres.source_cache import Choices


def turned(document, value, **knobs):
    return Patch(name=document.name, params={"osc.position": value, **knobs})


def position(document):
    return document.patch.params.get("osc.position", 0.0)


@given(st.lists(st.tuples(st.sampled_from("euroabth"), st.integers(0, 100), st.floats(0, 2)), max_size=60))
def test_undo_and_redo_walk_over_every_state_that_was_seen(actions):
    """Against a plain list of states: the oracle keeps every patch, and joins what is one gesture."""
    document, now = Document(Patch(name="first")), 0.0
    states, at, touched, held = [document.patch], 0, {}, False
    for action, value, wait in actions:
        now += wait
        if action in "eab":  # e: no gesture; a, b: two knobs
            gesture = None if action == "e" else action
            patch = turned(document, value)
            document.edit(patch, gesture, now)
            gesture = "hand" if held and gesture else gesture
            joined = gesture in touched and (held or now - touched[gesture] < REST_S)
            states[at + (0 if joined else 1):] = [patch]
            at += 0 if joined else 1
            touched = {gesture: now} if gesture else {}
        elif action == "u" and document.before:
            document.undo()
            at, touched = at - 1, {}
        elif action == "r" and document.after:
            document.redo()
            at, touched = at + 1, {}
        elif action == "o":
            patch = Patch(name=f"other {value}")
            document.open(patch, Path(f"{value}.json"), Choices())
            states[at + 1:], at, touched = [patch], at + 1, {}
        elif action in "ht":  # h: the mouse is pressed; t: let go
            document.begin_gesture() if action == "h" else document.end_gesture()
            touched, held = {}, action == "h"
        assert document.patch is states[at]
        assert (document.before is None) == (at == 0) and (document.after is None) == (at == len(states) - 1)
    while document.before:
        document.undo()
    assert document.patch is states[0] and not document.dirty


def test_controllers_under_two_hands_are_two_steps_not_one_for_each_move():
    document = Document(Patch())
    for i in range(50):
        for knob in ("wheel", "slide"):
            document.edit(turned(document, i), knob, i * 0.01, together=True)
    document.undo()
    document.undo()
    assert document.before is None


def test_a_press_is_one_step_to_its_release_beside_a_controller_that_is_another():
    """A pad that rests, is moved across and up, while a wheel is turned; the engine tells of the wheel's end after the release."""
    document = Document(Patch())
    document.begin_gesture()
    for i in range(4):
        for gesture, together in (("x", False), ("y", False), ("wheel", True)):
            document.edit(turned(document, i), gesture, 2.0 * i, together=together)
    document.end_gesture()
    document.edit(turned(document, 5), "wheel", 6.1, together=True)
    document.undo()
    document.undo()
    assert document.before is None
    document.redo()
    document.edit(turned(document, 6), "x", 6.2)
    document.edit(turned(document, 7), "x", 8.2)
    for _ in range(3):
        document.undo()
    assert document.before is None, "once it is let go a rest ends a gesture again"


def test_the_history_is_bounded_and_what_is_kept_is_the_newest(monkeypatch):
    monkeypatch.setattr(documents, "MAX_STEPS", 5)
    document = Document(Patch())
    for i in range(1, 21):
        document.edit(turned(document, i))
    steps = 0
    while document.before:
        document.undo()
        steps += 1
    assert steps == 5 and position(document) == 15


def test_saving_marks_the_state_that_was_written_and_names_them_all():
    document = Document(Patch(name="a"), Path("a.json"))
    document.edit(turned(document, 1))
    written = document.state
    document.edit(turned(document, 2))
    document.note_saved(written, Path("b.json"), "b")
    assert document.dirty and document.name == "b" and document.file == Path("b.json")
    document.undo()
    assert not document.dirty and document.name == "b" and position(document) == 1
    document.undo()
    assert document.dirty and document.name == "b"  # the file holds something else now
    document.open(Patch(name="c"), Path("b.json"), Choices())
    document.edit(turned(document, 3))
    document.note_saved(document.state, Path("b.json"), "c")
    document.undo()
    document.undo()
    document.redo()
    document.undo()
    assert document.dirty  # of an earlier load of a file that was written since
