"""What a track lacks of its recording: which noise bands are worth playing, and the attack."""

from dataclasses import replace

import numpy as np

from ..timbres.model import Model
from .analysis import Heard
from .distance import HIGH_HZ, LOW_HZ, heard_difference_db
from .resynthesis import render_noise, render_zone
from .spectra import NOISE_BANDS, erb_edges_hz
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


def with_residual(zone: Zone, model: Model, heard: Heard) -> Zone:
    """The zone with only those noise bands and that attack which bring it nearer to the recording."""
    true, rate_hz = recorded(heard), heard.rate_hz
    partials = render_zone(zone, model, rate_hz, len(true), noise=False, attack=False)
    zone = _choose_noise(zone, true, partials)
    noise = _noise_of(zone, rate_hz, len(true))
    return _with_attack(zone, true, partials + noise)


def _noise_of(zone: Zone, rate_hz: int, n_frames: int) -> np.ndarray:
    return render_noise(zone.noise_at(np.arange(0, n_frames / rate_hz + 0.01, 0.01)), rate_hz, n_frames)


def _choose_noise(zone: Zone, true: np.ndarray, partials: np.ndarray) -> Zone:
    """Noise bands that bring the 36 bands of the whole sound nearer; none at all where they do not together."""
    quiet = zone.noise_db < zone.level_db.max() - _FLOOR_DB
    zone = replace(zone, noise_db=np.where(quiet, np.float32(NO_NOISE_DB), zone.noise_db))
    noise = _noise_of(zone, zone.rate_hz, len(true))
    without, with_noise = (heard_difference_db(true, sound, zone.rate_hz) ** 2 for sound in (partials, partials + noise))
    edges = np.geomspace(LOW_HZ, HIGH_HZ, without.shape[1] + 1)
    gain = (without - with_noise).mean(0)
    erb = erb_edges_hz()
    shared = np.array([[max(0.0, np.log(min(high, b) / max(low, a))) if min(high, b) > max(low, a) else 0.0
                        for a, b in zip(edges[:-1], edges[1:], strict=True)] for low, high in zip(erb[:-1], erb[1:], strict=True)])
    kept = shared @ gain > 0
    chosen = replace(zone, noise_db=np.where(kept, zone.noise_db, np.float32(NO_NOISE_DB)))
    with_chosen = heard_difference_db(true, partials + _noise_of(chosen, zone.rate_hz, len(true)), zone.rate_hz) ** 2
    helps = np.sqrt(with_chosen.mean(1)).mean() < np.sqrt(without.mean(1)).mean() - _WORSE_DB
    return chosen if kept.any() and helps else replace(zone, noise_db=np.full((1, NOISE_BANDS), NO_NOISE_DB, np.float32).repeat(
        len(zone.time_s), 0))


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

