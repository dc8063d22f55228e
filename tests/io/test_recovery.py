"""Sound devices and keyboards come and go; the instrument plays on."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from synth import paths, presets
from synth.errors import UserError
from synth.events import note_on
from tests import servers
from tests.conftest import child_env

KEYS = Path(__file__).with_name("jack_keys.py")


@pytest.fixture
def player(monkeypatch):
    """A player of its own JACK server name, silent at first."""
    from synth.io.player import Player

    monkeypatch.setenv("JACK_DEFAULT_SERVER", f"lw_recovery_{os.getpid()}")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    monkeypatch.setenv("JACK_NO_AUDIO_RESERVATION", "1")
    player = Player(presets.load(paths.find_preset("Init")))
    yield player
    player.close()


def until(true, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return False


def start_jackd():
    env = child_env()
    process = subprocess.Popen(["jackd", "-n", env["JACK_DEFAULT_SERVER"], "-r", "-S", "-d", "dummy", "-r", "48000", "-p", "128"],
                               env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert subprocess.run(["jack_wait", "-s", env["JACK_DEFAULT_SERVER"], "-w", "-t", "20"], env=env, capture_output=True).returncode == 0
    return process


def test_silent_then_connected_then_lost_then_connected_again(player):
    servers.need("jackd", "jack_wait")
    assert player.output.silent and any("no sound device" in m for m in player.messages)
    player.post(note_on(60))
    assert until(lambda: player.snapshot().voices == 1 and player.snapshot().peak_left > 0.05, 15)
    for _ in range(2):
        server = start_jackd()
        try:
            assert until(lambda: not player.output.silent, 15)  # two seconds on a quiet machine
            frame = player.snapshot().frame
            assert until(lambda frame=frame: player.snapshot().frame > frame + 24000, 15)
            snapshot = player.snapshot()
            assert snapshot.voices == 1 and snapshot.peak_left > 0.05 and "JACK" in snapshot.audio
        finally:
            servers.end(server)
        assert until(lambda: player.output.silent, 15)
        frame = player.snapshot().frame
        assert until(lambda frame=frame: player.snapshot().frame > frame + 24000, 15)
        assert player.snapshot().voices == 1 and any("is gone" in m for m in player.messages)


def test_a_keyboard_plugged_in_later_is_heard(jack_server, monkeypatch):
    from synth.io.player import Player

    for name, value in jack_server.items():
        monkeypatch.setenv(name, value)
    player = Player(presets.load(paths.find_preset("Init")))
    try:
        keys = subprocess.Popen([sys.executable, str(KEYS), "nowhere:in"], env=jack_server, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True)
        assert until(lambda: "keys:out" in player.midi, 10)
        keys.stdin.write("0.1 144 67 100\n")
        keys.stdin.close()
        assert until(lambda: player.snapshot().held[67], 30)
        keys.wait(30)
        assert until(lambda: player.midi == "none", 10)
    finally:
        player.close()


def test_a_bad_preset_leaves_the_sound_alone(player, tmp_path):
    broken = tmp_path / "broken.json"
    broken.write_text('{"format": 99}')
    player.post(note_on(60))
    with pytest.raises(UserError, match="newer version"):
        player.load_preset(str(broken))
    with pytest.raises(UserError, match="no model named"):
        player.load_model("no such model")
    assert until(lambda: player.snapshot().peak_left > 0.05, 15)
    assert player.patch.name == "Init"
