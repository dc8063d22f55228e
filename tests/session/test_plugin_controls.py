"""Controls on parameters of plug-ins: learnt over real MIDI and heard, kept with the sound, renumbered with the chain, undone."""

import json
import time

import numpy as np
import pytest
import soundfile

from synth.errors import UserError
from synth.events import Event, Kind, control, mpe_zone, note_on
from synth.patch import preset_file
from synth.patch.control_map import ControlRow, check_target
from synth.patch.hosted_effect import HostedEffect
from synth.patch.patch import Patch
from synth.session.session import Session
from tests.engine.sounds import saw
from tests.servers import LIMIT_S

from ..ports.test_osc import Player as OscPlayer
from ..ports.test_recovery import until
from .test_learn import keys, turn  # noqa: F401 - a fixture

CHAINED = Patch(name="Chained", effects=(HostedEffect("builtin:Gain", params={"gain_db": -6.0}),
                                         HostedEffect("builtin:Reverb", params={"room_size": 0.5})))


def opens(player):
    return until(lambda: player.chain.host and len(player.effects) == len(player.chain.host.rows)
                 and all(player.effect_status(row).ok for row in player.effects))


def wait_frames(player, n_frames):
    frame = player.snapshot().frame
    assert until(lambda: player.snapshot().frame > frame + n_frames)
    return player.snapshot().frame


@pytest.fixture
def player(home):
    made = []

    def make(*rows, patch=CHAINED, **options):
        path = home / "patch.json"
        data = preset_file.to_data(patch) | {"controls": list(rows)}
        path.write_text(json.dumps(data))
        made.append(Session(preset_file.load(path), device="none", midi="none", source=saw(), keep=False, **options))
        assert opens(made[-1])
        return made[-1]

    yield make
    for each in made:
        each.close()


def send(player, *events):
    """Controls, and when what they asked for has been looked at."""
    frame = player.engine.frame
    for event in events:
        assert player.post(event, "midi")
    assert until(lambda: player.engine.frame > frame + 4800 and player.engine.waiting == 0)
    time.sleep(0.1)


def test_a_control_learnt_over_jack_turns_a_plug_in_and_is_heard_kept_and_undone(jack_server, keys, home, tmp_path, monkeypatch):  # noqa: F811
    for name, value in jack_server.items():
        monkeypatch.setenv(name, value)
    player = Session(CHAINED, source=saw(), keep=False, record=tmp_path / "take.wav")
    try:
        assert until(lambda: "keys:out" in player.midi) and opens(player)
        player.post(note_on(48, 100 / 127), "window")
        learning = player.learn("effect.1.gain_db")
        turn(keys, "".join(f"0.01 176 21 {v}\n" for v in (90, 91, 92, 93, 94)))
        assert learning.wait(LIMIT_S) == ControlRow("cc:21", "effect.1.gain_db", mode="pickup")
        assert [(p.row.source, p.origin) for p in player.control_rows_of("effect.1.gain_db")] == [("cc:21", "preset")]
        assert player.effects[0].params == {"gain_db": -6.0}
        wait_frames(player, 24000)
        loud = player.snapshot().frame
        wait_frames(player, 24000)
        turn(keys, "".join(f"0.01 176 21 {v}\n" for v in (90, 60, 40, 20, 0)))  # past where it stands, and down
        assert until(lambda: player.effects[0].params["gain_db"] == -60)
        wait_frames(player, 24000)
        soft = player.snapshot().frame
        wait_frames(player, 24000)
        player.save_as("Kept").result(LIMIT_S)
        player.undo().result(LIMIT_S)
        assert player.effects[0].params == {"gain_db": -6.0} and player.patch.controls, "a sweep is one step"
        player.undo().result(LIMIT_S)
        assert not player.control_rows_of("effect.1.gain_db")
        wait_frames(player, 24000)
        back = player.snapshot().frame
        wait_frames(player, 24000)
    finally:
        player.close()
    heard = soundfile.read(tmp_path / "take.wav", dtype="float32")[0]
    level = {name: 20 * np.log10(np.percentile(np.abs(heard[at:at + 19200]).reshape(40, -1).max(1), 20) + 1e-9)
             for name, at in (("loud", loud), ("soft", soft), ("back", back))}
    assert level["loud"] - level["soft"] > 20 and abs(level["back"] - level["loud"]) < 1, level
    saved = json.loads((home / "presets" / "Kept.json").read_text())
    assert [(row["source"], row["target"]) for row in saved["controls"]] == [("cc:21", "effect.1.gain_db")]


