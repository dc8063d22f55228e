"""The chain of plug-ins in the real window: put in, turned, typed, switched off, taken out, undone; each is heard."""

import json
import subprocess
import sys
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from synth.gui.knob_facts import KnobFacts
from synth.gui.part_rows import PartRows
from synth.patch import preset_file
from synth.patch.hosted_effect import HostedEffect, MacroRow
from synth.patch.morph import Morph
from synth.patch.patch import Patch, with_param
from tests.gui.desk import note, opened
from tests.hosting.own_plugins import build_plugin, need_vst3
from tests.quiet_level import level_db

from .test_drawn_by_hand import choose


@pytest.fixture
def desk(home, tmp_path, xvfb_display):
    pytest.importorskip("pedalboard", reason="needs pedalboard")
    with opened(tmp_path, xvfb_display, "--preset", "Init") as desk:
        yield desk


def type_value(desk, control, text):
    """Click a knob's value and type another."""
    rect = [r for r in desk.rows() if r["event"] == "rect" and r["name"] == control][-1]
    here = len(desk.rows())
    desk.press(rect["x"] + rect["w"] / 2, rect["y"] + rect["h"] - 8)
    desk.lift()
    desk.wait("rect", after=here, match=lambda r: r["name"] == "item.value")
    desk.frames(8)
    desk.select_all()
    desk.hand("type", "--delay", "40", "--", text)
    desk.frames(4)
    desk.hand("key", "Return")


def press(desk, control, call):
    """Click a button, and wait for what it asks for."""
    here = len(desk.rows())
    desk.click(control)
    desk.wait(call, after=here)
    desk.hear(0.3)
    desk.frames(4)


def test_a_plug_in_is_put_in_turned_switched_off_taken_out_and_undone_and_each_is_heard(desk, home):
    heard = {"dry": note(desk, 0.4)}
    desk.view("effects")
    desk.page("effects.plug-ins")
    desk.click("chain.add")
    desk.frames(6)
    here = len(desk.rows())
    desk.hand("type", "--delay", "40", "built gai")  # what a row is, and its name
    desk.frames(4)
    desk.hand("key", "Return")
    assert desk.wait("add_effect", after=here)[0]["args"] == ["builtin:Gain"]
    desk.wait("rect", match=lambda r: r["name"] == "plugin.gain_db")
    desk.wait("message", match=lambda r: "5.3 ms later" in r["text"])
    desk.frames(6)
    type_value(desk, "plugin.gain_db", "loud")  # stays open, and says why
    desk.frames(6)
    assert not [r for r in desk.rows() if r["event"] == "type_effect_param"]
    desk.select_all()
    desk.hand("type", "--delay", "40", "--", "-30 dB")
    desk.frames(4)
    desk.hand("key", "Return")
    desk.wait("type_effect_param")
    desk.hear(0.3)
    heard["typed"] = note(desk, 0.4)
    press(desk, "chain.1.on", "set_effect")
    heard["off"] = note(desk, 0.4)
    here = len(desk.rows())
    desk.hand("key", "ctrl+z")
    desk.wait("undo", after=here)
    desk.hear(0.3)
    heard["undone"] = note(desk, 0.4)
    x, y = desk.middle("plugin.gain_db")
    here = len(desk.rows())
    desk.press(x, y - 15)
    desk.move(x, y - 45)
    desk.lift()
    desk.wait("set_effect_unit", after=here)
    desk.hear(0.3)
    heard["turned"] = note(desk, 0.4)
    desk.hand("key", "ctrl+s")
    desk.wait("message", match=lambda r: "is saved" in r["text"])
    press(desk, "chain.1.remove", "remove_effect")
    heard["removed"] = note(desk, 0.4)
    here = len(desk.rows())
    desk.hand("key", "ctrl+z")
    desk.wait("undo", after=here)
    desk.wait("rect", after=here, match=lambda r: r["name"] == "plugin.gain_db")
    desk.hear(0.5)
    heard["back"] = note(desk, 0.4)
    saved = json.loads(next((home / "presets").glob("*.json")).read_text())["effects"][0]
    sound = desk.finish()
    level = {name: level_db(sound[begun + 4800:ended]) for name, (begun, ended) in heard.items()}
    level = {name: db - level["dry"] for name, db in level.items()}
    assert level["typed"] == pytest.approx(-30, abs=0.7) and level["undone"] == pytest.approx(-30, abs=0.7), level
    assert abs(level["off"]) < 0.7 and abs(level["removed"]) < 0.7, level
    assert -25 < level["turned"] < -3 and level["back"] == pytest.approx(level["turned"], abs=0.7), level
    assert saved["plugin"] == "builtin:Gain" and saved["params"]["gain_db"] == pytest.approx(level["turned"], abs=1.0)


