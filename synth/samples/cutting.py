"""Mean cycles of a recording's steady parts, with every harmonic the recording holds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .cycles import CYCLE_SIZE, MAX_HARMONICS, SampleError, to_cycle
from .pitch import LEAST_CLARITY, LEAST_RUN_S, Window, measure_pitches, run_seconds, stable_runs
from .spectrum import erb_lsd
from .verdict import CHORD, HIT, chord_in, unsteady, why_no_pitch

PERIODS = 8  # averaged into one cycle
FEWEST_PERIODS = 3
MOST_CYCLES = 24  # taken from one recording
MOVED_DB = 1.5  # ERB-LSD: the timbre has moved on, another cycle is worth taking
_LOOKED_AT = 4 * MOST_CYCLES


@dataclass(frozen=True)
class Cut:
    """One cycle: float32[2048], the harmonics that are known of it, its pitch in Hz (nan if none), which note it is of.

    note: -1 for a cycle that stands alone; cuts of one recording that share a number are one note's.
    """

    cycle: np.ndarray
    known_harmonics: int
    freq_hz: float
    note: int = -1


def measure_harmonics(frame: np.ndarray, cycles_per_sample: float, count: int) -> np.ndarray:
    """sum over n of frame[n] exp(-2j pi k n cycles_per_sample), k = 1..count: float[n] -> complex128[count].

    The Fourier transform at the note's own harmonics, none of which need fall on a bin. Factored over blocks of samples:
    count * sqrt(n) exponentials in place of count * n.
    """
    block = max(1, int(np.sqrt(len(frame))))
    rows = -(-len(frame) // block)
    padded = np.zeros(rows * block)
    padded[: len(frame)] = frame
    turns = -2j * np.pi * cycles_per_sample * np.arange(1, count + 1)
    inner, outer = _powers(np.exp(turns), block), _powers(np.exp(block * turns), rows)
    return (padded.reshape(rows, block) @ inner * outer).sum(0)


def _powers(base: np.ndarray, count: int) -> np.ndarray:
    """base^0 .. base^(count - 1), by doubling: complex[n] -> complex128[count, n]."""
    powers = np.ones((count, len(base)), complex)
    done = 1
    while done < count:
        more = min(done, count - done)
        powers[done : done + more] = powers[:more] * base
        base, done = base * base, 2 * done
    return powers


def mean_cycle(samples: np.ndarray, middle: int, freq_hz: float, rate_hz: int, note: int = -1) -> Cut:
    """Eight periods around a sample, averaged under a Hann window (fewer where the sound is shorter, at least three).

    Raises SampleError where the sound is too short.
    """
    period = rate_hz / freq_hz
    periods = min(PERIODS, int(len(samples) / period))
    if periods < FEWEST_PERIODS:
        raise SampleError("is too short to cut a cycle from; at least three periods must sound")
    n = int(round(periods * period))
    start = min(max(0, middle - n // 2), len(samples) - n)
    count = max(1, min(MAX_HARMONICS, int(rate_hz / 2 / freq_hz - 1e-9)))
    frame = samples[start : start + n]
    windowed = (frame - frame.mean()) * np.hanning(n + 2)[1:-1]
    spectrum = np.zeros(CYCLE_SIZE // 2 + 1, complex)
    spectrum[1 : count + 1] = measure_harmonics(windowed, freq_hz / rate_hz, count) / n
    return Cut(to_cycle(np.fft.irfft(spectrum, CYCLE_SIZE) * CYCLE_SIZE), count, freq_hz, note)


def _checked(regions: Sequence[np.ndarray]) -> None:
    if not all(np.isfinite(samples).all() for samples in regions):
        raise SampleError("holds values that are not numbers (NaN or infinity)")
    if not any(np.abs(samples).max(initial=0) > 1e-5 for samples in regions):
        raise SampleError("is silent")


def _notes(samples: np.ndarray, rate_hz: int, windows: list[Window]) -> tuple[list[list[Window]], str]:
    """(the stable runs of one region that hold one steady note, what was wrong with the last that does not)."""
    notes, fault = [], ""
    for run in stable_runs(windows):
        if run_seconds(run, rate_hz) < LEAST_RUN_S:
            continue
        wrong = unsteady(run, rate_hz)
        try:
            wrong = wrong or (CHORD if chord_in(_at(samples, run[len(run) // 2], rate_hz).cycle) else "")
        except SampleError:
            wrong = HIT
        if wrong:
            fault = wrong
        else:
            notes.append(run)
    return notes, fault


def _at(samples: np.ndarray, window: Window, rate_hz: int, note: int = -1) -> Cut:
    return mean_cycle(samples, window.start + window.size // 2, window.freq_hz, rate_hz, note)


def cut_recording(regions: Sequence[np.ndarray], rate_hz: int, most: int = MOST_CYCLES) -> list[Cut]:
    """Cycles of a recording's steady parts, in order; several of one note where its timbre moves; at most `most`.

    regions: stretches of the recording, float64[n] each. Raises SampleError with what was heard where nothing steady was.
    """
    _checked(regions)
    heard = [(samples, _notes(samples, rate_hz, measure_pitches(samples, rate_hz))) for samples in regions]
    found = [(samples, run) for samples, (runs, _) in heard for run in runs]
    if not found:
        faults = [fault for _, (_, fault) in heard if fault]
        raise SampleError(faults[0] if faults else why_no_pitch(max(regions, key=lambda r: float((r**2).sum())), rate_hz))
    every = -(-sum(len(run) for _, run in found) // _LOOKED_AT)
    cuts: list[Cut] = []
    for note, (samples, run) in enumerate(found):
        last: Cut | None = None
        for window in run[min(1, (len(run) - 1) // 2) :: every]:  # the first window holds the attack
            try:
                cut = _at(samples, window, rate_hz, note)
            except SampleError:  # the others may be whole
                continue
            if last is None or erb_lsd(last.cycle[None], cut.cycle[None])[0] >= MOVED_DB:
                cuts.append(cut)
                last = cut
    if not cuts:
        raise SampleError(HIT)
    return cuts[:: -(-len(cuts) // most)]


def clearest_run(samples: np.ndarray, rate_hz: int) -> list[Window]:
    """The note a recording is about: its longest, loudest, clearest run; a rough one where none is steady.

    Raises SampleError with what was heard where nothing repeats.
    """
    _checked([samples])
    windows = measure_pitches(samples, rate_hz)
    notes, fault = _notes(samples, rate_hz, windows)
    runs = notes or ([] if fault == CHORD else stable_runs(windows, LEAST_CLARITY))
    if not runs:
        raise SampleError(fault or why_no_pitch(samples, rate_hz))
    return max(runs, key=lambda run: sum(w.clarity * w.rms**0.25 for w in run))
