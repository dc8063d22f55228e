"""Wavetable tags of WAV files: how many samples one frame has, by the chunk its maker left."""

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .cycles import SHORTEST_CYCLE

LARGEST_FRAME = 1 << 16


def tagged_frame_size(path: Path) -> int | None:
    """Frame size from a `clm ` (Serum, Vital), `srge` (Surge) or `uhWT` (Hive, always 2,048) chunk, in that order; else None.

    Damaged files have no tag; what is wrong with them is told by whoever reads their sound.
    """
    sizes: dict[bytes, int | None] = {}
    for name, size, file in riff_chunks(path):
        if name in _READERS and name not in sizes:
            sizes[name] = _READERS[name](file.read(min(size, 256)))
    fitting = (sizes.get(name) for name in _READERS)
    return next((size for size in fitting if size and SHORTEST_CYCLE <= size <= LARGEST_FRAME), None)


def riff_chunks(path: Path) -> Iterator[tuple[bytes, int, BinaryIO]]:
    """(name, length in bytes, the file standing at its first byte) of each chunk of a WAV; nothing of any other file."""
    try:
        with open(path, "rb") as file:
            head = file.read(12)
            while head[:4] == b"RIFF" and head[8:] == b"WAVE" and len(chunk := file.read(8)) == 8:
                name, size = struct.unpack("<4sI", chunk)
                at = file.tell()
                yield name, size, file
                file.seek(at + size + size % 2)
    except OSError:
        return


def _clm(data: bytes) -> int | None:
    """`<!>2048 01000000 wavetable (...)` -> 2048."""
    match = re.match(rb"<!>(\d{1,6})\b", data)
    return int(match.group(1)) if match else None


def _srge(data: bytes) -> int | None:
    """Two 32-bit numbers: a version and the frame size."""
    return struct.unpack("<i", data[4:8])[0] if len(data) >= 8 else None


_READERS = {b"clm ": _clm, b"srge": _srge, b"uhWT": lambda data: 2048}
