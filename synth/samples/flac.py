"""What libsndfile does not read of a FLAC: its length where the header does not say (programs that write to a pipe leave 0 there, and
it then plays nothing), and the chunks of the WAV it was made of.

After RFC 9639, sections 8.2, 8.4 and 9.1. By hand, because no library in use reads the frames' headers or other programs' blocks.
"""

import os
from pathlib import Path
from typing import BinaryIO

from .pieces import Piece

_HEADER, _INFO_END = 8, 42  # 'fLaC', the block's header, STREAMINFO
APPLICATION, RIFF_APPLICATION = 2, b"riff"  # the kind of block, and whose it is
_MOST_BLOCKS, _LARGEST_CHUNK = 1000, 1 << 16
_TAIL_BYTES = 1 << 18  # more than any frame of 65,535 samples is likely to need
_BLOCK_SIZES = {1: 192, **{n: 144 << n for n in range(2, 6)}, **{n: 1 << n for n in range(8, 16)}}


def mended_flac(file: BinaryIO) -> list[Piece] | None:
    """The same file with its length in its header; None where it says it, is none, or no frame was found."""
    file.seek(0)
    head = file.read(_INFO_END)
    if len(head) < _INFO_END or head[:4] != b"fLaC" or head[4] & 0x7F or head[21] & 15 or any(head[22:26]):
        return None
    size = os.fstat(file.fileno()).st_size
    base = max(_INFO_END, size - _TAIL_BYTES)
    file.seek(base)
    n_samples = _last_sample(file.read(), int.from_bytes(head[_HEADER:_HEADER + 2], "big"))
    if not 0 < n_samples < 1 << 36:
        return None
    told = bytes([head[21] & 0xF0 | n_samples >> 32]) + (n_samples & 0xFFFFFFFF).to_bytes(4, "big")
    return [head[:21] + told + head[26:], (_INFO_END, size - _INFO_END)]


def foreign_chunks(path: Path) -> dict[bytes, bytes]:
    """Name -> data of each small WAV chunk that a FLAC keeps for the application "riff", as `flac --keep-foreign-metadata` does.

    Empty for any other file.
    """
    found: dict[bytes, bytes] = {}
    try:
        with open(path, "rb") as file:
            if file.read(4) != b"fLaC":
                return {}
            for _ in range(_MOST_BLOCKS):
                head = file.read(4)
                if len(head) < 4:
                    break
                size = int.from_bytes(head[1:], "big")
                if head[0] & 0x7F == APPLICATION and size <= _LARGEST_CHUNK:
                    data = file.read(size)
                    if data[:4] == RIFF_APPLICATION and data[4:8] != b"RIFF":
                        found.setdefault(data[4:8], data[12:12 + int.from_bytes(data[8:12], "little")])
                else:
                    file.seek(size, os.SEEK_CUR)
                if head[0] & 0x80:
                    break
    except OSError:
        return {}
    return found


def _last_sample(tail: bytes, block_size: int) -> int:
    """Samples up to the end of the last frame in these bytes; 0 where there is none."""
    at = len(tail)
    while (at := tail.rfind(b"\xff", 0, at)) >= 0:
        if found := _frame_end(tail[at:at + 16], block_size):
            return found
    return 0


def _frame_end(head: bytes, block_size: int) -> int:
    """The sample behind the last of a frame, by its header; 0 where these bytes are no header."""
    if len(head) < 6 or head[1] & 0xFE != 0xF8 or head[3] & 1 or head[3] >> 4 > 10 or head[2] & 15 == 15 or not head[2] >> 4:
        return 0
    length = 8 - (head[4] ^ 0xFF).bit_length()  # of the number, which is written as UTF-8 writes one
    length = 1 if length == 0 else length
    if length == 8 or (head[4] & 0xC0) == 0x80:
        return 0
    number = head[4] if length == 1 else head[4] & (0x7F >> length)
    for byte in head[5:4 + length]:
        if byte & 0xC0 != 0x80:
            return 0
        number = number << 6 | byte & 0x3F
    at, code, rate = 4 + length, head[2] >> 4, head[2] & 15
    size_bytes, rate_bytes = {6: 1, 7: 2}.get(code, 0), {12: 1, 13: 2, 14: 2}.get(rate, 0)
    end = at + size_bytes + rate_bytes
    if len(head) <= end or _crc8(head[:end]) != head[end]:
        return 0
    n_samples = int.from_bytes(head[at:at + size_bytes], "big") + 1 if size_bytes else _BLOCK_SIZES.get(code, 0)
    return number + n_samples if head[1] & 1 else number * block_size + n_samples


def _crc8(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 7) & 0xFF if crc & 0x80 else crc << 1
    return crc
