"""Wavetable files -> frames. Reads the `clm ` chunk and its kin; an untagged file of up to 4,096 samples is one cycle.

Facts of each format: Serum and Vital tag the frame size in `clm ` as `<!>2048 ...`; Hive's `uhWT` means 2,048; Surge
writes `srge` {version, frame size}.
"""

import os
import re
import struct
from pathlib import Path

import numpy as np
import soundfile

from ..errors import UserError

LONGEST_CYCLE = 4096
MOST_FRAMES = 4096
_SIZES = (2048, 1024, 4096, 512, 256)


def tagged_frame_size(path: str | os.PathLike) -> int | None:
    """Frame size that a RIFF file's own chunks tell, or None."""
    try:
        with open(path, "rb") as file:
            head = file.read(12)
            if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
                return None
            while len(chunk := file.read(8)) == 8:
                name, size = struct.unpack("<4sI", chunk)
                if name in (b"clm ", b"srge", b"uhWT"):
                    return _told(name, file.read(min(size, 256)))
                file.seek(size + size % 2, os.SEEK_CUR)
    except OSError:
        return None
    return None


def _told(name: bytes, body: bytes) -> int | None:
    if name == b"uhWT":
        return 2048
    if name == b"srge":
        return struct.unpack("<II", body[:8])[1] if len(body) >= 8 else None
    match = re.match(rb"<!>(\d{1,5})\b", body)
    return int(match.group(1)) if match else None


def read_samples(path: str | os.PathLike) -> np.ndarray:
    """A sound file as mono float64[n]; several channels are averaged. Raises UserError with one sentence."""
    path = Path(path)
    if not path.exists():
        raise UserError(f"{path}: no such file")
    try:
        data, _ = soundfile.read(path, dtype="float64", always_2d=True)
    except (soundfile.SoundFileError, OSError, ValueError, RuntimeError) as error:
        raise UserError(f"{path}: not a sound file that can be read ({str(error).split(': ')[-1].strip()})") from None
    if not len(data):
        raise UserError(f"{path}: holds no samples")
    mono = data.mean(1)
    if not np.isfinite(mono).all():
        raise UserError(f"{path}: holds samples that are not numbers")
    return mono


def read_wavetable(path: str | os.PathLike, frame_size: int | None = None) -> np.ndarray:
    """Frames of a wavetable file: float64[n, size]. Raises UserError when the frame size cannot be known."""
    samples = read_samples(path)
    size = frame_size or tagged_frame_size(path)
    if size is None:
        size = len(samples) if len(samples) <= LONGEST_CYCLE else next((n for n in _SIZES if len(samples) % n == 0), None)
    if size is None:
        raise UserError(f"{path}: {len(samples)} samples are no whole number of 2048-sample frames; give --frame-size")
    if not 8 <= size <= LONGEST_CYCLE:
        raise UserError(f"{path}: a frame of {size} samples is outside 8 to {LONGEST_CYCLE}")
    n_frames = len(samples) // size
    if n_frames < 1:
        raise UserError(f"{path}: {len(samples)} samples are less than one frame of {size}")
    if n_frames > MOST_FRAMES:
        raise UserError(f"{path}: {n_frames} frames are more than {MOST_FRAMES}; is this a wavetable? Give --frame-size")
    frames = samples[:n_frames * size].reshape(n_frames, size)
    frames = frames - frames.mean(1, keepdims=True)
    if not (np.abs(frames).max(1) > 1e-7).any():
        raise UserError(f"{path}: is silent")
    return frames
