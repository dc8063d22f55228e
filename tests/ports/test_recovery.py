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
def player(monkeypatch):
    """A player of its own JACK server name, silent at first."""
    from synth.session.session import Player

    monkeypatch.setenv("JACK_DEFAULT_SERVER", f"lw_recovery_{os.getpid()}")  # as servers.jackd names it
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    monkeypatch.setenv("JACK_NO_AUDIO_RESERVATION", "1")
    player = Player(preset_file.load(paths.find_preset("Init")))
    yield player
    player.close()


def until(true, seconds=servers.LIMIT_S):
    """Whether it comes true within a limit that only what never comes meets."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return False


def sounds(player, through):
    """Whether the held note is heard through an output of that name."""
    seen = player.snapshot()
    return seen.voices == 1 and seen.peak_left > 0.05 and through in seen.audio


def test_silent_then_connected_then_lost_then_connected_again(player):
    servers.need("jackd", "jack_wait")
    assert player.output.silent and any("no sound device" in m for m in player.messages)
    player.post(note_on(60))
    assert until(lambda: sounds(player, "silent"))
    for _ in range(2):
        with servers.jackd(child_env(), name="recovery"):
            assert until(lambda: not player.output.silent)  # two seconds on a quiet machine
            frame = player.snapshot().frame
            assert until(lambda frame=frame: player.snapshot().frame > frame + 24000)
            assert until(lambda: sounds(player, "JACK"))
        assert until(lambda: player.output.silent)
        frame = player.snapshot().frame
        assert until(lambda frame=frame: player.snapshot().frame > frame + 24000)
        assert sounds(player, "silent") and any("is gone" in m for m in player.messages)


def test_a_keyboard_plugged_in_later_is_heard(jack_server, monkeypatch):
    from synth.session.session import Player

    for name, value in jack_server.items():
        monkeypatch.setenv(name, value)
    player = Player(preset_file.load(paths.find_preset("Init")))
    keys = subprocess.Popen([sys.executable, str(KEYS), "nowhere:in"], env=jack_server, stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True)
    try:
        assert until(lambda: "keys:out" in player.midi)
        keys.stdin.write("0.1 144 67 100\n")
        keys.stdin.flush()
        assert until(lambda: player.snapshot().held[67])
        keys.stdin.close()
        assert until(lambda: player.midi == "none")
    finally:
        servers.end(keys)
        player.close()


def test_a_bad_preset_leaves_the_sound_alone(player, tmp_path):
    broken = tmp_path / "broken.json"
    broken.write_text('{"format": 99}')
    player.post(note_on(60))
    with pytest.raises(UserError, match="newer version"):
        player.load_preset(str(broken))
    with pytest.raises(UserError, match="no model named"):
        player.load_model("no such model")
    assert until(lambda: player.snapshot().peak_left > 0.05)
    assert player.patch.name == "Init"
