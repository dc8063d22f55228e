"""What a plug-in keeps beside its parameters (a file that its editor loads): taken over as an edit, heard, saved, undone, rendered.

The plug-in is one that the tests build (vst3_plugin.c): another file halves its sound, and no parameter tells which it is.
"""

import json
import sys

import numpy as np
import pytest
import soundfile

from synth.events import note_on
from synth.patch import preset_file
from synth.patch.hosted_effect import HostedEffect
from synth.patch.patch import Patch
from synth.render.offline import Offline, render
from synth.render.performance import read_log
from synth.session import autosave, effect_editors
from tests.engine.sounds import saw
from tests.quiet_level import SR_HZ, level_db
from tests.servers import LIMIT_S

from ..ports.test_recovery import until
from .editor_hand import Hand, hear, opened
from .own_plugins import build_vst3, kept_state

FILE, PRESET, GAIN = (30, 50), (170, 50), (100, 95)  # where a click loads the next file, that and a gain of a quarter; the drag of a gain


@pytest.fixture
def keeps(tmp_path):
    pytest.importorskip("minihost", reason="needs minihost")
    return HostedEffect("vst3:Keeps", file=str(build_vst3(tmp_path / "mine")))


def level_behind(sound, frame):
    """Level in dBFS of 0.3 s from a tenth of a second behind a frame."""
    return level_db(sound[frame + SR_HZ // 10:frame + SR_HZ // 10 * 4, 0])


def rests(player):
    """Until what a hand did in an editor would have been told, and what was sent there has settled."""
    hear(player, 1.5)


def measured(player):
    """Once the chain plays what the document says, half a second of it. Answers the frame at which that begins."""
    assert until(lambda: player.chain.host.rows is player.effects)
    assert player.chain.host.take_states(LIMIT_S), "answered behind what was said before"
    return hear(player, 0.5)


def edited(player):
    """With the editor of the first plug-in open and at rest. Answers the hand on it."""
    return player.effects[0], opened(player), rests(player)


def test_a_file_loaded_in_the_editor_is_heard_kept_and_undone_there_and_here(player, screen, home, keeps, tmp_path):
    p = player(keeps, record=tmp_path / "take.wav", log=tmp_path / "take.jsonl")
    p.post(note_on(48, 100 / 127))
    edited(p)
    hand, at = Hand(screen, "Keeps .latentwave.", drawn=FILE), {}
    assert p.effects[0].state == b"" and not p.can_undo
    at["first"] = measured(p)
    host = p.chain.host
    hand.click(*FILE)
    assert until(lambda: p.effects[0].state)
    at["second"] = measured(p)
    second = p.effects[0].state
    assert p.effects[0].params == {} and b"VST3PluginState" in second
    hand.click(*FILE)
    assert until(lambda: p.effects[0].state != second)
    at["third"] = measured(p)
    kept = tmp_path / "autosave.json"
    kept.write_text(autosave.to_text(p.document.state))
    p.save_as("Third").result(60)
    p.undo().result(60)
    assert p.effects[0].state == second
    at["undone"] = measured(p)
    p.undo().result(60)
    assert p.effects[0].state == b"" and not p.can_undo
    rests(p)
    at["as it comes"] = measured(p)
    hand.click(*FILE)
    assert until(lambda: p.effects[0].state == second), "the editor went back with it"
    at["again"] = measured(p)
    for n in (2, 3):  # the second at once: what comes from the editor is not sent back there, which would take a second to settle
        hand.click(*FILE)
        assert until(lambda n=n: p.effects[0].state == kept_state(1.0, n)), n
    assert host.restarts == 0 and [text for text in p.messages if "Keeps" in text] == []
    player.close(p)
    sound = soundfile.read(tmp_path / "take.wav", dtype="float32")[0]
    found = {name: level_behind(sound, frame) for name, frame in at.items()}
    first = found.pop("first")
    assert found == pytest.approx({name: first + db for name, db in
                                   {"second": -6.02, "third": -12.04, "undone": -6.02, "as it comes": 0, "again": -6.02}.items()}, abs=0.2)
    for patch in (preset_file.load(home / "presets" / "Third.json"), autosave.read(kept).patch):
        alone = render(patch, [(0, note_on(48, 100 / 127))], 1.0, source=saw())
        dry = render(Patch(params=patch.params), [(0, note_on(48, 100 / 127))], 1.0, source=saw())
        assert np.allclose(alone, 0.25 * dry, atol=1e-7), "as it was heard"
    log = read_log(tmp_path / "take.jsonl")
    take = Offline(preset_file.from_data(log.header["preset"]), log.events, source=saw(), controls=log.header["controls"])
    again = take.read(len(sound))
    take.close()
    for name, frame in at.items():
        assert level_behind(again, frame) == pytest.approx(level_behind(sound, frame), abs=0.2), name


def test_a_plug_ins_own_preset_is_one_step_and_a_parameter_alone_leaves_the_rest_alone(player, screen, home, keeps):
    p = player(keeps)
    edited(p)
    hand = Hand(screen, "Keeps .latentwave.", drawn=FILE)
    hand.drag(*GAIN, 5)
    assert until(lambda: p.effects[0].params)
    rests(p)
    turned = p.effects[0].params
    assert p.effects[0].state == b"" and list(turned) == ["gain"], "all that its state says is told by its parameter"
    hand.click(*PRESET)
    assert until(lambda: p.effects[0].state)
    rests(p)
    assert p.effects[0].params == {"gain": 0.25}
    p.undo().result(60)
    assert (p.effects[0].params, p.effects[0].state) == (turned, b""), "what was set at once is one step"
    rests(p)
    p.undo().result(60)
    assert p.effects[0].params == {} and not p.can_undo


def test_what_is_set_on_the_page_goes_over_the_state_here_after_a_load_and_in_a_render(player, screen, home, keeps, tmp_path):
    p = player(keeps, record=tmp_path / "take.wav")
    p.post(note_on(48, 100 / 127))
    edited(p)
    Hand(screen, "Keeps .latentwave.", drawn=FILE).click(*PRESET)
    assert until(lambda: p.effects[0].state)
    p.set_effect_unit(0, "gain", 0.8)
    at = measured(p)
    p.save_as("Both").result(60)
    p.toggle_effect_editor(0)
    assert until(lambda: not p.effect_editors.pid(p.effects[0]))
    opened(p)
    rests(p)
    Hand(screen, "Keeps .latentwave.", drawn=FILE).click(*FILE)
    assert until(lambda: p.effects[0].state == kept_state(0.8, 2)), "one that is opened anew stands there as well"
    player.close(p)
    patch = preset_file.load(home / "presets" / "Both.json")
    dry, wet = (render(each, [(0, note_on(48, 100 / 127))], 1.0, source=saw()) for each in (Patch(params=patch.params), patch))
    assert np.allclose(wet, 0.4 * dry, atol=1e-6)
    sound = soundfile.read(tmp_path / "take.wav", dtype="float32")[0]
    assert level_behind(sound, at) == pytest.approx(level_behind(wet, 20000), abs=0.2)


@pytest.mark.parametrize(("beside", "says"), [
    ("large", "what was set in the editor of 'Keeps' beside its parameters is not taken over: the plug-in keeps 2.8 MB for it, and 1"),
    ("restless", "'Keeps' changes by itself what it keeps beside its parameters, so that is not taken over from its editor")])
def test_a_state_that_cannot_be_kept_is_told_and_changes_nothing(player, screen, home, keeps, tmp_path, monkeypatch, beside, says):
    code = "from synth.hosting import editor_child, state_watch; state_watch._RESTLESS = 6; editor_child.main()"
    monkeypatch.setattr(effect_editors, "command_of", lambda module, file: [sys.executable, "-c", code, str(file)])
    p = player(keeps)
    edited(p)
    (tmp_path / "mine" / beside).touch()
    hand = Hand(screen, "Keeps .latentwave.", drawn=FILE)
    hand.click(*FILE)
    assert until(lambda: any(text.startswith(says) for text in p.messages)), [*p.messages]
    if beside == "large":
        assert p.effects[0].state == b"" and not p.can_undo
        p.save_as("Small").result(60)
        assert until(lambda: any("MB beside its parameters; over 1 MB is not saved" in text for text in p.messages)), [*p.messages]
        assert "state" not in json.loads((home / "presets" / "Small.json").read_text())["effects"][0]
    else:
        state = p.effects[0].state
        rests(p)
        assert p.effects[0].state == state
        p.undo().result(60)
        assert not p.can_undo, "one step, however often"


def test_a_state_of_another_plug_in_is_told_and_the_plug_in_plays_without_it(player, home, keeps, tmp_path):
    foreign = HostedEffect(keeps.plugin, file=keeps.file, state=b"none of its own", params={"gain": 0.5})
    p = player(foreign)
    assert until(lambda: "the plug-in 'Keeps': the state that is kept for it is none of its own" in " ".join(p.messages)), [*p.messages]
    assert until(lambda: p.effect_status(p.effects[0]).params[0]["unit"] == 0.5)
    events = [(0, note_on(48, 100 / 127))]
    dry, wet = (render(Patch(effects=rows), events, 0.3, source=saw()) for rows in ((), (foreign,)))
    assert np.allclose(wet, 0.5 * dry, atol=1e-7)


def test_one_that_dies_of_its_state_is_left_out_and_the_sound_goes_on(player, home, keeps):
    p = player(keeps)
    assert next(iter(p.chain.host.take_states().values())) == kept_state(1.0, 0)
    p.set_effect_units(0, {}, state=kept_state(1.0, 0, begins=b"DIES"))
    assert until(lambda: any(text.endswith("it is left out") for text in p.messages)), [*p.messages]
    assert not p.effect_status(p.effects[0]).ok
    p.undo().result(60)
    assert p.effects[0].state == b""