def test_rows_go_with_their_plug_in_and_all_kinds_of_controls_turn_it(player):
    p = player({"source": "cc:20", "target": "effect.1.gain_db"}, {"source": "nrpn:300", "target": "effect.2.damping"},
               {"source": "cc:22", "target": "effect.2.room_size", "mode": "relative_twos"},
               {"source": "cc:23", "target": "effect.1.bypass", "mode": "toggle"},
               {"source": "cc:24", "target": "effect.2.wet", "low": 1, "high": 0},
               {"source": "note:36", "target": "effect.2.bypass", "mode": "momentary"})
    send(p, control(20, 127), control(23, 127), control(24, 127), note_on(36))
    assert p.effects[0].params["gain_db"] == pytest.approx(24) and p.effects[0].bypass and p.effects[1].bypass and p.effects[1].wet == 0
    p.move_effect(1, 0)
    assert [row.target for row in p.patch.controls if "gain" in row.target or "room" in row.target] == [
        "effect.2.gain_db", "effect.1.room_size"]
    send(p, control(20, 0), control(22, 10), control(22, 125), *(control(n, v) for n, v in ((99, 2), (98, 44), (6, 127), (38, 127))))
    assert p.effects[1].params["gain_db"] == pytest.approx(-60)
    assert p.effects[0].params["room_size"] == pytest.approx(0.5 + 7 / 127) and p.effects[0].params["damping"] == pytest.approx(1)
    p.remove_effect(1)
    assert {row.target for row in p.patch.controls} == {"effect.1.room_size", "effect.1.damping", "effect.1.wet", "effect.1.bypass"}
    p.undo().result(LIMIT_S)
    assert opens(p)
    send(p, control(20, 127))
    assert p.effects[1].params["gain_db"] == pytest.approx(24)


def test_a_row_whose_plug_in_or_parameter_is_gone_is_told_once_and_the_rest_works(player):
    p = player({"source": "cc:20", "target": "effect.5.gain_db"}, {"source": "cc:21", "target": "effect.2.rom_size"},
               {"source": "cc:22", "target": "effect.2.room_size"})
    send(p, *(control(n, v) for v in (1, 60, 127) for n in (20, 21, 22)))
    told = [sentence for sentence in p.messages if "turns nothing" in sentence]
    assert len(told) == 2 and "has 2 plug-ins" in told[0] and "did you mean 'room_size'" in told[1].replace('"', "'"), told
    assert p.effects[1].params["room_size"] == pytest.approx(1.0)
    for wrong in ("effect.9.gain_db", "effect.1", "effect.0.wet", "effect.1.Gain"):
        with pytest.raises(UserError, match=r"effect.1.NAME"):
            check_target(wrong)


def test_a_row_that_the_sound_brings_can_be_changed_and_forgotten(player):
    p = player({"source": "cc:20", "target": "effect.2.room_size"}, {"source": "cc:21", "target": "macro1.value"})
    [placed] = p.control_rows_of("effect.2.room_size")
    p.change_control(placed, low=0.25, high=0.75)
    send(p, control(20, 127))
    assert p.effects[1].params["room_size"] == pytest.approx(0.75)
    [placed] = p.control_rows_of("macro1.value")
    p.forget_control(placed)
    send(p, control(21, 127))
    assert p.snapshot().params["macro1.value"] == 0 and not p.control_rows_of("macro1.value")
    p.undo().result(LIMIT_S)
    send(p, control(21, 100))
    assert until(lambda: p.snapshot().params["macro1.value"] > 0.7)


def test_a_members_slide_in_an_mpe_zone_turns_no_plug_in(player):
    p = player({"source": "cc:74", "target": "effect.2.room_size"}, {"source": "bend", "target": "effect.1.gain_db"})
    send(p, *mpe_zone(5), Event(Kind.CONTROL, 74, 127.0, 2), Event(Kind.BEND, 0, 1.0, 2))
    assert p.effects[1].params["room_size"] == 0.5 and p.effects[0].params["gain_db"] == -6
    send(p, Event(Kind.CONTROL, 74, 127.0, 9))
    assert p.effects[1].params["room_size"] == pytest.approx(1.0)


def test_osc_turns_types_asks_and_learns_a_plug_ins_parameter(home, tmp_path):
    o = OscPlayer(tmp_path)
    p = o.session
    try:
        for words in ("Gain,gain_db=-6", "Reverb"):
            p.add_effect(words)
        assert opens(p)
        o.send("/param/effect.2.room_size", 0.25)
        assert until(lambda: p.effects[1].params.get("room_size") == pytest.approx(0.25))
        o.send("/param/effect.1.gain_db", "-12 dB")
        assert until(lambda: p.effects[0].params["gain_db"] == pytest.approx(-12))
        assert o.ask("/get", "effect.2.room_size").params == ["effect.2.room_size", pytest.approx(0.25)]
        o.send("/param/mod1.target", "effect.2.width")
        assert until(lambda: p.effects[1].moved == {"width": (1,)})
        o.send("/param/effect.2.room_size", 7.0)
        o.send("/param/effect.7.room_size", 0.5)
        assert until(lambda: p.osc.counts.refused == 2)
        learning = p.learn("effect.2.width")
        for v in (0.2, 0.3, 0.4):
            o.send("/1/fader3", v)
        assert learning.wait(LIMIT_S).source == "osc:/1/fader3"
        o.send("/1/fader3", 0.0)
        assert until(lambda: p.effects[1].params.get("width") == pytest.approx(0.0))
    finally:
        o.close()
