"""Each effect against its textbook: equaliser, drive, chorus, delay, limiter. The reverb has a file of its own."""

import numpy as np
import pytest

from synth.params.param import SYNCS
from tests.measures import sound

from .rack import SR_HZ, Rack, db, frames, impulse, noise, sine

N = 1 << 15


def _rbj(kind, gain_db, freq_hz, q):
    """(b, a) of the RBJ Audio EQ Cookbook."""
    a, w = 10 ** (gain_db / 40), 2 * np.pi * freq_hz / SR_HZ
    alpha, c = np.sin(w) / (2 * q), np.cos(w)
    if kind == "bell":
        return (1 + alpha * a, -2 * c, 1 - alpha * a), (1 + alpha / a, -2 * c, 1 - alpha / a)
    s = -1 if kind == "high" else 1
    r = 2 * np.sqrt(a) * alpha
    b = (a * (a + 1 - s * (a - 1) * c + r), s * 2 * a * (a - 1 - s * (a + 1) * c), a * (a + 1 - s * (a - 1) * c - r))
    return b, (a + 1 + s * (a - 1) * c + r, s * -2 * (a - 1 + s * (a + 1) * c), a + 1 + s * (a - 1) * c - r)


@pytest.mark.parametrize(("band", "kind"), [("low", "low"), ("bell1", "bell"), ("bell2", "bell"), ("high", "high")])
@pytest.mark.parametrize(("gain_db", "freq_hz", "q"), [(12.0, 1000.0, 1.0), (-18.0, 1000.0, 4.0), (18.0, 20000.0, 0.3), (6.0, 40.0, 0.7)])
def test_equaliser_follows_its_discrete_response(band, kind, gain_db, freq_hz, q):
    freq_hz = min(freq_hz, 1000.0) if kind == "low" else max(freq_hz, 1000.0) if kind == "high" else freq_hz
    knobs = {f"eq.{band}_gain_db": gain_db, f"eq.{band}_freq_hz": freq_hz}
    if kind == "bell":
        knobs[f"eq.{band}_q"] = q
    y = Rack().play(impulse(0.7, 64, 0.1), knobs)[:, 64:64 + N].astype(float)
    z = np.exp(-2j * np.pi * np.arange(1, N // 2) / N)
    b, a = _rbj(kind, gain_db, freq_hz, q if kind == "bell" else 0.5**0.5)
    expected = (b[0] + b[1] * z + b[2] * z * z) / (a[0] + a[1] * z + a[2] * z * z)
    for channel in y:
        assert np.abs(db(np.fft.rfft(channel)[1:N // 2] / 0.1) - db(expected)).max() < 0.1


@pytest.mark.parametrize(("kind", "most_db"), [(0, -95), (1, -85), (2, -78), (3, -85)])
def test_driven_hard_it_hardly_aliases(kind, most_db):
    """n84 at full scale, full drive."""
    f = sound.note_hz(84)
    y = Rack().play(sine(f, 6, 1.0), {"drive.mix": 1.0, "drive.type": float(kind), "drive.amount_db": 36.0})[0, 8000:]
    assert sound.alias(y.astype(float), f, SR_HZ)["alias_db"] < most_db
    assert abs(y.mean()) < 1e-3 * y.std()


def test_drive_without_drive_is_flat_and_early_and_its_level_is_made_up():
    y = Rack().play(impulse(0.7, 3200, 1e-3), {"drive.mix": 0.5, "drive.amount_db": 0.0})[0, 3200:3200 + 8192].astype(float)
    hz = np.fft.rfftfreq(8192, 1 / SR_HZ)
    level = db(np.fft.rfft(y) / 2e-3)  # dry and driven are both whole: in phase they are 6 dB
    assert np.abs(level[(hz > 30) & (hz < 20000)]).max() < 0.3
    assert np.argmax(np.abs(y)) <= 5
    for kind in range(4):
        for amount_db in (0.0, 12.0, 36.0):
            y = Rack().play(sine(220.0, 1), {"drive.mix": 1.0, "drive.type": float(kind), "drive.amount_db": amount_db})[0, 24000:]
            assert 0.05 < np.sqrt(np.mean(y**2)) < 0.3, (kind, amount_db)


def test_chorus_swings_the_pitch_and_the_sides_apart_and_keeps_the_tone_clean():
    knobs = {"chorus.mix": 1.0, "chorus.rate_hz": 1.0, "chorus.voices": 1.0, "chorus.depth": 0.5, "chorus.delay_s": 0.01}
    y = Rack().play(sine(1000.0, 3), knobs)[:, frames(1):].astype(float)
    n = np.arange(y.shape[1])
    turned = y * np.exp(-2j * np.pi * 1000.0 * n / SR_HZ)
    window = np.hanning(481) / np.hanning(481).sum()
    phase = [np.unwrap(np.angle(np.convolve(side, window, "valid"))) for side in turned]
    shift_hz = np.diff(phase[0]) * SR_HZ / 2 / np.pi
    swing_s = 0.5 * (0.01 - 10 / SR_HZ)
    assert np.abs(shift_hz).max() == pytest.approx(2 * np.pi * 1.0 * swing_s * 1000, rel=0.03)
    assert np.corrcoef(phase[0], phase[1])[0, 1] < 0
    power = sound.power_spectrum(y[0], 1 << 16)
    hz = np.arange(len(power)) * SR_HZ / (1 << 16)
    assert 10 * np.log10(power[np.abs(hz - 1000) > 150].sum() / power.sum()) < -80
    one = Rack().play(noise(1), {**knobs, "chorus.width": 0.0, "chorus.voices": 4.0})
    same = Rack().play(np.tile(noise(1)[:1], (2, 1)), {**knobs, "chorus.width": 0.0})
    assert np.array_equal(same[0], same[1]) and np.isfinite(one).all()


@pytest.mark.parametrize(("sync", "bpm", "beats"), [("1/4", 120.0, 1), ("1/8.", 97.0, 0.75), ("1/16t", 133.3, 1 / 6), ("2/1", 120.0, 8)])
def test_a_synced_echo_falls_on_its_sample(sync, bpm, beats):
    """2/1 at 120 bpm is 4 s, which is halved."""
    knobs = {"delay.mix": 0.5, "delay.sync": float(SYNCS.index(sync)), "delay.feedback": 0.5}
    y = Rack(tempo_bpm=bpm).play(impulse(5, 100), knobs)
    step = round(beats * 60 / bpm * SR_HZ) // (2 if sync == "2/1" else 1)
    for k in range(4900 * 48 // step + 1):
        at = 100 + k * step
        assert y[0, at] == (1.0 if k == 0 else pytest.approx(0.5 ** (k - 1), rel=1e-6))
        y[:, at] = 0
    assert not y.any()


def test_ping_pong_crosses_and_cuts_cut():
    left = impulse(1, 100)
    left[1] = 0
    base = {"delay.mix": 0.5, "delay.time_s": 0.1, "delay.feedback": 0.5}
    y = Rack().play(left, {**base, "delay.ping_pong": 1.0})
    assert [tuple(np.round(y[:, 100 + 4800 * k], 3)) for k in (1, 2, 3)] == [(0.5, 0), (0, 0.25), (0.125, 0)]
    cut = Rack().play(noise(4), {**base, "delay.mix": 1.0, "delay.feedback": 0.9, "delay.low_cut_hz": 500.0, "delay.high_cut_hz": 2000.0})
    power = np.abs(np.fft.rfft(cut[0, -65536:])) ** 2
    hz = np.fft.rfftfreq(65536, 1 / SR_HZ)
    middle, low, high = (power[(hz > a) & (hz < b)].mean() for a, b in ((800, 1300), (50, 100), (10000, 15000)))
    assert middle > 30 * low and middle > 30 * high


def test_a_new_delay_time_does_not_bend_the_pitch():
    a, b = ({"delay.mix": 1.0, "delay.feedback": 0.0, "delay.time_s": t} for t in (0.2, 0.31))
    y = Rack().play(sine(1000.0, 3), a, b, every=500)[0, 24000:].astype(float)
    power = sound.power_spectrum(y, 1 << 16)
    hz = np.arange(len(power)) * SR_HZ / (1 << 16)
    assert 10 * np.log10(power[np.abs(hz - 1000) > 100].sum() / power.sum()) < -60


@pytest.mark.parametrize("sr_hz", [22050, 48000, 192000])
def test_limiter_holds_its_ceiling_and_is_the_sound_itself_below(sr_hz):
    rng = np.random.default_rng(0)
    quiet = rng.uniform(-0.8, 0.8, (2, 96000)).astype(np.float32)
    late = int(np.ceil(0.0013 * sr_hz / 32)) * 32
    y = Rack(sr_hz).play(quiet, {"limiter.on": 1.0})
    assert np.array_equal(y[:, late:], quiet[:, :-late])
    loud = quiet * rng.choice([0.1, 1.0, 12.0], 96000 // 320).repeat(320).astype(np.float32)
    for release_s in (0.005, 0.3):
        y = Rack(sr_hz).play(loud, {"limiter.on": 1.0, "limiter.gain_db": 12.0, "limiter.ceiling_db": -3.0, "limiter.release_s": release_s})
        assert 0.99 * 10 ** (-3 / 20) < np.abs(y).max() <= 10 ** (-3 / 20)


def test_limiter_lets_go_in_its_time_and_bends_a_steady_tone_little():
    x = sine(1000.0, 2, 0.5)
    x[:, 48000:48100] *= 4
    knobs = {"limiter.on": 1.0, "limiter.release_s": 0.1}
    y = Rack().play(x, knobs)[0]
    level = [np.abs(y[48000 + int(s * SR_HZ):][:96]).max() for s in (0.004, 0.1, 0.8)]
    assert level[0] < 0.25 and level[1] == pytest.approx(0.5 - (0.5 - level[0]) * np.exp(-0.096 / 0.1), rel=0.05)
    assert level[2] == pytest.approx(0.5, rel=1e-3)
    steady = Rack().play(sine(1000.0, 4, 0.5), {**knobs, "limiter.gain_db": 12.0})[0, 48000:].astype(float)
    assert sound.thd_n(steady, 1000.0, SR_HZ) < -60
