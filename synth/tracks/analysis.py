"""One recorded note -> a zone."""

from dataclasses import dataclass

import numpy as np

from ..samples.spectrum import LSD_HARMONICS, floored_db, unit_rms
from ..timbres.fallback import cycles_of
from ..timbres.model import Model
from . import fitting
from .heard_pitch import heard_cents
from .shape import NoteTimes, find_shape
from .spectra import Frames, band_powers_of, measure_frames
from .stiffness import find_stiffness
from .thinning import find_knots
from .warp import CONTOUR_HZ, Warped, follow_pitch, frames_at, oversample
from .zone import NO_NOISE_DB, Zone

FINE_S, COARSE_S, FINE_FOR_S = 0.01, 0.05, 0.2  # knots: every 10 ms at first, then at most every 50
LONGEST_S = 30.0
_FINGERPRINT_TURNS = 2
_FALLBACK_ROWS = 8
_LEVEL_WINDOW_S = 0.02
_LOWEST_DB = -100.0


@dataclass(frozen=True)
class Heard:
    """What was measured of one note: its samples (from somewhat before the onset), where it holds, its frames."""

    samples: np.ndarray
    rate_hz: int
    freq_hz: float
    shape: NoteTimes
    warped: Warped
    stiffness: float
    frames: Frames
    sharp_cents: float = 0.0  # how far its voices together are heard over the contour


def hear_note(samples: np.ndarray, rate_hz: int, freq_hz: float) -> Heard:
    """Measure one note float64[n] whose pitch is known to a quarter tone."""
    samples = samples - np.median(samples)  # of a file that is half silence the mean would lift the silence
    shape = find_shape(samples, rate_hz)
    samples = samples[: int(min(shape.end_s + 0.1, LONGEST_S) * rate_hz)]
    dense = oversample(samples)
    warped = follow_pitch(samples, rate_hz, freq_hz, dense=dense)
    stiffness = find_stiffness(warped, *warped.cycle_at(np.array([shape.onset_s + 0.1, min(shape.onset_s + 0.9, shape.release_s)])))
    if stiffness:
        warped = follow_pitch(samples, rate_hz, freq_hz, stiffness, warped, dense)
    steady = (warped.freq_hz[int(shape.steady_s[0] * CONTOUR_HZ): int(shape.steady_s[1] * CONTOUR_HZ) + 1])
    freq_hz = float(np.median(steady)) if len(steady) else freq_hz
    frames = measure_frames(warped, knot_times(shape), stiffness)
    sharp = heard_cents(samples, rate_hz, warped, freq_hz, frames, shape.steady_s, stiffness)
    return Heard(samples, rate_hz, freq_hz, shape, warped, stiffness, frames, sharp)


def knot_times(shape: NoteTimes) -> np.ndarray:
    """Times in the recording of all frames that may become knots: multiples of 10 ms for 0.2 s, of 50 ms later."""
    first = int(np.floor(shape.onset_s / FINE_S)) + 1
    fine = np.arange(first, first + int(round(FINE_FOR_S / FINE_S)) - 1) * FINE_S
    coarse = np.arange(int(np.floor(fine[-1] / COARSE_S + 1e-6)) + 1, int(min(shape.end_s, LONGEST_S) / COARSE_S) + 1) * COARSE_S
    every = np.concatenate([fine, coarse])
    return every[every <= max(shape.end_s, fine[0])]


def target_amplitudes(frames: Frames) -> np.ndarray:
    """The frames' partials as a spectrum of at least 127: float64[n, count], a hair above nothing."""
    count = frames.amplitudes.shape[1]
    return np.pad(frames.amplitudes, ((0, 0), (0, max(0, LSD_HARMONICS - count)))) + 1e-9


def encode_frames(model: Model, target: np.ndarray) -> np.ndarray:
    """The encoder's answer to spectra [n, count]: float32[n, z]."""
    return model.encode(cycles_of(20 * np.log10(unit_rms(target))))


