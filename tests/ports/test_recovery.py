"""Sound devices and keyboards come and go; the instrument plays on."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from synth import paths
from synth.errors import UserError
from synth.events import note_on
from synth.patch import preset_file
from tests import servers
from tests.conftest import child_env

KEYS = Path(__file__).with_name("jack_keys.py")


@pytest.fixture
def session(monkeypatch):
    """A session of its own JACK server name, silent at first."""
    from synth.session.session import Session

    monkeypatch.setenv("JACK_DEFAULT_SERVER", f"lw_recovery_{os.getpid()}")  # as servers.jackd names it
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    monkeypatch.setenv("JACK_NO_AUDIO_RESERVATION", "1")
    session = Session(preset_file.load(paths.find_preset("Init")))
    yield session
    session.close()


def until(true, seconds=servers.LIMIT_S):
    """Whether it comes true within a limit that only what never comes meets."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return False


def sounds(session, through):
    """Whether the held note is heard through an output of that name."""
    seen = session.snapshot()
    return seen.voices == 1 and seen.peak_left > 0.05 and through in seen.audio


def test_silent_then_connected_then_lost_then_connected_again(session):
    servers.need("jackd", "jack_wait")
    assert session.output.silent and any("no sound device" in m for m in session.messages)
    session.post(note_on(60))
    assert until(lambda: sounds(session, "silent"))
    for _ in range(2):
        with servers.jackd(child_env(), name="recovery"):
            assert until(lambda: not session.output.silent)  # two seconds on a quiet machine
            frame = session.snapshot().frame
            assert until(lambda frame=frame: session.snapshot().frame > frame + 24000)
            assert until(lambda: sounds(session, "JACK"))
        assert until(lambda: session.output.silent)
        frame = session.snapshot().frame
        assert until(lambda frame=frame: session.snapshot().frame > frame + 24000)
        assert sounds(session, "silent") and any("is gone" in m for m in session.messages)


def test_a_keyboard_plugged_in_later_is_heard(jack_server, monkeypatch):
    from synth.session.session import Session

    for name, value in jack_server.items():
        monkeypatch.setenv(name, value)
    session = Session(preset_file.load(paths.find_preset("Init")))
    keys = subprocess.Popen([sys.executable, str(KEYS), "nowhere:in"], env=jack_server, stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True)
    try:
        assert until(lambda: "keys:out" in session.midi)
        keys.stdin.write("0.1 144 67 100\n")
        keys.stdin.flush()
        assert until(lambda: session.snapshot().held[67])
        keys.stdin.close()
        assert until(lambda: session.midi == "none")
    finally:
        servers.end(keys)
        session.close()


def test_a_bad_preset_leaves_the_sound_alone(session, tmp_path):
    broken = tmp_path / "broken.json"
    broken.write_text('{"format": 99}')
    session.post(note_on(60))
    with pytest.raises(UserError, match="newer version"):
        session.load_preset(str(broken)).result(60)
    with pytest.raises(UserError, match="no model named"):
        session.load_model("no such model").result(60)
    assert until(lambda: session.snapshot().peak_left > 0.05)
    assert session.patch.name == "Init"
