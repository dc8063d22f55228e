"""Patches heard offline, one after another: how loud each is and which bands of the ear it fills."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from ..events import control, note_off, note_on
from ..patch.patch import Patch
from ..render.momentary_loudness import SR_HZ, loudest_db
from ..render.offline import Offline

NOTE, VELOCITY = 60, 100 / 127
_SETTLE, _HELD, _REST = 4800, 67200, 4800  # frames from a patch's load to its note, for how long it is held, and after it
_NOTES = 2  # of each patch: what chance draws (phases, free LFOs) is another for each
_FRAME = 4096
_FLOOR_DB = 60.0


@dataclass(frozen=True, slots=True)
class Heard:
    """loudness_db: the loudest 400 ms, K-weighted. bands: level of each ERB band in dB of the loudest, floored at -60. peak: linear.

    spread_db: how far the loudness of its notes differs by chance.
    """

    loudness_db: float
    bands: np.ndarray
    peak: float
    spread_db: float = 0.0


def listen(patches: Sequence[Patch]) -> list[Heard]:
    """Two C4 of each patch. Raises UserError where one cannot be played."""
    events: list = []
    note_frames = _HELD + _REST
    each = _SETTLE + _NOTES * note_frames
    for i, patch in enumerate(patches):
        at = i * each
        events += [(at, control(120, 0)), (at, patch)]
        for n in range(_NOTES):
            start = at + _SETTLE + n * note_frames
            events += [(start, note_on(NOTE, VELOCITY)), (start + _HELD, note_off(NOTE))]
    player = Offline(patches[0], events, sr_hz=SR_HZ)
    found = []
    for _ in patches:
        player.read(_SETTLE)
        found.append(_together([measure(player.read(note_frames)) for _ in range(_NOTES)]))
    return found


def _together(notes: Sequence[Heard]) -> Heard:
    levels = [note.loudness_db for note in notes]
    return Heard(float(np.mean(levels)), np.mean([note.bands for note in notes], axis=0), max(note.peak for note in notes),
                 max(levels) - min(levels))


def measure(sound: np.ndarray) -> Heard:
    """float32[n, 2] -> what is heard of it."""
    return Heard(loudest_db(sound), _bands(sound), float(np.abs(sound).max()))


def distance_db(a: Heard, b: Heard) -> float:
    """ERB-LSD in dB: root mean square of the difference of the bands."""
    return float(np.sqrt(((a.bands - b.bands) ** 2).mean()))


def _bands(sound: np.ndarray) -> np.ndarray:
    frames = sound[:_HELD // _FRAME * _FRAME].reshape(-1, _FRAME, 2) * np.hanning(_FRAME)[None, :, None]
    power = (np.abs(np.fft.rfft(frames, axis=1)) ** 2).sum((0, 2)) @ _erb_bank().T
    return np.maximum(10 * np.log10(power / max(power.max(), 1e-20) + 1e-20), -_FLOOR_DB)


@cache
def _erb_bank() -> np.ndarray:
    """Gaussian bands one ERB apart (Glasberg and Moore 1990): float64[bands, bins]."""
    rate = 21.4 * np.log10(1 + 0.00437 * np.fft.rfftfreq(_FRAME, 1 / SR_HZ))
    centres = np.arange(4.0, 39.0)
    return np.exp(-0.5 * ((rate[None] - centres[:, None]) / 0.5) ** 2)
