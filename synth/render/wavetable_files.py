"""Frames -> wavetable files of other programs: Serum, Vital, Surge, WaveEdit, FLAC, folders of single cycles.

By hand: libsndfile writes no chunks of others, and no library writes these formats. The facts are the programs' own.
"""

import base64
import io
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile

from ..errors import UserError
from ..paths import write_whole
from ..samples.flac import APPLICATION, RIFF_APPLICATION
from ..samples.tables import FULL_RANGE, IS_INT16, WT_HEADER
from ..samples.vital import WAVE_SOURCE, even_places
from ..samples.wavetable import read_wavetable as read_wavetable  # the way back, found here as well
from ..text import printable
from ..whole_folders import whole_folder
from .table_fit import recounted, resized, within_full_scale

SERUM_TAG = b"<!>%d 10000000 wavetable (www.xferrecords.com)"  # 1: mixed linearly between frames; 0: no factory table
VITAL_TAG = b"<!>%d 20000000 wavetable (vital.audio)"
VITAL_VERSION = "1.0.7"  # one that every Vital reads; newer ones than itself it refuses
STREAMINFO_END = 42  # of a FLAC: its name, the block's header, the block
FORMAT_PCM, FORMAT_FLOAT = 1, 3


@dataclass(frozen=True)
class Layout:
    """What a program takes. frame_size: None for any power of two up to 4,096. exactly: `most` frames, no fewer."""

    about: str
    suffix: str
    frame_size: int | None
    most: int
    bits: int
    pack: Callable[["Layout", np.ndarray, str, int], bytes]
    rate_hz: int = 44_100
    exactly: bool = False
    depths: tuple[int, ...] = (16, 24, 32)
    tags: dict[bytes, Callable[[int], bytes]] = field(default_factory=dict)

    def size_of(self, size: int) -> int:
        """The frame size in which frames of `size` samples are written."""
        return self.frame_size or min(max(1 << (size - 1).bit_length(), 2), 4096)


@dataclass(frozen=True)
class Written:
    """What was written: its layout, frames float64[n, size] as they went into the file, and what was done to them."""

    layout: str
    frames: np.ndarray
    told: str


def chunk(name: bytes, data: bytes) -> bytes:
    """A RIFF chunk with its pad byte."""
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def quantised(samples: np.ndarray, bits: int) -> np.ndarray:
    """Samples in -1..1 -> the whole numbers of `bits` that read back as them; full scale itself is the largest."""
    top = 1 << (bits - 1)
    return np.clip(np.round(np.asarray(samples, np.float64) * top), -top, top - 1).astype(np.int32)


def sample_bytes(samples: np.ndarray, bits: int) -> bytes:
    """Samples float[n] as a WAV holds them; 32 bits are float."""
    if bits == 32:
        return samples.astype("<f4").tobytes()
    whole = quantised(samples, bits).astype("<i4")
    return whole.astype("<i2").tobytes() if bits == 16 else whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()


def _form(layout: Layout, bits: int) -> bytes:
    step = bits // 8
    return chunk(b"fmt ", struct.pack("<HHIIHH", FORMAT_FLOAT if bits == 32 else FORMAT_PCM, 1, layout.rate_hz, layout.rate_hz * step, step,
                                      bits))


def _wav(layout: Layout, frames: np.ndarray, name: str, bits: int) -> bytes:
    fact = chunk(b"fact", struct.pack("<I", frames.size)) if bits == 32 else b""
    tags = b"".join(chunk(tag, text(frames.shape[1])) for tag, text in layout.tags.items())
    body = b"WAVE" + _form(layout, bits) + fact + tags + chunk(b"data", sample_bytes(frames.ravel(), bits))
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _flac(layout: Layout, frames: np.ndarray, name: str, bits: int) -> bytes:
    """A FLAC that keeps the chunks of the WAV it stands for, the frame size among them, as `flac --keep-foreign-metadata` does."""
    file = io.BytesIO()
    file.name = "table.flac"
    top = quantised(frames.ravel(), bits) << (32 - bits)
    soundfile.write(file, top.astype(np.int32), layout.rate_hz, format="FLAC", subtype=f"PCM_{bits}")
    data = file.getvalue()
    tags = [chunk(tag, text(frames.shape[1])) for tag, text in layout.tags.items()]
    n_bytes = frames.size * bits // 8
    whole = 4 + len(_form(layout, bits)) + sum(map(len, tags)) + 8 + n_bytes + n_bytes % 2
    kept = [b"RIFF" + struct.pack("<I", whole) + b"WAVE", _form(layout, bits), *tags, b"data" + struct.pack("<I", n_bytes)]
    rows = [RIFF_APPLICATION + row for row in kept]
    blocks = b"".join(bytes([APPLICATION]) + len(row).to_bytes(3, "big") + row for row in rows)
    if data[4] & 0x80:  # the header's last block: those of ours come before it, so none of them says that it is the last
        raise AssertionError("libsndfile writes its name behind STREAMINFO")
    return data[:STREAMINFO_END] + blocks + data[STREAMINFO_END:]


