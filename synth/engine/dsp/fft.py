"""Inverse real FFT of a sparse harmonic spectrum into a table, on the audio thread.

The real table x of N samples is packed as z[n] = x[2n] + i x[2n + 1], whose N/2-point spectrum comes from the harmonics directly. Its
transform goes in stages of radix 4 (one of radix 2 where N/2 is not a power of 4), LANES numbers at a time: two stages that part it into
LANES transforms, side by side in memory, then, those laid across the lanes, Stockham's autosort stages over all of them at once.
Van Loan, 'Computational Frameworks for the Fast Fourier Transform', 1992, sections 1.7 and 2.4.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import numpy as np

from ..compile.jit import kernel
from ..compile.simd_math import load_at, spread_at, store_at, transpose_at
from ..constants import LANES

MAX_SIZE, MIN_SIZE = 8192, 2 * LANES**2
WORK = (4, MAX_SIZE // 2 + 21 * LANES)  # float32 to work in: rows that do not fall on the same lines of a cache
_QUARTER = MAX_SIZE // 4 + LANES  # cosines, then sines, of the first quarter of a turn, MAX_SIZE steps to a turn
_SHORTEST = 4
_STAGES = 2 * _QUARTER + 3 * _SHORTEST // 2  # where the turns of stages begin
N_TWIDDLES = _STAGES + 3 * MAX_SIZE // 2


def twiddles() -> np.ndarray:
    """float32[N_TWIDDLES]: turns for packing; then, for each length from 4, e^{2 pi i j p / length} for j 1 to 3, real and imaginary."""
    found = np.zeros(N_TWIDDLES)
    angle = 2 * np.pi * np.arange(_QUARTER) / MAX_SIZE
    found[:_QUARTER], found[_QUARTER:2 * _QUARTER] = np.cos(angle), np.sin(angle)
    length = _SHORTEST
    while length < MAX_SIZE:
        turn = np.exp(2j * np.pi * np.outer((1, 2, 3), np.arange(length // 4)) / length)
        at = _STAGES + 3 * (length - _SHORTEST) // 2
        found[at:at + 3 * length // 2] = np.stack([turn.real, turn.imag], 1).ravel()
        length *= 2
    return found.astype(np.float32)


@kernel
def _pack(re, im, n_harmonics, n, twiddle, zr, zi):
    """Spectrum of z[n] = x[2n] + i x[2n+1] from harmonics 1..n_harmonics (< n/4): zr, zi [n/2], halved throughout."""
    half, stride = n // 2, MAX_SIZE // n
    cosine, sine = twiddle[:_QUARTER], twiddle[_QUARTER:2 * _QUARTER]
    for k in range(0, half, LANES):
        store_at(zr, k, np.float32(0.0))
        store_at(zi, k, np.float32(0.0))
    for k in range(1, n_harmonics + 1):
        c, s = cosine[k * stride], sine[k * stride]
        a, b = np.float32(0.5) * re[k], np.float32(0.5) * im[k]
        ur, ui = a * c - b * s, a * s + b * c  # X[k] e^{+2 pi i k / n}
        zr[k] = a - ui
        zi[k] = b + ur
        zr[half - k] = a + ui
        zi[half - k] = ur - b


@kernel
def _part(xr, xi, at, length, yr, yi, to, apart, twiddle):
    """A transform of `length` points from `at` of x -> four of a quarter, from `to` of y on, `apart` numbers from one another."""
    m, w = length // 4, _STAGES + 3 * (length - _SHORTEST) // 2
    for p in range(0, m, LANES):
        ar, br, cr, dr = load_at(xr, at + p), load_at(xr, at + p + m), load_at(xr, at + p + 2 * m), load_at(xr, at + p + 3 * m)
        ai, bi, ci, di = load_at(xi, at + p), load_at(xi, at + p + m), load_at(xi, at + p + 2 * m), load_at(xi, at + p + 3 * m)
        acr, aci, asr, asi = ar + cr, ai + ci, ar - cr, ai - ci
        bdr, bdi, bsr, bsi = br + dr, bi + di, br - dr, bi - di
        store_at(yr, to + p, acr + bdr)
        store_at(yi, to + p, aci + bdi)
        tr, ti, c, s = asr - bsi, asi + bsr, load_at(twiddle, w + p), load_at(twiddle, w + p + m)
        store_at(yr, to + p + apart, tr * c - ti * s)
        store_at(yi, to + p + apart, tr * s + ti * c)
        tr, ti, c, s = acr - bdr, aci - bdi, load_at(twiddle, w + p + 2 * m), load_at(twiddle, w + p + 3 * m)
        store_at(yr, to + p + 2 * apart, tr * c - ti * s)
        store_at(yi, to + p + 2 * apart, tr * s + ti * c)
        tr, ti, c, s = asr + bsi, asi - bsr, load_at(twiddle, w + p + 4 * m), load_at(twiddle, w + p + 5 * m)
        store_at(yr, to + p + 3 * apart, tr * c - ti * s)
        store_at(yi, to + p + 3 * apart, tr * s + ti * c)


@kernel
def _stage(xr, xi, yr, yi, length, stride, twiddle):
    """One radix-4 Stockham stage: `length` points left to transform, `stride` of them side by side. Reads x, writes y."""
    m, w = length // 4, _STAGES + 3 * (length - _SHORTEST) // 2
    far, out = stride * m, np.int64(0)
    for p in range(m):
        c1, s1, c2 = spread_at(twiddle, w + p), spread_at(twiddle, w + p + m), spread_at(twiddle, w + p + 2 * m)
        s2, c3, s3 = spread_at(twiddle, w + p + 3 * m), spread_at(twiddle, w + p + 4 * m), spread_at(twiddle, w + p + 5 * m)
        for q in range(stride * p, stride * (p + 1), LANES):
            ar, br, cr, dr = load_at(xr, q), load_at(xr, q + far), load_at(xr, q + 2 * far), load_at(xr, q + 3 * far)
            ai, bi, ci, di = load_at(xi, q), load_at(xi, q + far), load_at(xi, q + 2 * far), load_at(xi, q + 3 * far)
            acr, aci, asr, asi = ar + cr, ai + ci, ar - cr, ai - ci
            bdr, bdi, bsr, bsi = br + dr, bi + di, br - dr, bi - di
            store_at(yr, out, acr + bdr)
            store_at(yi, out, aci + bdi)
            tr, ti = asr - bsi, asi + bsr  # inverse transform: + i
            store_at(yr, out + stride, tr * c1 - ti * s1)
            store_at(yi, out + stride, tr * s1 + ti * c1)
            tr, ti = acr - bdr, aci - bdi
            store_at(yr, out + 2 * stride, tr * c2 - ti * s2)
            store_at(yi, out + 2 * stride, tr * s2 + ti * c2)
            tr, ti = asr + bsi, asi - bsr
            store_at(yr, out + 3 * stride, tr * c3 - ti * s3)
            store_at(yi, out + 3 * stride, tr * s3 + ti * c3)
            out += LANES
        out += 3 * stride


@kernel
def _halves(xr, xi, yr, yi, stride):
    """The last stage where two points are left to transform."""
    for q in range(0, stride, LANES):
        a, b, c, d = load_at(xr, q), load_at(xr, q + stride), load_at(xi, q), load_at(xi, q + stride)
        store_at(yr, q, a + b)
        store_at(yr, q + stride, a - b)
        store_at(yi, q, c + d)
        store_at(yi, q + stride, c - d)


@kernel
def harmonics_to_table(re, im, n_harmonics, n, twiddle, work, table):
    """Table of n samples (power of two, 512..8192) from cosine-series harmonics, with guard samples for four taps.

    re, im: float32[>= n_harmonics + 1]; sample j is sum_k re[k] cos(2 pi k j / n) - im[k] sin(2 pi k j / n). n_harmonics < n / 4.
    twiddle: of `twiddles`. work: float32 of WORK. table: float32[>= n + 3], table[1 + j] = sample j.
    """
    half = n // 2
    xr, xi, yr, yi = work[0], work[1], work[2], work[3]
    _pack(re, im, n_harmonics, n, twiddle, xr, xi)
    quarter, block = half // 4, half // 16
    _part(xr, xi, 0, half, yr, yi, 0, quarter, twiddle)
    for i in range(4):
        _part(yr, yi, i * quarter, quarter, xr, xi, i * block, quarter, twiddle)
    for r in range(0, block, LANES):
        transpose_at(xr, r, block, yr, r * LANES)
        transpose_at(xi, r, block, yi, r * LANES)
    xr, xi, yr, yi = yr, yi, xr, xi
    left, stride = block, np.int64(LANES)
    while left >= 4:
        _stage(xr, xi, yr, yi, left, stride, twiddle)
        xr, xi, yr, yi = yr, yi, xr, xi
        left //= 4
        stride *= 4
    if left == 2:
        _halves(xr, xi, yr, yi, stride)
        xr, xi, yr, yi = yr, yi, xr, xi
    for q in range(half):
        table[1 + 2 * q], table[2 + 2 * q] = xr[q], xi[q]
    table[0] = table[n]
    table[n + 1] = table[1]
    table[n + 2] = table[2]
