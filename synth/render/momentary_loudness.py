"""Loudness of a rendered sound: its momentary maximum, K-weighted (ITU-R BS.1770-4, EBU Tech 3341)."""

from functools import lru_cache

import numpy as np

from ..timbres.loudness import k_response

SR_HZ, WINDOW_S = 48000, 0.4


@lru_cache(maxsize=8)
def _weight(size: int) -> np.ndarray:
    return k_response(np.fft.rfftfreq(size, 1 / SR_HZ))


def loudest_db(sound: np.ndarray) -> float:
    """The loudest 400 ms of float[n, 2] at 48 kHz in dB; the powers of both sides are added."""
    size = 1 << (len(sound) + 4096).bit_length()
    power = (np.fft.irfft(np.fft.rfft(sound.astype(float), size, 0) * _weight(size)[:, None], size, 0)[:len(sound)] ** 2).sum(1)
    total = np.concatenate([[0.0], np.cumsum(power)])
    window = int(WINDOW_S * SR_HZ)
    starts = np.arange(0, max(len(power) - window, 1), window // 8)
    return float(10 * np.log10(((total[np.minimum(starts + window, len(power))] - total[starts]) / window).max() + 1e-20))
