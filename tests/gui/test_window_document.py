"""Saving, undo and the end with unsaved edits, in the real window under Xvfb."""

import json

import pytest

from tests.gui.desk import opened
from tests.servers import LIMIT_S


@pytest.fixture
def desk(home, tmp_path, xvfb_display):
    with opened(tmp_path, xvfb_display, "--preset", "Amber Pad") as desk:
        yield desk


def test_edits_are_undone_saved_under_names_and_asked_about_at_the_end(desk, home):
    """newuser 8 in the window: an arrow by accident, `Ctrl+Z`, and a `Ctrl+Q` or a click on the X that asks."""
    own = home / "presets"

    desk.view("sound")

    def turn(clicks=2):
        desk.move(*desk.middle("osc.level_db"))
        here = len(desk.rows())
        for _ in range(clicks):
            desk.hand("click", 5)
            _, here = desk.wait("set_param", after=here)
        return desk.rows()[here - 1]["args"][1]

    def asked(names, after):
        desk.wait("menu", after=after, match=lambda r: r["items"] >= len(names))  # and what can be picked
        desk.wait("rect", after=after, match=lambda r: r["name"] == f"item.{names[0]}")

    level = turn()
    desk.hand("key", "ctrl+Right")
    desk.wait("step_preset")
    desk.until(lambda r: bool(desk.played("patch")))
    desk.hand("key", "ctrl+Left")
    desk.until(lambda r: len(desk.played("patch")) == 2)
    assert desk.played("patch")[1]["preset"]["params"]["osc.level_db"] == level  # the way back brings the edits
    here = len(desk.rows())
    desk.hand("key", "ctrl+q")
    asked(("Save", "Discard", "Cancel"), here)
    desk.hand("key", "Escape")
    desk.wait("menu", after=here, match=lambda r: r["items"] == 0)
    desk.hand("key", "ctrl+z")
    desk.wait("undo", after=here)
    desk.hand("key", "ctrl+shift+z")
    desk.wait("redo", after=here)
    desk.until(lambda r: desk.played("param")[-1]["value"] == level)
    desk.hand("key", "ctrl+s")
    desk.wait("message", match=lambda r: "own presets" in r["text"])
    assert json.loads((own / "Amber Pad.json").read_text())["params"]["osc.level_db"] == level
    here = len(desk.rows())
    desk.click("preset.save_as")
    asked(("Save", "Cancel"), here)
    desk.frames(10)
    desk.hand("type", "--delay", "60", "Mine")  # the old name is selected and gives way
    desk.hand("key", "Return")
    desk.wait("message", after=here, match=lambda r: "Mine" in r["text"])
    assert (own / "Mine.json").exists()
    turn(1)
    here = len(desk.rows())
    desk.close()
    asked(("Save", "Discard", "Cancel"), here)
    desk.close()  # a second time: it ends, and the sound is kept for the next start
    desk.process.wait(LIMIT_S)
    assert desk.process.returncode == 0 and (home / "autosave.json").exists()
    assert "next start offers them" in desk.process.stdout.read()