def test_the_host_s_chorus_and_our_own_are_told_apart_and_its_knobs_work_in_a_morph(desk):
    choose(desk, "morph.add", "Amber Pad", "make_morph")
    desk.view("effects")
    desk.page("effects.plug-ins")
    desk.click("chain.add")
    desk.frames(6)
    here = len(desk.rows())
    desk.hand("type", "--delay", "40", "chorus not our")  # the row's own words
    desk.frames(4)
    desk.hand("key", "Return")
    assert desk.wait("add_effect", after=here)[0]["args"] == ["builtin:Chorus"]
    _, here = desk.wait("rect", after=here, match=lambda r: r["name"] == "plugin.rate_hz")
    seen = [words for words, *_ in desk.wait("texts", after=here)[0]["texts"]]
    assert seen.count("Chorus (built in)") == 2, "in the chain, and over its knobs"
    assert any(words.startswith("built into the plug-in host; our own Chorus is another") for words in seen)
    desk.frames(6)
    assert not [r["text"] for r in desk.rows() if r["event"] == "message" and "a fault of latentwave" in r["text"]]
    type_value(desk, "plugin.mix", "0.9")
    desk.wait("type_effect_param", after=here)
    desk.hear(0.2)
    desk.finish()
    last = desk.played("effects")[-1]["effects"]
    assert [row["plugin"] for row in last] == ["builtin:Chorus"] and last[0]["params"]["mix"] == 0.9
    assert not [row for row in desk.played("param") if row["name"] == "chorus.mix"]


@pytest.fixture
def many(home, tmp_path, xvfb_display):
    """A window whose sound goes through a plug-in of 130 parameters, more than a page; it ends its process while a file lies beside it."""
    pytest.importorskip("minihost", reason="needs minihost")
    bundle = build_plugin(tmp_path / "mine", "Many")
    preset = preset_file.to_data(Patch(name="Mine", effects=(HostedEffect("lv2:Many", file=str(bundle), params={"gain": 0.5}),)))
    (tmp_path / "Mine.json").write_text(json.dumps(preset))
    with opened(tmp_path, xvfb_display, "--preset", str(tmp_path / "Mine.json")) as desk:
        desk.fail = bundle.parent / "fail"
        yield desk


def turn_page(desk, button, control):
    """Page until a knob is seen."""
    here = len(desk.rows())
    for _ in range(6):
        desk.page(button)
        if any(r["event"] == "rect" and r["name"] == control for r in desk.rows()[here:]):
            return
    raise AssertionError(f"no {control} on any page")


def turn_macro(desk, n):
    """Drag a macro's dial up, which is one gesture."""
    rect = [r for r in desk.rows() if r["event"] == "rect" and r["name"] == f"macro{n}.value"][-1]
    here = len(desk.rows())
    x, y = rect["x"] + 20, rect["y"] + rect["h"] - 16
    desk.press(x, y)
    for by in (20, 40, 60):
        desk.move(x, y - by)
    desk.lift()
    desk.wait("set_param", after=here, match=lambda r: r["args"][0] == f"macro{n}.value")
    desk.hear(0.3)


