"""A steady recording gives its pitch within a fraction of a cent and its spectrum within a decibel, all harmonics of it."""

import numpy as np
import pytest

from synth.samples.cutting import cut_recording, measure_harmonics
from synth.samples.cycles import SampleError
from synth.samples.pitch import LOWEST_HZ, find_pitch
from synth.samples.spectrum import lsd


def recording(freq_hz, rate_hz, seconds=1.0, noise=1e-4, count=10, vibrato_cents=0.0):
    """(samples, one cycle): harmonics at -6 dB an octave under a slow decay, with a little noise."""
    k, phases = np.arange(1, count + 1), np.random.default_rng(0).uniform(0, 6.28, count)
    t = np.arange(int(seconds * rate_hz)) / rate_hz
    turns = np.cumsum(freq_hz * 2 ** (vibrato_cents / 1200 * np.sin(2 * np.pi * 5.5 * t))) / rate_hz
    sound = sum(np.cos(2 * np.pi * turns * number + phase) / number for number, phase in zip(k, phases, strict=True)) * np.exp(-t)
    cycle = np.cos(2 * np.pi * np.outer(np.arange(2048) / 2048, k) + phases) @ (1 / k)
    return 0.2 * sound + noise * np.random.default_rng(1).normal(size=len(t)), cycle


@pytest.mark.parametrize("rate_hz", [22_050, 44_100, 96_000])
@pytest.mark.parametrize("freq_hz", [31.0, 55.0, 110.3, 440.0, 997.0, 2093.0])
def test_pitch_and_spectrum_of_a_steady_tone(freq_hz, rate_hz):
    count = min(10, int(0.4 * rate_hz / freq_hz))
    samples, expected = recording(freq_hz, rate_hz, count=count)
    cut = cut_recording([samples], rate_hz)[0]
    assert abs(1200 * np.log2(cut.freq_hz / freq_hz)) < 0.5
    assert lsd(expected[None], cut.cycle[None], harmonics=count)[0] < 0.5
    assert cut.known_harmonics == min(1023, int(rate_hz / 2 / freq_hz))


def test_every_harmonic_of_a_low_note_is_kept():
    """A note at 30 Hz recorded at 96 kHz holds 1,023 harmonics and more; each is right to 0.1 dB."""
    samples, expected = recording(30.0, 96_000, noise=0, count=1023)
    cut = cut_recording([samples], 96_000)[0]
    assert cut.known_harmonics == 1023
    found, true = (np.abs(np.fft.rfft(x))[1:1024] for x in (cut.cycle, expected))
    found, true = found / found[0], true / true[0]
    assert np.abs(20 * np.log10(found / true))[:1000].max() < 0.1


def test_the_factored_transform_is_the_plain_one():
    frame = np.random.default_rng(3).normal(size=1237)
    plain = np.exp(-2j * np.pi * np.outer(np.arange(1, 40), np.arange(1237)) * 0.0123) @ frame
    assert np.abs(measure_harmonics(frame, 0.0123, 39) - plain).max() < 1e-9


def test_a_wavering_note_is_one_note_at_its_pitch():
    cuts = cut_recording([recording(220.0, 48_000, vibrato_cents=30)[0]], 48_000)
    assert {c.note for c in cuts} == {0}
    assert all(abs(1200 * np.log2(c.freq_hz / 220)) < 32 for c in cuts)


def test_nothing_repeats_in_a_constant_or_a_step():
    for frame in (np.ones(4800), np.arange(4800.0), np.r_[np.zeros(2400), np.ones(2400)]):
        assert not find_pitch(frame, 48_000)[1] > 0.6
    assert np.isnan(find_pitch(np.sin(np.arange(4800) * 2 * np.pi * LOWEST_HZ / 2 / 48_000), 48_000)[0])


def mixed(*freqs, seconds=1.0):
    return sum(recording(freq, 48_000, seconds)[0] for freq in freqs)


def struck(seconds=1.0):
    t = np.arange(int(48_000 * seconds)) / 48_000
    return 0.5 * np.sin(2 * np.pi * (60 * t + 8 * (1 - np.exp(-t / 0.1)))) * np.exp(-t / 0.05)


NOISE = np.random.default_rng(0).normal(size=48_000)


@pytest.mark.parametrize(("samples", "reason"), [
    (np.zeros(48_000), "is silent"), (0.1 * NOISE, "noise"), (NOISE * np.exp(-np.arange(48_000) / 1500), "drum"),
    (struck(), "drum"), (mixed(261.63, 329.63, 392.0), "several notes"), (mixed(220.0, 330.0), "several notes"),
    (mixed(200.0, 250.0, 300.0), "several notes"), (mixed(196.0, 233.08, 293.66), "several notes"),
    (recording(220.0, 48_000, 0.1)[0], "ends too soon"), (np.r_[mixed(220.0), np.nan], "not numbers"),
    (np.sin(np.cumsum(np.linspace(200, 400, 48_000)) / 48_000 * 2 * np.pi), "gliding"),
])
def test_what_is_no_note_is_refused_with_what_it_sounds_like(samples, reason):
    with pytest.raises(SampleError, match=reason):
        cut_recording([samples], 48_000)


def test_a_missing_fundamental_is_still_one_note():
    t = np.arange(48_000) / 48_000
    cut = cut_recording([0.1 * sum(np.sin(2 * np.pi * 110 * k * t + k) / k for k in range(2, 30))], 48_000)[0]
    assert abs(cut.freq_hz - 110) < 0.05
