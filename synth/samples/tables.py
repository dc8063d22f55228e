"""Wavetables that are no sound files: Surge's `.wt` and Vital's `.vitaltable` -> frames. No code is run, sizes checked."""

import struct
from pathlib import Path

import numpy as np

from ..text import counted
from .cycles import SampleError
from .vital import VITAL_FRAME, read_vital

TABLES = (".wt", ".vitaltable")
LARGEST_BYTES = 64 << 20
LARGEST_FRAME = 1 << 16
IS_INT16, FULL_RANGE = 4, 8  # flags of a `.wt`; without the second 16,384 is full scale
WT_HEADER = struct.Struct("<4sIHH")  # 'vawt', samples a frame, frames, flags


def read_table(path: Path) -> tuple[np.ndarray, int, str]:
    """(samples float64[frames * size], frame size, what was made good or '') of a `.wt` or `.vitaltable`. Raises SampleError."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise SampleError("is too large for a wavetable (over 64 MB)")
        data = path.read_bytes()
    except OSError as error:
        raise SampleError(f"cannot be opened ({error.strerror})") from None
    if data[:4] == b"vawt" or path.suffix.lower() == ".wt":
        return _surge(data)
    return read_vital(data).ravel(), VITAL_FRAME, ""


def _surge(data: bytes) -> tuple[np.ndarray, int, str]:
    """`vawt`, u32 frame size, u16 count, u16 flags, then int16 or float32 frames, little-endian."""
    if len(data) < WT_HEADER.size or data[:4] != b"vawt":
        raise SampleError("is no Surge wavetable (it does not begin with 'vawt')")
    _, size, count, flags = WT_HEADER.unpack_from(data)
    kind = "<i2" if flags & IS_INT16 else "<f4"
    there = (len(data) - WT_HEADER.size) // (size * np.dtype(kind).itemsize) if size else 0
    if not 2 <= size <= LARGEST_FRAME or not there:
        raise SampleError(f"is damaged: {counted(count, 'frame')} of {size} samples {'does' if count == 1 else 'do'} not fit in it")
    told = f"its header tells {counted(count, 'frame')}, {counted(there, 'is there and was', 'are there and were')} read"
    told = "" if 0 < count <= there else told
    count = min(count, there) if count else there
    samples = np.frombuffer(data, kind, size * count, WT_HEADER.size).astype(np.float64)
    if flags & IS_INT16:
        samples /= 32768 if flags & FULL_RANGE else 16384
    return samples, size, told
