"""A steady recording gives its pitch within cents and its spectrum within a decibel."""

import numpy as np
import pytest

from synth.samples.cycles import SampleError
from synth.samples.pitch import cycle_of_recording
from synth.samples.spectrum import lsd


def recording(freq_hz, rate_hz, seconds=1.0, noise=1e-4):
    """(samples, one cycle): ten harmonics at -6 dB an octave under a slow decay, with a little noise."""
    k, phases = np.arange(1, 11), np.random.default_rng(0).uniform(0, 6.28, 10)
    t = np.arange(int(seconds * rate_hz)) / rate_hz
    sound = np.cos(2 * np.pi * freq_hz * np.outer(t, k) + phases) @ (1 / k) * np.exp(-t)
    cycle = np.cos(2 * np.pi * np.outer(np.arange(2048) / 2048, k) + phases) @ (1 / k)
    return 0.2 * sound + noise * np.random.default_rng(1).normal(size=len(t)), cycle


@pytest.mark.parametrize("rate_hz", [22_050, 44_100, 96_000])
@pytest.mark.parametrize("freq_hz", [55.0, 110.3, 440.0, 997.0])
def test_pitch_and_spectrum_of_a_steady_tone(freq_hz, rate_hz):
    samples, expected = recording(freq_hz, rate_hz)
    cycle, found_hz = cycle_of_recording(samples, rate_hz)
    assert abs(1200 * np.log2(found_hz / freq_hz)) < 3
    assert lsd(expected[None], cycle[None], harmonics=10)[0] < 0.5


@pytest.mark.parametrize("samples", [np.zeros(48_000), np.random.default_rng(0).normal(size=48_000)])
def test_silence_and_noise_have_no_pitch(samples):
    with pytest.raises(SampleError, match="no clear pitch"):
        cycle_of_recording(samples, 48_000)
