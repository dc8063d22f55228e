"""A corner's own waveform shape: what an imported cycle has beyond its latent. Kept in presets, 16 bits a number."""

import base64
import binascii
from dataclasses import dataclass

import numpy as np

from ..errors import UserError

MOST_HARMONICS = 1023
PHASE_STEP = np.pi / 32768  # radians
_DB_STEP = 0.01
_TYPE = np.dtype("<i2")


@dataclass(frozen=True, slots=True)
class WaveformResidual:
    """Phases and what the latent cannot say of the levels, of harmonics 1..n (at most 1,023), each as little-endian int16.

    `phases` are radians with the cosine as reference, `residual_db` is the own level less the model's at the corner, both
    at unit RMS. The cycle was begun `start_cycles` (0..1) later than its file, where it lies nearest to the model's phases.
    """

    phase_steps: bytes
    residual_steps: bytes
    start_cycles: float = 0.0

    @property
    def phases(self) -> np.ndarray:
        """Radians, float64[n] in -pi..pi."""
        return np.frombuffer(self.phase_steps, _TYPE) * PHASE_STEP

    @property
    def residual_db(self) -> np.ndarray:
        """dB, float64[n]."""
        return np.frombuffer(self.residual_steps, _TYPE) * _DB_STEP


def shape(phases: np.ndarray, residual_db: np.ndarray, start_cycles: float) -> WaveformResidual:
    """A shape of phases float[n] in radians and residuals float[n] in dB (held to +-327)."""
    turned = (np.round(np.asarray(phases) / PHASE_STEP).astype(int) + 32768) % 65536 - 32768
    levels = np.clip(np.round(np.asarray(residual_db) / _DB_STEP), -32767, 32767)
    return WaveformResidual(turned.astype(_TYPE).tobytes(), levels.astype(_TYPE).tobytes(), round(float(start_cycles), 6) % 1)


def to_json(found: WaveformResidual) -> dict:
    """As a preset holds it."""
    return {"phases": base64.b64encode(found.phase_steps).decode(), "residual_db": base64.b64encode(found.residual_steps).decode(),
            "start_cycles": found.start_cycles}


def from_json(data: dict, corner: str) -> WaveformResidual:
    """A shape from a preset. Raises UserError where it is none."""
    try:
        phases, residual = (base64.b64decode(data[key], validate=True) for key in ("phases", "residual_db"))
        start_cycles = data.get("start_cycles", 0.0)
        if isinstance(start_cycles, bool) or not isinstance(start_cycles, int | float):
            raise TypeError
    except (KeyError, TypeError, ValueError, binascii.Error):
        raise UserError(f"the shape of corner {corner} needs phases and residual_db, each base64 of 16-bit numbers") from None
    if len(phases) != len(residual) or len(phases) % 2 or not 1 <= len(phases) // 2 <= MOST_HARMONICS or not 0 <= start_cycles < 1:
        raise UserError(f"the shape of corner {corner} must be of 1 to {MOST_HARMONICS} harmonics, start_cycles from 0 to 1")
    return WaveformResidual(phases, residual, float(start_cycles))
