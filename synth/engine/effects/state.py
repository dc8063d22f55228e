"""The memory of all effects: one declared dtype, every delay line inside it, sized for 192 kHz and the longest times.

Rings are as long as the sample rate asks for (a power of two), so a low rate touches little memory. Only the audio
thread writes, after `prepare`.
"""

import math

import numpy as np

QUANTUM = 32  # frames, as engine/state.py
HIGHEST_RATE_HZ = 192000
OFF, RUNNING, WIPING = 0, 1, 2  # `on` of an effect; rings are wiped a piece a quantum when it has ended

OVERSAMPLING, PHASE_TAPS = 8, 48
DRIVE_TAPS = OVERSAMPLING * PHASE_TAPS
READ_TAPS, READ_PHASES = 16, 256
CONTROLS = 12  # smoothed values of an effect, at most
CHORUS_VOICES, STREAMS, DIFFUSERS = 4, 16, 8
LOOK_AHEAD_S, MOST_LOOK_AHEAD = 0.0013, 8  # quanta at the highest rate
_DELAY_S, _CHORUS_S = 2.7, 0.061
_PREDELAY_S, _DIFFUSER_S, _LINE_S = 0.25, 0.0135, 0.17


def ring_frames(longest_s: float, sr_hz: float) -> int:
    """Length of a ring that holds `longest_s`: a power of two."""
    return 1 << math.ceil(math.log2(longest_s * sr_hz + 2 * QUANTUM))


def _reverb_rings(sr_hz: float) -> list[int]:
    return [ring_frames(_PREDELAY_S, sr_hz)] * 2 + [ring_frames(_DIFFUSER_S, sr_hz)] * DIFFUSERS + [ring_frames(_LINE_S, sr_hz)] * STREAMS


# what every effect has; `target`, `rate`, `now` and `step` are those of parts.follow
_UNIT = [("on", "i4"), ("panic", "i4"), ("quiet", "i8"), ("wiped", "i8"), ("target", "f8", (CONTROLS,)), ("rate", "f8", (CONTROLS,)),
         ("now", "f8", (3, CONTROLS)), ("step", "f4", (CONTROLS,))]
TAP = np.dtype([("now", "i4"), ("next", "i4"), ("fade", "f4"), ("fade_step", "f4"), ("from_weight", "f4"), ("to_weight", "f4")], align=True)

DRIVE = np.dtype([
    *_UNIT, ("kind", "i4"), ("next_kind", "i4"), ("fade", "f4"), ("fade_step", "f4"), ("tilt_c", "f4"), ("block_c", "f4"),
    ("tilt", "f4", (2,)), ("block", "f4", (2,)), ("last", "f4", (2, 2)),
    ("up", "f4", (PHASE_TAPS, OVERSAMPLING)), ("down", "f4", (DRIVE_TAPS,)),
    ("input", "f4", (2, PHASE_TAPS + QUANTUM)), ("shaped", "f4", (2, DRIVE_TAPS + QUANTUM * OVERSAMPLING)),
    ("over", "f4", (QUANTUM * OVERSAMPLING,)), ("driven", "f4", (2, QUANTUM * OVERSAMPLING + 1)), ("wet", "f4", (2, QUANTUM)),
], align=True)

EQ_BAND = np.dtype([*_UNIT, ("coefficients", "f8", (5,)), ("z", "f8", (2, 2))], align=True)

CHORUS = np.dtype([
    *_UNIT, ("phase", "f8"), ("write", "i8"), ("length", "i8"), ("taps", "f4", (READ_PHASES + 1, READ_TAPS)),
    ("swing", "f4", (2, CHORUS_VOICES, QUANTUM)), ("ring", "f4", (2 * (ring_frames(_CHORUS_S, HIGHEST_RATE_HZ) + READ_TAPS),)),
], align=True)

DELAY = np.dtype([
    *_UNIT, ("tap", TAP), ("write", "i8"), ("length", "i8"), ("low", "f4", (2,)), ("high", "f4", (2,)),
    ("ring", "f4", (2 * ring_frames(_DELAY_S, HIGHEST_RATE_HZ),)),
], align=True)

REVERB = np.dtype([
    *_UNIT, ("predelay", TAP), ("size", TAP), ("write", "i8"), ("phase", "f8"), ("cut_c", "f4"),
    ("cut", "f4", (2,)), ("frames", "i8"), ("base", "i8", (2 + DIFFUSERS + STREAMS,)), ("mask", "i8", (2 + DIFFUSERS + STREAMS,)),
    ("diffuse", "i8", (DIFFUSERS,)), ("lengths", "f8", (2, STREAMS)), ("swing", "f4", (STREAMS,)), ("swing_end", "f4", (STREAMS,)),
    ("diffusion", "f4", (2, DIFFUSERS)), ("gain", "f4", (2, STREAMS)), ("damp", "f4", (2, STREAMS)), ("z", "f4", (STREAMS,)),
    ("level", "f4", (2,)), ("settled", "i4"),
    ("input", "f4", (2, QUANTUM)), ("wet", "f4", (2, QUANTUM)), ("streams", "f4", (QUANTUM, STREAMS)), ("row", "f4", (2, STREAMS)),
    ("ring", "f4", (sum(_reverb_rings(HIGHEST_RATE_HZ)),)),
], align=True)

