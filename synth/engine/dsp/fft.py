"""Inverse real FFT of a sparse harmonic spectrum into a table, on the audio thread.

The real table x of N samples is packed as z[n] = x[2n] + i x[2n + 1], whose N/2-point spectrum comes from the
harmonics directly; a Stockham autosort FFT (radix 4, one radix-2 stage where N/2 is not a power of 4) follows.
Van Loan, 'Computational Frameworks for the Fast Fourier Transform', 1992, section 1.7.
"""

import numpy as np

from ..compile.jit import kernel

MAX_SIZE = 8192


def twiddles(size: int = MAX_SIZE) -> np.ndarray:
    """e^{+2 pi i k / size}: float32[2, size], real row and imaginary row."""
    angle = 2 * np.pi * np.arange(size) / size
    return np.stack([np.cos(angle), np.sin(angle)]).astype(np.float32)


@kernel
def _pack(re, im, n_harmonics, n, twiddle, zr, zi):
    """Spectrum of z[n] = x[2n] + i x[2n+1] from harmonics 1..n_harmonics (< n/4): zr, zi [n/2], halved throughout.

    Real-time: no allocation, no locks, no I/O, no Python.
    """
    half = n // 2
    stride = MAX_SIZE // n
    for k in range(half):
        zr[k] = 0.0
        zi[k] = 0.0
    for k in range(1, n_harmonics + 1):
        c, s = twiddle[0, k * stride], twiddle[1, k * stride]
        a, b = np.float32(0.5) * re[k], np.float32(0.5) * im[k]
        ur, ui = a * c - b * s, a * s + b * c  # X[k] e^{+2 pi i k / n}
        zr[k] = a - ui
        zi[k] = b + ur
        zr[half - k] = a + ui
        zi[half - k] = ur - b


@kernel
def _stage4(xr, xi, yr, yi, n, stride, twiddle):
    """One radix-4 Stockham stage: n points left to transform, and how far they lie apart. Reads x, writes y."""
    m = n // 4
    step = MAX_SIZE // n
    for p in range(m):
        w1r, w1i = twiddle[0, p * step], twiddle[1, p * step]
        w2r, w2i = twiddle[0, 2 * p * step], twiddle[1, 2 * p * step]
        w3r, w3i = twiddle[0, 3 * p * step], twiddle[1, 3 * p * step]
        a0, b0, c0, d0 = stride * p, stride * (p + m), stride * (p + 2 * m), stride * (p + 3 * m)
        o = stride * 4 * p
        for q in range(stride):
            ar, ai = xr[a0 + q], xi[a0 + q]
            br, bi = xr[b0 + q], xi[b0 + q]
            cr, ci = xr[c0 + q], xi[c0 + q]
            dr, di = xr[d0 + q], xi[d0 + q]
            acr, aci, asr, asi = ar + cr, ai + ci, ar - cr, ai - ci
            bdr, bdi, bsr, bsi = br + dr, bi + di, br - dr, bi - di
            yr[o + q] = acr + bdr
            yi[o + q] = aci + bdi
            tr, ti = asr - bsi, asi + bsr  # inverse transform: + i
            yr[o + stride + q] = tr * w1r - ti * w1i
            yi[o + stride + q] = tr * w1i + ti * w1r
            tr, ti = acr - bdr, aci - bdi
            yr[o + 2 * stride + q] = tr * w2r - ti * w2i
            yi[o + 2 * stride + q] = tr * w2i + ti * w2r
            tr, ti = asr + bsi, asi - bsr
            yr[o + 3 * stride + q] = tr * w3r - ti * w3i
            yi[o + 3 * stride + q] = tr * w3i + ti * w3r


@kernel
def _stage4_first(xr, xi, yr, yi, n, twiddle):
    """The first stage (stride 1), its loop over p contiguous so that loads stay wide."""
    m = n // 4
    step = MAX_SIZE // n
    for p in range(m):
        ar, ai, br, bi = xr[p], xi[p], xr[p + m], xi[p + m]
        cr, ci, dr, di = xr[p + 2 * m], xi[p + 2 * m], xr[p + 3 * m], xi[p + 3 * m]
        acr, aci, asr, asi = ar + cr, ai + ci, ar - cr, ai - ci
        bdr, bdi, bsr, bsi = br + dr, bi + di, br - dr, bi - di
        o = 4 * p
        yr[o], yi[o] = acr + bdr, aci + bdi
        w1r, w1i = twiddle[0, p * step], twiddle[1, p * step]
        tr, ti = asr - bsi, asi + bsr
        yr[o + 1], yi[o + 1] = tr * w1r - ti * w1i, tr * w1i + ti * w1r
        w2r, w2i = twiddle[0, 2 * p * step], twiddle[1, 2 * p * step]
        tr, ti = acr - bdr, aci - bdi
        yr[o + 2], yi[o + 2] = tr * w2r - ti * w2i, tr * w2i + ti * w2r
        w3r, w3i = twiddle[0, 3 * p * step], twiddle[1, 3 * p * step]
        tr, ti = asr + bsi, asi - bsr
        yr[o + 3], yi[o + 3] = tr * w3r - ti * w3i, tr * w3i + ti * w3r


@kernel
def harmonics_to_table(re, im, n_harmonics, n, twiddle, work, table):
    """Table of n samples (power of two, 64..8192) from cosine-series harmonics, with guard samples for four taps.

    re, im: float32[>= n_harmonics + 1]; sample j is sum_k re[k] cos(2 pi k j / n) - im[k] sin(2 pi k j / n).
    work: float32[4, MAX_SIZE / 2]. table: float32[>= n + 3], table[1 + j] = sample j.
    Real-time: no allocation, no locks, no I/O, no Python.
    """
    half = n // 2
    xr, xi, yr, yi = work[0], work[1], work[2], work[3]
    _pack(re, im, n_harmonics, n, twiddle, xr, xi)
    _stage4_first(xr, xi, yr, yi, half, twiddle)
    xr, xi, yr, yi = yr, yi, xr, xi
    left, s = half // 4, 4
    while left >= 4:
        _stage4(xr, xi, yr, yi, left, s, twiddle)
        xr, xi, yr, yi = yr, yi, xr, xi
        left //= 4
        s *= 4
    if left == 2:
        for q in range(s):
            ar, ai, br, bi = xr[q], xi[q], xr[q + s], xi[q + s]
            table[1 + 2 * q], table[2 + 2 * q] = ar + br, ai + bi
            table[1 + 2 * (q + s)], table[2 + 2 * (q + s)] = ar - br, ai - bi
    else:
        for q in range(half):
            table[1 + 2 * q], table[2 + 2 * q] = xr[q], xi[q]
    table[0] = table[n]
    table[n + 1] = table[1]
    table[n + 2] = table[2]
