"""The measures are the referee's, number for number."""

import numpy as np
import pytest

from synth.samples import spectrum
from tests.measures import spectrum as referee


@pytest.fixture(scope="module")
def pairs():
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(40, 2048))
    ramp = np.linspace(-1, 1, 2048)
    noise[:10] = ramp * rng.uniform(0.1, 3, (10, 1)) + 1e-3 * noise[:10] + 0.5
    noise[10:20] = np.sin(2 * np.pi * np.arange(2048) / 2048 * rng.integers(1, 9, (10, 1)))
    return noise, np.roll(noise, 1, 0)


@pytest.mark.parametrize("harmonics", [20, 127, 511])
@pytest.mark.parametrize("name", ["lsd", "erb_lsd"])
def test_measures_equal_the_referees(pairs, name, harmonics):
    ours = getattr(spectrum, name)(*pairs, harmonics=harmonics)
    theirs = getattr(referee, name)(*pairs, harmonics=harmonics)
    assert np.abs(ours - theirs).max() < 1e-9
    assert theirs.max() > 1  # the pairs differ, so equality says something


def test_distances_ignore_level_rotation_and_polarity(pairs):
    cycles = pairs[0]
    changed = -3e-3 * np.roll(cycles, 777, -1)
    assert spectrum.lsd(cycles, changed).max() < 1e-6
    assert spectrum.erb_lsd(cycles, changed).max() < 1e-6


def test_short_cycles_lack_their_upper_harmonics_and_nothing_else():
    amplitudes = spectrum.magnitudes(np.cos(2 * np.pi * np.arange(20) / 20), 127)
    assert amplitudes.shape == (127,) and np.argmax(amplitudes) == 0
    assert amplitudes[0] == pytest.approx(np.sqrt(2)) and amplitudes[1:].max() < 1e-12
