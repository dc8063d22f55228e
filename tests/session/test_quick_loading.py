"""A preset whose model is not open yet, or whose morph path is not found, is heard at once by what it keeps, then by itself."""

import threading
import time

import numpy as np
import pytest
import soundfile

from synth.events import note_off, note_on
from synth.patch import preset_file
from synth.patch.patch import Patch
from synth.render import event_log
from synth.session.session import Session
from synth.timbres import fallback
from synth.timbres.model import open_model
from synth.timbres.source import FallbackSource, ModelSource
from synth.timbres.source_cache import SourceCache
from tests.servers import LIMIT_S
from tests.session.test_session import again


def until(ready) -> None:
    end = time.monotonic() + LIMIT_S
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.005)


def add(folder, name: str, model: str, **params: float) -> None:
    found = open_model(model)
    corners = {c: tuple(round(float(z), 6) for z in found.mean + 0.3 * i) for i, c in enumerate("AB")}
    folder.mkdir(parents=True, exist_ok=True)
    preset_file.save(fallback.keep(Patch(name, corners=corners, params=params), found), folder / f"{name}.json")


@pytest.fixture
def slow(monkeypatch):
    """Holds what has to be opened or found until it is let go."""
    gate = threading.Event()
    load = SourceCache.load

    def held(cache, patch):
        if patch.model == "akwf-32" and threading.current_thread().name == "latentwave-loader":
            assert gate.wait(LIMIT_S)
        return load(cache, patch)

    monkeypatch.setattr(SourceCache, "load", held)
    return gate


def test_what_it_keeps_is_heard_while_its_model_opens_and_a_take_repeats_it(home, slow, tmp_path, cli):
    add(home / "presets", "Heavy", "akwf-32", **{"master.gain_db": -3.0})
    session = Session(Patch(name="Init", model="akwf-16"), device="none", midi="none", log=tmp_path / "take.jsonl",
                      record=tmp_path / "take.wav")
    try:
        session.library.wait_ready(LIMIT_S)
        session.post(note_on(48))
        loading = session.load_entry("user/Heavy")
        until(lambda: isinstance(session.source, FallbackSource))
        assert not loading.done() and session.name == "Heavy" and not session.dirty and session.loading == "Heavy"
        session.set_param("filter.cutoff_hz", 4000.0)  # an edit meanwhile is kept
        frame = session.snapshot().frame
        until(lambda: session.snapshot().frame > frame + 9600)
        slow.set()
        loading.result(LIMIT_S)
        assert isinstance(session.source, ModelSource) and session.patch.params["filter.cutoff_hz"] == 4000.0 and session.dirty
        assert session.patch.model == "akwf-32" and session.patch.params["master.gain_db"] == -3.0
        frame = session.snapshot().frame
        until(lambda: session.snapshot().frame > frame + 9600)
        session.post(note_off(48))
        session.undo().result(LIMIT_S)
        assert session.name == "Heavy" and not session.dirty
        session.undo().result(LIMIT_S)
        assert session.name == "Init", "one step, not two"
    finally:
        slow.set()
        session.discard()
        session.close()
    rows = [patch.model for _, patch in event_log.read(tmp_path / "take.jsonl")[1] if isinstance(patch, Patch)]
    assert rows[:2] == ["(opening)", "akwf-32"]
    take = soundfile.read(tmp_path / "take.wav", dtype="float32")[0]
    assert np.array_equal(again(cli, tmp_path)[:len(take)], take), "the take repeats to the sample"
