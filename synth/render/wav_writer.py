"""Sound files written whole or not at all."""

import contextlib
import os
import secrets
import weakref
from pathlib import Path

import numpy as np
import soundfile

from ..errors import UserError
from .unfinished import new_name

_SFC_SET_ADD_PEAK_CHUNK, _SFC_UPDATE_HEADER_NOW, _SFC_RF64_AUTO_DOWNGRADE = 0x1050, 0x1060, 0x1210  # sndfile.h
_FULL = "is the disk full?"  # libsndfile says no more than 'System error' of a write that fails


def check_target(path: str | os.PathLike) -> None:
    """Raise UserError if a WAV cannot be meant to stand here; nothing is written."""
    target = Path(path)
    if target.is_dir():
        raise UserError(f"{target}: is a folder; give a file name")
    if target.suffix.lower() != ".wav":
        raise UserError(f"{target}: a WAV is written; give a name that ends in .wav")
    if target.exists() and not target.is_file():
        raise UserError(f"{target}: is not an ordinary file, and would be replaced by one; give another name")
    if not target.parent.is_dir():
        raise UserError(f"{target.parent}: no such folder")


class WavWriter:
    """A float32 WAV that appears under its name only when `close` has found it complete; `abandon` leaves nothing.

    take: what is played once and cannot be made again. Its `part` stays when the program ends without `close`, and opens as far as
    it was when `save` was called last; a full disk keeps what there is; beyond 4 GB it becomes an RF64. It replaces no file: one that
    has come meanwhile stays, and the take gets a free name beside it. path: of the file, after `close` where it is.
    Use as a context manager: an exception abandons. Raises UserError when it cannot be written (no folder, full disk).
    """

    def __init__(self, path: str | os.PathLike, sr_hz: int, channels: int = 2, *, take: bool = False):
        self.path, self._frames, self._channels, self._take = Path(path), 0, channels, take
        check_target(path)
        self.part = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}.part")
        self._remove = weakref.finalize(self, self.part.unlink, missing_ok=True)  # also when a signal ends us between two lines
        try:
            self.part.touch()  # tells why it cannot be, which libsndfile does not
            self._file = soundfile.SoundFile(_name_of(self.part), "w", samplerate=sr_hz, channels=channels,
                                             format="RF64" if take else "WAV", subtype="FLOAT")
            _command(self._file, _SFC_SET_ADD_PEAK_CHUNK, 0)  # it holds the time of day, and the same song should be the same file
            if take:
                _command(self._file, _SFC_RF64_AUTO_DOWNGRADE, 1)
                self._remove.atexit = False
        except OSError as error:
            self._remove()
            raise UserError(f"{self.path}: cannot be written ({error.strerror or error})") from None
        except soundfile.SoundFileError:
            self._remove()
            raise UserError(f"{self.path}: cannot be written ({_FULL})") from None

    def write(self, samples: np.ndarray) -> None:
        """Append float32[n, channels]."""
        try:
            self._file.write(samples)
        except (OSError, RuntimeError, AssertionError) as error:  # the binding asserts that every frame was taken
            if not self._take:
                self.abandon()
            raise UserError(f"{self.path}: cannot be written ({_reason(error)})") from None
        self._frames += len(samples)

    def save(self) -> None:
        """Make the file one that opens with all that is written so far, and see it through to the disk."""
        _command(self._file, _SFC_UPDATE_HEADER_NOW, 0)
        with contextlib.suppress(OSError, RuntimeError):
            self._file.flush()

    def close(self) -> None:
        """Finish: check that every sample is on disk, then give the file its name."""
        try:
            self._file.close()
            if self.part.stat().st_size < self._frames * self._channels * 4:
                raise OSError(28, "no space left on the disk")
            self.path = new_name(self.path) if self._take else self.path
            os.replace(self.part, self.path)
            self._remove.detach()
        except (OSError, RuntimeError) as error:
            self.abandon()
            raise UserError(f"{self.path}: cannot be written ({_reason(error)})") from None

    def abandon(self) -> None:
        """Leave nothing behind."""
        try:
            self._file.close()
        except (OSError, RuntimeError):
            pass
        self._remove()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.close()
        else:
            self.abandon()


def _name_of(path: Path) -> str | bytes:
    """As soundfile takes it: a name that is not UTF-8 as its bytes, for it would encode a text strictly."""
    return str(path) if os.name == "nt" else os.fsencode(path)


def _command(file: soundfile.SoundFile, command: int, value: int) -> None:
    """Tell libsndfile what the binding has no method for."""
    with contextlib.suppress(AttributeError):  # another binding: the samples are the same all the same
        soundfile._snd.sf_command(file._file, command, soundfile._ffi.NULL, value)


def _reason(error: BaseException) -> str:
    said = getattr(error, "strerror", None) or str(error).split(": ")[-1].strip().rstrip(".")
    return _FULL if said in ("", "System error") else said
