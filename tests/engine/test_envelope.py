"""Envelopes against their closed form, to the sample, wherever they are cut."""

import numpy as np
import pytest

from synth.engine.constants import QUANTUM
from synth.engine.dsp import envelope
from synth.engine.dsp.envelope import ENVELOPE


def settings_of(sr_hz=48000, delay_s=0.0, attack_s=0.01, hold_s=0.0, decay_s=0.05, sustain=0.5, release_s=0.03, curves=(1.5, 6.0, 6.0)):
    out = np.zeros(envelope.N_SETTINGS)
    envelope.settings(delay_s, attack_s, hold_s, decay_s, sustain, release_s, *curves, 0.005, float(sr_hz), out)
    return out


def fresh(level=0.0, stage=envelope.DELAY):
    env = np.zeros(1, ENVELOPE)[0]
    env["level"] = level
    envelope.enter(env, stage)
    return env


def play(env, settings, n, fill=envelope.fill, cut=lambda i: 7 * i % QUANTUM):
    rows = np.zeros((-(-n // QUANTUM), QUANTUM), np.float32)
    for i, row in enumerate(rows):
        fill(env, row, 0, cut(i), settings)
        fill(env, row, cut(i), QUANTUM, settings)
    return rows.ravel()[:n]


def shape(p, c):
    return 1 - p if c == 0 else (np.exp(-c * p) - np.exp(-c)) / (1 - np.exp(-c))


def textbook(t, delay_s, attack_s, hold_s, decay_s, sustain, curves):
    """Level at times t in seconds: delay, attack, hold, decay, sustain."""
    t = t - delay_s
    attack = 1 - shape(np.clip(t / attack_s, 0, 1), curves[0])
    decay = sustain + (1 - sustain) * shape(np.clip((t - attack_s - hold_s) / decay_s, 0, 1), curves[1])
    return np.where(t < attack_s, attack, decay)


@pytest.mark.parametrize("sr_hz", [22050, 44100, 48000, 192000])
@pytest.mark.parametrize("curves", [(1.5, 6.0, 6.0), (0.0, 0.0, 0.0), (-10.0, 10.0, -3.0)])
@pytest.mark.parametrize("times", [(0.0, 0.0005, 0.0, 0.001), (0.0101, 0.03, 0.0077, 0.1), (0.2, 0.002, 0.1, 0.5003)])
def test_every_stage_is_its_closed_form(sr_hz, curves, times):
    """To float32 at every frame, so every stage's time is exact; then a release, from the sustain level to silence."""
    delay_s, attack_s, hold_s, decay_s = times
    settings = settings_of(sr_hz, *times, sustain=0.3, release_s=0.0203, curves=curves)
    n = int((sum(times) + 0.01) * sr_hz)
    env = fresh()
    found = play(env, settings, n - n % QUANTUM)
    t = (np.arange(len(found)) + 1) / sr_hz
    assert np.abs(found - textbook(t, *times, 0.3, curves)).max() < 2e-6
    assert env["stage"] == envelope.SUSTAIN and envelope.is_steady(env, settings)
    envelope.enter(env, envelope.RELEASE)
    found = play(env, settings, int(0.025 * sr_hz))
    p = (np.arange(len(found)) + 1) / sr_hz / 0.0203
    assert np.abs(found - np.where(p < 1, 0.3 * shape(np.minimum(p, 1), curves[2]), 0)).max() < 2e-6
    assert env["stage"] == envelope.DONE and found[-1] == 0


def test_plain_python_and_advance_agree_with_fill():
    settings = settings_of(delay_s=0.0031, hold_s=0.0107, curves=(-2.0, 6.0, 3.0))
    whole, plain, jumps = fresh(), fresh(), fresh()
    rng, total = np.random.default_rng(3), 0
    expected = play(whole, settings, 6000, cut=lambda i: 0)
    assert np.abs(play(plain, settings, 6000, envelope.fill.py_func) - expected).max() < 1e-6
    while total < 5900:
        n = int(rng.integers(1, 100))
        envelope.advance(jumps, n, settings)
        total += n
        assert jumps["level"] == pytest.approx(expected[total - 1], abs=1e-6)


def test_an_envelope_struck_again_goes_on_from_its_level_and_lets_go_from_anywhere():
    settings = settings_of(delay_s=0.01)
    env = fresh()
    play(env, settings, 1500, cut=lambda i: 0)
    held = float(env["level"])
    envelope.enter(env, envelope.ATTACK)
    again = play(env, settings, 640)
    assert 0.5 < held < 0.9 and abs(again[0] - held) < 0.01 and again[479] == 1.0 and np.all(np.diff(again[:480]) > 0)
    early = fresh()
    play(early, settings, QUANTUM)
    envelope.enter(early, envelope.RELEASE)  # while still in its delay: there is nothing to let go
    assert not play(early, settings, QUANTUM).any() and early["stage"] == envelope.DONE
    stolen = fresh(0.7, envelope.FADE)
    assert play(stolen, settings, 256)[239] < 1e-6 and stolen["stage"] == envelope.DONE


def test_a_moved_sustain_level_is_followed_and_settings_are_kept():
    env, settings = fresh(), settings_of(sustain=0.5)
    play(env, settings, 4000, cut=lambda i: 0)
    moved = settings_of(sustain=0.8)
    row = play(env, moved, 128 * QUANTUM, cut=lambda i: 0)
    assert np.diff(row).max() < 0.002 and env["level"] == np.float32(0.8) and envelope.is_steady(env, moved)
