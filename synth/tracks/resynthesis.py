"""A zone as sound, offline: what the report plays and the tests judge. Plain numpy, no engine.

Partials from the model's levels (a decode every 10 ms), the level and pitch contours and the fingerprint; stiff partials where they
lie; noise shaped in 24 bands; the attack's residual on top.
"""

import numpy as np

from ..samples.spectrum import unit_rms
from ..timbres.model import Model
from .fitting import drawn_amplitudes, shaped
from .spectra import NOISE_BANDS, erb_edges_hz
from .stiffness import partial_numbers
from .zone import Zone

STEP_S = 0.01
_FADE_S = 0.002
_NOISE_FRAME_S, _NOISE_HOP = 0.023, 4
_NYQUIST_SHARE = 0.95
_TABLE = 8192  # samples of a cycle, read along straight lines: -58 dB of error at harmonic 127
_AUDIBLE = 1e-4  # of a spectrum's strongest: partials under -80 dB are not drawn
_PIECE = 4096


def zone_amplitudes(zone: Zone, model: Model | None, time_s: np.ndarray, fingerprint: bool = True) -> np.ndarray:
    """Amplitudes of the partials at times, unit RMS: float64[len(time_s), count]. Without a model, those the zone keeps."""
    if model is None:
        right = np.interp(time_s, zone.fallback_s, np.arange(len(zone.fallback_s)))
        low = np.minimum(right.astype(int), max(len(zone.fallback_s) - 2, 0))
        high = np.minimum(low + 1, len(zone.fallback_s) - 1)
        part = (right - low)[:, None]
        return unit_rms(10 ** ((zone.fallback_db[low] * (1 - part) + zone.fallback_db[high] * part) / 20))
    count = max(127, min(model.harmonics, int(0.5 * zone.rate_hz / zone.freq_hz)))
    drawn = drawn_amplitudes(model, zone.latents_at(time_s), count)
    return shaped(drawn, zone.offsets_at(time_s)) if fingerprint else drawn


def render_zone(zone: Zone, model: Model | None, rate_hz: int, n_frames: int, noise: bool = True, attack: bool = True,
                freq_hz: float | None = None) -> np.ndarray:
    """A zone from its onset on at its own pitch (or another), float64[n_frames]."""
    partials = zone_partials(zone, model, rate_hz, n_frames, freq_hz)
    return put_together(zone, partials, zone_noise(zone, rate_hz, n_frames) if noise else None, rate_hz, attack)


def zone_partials(zone: Zone, model: Model | None, rate_hz: int, n_frames: int, freq_hz: float | None = None) -> np.ndarray:
    """The partials alone, float64[n_frames], as `put_together` takes them."""
    grid_s = np.arange(0, n_frames / rate_hz + STEP_S, STEP_S)
    amplitudes = zone_amplitudes(zone, model, grid_s) * 10 ** (zone.levels_at(grid_s) / 20)[:, None]
    local_hz = (freq_hz or zone.freq_hz) * 2 ** (zone.cents_at(np.arange(n_frames) / rate_hz) / 1200)
    return render_partials(amplitudes, local_hz, rate_hz, zone.stiffness)


def zone_noise(zone: Zone, rate_hz: int, n_frames: int) -> np.ndarray:
    """The noise alone, float64[n_frames], as `put_together` takes it."""
    return render_noise(zone.noise_at(np.arange(0, n_frames / rate_hz + STEP_S, STEP_S)), rate_hz, n_frames)


def put_together(zone: Zone, partials: np.ndarray, noise: np.ndarray | None, rate_hz: int, attack: bool = True) -> np.ndarray:
    """Partials, noise and attack as one sound that begins softly and ends where the zone does, float64[n]."""
    sound = partials.copy() if noise is None else partials + noise
    sound[int(np.floor(zone.end_s * rate_hz)) + 1:] = 0
    sound[: int(_FADE_S * rate_hz)] *= np.linspace(0, 1, int(_FADE_S * rate_hz))[: len(sound)]
    if attack and len(zone.attack):
        residual = zone.attack * (zone.attack_gain / 32767)
        if rate_hz != zone.rate_hz:
            residual = np.interp(np.arange(int(len(residual) * rate_hz / zone.rate_hz)) * zone.rate_hz / rate_hz,
                                 np.arange(len(residual)), residual)
        sound[: len(residual)] += residual[: len(sound)]
    return sound


