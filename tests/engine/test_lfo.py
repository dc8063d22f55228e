"""LFO shapes against their definitions, and the random numbers beneath them."""

import numpy as np
import pytest

from synth.engine.dsp import lfo
from synth.params.knobs import LFO_SHAPES, SYNCS

T = np.linspace(-3, 5, 4001)[:-1]


def values(shape, seed=7, t=T):
    return np.array([lfo.value(LFO_SHAPES.index(shape), x, np.uint64(seed)) for x in t])


@pytest.mark.parametrize("shape, expected", [
    ("sine", lambda t: np.sin(2 * np.pi * t)),
    ("triangle", lambda t: 2 / np.pi * np.arcsin(np.sin(2 * np.pi * t))),
    ("rise", lambda t: 2 * (t % 1) - 1),
    ("fall", lambda t: 1 - 2 * (t % 1)),
    ("square", lambda t: np.where(t % 1 < 0.5, 1, -1)),
])
def test_shapes(shape, expected):
    assert np.abs(values(shape) - expected(T)).max() < 1e-6


def test_random_shapes_step_once_a_cycle_or_flow_and_follow_their_seed():
    steps, drift = values("steps"), values("drift")
    assert len(np.unique(steps)) == 8 and np.array_equal(np.flatnonzero(np.diff(steps)) % 500, np.full(7, 499))
    assert np.abs(np.diff(drift)).max() < 0.02 and np.abs(np.diff(drift, 2)).max() < 1e-4 and np.ptp(drift) > 0.3
    assert np.array_equal(drift, values("drift")) and not np.allclose(drift, values("drift", seed=8))
    long = values("drift", t=np.arange(0, 20000, 0.37))
    assert -1 <= long.min() < -0.7 and 0.7 < long.max() <= 1


def test_hash_is_splitmix64_and_even():
    assert lfo.hash_unit(np.uint64(0)) == (0xE220A8397B1DCDAF >> 11) / 2**53  # first output of the reference for seed 0
    units = np.array([lfo.hash_unit(np.uint64(i)) for i in range(40000)])
    assert np.abs(np.histogram(units, 10, (0, 1))[0] - 4000).max() < 300
    assert abs(np.corrcoef(units[1:], units[:-1])[0, 1]) < 0.02


def test_sync_lengths_and_plain_python():
    assert [lfo.beats_of(SYNCS.index(s)) for s in ("free", "1/4", "1/8.", "1/1", "1/4t")] == pytest.approx([0, 1, 0.75, 4, 2 / 3])
    with np.errstate(over="ignore"):
        for shape in range(len(LFO_SHAPES)):
            for t in (-0.3, 0.1, 17.77):
                assert lfo.value.py_func(shape, t, np.uint64(3)) == pytest.approx(lfo.value(shape, t, np.uint64(3)), abs=1e-6)
