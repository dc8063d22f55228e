"""Chunks of WAV files and their kin (RIFX, RF64, BW64, Wave64), by what is there: sizes may lie, pad bytes may be missing.

By hand, because libsndfile neither tells foreign chunks nor plays a file whose sizes lie.
"""

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .pieces import Piece

_RIFFS = {b"RIFF": "<", b"RF64": "<", b"BW64": "<", b"RIFX": ">"}
_WAVE64 = bytes.fromhex("726966662e91cf11a5d628db04c10000")
_KNOWN = frozenset((b"fmt ", b"data", b"fact", b"LIST", b"clm ", b"smpl", b"cue ", b"inst", b"srge", b"srgo", b"uhWT", b"bext", b"id3 ",
                    b"ID3 ", b"PEAK", b"acid", b"JUNK", b"junk", b"PAD ", b"FLLR", b"iXML", b"_PMX", b"axml", b"chna", b"ds64", b"DISP",
                    b"cart", b"plst", b"ltxt", b"labl", b"note", b"slnt", b"wavl", b"strc", b"afsp", b"levl"))
_LEFT_OPEN_BYTES = 0x7FFF_0000  # writers of streams put this or more where a length should be
_STRAY_BYTES = 64  # after the sound: fewer are no sound that was forgotten
_STRAY_TAGS = (b"TAG", b"ID3", b"APETAG", b"LYRICS")
_TAIL_BYTES = 1 << 16  # at the end, where chunks may follow sound of unknown length
_HEAD_BYTES = 4096
_MOST_CHUNKS = 10_000


@dataclass(frozen=True)
class Chunk:
    """Where a chunk's data begins, how many bytes of it are there, and how many its header tells."""

    name: bytes
    start: int
    size: int
    told: int


@dataclass(frozen=True)
class Wave:
    """The chunks of one file in their order; `plain` where a decoder that believes every size reads it right.

    `cut` where the file ends before its sound does: both its whole size and its sound's are more than there is.
    """

    chunks: list[Chunk]
    order: str
    plain: bool
    cut: bool

    def find(self, name: bytes) -> Chunk | None:
        """The first chunk of a name."""
        return next((chunk for chunk in self.chunks if chunk.name == name), None)


class _Reader:
    def __init__(self, file: BinaryIO):
        self.file, self.size = file, os.fstat(file.fileno()).st_size
        self.order, self.mended = "<", False
        file.seek(0)
        self.head = file.read(_HEAD_BYTES)  # where nearly all of the small reads are

    def at(self, place: int, count: int) -> bytes:
        if place + count <= len(self.head):
            return self.head[place:place + count]
        self.file.seek(place)
        return self.file.read(count)

    def header(self, place: int) -> tuple[bytes, int]:
        head = self.at(place, 8)
        return (head[:4], struct.unpack(self.order + "I", head[4:])[0]) if len(head) == 8 else (b"", 0)

    def likely(self, place: int) -> int:
        """How likely a chunk's header stands here: 2 known, 1 may be one, 0 none."""
        name, told = self.header(place)
        if name in _KNOWN:
            return 2
        return int(len(name) == 4 and all(0x20 <= c < 0x7F for c in name) and place + 8 + told <= self.size)

    def fits(self, place: int) -> bool:
        """Whether a chunk whose header stands here may be believed: its size fits, or it is the sound."""
        name, told = self.header(place)
        return name == b"data" or place + 8 + told <= self.size

    def after(self, end: int, odd: bool) -> int | None:
        """Where the next header stands, after a chunk that ends at `end`: behind its pad byte, unless that was forgotten."""
        if not odd:
            return end if self.likely(end) else None
        padded, bare = self.likely(end + 1), self.likely(end)
        if bare > padded:
            self.mended = True
            return end
        return end + 1 if padded else None

    def tail(self, start: int) -> int:
        """Where the chunks begin that follow sound of unknown length and reach the file's very end; else that end."""
        base = max(start, self.size - _TAIL_BYTES)
        text = self.at(base, self.size - base)
        places = sorted(base + i for name in _KNOWN - {b"data"} for i in _places(text, name))
        return next((place for place in places if self._reaches_end(place)), self.size)

    def _reaches_end(self, place: int) -> bool:
        for _ in range(99):
            if place in (self.size, self.size + 1):
                return True
            name, told = self.header(place)
            if name not in _KNOWN:
                return False
            place += 8 + told + told % 2
        return False


def _places(text: bytes, name: bytes) -> list[int]:
    found: list[int] = []
    i = text.find(name)
    while i >= 0 and len(found) < 99:
        found.append(i)
        i = text.find(name, i + 1)
    return found


