"""Rows of the matrix on parameters of plug-ins: heard to the decibel, kept with the sound, quiet where nothing is there to move."""

import json
from dataclasses import replace

import numpy as np
import pytest

from synth.errors import UserError
from synth.events import control, note_on, set_param
from synth.hosting.words import parse_effect
from synth.patch import preset_file
from synth.patch.hosted_effect import HostedEffect, MacroRow
from synth.patch.patch import Patch, with_param
from synth.render.offline import Offline, render
from tests.engine.sounds import saw

pytest.importorskip("pedalboard", reason="needs pedalboard")
SR_HZ = 48000
SOFT = Patch(params={"osc.level_db": -12.0, "amp.attack_s": 0.002, "limiter.on": 0.0}, effects=(parse_effect("Gain,gain_db=-18"),))
DRY = Patch(params=dict(SOFT.params))
HELD = [(100, note_on(48))]
GAIN, SPAN_DB = "effect.1.gain_db", 84.0  # of the built-in gain: -60 to 24 dB, so that -18 is its middle


def moved(patch, *rows, **settings):
    """The patch with rows (source, target, amount, {other parts}) of the matrix, from slot 1, and knobs set."""
    for n, (source, target, amount, *more) in enumerate(rows, 1):
        for part, value in {"source": source, "target": target, "amount": amount, **(more[0] if more else {})}.items():
            patch = with_param(patch, f"mod{n}.{part}", value)
    for name, value in settings.items():
        patch = with_param(patch, name.replace("__", "."), value)
    return patch


