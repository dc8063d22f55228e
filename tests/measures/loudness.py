"""Loudness of a rendered sound: K-weighted power (ITU-R BS.1770-4) in windows of 400 ms, at 48 kHz."""

import numpy as np
from scipy.signal import lfilter

_SHELF = ([1.53512485958697, -2.69169618940638, 1.19839281085285], [1.0, -1.69065929318241, 0.73248077421585])
_HIGH_PASS = ([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621])


def momentary_db(x, sr_hz=48000, window_s=0.4):
    """K-weighted mean square in dB of every 400 ms window, a quarter of a window apart. x: float[n], mono."""
    y = lfilter(*_HIGH_PASS, lfilter(*_SHELF, np.asarray(x, float))) ** 2
    total = np.concatenate([[0.0], np.cumsum(y)])
    size = int(window_s * sr_hz)
    starts = np.arange(0, max(len(y) - size, 1), size // 4)
    ends = np.minimum(starts + size, len(y))
    return 10 * np.log10((total[ends] - total[starts]) / (ends - starts) + 1e-20)


def loudest_db(x, sr_hz=48000):
    """The loudest of those windows."""
    return float(momentary_db(x, sr_hz).max())