def render_partials(amplitudes: np.ndarray, freq_hz: np.ndarray, rate_hz: int, stiffness: float) -> np.ndarray:
    """Partials with amplitudes [steps, count] at every 10 ms and a pitch at every sample, silent above 0.95 of half the rate."""
    phase = np.cumsum(freq_hz) / rate_hz
    places = np.arange(len(freq_hz)) / rate_hz / STEP_S
    low = np.minimum(places.astype(int), len(amplitudes) - 2)
    numbers = partial_numbers(amplitudes.shape[1], stiffness)
    amplitudes = np.where(numbers * float(freq_hz.max()) < _NYQUIST_SHARE * rate_hz / 2, amplitudes, 0)
    return (_add_up if stiffness else _read_tables)(amplitudes, numbers, phase, low, places - low)


def _phases(count: int) -> np.ndarray:
    """A phase for each partial, in cycles: apart, so that there is no pulse a period."""
    return (np.arange(1, count + 1) ** 2 / (2 * np.pi)) % 1


def _read_tables(amplitudes: np.ndarray, numbers: np.ndarray, phase: np.ndarray, low: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Harmonic partials: a table every 10 ms, faded into the next."""
    spectrum = np.zeros((len(amplitudes), _TABLE // 2 + 1), complex)
    count = min(amplitudes.shape[1], _TABLE // 2)
    spectrum[:, 1: count + 1] = amplitudes[:, :count] * np.exp(2j * np.pi * _phases(count)) * (_TABLE / 2)
    tables = np.fft.irfft(spectrum, axis=1).astype(np.float32)
    tables = np.concatenate([tables, tables[:, :1]], 1).ravel()
    at = (phase % 1) * _TABLE
    left = at.astype(np.int64)
    base, between = low * (_TABLE + 1) + np.minimum(left, _TABLE - 1), (at - left).astype(np.float32)
    now, later = (tables[index] + between * (tables[index + 1] - tables[index]) for index in (base, base + _TABLE + 1))
    return now + part * (later - now)


def _add_up(amplitudes: np.ndarray, numbers: np.ndarray, phase: np.ndarray, low: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Stiff partials, which no table holds: one by one, in pieces that the processor has at hand, each as long as it is heard."""
    faint, starts = _AUDIBLE * amplitudes.max(), _phases(len(numbers))
    sound = np.zeros(len(phase))
    for first in range(0, len(phase), _PIECE):
        piece = slice(first, first + _PIECE)
        rows, between = low[piece], part[piece].astype(np.float32)
        here, at = amplitudes[rows[0]:rows[-1] + 2].astype(np.float32), rows - rows[0]
        for index in np.flatnonzero(here.max(0) > faint).tolist():
            turns = numbers[index] * phase[piece] + starts[index]
            turns -= np.floor(turns)
            level = here[:, index][at]
            level += (here[:, index][at + 1] - level) * between
            sound[piece] += level * np.cos(np.float32(2 * np.pi) * turns.astype(np.float32))
    return sound


def render_noise(noise_db: np.ndarray, rate_hz: int, n_frames: int, seed: int = 0) -> np.ndarray:
    """Noise with band levels [steps, 24] at every 10 ms: float64[n_frames]. White noise shaped frame by frame, overlapped."""
    size = 1 << int(np.round(np.log2(_NOISE_FRAME_S * rate_hz)))
    hop = size // _NOISE_HOP
    count = n_frames // hop + _NOISE_HOP + 1
    white = np.random.default_rng(seed).standard_normal(count * hop + size)
    window = np.sqrt(np.hanning(size + 1)[:-1])
    freqs = np.fft.rfftfreq(size, 1 / rate_hz)
    band = np.searchsorted(erb_edges_hz(), freqs) - 1
    inside = (band >= 0) & (band < NOISE_BANDS)
    n_bins = np.maximum(np.bincount(band[inside], minlength=NOISE_BANDS), 1)
    centres = (np.arange(count) * hop - size // 2 + hop) / rate_hz / STEP_S
    levels = np.stack([np.interp(centres, np.arange(len(noise_db)), noise_db[:, i]) for i in range(NOISE_BANDS)], 1)
    gains = np.zeros((count, len(freqs)))
    scale = 10 ** (levels / 20) * np.sqrt(len(freqs) / n_bins)
    gains[:, inside] = np.where(levels > -119, scale, 0)[:, band[inside]]
    frames = np.lib.stride_tricks.sliding_window_view(white, size)[::hop][:count] * window
    made = np.fft.irfft(np.fft.rfft(frames, axis=1) * gains, size, axis=1) * window
    out = np.zeros(count * hop + size)
    for row in range(count):
        out[row * hop: row * hop + size] += made[row]
    first = size - hop
    return out[first: first + n_frames] / (_NOISE_HOP / 2)
