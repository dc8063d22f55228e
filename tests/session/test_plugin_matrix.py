"""Rows of the matrix on parameters of plug-ins as a player makes them: one step each, along with their plug-in, heard at once."""

import json

import numpy as np
import pytest
import soundfile

from synth.errors import UserError
from synth.events import control, note_on
from synth.patch.hosted_effect import HostedEffect
from synth.patch.patch import Patch
from synth.session.effect_params import param_of
from synth.session.modulation import ModRow, mod_rows
from synth.session.session import Session
from tests.engine.sounds import saw
from tests.servers import LIMIT_S

from ..ports.test_recovery import until
from .test_plugin_controls import opens, player, wait_frames  # noqa: F401 - a fixture

GAIN = "effect.1.gain_db"


def rows_of(player):  # noqa: F811
    return [(row.source, row.target, row.amount) for row in mod_rows(player.patch)]


QUIET = Patch(name="Quiet", effects=(HostedEffect("builtin:Gain", params={"gain_db": -26.0}), HostedEffect("builtin:Reverb", wet=0.0)))


@pytest.fixture
def recorded(home, tmp_path):
    """A player whose sound is kept, and the take, which closing it makes whole."""
    pytest.importorskip("pedalboard", reason="needs pedalboard")
    session = Session(QUIET, device="none", midi="none", source=saw(), keep=False, record=tmp_path / "take.wav")
    done = []

    def take():
        done.append(session.close())
        return soundfile.read(tmp_path / "take.wav", dtype="float32")[0]

    assert opens(session)
    yield session, take
    if not done:
        session.close()


def test_a_row_is_one_step_goes_with_its_plug_in_and_is_heard(recorded):
    (p, take), frames = recorded, {}

    def hear(name):
        assert until(lambda: p.chain.host.rows is p.effects and p.engine.waiting == 0)
        wait_frames(p, 14400)
        assert until(lambda: p.engine.inserts[1]["wet"] == 1.0)  # a busy machine lets the plug-ins be late
        frames[name] = p.snapshot().frame
        wait_frames(p, 16000)

    p.post(note_on(48, 100 / 127), "window")
    hear("still")
    assert p.modulate("breath", GAIN) == 1 and rows_of(p) == [("breath", GAIN, 0.25)]
    p.post(control(2, 127), "midi")
    hear("up")
    p.move_effect(0, 1)
    assert rows_of(p) == [("breath", "effect.2.gain_db", 0.25)]
    hear("moved")
    p.remove_effect(1)
    assert rows_of(p) == [] and any("took 1 row of the matrix with it" in told for told in p.messages)
    hear("gone")
    p.undo().result(LIMIT_S)
    assert rows_of(p) == [("breath", "effect.2.gain_db", 0.25)] and opens(p)
    hear("back")
    p.undo().result(LIMIT_S)
    p.undo().result(LIMIT_S)
    assert rows_of(p) == [] and p.effects[0].moved == {}, "a drop is one step"
    hear("undone")
    p.redo().result(LIMIT_S)
    assert rows_of(p) == [("breath", GAIN, 0.25)]
    hear("again")
    p.set_row(1, target="effect.2.wet", amount=-1.0)
    p.set_row(1, bypass="on")
    assert mod_rows(p.patch) == [ModRow(1, "breath", "effect.2.wet", -1.0, "none", True)]
    sound = take()
    level = {name: 20 * np.log10(np.percentile(np.abs(sound[at:at + 14400, 0]).reshape(-1, 480).max(1), 30) + 1e-9)
             for name, at in frames.items()}
    level = {name: db - level["still"] for name, db in level.items()}
    assert level["up"] == pytest.approx(21, abs=1.0) and level["gone"] == pytest.approx(26, abs=1.0), level
    assert all(level[name] == pytest.approx(21, abs=1.0) for name in ("moved", "back", "again")), level
    assert level["undone"] == pytest.approx(0, abs=1.0), level


def test_what_is_kept_and_shown_is_where_it_stands_by_itself(player, home):  # noqa: F811
    p = player()
    p.post(note_on(48), "window")
    p.modulate("breath", "effect.2.room_size", 0.5)
    p.modulate("breath", "effect.2.damping", -0.5)
    p.post(control(2, 127), "midi")
    wait_frames(p, 9600)
    p.set_effect_unit(1, "room_size", 0.25)
    wait_frames(p, 9600)
    told = p.effect_status(p.effects[1])
    p.move_effect(1, 0)  # all of it is told anew
    assert until(lambda: p.effect_status(p.effects[0]) is not told)
    assert param_of(p.effects[0], p.effect_status(p.effects[0]), "room_size").unit == pytest.approx(0.25)
    assert p.effect_value("effect.1.damping") == pytest.approx(0.5)
    p.save_as("Kept").result(LIMIT_S)
    saved = json.loads((home / "presets" / "Kept.json").read_text())
    assert saved["effects"][0]["params"] == {"room_size": 0.25, "damping": pytest.approx(0.5)}
    assert [row["target"] for row in saved["mod"]] == ["effect.1.room_size", "effect.1.damping"]


def test_what_the_chain_has_not_is_refused_and_a_full_parameter_is_lowered(player):  # noqa: F811
    p = player()
    with pytest.raises(UserError, match="did you mean 'room_size'"):
        p.modulate("lfo1", "effect.2.rom_size", 0.5)
    with pytest.raises(UserError, match="has 2 plug-ins"):
        p.set_param("mod1.target", "effect.3.wet")
    assert rows_of(p) == []
    assert p.first_depth("env2", "effect.2.width") == (-0.25, {}) and p.first_depth("lfo1", "effect.2.width") == (0.25, {})
    p.modulate("lfo1", "effect.2.width")
    p.set_param("mod1.target", "filter.cutoff_hz")
    assert p.effects[1].moved == {} and rows_of(p) == [("lfo1", "filter.cutoff_hz", 0.25)]