def test_a_macro_that_turns_a_plug_in_is_in_use():
    for macros, used in (({}, False), ({"gain_db": MacroRow(3)}, True)):
        facts = KnobFacts(SimpleNamespace(patch=Patch(effects=(HostedEffect("builtin:Gain", macros=macros),))))
        assert facts.is_used("macro3") == used and facts.is_quiet("macro3.value") != used and facts.is_quiet("macro2.value")


def test_pages_macros_sources_and_load_again_after_a_crash(many, home):
    desk, heard = many, {}
    desk.wait("message", match=lambda r: "ms later" in r["text"])
    desk.view("effects")
    desk.page("effects.plug-ins")
    desk.wait("rect", match=lambda r: r["name"] == "plugin.gain")
    heard["half"] = note(desk, 0.4)
    turn_page(desk, "chain.next", "plugin.last")
    x, y = desk.middle("plugin.last")
    here = len(desk.rows())
    desk.press(x, y - 15)
    desk.move(x, y + 25)
    desk.lift()
    desk.wait("set_effect_unit", after=here)
    desk.hear(0.3)
    heard["last of the second page"] = note(desk, 0.4)
    desk.hand("key", "ctrl+z")
    desk.wait("undo", after=here)
    turn_page(desk, "chain.previous", "plugin.gain")
    choose(desk, "plugin.gain", "A macro turns it …", "menu", button=3)
    desk.wait("rect", match=lambda r: r["name"] == "item.Macro 1 turns it")
    press(desk, "item.Macro 1 turns it", "put_effect_on_macro")
    heard["macro at 0"] = note(desk, 0.4)
    turn_macro(desk, 1)
    heard["macro turned"] = note(desk, 0.4)
    for _ in range(2):  # the macro's turn, and that it turns the parameter
        here = len(desk.rows())
        desk.hand("key", "ctrl+z")
        desk.wait("undo", after=here)
    rect = [r for r in desk.rows() if r["event"] == "rect" and r["name"] == "macro2.value"][-1]
    here = len(desk.rows())
    desk.press(rect["x"] + 20, rect["y"] + 5)  # its name is a source
    x, y = desk.middle("plugin.gain")
    desk.move(x - 9, y + 5)
    desk.move(x, y)
    desk.lift()
    assert desk.wait("modulate", after=here)[0]["args"][:2] == ["macro2", "effect.1.gain"]
    turn_macro(desk, 2)
    heard["macro dropped on it and turned"] = note(desk, 0.4)
    for _ in range(2):
        here = len(desk.rows())
        desk.hand("key", "ctrl+z")
        desk.wait("undo", after=here)
    here = len(desk.rows())
    desk.drag("source.lfo1", "plugin.gain")
    row = desk.wait("modulate", after=here)[0]
    desk.hear(0.3)
    heard["moved"] = note(desk, 1.2)
    desk.view("modulation")
    desk.wait("rect", match=lambda r: r["name"] == "row.1.target")
    desk.view("effects")
    press(desk, "chain.1.on", "set_effect")
    desk.hand("key", "ctrl+z", "key", "ctrl+z")
    desk.hear(0.5)
    desk.fail.touch()
    desk.wait("rect", match=lambda r: r["name"] == "chain.again")
    desk.frames(6)
    heard["dry"] = note(desk, 0.4)
    desk.fail.unlink()
    here = len(desk.rows())
    desk.click("chain.again")
    desk.wait("rect", after=here, match=lambda r: r["name"] == "plugin.gain")
    desk.hear(0.5)
    heard["again"] = note(desk, 0.4)
    sound = desk.finish()
    level = {name: level_db(sound[begun + 4800:ended]) for name, (begun, ended) in heard.items()}
    level = {name: db - level["dry"] for name, db in level.items()}
    assert level["half"] + 1 < level["macro dropped on it and turned"] < 0.7, level
    assert -50 < level["macro turned"] < 0.7, level
    assert level["half"] == pytest.approx(-6, abs=0.7) and level["again"] == pytest.approx(-6, abs=0.7), level
    assert -20 < level["last of the second page"] < -7 and level["macro at 0"] < -60, level
    assert row["args"][:2] == ["lfo1", "effect.1.gain"]
    begun, ended = heard["moved"]
    swing = np.abs(sound[begun + 4800:ended])
    swing = swing[:len(swing) // 960 * 960].reshape(-1, 960).max(1)
    assert 1.8 < np.percentile(swing, 95) / np.percentile(swing, 5) < 4, "a quarter of the range to either side of its middle: 3 to 1"


@pytest.fixture
def compressed(home, tmp_path, xvfb_display):
    """A window whose sound goes through a built-in effect and a plug-in with an editor of its own."""
    for module in ("pedalboard", "minihost"):
        pytest.importorskip(module, reason=f"needs {module}")
    need_vst3("ZamComp")
    preset = preset_file.to_data(Patch(name="Mine", effects=(HostedEffect("builtin:Gain"), HostedEffect("vst3:ZamComp"))))
    (tmp_path / "Mine.json").write_text(json.dumps(preset))
    with opened(tmp_path, xvfb_display, "--preset", str(tmp_path / "Mine.json")) as desk:
        yield desk


def test_the_button_opens_a_plug_ins_own_editor_whose_knob_is_saved_and_closes_it(compressed, tmp_path):
    desk, title = compressed, "ZamComp .latentwave."
    desk.wait("message", match=lambda r: "ms later" in r["text"])
    desk.view("effects")
    desk.page("effects.plug-ins")
    desk.wait("rect", match=lambda r: r["name"] == "plugin.makeup_db")
    here = len(desk.rows())
    desk.page("chain.1.name")
    desk.click("chain.editor")
    desk.wait("message", after=here, match=lambda r: r["text"] == "built-in effects have no editor of their own")
    here = len(desk.rows())
    desk.page("chain.2.name")
    desk.click("chain.editor")
    desk.wait("toggle_effect_editor", after=here)
    desk.hand("search", "--sync", "--onlyvisible", "--name", title, "windowmove", "--sync", 300, 800)
    front, ours = (subprocess.run(command, env=desk.env, capture_output=True, text=True, check=True).stdout.split() for command in (
        [sys.executable, "-m", "tests.gui.in_front_of", title],
        ["xdotool", "search", "--onlyvisible", "--pid", str(desk.process.pid)]))
    assert front[0] in ours, "a window manager keeps it in front of ours"
    desk.hand("mousemove", 300 + 658, 800 + 83, "mousedown", 1)
    for n in range(1, 9):
        time.sleep(0.05)
        desk.hand("mousemove", 300 + 658, 800 + 83 - 6 * n)
    desk.hand("mouseup", 1)
    time.sleep(1)
    desk.click("preset.save")
    desk.wait("message", match=lambda r: "is saved" in r["text"])
    here = len(desk.rows())
    desk.click("chain.editor")
    desk.wait("toggle_effect_editor", after=here)
    for _ in range(600):
        if subprocess.run(["xdotool", "search", "--onlyvisible", "--name", title], env=desk.env, capture_output=True).returncode:
            break
        time.sleep(0.1)
    else:
        raise AssertionError("it stays open")
    saved = json.loads((tmp_path / "Mine.json").read_text())["effects"]
    assert list(saved[1]["params"]) == ["makeup_db"] and 0.1 < saved[1]["params"]["makeup_db"] < 1


def test_rows_of_a_morphs_parts_on_their_plug_ins_are_not_shown_on_the_morphs():
    part = Patch(name="Part", effects=(HostedEffect("builtin:Gain"),))
    for n, source, target in ((1, "lfo1", "effect.1.gain_db"), (2, "lfo2", "chorus.mix")):
        part = with_param(with_param(part, f"mod{n}.source", source), f"mod{n}.target", target)
    rows = PartRows()
    rows.look(replace(part, params={}, morph=Morph((part, Patch()))))
    assert rows.targets == {"chorus.mix"} and rows.sources == {"lfo2", "none"}
