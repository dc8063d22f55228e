"""The filter's lanes: every response against its formula, no clicks between types, clean when clean, drive and the ladder's song."""

import numpy as np
import pytest

from synth.engine.constants import LANES, QUANTUM
from synth.engine.dsp import filter as svf
from synth.engine.dsp import ladder
from synth.engine.dsp.filter_rows import (
    DDRIVE,
    DG,
    DOUBLE1,
    DRIVE,
    DRIVEN,
    END_STATE,
    FEEDBACK,
    FIRST_STATE,
    G2,
    L1,
    MAKE_UP,
    N_ROWS,
    PRESENCE,
    UP,
    Z1,
    Z3,
    G,
    K,
)
from synth.params.knobs import FILTER_TYPES
from tests.measures.sound import alias, note_hz, power_spectrum

SR_HZ = 48000
KINDS = range(svf.LOW12, svf.LADDER24 + 1)


def coefficient(cutoff_hz, sr_hz=SR_HZ):
    g = np.zeros(LANES, np.float32)
    svf.coefficients_lanes(np.full(LANES, np.log2(cutoff_hz), np.float32), np.log2(sr_hz), g)
    return g


def weights(kind):
    w = np.zeros(svf.N_WEIGHTS, np.float32)
    svf.weights_of(kind, w)
    return w


def rows_of(cutoff_hz, resonance=0.0, drive=1.0):
    rows = np.zeros((N_ROWS, LANES), np.float32)
    rows[G], rows[K], rows[DRIVE] = coefficient(cutoff_hz), svf.damping_of(resonance), drive
    return rows


