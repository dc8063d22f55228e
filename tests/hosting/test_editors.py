"""Plug-ins' own editors on a real screen: a hand's drag in one is heard, kept and undone, and what becomes of one costs no sound."""

import base64
import json
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import soundfile

from synth.errors import UserError
from synth.events import note_on
from synth.hosting.child_command import command_of
from synth.hosting.child_process import ChildProcess
from synth.hosting.scan import find_plugin
from synth.patch.hosted_effect import HostedEffect, MacroRow
from synth.session import effect_editors
from tests.engine.sounds import click_db
from tests.servers import LIMIT_S, child_env

from ..ports.test_recovery import until
from .editor_hand import ATTACK, MAKEUP, Hand, hear, is_gone, opened
from .own_plugins import build_plugin, need_vst3


def test_a_knob_dragged_in_the_editor_is_heard_saved_and_undone_and_one_turned_here_moves_there(player, screen, home, tmp_path):
    p = player(HostedEffect("vst3:ZamComp"), record=tmp_path / "take.wav")
    p.post(note_on(48, 100 / 127))
    row = p.effects[0]
    opened(p)
    hand = Hand(screen, "ZamComp .latentwave.")
    hear(p, 0.5)
    untouched = hand.look(*MAKEUP)
    at = {"before": hear(p, 0.5)}
    hand.drag(*MAKEUP, 6)
    assert hand.draws(*MAKEUP, untouched)
    assert until(lambda: p.effects[0].params.get("makeup_db", 0) > 0.1), p.effects[0].params
    makeup = until_rests(lambda: p.effects[0].params["makeup_db"])
    assert set(p.effects[0].params) == {"makeup_db"}, "nothing but what the hand turned"
    hear(p, 0.5)
    at["dragged"] = hear(p, 0.5)
    p.save_as("Louder").result(LIMIT_S)
    p.undo().result(LIMIT_S)
    assert p.effects[0].params == {} and not p.can_undo, "a drag is one step"
    assert hand.draws(*MAKEUP, untouched, same=True)
    hear(p, 0.5)
    at["undone"] = hear(p, 0.5)
    release = hand.look(110, 65)
    p.set_effect_unit(0, "release_ms", 0.9)
    assert hand.draws(110, 65, release)
    p.put_effect_on_macro(0, "attack_ms", MacroRow(1))
    p.set_param("macro1.value", 0.2)
    hear(p, 0.5)
    attack = hand.look(*ATTACK)
    p.set_param("macro1.value", 0.9)
    assert hand.draws(*ATTACK, attack)
    time.sleep(0.5)
    assert p.effects[0].params == {"release_ms": 0.9} and p.effects[0].macros, "what moves there by itself is no edit"
    told = {param.name: param for param in p.effect_params(p.effects[0])}["makeup_db"]
    p.toggle_effect_editor(0)
    assert until(lambda: not p.effect_editors.pid(row))
    player.close(p)
    sound = soundfile.read(tmp_path / "take.wav", dtype="float32")[0].mean(1)
    peaks = {name: np.abs(sound[frame + 2400:frame + 21600]).reshape(-1, 480).max(1) for name, frame in at.items()}
    level = {name: 20 * np.log10(np.median(each)) for name, each in peaks.items()}  # of most: chunks that come late play dry
    assert level["dragged"] - level["before"] == pytest.approx(30 * makeup, abs=1.5), (level, told)
    assert abs(level["undone"] - level["before"]) < 0.5, level
    saved = json.loads((home / "presets" / "Louder.json").read_text())["effects"][0]
    assert saved["params"]["makeup_db"] == pytest.approx(makeup, abs=1e-6)


def until_rests(read, seconds=1.0):
    """A value once it has not changed for so long."""
    value, since_s = read(), time.monotonic()
    while time.monotonic() - since_s < seconds:
        time.sleep(0.05)
        if read() != value:
            value, since_s = read(), time.monotonic()
    return value