def read_wave(file: BinaryIO) -> Wave | None:
    """The chunks of a WAV file of any kind; None for any other file. Moves the file's position."""
    reader = _Reader(file)
    head = reader.at(0, 40)
    if head[:16] == _WAVE64:
        return _wave64(reader)
    if head[:4] not in _RIFFS or head[8:12] != b"WAVE":
        return None
    reader.order = _RIFFS[head[:4]]
    whole = struct.unpack(reader.order + "I", head[4:8])[0]
    chunks = _riff_chunks(reader)
    data = next((chunk for chunk in chunks if chunk.name == b"data"), None)
    if head[:4] == b"BW64" or (head[:4] == b"RF64" and data is not None and data.size < _LEFT_OPEN_BYTES):
        reader.mended = True  # libsndfile knows no BW64, and of RF64 not all that is written
    if data is not None and b"fmt " not in (c.name for c in chunks[: chunks.index(data)]):
        reader.mended = True
    cut = data is not None and data.size < data.told < _LEFT_OPEN_BYTES and reader.size < whole + 8 < _LEFT_OPEN_BYTES
    return Wave(chunks, reader.order, not reader.mended, cut)


def _riff_chunks(reader: _Reader) -> list[Chunk]:
    chunks: list[Chunk] = []
    at: int | None = 12
    data64 = 0
    while at is not None and at + 8 <= reader.size and len(chunks) < _MOST_CHUNKS:
        name, told = reader.header(at)
        start = at + 8
        if name == b"ds64" and told >= 16:
            data64 = struct.unpack("<Q", reader.at(start + 8, 8).ljust(8, b"\0"))[0]
        is_sound = name == b"data" and not any(chunk.name == b"data" for chunk in chunks)
        if is_sound:
            size = _sound_bytes(reader, start, data64 if told == 0xFFFFFFFF and data64 else told)
        else:
            size = min(told, reader.size - start)
        chunks.append(Chunk(name, start, size, told))
        at = reader.after(start + size, size % 2 == 1) if size == told or is_sound else None
        if at is None and not any(chunk.name == b"data" for chunk in chunks):
            at = _search_sound(reader, start)
    return chunks


def _sound_bytes(reader: _Reader, start: int, told: int) -> int:
    """Bytes of sound that are there, whatever the header tells."""
    room = reader.size - start
    if told == 0 and reader.likely(start) == 2:
        return 0
    if 0 < told <= room and not _stray_sound(reader, start + told, told % 2 == 1):
        return told
    size = reader.tail(start) - start
    reader.mended |= size != told
    return size


def _stray_sound(reader: _Reader, end: int, odd: bool) -> bool:
    """Whether what follows the sound is no chunk, no tag and no filling: then it is sound that the header forgot."""
    if reader.size - end < _STRAY_BYTES or reader.after(end, odd) is not None:
        return False
    rest = reader.at(end, 4096)
    return not rest.startswith(_STRAY_TAGS) and len(set(rest)) > 1


def _search_sound(reader: _Reader, start: int) -> int | None:
    """The next known chunk behind one whose size lies."""
    text = reader.at(start, 1 << 20)
    places = sorted(start + i for name in _KNOWN for i in _places(text, name))
    found = next((at for at in places if reader.fits(at)), None)
    reader.mended |= found is not None
    return found


def _wave64(reader: _Reader) -> Wave:
    chunks: list[Chunk] = []
    at = 40
    while at + 24 <= reader.size and len(chunks) < _MOST_CHUNKS:
        head = reader.at(at, 24)
        told = struct.unpack("<Q", head[16:])[0] - 24
        room = reader.size - at - 24
        size = min(told, room) if told > 0 else room
        reader.mended |= size != told
        chunks.append(Chunk(head[:4], at + 24, size, told))
        at += -(-(24 + size) // 8) * 8
    return Wave(chunks, "<", not reader.mended, False)


def mended_wave(file: BinaryIO, wave: Wave) -> list[Piece] | None:
    """The same sound under a header whose sizes are true; None where there is none to mend."""
    form, data = wave.find(b"fmt "), wave.find(b"data")
    if form is None or data is None:
        return None
    head = b""
    for chunk in (form, wave.find(b"fact")):
        if chunk is not None:
            file.seek(chunk.start)
            head += chunk.name + struct.pack(wave.order + "I", chunk.size) + file.read(chunk.size) + b"\0" * (chunk.size % 2)
    size = min(data.size, 0xFFFFFFFE - len(head) - 12)
    head += b"data" + struct.pack(wave.order + "I", size)
    whole = struct.pack(wave.order + "I", 4 + len(head) + size)
    return [(b"RIFF" if wave.order == "<" else b"RIFX") + whole + b"WAVE" + head, (data.start, size)]


def read_wave_at(path: Path) -> Wave | None:
    """As `read_wave`, of a path; None also where it cannot be opened: whoever reads its sound tells why."""
    try:
        with open(path, "rb") as file:
            return read_wave(file)
    except OSError:
        return None


def chunk_bytes(path: Path, chunk: Chunk, most: int = 4096) -> bytes:
    """The first `most` bytes of a chunk."""
    with open(path, "rb") as file:
        file.seek(chunk.start)
        return file.read(min(chunk.size, most))


def told_apart(path: Path) -> str:
    """A remark where the header tells another length than the sound has, '' where it is right or was left open."""
    wave = read_wave_at(path)
    data = wave.find(b"data") if wave else None
    if data is None or data.told in (0, data.size) or data.told >= _LEFT_OPEN_BYTES:
        return ""
    return f"its header tells {data.told} bytes of sound, {data.size} are there and were read"
