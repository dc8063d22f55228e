"""The library and the morph of presets in the real window under Xvfb: found, heard, marked, morphed to."""

import json

import numpy as np

from synth import paths


def test_a_pad_is_found_in_three_gestures_marked_and_morphed_with_another_preset(desk, home):
    desk.view("library")  # 1
    here = len(desk.rows())
    desk.hand("type", "--delay", "120", "aah")  # what is typed first goes to the search, and plays nothing
    desk.frames(6)
    assert not [r for r in desk.rows()[here:] if r["event"] == "post"]
    desk.hand("key", "--delay", "120", "BackSpace", "BackSpace", "BackSpace")
    desk.wait("rect", match=lambda r: r["name"] == "category.pad")  # once the library is read
    desk.frames(4)
    desk.click("category.pad")  # 2
    desk.frames(6)
    rect = [r for r in desk.rows() if r["event"] == "rect" and r["name"] == "library.list"][-1]
    here = len(desk.rows())
    desk.press(rect["x"] + 60, rect["y"] + 17)  # 3: the first of them is heard
    desk.lift()
    found, _ = desk.wait("load_entry", after=here)
    name = found["args"][0].split("/")[-1]
    desk.until(lambda r: bool(desk.played("patch")))
    assert desk.played("patch")[-1]["preset"]["category"] == "pad" and desk.played("patch")[-1]["preset"]["name"] == name
    desk.hand("keydown", "a")
    desk.wait("post", after=here, match=lambda r: r["kind"] == "note_on" and r["number"] == 60)
    desk.hear(1.0)
    desk.hand("keyup", "a")
    desk.wait("post", after=here, match=lambda r: r["kind"] == "note_off" and r["number"] == 60)
    here = len(desk.rows())
    desk.press(rect["x"] + rect["w"] - 10 - 112 + 7, rect["y"] + 17)  # the heart
    desk.lift()
    marked, _ = desk.wait("set_favourite", after=here)
    assert marked["args"][0] == found["args"][0]
    desk.view("play")
    desk.page("morph.presets")
    here = len(desk.rows())
    desk.click("morph.add")
    desk.wait("rect", after=here, match=lambda r: r["name"] == "item.Acid Line")
    desk.frames(3)
    desk.click("item.Acid Line")
    desk.wait("make_morph", after=here)
    desk.wait("rect", after=here, match=lambda r: r["name"] == "morph.presets" and r["h"] > 60)
    x, y = desk.middle("morph.presets")
    here = len(desk.rows())
    desk.press(x, y)
    desk.move(x + 30, y)
    desk.lift()
    desk.wait("set_morph_position", after=here)
    desk.hear(0.3)
    sound = desk.finish()
    on, off = desk.played("note_on")[-1]["frame"], desk.played("note_off")[-1]["frame"]
    assert np.abs(sound[on:off]).max() > 0.01
    parts = desk.played("patch")[-1]["preset"]["morph"]["parts"]
    assert [p["name"] for p in parts.values()] == [name, "Acid Line"]
    assert any(p["name"] == "morph.x" and 0 < p["value"] < 1 for p in desk.played("param"))
    assert found["args"][0] in json.loads((home / "library.json").read_text())["favourites"]


def choose(desk, control, row, call):
    """Open a control's menu and choose a row of it; waits for what it does."""
    here = len(desk.rows())
    desk.click(control)
    desk.wait("rect", after=here, match=lambda r: r["name"] == f"item.{row}")
    desk.frames(3)
    here = len(desk.rows())
    desk.click(f"item.{row}")
    desk.wait(call, after=here)
    desk.frames(12)


def test_two_presets_are_stacked_and_split_by_menus(desk):
    desk.view("play")
    desk.page("morph.presets")
    choose(desk, "morph.add", "Chip Hero", "make_morph")
    desk.until(lambda r: bool(desk.played("patch")))
    choose(desk, "morph.part.B", "All together: layers, splits", "set_morph_axis")
    choose(desk, "morph.part.A", "Below C4", "set_layer")
    choose(desk, "morph.part.B", "From C4 on", "set_layer")
    choose(desk, "morph.part.B", "Octave up", "set_layer")
    here = len(desk.rows())
    desk.hand("keydown", "a")
    desk.wait("post", after=here, match=lambda r: r["kind"] == "note_on" and r["number"] == 60)
    desk.hear(0.8)
    desk.hand("keyup", "a")
    desk.wait("post", after=here, match=lambda r: r["kind"] == "note_off" and r["number"] == 60)
    desk.hear(0.2)
    sound = desk.finish()
    morph = desk.played("patch")[-1]["preset"]["morph"]
    assert morph["axis"] == "stack" and [p["name"] for p in morph["parts"].values()] == ["Init", "Chip Hero"]
    on = desk.played("note_on")[-1]["frame"]
    levels = np.abs(np.fft.rfft(sound[on + 9600:on + 9600 + 19200] * np.hanning(19200)))
    low, high = (levels[round(f0 * 0.4 * 0.97):round(f0 * 0.4 * 1.03)].max() for f0 in (261.63, 523.25))
    assert high > 0.1 and low < high / 30, "part B alone, an octave up"


def test_a_sound_that_comes_while_the_library_is_searched_brings_its_category_and_loses_no_letter(desk, home):
    desk.press_key("ctrl+5", "line.0")
    desk.wait("rect", match=lambda r: r["name"] == "category.pad")
    desk.hand("type", "--delay", "60", "drop")
    desk.frames(4)
    here = len(desk.rows())
    preset = json.loads((paths.find_preset("Init").parent / "Acid Line.json").read_text()) | {"name": "Dropped Drum", "category": "a kind"}
    (home / "presets" / "Dropped Drum.json").write_text(json.dumps(preset))
    desk.wait("rect", after=here, match=lambda r: r["name"] == "category.a kind")
    desk.frames(4)
    desk.hand("type", "--delay", "60", "ped d")
    desk.frames(4)
    desk.hand("key", "Return")
    assert desk.wait("load_entry", after=here)[0]["args"] == ["user/Dropped Drum"]
    desk.until(lambda r: bool(desk.played("patch")))
    desk.click("category.a kind")
    desk.finish()
    assert desk.played("patch")[-1]["preset"]["name"] == "Dropped Drum"
