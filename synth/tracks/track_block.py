"""An instrument as the audio thread takes it: zones, tracks and noise in memory that does not move, and what each key is made of."""

from functools import lru_cache

import numpy as np

from ..engine.constants import QUANTUM
from ..engine.timbre.track_records import LAID_BANDS, MOST_ZONES, NOISE_BANDS, NOISE_UNIT, PLACE, STEPS_HZ, TRACKS, ZONE
from ..timbres.model import Model
from .between import key_weights, smooth_latents
from .key_offsets import set_offsets
from .spectra import erb_edges_hz
from .stiffness import partial_numbers
from .zone import ATTACK_PEAK, NO_NOISE_DB, TrackInstrument, Zone

KEYS = 128
MOST_LAYERS = 16  # of velocity
_DIES_DB_A_S, _STRUCK_DB_A_S, _STRUCK_S = -6.0, -1.5, 0.1  # a note that falls faster dies away: one that is loudest at once, by less
_NOISE_S, _HEARD_PARTIALS = 1.3, 8
_FINE_STEPS, _SMOOTH_STEPS = 6, 2  # of contours: kept as they are, and the width of a Gaussian after
_FALLBACK_HARMONICS = 127
_SWELL_STEPS, _MOST_SWELL_DB = 12, 24.0  # width of a Gaussian


class TrackBlock:
    """What a TRACKS record tells the addresses of. Whoever plays it keeps it.

    model: what draws its latents; None: the levels that zones keep in their place (`LevelsSource`), for when the model is gone.
    """

    def __init__(self, instrument: TrackInstrument, sr_hz: int, model: Model | None):
        fallback = model is None
        zones = sorted(instrument.zones, key=lambda z: (z.key, z.velocity, z.round_robin))
        self._arrays: list[np.ndarray] = []
        self.zones = np.zeros(len(zones), ZONE)
        for row, zone in zip(self.zones, zones, strict=True):
            self._fill(row, zone, sr_hz, fallback)
        _count_takes(self.zones, zones)
        self.places = places_of(zones)
        if model is None:
            set_offsets(self.places, zones, _levels_drawn, _kept_levels, fingerprint=False)
        else:
            set_offsets(self.places, zones, model.amplitudes, smooth_latents, fingerprint=True)
        self.noise = laid_noise(sr_hz)
        self._record = np.zeros(1, TRACKS)
        record = self._record[0]
        record["zones"], record["n_zones"] = self.zones.ctypes.data, len(zones)
        record["key_zones"], record["n_layers"] = self.places.ctypes.data, len(self.places)
        record["latent_size"] = _FALLBACK_HARMONICS if fallback else instrument.latent_size
        record["part"] = -1
        record["noise"], record["noise_frames"] = self.noise.ctypes.data, self.noise.shape[0] * QUANTUM

    @property
    def address(self) -> int:
        """Of the record."""
        return self._record.ctypes.data

    def _keep(self, values: np.ndarray, dtype: type = np.float32) -> int:
        array: np.ndarray = np.ascontiguousarray(values, dtype)
        self._arrays.append(array)
        return array.ctypes.data

    def _fill(self, row: np.void, zone: Zone, sr_hz: int, fallback: bool) -> None:
        times, latents, noise_db = zone.time_s, zone.latent, zone.noise_db
        if fallback:
            times, latents, noise_db = zone.fallback_s, zone.fallback_db, zone.noise_at(zone.fallback_s)
        else:
            row["offsets_db"], row["offsets_s"] = zone.fingerprint, zone.fingerprint_s
        steps = np.arange(len(zone.level_db)) / STEPS_HZ
        row["time_s"], row["latent"], row["n_rows"] = self._keep(times), self._keep(latents), len(times)
        row["smooth"] = row["latent"] if fallback else self._keep(smooth_latents(zone, times))
        row["noise_db"] = self._keep(np.pad(noise_db, ((0, 0), (0, LAID_BANDS - NOISE_BANDS)), constant_values=NO_NOISE_DB))
        left = np.clip(np.searchsorted(times, steps, "right") - 1, 0, max(len(times) - 2, 0))
        row["left"], row["n_steps"] = self._keep(left, np.int32), len(steps)
        row["level_db"], row["cents"] = self._keep(smooth_contour(zone.level_db)), self._keep(smooth_contour(zone.cents))
        attack = at_rate(zone.attack.astype(float) * (zone.attack_gain / ATTACK_PEAK), zone.rate_hz, sr_hz)
        row["attack"], row["n_attack"] = self._keep(attack), len(attack)
        row["key"], row["velocity"], row["takes"] = zone.key, zone.velocity, 1
        row["harmonics"] = max(127, min(1023, int(0.5 * zone.rate_hz / zone.freq_hz)))
        row["loops"] = zone.loop != "none" and zone.steady_s[1] - zone.steady_s[0] > 0.02
        row["steady_s"], row["release_s"], row["end_s"] = zone.steady_s, zone.release_s, zone.end_s
        row["tuning_cents"] = tuning_cents(zone)
        row["slope_db_a_s"], row["dies"] = steady_slope(zone)
        row["swell_db"] = self._keep(steady_swell(zone))


