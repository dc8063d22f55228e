"""What a preset's file keeps of its spectra: harmonic amplitudes at unit RMS as base64 of little-endian float16.

Amplitudes, not decibels: a float16 holds them within 0.005 dB down to -84 dB and within 0.03 dB at the floor of -100 dB.
"""

import base64
import binascii

import numpy as np

from ..errors import UserError
from ..text import as_whole

FALLBACK_POINTS = 9
MOST_HARMONICS = 1023
FLOOR_DB = -100.0
_TYPE = np.dtype("<f2")
_LEAST, _MOST = _TYPE.type(1e-5), _TYPE.type(np.finfo(np.float16).max)  # the floor, and what a float16 can hold


def to_block(levels_db: np.ndarray) -> dict:
    """Levels float[9, n] in dB as a preset holds them; what is at the floor in every row at the end is left out."""
    amplitudes = np.minimum(10.0 ** (np.asarray(levels_db, float) / 20), float(_MOST)).astype(_TYPE)
    amplitudes[amplitudes <= _LEAST] = 0
    used = np.flatnonzero(amplitudes.any(0))
    amplitudes = amplitudes[:, :max(1, used[-1] + 1 if len(used) else 1)]
    return {"harmonics": amplitudes.shape[1], "rows": len(amplitudes), "data": base64.b64encode(amplitudes.tobytes()).decode()}


def from_block(block: object) -> np.ndarray:
    """float32[9, n] levels in dB of what `to_block` made, floored at -100. Raises UserError where it is none."""
    if not isinstance(block, dict) or not {"harmonics", "rows", "data"} <= block.keys():
        raise UserError("fallback must hold harmonics, rows and data")
    n, rows = as_whole(block["harmonics"]), as_whole(block["rows"])
    if type(n) is not int or not 1 <= n <= MOST_HARMONICS or type(rows) is not int or rows != FALLBACK_POINTS:
        raise UserError(f"fallback must hold {FALLBACK_POINTS} rows of 1 to {MOST_HARMONICS} harmonics")
    try:
        raw = base64.b64decode(block["data"], validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise UserError("the fallback's data is not base64") from None
    if len(raw) != rows * n * _TYPE.itemsize:
        raise UserError(f"the fallback's data holds {len(raw)} bytes, {rows} rows of {n} harmonics are {rows * n * _TYPE.itemsize}")
    amplitudes = np.frombuffer(raw, _TYPE).reshape(rows, n)
    if not (np.isfinite(amplitudes) & (amplitudes >= 0)).all():
        raise UserError("the fallback's data holds what is no amplitude (below zero, or no number)")
    heard = np.maximum(amplitudes.astype(float), float(_LEAST))
    return np.where(amplitudes > _LEAST, 20 * np.log10(heard), FLOOR_DB).astype(np.float32)
