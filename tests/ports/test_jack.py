"""The whole instrument on a real JACK server: names, MIDI in, sound out, and a take that equals its render."""

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import correlate

from tests.servers import LIMIT_S, end, need

from .test_recovery import until

KEYS = Path(__file__).with_name("jack_keys.py")
PLAYED = """0.3 144 48 100
0.1 177 1 40
0.15 176 1 80
0.1 144 55 90
0.1 224 0 80
0.2 176 17 90
0.1 144 60 127
0.1 128 48 0
0.3 176 64 127
0.1 128 55 0
0.2 176 1 20
0.2 192 0
0.2 224 0 64
0.1 176 64 0
0.4 144 72 110
0.5 128 72 0
0.1 128 60 0
0.3 144 40 100
0.4 128 40 0
"""

OWN_POINTS = ("--set", "mod1.source=velocity", "--set", "mod1.target=latent.1", "--set", "mod1.amount=0.8",
              "--set", "mod2.source=lfo1", "--set", "mod2.target=latent.2", "--set", "mod2.amount=0.5")


def ports(env):
    return subprocess.run(["jack_lsp"], env=env, capture_output=True, text=True).stdout.split("\n")


def connections(env, port):
    return subprocess.run(["jack_lsp", "-c", port], env=env, capture_output=True, text=True).stdout


class Play:
    """`latentwave play --no-gui` in a process, ready when its ports are there."""

    def __init__(self, env, *args, ready="latentwave:midi_in"):
        command = [sys.executable, "-m", "synth", "play", "--no-gui", *map(str, args)]
        self.process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        deadline = time.monotonic() + LIMIT_S
        while ready not in ports(env) and time.monotonic() < deadline and self.process.poll() is None:
            time.sleep(0.1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        end(self.process)
        self.said = self.process.stdout.read()


def take(env, folder: Path, *args: str):
    """Play PLAYED live; (header, events, capture by jack_rec float64[n, 2])."""
    log, wav = folder / "take.jsonl", folder / "capture.wav"
    with Play(env, "--log-events", log, *args) as play:
        assert play.process.poll() is None, play.process.stdout.read()
        keys = subprocess.Popen([sys.executable, str(KEYS), "latentwave:midi_in"], env=env, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True)
        assert keys.stdout.readline().strip() == "ready"
        recorder = subprocess.Popen(["jack_rec", "-f", str(wav), "-d", "5", "-b", "32", "-B", "262144", "latentwave:out_1",
                                     "latentwave:out_2"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert until(lambda: "jackrec" in connections(env, "latentwave:out_2"))  # the second that it connects
        keys.stdin.write(PLAYED)
        keys.stdin.flush()
        assert until(lambda: log.read_text().count('"note_off"') == 5)
        keys.communicate(timeout=LIMIT_S)
        recorder.wait(LIMIT_S)
    assert play.process.returncode == 0, play.said
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    return rows[0], rows[1:], soundfile.read(wav, dtype="float64", always_2d=True)[0]


def same(capture, rendered):
    """Largest difference of a capture to a render, both float[n, 2], once aligned by the best lag."""
    lag = int(np.argmax(correlate(rendered[:, 0], capture[:, 0], "full", method="fft"))) - (len(capture) - 1)
    first = max(-lag, 0)
    n = min(len(capture), len(rendered) - lag)
    assert n - first > 4.5 * 48000
    return float(np.abs(capture[first:n] - rendered[lag + first:lag + n]).max())


@pytest.mark.parametrize("args", [(), OWN_POINTS])
def test_a_take_equals_its_render(jack_server, tmp_path, cli, args):
    need("jack_rec", "jack_lsp", "jack_connect")
    for attempt in range(3):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        header, events, capture = take(jack_server, folder, *args)
        kinds = [e["type"] for e in events]
        assert kinds.count("note_on") == 5 and kinds.count("note_off") == 5 and "bend" in kinds and "patch" in kinds
        assert (header["samplerate"], header["event_latency_frames"], header["look_ahead_frames"]) == (48000, 128, 128)
        out = folder / "render.wav"
        told = json.loads(cli("render", "--events", folder / "take.jsonl", "-o", out, "--tail", 6, "--json", check=True).stdout)
        assert told["late_events"] == 0
        rendered = soundfile.read(out, dtype="float64")[0]
        assert np.abs(capture).max() > 0.05
        difference = same(capture, rendered)
        if difference < 2**-30:  # jack_rec writes 32-bit integers; a late decode is in the log and is repeated, a late start too
            return
    pytest.fail(f"the capture differs from the render by {difference:.2e} in every try")


def test_names_and_an_absent_port(jack_server, cli, tmp_path):
    with Play(jack_server, "--seconds", 600) as play:
        assert {"latentwave:out_1", "latentwave:out_2", "latentwave:midi_in"} <= set(ports(jack_server))
        assert until(lambda: "system:playback_1" in connections(jack_server, "latentwave:out_1"))
    assert play.process.returncode == 0, play.said
    done = cli("play", "--no-gui", "--midi", "no such keyboard", "--seconds", 1, env=jack_server)
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "no such keyboard" in done.stderr
    done = cli("play", "--no-gui", "--samplerate", 44100, "--seconds", 1, env=jack_server)
    assert done.returncode == 1 and "48000" in done.stderr
    done = cli("play", "--no-gui", "--device", "no such device", "--seconds", 1, env=jack_server)
    assert done.returncode == 1 and "no such device" in done.stderr and "Traceback" not in done.stderr
