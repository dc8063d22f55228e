"""Sub-oscillator: sine, triangle and square without aliasing.

Triangle and square come from tables of their odd harmonics, one for every half octave, read by the same interpolator as the
wavetables and undrooped like them; a table is chosen so that its top harmonic lies under half the rate, so nothing folds, and
what is lacking lies above a third of the rate. Moving to another table is a cross-fade of one quantum. At a gain of 1 each
shape has the RMS of the oscillator at 0 dB (-18 dB).
"""

import math

import numpy as np

from ..compile.jit import kernel
from ..constants import QUANTUM
from .interpolation import response, taps

SINE, TRIANGLE, SQUARE = range(3)  # as the choices of sub.shape
_LOG2_MIN, _LOG2_MAX = 6, 13
_SPARE = 3  # samples past the end of a cycle, for the taps
N_LEVELS = 1 + 2 * (_LOG2_MAX - _LOG2_MIN + 1)
_RMS = 10 ** (-18 / 20)
_C = tuple(np.float32(c) for c in taps().ravel())
_TO_CYCLES = 2.0**-64
_CYCLES_OF_32 = np.float32(2.0**-32)
_ROUND = np.uint64(1 << 31)
_W1, _W2, _W3, _PLACE, _OLD = QUANTUM, 2 * QUANTUM, 3 * QUANTUM, 4 * QUANTUM, 5 * QUANTUM
N_SCRATCH = 6 * QUANTUM
_RAMP = np.array([i * (i + 1) // 2 for i in range(QUANTUM)], np.uint32)
_HALF = np.float32(0.5)
_S = tuple(np.float32(_RMS * math.sqrt(2) * c)  # sin(2 pi x), |x| <= 1/4, at its level
           for c in (6.283185160086937, -41.34165503079822, 81.60100403325502, -76.5497813461921, 39.5366986609699))


def _levels():
    """(top harmonic, log2 of the table's size) of every level: two for each size, an octave by a half apart."""
    tops = [(1, _LOG2_MIN)]
    for log2_size in range(_LOG2_MIN, _LOG2_MAX + 1):
        most = (1 << log2_size) / 11
        tops += [(int((most / math.sqrt(2) - 1) // 2) * 2 + 1, log2_size), (int((most - 1) // 2) * 2 + 1, log2_size)]
    return tops


TOPS = np.array([top for top, _ in _levels()])
_TOPS = TOPS.astype(np.float32)
LOG2_SIZES = np.array([log2_size for _, log2_size in _levels()])
OFFSETS = np.concatenate([[0], np.cumsum((1 << LOG2_SIZES) + _SPARE)])
N_TABLES = int(2 * OFFSETS[-1])  # floats: every level of the triangle, then of the square


def tables() -> np.ndarray:
    """The tables, float32[N_TABLES]; a few milliseconds."""
    out = []
    for power in (2, 1):
        k = np.arange(1, TOPS[-1] + 1, 2)
        scale = _RMS * math.sqrt(2) / math.sqrt((k ** (-2.0 * power)).sum())
        for top, size in zip(TOPS, 1 << LOG2_SIZES, strict=True):
            k = np.arange(1, top + 1, 2)
            sign = (-1.0) ** (k // 2) if power == 2 else 1.0  # the triangle rises from 0 as the sine does
            spectrum = np.zeros(size // 2 + 1, complex)
            spectrum[k] = -0.5j * size * scale * sign / k**power / response(k / size)
            cycle = np.fft.irfft(spectrum, size)
            out.append(np.concatenate([cycle[-1:], cycle, cycle[:_SPARE - 1]]))
    return np.concatenate(out).astype(np.float32)


@kernel
def level_of(step):
    """The level whose top harmonic lies just under half the rate, for a step (cycles * 2^64) per frame."""
    most = np.float32(0.5 / max(np.float64(step) * _TO_CYCLES, 1e-9))
    level = np.int32(0)
    for i in range(1, N_LEVELS):
        level += np.int32(1) if _TOPS[i] <= most else np.int32(0)
    return level


@kernel
def _sine(phase, step, slope, ws):
    for i in range(QUANTUM):
        p = np.uint32(phase + np.uint32(i) * step + _RAMP[i] * slope)
        x = np.float32(np.int32(p)) * _CYCLES_OF_32  # -0.5..0.5
        x = min(max(x, -_HALF - x), _HALF - x)
        y = x * x
        ws[i] = x * (_S[0] + y * (_S[1] + y * (_S[2] + y * (_S[3] + y * _S[4]))))


@kernel
def _walk(phase, step, slope, log2_size, ws):
    """Each frame's place in a table: ws[4 Q...] the first tap, ws[0..4 Q] the weights of the four taps (Q = QUANTUM)."""
    down, up = np.uint32(32 - log2_size), np.uint32(log2_size)
    for i in range(QUANTUM):
        p = np.uint32(phase + np.uint32(i) * step + _RAMP[i] * slope)
        ws[_PLACE + i] = np.float32(np.int32(p >> down))
        x = np.float32(np.int32(np.uint32(p << up) >> np.uint32(8))) * np.float32(1 / 16777216)
        ws[_W1 + i] = _C[4] + x * (_C[5] + x * (_C[6] + x * _C[7]))
        ws[_W2 + i] = _C[8] + x * (_C[9] + x * (_C[10] + x * _C[11]))
        ws[_W3 + i] = _C[12] + x * (_C[13] + x * (_C[14] + x * _C[15]))
        ws[i] = _C[0] + x * (_C[1] + x * (_C[2] + x * _C[3]))


@kernel
def _read(table, ws, out):
    """Every frame of a table into ws[out...]."""
    for i in range(QUANTUM):
        k = np.uint32(np.int32(ws[_PLACE + i]))
        ws[out + i] = (ws[i] * table[k] + ws[_W1 + i] * table[k + np.uint32(1)]) + (
            ws[_W2 + i] * table[k + np.uint32(2)] + ws[_W3 + i] * table[k + np.uint32(3)])


@kernel
def _wave(phase, step, slope, old, new, tables, ws):
    """A quantum of the table of level `new` into ws[0..QUANTUM], from level `old` if they differ."""
    if old != new:
        _walk(phase, step, slope, LOG2_SIZES[old], ws)
        _read(tables[OFFSETS[old]:], ws, _OLD)
    _walk(phase, step, slope, LOG2_SIZES[new], ws)
    _read(tables[OFFSETS[new]:], ws, 0)
    if old != new:
        for i in range(QUANTUM):
            ws[i] = ws[_OLD + i] + np.float32(np.int32(i + 1)) * np.float32(1 / QUANTUM) * (ws[i] - ws[_OLD + i])


@kernel
def add(phase, step, slope, shape, gain0, gain1, tables, ws, x, first):
    """Add frames first..QUANTUM-1 to float32[QUANTUM] `x`; answers the phase at the end.

    phase, step: uint64, cycles * 2^64, as they were at the frame before `first`; slope: int64, added to the step each frame.
    gain0, gain1: linear gain before frame 0 and at the quantum's last. tables: what `tables()` made; ws: float32[N_SCRATCH].
    Real-time: no allocation, no locks, no I/O, no Python.
    """
    slope, n = np.uint64(np.int64(slope)), np.uint64(QUANTUM - first)
    # frame i is j = i + 1 - first steps on: phase + j step + j (j + 1) / 2 slope = phase0 + i step0 + i (i + 1) / 2 slope
    back = np.uint64(first) - np.uint64(1)
    step0 = step - back * slope
    phase0 = phase - back * step + (back * (back - np.uint64(1)) >> np.uint64(1)) * slope
    high = np.uint32((phase0 + _ROUND) >> np.uint64(32))
    step32 = np.uint32((step0 + _ROUND) >> np.uint64(32))
    slope32 = np.uint32((slope + _ROUND) >> np.uint64(32))
    if shape == SINE:
        _sine(high, step32, slope32, ws)
    else:
        half = N_TABLES // 2
        old = level_of(step)
        _wave(high, step32, slope32, old, level_of(step + slope * n) if slope else old,
              tables[half:] if shape == SQUARE else tables[:half], ws)
    gain, rise = np.float32(gain0), np.float32((gain1 - gain0) / QUANTUM)
    for i in range(first, QUANTUM):
        x[i] += (gain + rise * np.float32(np.int32(i + 1))) * ws[i]
    return phase + n * step + (n * (n + np.uint64(1)) >> np.uint64(1)) * slope
