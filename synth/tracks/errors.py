"""How near a zone comes to its recording, beside what one cycle and the nearest other sample would."""

import numpy as np

from ..samples.spectrum import LSD_HARMONICS, erb_bank, floored_db, pooled_db, rms_difference_db, unit_rms
from ..timbres.model import Model
from .analysis import Heard, encode_frames, target_amplitudes
from .distance import band_levels_db, whole_distance_db
from .fitting import drawn_amplitudes
from .residual import recorded
from .resynthesis import zone_amplitudes
from .zone import Zone

_LOUD_DB = 40.0  # under a note's loudest frame: those that count
_ABOVE_NOISE_DB = 12.0
_FARTHEST_KEYS = 24
_AFTER_ATTACK_S = 0.06


def loud_frames(heard: Heard) -> np.ndarray:
    """Frames within 40 dB of the loudest, before the end: bool[n]."""
    level = heard.frames.level
    return level > level.max() * 10 ** (-_LOUD_DB / 20)


def distances(target: np.ndarray, drawn: np.ndarray, heard_part: np.ndarray | None = None) -> tuple[float, float]:
    """Mean LSD and ERB-LSD in dB of spectra [n, 127]; with a mask [n, 127] LSD over those harmonics alone."""
    a, b = unit_rms(target[:, :LSD_HARMONICS]), unit_rms(drawn[:, :LSD_HARMONICS])
    bank = erb_bank()
    erb = float(rms_difference_db(pooled_db(a, bank), pooled_db(b, bank)).mean())
    if heard_part is None:
        return float(rms_difference_db(floored_db(a), floored_db(b)).mean()), erb
    square = np.where(heard_part, (floored_db(a) - floored_db(b)) ** 2, 0).sum(1) / np.maximum(heard_part.sum(1), 1)
    return float(np.sqrt(square).mean()), erb


def measure_zone(index: int, zones: list[Zone], heard: list[Heard], played: np.ndarray, model: Model) -> dict[str, float]:
    """A zone's errors in dB: its track, one cycle for the whole note, the nearest other sample, and the whole sound. played: it."""
    zone, note = zones[index], heard[index]
    rows = loud_frames(note)
    target, time_s = target_amplitudes(note.frames)[rows], (note.frames.time_s - note.shape.onset_s)[rows]
    count = min(LSD_HARMONICS, note.frames.amplitudes.shape[1])
    known = np.arange(LSD_HARMONICS) < count
    drawn = zone_amplitudes(zone, model, time_s)
    found = dict(zip(("lsd_db", "erb_lsd_db"), distances(target, drawn), strict=True))
    found["in_band_lsd_db"] = distances(target, drawn, np.broadcast_to(known, (len(target), LSD_HARMONICS)))[0]
    found["above_noise_lsd_db"] = distances(target, drawn, _above_noise(note, rows))[0]
    one = min(int(np.searchsorted(time_s, _AFTER_ATTACK_S)), len(time_s) - 1)
    still = np.repeat(drawn_amplitudes(model, encode_frames(model, target[one:one + 1])), len(target), 0)
    found |= dict(zip(("cycle_lsd_db", "cycle_erb_lsd_db"), distances(target, still), strict=True))
    other = _nearest(index, zones)
    if other is not None:
        theirs = target_amplitudes(heard[other].frames)
        at = np.clip(np.searchsorted(heard[other].frames.time_s - heard[other].shape.onset_s, time_s), 0, len(theirs) - 1)
        found |= dict(zip(("neighbour_lsd_db", "neighbour_erb_lsd_db"), distances(target, theirs[at]), strict=True))
    found["whole_db"] = whole_distance_db(*(band_levels_db(sound, note.rate_hz) for sound in (recorded(note), played)))
    return found


def _above_noise(note: Heard, rows: np.ndarray) -> np.ndarray:
    """Which harmonics stand 12 dB above what lies between the partials, shared evenly among the bins of a band: bool[n, 127]."""
    from .spectra import erb_edges_hz

    edges = erb_edges_hz()
    width = np.diff(edges)
    numbers = np.arange(1, LSD_HARMONICS + 1)
    freqs = note.frames.freq_hz[rows][:, None] * numbers
    band = np.clip(np.searchsorted(edges, freqs) - 1, 0, len(width) - 1)
    density = note.frames.between[rows] / width
    bin_hz = note.frames.freq_hz[rows][:, None] / 4  # what a Hann window of six periods takes in around a harmonic
    noise = np.take_along_axis(density, band, 1) * bin_hz
    amplitudes = target_amplitudes(note.frames)[rows][:, :LSD_HARMONICS]
    return (amplitudes**2 / 2 > noise * 10 ** (_ABOVE_NOISE_DB / 10)) & (numbers <= note.frames.amplitudes.shape[1])


def _nearest(index: int, zones: list[Zone]) -> int | None:
    """The nearest zone of another key: what a sampler would shift in this one's place."""
    own = zones[index]
    others = [(abs(zone.key - own.key), abs(zone.velocity - own.velocity), i) for i, zone in enumerate(zones) if zone.key != own.key]
    return min(others)[2] if others and min(others)[0] <= _FARTHEST_KEYS else None