LIMITER = np.dtype([
    *_UNIT, ("quanta", "i8"), ("at", "i8"), ("stream", "f4", (2, (MOST_LOOK_AHEAD + 1) * QUANTUM)),
    ("wanted", "f8", (MOST_LOOK_AHEAD + 1,)), ("held", "f8", (MOST_LOOK_AHEAD,)), ("eased", "f8"), ("gain", "f8"),
], align=True)

EFFECTS_STATE = np.dtype([
    ("sr_hz", "f8"), ("started", "i4"), ("quiet", "i8"), ("drive", DRIVE), ("eq", EQ_BAND, (4,)), ("chorus", CHORUS), ("delay", DELAY),
    ("reverb", REVERB), ("limiter", LIMITER),
], align=True)


def smoothing(time_s: float, sr_hz: float) -> float:
    """Coefficient a quantum of a pole of that time constant."""
    return 1 - math.exp(-QUANTUM / (sr_hz * time_s))


def _low_pass(n_taps: int, pass_cycles: float, stop_cycles: float) -> np.ndarray:
    """Minimum-phase low-pass: a Kaiser-windowed sinc, its phase folded through the cepstrum. Edges in cycles a sample; sum 1."""
    width = 2.285 * 2 * np.pi * (stop_cycles - pass_cycles) * (n_taps - 1) + 8
    t = np.arange(n_taps) - (n_taps - 1) / 2
    cut = pass_cycles + stop_cycles
    h = np.sinc(cut * t) * np.kaiser(n_taps, 0.1102 * (width - 8.7))
    size = 1 << 15
    log_level = np.log(np.maximum(np.abs(np.fft.fft(h / h.sum(), size)), 1e-6))
    cepstrum = np.fft.ifft(log_level).real
    cepstrum[1:size // 2] *= 2
    cepstrum[size // 2 + 1:] = 0
    least = np.fft.ifft(np.exp(np.fft.fft(cepstrum))).real[:n_taps]
    return least / least.sum()


def _between() -> np.ndarray:
    """Taps that read between samples, [READ_PHASES + 1, READ_TAPS], forwards in time; the point lies part p before the middle.

    Least squares over three bands, the low one dearest: error under -100 dB to 0.17 of the rate, -90 to 0.25, -60 to 0.31
    (Laakso et al. 1996, 'Splitting the unit delay').
    """
    at = READ_TAPS // 2 - np.arange(READ_PHASES + 1) / READ_PHASES
    k = np.arange(READ_TAPS)
    bands = ((0.2, 1.0), (0.5, 1e-2), (0.75, 1e-4))  # up to this part of half the rate, weight
    matrix = sum(w * a * np.sinc(a * (k[:, None] - k)) for a, w in bands) + 1e-12 * np.eye(READ_TAPS)
    taps = np.linalg.solve(matrix, sum(w * a * np.sinc(a * (k[:, None] - at)) for a, w in bands)).T
    return taps / taps.sum(1, keepdims=True)


def _prepare_drive(drive, sr_hz: float) -> None:
    taps = _low_pass(DRIVE_TAPS, 20 / 48 / OVERSAMPLING, 28 / 48 / OVERSAMPLING)
    drive["up"] = taps.reshape(PHASE_TAPS, OVERSAMPLING) * OVERSAMPLING
    drive["down"] = taps[::-1]
    drive["fade_step"] = QUANTUM / (0.02 * sr_hz)
    drive["tilt_c"], drive["block_c"] = (1 - math.exp(-2 * math.pi * hz / sr_hz) for hz in (700.0, 4.0))


def _prepare_chorus(chorus, sr_hz: float) -> None:
    chorus["length"] = ring_frames(_CHORUS_S, sr_hz)
    chorus["taps"] = _between()


def _prepare_reverb(reverb, sr_hz: float) -> None:
    rings = _reverb_rings(sr_hz)
    reverb["mask"] = np.array(rings) - 1
    reverb["base"] = np.cumsum([0, *rings[:-1]])
    reverb["frames"] = sum(rings)
    left, right = (4.771, 3.595, 12.73, 9.307), (4.313, 3.931, 11.91, 9.973)  # ms, near Dattorro's (1997)
    reverb["diffuse"] = np.round(np.array(left + right) * sr_hz / 1000)
    reverb["cut_c"] = 1 - math.exp(-2 * math.pi * 12.0 / sr_hz)


def prepare(fx, sr_hz: float) -> None:
    """Fill in what depends on the rate, before the first quantum. fx: a zeroed record of EFFECTS_STATE."""
    if fx["started"]:
        raise ValueError("prepare() wants a fresh state")
    fx["sr_hz"] = sr_hz
    for unit, time_s in [(fx[name], 0.004) for name in ("drive", "chorus", "delay", "reverb", "limiter")] + [(b, 0.008) for b in fx["eq"]]:
        unit["rate"] = smoothing(time_s, sr_hz)
    for tap in (fx["delay"]["tap"], fx["reverb"]["predelay"], fx["reverb"]["size"]):
        tap["fade_step"] = QUANTUM / (sr_hz * 0.04)
    fx["delay"]["length"] = ring_frames(_DELAY_S, sr_hz)
    fx["limiter"]["quanta"] = math.ceil(LOOK_AHEAD_S * sr_hz / QUANTUM)
    _prepare_drive(fx["drive"], sr_hz)
    _prepare_chorus(fx["chorus"], sr_hz)
    _prepare_reverb(fx["reverb"], sr_hz)