def play(signal, rows, mixes, lane=3):
    """A mono signal through one lane, or float[n, LANES] through all (`lane` slice(None)).

    mixes: the weights at the end of quantum i of those given, then the last.
    """
    out, before = np.zeros((len(signal) // QUANTUM * QUANTUM, *np.shape(signal)[1:]), np.float32), mixes[0]
    for i in range(0, len(out), QUANTUM):
        after = mixes[min(i // QUANTUM, len(mixes) - 1)]
        x = np.zeros((QUANTUM, LANES), np.float32)
        x[:, lane] = signal[i:i + QUANTUM]
        svf.render_lanes(x, rows, before, ((after - before) / QUANTUM).astype(np.float32))
        out[i:i + QUANTUM], before = x[:, lane], after
    return out


def expected(kind, freq_hz, cutoff_hz, resonance):
    """The bilinear transform of the analogue prototype, prewarped."""
    rate = SR_HZ if kind < svf.LADDER12 else 2 * SR_HZ
    s = 1j * np.tan(np.pi * freq_hz / rate) / np.tan(np.pi * cutoff_hz / rate)
    k = svf.damping_of(resonance)
    narrow, feedback = 0.76536686 * (1 - resonance) ** 2 + 0.01, ladder.feedback_of(k)

    def two_poles(zeros, k):
        return zeros / (s * s + k * s + 1)

    if kind in (svf.LADDER12, svf.LADDER24):
        return (1 + 0.5 * feedback) * (1 + s) ** (2 if kind == svf.LADDER12 else 0) / ((1 + s) ** 4 + feedback)
    zeros = {"low": 1, "high": s * s, "notch": s * s + 1}
    name = FILTER_TYPES[kind][:-2]
    if FILTER_TYPES[kind].endswith("12"):
        return two_poles(zeros.get(name, k * s), k)
    if name in ("band", "notch"):
        return two_poles(zeros.get(name, k * s), k) ** 2
    return two_poles(zeros[name], 1.84775907) * two_poles(zeros[name], narrow)


@pytest.mark.parametrize("kind", KINDS)
def test_every_response_is_its_formula(kind):
    n = 1 << 15
    freq_hz = np.arange(1, n // 2) * SR_HZ / n
    impulse = np.zeros((n, LANES))
    impulse[0] = np.linspace(0.5, 1.0, LANES) * (0.01 if kind >= svf.LADDER12 else 1.0)  # of many sizes: float32's rounding averages
    for cutoff_hz, resonance in ((60.0, 0.3), (1000.0, 0.3), (1000.0, 0.8), (15000.0, 0.9)):
        out = play(impulse, rows_of(cutoff_hz, resonance), [weights(kind)], slice(None)) / impulse[0]
        found, wanted = np.abs(np.fft.rfft(out.mean(1))[1:n // 2]), np.abs(expected(kind, freq_hz, cutoff_hz, resonance))
        heard = (wanted > 10 ** (-90 / 20)) & (freq_hz < (20000 if kind >= svf.LADDER12 else SR_HZ))  # the way down from twice the rate
        assert np.abs(20 * np.log10(found[heard] / wanted[heard])).max() < 0.1


def test_coefficients_of_sixteen_cutoffs_are_the_tangent():
    for sr_hz in (22050, 48000, 192000):
        log2_hz = np.linspace(np.log2(5), np.log2(0.48 * sr_hz), 160 * LANES, dtype=np.float32).reshape(-1, LANES)
        for row in log2_hz:
            g = np.zeros(LANES, np.float32)
            svf.coefficients_lanes(row, np.log2(sr_hz), g)
            assert np.abs(g / np.tan(np.pi * 2.0 ** row.astype(float) / sr_hz) - 1).max() < 2e-5
    assert coefficient(1e6)[0] == pytest.approx(np.tan(0.49 * np.pi), rel=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_however_it_is_moved_it_stays_finite_and_bounded(kind):
    """Resonance 1 (k = 0.01), cut-off 20 Hz to 23 kHz at 5 Hz, noise at full scale, drive to 36 dB for a while."""
    rng, rows, mix = np.random.default_rng(0), rows_of(1000.0, 1.0), weights(kind)
    for i in range(3000):
        rows[DG] = (coefficient(11500 * (1 + np.sin(2 * np.pi * 5 * (i + 1) * QUANTUM / SR_HZ)) + 20) - rows[G]) / QUANTUM
        rows[DRIVE] = 63.0 if 1000 < i < 2000 else 1.0
        x = rng.uniform(-1, 1, (QUANTUM, LANES)).astype(np.float32)
        svf.render_lanes(x, rows, mix, np.zeros_like(mix))
        rows[G] += QUANTUM * rows[DG]
        assert np.isfinite(x).all() and np.abs(x).max() < 1e4


def two_poles(before, after, n=64):
    """Weights on their way, as the engine smooths them: two poles of 3 ms, a step a quantum, arriving exactly."""
    c, a, b, path = 1 - np.exp(-QUANTUM / (SR_HZ * 0.003)), before.copy(), before.copy(), [before]
    for _ in range(n):
        a = a + np.float32(c) * (after - a)
        b = b + np.float32(c) * (a - b)
        path.append(b)
    return [*path, after]


def test_types_change_without_a_click():
    """220 Hz at -10 dBFS, driven by 6 dB, every type to every other: under -95 dBFS above 8 kHz in the 21 ms where they meet."""
    n = 160 * QUANTUM
    tone = (0.3 * np.sin(2 * np.pi * 220 * np.arange(n) / SR_HZ)).astype(np.float32)
    for before in range(svf.LADDER24 + 1):
        for after in range(svf.LADDER24 + 1):
            mixes = [weights(before)] * 96 + two_poles(weights(before), weights(after))
            out = play(tone, rows_of(600.0, 0.5, 2.0), mixes)
            power = power_spectrum(out[88 * QUANTUM:88 * QUANTUM + 1024], 1024)
            assert 10 * np.log10(power[int(8000 / SR_HZ * 1024):].sum() + 1e-20) < -95, (before, after)


def test_drive_comes_and_goes_without_a_click():
    """From clean to 24 dB and back as the engine smooths a knob: under -90 dBFS above 8 kHz in the 21 ms around each."""
    n = 160 * QUANTUM
    tone = 0.3 * np.sin(2 * np.pi * 220 * np.arange(n) / SR_HZ)
    ends = (1.0, 10 ** (24 / 20))
    for before, after in (ends, ends[::-1]):
        gains = np.array([before] * 96 + two_poles(np.float32(before), np.float32(after)))
        rows, out = rows_of(20000.0), []
        for i in range(len(gains) - 1):
            rows[DRIVE], rows[DDRIVE] = gains[i], (gains[i + 1] - gains[i]) / QUANTUM
            out.append(play(tone[i * QUANTUM:(i + 1) * QUANTUM], rows, [weights(svf.LOW12)]))
        power = power_spectrum(np.concatenate(out)[88 * QUANTUM:88 * QUANTUM + 1024], 1024)
        assert 10 * np.log10(power[int(8000 / SR_HZ * 1024):].sum() + 1e-20) < -90


@pytest.mark.parametrize("before, after", [(svf.LOW12, svf.LADDER24), (svf.LADDER12, svf.HIGH24), (svf.BAND12, svf.LOW24)])
def test_states_not_in_use_may_hold_anything(before, after):
    """What an earlier type left in the rows that this one does not use is not heard, now or after a change of type."""
    noise = np.random.default_rng(4).uniform(-1, 1, 96 * QUANTUM).astype(np.float32)
    mixes, found = [weights(before)] * 8 + two_poles(weights(before), weights(after)), []
    first, end = (L1, DRIVEN) if before >= svf.LADDER12 else (Z1, Z3)
    for junk in (0.0, 0.7):
        rows = rows_of(600.0, 0.5)
        rows[FIRST_STATE:first] = rows[end:END_STATE] = junk
        found.append(play(noise, rows, mixes))
    assert np.array_equal(*found) and np.ptp(found[0]) > 0.1


def test_clean_is_exactly_linear_and_lanes_keep_apart():
    rng = np.random.default_rng(1)
    noise = rng.uniform(-1, 1, 64 * QUANTUM).astype(np.float32)
    for kind in (svf.LOW12, svf.HIGH24):
        once = play(noise, rows_of(900.0, 0.7), [weights(kind)])
        assert np.array_equal(play(4 * noise, rows_of(900.0, 0.7), [weights(kind)]), 4 * once)
        rows = rows_of(900.0, 0.7)
        rows[G, ::2], rows[DRIVE, 4:] = 0.3, 20.0
        assert np.array_equal(play(noise, rows, [weights(kind)], lane=3), once)
    off = weights(svf.OFF)
    assert not svf.is_on(off, 0 * off) and svf.is_on(off, weights(svf.LOW12) - off)


def test_drive_is_as_loud_and_folds_little():
    n = 1 << 16
    saw = sum(np.sin(2 * np.pi * note_hz(60) * k * np.arange(n) / SR_HZ) / k for k in range(1, 92)) * 0.2
    for drive_db, most_alias_db in ((6, -76), (12, -71), (24, -57)):
        out = play(saw, rows_of(20000.0, 0.0, 10 ** (drive_db / 20)), [weights(svf.LOW12)])[8000:]
        assert abs(20 * np.log10(out.std() / saw.std())) < 3
        assert alias(out, note_hz(60), SR_HZ)["alias_db"] < most_alias_db
    out = play(saw, rows_of(20000.0), [weights(svf.LADDER24)])[8000:]
    assert alias(out, note_hz(60), SR_HZ)["alias_db"] < -80


@pytest.mark.parametrize("cutoff_hz", [100.0, 1000.0, 4000.0, 12000.0])
def test_the_ladder_sings_in_tune_at_full_resonance(cutoff_hz):
    n = 1 << 16
    strike = np.where(np.arange(n) < 40, 0.1, 0.0)
    out = play(strike, rows_of(cutoff_hz, 1.0), [weights(svf.LADDER24)])[n // 2:].astype(float)
    spectrum = np.abs(np.fft.rfft(out * np.hanning(len(out)), 1 << 19))
    top = int(spectrum.argmax())
    a, b, c = np.log(spectrum[top - 1:top + 2])
    found_hz = (top + 0.5 * (a - c) / (a - 2 * b + c)) * SR_HZ / (1 << 19)
    assert abs(1200 * np.log2(found_hz / cutoff_hz)) < 2
    assert 0.05 < np.abs(out).max() < 0.5


def test_lanes_are_themselves_as_plain_python():
    rng = np.random.default_rng(2)
    x = rng.uniform(-1, 1, (QUANTUM, LANES)).astype(np.float32)
    w, dw = weights(svf.BAND24), np.full(svf.N_WEIGHTS, 1e-3, np.float32)
    for kernel, arguments in ((svf.two_stages, (w, dw)), (svf._one_stage, (w[4], w[5], w[6])), (svf.filter_drive.render, ()),
                              (ladder.render, (DOUBLE1, w[4], w[5], dw[0], dw[0]))):
        found = []
        for function in (kernel, kernel.py_func):
            rows, y = rows_of(2000.0, 0.5, 3.0), x.copy()
            rows[FEEDBACK], rows[MAKE_UP], rows[PRESENCE], rows[DRIVEN], rows[G2] = 2.0, 0.5, 1.0, 0.1, 0.05
            svf.oversample.up(y, 0, rows, DOUBLE1, UP)
            function(y, 0, rows, *arguments)
            found.append(np.concatenate([y, rows]))
        assert np.abs(found[0] - found[1]).max() < 1e-5