def gains_db(patch, events=HELD, seconds=1.0, dry=DRY):
    """Level of each 10 ms against the same without the chain, after the way there and back is taken off: dB."""
    wet, plain = (render(each, events, seconds, source=saw())[:, 0] for each in (patch, dry))
    frames = [x[:len(x) // 480 * 480].reshape(-1, 480) for x in (wet, plain)]
    rms = [np.sqrt((x.astype(float) ** 2).mean(1)) for x in frames]
    return 20 * np.log10(np.maximum(rms[0], 1e-9) / np.maximum(rms[1], 1e-9))[5:]


def test_each_source_moves_a_parameter_as_far_as_its_row_says(home):
    wheel = moved(SOFT, ("wheel", GAIN, 0.25))
    low = gains_db(wheel)
    assert np.allclose(low, -18, atol=0.1), "a wheel at rest leaves it where it stands"
    up = gains_db(wheel, [(0, control(1, 127)), *HELD])
    assert np.allclose(up, -18 + SPAN_DB / 4, atol=0.1)
    softer = gains_db(moved(SOFT, ("velocity", GAIN, -0.25)), [(100, note_on(48, 0.5))], dry=DRY)
    assert np.allclose(softer, -18 - SPAN_DB / 8, atol=0.3)
    two = moved(SOFT, ("macro1", GAIN, 0.25), ("macro2", GAIN, -0.125, {"via": "macro3"}), macro1__value=0.5, macro2__value=1.0,
                macro3__value=0.5)
    assert np.allclose(gains_db(two), -18 + SPAN_DB / 8 - SPAN_DB / 16, atol=0.1), "rows add up"
    assert np.allclose(gains_db(moved(two, ("macro1", GAIN, 0.25, {"bypass": "on"}))), -18 - SPAN_DB / 16, atol=0.1)
    ends = gains_db(moved(SOFT, ("macro1", GAIN, 1.0), macro1__value=1.0))
    assert np.allclose(ends, 24, atol=0.1), "no further than its range"


def test_lfos_and_envelopes_move_it_in_time(home):
    lfo = moved(SOFT, ("lfo1", GAIN, 0.125), lfo1__rate_hz=2.0)
    swing = gains_db(lfo, seconds=1.5)
    assert abs(swing.max() - (-18 + SPAN_DB / 8)) < 0.3 and abs(swing.min() - (-18 - SPAN_DB / 8)) < 0.3
    at = 0.01 * (np.arange(len(swing)) + 5.5) - 100 / SR_HZ
    expected = -18 + SPAN_DB / 8 * np.sin(2 * np.pi * 2.0 * at)
    assert np.abs(swing - expected)[5:].max() < 0.6, "in step with the note to a chunk"
    assert np.abs(np.diff(swing)).max() < 1.5
    env = gains_db(moved(SOFT, ("env2", GAIN, 0.25), env2__attack_s=0.3, env2__sustain=1.0))
    assert env[0] < -8 and abs(env[-1] - (-18 + SPAN_DB / 4)) < 0.2 and (np.diff(env[:25]) > -0.1).all()


def test_a_macro_that_turns_it_and_wet_and_bypass_are_moved_too(home):
    turned = replace(SOFT, effects=(HostedEffect("builtin:Gain", macros={"gain_db": MacroRow(1, 0.0, 1.0)}),))
    both = moved(turned, ("macro2", GAIN, 0.25), macro1__value=0.25, macro2__value=1.0)
    assert np.allclose(gains_db(both), -18, atol=0.1)
    events = [*HELD, (24000, set_param("macro1.value", 0.5))]
    assert np.allclose(gains_db(both, events)[60:], 3, atol=0.1)
    silent = replace(SOFT, effects=(parse_effect("Gain,gain_db=-60"),))
    wet = gains_db(moved(silent, ("macro1", "effect.1.wet", -0.5), macro1__value=1.0))
    assert np.allclose(wet, 20 * np.log10(0.5), atol=0.1)
    assert np.allclose(gains_db(moved(silent, ("macro1", "effect.1.bypass", 1.0), macro1__value=1.0)), 0, atol=0.1)


def test_it_is_kept_in_a_preset_by_its_name_and_plays_the_same(home, tmp_path):
    patch = moved(replace(SOFT, effects=(parse_effect("Reverb,wet=0.2"), *SOFT.effects)), ("lfo1", "effect.2.gain_db", 0.1),
                  ("env2", "filter.cutoff_hz", 0.2), ("wheel", "effect.1.room_size", 0.4))
    preset_file.save(patch, tmp_path / "Moved.json")
    data = json.loads((tmp_path / "Moved.json").read_text())
    assert [row["target"] for row in data["mod"]] == ["effect.2.gain_db", "filter.cutoff_hz", "effect.1.room_size"]
    assert all("moved" not in row for row in data["effects"])
    loaded = preset_file.load(tmp_path / "Moved.json")
    assert loaded == patch and loaded.effects[1].moved == {"gain_db": (1,)}
    assert np.array_equal(render(patch, HELD, 0.5, source=saw()), render(loaded, HELD, 0.5, source=saw(), blocksize=333))
    elsewhere = with_param(patch, "mod1.target", "osc.level_db")
    assert elsewhere.effects[1].moved == {} and elsewhere.effects[0].moved == {"room_size": (3,)}
    with pytest.raises(UserError, match="mod1.target=effect.3.wet: the chain has 2 plug-ins"):
        with_param(patch, "mod1.target", "effect.3.wet")
    data["mod"][0]["target"] = "effect.7.gain_db"
    with pytest.raises(UserError, match="the chain has 2 plug-ins"):
        preset_file.from_data(data, "Moved")


def test_what_the_plug_in_has_not_is_told_and_its_row_is_quiet(home):
    lost = moved(SOFT, ("macro1", "effect.1.gane_db", 0.25), macro1__value=1.0)
    player = Offline(lost, HELD, source=saw())
    sound = player.read(24000)
    player.close()
    assert "no parameter 'gane_db'" in player.told
    assert np.array_equal(sound, render(SOFT, HELD, 0.5, source=saw()))
    gone = moved(replace(SOFT, effects=(HostedEffect("vst3:Gone"),)), ("macro1", "effect.1.wet", -1.0), macro1__value=1.0)
    player = Offline(gone, HELD, source=saw())
    dry = player.read(24000)
    player.close()
    assert "is missing" in player.told and np.array_equal(dry, render(DRY, HELD, 0.5, source=saw()))


def test_a_part_of_a_morph_moves_no_plug_in_of_the_whole(home):
    from synth.patch.morph import Morph

    parts = (moved(SOFT, ("macro1", GAIN, 0.25)), SOFT)
    whole = replace(SOFT, params={"macro1.value": 1.0}, morph=Morph(parts))
    static = replace(whole, morph=Morph((SOFT, SOFT)))
    assert np.array_equal(render(whole, HELD, 0.3, source=saw()), render(static, HELD, 0.3, source=saw()))
    own = moved(whole, ("macro1", GAIN, 0.25))
    louder = [20 * np.log10(np.abs(render(each, HELD, 0.3, source=saw())[7000:]).max()) for each in (static, own)]
    assert abs(louder[1] - louder[0] - SPAN_DB / 4) < 0.2
