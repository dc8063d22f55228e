"""How far a played note lies from its recording, noise and all: 36 bands over time."""

import numpy as np

BANDS, LOW_HZ, HIGH_HZ = 36, 60.0, 16_000.0
_FRAME, _HOP = 2048, 512
_HEARD_DB, _FLOOR_DB = 45.0, 65.0


def band_levels_db(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """Power in dB in 36 log bands, 60 Hz to 16 kHz, 2,048 samples every 512: float64[frames, 36]."""
    padded = np.pad(samples, (_FRAME // 2, _FRAME // 2))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::_HOP] * np.hanning(_FRAME)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    edges = np.searchsorted(np.fft.rfftfreq(_FRAME, 1 / rate_hz), np.geomspace(LOW_HZ, HIGH_HZ, BANDS + 1))
    summed = np.concatenate([np.zeros((len(power), 1)), np.cumsum(power, 1)], 1)
    return 10 * np.log10(np.maximum(np.diff(summed[:, edges], axis=1), 0) + 1e-12)


def heard_difference_db(recorded_db: np.ndarray, played_db: np.ndarray) -> np.ndarray:
    """Difference in dB of such levels in frames within 45 dB of the loudest band, floored 65 dB under it: float64[frames, 36]."""
    top = recorded_db.max()
    floored = np.maximum(played_db, top - _FLOOR_DB) - np.maximum(recorded_db, top - _FLOOR_DB)
    return floored[recorded_db.max(1) > top - _HEARD_DB]


def whole_distance_db(recorded_db: np.ndarray, played_db: np.ndarray) -> float:
    """RMS over bands of that difference, mean over its frames. Same length, aligned at the onset."""
    return float(np.sqrt((heard_difference_db(recorded_db, played_db) ** 2).mean(1)).mean())