def shown_units(file, state, units):
    """Where each parameter stands in an editor that is opened so."""
    found, ended = {}, threading.Event()

    def hear_it(child, message):
        found[message["is"]] = message
        if message["is"] == "open":
            child.say({"do": "close"})

    child = ChildProcess(command_of("editor_child", file), hear_it, lambda child: ended.set(), with_display=True)
    child.say({"do": "open", "title": "by hand", "state": state, "units": units})
    assert ended.wait(LIMIT_S) and set(found) - {"well"} == {"open", "closed"}, found
    return found["open"]["units"]


def nearest_step(unit, steps):
    """As a state keeps it: one of so many places."""
    return round(unit * (steps - 1)) / (steps - 1) if steps else unit


def test_every_parameter_stands_in_the_editor_as_in_the_chain_by_state_and_by_name(player):
    """minihost plays it, pedalboard shows it: each must mean the same by a name and a state."""
    names = ["ZamComp", "ZamEQ2", "ZamTube"]
    p = player(*(HostedEffect(f"vst3:{name}") for name in names))
    for index, row in enumerate(p.effects):
        turned = [param for param in p.effect_params(row) if param.name != "current_program"]
        p.set_effect_units(index, {param.name: (0.31 + 0.37 * n) % 1 for n, param in enumerate(turned)})
    assert until(lambda: all(param["unit"] == pytest.approx(row.params.get(param["name"], 0.0), abs=1e-5)
                             for row in p.effects for param in p.effect_status(row).params))
    states = p.chain.host.take_states()
    for name, row in zip(names, p.effects, strict=True):
        here = {param["name"]: nearest_step(param["unit"], param["steps"]) for param in p.effect_status(row).params}
        assert len(here) > 6 and len({*map(lambda unit: round(unit, 2), here.values())}) > 5
        file = find_plugin("vst3", name)
        assert shown_units(file, base64.b64encode(states[row.key]).decode(), {}) == pytest.approx(here, abs=2e-5), name
        assert shown_units(file, "", here) == pytest.approx(here, abs=2e-5), name


