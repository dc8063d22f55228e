"""Settings in the real window under Xvfb: other ports while it plays, with the document going on; a row of the control map changed."""

import json
import subprocess
import sys

import numpy as np

from tests.gui.desk import note
from tests.servers import WORK_S, child_env


def pick(desk, button, item):
    """Open a list and take one of it."""
    here = len(desk.rows())
    desk.click(button)
    desk.wait("rect", after=here, match=lambda r: r["name"] == f"item.{item}")
    desk.frames(3)
    desk.click(f"item.{item}")


def test_block_size_changes_while_the_document_and_its_steps_go_on(desk, tmp_path, home):
    x, y = desk.middle("delay.mix")
    here = len(desk.rows())
    desk.press(x, y)
    desk.move(x, y - 40)
    desk.lift()
    desk.wait("set_param", after=here, match=lambda r: r["args"][0] == "delay.mix")
    desk.click("settings")
    desk.wait("layout", after=here, match=lambda r: r["view"] == "settings")
    desk.frames(3)
    here = len(desk.rows())
    pick(desk, "control.0.target", "Filter")
    desk.frames(3)
    desk.click("item.Resonance")
    desk.wait("change_control", after=here)
    pick(desk, "ports.blocksize", "256 frames, 5.3 ms")
    _, here = desk.wait("message", after=here, match=lambda r: "blocks of 256 frames" in r["text"])
    desk.frames(4)
    desk.notes = tmp_path / "events-2.jsonl"  # of the session that goes on
    heard = note(desk, 0.2)
    desk.hear(0.6)
    here = len(desk.rows())
    desk.hand("key", "ctrl+z")  # the control's row
    desk.wait("undo", after=here)
    here = len(desk.rows())
    desk.hand("key", "ctrl+z")
    desk.wait("undo", after=here)
    desk.until(lambda r: bool(desk.played("param")))
    desk.wav = tmp_path / "out-2.wav"
    sound = desk.finish()
    assert np.abs(sound[heard[1] + 9600:heard[1] + 24000]).max() > 0.005, "the delay that was turned before is heard"
    assert [(p["name"], p["value"]) for p in desk.played("param")][-1] == ("delay.mix", 0.0), "its step is undone"
    assert json.loads((home / "ports.json").read_text())["blocksize"] == 256
    rows = json.loads((home / "controls.json").read_text())["rows"] if (home / "controls.json").exists() else []
    assert not rows, "the row is as it was"
    assert (tmp_path / "out.wav").stat().st_size > 10_000, "the take before is whole"


TWICE = """
import dearpygui.dearpygui as dpg
from synth.gui.theme import Style
dpg.create_context()
dpg.create_viewport(width=300, height=200)
dpg.setup_dearpygui()
dpg.show_viewport()
style = Style(1.0)
for scale in (1.0, 1.0, 1.5, 1.5, 1.0):
    for _ in range(3):  # as two changes of the look between two frames are
        style.scale = scale
        style.load()
    with dpg.window():
        dpg.bind_item_font(dpg.add_text("heard"), style.fonts["small"])
    dpg.render_dearpygui_frame()
print("drawn", len(set(style.fonts.values())))
"""


def test_a_look_that_changes_twice_between_two_frames_is_drawn(xvfb_display):
    done = subprocess.run([sys.executable, "-c", TWICE], env=child_env(**xvfb_display), capture_output=True, text=True, timeout=WORK_S)
    assert done.returncode == 0 and done.stdout.startswith("drawn"), done.stderr
