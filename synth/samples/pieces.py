"""A file made of pieces: bytes of our own and stretches of another file, for a decoder that reads a mended header."""

import io
from collections.abc import Sequence
from typing import BinaryIO

Piece = bytes | tuple[int, int]  # bytes, or (first byte, length) of the file


class PiecedFile(io.RawIOBase):
    """Reads pieces one after the other; seekable, nothing is copied but what is read."""

    def __init__(self, file: BinaryIO, pieces: Sequence[Piece]):
        self._file, self._at = file, 0
        self._pieces: list[tuple[int, int, Piece]] = []
        end = 0
        for piece in pieces:
            size = len(piece) if isinstance(piece, bytes) else piece[1]
            self._pieces.append((end, size, piece))
            end += size
        self._size = end

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Bytes from the beginning."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As every file's."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer) -> int:  # the type of buffers has no name before Python 3.12
        """Fill a buffer as far as there is something."""
        view, done = memoryview(buffer).cast("B"), 0
        for start, size, piece in self._pieces:
            inside = self._at - start
            if not 0 <= inside < size:
                continue
            count = min(size - inside, len(view) - done)
            if isinstance(piece, bytes):
                found = piece[inside:inside + count]
            else:
                self._file.seek(piece[0] + inside)
                found = self._file.read(count)
            view[done:done + len(found)] = found
            done, self._at = done + len(found), self._at + len(found)
            if len(found) < count or done == len(view):
                break
        return done
