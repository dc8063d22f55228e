"""What a WAV file tells of its frames: the chunk its maker left, its loops or cue points, WaveEdit's layout."""

import re
import struct
from pathlib import Path

from .cycles import SHORTEST_CYCLE
from .flac import foreign_chunks
from .riff import Wave, chunk_bytes

LARGEST_FRAME = 1 << 16
LONGEST_LOOP = 16384  # samples: a longer loop is a stretch of a recording
WAVEEDIT_FRAMES, WAVEEDIT_SIZE = 64, 256
_MOST_ROWS = 256


def tagged_frame_size(path: Path, wave: Wave | None) -> int | None:
    """Frame size from a `clm ` (Serum, Vital), `srge`, `srgo` (Surge) or `uhWT` (Hive, always 2,048) chunk, in that order; else from
    `smpl` loops or even `cue ` points that divide the file; else None. A FLAC tells what the WAV did that it was made of.

    Damaged files have no tag; what is wrong with them is told by whoever reads their sound.
    """
    try:
        if wave is None:
            return _told(foreign_chunks(path))
        return _tagged(path, wave) or _looped(path, wave)
    except (OSError, struct.error):
        return None


def _tagged(path: Path, wave: Wave) -> int | None:
    return _told({name: chunk_bytes(path, chunk, 256) for name in _READERS if (chunk := wave.find(name))})


def _told(chunks: dict[bytes, bytes]) -> int | None:
    for name, read in _READERS.items():
        size = read(chunks[name]) if name in chunks else None
        if size and SHORTEST_CYCLE <= size <= LARGEST_FRAME:
            return size
    return None


def _looped(path: Path, wave: Wave) -> int | None:
    n_samples = told_samples(path, wave)
    for name, rows in ((b"smpl", _loops), (b"cue ", _cues)):
        chunk = wave.find(name)
        if chunk is None:
            continue
        for size in rows(chunk_bytes(path, chunk, 48 * _MOST_ROWS), n_samples):
            whole = n_samples >= size and n_samples % size == 0
            if whole and SHORTEST_CYCLE <= size <= LONGEST_LOOP:
                return size
    return None


def told_samples(path: Path, wave: Wave) -> int:
    """Sample frames of uncompressed sound that are there, by the chunks; 0 where they do not tell."""
    form, data = wave.find(b"fmt "), wave.find(b"data")
    if form is None or data is None or form.size < 16:
        return 0
    step = struct.unpack(wave.order + "H", chunk_bytes(path, form)[12:14])[0]
    return data.size // step if step else 0


def has_waveedit_length(path: Path, wave: Wave | None) -> bool:
    """Whether a WAV is as long as the banks of WaveEdit: 64 frames of 256 samples, which it leaves untagged."""
    data = wave.find(b"data") if wave else None
    n_samples = WAVEEDIT_FRAMES * WAVEEDIT_SIZE
    return wave is not None and data is not None and data.size % n_samples == 0 and told_samples(path, wave) == n_samples


def _loops(data: bytes, n_samples: int) -> tuple[int, ...]:
    """Frame sizes that the loops of a `smpl` chunk may mean: all of one length, each beginning at a multiple of it.

    The end is the last sample that is played; some writers put the one behind it.
    """
    count = min(struct.unpack("<I", data[28:32])[0], _MOST_ROWS, (len(data) - 36) // 24)
    loops = [struct.unpack("<II", data[44 + 24 * i:52 + 24 * i]) for i in range(count)]
    sizes = {end - start for start, end in loops}
    if len(sizes) != 1:
        return ()
    short = sizes.pop()
    return tuple(size for size in (short + 1, short) if size > 0 and all(start % size == 0 for start, _ in loops))


def _cues(data: bytes, n_samples: int) -> tuple[int, ...]:
    """The distance between cue points, where all are equally far apart."""
    count = min(struct.unpack("<I", data[:4])[0], _MOST_ROWS, (len(data) - 4) // 24)
    places = sorted({struct.unpack("<I", data[24 + 24 * i:28 + 24 * i])[0] for i in range(count)} | {0})
    steps = {b - a for a, b in zip(places, places[1:], strict=False)}
    return (steps.pop(),) if len(steps) == 1 and len(places) > 1 and places[-1] < n_samples else ()


def _clm(data: bytes) -> int | None:
    """`<!>2048 01000000 wavetable (...)` -> 2048."""
    match = re.match(rb"<!>\s*(\d{1,6})\b", data)
    return int(match.group(1)) if match else None


def _srge(data: bytes) -> int | None:
    """Two 32-bit numbers: a version and the frame size."""
    return struct.unpack("<i", data[4:8])[0] if len(data) >= 8 else None


_READERS = {b"clm ": _clm, b"srge": _srge, b"srgo": _srge, b"uhWT": lambda data: 2048}
