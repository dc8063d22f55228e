"""A bent note against a sum of sines that follows the same pitch curve."""

import numpy as np
import pytest
from scipy.signal import firwin, oaconvolve

from synth.events import bend, note_on
from synth.patch.patch import Patch
from synth.render.offline import Offline
from synth.units import note_to_hz

from .sounds import SR_HZ, table

QUANTUM, NOTE, RANGE = 32, 60, 12
_HEARD = firwin(1023, 14000, fs=SR_HZ, window=("kaiser", 14))
CURVES = {"5 Hz": lambda t: np.sin(2 * np.pi * 5 * t), "50 Hz": lambda t: np.sin(2 * np.pi * 50 * t),
          "20 ms ramp": lambda t: np.clip((t - 0.5) / 0.02, 0, 1)}


def phases(curve, n_quanta):
    """Phase in cycles: a bend sent on a quantum's first frame is the frequency reached at its end, by a line."""
    hz = now = note_to_hz(NOTE)
    phase, rows = 0.0, []
    for q in range(n_quanta):
        target = note_to_hz(NOTE + RANGE * curve(q * QUANTUM / SR_HZ)) if q >= 1 else hz
        steps = now + (target - now) / QUANTUM * np.arange(1, QUANTUM + 1)
        rows.append(phase + np.concatenate([[0], np.cumsum(steps)[:-1]]) / SR_HZ)
        phase, now = phase + steps.sum() / SR_HZ, target
    return np.concatenate(rows)


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize("harmonics", [20, 91])
def test_bend_follows_its_curve(name, harmonics):
    """Errors up to 14 kHz; the reference fades each harmonic out between 18 and 24 kHz, where the tables change."""
    curve, n = CURVES[name], SR_HZ
    events = [(0, note_on(NOTE, 1.0))] + [(f, bend(float(curve(f / SR_HZ)))) for f in range(QUANTUM, n, QUANTUM)]
    player = Offline(Patch(params={"bend.range_semitones": float(RANGE)}), events, source=table(1 / np.arange(1, harmonics + 1)))
    x = player.read(n)[:, 0].astype(float)
    cycles = phases(curve, n // QUANTUM)
    hz = np.gradient(cycles) * SR_HZ
    reference = sum((0.5 - 0.5 * np.cos(np.pi * np.clip((24000 - k * hz) / 6000, 0, 1))) * np.sin(2 * np.pi * k * cycles) / k
                    for k in range(1, harmonics + 1))
    heard, wanted = (oaconvolve(y, _HEARD, mode="valid")[4800:] for y in (x, reference))
    error = heard - (heard @ wanted) / (wanted @ wanted) * wanted
    assert 10 * np.log10((error**2).sum() / (heard**2).sum()) <= -100
