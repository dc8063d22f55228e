"""Wavetable tags of WAV files: how many samples one frame has, by the chunk its maker left."""

import re
import struct
from pathlib import Path

from .cycles import SHORTEST_CYCLE

LARGEST_FRAME = 1 << 16


def tagged_frame_size(path: Path) -> int | None:
    """Frame size from a `clm ` (Serum, Vital), `srge` (Surge) or `uhWT` (Hive, always 2,048) chunk; None without one.

    Damaged files have no tag; what is wrong with them is told by whoever reads their sound.
    """
    try:
        with open(path, "rb") as file:
            head = file.read(12)
            if head[:4] != b"RIFF" or head[8:] != b"WAVE":
                return None
            while len(chunk := file.read(8)) == 8:
                name, size = struct.unpack("<4sI", chunk)
                if name in _READERS:
                    found = _READERS[name](file.read(min(size, 256)))
                    return found if found and SHORTEST_CYCLE <= found <= LARGEST_FRAME else None
                file.seek(size + size % 2, 1)
    except OSError:
        pass
    return None


def _clm(data: bytes) -> int | None:
    """`<!>2048 01000000 wavetable (...)` -> 2048."""
    match = re.match(rb"<!>(\d{1,6})\b", data)
    return int(match.group(1)) if match else None


def _srge(data: bytes) -> int | None:
    """Two 32-bit numbers: a version and the frame size."""
    return struct.unpack("<i", data[4:8])[0] if len(data) >= 8 else None


_READERS = {b"clm ": _clm, b"srge": _srge, b"uhWT": lambda data: 2048}
