"""What was done to the chain of plug-ins while a take was played is done again where it is rendered, from its log and as a MIDI file."""

import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from synth.errors import UserError
from synth.events import control, note_on
from synth.patch import preset_file
from synth.patch.chain_change import ChainChange, change_between, change_from_data, change_to_data
from synth.patch.hosted_effect import HostedEffect
from synth.patch.patch import Patch, with_param
from synth.render.offline import Offline
from synth.render.performance import read_log, read_midi
from synth.session.session import Session
from tests.engine.sounds import saw

from ..ports.test_recovery import until

CHAINED = Patch(name="Chained", effects=(HostedEffect("builtin:Gain", params={"gain_db": -6.0}),
                                         HostedEffect("builtin:LowpassFilter", params={"cutoff_frequency_hz": 300.0})))
ROW = {"source": "cc:21", "target": "effect.1.gain_db", "low": 0.4, "high": 0.5}
SEGMENT = 9600


def level_db(sound):
    """Of its quieter hundredths of a second: where a busy machine lets chunks come late, our own sound is heard in between."""
    return 20 * np.log10(np.percentile(np.abs(sound[:len(sound) // 480 * 480, 0]).reshape(-1, 480).max(1), 20))


def played(home, tmp_path):
    """Frames in whose stretch of SEGMENT after each the sound stood still, by what was done before."""
    path = home / "patch.json"
    path.write_text(json.dumps(preset_file.to_data(CHAINED) | {"controls": [ROW]}))
    player = Session(preset_file.load(path), device="none", midi="none", source=saw(), keep=False, record=tmp_path / "take.wav",
                     log=tmp_path / "take.jsonl", record_midi=tmp_path / "take.mid")
    still = {}

    def rest(name):
        assert until(lambda: player.chain.host.rows is player.effects and player.engine.waiting == 0)
        assert until(lambda: all(player.effect_status(row).ok for row in player.effects))
        for n_frames in (9600, SEGMENT + 2048):  # what was asked for is heard; then what is measured
            begun = player.engine.frame
            assert until(lambda begun=begun, n_frames=n_frames: player.engine.frame > begun + n_frames)
        still[name] = begun

    try:
        assert until(lambda: player.chain.host and all(player.effect_status(row).ok for row in player.effects))
        player.post(note_on(48, 100 / 127), "midi")
        rest("as it was")
        player.post(control(21, 0), "midi")
        assert until(lambda: player.effects[0].params != {"gain_db": -6.0})
        rest("turned by the control")
        player.set_effect(1, bypass=True)
        rest("switched off")
        player.move_effect(0, 1)
        player.set_effect_param(1, "gain_db", -20.0)
        rest("moved, and turned by hand")
        player.undo().result(60)
        rest("undone")
        player.remove_effect(1)
        rest("taken out")
        player.add_effect("Gain,gain_db=-30")
        rest("put in")
        player.modulate("macro1", "effect.2.gain_db", -0.2)
        player.set_param("macro1.value", 0.5)
        rest("moved by the matrix")
    finally:
        player.close()
    return still


def test_a_render_of_a_take_repeats_what_was_done_to_the_chain(home, tmp_path):
    pytest.importorskip("pedalboard", reason="needs pedalboard")
    still = played(home, tmp_path)
    take = soundfile.read(tmp_path / "take.wav", dtype="float32")[0]
    live = {name: level_db(take[begun + 1024:begun + 1024 + SEGMENT]) for name, begun in still.items()}
    assert live["undone"] == pytest.approx(live.pop("switched off"), abs=0.5), live
    assert live["moved by the matrix"] == pytest.approx(live["put in"] - 0.1 * 84, abs=0.5), live
    assert len({round(level) for level in live.values()}) == len(live), live
    for performance in (read_log(tmp_path / "take.jsonl"), read_midi(tmp_path / "take.mid")):
        header = performance.header
        again = Offline(preset_file.from_data(header["preset"]), performance.events, source=saw(), controls=header["controls"])
        sound = again.read(len(take))
        again.close()
        found = {name: level_db(sound[begun:begun + SEGMENT]) for name, begun in still.items() if name in live}
        assert found == pytest.approx(live, abs=1.0), (found, live)


def test_a_parameter_that_an_lfo_moves_is_rendered_as_it_was_played(home, tmp_path):
    """Each frame of the take that came back in time is the render's, to the bit: the matrix goes along with the sound, chunk by chunk."""
    pytest.importorskip("pedalboard", reason="needs pedalboard")
    moved = Patch(name="Moved", effects=CHAINED.effects[:1])
    for name, value in {"mod1.source": "lfo1", "mod1.target": "effect.1.gain_db", "mod1.amount": 0.2, "lfo1.rate_hz": 3.0}.items():
        moved = with_param(moved, name, value)
    player = Session(moved, device="none", midi="none", source=saw(), keep=False, record=tmp_path / "take.wav", log=tmp_path / "take.jsonl")
    try:
        assert until(lambda: player.chain.host and player.effect_status(player.effects[0]).ok)
        player.post(note_on(48, 100 / 127), "midi")
        assert until(lambda: player.engine.inserts[1]["wet"] == 1.0)
        begun = player.engine.frame
        assert until(lambda: player.engine.frame > begun + 72000)
        way = player.chain.latency_frames
    finally:
        player.close()
    take, log = soundfile.read(tmp_path / "take.wav", dtype="float32")[0], read_log(tmp_path / "take.jsonl")
    again = Offline(preset_file.from_data(log.header["preset"]), log.events, source=saw(), controls=log.header["controls"])
    sound = again.read(begun + 72000)
    again.close()
    live, rendered = take[begun + way:begun + way + 67200], sound[begun:begun + 67200]
    same = (live == rendered).all(1)
    peaks = np.abs(rendered).reshape(-1, 480 * 2).max(1)
    assert peaks.max() > 4 * peaks.min() > 0, "it swings"
    assert same.mean() > 0.5, f"{same.mean():.2f} of the frames; chunks that came late play dry"


NAMES, SETTINGS = st.sampled_from(["builtin:Gain", "builtin:Reverb"]), st.dictionaries(st.sampled_from(["a", "b"]), st.floats(-9, 9))
ROWS = st.lists(st.builds(HostedEffect, NAMES, wet=st.floats(0, 1), state=st.binary(max_size=3), params=SETTINGS), max_size=4).map(tuple)


@given(ROWS, ROWS, st.data())
def test_a_change_of_the_chain_comes_back_from_its_row(before, new, data):
    now = tuple(data.draw(st.permutations(before + new[:2])))[:5]
    now = tuple(replace(row, state=data.draw(st.sampled_from([row.state, b"", b"other"]))) for row in now)
    change = change_between(before, now)
    if change is None:
        assert [row.key for row in before] == [row.key for row in now] and before == now
        return
    found = change_from_data(json.loads(json.dumps(change_to_data(change)))).after(before)
    assert found == now
    kept = {row.key for row in before}
    assert all(a.key == b.key for a, b in zip(found, now, strict=True) if b.key in kept), "who stays goes on playing"
    assert not any(row.state and row.state == before[was].state for was, row in change.rows if was >= 0)


@pytest.mark.parametrize("effects", [[{"plugin": "builtin:Gain", "was": "x"}], [{"plugin": "builtin:Gain", "was": True}], {}, [7], 3])
def test_a_row_that_is_none_is_told(effects):
    with pytest.raises(UserError):
        change_from_data({"effects": effects})


def test_a_place_that_there_was_not_is_another_effect():
    row = HostedEffect("builtin:Gain")
    for was in (-5, 4, 10**12):
        assert ChainChange(((was, row),)).after(()) == (row,)