def _wt(layout: Layout, frames: np.ndarray, name: str, bits: int) -> bytes:
    flags = 0 if bits == 32 else IS_INT16 | FULL_RANGE
    return WT_HEADER.pack(b"vawt", frames.shape[1], len(frames), flags) + sample_bytes(frames.ravel(), bits)


def _vitaltable(layout: Layout, frames: np.ndarray, name: str, bits: int) -> bytes:
    rows = [{"position": place, "wave_data": base64.b64encode(frame.astype("<f4").tobytes()).decode()}
            for place, frame in zip(even_places(len(frames)), frames, strict=True)]
    part = {"type": WAVE_SOURCE, "interpolation": 0, "interpolation_style": 1, "keyframes": rows}  # mixed sample by sample, as here
    return json.dumps({"version": VITAL_VERSION, "name": name, "author": "", "groups": [{"components": [part]}],
                       "remove_all_dc": True, "full_normalize": False}).encode()


LAYOUTS: dict[str, Layout] = {
    "serum": Layout("Serum and most others: float WAV, tagged", ".wav", 2048, 256, 32, _wav, tags={b"clm ": lambda n: SERUM_TAG % n}),
    "vital": Layout("Vital's own WAV", ".wav", 2048, 256, 16, _wav, 88_200, True, tags={b"clm ": lambda n: VITAL_TAG % n}),
    "surge": Layout("Surge's own WAV", ".wav", None, 512, 32, _wav, tags={b"srge": lambda n: struct.pack("<ii", 1, n)},
                    depths=(16, 32)),
    "waveedit": Layout("WaveEdit: 64 frames of 256, untagged", ".wav", 256, 64, 16, _wav, exactly=True, depths=(16,)),
    "wt": Layout("Surge", ".wt", None, 512, 32, _wt, depths=(16, 32)),
    "vitaltable": Layout("Vital", ".vitaltable", 2048, 256, 32, _vitaltable, depths=(32,)),
    "flac": Layout("FLAC, its frame size kept as of a WAV", ".flac", 2048, 256, 24, _flac, depths=(16, 24),
                   tags={b"clm ": lambda n: SERUM_TAG % n}),
}
CYCLE = Layout("one cycle, untagged", ".wav", None, 1, 32, _wav)


def layout_for(path: Path, owner: str | None = None) -> str:
    """The layout that a file's name asks for, `owner` deciding among WAVs; 'cycles' for a folder. Raises UserError."""
    suffix = path.suffix.lower()
    if owner is not None:
        if LAYOUTS[owner].suffix != suffix:
            raise UserError(f"{printable(path)}: the layout '{owner}' is written as {LAYOUTS[owner].suffix}")
        return owner
    if not suffix or path.is_dir():
        return "cycles"
    found = next((name for name, layout in LAYOUTS.items() if layout.suffix == suffix), None)
    if found is None:
        raise UserError(f"{printable(path)}: give a name that ends in .wav, .wt, .vitaltable or .flac, or a folder for single cycles")
    return found


def write_wavetable(path: Path, frames: np.ndarray, owner: str | None = None, bits: int | None = None) -> Written:
    """Write frames float[n, size] as the file's name asks, whole or not at all; a folder gets one file a frame. Raises UserError."""
    name = layout_for(path, owner)
    layout = LAYOUTS.get(name, CYCLE)
    bits = bits or layout.bits
    if bits not in layout.depths:
        raise UserError(f"{printable(path)}: {bits} bits are not written there; {' or '.join(map(str, layout.depths))} are")
    if name == "cycles":
        return _write_cycles(path, frames, bits)
    frames, sized = resized(frames, layout.size_of(frames.shape[1]))
    frames, counted = recounted(frames, layout.most, layout.exactly)
    frames, lowered = within_full_scale(frames)
    write_whole(path, layout.pack(layout, frames, printable(path.stem), bits))
    return Written(name, frames, "; ".join(filter(None, (sized, counted, lowered))))


def _write_cycles(folder: Path, frames: np.ndarray, bits: int) -> Written:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{printable(folder)}: is there already; give the name of a new folder for the single cycles")
    if not folder.absolute().parent.is_dir():
        raise UserError(f"{printable(folder.parent)}: no such folder")
    frames, lowered = within_full_scale(frames)
    digits, folder = len(str(len(frames))), folder.absolute()
    try:
        with whole_folder(folder) as part:
            for number, frame in enumerate(frames, 1):
                (part / f"{folder.name}-{number:0{digits}d}.wav").write_bytes(_wav(CYCLE, frame[None], "", bits))
    except OSError as error:
        raise UserError(f"{printable(folder)}: cannot be made ({error.strerror})") from None
    return Written("cycles", frames, lowered)