def fit_track(model: Model, target: np.ndarray, time_s: np.ndarray, knots_s: tuple[float, float], known: int,
              fingerprint: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """(latents float32[n, z], fingerprint [2, 32] in dB) of a note's spectra."""
    first = target[:, :LSD_HARMONICS]
    offsets = np.zeros((2, fitting.FINGERPRINT_HARMONICS))
    weights = fitting.fingerprint_weights(time_s, np.array(knots_s))
    latents = fitting.fit_latents(model, first, encode_frames(model, target), weights @ offsets)
    for _ in range(_FINGERPRINT_TURNS if fingerprint else 0):
        offsets = fitting.fit_fingerprint(first, fitting.drawn_amplitudes(model, latents), weights, known)
        latents = fitting.fit_latents(model, first, latents, weights @ offsets)
    return latents, offsets


def level_contour(heard: Heard, time_s: np.ndarray) -> np.ndarray:
    """RMS in dB of what is periodic, at times in the recording: power of short windows, times the partials' share of longer ones."""
    periods = max(2, int(round(_LEVEL_WINDOW_S * heard.freq_hz)))
    window = np.hanning(periods * heard.warped.period + 1)[:-1]
    power = frames_at(heard.warped, heard.warped.cycle_at(time_s), periods) ** 2 @ (window / window.sum())
    whole = (heard.frames.amplitudes**2).sum(1) / 2
    share = np.clip(whole / np.maximum(whole + heard.frames.between.sum(1), 1e-20), 0, 1)
    return np.maximum(10 * np.log10(power * np.interp(time_s, heard.frames.time_s, share) + 1e-14), _LOWEST_DB)


def noise_levels(heard: Heard, drawn: np.ndarray, level_db: np.ndarray) -> np.ndarray:
    """Noise in dB [n, 24]: what lies between the partials, as far as the drawn partials leave room for it."""
    played = band_powers_of(drawn * 10 ** (level_db / 20)[:, None], heard.frames.freq_hz, heard.stiffness)
    power = np.clip(heard.frames.total - played, 0, heard.frames.between)
    return np.maximum(10 * np.log10(power + 1e-30), NO_NOISE_DB)


def make_zone(heard: Heard, model: Model, key: int, velocity: int, source: str = "", source_sha256: str = "", start_s: float = 0.0,
              fingerprint: bool = True) -> Zone:
    """The zone of a note that was heard."""
    shape, frames = heard.shape, heard.frames
    onset_s = shape.onset_s
    time_s = (frames.time_s - onset_s).astype(np.float32)
    target = target_amplitudes(frames)
    knots_s = (float(time_s[0]), float(max(shape.release_s - onset_s, time_s[0] + 0.02)))
    latents, offsets = fit_track(model, target, time_s, knots_s, frames.amplitudes.shape[1], fingerprint)
    contour_s = onset_s + np.arange(int((shape.end_s - onset_s) * CONTOUR_HZ) + 1) / CONTOUR_HZ
    weights = fitting.fingerprint_weights(time_s, np.array(knots_s))
    drawn = fitting.shaped(fitting.drawn_amplitudes(model, latents, target.shape[1]), weights @ offsets)
    kept = find_knots(model, target[:, :LSD_HARMONICS], time_s, latents, weights @ offsets)
    rows = np.unique(np.linspace(0, len(time_s) - 1, int(np.clip(4 * (shape.end_s - onset_s), 2, _FALLBACK_ROWS))).astype(int))
    return Zone(
        source=source, source_sha256=source_sha256, source_start_s=start_s + onset_s, rate_hz=heard.rate_hz, key=key, velocity=velocity,
        freq_hz=heard.freq_hz * 2 ** (heard.sharp_cents / 1200), steady_s=(shape.steady_s[0] - onset_s, shape.steady_s[1] - onset_s),
        release_s=shape.release_s - onset_s, end_s=shape.end_s - onset_s, stiffness=heard.stiffness, time_s=time_s[kept],
        latent=latents[kept],
        noise_db=noise_levels(heard, drawn, level_contour(heard, frames.time_s))[kept].astype(np.float32),
        level_db=level_contour(heard, contour_s).astype(np.float32),
        cents=(1200 * np.log2(heard.warped.pitch_at(contour_s) / heard.freq_hz)).astype(np.float32),
        fingerprint=offsets.astype(np.float32), fingerprint_s=knots_s, attack=np.zeros(0, np.int16), attack_gain=0.0,
        fallback_s=time_s[rows], fallback_db=floored_db(unit_rms(target[rows, :LSD_HARMONICS])).astype(np.float32),
    )
