"""A cycle of any length keeps all its harmonics and gains none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.samples.cycles import SampleError, known_harmonics, to_cycle


@given(st.integers(16, 4096), st.integers(0, 2**32 - 1), st.floats(1e-3, 100), st.floats(-5, 5))
def test_resampling_keeps_every_harmonic_and_adds_none(n_samples, seed, level, offset):
    rng = np.random.default_rng(seed)
    count = known_harmonics(n_samples)
    amplitudes, phases = rng.normal(size=count), rng.uniform(-np.pi, np.pi, count)
    amplitudes[0] += 3

    def wave(n):
        spectrum = np.zeros(n // 2 + 1, complex)
        spectrum[1 : count + 1] = amplitudes * np.exp(1j * phases)
        return np.fft.irfft(spectrum, n) * n / 2

    cycle = to_cycle(level * wave(n_samples) + offset)
    expected = wave(2048) / np.sqrt((amplitudes**2).sum() / 2)
    assert cycle.dtype == np.float32
    assert np.abs(cycle - expected).max() < 2e-4
    assert abs(cycle.astype(float).mean()) < 1e-6
    assert np.sqrt((cycle.astype(float) ** 2).mean()) == pytest.approx(1, abs=1e-5)


def test_no_step_at_the_wrap_point():
    """Interpolating between the ends would leave a kink; the FFT leaves none."""
    cycle = to_cycle(np.sin(2 * np.pi * np.arange(600) / 600))
    steps = np.abs(np.diff(np.append(cycle, cycle[0])))
    assert steps.max() < 1.01 * np.sqrt(2) * 2 * np.pi / 2048


@pytest.mark.parametrize(("samples", "reason"), [
    (np.zeros(600), "silent"), (np.full(600, 0.7), "silent"), (np.ones(5), "too short"), (np.zeros(0), "too short"),
    (np.r_[np.ones(300), np.nan, np.ones(299)], "not numbers"), (np.r_[np.ones(300), np.inf, np.ones(299)], "not numbers"),
])
def test_what_holds_no_sound_is_refused_with_its_reason(samples, reason):
    with pytest.raises(SampleError, match=reason):
        to_cycle(samples)
