"""What is typed at once, at few frames a second, in the real window under Xvfb: Dear PyGui hands the keyboard over some frames later."""

import pytest

from synth.gui.key_characters import KeyCharacters
from tests.gui.desk import opened

SLOW = """
import time
import dearpygui.dearpygui as dpg
def slow(draw=dpg.render_dearpygui_frame):
    draw()
    time.sleep(0.1)
dpg.render_dearpygui_frame = slow
"""
ENTER = ("key", "Return")


@pytest.fixture
def desk(home, tmp_path, xvfb_display):
    with opened(tmp_path, xvfb_display, "--preset", "Init", before=SLOW) as desk:
        yield desk


def typed(words):
    return "type", "--delay", 30, "--args", 1, words


def test_nothing_is_lost_that_is_typed_at_once_after_the_gesture_that_opens_a_line(desk, home):
    desk.view("sound")
    x, y = desk.middle("filter.cutoff_hz")
    height = [r for r in desk.rows() if r["event"] == "rect" and r["name"] == "filter.cutoff_hz"][-1]["h"]
    here = len(desk.rows())
    desk.hand("mousemove", round(x), round(y + height / 2 - 6), "mousedown", 1, "mouseup", 1, *typed("1.23k"), *ENTER)
    desk.wait("set_param", after=here, match=lambda r: r["args"] == ["filter.cutoff_hz", 1230.0])
    desk.hand("key", "ctrl+m", *typed("velo"), *ENTER)  # a long list, with a line to find a row by its name
    desk.wait("modulate", after=here, match=lambda r: r["args"][:2] == ["velocity", "filter.cutoff_hz"])
    here = len(desk.rows())
    desk.hand("key", "ctrl+shift+s", *typed("Ahead Of 2"), *ENTER)
    desk.wait("save_as", after=here, match=lambda r: r["args"][0] == "Ahead Of 2")
    here = len(desk.rows())
    desk.hand("key", "ctrl+k", *typed("reverb mix"), *ENTER)
    desk.wait("layout", after=here, match=lambda r: r["view"] == "effects")
    here = len(desk.rows())
    desk.hand("key", "ctrl+5", *typed("chip hero"), *ENTER)  # the library, in its search line
    desk.wait("load_entry", after=here, match=lambda r: r["args"][0].endswith("Chip Hero"))
    x, y = desk.middle("preset.menu")
    here = len(desk.rows())
    desk.hand("mousemove", round(x), round(y), "mousedown", 1, "mouseup", 1, *typed("ahead"), *ENTER)
    desk.wait("load_preset", after=here, match=lambda r: r["args"][0].endswith("Ahead Of 2"))
    desk.frames(4)
    assert not [r for r in desk.rows() if r["event"] == "post" and r["kind"] == "note_on"], "a letter on its way to a line plays nothing"
    here = len(desk.rows())
    desk.hand("keydown", "semicolon")  # Dear PyGui calls this key by another number than it tells
    desk.wait("post", after=here, match=lambda r: r["kind"] == "note_on" and r["number"] == 76)
    desk.hand("keyup", "semicolon")
    desk.finish()
    assert len(desk.played("note_on")) == 1
    assert list(home.rglob("Ahead Of 2.json"))


def test_layouts_of_keys(xvfb_display, monkeypatch):
    """Without a display, and so on other systems, by Dear PyGui's own names."""
    import dearpygui.dearpygui as dpg
    keys = (dpg.mvKey_A, dpg.mvKey_7, dpg.mvKey_Minus, dpg.mvKey_NumPad3, dpg.mvKey_Spacebar, dpg.mvKey_Escape)
    for display in (xvfb_display["DISPLAY"], ":none"):
        monkeypatch.setenv("DISPLAY", display)
        characters = KeyCharacters()
        assert [characters.character(key) for key in keys] == ["a", "7", "-", "3", " ", ""]
        assert [characters.character(key, shift=True) for key in keys] == ["A", "&", "_", "3", " ", ""]