class PartTracks:
    """The tracks of one part of a morph of presets, whose latents begin at `first` of all parts'."""

    def __init__(self, block: TrackBlock, part: int, first: int):
        self._block, self._record = block, block._record.copy()
        self._record[0]["part"], self._record[0]["first"] = part, first

    @property
    def address(self) -> int:
        """Of the record."""
        return self._record.ctypes.data


def _kept_levels(zone: Zone, time_s: np.ndarray) -> np.ndarray:
    """The levels in dB that a zone keeps, float64[n, 127]."""
    return np.stack([np.interp(time_s, zone.fallback_s, row) for row in zone.fallback_db.T.astype(float)], 1)


def _levels_drawn(levels_db: np.ndarray) -> np.ndarray:
    return 10 ** (levels_db.astype(float) / 20)


def smooth_contour(values: np.ndarray) -> np.ndarray:
    """A contour at 100 Hz without the flicker of its measurement, but for its beginning: what is scrubbed passes it many times as fast."""
    count = len(values)
    if count < _FINE_STEPS + 2 * _SMOOTH_STEPS:
        return values
    offsets = np.arange(-3 * _SMOOTH_STEPS, 3 * _SMOOTH_STEPS + 1)
    weights = np.exp(-0.5 * (offsets / _SMOOTH_STEPS) ** 2)
    smooth = np.convolve(np.pad(values.astype(float), 3 * _SMOOTH_STEPS, mode="edge"), weights / weights.sum(), "valid")
    share = np.clip((np.arange(count) - _FINE_STEPS) / _FINE_STEPS, 0, 1)
    return values * (1 - share) + smooth * share


def at_rate(samples: np.ndarray, rate_hz: int, sr_hz: int) -> np.ndarray:
    """A short sound at another rate, through its spectrum: it ends in silence."""
    if rate_hz == sr_hz or not len(samples):
        return samples
    size = 1 << (2 * len(samples) - 1).bit_length()
    count = int(round(size * sr_hz / rate_hz))
    return np.fft.irfft(np.fft.rfft(samples, size)[:count // 2 + 1], count)[:int(len(samples) * sr_hz / rate_hz)] * (count / size)


def tuning_cents(zone: Zone) -> float:
    """How far a note is off its key as it is heard: of stiff strings, the mean of their first eight partials."""
    sharp = np.log2(partial_numbers(_HEARD_PARTIALS, zone.stiffness) / np.arange(1, _HEARD_PARTIALS + 1)).mean()
    return float(np.clip(1200 * (np.log2(zone.freq_hz / 440) - (zone.key - 69) / 12 + sharp), -100, 100))


def steady_slope(zone: Zone) -> tuple[float, bool]:
    """(dB a second that the level of the steady part changes, whether it is that of a struck or plucked note, which dies away)."""
    at = np.arange(len(zone.level_db)) / STEPS_HZ
    inside = (at >= zone.steady_s[0]) & (at <= zone.steady_s[1])
    if inside.sum() < 8:
        return 0.0, False
    slope = float(np.clip(np.polyfit(at[inside], zone.level_db[inside], 1)[0], -200, 200))
    struck = at[int(np.argmax(zone.level_db))] < _STRUCK_S
    return slope, slope < (_STRUCK_DB_A_S if struck else _DIES_DB_A_S)


def steady_swell(zone: Zone) -> np.ndarray:
    """How far the level of the steady part lies from its mean, slowly, in dB at 100 Hz: what would be heard where a held note lingers.

    What is faster than a fifth of a second or so, its life, is not among it. The mean is that of power: float64[steps].
    """
    at = np.arange(len(zone.level_db)) / STEPS_HZ
    inside = np.flatnonzero((at >= zone.steady_s[0]) & (at <= zone.steady_s[1]))
    swell = np.zeros(len(at))
    if len(inside) < 8:
        return swell
    power = 10 ** (zone.level_db[inside].astype(float) / 10)
    reach = min(3 * _SWELL_STEPS, len(inside) - 1)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / _SWELL_STEPS) ** 2)
    padded = np.pad(power, reach, mode="reflect", reflect_type="odd").clip(power.min())
    slow = np.convolve(padded, weights / weights.sum(), "valid")
    swell[inside] = np.clip(10 * np.log10(slow / power.mean()), -_MOST_SWELL_DB, _MOST_SWELL_DB)
    swell[:inside[0]], swell[inside[-1]:] = swell[inside[0]], swell[inside[-1]]
    return swell


