"""The measures of `bench` are the referee's."""

import numpy as np
import pytest

from synth.bench import measures
from tests.measures import sound


@pytest.mark.parametrize("note", [48, 72])
def test_tone(note):
    f, t = sound.note_hz(note), np.arange(262144) / 48000
    x = sum(np.sin(2 * np.pi * f * k * t) / k for k in range(1, 60)) + 1e-4 * np.sin(2 * np.pi * 5000.3 * t)
    found = sound.alias(x, f, 48000, ideal=lambda k: 1.01 / k if k == 3 else 1 / k, droop_below_hz=7000)
    alias_db, droop_db = measures.tone(x, f, 48000, ideal=lambda k: np.where(k == 3, 1.01, 1.0) / k)
    assert alias_db == pytest.approx(found["alias_db"], abs=0.01)
    if note == 72:  # 59 harmonics reach beyond 16 kHz
        assert droop_db == pytest.approx(found["droop_db"], abs=0.001)
    assert measures.thd_n_db(x, f, 48000) == pytest.approx(sound.thd_n(x, f, 48000), abs=0.01)
    assert measures.spread_db(x, 261.6, 48000) == pytest.approx(sound.spread(x, 261.6, 48000), abs=0.01)
