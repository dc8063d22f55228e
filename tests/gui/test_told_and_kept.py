"""What the window says of a drop, shows of a morph's parts, and asks when a sound is saved, in the real window under Xvfb."""

import json


def drop(desk, source, target, words):
    """Carry a source over something, let go, and wait for what is said."""
    here = desk.drag(source, target)
    desk.wait("message", after=here, match=lambda r: words in r["text"])


def choose(desk, control, item, call):
    """Open a control's menu and choose a row; answers the number of the log's row after what that does."""
    here = len(desk.rows())
    desk.click(control)
    desk.wait("rect", after=here, match=lambda r: r["name"] == f"item.{item}")
    desk.frames(3)
    desk.click(f"item.{item}")
    return desk.wait(call, after=here)[1]


def test_a_drop_is_told_rows_of_parts_lead_to_them_and_a_sound_is_saved_where_it_is_found_again(desk, home):
    drop(desk, "source.lfo1", "filter.cutoff_hz", "LFO 1 → Cut-off, ±")
    drop(desk, "source.lfo1", "filter.cutoff_hz", "is there already")
    here = len(desk.rows())
    desk.hand("key", "ctrl+z")
    desk.wait("undo", after=here)
    desk.until(lambda r: ("filter.type", "off") in [(p["name"], p["value"]) for p in desk.played("param")])
    assert ("mod1.target", "none") in [(p["name"], p["value"]) for p in desk.played("param")], "row and filter are one step"
    desk.hand("key", "ctrl+y")
    drop(desk, "source.env2", "status.files", "Env 2 moves nothing there")
    desk.page("morph.presets")
    here = choose(desk, "morph.add", "Acid Line", "make_morph")
    desk.wait("message", after=here, match=lambda r: r["text"].startswith("'Init to Acid Line'"))
    desk.until(lambda r: bool(desk.played("patch")) and "morph" in desk.played("patch")[-1]["preset"])
    desk.view("modulation")
    own = [r["name"] for r in desk.rows() if r["event"] == "rect" and r["name"].startswith("part.")]
    assert any(name.startswith("part.A.") for name in own) and any(name.startswith("part.B.") for name in own), own
    choose(desk, next(name for name in own if name.startswith("part.B.")), "Load 'Acid Line' to edit it", "load_preset")
    desk.until(lambda r: desk.played("patch")[-1]["preset"]["name"] == "Acid Line")
    here = len(desk.rows())
    desk.hand("key", "ctrl+shift+s")
    desk.wait("rect", after=here, match=lambda r: r["name"] == "item.Category.wind")
    desk.hand("type", "--delay", 60, "Breeze")
    desk.frames(3)
    desk.click("item.Category.wind")
    desk.click("item.Tags.soft")
    desk.frames(4)
    desk.hand("type", "--delay", 60, " Two")  # the line goes on where it was
    desk.hand("key", "Return")
    desk.wait("save_as", after=here, match=lambda r: r["args"][0] == "Breeze Two")
    desk.wait("message", after=here, match=lambda r: "is saved" in r["text"])
    kept = json.loads(next(home.rglob("Breeze Two.json")).read_text())
    assert kept["category"] == "wind" and "soft" in kept["tags"] and len(kept["tags"]) > 1
    desk.view("library")
    desk.click("show.mine")
    desk.click("category.wind")
    here = len(desk.rows())
    desk.click("tag.more")  # the many for which there is no room: the list is longer than the screen, so what is wanted is typed
    desk.wait("rect", after=here, match=lambda r: r["name"].startswith("item."))
    desk.frames(3)
    desk.hand("type", "--delay", 60, "303")
    desk.frames(3)
    here = len(desk.rows())
    desk.hand("key", "Return")
    desk.wait("layout", after=here)
    desk.frames(6)
    rect = [r for r in desk.rows() if r["event"] == "rect" and r["name"] == "library.list"][-1]
    here = len(desk.rows())
    desk.press(rect["x"] + 60, rect["y"] + 17)
    desk.lift()
    desk.wait("load_entry", after=here, match=lambda r: r["args"][0].endswith("Breeze Two"))
    desk.finish()
