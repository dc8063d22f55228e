"""Half an hour of random input to the real window: mouse, keys, MIDI, sizes, loads. Nothing fails, no note hangs, memory stays.

`make soak`. `SOAK_MINUTES` says how long (default 30), `SOAK_SEED` what chance draws, `SOAK_SILENT=1` that
it is without JACK, and so without MIDI.
"""

import os
import random
import subprocess
import sys
import time

import pytest

from tests.gui.desk import Desk
from tests.ports.test_jack import KEYS
from tests.servers import LIMIT_S, end
from tests.test_soak import phrase

MINUTES = float(os.environ.get("SOAK_MINUTES", "30"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
MOST_GROWTH_MB, JUDGED_MINUTES = 10.0, 20.0  # before, caches fill: eight models, notes and pictures of sounds
VIEWS = ("play", "sound", "modulation", "effects", "library", "train")
KEYS_PRESSED = ("Tab", "shift+Tab", "Up", "Down", "Left", "Right", "Home", "Return", "Escape", "shift+F10", "ctrl+k", "ctrl+r", "ctrl+z",
                "ctrl+y", "ctrl+b", "ctrl+l", "ctrl+m", "ctrl+c", "ctrl+v", "ctrl+Right", "ctrl+Left", "ctrl+h", "ctrl+comma", "ctrl+g",
                *"asdfghjzxcv", *(f"ctrl+{n}" for n in range(1, 7)))
TOLD = """
import traceback
from synth.gui.guard import Guard
def tell(self, sentence, before=Guard._tell):
    if "fault of latentwave" in sentence:
        traceback.print_exc()
    before(self, sentence)
Guard._tell = tell
"""  # where a fault is, for whoever reads the test's end
pytestmark = [pytest.mark.soak, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]


def own_mb(pid):
    """Memory that a process alone has written, in MB: what others share comes and goes with them."""
    with open(f"/proc/{pid}/smaps_rollup") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty")) / 1024


class Hand:
    """Draws what is done next."""

    def __init__(self, desk, rng):
        self.desk, self.rng, self.size, self.done = desk, rng, (1440, 900), []

    def do(self, *words):
        self.done = [*self.done[-40:], words]
        self.desk.hand(*words)

    def place(self):
        """A control, mostly; else anywhere."""
        rects = {r["name"]: r for r in self.desk.rows()[-600:] if r["event"] == "rect"}
        if rects and self.rng.random() < 0.8:
            r = self.rng.choice(list(rects.values()))
            return round(r["x"] + self.rng.random() * r["w"]), round(r["y"] + self.rng.random() * r["h"])
        return self.rng.randrange(self.size[0]), self.rng.randrange(self.size[1])

    def step(self):
        kind, (x, y), (x2, y2) = self.rng.random(), self.place(), self.place()
        if kind < 0.35:
            self.do("mousemove", x, y, "click", self.rng.choice((1, 1, 1, 3)))
        elif kind < 0.55:
            self.do("mousemove", x, y, "mousedown", 1)
            for share in (0.3, 0.7, 1):
                self.do("mousemove", round(x + share * (x2 - x)), round(y + share * (y2 - y)))
                time.sleep(0.05)
            self.do("mouseup", 1)
        elif kind < 0.65:
            self.do("mousemove", x, y, "click", "--repeat", 2, "--delay", 60, 1)
        elif kind < 0.73:
            self.do("mousemove", x, y, "click", "--repeat", self.rng.randint(1, 5), self.rng.choice((4, 5)))
        elif kind < 0.93:
            self.do("key", self.rng.choice(KEYS_PRESSED))
        elif kind < 0.97:
            self.do("type", "--delay", 30, "--", self.rng.choice(("pad", "1.2k", "-6", "zz", "440")))
        elif kind < 0.985:
            self.size = self.rng.choice(((1440, 900), (960, 600), (1280, 800), (1100, 640)))
            self.do("search", "--name", "latentwave", "windowsize", *self.size)
        else:
            self.do("mousemove", x, y, "keydown", "alt", "mousedown", 1, "mousemove", x2, y2, "mouseup", 1, "keyup", "alt")


@pytest.mark.timeout(0)
def test_half_an_hour_of_random_input_neither_fails_nor_hangs_nor_leaks(request, xvfb_display, home, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    rng, silent = random.Random(SEED), bool(os.environ.get("SOAK_SILENT"))
    jack_server = {} if silent else request.getfixturevalue("jack_server")
    for name in ("JACK_DEFAULT_SERVER", "JACK_NO_START_SERVER", "JACK_NO_AUDIO_RESERVATION"):
        if name in jack_server:
            monkeypatch.setenv(name, jack_server[name])
    ports = ("--device", "none", "--midi", "none") if silent else ()
    seen = {name: value for name, value in xvfb_display.items() if name != "GALLIUM_NOOP"}  # which keeps every frame's corners in memory
    desk = Desk(tmp_path, seen, "--preset", "Init", "--osc", "none", *ports, plain=True, before=TOLD)
    keys = None
    try:
        desk.wait("shown")
        keys = None if silent else subprocess.Popen([sys.executable, str(KEYS), "latentwave:midi_in"], env=jack_server,
                                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        hand, began, sizes, next_phrase = Hand(desk, rng), time.monotonic(), [], 0.0
        while (now := time.monotonic() - began) < MINUTES * 60:
            if keys and now > next_phrase:
                keys.stdin.write(phrase(rng))
                keys.stdin.flush()
                next_phrase = now + 15  # a phrase takes 4 s and more
            hand.step()
            assert desk.process.poll() is None, f"it ended: {desk.process.stdout.read()[-3000:]}\n{hand.done}"
            faults = [r["text"] for r in desk.rows() if r["event"] == "message" and "fault of latentwave" in r["text"]]
            if faults:
                desk.process.terminate()
                pytest.fail(f"{desk.process.communicate()[0][-3000:]}\n{faults}\n{hand.done}")
            if now > 10 * len(sizes):
                sizes.append(own_mb(desk.process.pid))
        if keys:
            keys.stdin.close()
            keys.wait(LIMIT_S)
        for key in ("Escape", "Escape", "Escape", "ctrl+1", "Escape"):
            hand.do("key", key)
            time.sleep(0.5)
        here = len(desk.rows())
        desk.wait("frame", after=here, match=lambda r: r["voices"] == 0, seconds=90)
        desk.process.terminate()
        assert desk.process.wait(LIMIT_S) == 0, desk.process.stdout.read()
    finally:
        if keys:
            end(keys)
        end(desk.process)
    third = max(len(sizes) // 3, 1)
    early, late = min(sizes[third:2 * third] or sizes), min(sizes[-third:])  # between what is only for a while
    print(f"\n{MINUTES:g} minutes, seed {SEED}: own memory in MB, every ten seconds: {' '.join(f'{size:.0f}' for size in sizes)}")
    assert late - early < MOST_GROWTH_MB or MINUTES < JUDGED_MINUTES
