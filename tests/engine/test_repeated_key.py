"""A key that is played again has the timbre and the phase that it should have now, whatever its last note had."""

import numpy as np
import pytest

from synth.events import note_off, note_on, set_param
from synth.patch.patch import Patch
from synth.render.offline import render
from synth.timbres.source import WavetableSource

SR_HZ = 48000
DRY = {"amp.attack_s": 0.0005, "amp.release_s": 0.01, "osc.phase_random": 0.0}


def sine_and_saw():
    """Two frames: a sine, and forty harmonics at one over their number."""
    t = np.arange(2048) / 2048
    saw = sum(np.sin(2 * np.pi * k * t) / k for k in range(1, 41))
    return WavetableSource("two", np.stack((np.sin(2 * np.pi * t), saw)))


def upper_db(sound, note):
    """Level of harmonics 2 to 8 re the fundamental."""
    hz, levels = 440 * 2 ** ((note - 69) / 12), np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    at = [levels[max(0, round(k * hz * len(sound) / SR_HZ) - 3):][:7].max() for k in range(1, 9)]
    return 20 * np.log10(max(at[1:]) / at[0])


@pytest.mark.parametrize("again", [60, 62], ids=["the same key", "another key"])
def test_a_timbre_that_changed_in_silence_is_heard_from_the_next_note_on(again):
    events = [(0, note_on(60)), (24000, note_off(60)), (30000, set_param("osc.position", 0.0)), (48000, note_on(again))]
    sound = render(Patch(params=DRY | {"osc.position": 1.0}), events, 1.6, source=sine_and_saw()).mean(1)
    assert upper_db(sound[6000:24000], 60) > -8
    assert upper_db(sound[54000:72000], again) < -60


def test_a_key_that_is_played_again_begins_at_its_phase():
    events = [(0, note_on(57)), (20011, note_off(57)), (40000, note_on(57))]
    sound = render(Patch(params=DRY), events, 0.9, source=sine_and_saw()).mean(1)
    assert np.abs(sound[:2000] - sound[40000:42000]).max() < 1e-5