def test_an_editor_that_is_killed_or_hangs_costs_no_sound_is_told_and_opens_again(player, tmp_path, monkeypatch):
    monkeypatch.setattr(effect_editors, "_STUCK_S", 1.0)
    p = player(HostedEffect("vst3:ZamComp"), record=tmp_path / "take.wav")
    for n, key in enumerate(range(40, 72, 2)):
        p.post(note_on(key, 60 / 127))
        assert n < 16
    row = p.effects[0]
    host = p.chain.host
    began, pid = hear(p, 1.0) + p.engine.sr_hz, host.pid
    os.kill(opened(p), signal.SIGKILL)
    assert until(lambda: p.messages[-1] == "the editor of 'ZamComp' ended by itself (SIGKILL); the plug-in plays on"), [*p.messages]
    assert not p.effect_editors.status(row)
    hear(p, 0.5)
    editor = opened(p)
    assert editor != pid
    os.kill(editor, signal.SIGSTOP)
    assert until(lambda: p.effect_editors.status(row) == "stuck" and "does not answer" in p.messages[-1]), [*p.messages]
    for n in range(40):  # what is turned meanwhile waits for nobody
        p.set_effect_unit(0, "slew", n / 40)
        time.sleep(0.01)
    p.toggle_effect_editor(0)
    assert until(lambda: is_gone(editor))
    n_told = len(p.messages)
    opened(p)
    hear(p, 0.5)
    ended = p.engine.frame
    assert (host.pid, host.restarts, len(p.messages)) == (pid, 0, n_told) and p.snapshot().voices == 16
    player.close(p)
    sound = soundfile.read(tmp_path / "take.wav", dtype="float32")[0][began:ended]
    level = np.sqrt((sound[:len(sound) // 480 * 480].reshape(-1, 480, 2) ** 2).mean((1, 2)))
    assert level.min() > 0.2 * np.median(level), "a gap"
    assert click_db(sound) < -80


def test_it_ends_with_its_window_its_row_its_sound_and_the_player(player, screen, monkeypatch):
    p = player(HostedEffect("vst3:ZamComp"), HostedEffect("vst3:ZamTube"))
    first, second = opened(p, 0), opened(p, 1)
    subprocess.run([sys.executable, "-m", "tests.gui.close_window", "ZamTube .latentwave."], env=screen[0], check=True, timeout=LIMIT_S)
    assert until(lambda: is_gone(second) or not p.effect_editors.pid(p.effects[1])) and not is_gone(first)
    p.remove_effect(0)
    assert until(lambda: is_gone(first))
    third = opened(p, 0)
    p.load_preset("Init").result(LIMIT_S)
    assert until(lambda: is_gone(third))
    p.undo().result(LIMIT_S)
    assert until(lambda: p.effects and p.effect_status(p.effects[0]).ok)
    last = opened(p, 0)
    player.close(p)
    assert until(lambda: is_gone(last))
    assert not [text for text in p.messages if "editor" in text], "an end that was asked for is not told"


def test_where_there_is_none_one_sentence_says_why_and_one_that_never_opens_is_ended(player, tmp_path, monkeypatch):
    p = player(HostedEffect("builtin:Gain"), HostedEffect("lv2:Many", file=str(build_plugin(tmp_path / "mine", "Many"))),
               HostedEffect("vst3:ZamComp"))
    for index, why in ((0, "built-in effects have no editor"), (1, "put in the VST3 of the same plug-in")):
        with pytest.raises(UserError, match=why):
            p.toggle_effect_editor(index)
    monkeypatch.setattr(effect_editors, "_OPENS_S", 2.0)
    p.toggle_effect_editor(2)
    assert until(lambda: p.effect_editors.pid(p.effects[2]))
    pid = p.effect_editors.pid(p.effects[2])
    os.kill(pid, signal.SIGSTOP)  # before its window is there, as pedalboard hangs for ever when it opens ZamVerb
    assert until(lambda: p.messages[-1] == "the editor of 'ZamComp' does not open within 2 s"), [*p.messages]
    assert until(lambda: is_gone(pid)) and p.effect_status(p.effects[2]).ok
    monkeypatch.setattr(effect_editors, "_OPENS_S", 20.0)
    monkeypatch.setenv("DISPLAY", ":9999")
    p.toggle_effect_editor(2)
    assert until(lambda: p.messages[-1] == "the editor of 'ZamComp' needs a display, and there is none"), [*p.messages]
    monkeypatch.delenv("DISPLAY")
    with pytest.raises(UserError, match="DISPLAY is not set"):
        p.toggle_effect_editor(2)
    assert not p.effect_editors.status(p.effects[2])


def test_what_a_programme_sets_in_an_open_editor_is_no_edit_of_a_hand(player, screen):
    """ZamComp's second programme sets six parameters, some hundredths of a second after it was chosen here."""
    p = player(HostedEffect("vst3:ZamComp"))
    opened(p)
    hand = Hand(screen, "ZamComp .latentwave.")
    hear(p, 1.0)
    first = hand.look(*MAKEUP)
    p.set_effect_unit(0, "current_program", 1.0)
    assert hand.draws(*MAKEUP, first)
    hear(p, 1.0)
    assert p.effects[0].params == {"current_program": 1.0}
    p.undo().result(LIMIT_S)
    assert hand.draws(*MAKEUP, first, same=True)
    hear(p, 1.0)
    assert p.effects[0].params == {} and not p.can_undo and p.can_redo
    hand.drag(*MAKEUP, 6)
    assert until(lambda: list(p.effects[0].params) == ["makeup_db"]), p.effects[0].params


def test_one_that_hangs_as_it_opens_ends_though_its_parent_is_gone():
    """pedalboard hangs when it opens ZamVerb, and keeps the interpreter meanwhile."""
    pytest.importorskip("pedalboard", reason="needs pedalboard")
    need_vst3("ZamVerb")
    code = "import sys; from synth.hosting import editor_child; editor_child._OPENS_S = 3; editor_child.main()"
    child = subprocess.Popen([sys.executable, "-c", code, str(find_plugin("vst3", "ZamVerb"))], env=child_env(), stdin=subprocess.PIPE,
                             stdout=subprocess.DEVNULL, text=True)
    try:
        child.stdin.write(json.dumps({"do": "open", "title": "alone", "state": "", "units": {}}) + "\n")
        child.stdin.close()
        assert until(lambda: child.poll() is not None, 60)
    finally:
        child.kill()
        child.wait()
