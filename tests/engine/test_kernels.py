"""Kernels against a slow textbook version, and against themselves as plain Python."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.engine import envelope, fft
from synth.engine import filter as svf
from synth.engine.jack_process import decode
from synth.engine.state import ENVELOPE, EVENT_DTYPE, LANES, QUANTUM
from synth.events import Kind
from synth.io.midi import event_of

SR_HZ = 48000


@pytest.mark.parametrize("size", [64, 128, 512, 1024, 2048, 4096, 8192])
def test_tables_are_the_inverse_transform(size):
    rng = np.random.default_rng(size)
    top = size // 8
    re, im = (np.concatenate([[0], rng.standard_normal(top)]).astype(np.float32) for _ in range(2))
    table, work = np.zeros(size + 8, np.float32), np.zeros((4, fft.MAX_SIZE // 2), np.float32)
    fft.harmonics_to_table(re, im, top, size, fft.twiddles(), work, table)
    spectrum = np.zeros(size // 2 + 1, complex)
    spectrum[:top + 1] = re + 1j * im
    expected = np.fft.irfft(spectrum, size) * size / 2
    error = np.sqrt(np.mean((table[1:size + 1] - expected) ** 2) / np.mean(expected**2))
    assert 20 * np.log10(error) < -130
    assert table[0] == table[size] and table[size + 1] == table[1] and table[size + 2] == table[2]


@pytest.mark.parametrize("kind", [svf.LOW12, svf.LOW24, svf.BAND12, svf.HIGH12, svf.NOTCH12])
@pytest.mark.parametrize("cutoff_hz", [60.0, 1000.0, 15000.0])
def test_filter_follows_its_discrete_response(kind, cutoff_hz):
    """The bilinear transform of the analogue prototype, prewarped; within 0.1 dB where above -90 dB."""
    n = 1 << 15
    g, k, k2 = svf.coefficient(cutoff_hz, SR_HZ), 1.84775907 if kind == svf.LOW24 else svf.damping(0.3, 2), svf.damping(0.3, 4)
    mix, slope = np.zeros(svf.N_MIX, np.float32), np.zeros(svf.N_MIX, np.float32)
    svf.mix_of(kind, mix)
    z = [np.zeros(LANES, np.float32) for _ in range(4)]
    out = np.zeros(n, np.float32)
    for start in range(0, n, QUANTUM):
        x = np.zeros((QUANTUM, LANES), np.float32)
        x[0, 3] = start == 0
        svf.render(x, np.full(LANES, g, np.float32), np.zeros(LANES, np.float32), *z, np.float32(k), np.float32(k2), mix, slope,
                   kind == svf.LOW24)
        out[start:start + QUANTUM] = x[:, 3]
    s = 1j * np.tan(np.pi * np.arange(1, n // 2) / n) / g
    low, band, high = (p / (s * s + k * s + 1) for p in (1, k * s, s * s))
    expected = {svf.LOW12: low, svf.LOW24: low / (s * s + k2 * s + 1), svf.BAND12: band, svf.HIGH12: high, svf.NOTCH12: low + high}[kind]
    found = np.fft.rfft(out.astype(float))[1:n // 2]
    heard = 20 * np.log10(np.abs(expected) + 1e-12) > -90
    error = np.abs(20 * np.log10(np.abs(found[heard]) + 1e-12) - 20 * np.log10(np.abs(expected[heard])))
    assert error[np.abs(expected[heard]) > 1e-3].max() < 0.1


def test_filter_stays_finite_however_it_is_moved():
    rng = np.random.default_rng(0)
    z = [np.zeros(LANES, np.float32) for _ in range(4)]
    mix, slope = np.zeros(svf.N_MIX, np.float32), np.zeros(svf.N_MIX, np.float32)
    svf.mix_of(svf.LOW24, mix)
    g0 = np.full(LANES, svf.coefficient(1000.0, SR_HZ), np.float32)
    for i in range(3000):
        hz = 11500 * (1 + np.sin(2 * np.pi * 5 * i * QUANTUM / SR_HZ)) + 20
        g1 = np.full(LANES, svf.coefficient(hz, SR_HZ), np.float32)
        x = rng.uniform(-1, 1, (QUANTUM, LANES)).astype(np.float32)
        svf.render(x, g0, (g1 - g0) / QUANTUM, *z, np.float32(0.01), np.float32(0.01), mix, slope, True)
        g0 = g1
        assert np.isfinite(x).all() and np.abs(x).max() < 1e4


def _play(fill):
    env, rates = np.zeros(1, ENVELOPE)[0], np.zeros(4)
    envelope.rates_of(0.01, 0.05, 0.03, 0.005, SR_HZ, rates)
    row, out = np.zeros(QUANTUM, np.float32), []
    envelope.enter(env, envelope.ATTACK)
    for i in range(200):
        if i == 140:
            envelope.enter(env, envelope.RELEASE)
        cut = (7 * i) % QUANTUM
        fill(env, row, 0, cut, rates, 0.5)
        fill(env, row, cut, QUANTUM, rates, 0.5)
        out.append(row.copy())
    return np.concatenate(out)


def test_envelope_is_itself_as_plain_python_and_reaches_its_marks():
    compiled, plain = _play(envelope.fill), _play(envelope.fill.py_func)
    assert np.abs(compiled - plain).max() < 1e-5
    assert compiled.max() == pytest.approx(1.0, abs=1e-6) and np.argmax(compiled) in range(478, 482)
    assert compiled[130 * QUANTUM] == pytest.approx(0.5, abs=1e-5)
    assert compiled[140 * QUANTUM + 1441] == 0 and compiled[140 * QUANTUM + 1400] > 0


@given(st.lists(st.integers(0, 255), max_size=4))
def test_both_midi_decoders_agree(message):
    row = np.zeros(1, EVENT_DTYPE)
    padded = np.array((message + [0] * 4)[:4], np.uint8)
    decode(padded, len(message), row[0])
    expected = event_of(message)
    if expected is None:
        assert row["kind"][0] == 0
    else:
        assert Kind(int(row["kind"][0])) == expected.kind
        assert (row["channel"][0], row["number"][0]) == (expected.channel, expected.number)
        assert row["value"][0] == pytest.approx(expected.value)
