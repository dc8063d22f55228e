"""What can go wrong in the window: it is told, and the instrument plays on. The real window under Xvfb."""

import shutil
import subprocess
import sys

import numpy as np
import pytest

from tests import servers
from tests.gui.desk import Desk
from tests.servers import WORK_S, child_env, end


def opened(home, folder, display, *args, **options):
    if shutil.which("xdotool") is None:
        pytest.skip("no server: xdotool is not installed (`make test` installs it where it may)")
    return Desk(folder, display, "--seconds", "1400", *args, **options)


@pytest.fixture
def open_desk(home, tmp_path):
    desks = []

    def start(display, *args, **options):
        desks.append(opened(home, tmp_path, display, *args, **options))
        desks[-1].wait("shown")
        desks[-1].frames()
        return desks[-1]

    yield start
    for desk in desks:
        end(desk.process)
        desk.process.stdout.close()


def sounds(desk):
    """Whether a key that is pressed now is heard."""
    desk.hand("keydown", "a")
    desk.wait("post", match=lambda r: r["kind"] == "note_on" and r["number"] == 60)
    desk.hear(0.4)
    desk.hand("keyup", "a")
    desk.wait("post", match=lambda r: r["kind"] == "note_off" and r["number"] == 60)
    sound, on, off = desk.finish(), desk.played("note_on")[-1]["frame"], desk.played("note_off")[-1]["frame"]
    return np.abs(sound[on + 2400:off]).max() > 0.02


def test_escape_in_a_filter_closes_the_list_and_one_without_a_match_goes_on_taking_letters(open_desk, xvfb_display):
    desk = open_desk(xvfb_display)
    row = 0
    for menu, wrong, right, loaded in (("model", "zz", "akwf-8", "load_model"), ("preset", "qqq", "init", "load_preset")):
        desk.click(f"{menu}.menu")
        _, row = desk.wait("menu", after=row, match=lambda r: r["items"] >= 1)
        desk.hand("type", "--delay", "60", wrong)
        _, row = desk.wait("menu", after=row, match=lambda r: r["items"] == 0)
        desk.hand("key", "Escape")
        desk.frames(6)
        desk.click(f"{menu}.menu")
        _, row = desk.wait("menu", after=row, match=lambda r: r["items"] >= 1)
        desk.hand("type", "--delay", "60", wrong)
        _, row = desk.wait("menu", after=row, match=lambda r: r["items"] == 0)
        desk.hand("key", "Return")
        desk.frames(6)
        desk.hand("key", "--delay", "60", *["BackSpace"] * len(wrong))
        _, row = desk.wait("menu", after=row, match=lambda r: r["items"] >= 1)
        desk.hand("type", "--delay", "60", right)
        desk.wait("menu", after=row, match=lambda r: r["items"] == 1)
        desk.hand("key", "Return")
        chosen, row = desk.wait(loaded, after=row)
        assert chosen["args"][0].casefold() == right
    assert not [r for r in desk.rows() if r["event"] == "message" and "fault" in r["text"]]
    assert sounds(desk)


BROKEN = """
from synth.session.session import Session
def fail(*args): raise ZeroDivisionError('the test says so')
Session.set_param = Session.load_preset = Session.random_patch = Session.set_latent = Session.preset_names = fail
"""


def test_whatever_a_gesture_raises_is_told_and_the_instrument_plays_on(open_desk, xvfb_display):
    desk, row = open_desk(xvfb_display, before=BROKEN), 0
    desk.click("preset.random")
    told, row = desk.wait("message", match=lambda r: "the test says so" in r["text"])
    assert "\n" not in told["text"] and "the sound goes on" in told["text"]
    for name in ("latent.2", "amp.attack_s", "preset.next", "preset.menu", "morph.pad"):
        desk.click(name)
    desk.move(*desk.middle("amp.release_s"))
    desk.hand("click", 4)
    desk.hand("key", "ctrl+Right", "Tab", "Up", "Home", "Escape")
    desk.frames(6)
    assert sounds(desk)


def test_whole_number_knobs_turn_with_the_wheel(open_desk, xvfb_display):
    desk = open_desk(xvfb_display)
    desk.view("sound")
    for name, button, value in (("unison.voices", 4, 2.0), ("sub.octave", 5, -2.0)):
        desk.move(*desk.middle(name))
        row = len(desk.rows())
        desk.hand("click", button)
        found, _ = desk.wait("set_param", after=row, match=lambda r, name=name: r["args"][0] == name)  # what it wakes comes before
        assert found["args"] == [name, value]


@pytest.mark.parametrize("size", [(1366, 768), (960, 600), (800, 600)])
def test_the_window_opens_inside_the_screen_with_room_for_everything(size, open_desk):
    with servers.xvfb(child_env(), f"{size[0]}x{size[1]}x24") as display:
        desk = open_desk(display)
        rects = {r["name"]: r for r in desk.rows() if r["event"] == "rect"}
        assert {"view.effects", "master.gain_db", "right.morph", "key.60", "latent.16"} <= rects.keys()
        for name, r in rects.items():
            assert r["x"] >= 0 and r["y"] >= 0 and r["x"] + r["w"] <= size[0] and r["y"] + r["h"] <= size[1], (name, r)
        least = 140 * min(1.0, size[0] / 960)
        assert rects["latent.1"]["h"] >= least
        desk.page("right.morph")
        pad = [r for r in desk.rows() if r["event"] == "rect" and r["name"] == "morph.pad"][-1]
        assert min(pad["w"], pad["h"]) >= least
        x, y = desk.middle("master.gain_db")
        row = len(desk.rows())
        desk.press(x, y)
        desk.lift()
        assert desk.wait("set_param", after=row)[0]["args"][0] == "master.gain_db"


SLOW = """
import time
from synth.engine.compile import jit
from synth.session.session import Session
made = Session.__init__
def slow(self, *args, **options):
    time.sleep(3)
    made(self, *args, **options)
jit.is_compiled, Session.__init__ = lambda: False, slow
"""


def test_the_window_is_there_while_the_sound_engine_is_prepared(open_desk, xvfb_display, home, tmp_path):
    desk = open_desk(xvfb_display, before=SLOW)
    at = {r["event"]: r["t"] for r in reversed(desk.rows())}
    assert at["shown"] - at["preparing"] > 0.5  # of three seconds; on a busy machine the window itself takes two of them
    assert sounds(desk)
    (tmp_path / "again").mkdir()
    again = opened(home, tmp_path / "again", xvfb_display, before=SLOW.replace("sleep(3)", "sleep(600)"))
    try:
        again.wait("preparing")
        again.process.terminate()
        assert again.process.wait(60) == 0 and not again.wav.exists()
    finally:
        end(again.process)
        again.process.stdout.close()


def test_without_a_terminal_the_preparation_is_told_in_lines(home, tmp_path):
    code = f"import sys\n{SLOW}\nfrom synth.cli import main\nsys.exit(main())"
    done = subprocess.run([sys.executable, "-c", code, "play", "--no-gui", "--device", "none", "--midi", "none", "--seconds", "0.2"],
                          cwd=tmp_path, env=child_env(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=WORK_S)
    assert done.returncode == 0 and "Init on akwf-16" in done.stdout
    assert done.stderr.startswith("preparing the sound engine (only at the first start): ") and " left\n" in done.stderr
