"""Wavetables that are no sound files: Surge's `.wt` and Vital's `.vitaltable` -> rows of frames. No code is run, sizes checked."""

import base64
import json
import struct
from pathlib import Path

import numpy as np

from .cycles import SampleError

TABLES = (".wt", ".vitaltable")
LARGEST_BYTES = 64 << 20
VITAL_FRAME = 2048
LARGEST_FRAME = 1 << 16
_IS_INT16, _FULL_RANGE = 4, 8


def read_table(path: Path) -> tuple[np.ndarray, int]:
    """(samples float64[frames * size], frame size) of a `.wt` or `.vitaltable`. Raises SampleError with the reason."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise SampleError("is too large for a wavetable (over 64 MB)")
        data = path.read_bytes()
    except OSError as error:
        raise SampleError(f"cannot be opened ({error.strerror})") from None
    return _surge(data) if data[:4] == b"vawt" or path.suffix.lower() == ".wt" else _vital(data)


def _surge(data: bytes) -> tuple[np.ndarray, int]:
    """`vawt`, u32 frame size, u16 count, u16 flags, then int16 or float32 frames, little-endian."""
    if len(data) < 12 or data[:4] != b"vawt":
        raise SampleError("is no Surge wavetable (it does not begin with 'vawt')")
    size, count, flags = struct.unpack("<IHH", data[4:12])
    kind = "<i2" if flags & _IS_INT16 else "<f4"
    there = (len(data) - 12) // (size * np.dtype(kind).itemsize) if size else 0
    if not 2 <= size <= LARGEST_FRAME or not there:
        raise SampleError(f"is damaged: {count} frames of {size} samples do not fit in it")
    count = min(count, there) if count else there
    samples = np.frombuffer(data, kind, size * count, 12).astype(np.float64)
    if flags & _IS_INT16:
        samples /= 32768 if flags & _FULL_RANGE else 16384
    return samples, size


def _vital(data: bytes) -> tuple[np.ndarray, int]:
    """The keyframes of the first group's wave sources: base64 of 2,048 float32 each."""
    try:
        groups = json.loads(data.decode("utf-8-sig"))["groups"]
        waves = [frame["wave_data"] for group in groups for part in group["components"] for frame in part["keyframes"]
                 if "wave_data" in frame]
        frames = [np.frombuffer(base64.b64decode(wave, validate=True), "<f4") for wave in waves]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SampleError(f"cannot be read as a Vital wavetable ({type(error).__name__})") from None
    frames = [frame.astype(np.float64) for frame in frames if len(frame) == VITAL_FRAME]
    if not frames:
        raise SampleError("holds no frames of 2048 samples")
    return np.concatenate(frames), VITAL_FRAME
