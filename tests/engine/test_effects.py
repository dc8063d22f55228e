"""Effects together: exact when off, no clicks however they are moved, at rest in the end, whole after bad input."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from synth.engine import constants as engine_state
from synth.engine.effects import parts
from synth.engine.effects.chain import CHAIN
from synth.events import control, note_off, note_on, set_param
from synth.params.effects import EFFECTS
from synth.params.knobs import MOD_SOURCES, MOD_TARGETS
from synth.params.param import SYNCS
from synth.patch.patch import Patch
from synth.render.offline import render
from tests.servers import WORK_S

from .rack import Rack, db, frames, impulse, noise, sine, tone
from .sounds import click_db, soft

ON = {
    "drive": {"drive.mix": 0.5, "drive.amount_db": 6.0},
    "eq": {"eq.low_gain_db": 6.0, "eq.bell1_gain_db": 6.0, "eq.bell2_gain_db": 6.0, "eq.high_gain_db": -6.0},
    "chorus": {"chorus.mix": 0.5},
    "delay": {"delay.mix": 0.5, "delay.time_s": 0.05},
    "reverb": {"reverb.mix": 0.5},
    "limiter": {"limiter.on": 1.0, "limiter.gain_db": 15.0},
}
ALL = {name: value for group in ON.values() for name, value in group.items()}
KNOBS = tuple(p for effect in CHAIN for p in effect.knobs)


def test_off_is_bit_for_bit_nothing():
    x = noise(0.5)
    assert list(ON) == [effect.name for effect in CHAIN], "every effect has its row, in the order of the sound"
    assert all(any(p.wakes for p in effect.knobs) for effect in CHAIN), "every effect declares what switches it on"
    others = {p.name: p.high for p in KNOBS if not p.wakes}
    assert np.array_equal(Rack().play(x), x)
    assert np.array_equal(Rack().play(x, others), x), "a knob of an effect that is off"


def test_one_quantum_everywhere():
    assert parts.QUANTUM == engine_state.QUANTUM


def ends(p):
    """Two settings to jump between."""
    if p.name == "delay.sync":
        return 15.0, 19.0
    return (1.0, 2.0) if len(p.choices) > 2 else (p.low, p.high)


@pytest.mark.parametrize("group", ON)
def test_no_knob_clicks(group):
    """Every knob jumps from end to end and back, every 63 ms; what the settings themselves have above 8 kHz is no click."""
    x = tone(0.9)
    for p in EFFECTS[group]:
        a, b = ({**ON[group], p.name: value} for value in ends(p))
        jumping, still = Rack().play(x, a, b), [Rack().play(x, s) for s in (a, b)]
        start = 4800
        most = max(-80.0, max(click_db(y[:, start:].T) for y in still) + 1.0)
        assert click_db(jumping[:, start:].T) < most, p.name
        assert np.abs(jumping - still[0]).max() > 1e-4, f"{p.name} does nothing"


def test_switched_off_they_come_to_rest_and_the_sound_is_whole_again():
    x = noise(6)
    rack = Rack()
    rack.play(x[:, :48000], ALL)
    assert not rack.at_rest
    y = rack.play(x, {})
    assert rack.at_rest
    assert np.array_equal(y[:, -48000:], x[:, -48000:])
    silence = rack.play(np.zeros((2, 96000), np.float32), ALL)
    assert not silence.any(), "what was wiped is still heard"


def test_echoes_and_room_go_on_after_the_sound_and_fade_when_switched_off():
    for on in ({"delay.mix": 0.5, "delay.feedback": 0.9, "delay.time_s": 0.1}, {"reverb.mix": 0.5, "reverb.decay_s": 8.0}):
        rack = Rack()
        rack.play(noise(0.5), on)
        after = rack.play(np.zeros((2, 48000), np.float32), on)
        assert after[:, -4800:].std() > 1e-3
        faded = rack.play(np.zeros((2, 96000), np.float32), {})
        assert faded[:, 4800:9600].std() > 1e-3 and not faded[:, -4800:].any()


def test_bad_input_is_silenced_counted_and_forgotten():
    x = noise(1)
    clean = Rack().play(x, ALL)
    for bad in (np.nan, np.inf, -1e30):
        broken = x.copy()
        broken[0, 10000:10100] = bad
        rack = Rack()
        y = rack.play(broken, ALL)
        assert rack.bad == 100 and np.isfinite(y).all() and np.abs(y).max() < 1
        assert y[:, 30000:].std() > 0.5 * clean[:, 30000:].std()


@pytest.mark.parametrize("sr_hz", [22050, 44100, 192000])
def test_at_every_rate_the_longest_times_fit(sr_hz):
    longest = {**ALL, "delay.time_s": 2.7, "reverb.predelay_s": 0.25, "reverb.size": 1.0, "chorus.delay_s": 0.03, "chorus.depth": 1.0,
               "drive.mix": 0.0, "limiter.on": 0.0}
    x = impulse(3, 0, 0.1, sr_hz)
    y = Rack(sr_hz).play(x, longest)
    only = Rack(sr_hz).play(x, {"delay.mix": 0.5, "delay.time_s": 2.7})
    echo = np.flatnonzero(np.abs(only[0]) > 0.05)
    assert np.isfinite(y).all() and np.abs(y).max() < 2
    assert list(echo) == [0, round(2.7 * sr_hz)]


def test_every_knob_moved_at_random_stays_finite_and_under_the_ceiling():
    rng = np.random.default_rng(1)
    settings = [{p.name: p.from_unit(rng.uniform()) for p in KNOBS} | {"limiter.on": 1.0, "limiter.ceiling_db": -1.0} for _ in range(300)]
    y = Rack().play(noise(10, 0.3), *settings, every=50)
    assert np.isfinite(y).all() and np.abs(y[:, 4800:]).max() <= 10 ** (-1 / 20)


_PLAIN = """
import json, sys
import numpy as np
from synth.engine.effects.chain import EFFECTS_STATE, prepare, render_effects
from synth.params.knobs import PARAM_DTYPE, to_vector
fx = np.zeros(1, EFFECTS_STATE)
prepare(fx[0], 48000.0)
p = to_vector(json.loads(sys.argv[1])).view(PARAM_DTYPE)[0]
x = np.array(json.loads(sys.argv[2]), np.float32)
for q in range(x.shape[1] // 32):
    render_effects(fx[0], p, x[:, 32 * q:32 * q + 32], 120.0)
print(json.dumps(x.tolist()))
"""


def test_as_plain_python_it_is_itself():
    on = {**ALL, "delay.time_s": 0.001, "chorus.delay_s": 0.0005, "reverb.size": 0.0}
    x = noise(0.0047)
    env = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run([sys.executable, "-c", _PLAIN, json.dumps(on), json.dumps(x.tolist())], capture_output=True, text=True, env=env,
                          cwd=Path(__file__).resolve().parents[2], timeout=WORK_S)
    assert done.returncode == 0, done.stderr
    plain = np.array(json.loads(done.stdout))
    assert np.abs(plain - Rack().play(x, on)).max() < 1e-4 * np.abs(plain).max()


def test_a_lone_tone_needs_no_effect_to_be_told_from_one():
    """The measures hear what they are to hear: drive adds harmonics, the rest does not."""
    x = sine(1000.0, 1.0)
    for group, on in ON.items():
        y = Rack().play(x, on)[0, frames(0.5):].astype(float)
        spectrum = np.abs(np.fft.rfft(y * np.hanning(len(y))))
        third = db(spectrum[int(3000 * len(y) / 48000)] / spectrum[int(1000 * len(y) / 48000)])
        assert (third > -60) == (group == "drive"), group


def test_in_the_engine_the_samples_do_not_depend_on_the_block_and_modulation_reaches_a_mix():
    events = [(100, note_on(48)), (9000, set_param("reverb.size", 0.9)), (12000, note_off(48))]
    long, odd = (render(Patch(params=ALL), events, 1.0, source=soft(), blocksize=n) for n in (512, 77))
    assert np.array_equal(long, odd) and long[-4800:].std() > 1e-3
    wheel = {"mod1.source": float(MOD_SOURCES.index("wheel")), "mod1.target": float(MOD_TARGETS.index("delay.mix")), "mod1.amount": 0.5,
             "delay.sync": float(SYNCS.index("1/8"))}
    note = [(100, note_on(60)), (2100, note_off(60))]
    dry, echoed = (render(Patch(params=wheel), [(0, control(1, value)), *note], 0.5, source=soft()) for value in (0, 127))
    assert not dry[8000:].any()
    assert echoed[12100:14000].std() > 0.3 * dry[100:2000].std() > 1e-3


def test_all_sound_off_ends_echoes_without_a_click():
    patch = Patch(params={"delay.mix": 0.5, "delay.feedback": 0.9, "delay.time_s": 0.1, "reverb.mix": 0.5, "reverb.decay_s": 20.0})
    x = render(patch, [(100, note_on(48)), (12000, note_off(48)), (24000, control(120, 0)), (48000, note_on(48))], 1.5, source=soft())
    assert np.abs(x[20000:24000]).max() > 0.02 and not x[30000:47000].any() and x[48000 + 9600:].std() > 0.02
    assert click_db(x) < -80


def test_drive_and_equaliser_rest_in_silence_and_are_whole_at_the_next_sound():
    on = {**ON["drive"], **ON["eq"]}
    rack = Rack()
    rack.play(noise(0.5), on)
    rack.play(np.zeros((2, frames(5)), np.float32), on)
    assert rack.at_rest
    assert np.array_equal(rack.play(noise(0.5), on), Rack().play(noise(0.5), on))
