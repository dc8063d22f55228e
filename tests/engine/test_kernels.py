"""Kernels against a slow textbook version, and against themselves as plain Python."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from synth.engine.constants import LANES, QUANTUM
from synth.engine.dsp import fft
from synth.engine.dsp.table_read import read, read_curve, read_three, read_two
from synth.engine.dsp.transpose import transpose_rows
from synth.engine.jack_process import decode
from synth.events import EVENT_DTYPE, Kind
from synth.midi_bytes import event_of


@pytest.mark.parametrize("size", [512, 1024, 2048, 4096, 8192])
def test_tables_are_the_inverse_transform(size):
    rng = np.random.default_rng(size)
    top = size // 8
    re, im = (np.concatenate([[0], rng.standard_normal(top)]).astype(np.float32) for _ in range(2))
    table, work = np.zeros(size + 8, np.float32), np.zeros(fft.WORK, np.float32)
    fft.harmonics_to_table(re, im, top, size, fft.twiddles(), work, table)
    spectrum = np.zeros(size // 2 + 1, complex)
    spectrum[:top + 1] = re + 1j * im
    expected = np.fft.irfft(spectrum, size) * size / 2
    error = np.sqrt(np.mean((table[1:size + 1] - expected) ** 2) / np.mean(expected**2))
    assert 20 * np.log10(error) < -130
    assert table[0] == table[size] and table[size + 1] == table[1] and table[size + 2] == table[2]


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


def test_rows_turn_into_lanes():
    rows, lanes = np.random.default_rng(1).random((LANES, QUANTUM), np.float32), np.zeros((QUANTUM, LANES), np.float32)
    njit(lambda rows, lanes: transpose_rows(rows, lanes))(rows, lanes)
    assert np.array_equal(lanes, rows.T)


@pytest.mark.parametrize("log2_size", [9, 12])
def test_the_oscillators_inner_loop_is_itself_as_plain_numpy(log2_size):
    rng = np.random.default_rng(2)
    old, new = rng.standard_normal((2, (1 << log2_size) + 3)).astype(np.float32)
    older = rng.standard_normal((1 << log2_size) + 3).astype(np.float32)
    blend, out, expected = rng.random(QUANTUM).astype(np.float32), np.zeros((4, QUANTUM), np.float32), np.zeros((4, QUANTUM), np.float32)

    def both(older, old, new, blend, phase, step, bend, log2_size, out):
        read(old, phase, step, bend, log2_size, out[0])
        read_two(old, new, blend, phase, step, bend, log2_size, out[1])
        read_curve(old, new, blend[0], blend[1] / QUANTUM, blend[2] / QUANTUM**2, phase, step, bend, log2_size, out[2])
        read_three(older, old, new, blend[0], blend[1] / QUANTUM, phase, step, bend, log2_size, out[3])

    for phase, step, bend in ((0, 1 << 26, 0.0), (0xFFFFFFF0, 123456789, -1e5), (77, 0x7FFFFFFF, 3e4)):
        walk = (np.uint32(phase), np.uint32(step), np.float32(bend), np.int32(log2_size))
        njit(both)(older, old, new, blend, *walk, out)
        both(older, old, new, blend, *walk, expected)
        assert np.abs(out - expected).max() < 2e-5
