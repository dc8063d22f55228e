"""Songs through a chain of plug-ins: to the sample what the plug-ins make, aligned however late they are, the same after save and load."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from synth.errors import UserError
from synth.events import note_on, set_param
from synth.hosting.words import parse_effect
from synth.patch import preset_file
from synth.patch.hosted_effect import HostedEffect
from synth.patch.patch import Patch
from synth.render.offline import Offline, render
from tests.engine.sounds import saw

from .own_plugins import build_plugin

SOFT = Patch(params={"osc.level_db": -12.0, "amp.attack_s": 0.01})
NOTES = [(100, note_on(48)), (6000, note_on(55))]
SECONDS = 0.5
ZAM, DRAGONFLY = "/usr/lib/vst3/ZamComp.vst3", "/usr/lib/lv2/DragonflyHallReverb.lv2"


def heard(*effects, patch=SOFT, events=NOTES):
    return render(replace(patch, effects=tuple(effects)), events, SECONDS, source=saw())


def named(text):
    return parse_effect(text)


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    pytest.importorskip("minihost", reason="needs minihost")
    folder = tmp_path_factory.mktemp("lv2")

    def build(kind, **settings):
        file = folder / f"{kind}.lv2"
        file.exists() or build_plugin(folder, kind)
        return HostedEffect(f"lv2:{kind}", file=str(file), **settings)

    return build


@pytest.fixture
def debian():
    import os

    if not (os.path.exists(ZAM) and os.path.exists(DRAGONFLY)):
        pytest.skip("needs zam-plugins and dragonfly-reverb-lv2")
    pytest.importorskip("minihost", reason="needs minihost")


@pytest.fixture(scope="module")
def dry():
    return heard()


def test_what_comes_back_is_what_the_plug_in_made_and_late_ones_are_aligned_to_the_sample(home, own, dry):
    assert np.abs(dry).max() > 0.05
    assert np.array_equal(heard(own("Gains", params={"gain": 0.25})), np.float32(0.25) * dry)
    late = own("Delays")  # 300 frames, which it tells
    assert np.array_equal(heard(late), dry)
    assert np.array_equal(heard(replace(late, wet=0.5)), dry)  # or it would comb
    assert np.array_equal(heard(replace(late, bypass=True), own("Gains", params={"gain": 0.25}), late), np.float32(0.25) * dry)


def test_built_in_effects_and_the_places_before_and_behind_our_own(home, dry):
    gain = named("Gain,gain_db=-6")
    quiet = heard(gain)
    assert abs(20 * np.log10(np.abs(quiet).max() / np.abs(dry).max()) + 6) < 0.01
    driven = replace(SOFT, params={**SOFT.params, "drive.amount_db": 24.0, "drive.mix": 1.0})
    before, behind = heard(replace(gain, place="before"), patch=driven), heard(gain, patch=driven)
    assert np.array_equal(heard(named("Gain,gain_db=0"), patch=driven), heard(patch=driven))
    assert np.abs(before - behind).max() > 0.05 * np.abs(behind).max()  # drive hears less, or is heard less
    late = heard(named("BrickwallLimiter,ceiling_db=0,lookahead_ms=5"))  # holds frames back, without telling how many
    assert np.abs(late - dry).max() < 1e-3


def test_a_macro_turns_a_parameter_and_automation_with_it(home, own, dry):
    plugin = named("Gain,gain_db=macro1:1:0")  # 24 dB down to -60
    x = heard(plugin, events=[*NOTES, (0, set_param("macro1.value", 0.2857)), (12800, set_param("macro1.value", 1.0))])
    assert abs(20 * np.log10(np.abs(x[4000:12000]).max() / np.abs(dry[4000:12000]).max())) < 0.1
    assert np.abs(x[16000:]).max() < 0.01 * np.abs(dry[16000:]).max()


def test_a_setting_is_heard_and_survives_save_and_load_to_the_bit(home, debian, tmp_path, dry):
    rows = (named("vst3:ZamComp,threshold_db=-40,makeup_db=6"), named("lv2:DragonflyHallReverb,wet=0.3"), named("ZaMaximX2"))
    usual = heard(named("ZamComp"))
    assert np.abs(usual - heard(rows[0])).max() > 0.01
    player = Offline(replace(SOFT, effects=rows), NOTES, source=saw())
    first = player.read(24000)
    states = player.take_states()
    assert all(len(states[row.key]) > 100 for row in rows)
    kept = replace(SOFT, effects=tuple(replace(row, state=states[row.key]) for row in rows))
    preset_file.save(kept, tmp_path / "Kept.json")
    loaded = preset_file.load(tmp_path / "Kept.json")
    assert loaded.effects == kept.effects
    again = Offline(loaded, NOTES, source=saw())
    assert np.array_equal(again.read(24000), first)
    assert list(again.take_states().values()) == list(states.values())


def test_the_latency_that_is_told_is_the_one_there_is(home, debian, dry):
    limiter = named("ZaMaximX2,threshold_db=0")
    assert np.array_equal(heard(replace(limiter, wet=0.0)), dry)
    x = heard(limiter)[:, 0]
    lags = [float(np.dot(x[2000 + lag:20000 + lag], dry[2000:20000, 0])) for lag in range(-500, 501)]
    assert abs(int(np.argmax(lags)) - 500) == 0


def test_a_plug_in_that_is_missing_is_told_and_the_rest_plays(home, dry):
    player = Offline(replace(SOFT, effects=(HostedEffect("vst3:Gone"), named("Gain,gain_db=-6"))), NOTES, source=saw())
    x = player.read(24000)
    assert "'Gone' is missing" in player.told
    assert abs(20 * np.log10(np.abs(x).max() / np.abs(dry).max()) + 6) < 0.01


def test_a_setting_that_is_not_there_is_an_error(home):
    with pytest.raises(UserError, match="no parameter 'rooom_size'.*room_size"):
        heard(named("Reverb,rooom_size=1"))
    with pytest.raises(UserError, match="Reverb"):
        named("Revreb")


def test_a_crash_in_a_render_is_one_sentence_and_no_file(home, own, cli, tmp_path):
    row = own("Fails_later")
    shutil.copy("demo/demo.mid", tmp_path / "song.mid")
    done = cli("render", "song.mid", "-o", "out.wav", "--preset", "Init", "--effect", f"{row.file},gain=1")
    assert done.returncode == 1 and not (tmp_path / "out.wav").exists()
    assert "the plug-in 'Fails_later' ends the process that runs it (SIGABRT)" in done.stderr and "Traceback" not in done.stderr
