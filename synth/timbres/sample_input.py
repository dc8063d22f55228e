"""What of a sound file is encoded: where its timbre begins and where it goes."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..samples.cutting import clearest_run, mean_cycle
from ..samples.cycles import LONGEST_CYCLE, SHORTEST_CYCLE, SampleError, to_cycle
from ..samples.frames import known_table
from ..samples.pitch import LEAST_RUN_S, STEADY_CLARITY, Window, run_seconds
from ..samples.reading import read_regions
from ..samples.riff import told_apart
from ..samples.spectrum import erb_lsd
from ..samples.tables import TABLES
from ..samples.verdict import unsteady
from ..text import printable

MOVES_DB = 1.5  # ERB-LSD between beginning and end: below it the timbre stands still
ATTACK_S = 0.06  # passed over at a note's beginning
NO_NOTE = "it has no steady pitch, as a drum or noise: what was taken is its most regular moment, and will not sound like it"
FADED = 10 ** (-30 / 20)  # of a note's loudest window: below it the end is the room


@dataclass(frozen=True)
class Sound:
    """One or two cycles float32[1 or 2, 2048] in the order they sound, the pitch in Hz or None, and what the second one is.

    told: what was guessed of the file, or why its cycles say little of it; '' where there is nothing to say.
    """

    cycles: np.ndarray
    source_hz: float | None
    second: str = ""
    told: str = ""


def read_sound(path: Path, kind: str | None = None, frame_size: int | None = None) -> Sound:
    """The cycles a file is about. Raises UserError where it holds none.

    kind: 'cycle', 'recording' or None: up to 4,096 samples is a cycle. A wavetable (by its tag, or `frame_size`) gives its
    first and last frame; a recording the beginning of its clearest note, after the attack, and its later steady part.
    """
    if not path.exists():
        raise UserError(f"there is no file {printable(path)}")
    if not path.is_file():
        raise UserError(f"{printable(path)} is no file")
    if frame_size is not None and not SHORTEST_CYCLE <= frame_size <= 1 << 16:
        raise UserError(f"a frame size of {frame_size} makes no sense; give {SHORTEST_CYCLE} to 65536 samples a cycle")
    try:
        table = known_table(path, frame_size) if frame_size or kind is None or path.suffix.lower() in TABLES else None
        if table is not None:
            return replace(_table(table.frames), told=table.told)
        regions, rate_hz = read_regions(path)
        if kind == "cycle" and len(regions) > 1:
            raise SampleError("is far too long for one cycle")
        if kind == "cycle" or (kind is None and len(regions[0]) <= LONGEST_CYCLE):
            return Sound(to_cycle(regions[0])[None], None)
        sound = _recording(regions, rate_hz)
        return replace(sound, told="; ".join(filter(None, (sound.told, told_apart(path)))))
    except SampleError as error:
        raise UserError(f"{printable(path)} {error}") from None


def _table(frames: np.ndarray) -> Sound:
    """First and last frame that sound, of float64[n, size]."""
    first = _first_sounding(frames)
    if len(frames) == 1:
        return Sound(first[None], None)
    return _pair(first, _first_sounding(frames[::-1]), None, "last frame")


def _first_sounding(frames: np.ndarray) -> np.ndarray:
    last: SampleError | None = None
    for frame in frames:
        try:
            return to_cycle(frame)
        except SampleError as error:
            last = error
    raise last or SampleError("holds no samples")


def _recording(regions: list[np.ndarray], rate_hz: int) -> Sound:
    """Beginning and later part of the clearest note of all regions."""
    best: tuple[float, np.ndarray, list[Window]] | None = None
    refusal: SampleError | None = None
    for samples in regions:
        try:
            run = clearest_run(samples, rate_hz)
        except SampleError as error:
            refusal = error
            continue
        weight = sum(w.clarity * w.rms**0.25 for w in run)
        if best is None or weight > best[0]:
            best = (weight, samples, run)
    if best is None:
        raise refusal or SampleError("holds no samples")
    _, samples, run = best
    early, late = _ends(run, rate_hz)
    cycles = [mean_cycle(samples, w.start + w.size // 2, w.freq_hz, rate_hz).cycle for w in (early, late)]
    freq_hz = round(float(np.median([w.freq_hz for w in run])), 3)
    return replace(_pair(cycles[0], cycles[1], freq_hz, "later part"), told=_doubt(run, rate_hz))


def _doubt(run: list[Window], rate_hz: int) -> str:
    """Why a note's cycles say little of its sound; '' for a held, clear one."""
    if unsteady(run, rate_hz) or run_seconds(run, rate_hz) < LEAST_RUN_S or float(np.median([w.clarity for w in run])) < STEADY_CLARITY:
        return NO_NOTE
    return ""


def _ends(run: list[Window], rate_hz: int) -> tuple[Window, Window]:
    """The window after the attack, and one well before the note has faded."""
    loudest = max(w.rms for w in run)
    alive = [w for w in run if w.rms > FADED * loudest]
    start = next((i for i, w in enumerate(alive) if w.start >= run[0].start + ATTACK_S * rate_hz), 0)
    settled = alive[start:]
    return settled[0], settled[int(0.8 * (len(settled) - 1))]


def _pair(first: np.ndarray, second: np.ndarray, source_hz: float | None, name: str) -> Sound:
    """Both cycles where they differ to the ear, else the first alone."""
    if erb_lsd(first[None], second[None])[0] < MOVES_DB:
        return Sound(first[None], source_hz)
    return Sound(np.stack([first, second]), source_hz, name)
