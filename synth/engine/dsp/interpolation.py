"""The oscillator's interpolator: a four-tap piecewise cubic fitted for image rejection, and its frequency response.

A table of N samples holds harmonics up to K with N >= 11 K, so the spectrum to be kept lies below b = K / N cycles
per sample and every image m +- f must be suppressed. Among symmetric piecewise cubics of four taps the one with
the least image energy for its pass-band energy is the smallest eigenvector of (images, pass band); its droop is
undone exactly by dividing each harmonic by the response (`response`), so taps serve image rejection alone.
After Niemitalo, 'Polynomial interpolators for high-quality resampling of oversampled audio', 2001.
"""

from functools import cache

import numpy as np

TAPS = 4
_BAND = 1 / 11
_IMAGES = 24
_FITTED = (
    (0.19258012285070308, -0.5231923173053815, 0.4923093677342405, -0.16158923550665108),
    (0.6149394482297925, 0.06992053554438409, -0.9776099613328713, 0.4851219728381711),
    (0.19237199527947652, 0.4299334686068451, 0.477755957181642, -0.4851219728381711),
    (0.00010793777291100985, 0.02334128835685366, 0.007541661214287309, 0.16158923550665108),
)


def _basis():
    """Free parameters of a symmetric kernel: [8, TAPS, 4] polynomials in x, tap j at offset j - 1."""
    basis = []
    for j in (0, 1):
        for power in range(4):
            c = np.zeros((TAPS, 4))
            c[j, power] = 1.0
            # tap TAPS-1-j is the mirror: w(x) -> w(1 - x)
            expansion = np.zeros(4)
            for q in range(power + 1):
                expansion[q] = _binomial(power, q) * (-1.0) ** q
            c[TAPS - 1 - j] += expansion
            basis.append(c)
    return np.array(basis)


def _binomial(n: int, k: int) -> float:
    out = 1.0
    for i in range(k):
        out = out * (n - i) / (i + 1)
    return out


_quadrature = cache(np.polynomial.legendre.leggauss)


def _transform(coefficients, freq, n_nodes=12):
    """Fourier transform of the kernel at `freq` (cycles per sample): float64[n_freq]. Gauss-Legendre quadrature."""
    nodes, weights = _quadrature(n_nodes)
    x = (nodes + 1) / 2
    powers = x[:, None] ** np.arange(4)
    total = np.zeros(len(freq))
    for j in range(TAPS):  # tap at integer position j - 1; the kernel is even, so its transform is real
        kernel = weights / 2 * (powers @ coefficients[j])
        total += (kernel[:, None] * np.cos(2 * np.pi * np.outer(x - (j - 1), freq))).sum(0)
    return total


def fit() -> np.ndarray:
    """Coefficients float64[TAPS, 4] of least image energy; `taps` holds its answer (a test compares them)."""
    freq = np.linspace(0, _BAND, 65)
    basis = _basis()
    passing = np.array([_transform(c, freq) for c in basis])
    images = np.zeros((8, 8))
    for m in range(1, _IMAGES + 1):
        for sign in (-1, 1):
            h = np.array([_transform(c, m + sign * freq, 96) for c in basis])
            images += h @ h.T
    gram = passing @ passing.T
    # images v = lambda gram v with gram near-singular: solve gram v = mu images v for the largest mu instead
    low = np.linalg.cholesky(images + np.trace(images) * 1e-13 * np.eye(8))
    inverse = np.linalg.inv(low)
    _, vectors = np.linalg.eigh(inverse @ gram @ inverse.T)
    c = np.tensordot(inverse.T @ vectors[:, -1], basis, 1)
    return c / _transform(c, np.zeros(1))[0]


@cache
def taps() -> np.ndarray:
    """Coefficients float64[TAPS, 4]: the weight of tap j (table[i + j - 1]) is sum_p c[j, p] x^p, x the fraction."""
    return np.array(_FITTED)


def response(freq) -> np.ndarray:
    """The interpolator's frequency response at `freq` cycles per table sample (below 1/2): float64, 1 at 0."""
    return _transform(taps(), np.atleast_1d(np.asarray(freq, float)))
