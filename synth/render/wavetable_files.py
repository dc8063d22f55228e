"""Wavetable files -> frames. The frame size is the file's own tag's; an untagged file of up to 4,096 samples is one cycle."""

import os
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..samples.cycles import SampleError
from ..samples.reading import read_mono
from ..samples.tags import tagged_frame_size

LONGEST_CYCLE = 4096
MOST_FRAMES = 4096
_SIZES = (2048, 1024, 4096, 512, 256)


def read_samples(path: str | os.PathLike) -> np.ndarray:
    """A sound file as mono float64[n]; several channels are averaged. Raises UserError with one sentence."""
    path = Path(path)
    if not path.exists():
        raise UserError(f"{path}: no such file")
    try:
        mono, _ = read_mono(path)
    except SampleError as error:
        raise UserError(f"{path} {error}") from None
    if not np.isfinite(mono).all():
        raise UserError(f"{path}: holds samples that are not numbers")
    return mono


def read_wavetable(path: str | os.PathLike, frame_size: int | None = None) -> np.ndarray:
    """Frames of a wavetable file: float64[n, size]. Raises UserError when the frame size cannot be known."""
    samples = read_samples(path)
    size = frame_size or tagged_frame_size(Path(path))
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
