"""Sound files -> mono samples. Whatever cannot be read is refused by name with a reason, never by a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from .cycles import SampleError
from .flac import mended_flac
from .pieces import Piece, PiecedFile
from .riff import mended_wave, read_wave

if TYPE_CHECKING:
    from soundfile import SoundFile

LONGEST_READ_SAMPLES = 600 * 48_000  # ten minutes at 48 kHz: more in one row of cycles is a mistake
WHOLE_S = 60.0  # a recording up to this long is heard whole, of a longer one a spread of regions
REGIONS, REGION_S = 16, 3.0
_FAINT = 1e-3  # -60 dBFS: regions of a long file that reach no higher may have missed its sound
_FORK = bytes.fromhex("00051607")  # AppleDouble: what a Mac keeps beside a file
_CLIPPED_LEVEL, _CLIPPED_RUN, _CLIPPED_SHARE = 0.985, 3, 0.002


def read_mono(path: Path) -> tuple[np.ndarray, int]:
    """Samples float64[n] and the rate in Hz of one sound file, mixed to mono.

    Two channels that cancel (opposite polarity) are not mixed: the louder one is taken. Raises SampleError with the
    reason where the file cannot be read, is empty or too long.
    """
    regions, rate_hz = _read(path, whole=True)
    return regions[0], rate_hz


def read_regions(path: Path) -> tuple[list[np.ndarray], int]:
    """As `read_mono`, but of a file over a minute long only sixteen stretches of three seconds, spread over it."""
    return _read(path, whole=False)


def _read(path: Path, whole: bool) -> tuple[list[np.ndarray], int]:
    try:
        with open_sound(path) as file:
            rate_hz = file.samplerate
            if not whole and WHOLE_S * rate_hz < file.frames < 1 << 60:
                regions = _spread(file, rate_hz)
            elif file.frames > LONGEST_READ_SAMPLES:
                raise SampleError(f"is too long ({file.frames} samples); cut it into shorter files")
            else:
                regions = [file.read(dtype="float64", always_2d=True)]
    except SampleError:
        raise
    except Exception as error:  # libsndfile's own errors, and odd ones of its binding for damaged headers
        raise SampleError(_why(path, error)) from None
    regions = [_mono(samples) for samples in regions if len(samples)]
    if not regions:
        raise SampleError("holds no samples")
    return regions, rate_hz


@contextmanager
def open_sound(path: Path) -> Iterator["SoundFile"]:
    """A sound file for reading, its header mended where it lies.

    Through Python's own file, not by its name: the name may be no text, and libsndfile would look for a resource fork beside it.
    """
    import soundfile

    with open(path, "rb") as file:
        pieces = _mended(file)
        file.seek(0)
        with soundfile.SoundFile(file if pieces is None else PiecedFile(file, pieces)) as sound:
            yield sound


def _mended(file: BinaryIO) -> list[Piece] | None:
    wave = read_wave(file)
    if wave is not None:
        return None if wave.plain else mended_wave(file, wave)
    return mended_flac(file)


def _spread(file: "SoundFile", rate_hz: int) -> list[np.ndarray]:
    """Sixteen stretches of three seconds, from the first to the last of a long file; its loudest where those are all but silent."""
    size = int(REGION_S * rate_hz)
    found = _stretches(file, np.linspace(0, file.frames - size, REGIONS).astype(int).tolist(), size)
    if max(np.abs(samples).max(initial=0) for samples in found) > _FAINT:
        return found
    file.seek(0)
    peaks = [np.abs(block).max(initial=0) for block in file.blocks(size, dtype="float32")]
    loudest = sorted(np.argsort(peaks)[-REGIONS:].tolist())
    return _stretches(file, [min(i * size, file.frames - size) for i in loudest], size)


def _stretches(file: "SoundFile", starts: list[int], size: int) -> list[np.ndarray]:
    found = []
    for start in starts:
        file.seek(start)
        found.append(file.read(size, dtype="float64", always_2d=True))
    return found


def _why(path: Path, error: Exception) -> str:
    try:
        with open(path, "rb") as file:
            head = file.read(4)
    except OSError as denied:
        return f"cannot be opened ({denied.strerror or 'no permission'})"
    if head == _FORK:
        return "is what a Mac keeps beside a sound (a resource fork), not the sound; give the file without the '._'"
    reason = getattr(error, "error_string", str(error)).rstrip(".")  # the caller names the file already
    return f"cannot be read as sound ({reason or type(error).__name__})"


def is_clipped(samples: np.ndarray) -> bool:
    """Whether a recording was cut off at full scale: runs of three samples and more there, 0.2 % of it in all."""
    high = np.abs(samples) >= _CLIPPED_LEVEL
    runs = high[2:] & high[1:-1] & high[:-2] & (np.ptp(np.stack([samples[2:], samples[1:-1], samples[:-2]]), axis=0) < 1e-3)
    return bool(runs.mean() > _CLIPPED_SHARE) if len(samples) > _CLIPPED_RUN else False


def _mono(channels: np.ndarray) -> np.ndarray:
    """float64[n, channels] -> float64[n]: the mean, or the loudest channel where mixing would lose half the sound."""
    if channels.shape[1] == 1:
        return channels[:, 0]
    mean = channels.mean(1)
    energies = (channels**2).sum(0)
    with np.errstate(invalid="ignore"):
        cancels = (mean**2).sum() < 0.25 * energies.max()
    return channels[:, int(np.nanargmax(energies))] if cancels else mean
