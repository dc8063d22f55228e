"""Wavetable files -> frames of one size: by what the file tells of them, or by where its waveforms close."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..text import counted
from .closing import breaks, close_frames
from .cycles import LONGEST_CYCLE, SHORTEST_CYCLE, SampleError
from .pitch import STEADY_CLARITY, measure_pitches
from .reading import read_mono
from .riff import read_wave_at, told_apart
from .tables import TABLES, read_table
from .tags import LONGEST_LOOP, WAVEEDIT_FRAMES, WAVEEDIT_SIZE, has_waveedit_length, tagged_frame_size, told_samples

SIZES = (2048, 1024, 4096, 512, 256)  # in the order in which they are common
RESAMPLED = (48 / 44.1, 44.1 / 48, 96 / 44.1, 44.1 / 96, 1 / 2)  # rates that files are brought to
_OPENS = 3.0  # times as far from itself as from its neighbour: such an end does not close its frame
_RUNS_ON = 30.0  # the same, where one seam alone is enough
_GRAIN = 1e-3  # of a frame's RMS: what 16 bits leave of smoothness
_CLOSES = 0.1  # of a frame's RMS: its end leads back to its beginning
_ALIKE = 0.35  # of their RMS: neighbouring frames are nearly one another
_AVERAGED = 8
_SOUNDS = 10 ** (-40 / 20)  # of the loudest frame
_FADES = 10 ** (-30 / 20)
_PITCH_S = 3.0  # at a file's beginning, where a recording's pitch is looked for
_OFF_PERIOD = 0.03  # of a period: a pitch so far off the frame's harmonics is a recording's
NO_TABLE = ("sounds like a recording, not like a wavetable; give --frame-size if it is one, "
            "or let `latentwave encode` find the latents that sound like it")


@dataclass(frozen=True)
class Table:
    """float64[n, size] of a wavetable, and what was guessed or made good ('' where the file tells all of it)."""

    frames: np.ndarray
    told: str = ""


def known_table(path: Path, frame_size: int | None = None) -> Table | None:
    """The frames of a file that says it is a wavetable, or of any with `frame_size` given; None for any other file.

    Raises SampleError where it cannot be read.
    """
    if path.suffix.lower() in TABLES:
        samples, size, told = read_table(path)
        return Table(samples.reshape(-1, size), told) if frame_size is None else _given(samples, frame_size, told)
    if frame_size is not None:
        return _given(read_mono(path)[0], frame_size, told_apart(path))
    wave = read_wave_at(path)
    if tagged := tagged_frame_size(path, wave):
        samples = read_mono(path)[0]
        table = tagged_table(samples, tagged)
        return Table(table.frames, "; ".join(filter(None, (table.told or _doubt(samples, tagged), told_apart(path)))))
    if has_waveedit_length(path, wave):
        samples = read_mono(path)[0]
        if guess_frame_size(samples) == WAVEEDIT_SIZE:
            return Table(samples.reshape(WAVEEDIT_FRAMES, WAVEEDIT_SIZE), _guessed(WAVEEDIT_FRAMES, WAVEEDIT_SIZE))
    if wave is not None and wave.cut and told_samples(path, wave) <= LONGEST_CYCLE:  # of a recording the rest is used
        raise SampleError("is cut short: it ends before its cycle does; copy or download it again")
    return None


def any_table(path: Path, frame_size: int | None = None) -> Table:
    """As `known_table`, but what tells nothing is one cycle up to 4,096 samples, and cut by a guess beyond. Raises SampleError."""
    table = known_table(path, frame_size)
    if table is not None:
        return table
    samples, rate_hz = read_mono(path)
    if len(samples) <= LONGEST_CYCLE:
        return Table(samples[None], told_apart(path))
    size = guess_frame_size(samples)
    if size is None or _has_other_pitch(samples, rate_hz, size):
        raise SampleError(NO_TABLE)
    frames = samples.reshape(-1, size)
    return Table(frames, "; ".join(filter(None, (_guessed(*frames.shape), told_apart(path)))))


def _given(samples: np.ndarray, size: int, told: str) -> Table:
    """Frames of the size that the player gives, whatever the file says; torn ones are closed, and told."""
    if len(samples) < size:
        raise SampleError(f"is shorter ({len(samples)} samples) than one frame of {size}")
    frames, n_closed = close_frames(samples, size)
    closed = f"its sound runs on through frames of {size}: the ends of {n_closed} of them were blended" if n_closed else ""
    rest = _rest(len(samples) % size) if len(samples) % size else ""
    return Table(frames, "; ".join(filter(None, (told, rest, closed))))


def _rest(n: int) -> str:
    """What is told of samples that are too few for a frame."""
    return f"the last {counted(n, 'sample is', 'samples are')} no whole frame and {'was' if n == 1 else 'were'} left out"


def _guessed(count: int, size: int) -> str:
    frames = f"{count} frames" if count > 1 else "one frame"
    return f"its frame size is told nowhere: {frames} of {size} samples {'were' if count > 1 else 'was'} guessed (--frame-size sets it)"


def _doubt(samples: np.ndarray, size: int) -> str:
    """A word where frames of the size a tag tells do not close, and those of another do."""
    if _seams(samples.reshape(-1, size)) != "torn":
        return ""
    better = guess_frame_size(samples)
    if better is None or _seams(samples.reshape(-1, better)) != "closed":
        return ""
    return f"its tag tells frames of {size} samples, which do not close; those of {better} would (--frame-size {better})"


def tagged_table(samples: np.ndarray, size: int) -> Table:
    """Frames by the size a tag tells; a tag that contradicts the length float64[n] is told, and made good where that is possible."""
    n_samples = len(samples)
    if n_samples % size == 0:
        return Table(samples.reshape(-1, size))
    for ratio in RESAMPLED:
        count = round(n_samples / (size * ratio))
        if count and abs(n_samples - count * size * ratio) <= 1:
            frames = _resampled(samples, count * size).reshape(count, size)
            return Table(frames, f"its tag tells frames of {size} samples, but it was resampled: its {count} frames are of "
                                 f"{n_samples / count:.1f}")
    if n_samples < size:
        if n_samples < SHORTEST_CYCLE or n_samples > LONGEST_LOOP:
            raise SampleError(f"is shorter ({n_samples} samples) than one frame of {size}, which its tag tells; give --frame-size")
        return Table(samples[None], f"its tag tells frames of {size} samples, but it holds {n_samples}: they were read as one cycle")
    count = n_samples // size
    return Table(samples[:count * size].reshape(count, size),
                 f"its tag tells frames of {size} samples: {_rest(n_samples % size)}")


def _resampled(samples: np.ndarray, n_samples: int) -> np.ndarray:
    """Another number of samples over the same time, by FFT: float64[n] -> float64[n_samples]."""
    return np.fft.irfft(np.fft.rfft(samples), n_samples) * (n_samples / len(samples))


def guess_frame_size(samples: np.ndarray) -> int | None:
    """The frame size that the waveforms of float64[n] speak for; None where they speak against all, as a recording's do.

    The smallest size whose frames close (each one's end leads to its beginning) or follow each other nearly alike; else the most
    common one that nothing speaks against. Against a size speaks that the sound runs on smoothly from frame to frame where no
    frame closes.
    """
    n_samples = len(samples)
    sizes = [size for size in SIZES if n_samples % size == 0]
    if LONGEST_CYCLE < n_samples <= LONGEST_LOOP and n_samples % 2 == 0:
        sizes.append(n_samples)
    coarse = np.array_equal(samples * 128, np.round(samples * 128))  # eight bits: a kink shows only where several samples are averaged
    found = {size: _seams(samples.reshape(-1, size // _AVERAGED, _AVERAGED).mean(2) if coarse else samples.reshape(-1, size))
             for size in sizes if size % _AVERAGED == 0 or not coarse}
    sizes = list(found)
    closed = [size for size in sizes if found[size] == "closed"]
    if closed:
        return min(closed)
    if n_samples == WAVEEDIT_FRAMES * WAVEEDIT_SIZE and found[WAVEEDIT_SIZE] == "open":
        return WAVEEDIT_SIZE
    unknown = next((size for size in sizes if found[size] == "open" and (size < n_samples or size & size - 1 == 0)), None)
    return None if unknown is None or _fades(samples) else unknown


def _seams(frames: np.ndarray) -> str:
    """'closed', 'open' (nothing speaks for or against it) or 'torn' for frames float64[n, size] of one size."""
    level = frames.std(1)
    sounds = level > _SOUNDS * level.max()
    if not sounds.any():
        return "open"
    wrap = breaks(frames, frames) / np.maximum(level, 1e-12)
    if len(frames) > 1:
        join = breaks(frames[:-1], frames[1:]) / level.mean()
        runs_on = (np.minimum(wrap[:-1], wrap[1:]) > _RUNS_ON * join + 3 * _GRAIN) & sounds[:-1] & sounds[1:]
        if runs_on.any() or np.sqrt((wrap[sounds] ** 2).mean()) > _OPENS * np.sqrt((join**2).mean()) + _GRAIN:
            return "torn"
        apart = np.sqrt(((frames[1:] - frames[:-1]) ** 2).mean() / 2) / np.sqrt((frames**2).mean())
        if apart < _ALIKE:
            return "closed"
    return "closed" if np.median(wrap[sounds]) < _CLOSES else "open"


def _fades(samples: np.ndarray) -> bool:
    """Whether the last quarter is far under the loudest: a recording dies away, a wavetable does not."""
    quarters = np.sqrt((samples[:len(samples) // 4 * 4].reshape(4, -1) ** 2).mean(1))
    return bool(quarters[-1] < _FADES * quarters.max())


def _has_other_pitch(samples: np.ndarray, rate_hz: int, size: int) -> bool:
    """Whether most of it has a clear pitch that is no harmonic of its frames."""
    windows = measure_pitches(samples[:int(_PITCH_S * rate_hz)], rate_hz)
    off = [abs(size * w.freq_hz / rate_hz - round(size * w.freq_hz / rate_hz)) for w in windows if w.clarity >= STEADY_CLARITY]
    return len(off) > len(windows) / 2 and float(np.median(off)) > _OFF_PERIOD
