"""A recording -> its notes: one, or the several of a phrase, each from its onset to the next."""

from dataclasses import dataclass

import numpy as np

from ..samples.cutting import mean_cycle
from ..samples.cycles import SampleError
from ..samples.pitch import LEAST_CLARITY, LEAST_RUN_S, Window, cents, measure_pitches, run_seconds, stable_runs
from ..samples.verdict import CHORD, HIT, chord_in, unsteady, why_no_pitch
from ..text import counted

LEAST_NOTE_S = 0.12
LOOP = "sounds like a loop, of drums or of a whole band; give it single notes, or a line of them"
_LOOP_STROKES = 4  # without one clear note among them
_SAME_CENTS = 70.0
_JOINED_S = 0.3  # a run of the same pitch this soon after is the same note, unless it was struck anew
_BLOCK_S = 0.01
_FRAME_S, _BAND_HZ = 0.02, (80.0, 12_000.0)
_STRUCK_DB, _STRUCK_SHARE = 4.5, 0.55  # mean rise of the bands within 30 ms, and how many of them rise
_APART = 8  # blocks between two beginnings
_STRUCK_UNDER_DB = 30.0  # the loudest: below it nothing is struck
_BEFORE_S = 0.35  # that an onset may lie before its first clear window
_ROOM_S = 0.01  # kept before an onset
_FADE_S = 0.01


@dataclass(frozen=True)
class Note:
    """A stretch of a recording that holds one note: first and last sample, pitch in Hz."""

    start: int
    end: int
    freq_hz: float


def find_notes(samples: np.ndarray, rate_hz: int) -> list[Note]:
    """Notes of a recording float64[n] in order. Raises SampleError with what was heard where there is none."""
    if len(samples) < LEAST_NOTE_S * rate_hz:
        raise SampleError(f"is too short for a note ({counted(len(samples), 'sample')}); "
                          f"{LEAST_NOTE_S:g} s are the least")
    if not np.isfinite(samples).all():
        raise SampleError("holds values that are not numbers (NaN or infinity)")
    if not np.abs(samples).max() > 1e-5:
        raise SampleError("is silent")
    struck = _struck(samples, rate_hz)
    runs, fault = _note_runs(samples, rate_hz)
    if not runs:
        raise SampleError(LOOP if len(struck) >= _LOOP_STROKES and fault != CHORD else fault or why_no_pitch(samples, rate_hz))
    runs = _joined([piece for run in runs for piece in _split(run, struck)], struck, rate_hz)
    runs = [run for run in runs if run_seconds(run, rate_hz) >= LEAST_RUN_S] or runs[:1]
    return _placed(runs, struck, len(samples), rate_hz)


def cut_note(samples: np.ndarray, note: Note, rate_hz: int) -> np.ndarray:
    """A note's samples, faded where the next one begins."""
    piece = samples[note.start: note.end].copy()
    fade = min(int(_FADE_S * rate_hz), len(piece))
    if note.end < len(samples):
        piece[-fade:] *= np.linspace(1, 0, fade)
    return piece


