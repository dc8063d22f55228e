"""What a track lacks of its recording: which noise bands are worth playing, and the attack."""

from dataclasses import replace

import numpy as np

from ..timbres.model import Model
from .analysis import Heard
from .distance import BANDS, HIGH_HZ, LOW_HZ, band_levels_db, heard_difference_db
from .resynthesis import put_together, zone_noise, zone_partials
from .spectra import erb_edges_hz
from .zone import NO_NOISE_DB, Zone

ATTACK_S = 0.06
_FADE_S = 0.025  # of the attack's end
_FRAME, _HOP = 512, 128
_PAYS_DB = 0.3  # that the attack's frames must come nearer
_FLOOR_DB = 62.0  # under the loudest level: noise below it is not heard beside the note
_MOST_SHARE = 0.4 * 12_000  # bytes of attack a second of note
_WORSE_DB = 0.02


def recorded(heard: Heard) -> np.ndarray:
    """The note from its onset on, float64[n]."""
    return heard.samples[int(round(heard.shape.onset_s * heard.rate_hz)):]


def finish_zone(zone: Zone, model: Model, heard: Heard) -> tuple[Zone, np.ndarray]:
    """(the zone with only those noise bands and that attack which bring it nearer to the recording, how it sounds: float64[n])."""
    true, rate_hz = recorded(heard), heard.rate_hz
    partials = zone_partials(zone, model, rate_hz, len(true))
    bare = put_together(zone, partials, None, rate_hz, attack=False)
    zone, noise = _choose_noise(zone, true, bare)
    zone = _with_attack(zone, true, bare if noise is None else bare + noise)
    return zone, put_together(zone, partials, noise, rate_hz)


def _choose_noise(zone: Zone, true: np.ndarray, partials: np.ndarray) -> tuple[Zone, np.ndarray | None]:
    """Noise bands that bring the 36 bands of the whole sound nearer, and their noise; none at all where they do not together."""
    quiet = zone.noise_db < zone.level_db.max() - _FLOOR_DB
    zone = replace(zone, noise_db=np.where(quiet, np.float32(NO_NOISE_DB), zone.noise_db))
    rate_hz, none = zone.rate_hz, replace(zone, noise_db=np.full_like(zone.noise_db, NO_NOISE_DB))
    if quiet.all():
        return none, None
    true_db = band_levels_db(true, rate_hz)
    without, with_noise = (heard_difference_db(true_db, band_levels_db(sound, rate_hz)) ** 2
                           for sound in (partials, partials + zone_noise(zone, rate_hz, len(true))))
    kept = _shares() @ (without - with_noise).mean(0) > 0
    if not kept.any():
        return none, None
    chosen = replace(zone, noise_db=np.where(kept, zone.noise_db, np.float32(NO_NOISE_DB)))
    noise = zone_noise(chosen, rate_hz, len(true))
    with_chosen = heard_difference_db(true_db, band_levels_db(partials + noise, rate_hz)) ** 2
    helps = np.sqrt(with_chosen.mean(1)).mean() < np.sqrt(without.mean(1)).mean() - _WORSE_DB
    return (chosen, noise) if helps else (none, None)


def _shares() -> np.ndarray:
    """How much each noise band has in common with each band of the distance, in nepers: float64[24, 36]."""
    edges, erb = np.geomspace(LOW_HZ, HIGH_HZ, BANDS + 1), erb_edges_hz()
    low, high = np.maximum(erb[:-1, None], edges[None, :-1]), np.minimum(erb[1:, None], edges[None, 1:])
    return np.log(np.maximum(high / low, 1.0))


def _with_attack(zone: Zone, true: np.ndarray, played: np.ndarray) -> Zone:
    """What the track lacks of the first 60 ms, by spectral subtraction: it has the recording's phases, and adds to any other."""
    rate_hz = zone.rate_hz
    size = int(min(ATTACK_S * rate_hz, _MOST_SHARE / 2 * zone.end_s, len(true)))
    if size < 2 * _FRAME:
        return zone
    residual = _subtracted(true[: size + _FRAME], played[: size + _FRAME])[:size]
    fade = min(int(_FADE_S * rate_hz), size)
    residual[-fade:] *= np.cos(np.linspace(0, np.pi / 2, fade)) ** 2
    peak = float(np.abs(residual).max())
    if peak <= 0 or _short_distance(true[:size], played[:size]) - _short_distance(true[:size], played[:size] + residual) < _PAYS_DB:
        return zone
    return replace(zone, attack=np.rint(residual / peak * 32767).astype(np.int16), attack_gain=peak)


def _spectra(samples: np.ndarray) -> np.ndarray:
    window = np.sqrt(np.hanning(_FRAME + 1)[:-1])
    padded = np.pad(samples, (_FRAME, _FRAME))
    return np.fft.rfft(np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::_HOP] * window, axis=1)


def _subtracted(true: np.ndarray, played: np.ndarray) -> np.ndarray:
    """Power that the recording has over what is played, with the recording's phases: float64[n]."""
    there, here = _spectra(true), _spectra(played)
    power = np.abs(there) ** 2
    gain = np.sqrt(np.clip(1 - np.abs(here) ** 2 / np.maximum(power, 1e-20), 0, 1))
    window = np.sqrt(np.hanning(_FRAME + 1)[:-1])
    frames = np.fft.irfft(there * gain, _FRAME, axis=1) * window
    out = np.zeros(len(frames) * _HOP + _FRAME)
    for row, frame in enumerate(frames):
        out[row * _HOP: row * _HOP + _FRAME] += frame
    return out[_FRAME: _FRAME + len(true)] / (_FRAME / _HOP / 2)


def _short_distance(true: np.ndarray, played: np.ndarray) -> float:
    """Mean distance in dB of short spectra in eighths of the loudest 60 dB: what an attack's ears compare."""
    a, b = (np.abs(_spectra(x)) ** 2 for x in (true, played))
    groups = np.unique(np.geomspace(1, _FRAME // 2, 25).astype(int))
    a, b = (10 * np.log10(np.add.reduceat(x, groups, axis=1) + 1e-12) for x in (a, b))
    floor = a.max() - 60
    loud = a.max(1) > floor + 15
    return float(np.sqrt(((np.maximum(a, floor) - np.maximum(b, floor))[loud] ** 2).mean(1)).mean())

