"""What is smoothed takes the same time at every sample rate."""

import numpy as np
import pytest

from synth.bench.costs import patch_of
from synth.events import control, note_on, set_param
from synth.render.offline import Offline
from synth.timbres.source import WavetableSource

RATES_HZ = (44100, 48000, 96000, 192000)
STEP_S, LENGTH_S, HZ, NOTE = 0.25, 0.4, 4186.01, 108
PLAIN = {"amp.attack_s": 0.001, "amp.decay_s": 0.001, "amp.sustain": 1.0}
CASES = {  # what is turned at STEP_S, in a patch: knobs, slots, the event, and how long 90 % of the way takes
    "amount": ({}, (("macro1", "osc.level_db", 0.0),), set_param("mod1.amount", -0.05), 8.5e-3),
    "level": ({}, (("wheel", "osc.level_db", -0.05),), control(1, 127), 3.6e-3),
    "jump": ({"lfo1.shape": "square", "lfo1.rate_hz": 2.0}, (("lfo1", "osc.level_db", 0.03),), None, 4.5e-3),
    "sustain": ({}, (), set_param("amp.sustain", 0.5), 9.5e-3),
    "gain": ({}, (), set_param("master.gain_db", -6.0), 12.2e-3),
}


def amplitude(x: np.ndarray, sr_hz: int) -> np.ndarray:
    """Amplitude of a sine of HZ over time: its two quadratures over whole periods."""
    turned = x * np.exp(-2j * np.pi * HZ / sr_hz * np.arange(len(x)))
    n = round(4 * sr_hz / HZ)
    return np.abs(np.convolve(turned, np.hanning(n) / np.hanning(n).sum(), "same"))


def time_to_90_percent_s(case: str, sr_hz: int) -> float:
    """Seconds from the turn until nine tenths of what it changes are heard."""
    knobs, slots, event, _ = CASES[case]
    sine = WavetableSource("sine", np.sin(2 * np.pi * np.arange(2048) / 2048)[None])
    step = round(STEP_S * sr_hz) // 32 * 32
    rows = [(0, note_on(NOTE, 1.0))] + ([(step, event)] if event else [])
    player = Offline(patch_of({"macro1.value": 1.0, **PLAIN, **knobs}, slots), rows, sr_hz=sr_hz, source=sine)
    a = amplitude(player.read(round(LENGTH_S * sr_hz))[:, 0].astype(float), sr_hz)
    before, after = np.median(a[step - sr_hz // 50:step - sr_hz // 200]), np.median(a[-sr_hz // 20:-sr_hz // 50])
    assert abs(after / before - 1) > 0.1
    way = (a - before) / (after - before)
    first = step - sr_hz // 200
    return (first + int(np.argmax(way[first:] > 0.9)) - step) / sr_hz


@pytest.mark.parametrize("case", CASES)
def test_smoothing_takes_the_same_time_at_every_rate(case):
    found = [time_to_90_percent_s(case, sr_hz) for sr_hz in RATES_HZ]
    print(case, [f"{1000 * t:.2f} ms" for t in found])
    assert max(found) - min(found) < 0.85e-3  # what is no event is looked at on a grid of 0.73 ms at 44.1 kHz
    assert found == pytest.approx([CASES[case][3]] * len(RATES_HZ), rel=0.15)
