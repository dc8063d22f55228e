"""A sound file -> the latent that sounds most like it."""

from pathlib import Path

import numpy as np

from ..errors import UserError
from ..samples.cycles import LONGEST_CYCLE, SHORTEST_CYCLE, SampleError, to_cycle
from ..samples.pitch import cycle_of_recording
from ..samples.reading import read_mono
from ..samples.spectrum import erb_lsd, lsd
from ..samples.tags import tagged_frame_size
from .plugin import Instrument
from .refine import refine


def read_cycle(path: Path, kind: str | None, frame_size: int | None) -> tuple[np.ndarray, float | None]:
    """(cycle float32[2048], source pitch in Hz or None) of a file. Raises UserError where it holds none.

    kind: 'cycle', 'recording' or None: up to 4,096 samples is a cycle. With `frame_size`, or in a file tagged as a
    wavetable, the first frame is taken.
    """
    if not path.is_file():
        raise UserError(f"there is no file {path}")
    try:
        samples, rate_hz = read_mono(path)
        if frame_size is None and kind is None:
            frame_size = tagged_frame_size(path)
        if frame_size is not None:
            if not SHORTEST_CYCLE <= frame_size <= len(samples):
                raise SampleError(f"holds {len(samples)} samples, so a frame of {frame_size} cannot be cut from it")
            return to_cycle(samples[:frame_size]), None
        if kind == "cycle" or (kind is None and len(samples) <= LONGEST_CYCLE):
            return to_cycle(samples), None
        return cycle_of_recording(samples, rate_hz)
    except SampleError as error:
        raise UserError(f"{path} {error}") from None


def encode_file(instrument: Instrument, path: Path, kind: str | None = None, frame_size: int | None = None,
                refined: bool = True) -> dict:
    """`latent` (list of z floats, inside the model's ranges), `lsd_db`, `erb_lsd_db`, `source_hz` of a file."""
    cycle, source_hz = read_cycle(path, kind, frame_size)
    latent = instrument.encode(cycle[None])
    latent = refine(instrument, cycle[None], latent) if refined else np.clip(latent, instrument.low, instrument.high)
    drawn = instrument.decode(latent)
    return {
        "model": instrument.name,
        "latent": [round(float(value), 6) for value in latent[0]],
        "lsd_db": round(float(lsd(cycle[None], drawn)[0]), 4),
        "erb_lsd_db": round(float(erb_lsd(cycle[None], drawn)[0]), 4),
        "source_hz": source_hz,
    }
