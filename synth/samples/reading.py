"""Sound files -> mono samples. Whatever cannot be read is refused by name with a reason, never by a traceback."""

from pathlib import Path

import numpy as np

from .cycles import SampleError
from .tags import riff_chunks

EXTENSIONS = (".wav", ".flac", ".ogg", ".oga", ".aif", ".aiff", ".aifc", ".mp3", ".w64", ".caf", ".au")
LONGEST_READ_SAMPLES = 600 * 48_000  # ten minutes at 48 kHz; more in one file is a mistake or wants cutting first
_LEFT_OPEN_BYTES = 0x7FFF_0000  # writers of streams put this or more where a length should be


def find_sound_files(folder: Path) -> list[Path]:
    """Every sound file under `folder`, sub-folders too, in a stable order; hidden files and folders are passed over."""
    found = []
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        if path.suffix.lower() in EXTENSIONS and not any(p.startswith(".") for p in parts) and path.is_file():
            found.append(path)
    return sorted(found, key=lambda p: p.relative_to(folder).as_posix())


def read_mono(path: Path) -> tuple[np.ndarray, int]:
    """Samples float64[n] and the rate in Hz of one sound file, mixed to mono.

    Two channels that cancel (opposite polarity) are not mixed: the louder one is taken. Raises SampleError with the
    reason where the file cannot be read, is empty or too long.
    """
    import soundfile

    if _cut_short(path):
        raise SampleError("is cut short: it ends before its sound does; copy or download it again")
    try:
        with soundfile.SoundFile(str(path)) as file:
            if file.frames > LONGEST_READ_SAMPLES:
                raise SampleError(f"is too long ({file.frames} samples); cut it into shorter files")
            samples = file.read(dtype="float64", always_2d=True)
            rate_hz = file.samplerate
    except SampleError:
        raise
    except Exception as error:  # libsndfile's own errors, and odd ones of its binding for damaged headers
        reason = str(error).rpartition("': ")[2].rstrip(".")  # the caller names the file already
        raise SampleError(f"cannot be read as sound ({reason or type(error).__name__})") from None
    if not len(samples):
        raise SampleError("holds no samples")
    return _mono(samples), rate_hz


def _cut_short(path: Path) -> bool:
    """Whether a WAV tells more sound than it holds. Streamed ones, whose writers left the length open, do not count."""
    for name, size, file in riff_chunks(path):
        if name == b"data":
            return size < _LEFT_OPEN_BYTES and size > path.stat().st_size - file.tell()
    return False


def _mono(channels: np.ndarray) -> np.ndarray:
    """float64[n, channels] -> float64[n]: the mean, or the loudest channel where mixing would lose half the sound."""
    if channels.shape[1] == 1:
        return channels[:, 0]
    mean = channels.mean(1)
    energies = (channels**2).sum(0)
    with np.errstate(invalid="ignore"):
        cancels = (mean**2).sum() < 0.25 * energies.max()
    return channels[:, int(np.nanargmax(energies))] if cancels else mean
