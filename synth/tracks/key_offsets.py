"""What a key between recorded ones needs beside mixed latents: decibels on its harmonics.

A decoder is no straight line, so latents that are mixed are not levels that are mixed. And two things make a spectrum: what a body or a
throat makes of it, its envelope, lies at frequencies; what a reed, a bow or the place of plucking makes of it, the difference of a
harmonic from those beside it, goes with their numbers. So the envelope of each zone is taken at the frequencies of the key, the rest as
it is, and their levels are mixed in dB. Where zones differ in which harmonics are strong, that has less power than each of them; what
is lacking goes for the most part to the strongest ones, else all others would be heard too loud. The offsets lead from what is decoded
to that, and stand still over a note: moving ones are 0.01 dB nearer. Chosen on 72 notes of 20 programs (docs/measurements.md).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from ..engine.timbre.track_records import N_KEY_OFFSETS
from ..samples.spectrum import LSD_HARMONICS
from .fitting import FINGERPRINT_HARMONICS, shaped
from .zone import Zone

_HEARD_S = np.array([0.05, 0.15, 0.4, 0.9])  # from the onset: where spectra are compared
_ENVELOPE_HARMONICS = 1.0  # width of the Gaussian that makes an envelope
_POWER_BACK = 0.75  # of what is lacking, in dB
_FAINTEST_DB, _MOST_DB = 100.0, 24.0
_HALVINGS = 8
_LEAST_WEIGHT = 1e-3  # that the engine plays
Drawer = Callable[[np.ndarray], np.ndarray]  # latents [n, z] -> amplitudes [n, h] at any level
LatentsAt = Callable[[Zone, np.ndarray], np.ndarray]  # (zone, times in s) -> latents [n, z]


class _Spectra(NamedTuple):
    """Of a zone at four times: latents [4, z], fingerprint in dB [4, 32], levels of both in dB and their envelope [4, h]."""

    latents: np.ndarray
    fingerprint: np.ndarray
    levels: np.ndarray
    envelope: np.ndarray


def set_offsets(places: np.ndarray, zones: Sequence[Zone], draw: Drawer, latents_at: LatentsAt, fingerprint: bool) -> None:
    """Offsets of all keys of PLACE[layers, 128] that are mixed of several zones, whose fingerprints play or not; others keep theirs, 0."""
    known: dict[int, _Spectra] = {}
    for layer in places:
        mixes = {}
        for key, place in enumerate(layer):
            mix = [(int(i), float(w)) for i, w in zip(place["zone"], place["weight"], strict=True) if abs(w) > _LEAST_WEIGHT]
            if len(mix) > 1:
                mixes[key] = mix
        if not mixes:
            continue
        for i in {i for mix in mixes.values() for i, _ in mix} - known.keys():
            known[i] = _spectra_of(zones[i], draw, latents_at, fingerprint)
        drawn = draw(np.concatenate([_mixed(mix, [known[i].latents for i, _ in mix]) for mix in mixes.values()]).astype(np.float32))
        wanted = with_power(np.stack([_mixed(mix, [at_key(known[i].levels, known[i].envelope, key - zones[i].key) for i, _ in mix])
                                      for key, mix in mixes.items()]))
        for (key, mix), rows, levels in zip(mixes.items(), np.split(drawn[:, :LSD_HARMONICS], len(mixes)), wanted, strict=True):
            now = levels_db(shaped(rows.astype(float), _mixed(mix, [known[i].fingerprint for i, _ in mix])))
            layer[key]["offsets_db"] = _for_engine((levels - now).mean(0))


def levels_db(amplitudes: np.ndarray) -> np.ndarray:
    """Levels of harmonics [n, h] in dB at unit RMS, none more than 100 dB under the strongest."""
    amplitudes = np.nan_to_num(np.asarray(amplitudes, float))
    levels = 20 * np.log10(amplitudes / np.sqrt((amplitudes**2).sum(1, keepdims=True) / 2 + 1e-30) + 1e-12)
    return np.maximum(levels, levels.max(1, keepdims=True) - _FAINTEST_DB)


def envelope_of(levels: np.ndarray) -> np.ndarray:
    """Levels in dB [n, h] smoothed over harmonics by a Gaussian."""
    numbers = np.arange(levels.shape[1])
    near = np.exp(-0.5 * ((numbers[:, None] - numbers) / _ENVELOPE_HARMONICS) ** 2)
    return levels @ (near / near.sum(0))


def at_key(levels: np.ndarray, envelope: np.ndarray, keys_up: float) -> np.ndarray:
    """Levels in dB [n, h] of a note as they would be so many keys higher: the envelope moves, what is each harmonic's own stays."""
    numbers = np.arange(levels.shape[1])
    at = np.clip((numbers + 1) * 2 ** (keys_up / 12) - 1, 0, numbers[-1])
    left = np.minimum(at.astype(int), max(len(numbers) - 2, 0))
    part, right = at - left, np.minimum(left + 1, len(numbers) - 1)
    return levels + envelope[:, left] * (1 - part) + envelope[:, right] * part - envelope


def with_power(levels: np.ndarray) -> np.ndarray:
    """Levels in dB [..., h] of less than unit RMS, with most of what is lacking put where power is: float64[..., h].

    By as many dB as a harmonic has of the strongest one's power, times a number that is found by halving.
    """
    power = 10 ** (levels / 10) / 2
    share = power / power.max(-1, keepdims=True)
    low, high = np.zeros((*levels.shape[:-1], 1)), np.full((*levels.shape[:-1], 1), _MOST_DB)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        lacks = (power * 10 ** (middle * share / 10)).sum(-1, keepdims=True) < 1
        low, high = np.where(lacks, middle, low), np.where(lacks, high, middle)
    return levels + _POWER_BACK * low * share


def _mixed(mix: Sequence[tuple[int, float]], rows: Sequence[np.ndarray]) -> np.ndarray:
    return np.tensordot([weight for _, weight in mix], np.stack(rows), 1)


def _spectra_of(zone: Zone, draw: Drawer, latents_at: LatentsAt, fingerprint: bool) -> _Spectra:
    time_s = np.minimum(_HEARD_S, zone.release_s)
    latents = latents_at(zone, time_s)
    own = zone.offsets_at(time_s) if fingerprint else np.zeros((len(time_s), FINGERPRINT_HARMONICS))
    levels = levels_db(shaped(draw(latents.astype(np.float32))[:, :LSD_HARMONICS].astype(float), own))
    return _Spectra(latents, own, levels, envelope_of(levels))


def _for_engine(offsets_db: np.ndarray) -> np.ndarray:
    """Of as many harmonics as the engine takes, the last for all above it."""
    found = np.clip(offsets_db[:N_KEY_OFFSETS], -_MOST_DB, _MOST_DB)
    return np.pad(found, (0, N_KEY_OFFSETS - len(found)), mode="edge")