def _count_takes(rows: np.ndarray, zones: list[Zone]) -> None:
    """Each first take knows how many there are of its key and velocity; they lie side by side."""
    first = 0
    for i, zone in enumerate(zones):
        if (zone.key, zone.velocity) != (zones[first].key, zones[first].velocity):
            first = i
        rows[first]["takes"] = i - first + 1


def places_of(zones: list[Zone]) -> np.ndarray:
    """What each key is made of in each layer of velocity: PLACE[layers, 128]. zones: by key, velocity and take."""
    by_key: dict[int, list[int]] = {}
    for i, zone in enumerate(zones):
        if i == 0 or (zone.key, zone.velocity) != (zones[i - 1].key, zones[i - 1].velocity):
            by_key.setdefault(zone.key, []).append(i)
    n_layers = min(max(len(rows) for rows in by_key.values()), MOST_LAYERS)
    places = np.zeros((n_layers, KEYS), PLACE)
    for layer in range(n_layers):
        members = [rows[round(layer * (len(rows) - 1) / max(n_layers - 1, 1))] for rows in by_key.values()]
        for key in range(KEYS):
            _fill_place(places[layer, key], zones, members, key)
    return places


def _fill_place(place: np.void, zones: list[Zone], members: list[int], key: int) -> None:
    """A recorded key is its own zone; one between is mixed of the four that count most."""
    keys = [zones[i].key for i in members]
    distances = [(not zones[i].keys[0] <= key <= zones[i].keys[1], abs(zones[i].key - key)) for i in members]
    place["nearest"] = members[distances.index(min(distances))]
    weights = (np.array(keys) == key).astype(float) if key in keys else key_weights(keys, key)
    heaviest = np.argsort(-np.abs(weights), kind="stable")[:MOST_ZONES]
    shares = weights[heaviest] / weights[heaviest].sum()
    place["zone"][:len(heaviest)], place["weight"][:len(heaviest)] = [members[i] for i in heaviest], shares
    place["key"] = shares @ np.array(keys)[heaviest]
    place["velocity"] = shares @ np.array([zones[members[i]].velocity for i in heaviest])


@lru_cache(maxsize=4)
def laid_noise(sr_hz: int) -> np.ndarray:
    """`noise_bands` as the audio thread reads them, all bands of 32 frames side by side: int16[frames / 32, 24, 32].

    Whole numbers, as what it costs is how far it lies from the processor.
    """
    laid = np.rint(np.clip(NOISE_UNIT * noise_bands(sr_hz), -32768, 32767)).astype(np.int16)
    return np.ascontiguousarray(laid.reshape(NOISE_BANDS, -1, QUANTUM).transpose(1, 0, 2))


def noise_bands(sr_hz: int) -> np.ndarray:
    """Endless noise in each of the 24 bands at unit RMS, float32[24, frames]: the frames a power of two, more than a second."""
    n = 1 << int(np.ceil(np.log2(_NOISE_S * sr_hz)))
    edges, freq_hz = erb_edges_hz(), np.fft.rfftfreq(n, 1 / sr_hz)
    drawn, out = np.random.default_rng(0), np.zeros((NOISE_BANDS, n), np.float32)
    for band in range(NOISE_BANDS):
        inside = (freq_hz >= edges[band]) & (freq_hz < edges[band + 1])
        spectrum = np.zeros(len(freq_hz), complex)
        spectrum[inside] = drawn.standard_normal(int(inside.sum())) + 1j * drawn.standard_normal(int(inside.sum()))
        sound = np.fft.irfft(spectrum, n)
        out[band] = sound / max(np.sqrt((sound**2).mean()), 1e-12)
    return out