def _note_runs(samples: np.ndarray, rate_hz: int) -> tuple[list[list[Window]], str]:
    """(runs of one steady pitch, what was wrong with the last that is none)."""
    windows = measure_pitches(samples, rate_hz)
    found, fault = [], ""
    for run in stable_runs(windows, LEAST_CLARITY):
        if run_seconds(run, rate_hz) < LEAST_RUN_S:
            continue
        wrong = unsteady(run, rate_hz)
        middle = run[len(run) // 2]
        try:
            cycle = mean_cycle(samples, middle.start + middle.size // 2, middle.freq_hz, rate_hz).cycle
            wrong = wrong or (CHORD if chord_in(cycle) else "")
        except SampleError:
            wrong = HIT
        if wrong:
            fault = wrong
        else:
            found.append(run)
    return found, fault


def _struck(samples: np.ndarray, rate_hz: int) -> list[int]:
    """Samples at which most of 24 bands rise together: where notes are struck, blown or bowed anew. Beating moves each by itself."""
    size, hop = 1 << int(np.ceil(np.log2(_FRAME_S * rate_hz))), int(_BLOCK_S * rate_hz)
    padded = np.pad(samples, (size, size))
    power = np.abs(np.fft.rfft(np.lib.stride_tricks.sliding_window_view(padded, size)[::hop] * np.hanning(size), axis=1)) ** 2
    edges = np.unique(np.searchsorted(np.fft.rfftfreq(size, 1 / rate_hz), np.geomspace(*_BAND_HZ, 25)))
    levels = 10 * np.log10(np.add.reduceat(power[:, : edges[-1]], edges[:-1], axis=1) + 1e-10)
    top, loud = levels.max(), levels.max(1)
    levels = np.maximum(levels, top - 55)
    before, after = np.maximum(np.maximum(levels[:-5], levels[1:-4]), levels[2:-3]), levels[5:]
    live = np.maximum(after, before) > top - 54
    rise = np.where(live, after - before, 0)
    count = np.maximum(live.sum(1), 3)
    mean_db, share = np.clip(rise, -12, 15).sum(1) / count, (rise > 2).sum(1) / count
    struck = (mean_db > _STRUCK_DB) & (share > _STRUCK_SHARE) & (loud[5:] > top - _STRUCK_UNDER_DB)
    found: list[int] = []
    for i in np.flatnonzero(struck).tolist():
        if not found or i - found[-1] > _APART:
            found.append(i)
    return [max(0, (i + 4) * hop - size) for i in found]


def _split(run: list[Window], struck: list[int]) -> list[list[Window]]:
    """A run cut where the same pitch was struck again."""
    pieces: list[list[Window]] = [[]]
    for window in run:
        if pieces[-1] and any(pieces[-1][-1].start + window.size // 2 <= at < window.start + window.size // 2 for at in struck):
            pieces.append([])
        pieces[-1].append(window)
    return pieces


def _joined(runs: list[list[Window]], struck: list[int], rate_hz: int) -> list[list[Window]]:
    """Neighbouring runs of one pitch made one, where nothing was struck between them."""
    found: list[list[Window]] = []
    for run in runs:
        if found and _is_same(found[-1], run, struck, rate_hz):
            found[-1] = found[-1] + run
        else:
            found.append(run)
    return found


def _is_same(before: list[Window], after: list[Window], struck: list[int], rate_hz: int) -> bool:
    gap_s = (after[0].start - before[-1].start) / rate_hz
    middle = after[0].start + after[0].size // 2
    last = before[-1].start + before[-1].size // 2
    anew = any(last <= at < middle for at in struck) and run_seconds(before, rate_hz) > LEAST_RUN_S + LEAST_NOTE_S
    return gap_s < _JOINED_S and not anew and abs(cents(_pitch(after), _pitch(before))) < _SAME_CENTS


def _pitch(run: list[Window]) -> float:
    return float(np.median([window.freq_hz for window in run]))


def _placed(runs: list[list[Window]], struck: list[int], size: int, rate_hz: int) -> list[Note]:
    """Each run from its onset to the next one's."""
    starts: list[int] = []
    for index, run in enumerate(runs):
        centre = run[0].start + run[0].size // 2
        earliest = runs[index - 1][-1].start + runs[index - 1][-1].size // 2 if index else 0
        onsets = [at for at in struck if max(earliest, centre - int(_BEFORE_S * rate_hz)) <= at <= centre]
        starts.append(0 if not index and not onsets else onsets[-1] if onsets else (earliest + centre) // 2)
    starts = [max(0, start - int(_ROOM_S * rate_hz)) for start in starts]
    if len(runs) == 1:
        starts = [0]
    return [Note(start, end, _pitch(run)) for run, start, end in zip(runs, starts, [*starts[1:], size], strict=True)]
