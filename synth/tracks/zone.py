"""What an instrument of tracks is made of: zones, one a recorded note."""

from dataclasses import dataclass, field

import numpy as np

from .fitting import fingerprint_weights
from .warp import CONTOUR_HZ

NO_NOISE_DB = -120.0
ATTACK_PEAK = 32767


@dataclass(frozen=True)
class Zone:
    """One recorded note as a track. All times in s from its onset; arrays float32 unless told.

    time_s [n], latent [n, z], noise_db [n, 24]: knots, straight lines between them; noise as RMS in dB re full scale in each ERB band.
    level_db, cents [m]: at 100 Hz from the onset, RMS of what is periodic in dB re full scale, and pitch from `freq_hz`.
    fingerprint [2, 32]: dB on the first harmonics at `fingerprint_s`, a straight line between; attack int16 at `rate_hz`,
    full scale `attack_gain`; fallback_db [f, 127] at fallback_s [f], unit RMS, for when the model is gone.
    """

    source: str
    source_sha256: str
    source_start_s: float
    rate_hz: int
    key: int
    velocity: int
    freq_hz: float
    steady_s: tuple[float, float]
    release_s: float
    end_s: float
    stiffness: float
    time_s: np.ndarray
    latent: np.ndarray
    noise_db: np.ndarray
    level_db: np.ndarray
    cents: np.ndarray
    fingerprint: np.ndarray
    fingerprint_s: tuple[float, float]
    attack: np.ndarray
    attack_gain: float
    fallback_s: np.ndarray
    fallback_db: np.ndarray
    round_robin: int = 0
    keys: tuple[int, int] = (0, 127)
    velocities: tuple[int, int] = (1, 127)
    loop: str = "hold"
    errors: dict[str, float] = field(default_factory=dict)

    def latents_at(self, time_s: np.ndarray) -> np.ndarray:
        """Latents float32[len(time_s), z]; held before the first and after the last knot."""
        return _between(self.latent, self.time_s, time_s)

    def noise_at(self, time_s: np.ndarray) -> np.ndarray:
        """Noise bands in dB [len(time_s), 24]."""
        return _between(self.noise_db, self.time_s, time_s)

    def offsets_at(self, time_s: np.ndarray) -> np.ndarray:
        """The fingerprint in dB [len(time_s), 32]."""
        return fingerprint_weights(np.asarray(time_s), np.array(self.fingerprint_s)) @ self.fingerprint

    def levels_at(self, time_s: np.ndarray) -> np.ndarray:
        """Level in dB at times."""
        return np.interp(np.asarray(time_s) * CONTOUR_HZ, np.arange(len(self.level_db)), self.level_db)

    def cents_at(self, time_s: np.ndarray) -> np.ndarray:
        """Pitch from `freq_hz` in cents at times."""
        return np.interp(np.asarray(time_s) * CONTOUR_HZ, np.arange(len(self.cents)), self.cents)


def _between(rows: np.ndarray, knots_s: np.ndarray, time_s: np.ndarray) -> np.ndarray:
    time_s = np.clip(np.asarray(time_s, float), knots_s[0], knots_s[-1])
    right = np.clip(np.searchsorted(knots_s, time_s), 1, max(1, len(knots_s) - 1))
    if len(knots_s) == 1:
        return np.repeat(rows, len(time_s), 0)
    span = knots_s[right] - knots_s[right - 1]
    part = ((time_s - knots_s[right - 1]) / np.maximum(span, 1e-9))[:, None]
    return (rows[right - 1] * (1 - part) + rows[right] * part).astype(np.float32)


@dataclass(frozen=True)
class TrackInstrument:
    """Zones that one model draws; `name` and the model's name, sha256 of its decoder and latent size. sha256: of its file, '' unsaved."""

    name: str
    model: str
    model_sha256: str
    latent_size: int
    zones: tuple[Zone, ...]
    sha256: str = ""
