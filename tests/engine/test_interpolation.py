"""The oscillator's interpolator is the one its fit finds, and rejects images as it promises."""

import numpy as np

from synth.engine.dsp import interpolation


def test_the_constants_are_the_fit():
    assert np.abs(interpolation.fit() - interpolation.taps()).max() < 1e-6


def test_images_of_a_full_band_are_rejected():
    freq = np.linspace(0.001, 1 / 12, 100)
    passed = interpolation.response(freq)
    x = np.linspace(0, 1, 257)[:-1]
    weights = interpolation.taps() @ x ** np.arange(4)[:, None]
    for f, h in zip(freq[::20], passed[::20], strict=True):
        wave = sum(weights[j] * np.exp(2j * np.pi * f * (j - 1 - x)) for j in range(4))  # h where there are no images
        assert 20 * np.log10(np.abs(wave - h).max() / h) < -88
    assert passed[0] < 1.0001 and (np.diff(passed) < 0).all()
