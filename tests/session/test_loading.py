"""Presets and models load in a thread of their own: nobody waits for it, a newer request takes the place of an older. Real session."""

import threading
import time
from concurrent.futures import CancelledError

import pytest

from synth.errors import UserError
from synth.events import Event, Kind, control, note_on, set_param
from synth.patch.control_map import row_of
from synth.patch.patch import Patch
from synth.session.session import Session
from synth.timbres.source_cache import SourceCache
from tests.servers import LIMIT_S

from ..ports.test_recovery import until


class Gate:
    """Holds up every load that it is told to, as a large model on a slow disk does."""

    def __init__(self, monkeypatch):
        self.names, self.reached, self.open = [], threading.Event(), threading.Event()
        load = SourceCache.load

        def slow(cache, patch):
            self.names.append(patch.name)
            if patch.name.startswith("Slow"):
                self.reached.set()
                assert self.open.wait(LIMIT_S)
            return load(cache, patch)

        monkeypatch.setattr(SourceCache, "load", slow)


@pytest.fixture
def gate(monkeypatch):
    return Gate(monkeypatch)


@pytest.fixture
def session(home, gate):
    session = Session(Patch(name="Init"), device="none", midi="none")
    yield session
    gate.open.set()
    session.discard()
    session.close()


def test_while_a_preset_loads_nobody_waits_and_the_journal_is_read(session, gate):
    loading = session.load_patch(Patch(name="Slow"))
    assert gate.reached.wait(LIMIT_S)
    began = time.monotonic()
    session.set_param("filter.cutoff_hz", 900.0)
    session.snapshot()
    session.load_preset("Amber Pad")
    assert session.loading == "Amber Pad" and session.name == "Init"
    assert time.monotonic() - began < 1.0
    for _ in range(3):
        session.post(Event(Kind.PROGRAM, 3))
        session.post(control(1, 64))
    assert until(lambda: session.patch.params.get("osc.position", 0) > 0.5)  # housekeeping still drains the journal
    session.post(note_on(60))
    assert until(lambda: session.snapshot().held[60] and session.snapshot().peak_left > 0.01)
    assert until(lambda: session._loader._waiting == 5)  # Slow, Amber Pad and three program changes
    gate.open.set()
    assert until(lambda: not session.loading and session.name not in ("Init", "Slow"))
    with pytest.raises(CancelledError):
        loading.result(LIMIT_S)
    assert "Slow" in gate.names and session.document.loads == 1  # the one before was superseded, and never sounded


def test_of_many_requests_the_newest_is_played_and_the_steps_are_few(session, gate):
    session.load_patch(Patch(name="Slow"))
    assert gate.reached.wait(LIMIT_S)
    names = [n for n in session.preset_names() if n != "Init"][:8]
    futures = [session.load_preset(name) for name in names]
    gate.open.set()
    futures[-1].result(LIMIT_S)
    assert session.name == names[-1] and session.document.loads == 1 and all(f.cancelled() for f in futures[:-1])
    session.undo().result(LIMIT_S)
    assert session.name == "Init" and not session.can_undo


def test_what_fails_is_told_in_a_sentence_and_the_sound_stays(session):
    with pytest.raises(UserError):
        session.load_preset("No Such Preset").result(LIMIT_S)
    with pytest.raises(UserError):
        session.load_model("no-such-model").result(LIMIT_S)
    assert session.name == "Init" and not session.can_undo and "no-such-model" in session.messages[-1]
    session.load_preset("Amber Pad").result(LIMIT_S)
    assert session.name == "Amber Pad"


def test_edits_made_while_another_model_loads_are_not_lost(session, gate, monkeypatch):
    session.load_patch(Patch(name="Slow")).cancel()
    gate.open.set()
    assert until(lambda: not session._loader.busy)
    gate.open.clear()
    gate.reached.clear()
    session.load_patch(Patch(name="Slow too"))
    assert gate.reached.wait(LIMIT_S)
    gate.open.set()
    assert until(lambda: session.name == "Slow too")
    gate.open.clear()
    gate.reached.clear()
    other = session.load_model("akwf-32")
    assert gate.reached.wait(LIMIT_S)
    session.set_param("filter.cutoff_hz", 444.0)
    gate.open.set()
    other.result(LIMIT_S)
    assert session.model == "akwf-32" and session.patch.params["filter.cutoff_hz"] == 444.0
    assert until(lambda: session.snapshot().params["filter.cutoff_hz"] == 444.0)
    session.undo().result(LIMIT_S)
    assert session.model == "akwf-16" and session.patch.params["filter.cutoff_hz"] == 444.0


def test_a_session_that_ends_leaves_nothing_waiting(home):
    session = Session(Patch(name="Init"), device="none", midi="none")
    session.load_preset("Amber Pad")
    session.set_param("osc.position", 0.25)
    session.close()
    assert session.document.loads == 1 and not [t for t in threading.enumerate() if t.name in ("latentwave-loader", "latentwave-autosave")]


def test_a_learnt_control_is_one_step_of_undo_heard_and_kept(session, home):
    """Undo takes the row from the map and from its file, redo brings it back; the sound between stays as it is."""
    file = home / "controls.json"
    session._controls.put(row_of({"source": "cc:21", "target": "filter.resonance"}), "")

    def moves(value):
        """Whether the control moves the knob now."""
        before = session.patch.params.get("filter.resonance", 0)
        session.post(control(21, value))
        session.post(set_param("glide.time_s", value / 127))  # a mark behind it
        assert until(lambda: session.patch.params.get("glide.time_s") == value / 127)
        return session.patch.params.get("filter.resonance", 0) != before

    assert "cc:21" in file.read_text() and not session.dirty and session.can_undo
    assert moves(127)
    while session.document.state.controls:
        session.undo().result(LIMIT_S)
    assert until(lambda: "cc:21" not in file.read_text()) and not session.can_undo
    assert not moves(64)
    session.undo().result(LIMIT_S)
    session.redo().result(LIMIT_S)
    session.undo().result(LIMIT_S)
    assert not session.can_undo
    session._controls.put(row_of({"source": "cc:21", "target": "filter.resonance"}), "")
    session.undo().result(LIMIT_S)
    session.redo().result(LIMIT_S)
    assert until(lambda: "cc:21" in file.read_text()) and moves(100)
