"""The reverb: its time, density, width, colour, and that it ends."""

import numpy as np
import pytest
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, sosfilt
from scipy.special import erfc

from .rack import SR_HZ, Rack, db, frames, impulse, noise

WET = {"reverb.mix": 1.0, "reverb.predelay_s": 0.0}


def room(seconds, **knobs):
    """Impulse response, float64[2, n]."""
    return Rack().play(impulse(seconds + 0.1, 3200), {**WET, **{f"reverb.{k}": v for k, v in knobs.items()}})[:, 3200:].astype(float)


def fall_s(y, low_hz=355.0, high_hz=1410.0):
    """Reverberation time by Schroeder's backward integral, from -5 to -35 dB (ISO 3382), in a band."""
    y = sosfilt(butter(4, [low_hz, high_hz], "band", fs=SR_HZ, output="sos"), y)
    energy = np.cumsum((y**2).sum(0)[::-1])[::-1]
    level = 10 * np.log10(energy / energy[0])
    first, last = np.argmax(level < -5), np.argmax(level < -35)
    return -60 / np.polyfit(np.arange(first, last) / SR_HZ, level[first:last], 1)[0]


@pytest.mark.parametrize("size", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("decay_s", [0.15, 0.4, 2.0, 8.0])
def test_it_falls_in_its_time(decay_s, size):
    y = room(1.3 * decay_s + 0.5, decay_s=decay_s, size=size, damping_hz=20000.0)
    assert fall_s(y) == pytest.approx(decay_s, rel=0.1)


def test_damping_halves_the_time_where_it_says():
    y = room(4, decay_s=3.0, damping_hz=4000.0)
    assert fall_s(y, 3700.0, 4300.0) == pytest.approx(1.5, rel=0.1)
    assert fall_s(y, 150.0, 300.0) == pytest.approx(3.0, rel=0.1)
    assert fall_s(y, 8000.0, 9000.0) < 0.8


@pytest.mark.parametrize(("size", "by_s"), [(0.0, 0.05), (0.5, 0.08), (1.0, 0.15)])
def test_it_is_dense_soon(size, by_s):
    """Normalised echo density (Abel & Huang 2006) in 20 ms: 1 is noise."""
    y = room(1.0, size=size)[0]
    window = np.hanning(961) / np.hanning(961).sum()
    for at in np.arange(by_s, 0.5, 0.02):
        i = int(at * SR_HZ)
        part = y[i - 480:i + 481]
        spread = np.sqrt((window * part**2).sum())
        assert (window * (np.abs(part) > spread)).sum() / erfc(2**-0.5) > 0.8, at


@pytest.mark.parametrize("size", [0.0, 0.5, 1.0])
def test_the_tail_has_no_ringing_modes(size):
    """The whitened spectrum of 1.4 s of the tail: its strongest line over its mean; noise has 10 dB, a comb 20 and more."""
    n, decay_s = 1 << 16, 3.0
    y = room(2.5, decay_s=decay_s, size=size, damping_hz=20000.0)[0, 24000:24000 + n] * 10 ** (3 * np.arange(n) / SR_HZ / decay_s)
    power = np.abs(np.fft.rfft(y * np.hanning(n))) ** 2
    white = (power / uniform_filter1d(power, 401))[int(200 * n / SR_HZ):int(4000 * n / SR_HZ)]
    assert 10 * np.log10(white.max()) < 15 and (white**2).mean() / white.mean() ** 2 < 3


def test_sides_are_apart_and_width_brings_them_together():
    x = np.tile(noise(3)[:1], (2, 1))
    apart, middle = (Rack().play(x, {**WET, "reverb.width": w})[:, frames(1):].astype(float) for w in (1.0, 0.0))
    assert abs(np.corrcoef(apart)[0, 1]) < 0.15
    assert np.array_equal(middle[0], middle[1])


def test_predelay_is_exact_and_moves_without_a_step():
    early, late = (np.argmax(np.abs(room(0.5, predelay_s=s)[0]) > 1e-6) for s in (0.0, 0.1))
    assert late - early == 4800


@pytest.mark.parametrize("knobs", [{"decay_s": 30.0, "damping_hz": 20000.0}, {"decay_s": 0.1}])
def test_levels_stay_in_reason_and_no_dc_gathers(knobs):
    x = noise(8) + np.float32(0.05)
    y = Rack().play(x, {**WET, **{f"reverb.{k}": v for k, v in knobs.items()}})[:, -48000:]
    assert -12 < db(y.std() / 0.1) < 6
    assert abs(y.mean()) < 0.01


def test_it_is_stable_while_everything_moves():
    rng = np.random.default_rng(0)
    moves = [{"reverb.mix": 1.0, "reverb.decay_s": 30.0, "reverb.damping_hz": 20000.0, "reverb.size": rng.uniform(),
              "reverb.predelay_s": rng.uniform(0, 0.25)} for _ in range(200)]
    rack = Rack()
    rack.play(noise(1, 0.3), *moves, every=20)
    quiet = np.zeros((2, frames(20)), np.float32)
    y = rack.play(quiet, *moves, every=20)
    assert y[:, -48000:].std() < y[:, :48000].std()
