"""Drive: four curves, 8 times oversampled and antiderivative-antialiased, tilt and level behind; dry and driven in phase.

Each step of the curve is the mean of it between two neighbouring samples, in closed forms that never divide by a
small difference (Parker et al. 2016, 'Reducing the aliasing of nonlinear waveshaping using continuous-time
convolution'). The dry part takes the same way, so a mix does not comb. Both filters are of minimum phase.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np

from ..compile.jit import kernel
from .effect import Effect
from .parts import OFF, QUANTUM, RUNNING, UNIT, approach, dry_gain, sine, smoothing, wet_gain

OVERSAMPLING, PHASE_TAPS = 8, 48
DRIVE_TAPS = OVERSAMPLING * PHASE_TAPS
SOFT, HARD, FOLD, TUBE = range(4)  # as params.effects.DRIVE_TYPES
_OVER = QUANTUM * OVERSAMPLING
_ENGAGE, _MIX, _GAIN_DB, _TONE, _LEVEL_DB = range(5)
_BIAS, _TILT_DB = 0.6, 9.0
_BIAS_ROOT = math.sqrt(1.0 + _BIAS * _BIAS)
_TUBE_SCALE = _BIAS_ROOT**3  # 1 over the slope at rest

DRIVE = np.dtype([
    *UNIT, ("kind", "i4"), ("next_kind", "i4"), ("fade", "f4"), ("fade_step", "f4"), ("slope", "f4"),  # share of the next curve, its steps
    ("tilt_c", "f4"), ("block_c", "f4"),
    ("tilt", "f4", (2,)), ("block", "f4", (2,)), ("last", "f4", (2, 2)),
    ("up", "f4", (PHASE_TAPS, OVERSAMPLING)), ("down", "f4", (DRIVE_TAPS,)),
    ("input", "f4", (2, PHASE_TAPS + QUANTUM)), ("shaped", "f4", (2, DRIVE_TAPS + QUANTUM * OVERSAMPLING)),
    ("over", "f4", (QUANTUM * OVERSAMPLING,)), ("driven", "f4", (2, QUANTUM * OVERSAMPLING + 1)), ("wet", "f4", (2, QUANTUM)),
], align=True)


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


def _prepare(unit, sr_hz: float) -> None:
    taps = _low_pass(DRIVE_TAPS, 20 / 48 / OVERSAMPLING, 28 / 48 / OVERSAMPLING)
    unit["rate"] = smoothing(0.004, sr_hz)
    unit["up"] = taps.reshape(PHASE_TAPS, OVERSAMPLING) * OVERSAMPLING
    unit["down"] = taps[::-1]
    unit["fade_step"] = QUANTUM / (0.02 * sr_hz)
    unit["tilt_c"], unit["block_c"] = (1 - math.exp(-2 * math.pi * hz / sr_hz) for hz in (700.0, 4.0))


@kernel
def _soft(a, b):
    """Mean of x / sqrt(1 + x^2) between a and b."""
    one = np.float32(1.0)
    return (a + b) / (np.sqrt(one + a * a) + np.sqrt(one + b * b))


@kernel
def _ramp(a, b):
    """Mean of |x| between a and b, doubled and halved again by its user: half of |a + b|, or the mean of two triangles."""
    across = (a * a + b * b) / (abs(a) + abs(b) + np.float32(1e-20))
    return abs(a + b) if a * b >= np.float32(0.0) else across


@kernel
def _shape(kind, x, y):
    """y[i] = mean of the curve between x[i] and x[i + 1]; x: float32[_OVER + 1], y: float32[_OVER]."""
    half, one = np.float32(0.5), np.float32(1.0)
    if kind == SOFT:
        for i in range(_OVER):
            y[i] = _soft(x[i], x[i + 1])
    elif kind == HARD:
        for i in range(_OVER):
            y[i] = np.float32(0.25) * (_ramp(x[i] + one, x[i + 1] + one) - _ramp(x[i] - one, x[i + 1] - one))
    elif kind == FOLD:
        turn = np.float32(0.25 / math.pi)
        for i in range(_OVER):
            d = half * (x[i + 1] - x[i])
            part = np.float32(1.0) - d * d * np.float32(1.0 / 6.0) if abs(d) < np.float32(0.01) else (
                sine(np.float32(2.0) * turn * d) / d)
            y[i] = sine(turn * (x[i] + x[i + 1])) * part
    else:
        bias, rest, scale = np.float32(_BIAS), np.float32(_BIAS / _BIAS_ROOT), np.float32(_TUBE_SCALE)
        for i in range(_OVER):
            y[i] = _soft(scale * x[i] + bias, scale * x[i + 1] + bias) - rest


@kernel
def made_up(gain_db):
    """Level behind a curve: a sound of peak 1/4 keeps its peak, however hard it is driven."""
    gain = 10.0 ** (gain_db / 20.0)
    return math.sqrt((1.0 + gain * gain / 16.0) / (1.0 + 1.0 / 16.0)) / gain


@kernel
def _upsample(history, x, up, over):
    """over: 8 float32 for each of x; history is moved on."""
    for i in range(PHASE_TAPS):
        history[i] = history[i + QUANTUM]
    for i in range(QUANTUM):
        history[PHASE_TAPS + i] = x[i]
    for i in range(_OVER):
        over[i] = 0.0
    for i in range(QUANTUM):
        for j in range(PHASE_TAPS):
            sample = history[PHASE_TAPS + i - j]
            for p in range(OVERSAMPLING):
                over[i * OVERSAMPLING + p] += sample * up[j, p]


@kernel
def _downsample(shaped, down, out):
    """shaped holds DRIVE_TAPS of the past, then the quantum; the past is moved on."""
    for i in range(QUANTUM):
        total = np.float32(0.0)
        start = (i + 1) * OVERSAMPLING
        for m in range(DRIVE_TAPS):
            total += down[m] * shaped[start + m]
        out[i] = total
    for i in range(DRIVE_TAPS):
        shaped[i] = shaped[i + _OVER]


@kernel
def _channel(unit, channel, x, fading):
    """One channel through the oversampled part, into unit["wet"]."""
    now, over, driven = unit["now"], unit["over"], unit["driven"]
    _upsample(unit["input"][channel], x, unit["up"], over)
    shaped = unit["shaped"][channel]
    first, last = 10.0 ** (now[0, _GAIN_DB] / 20.0), 10.0 ** (now[1, _GAIN_DB] / 20.0)
    gain, step = np.float32(first), np.float32((last - first) / _OVER)
    y, hot = unit["driven"][1], driven[0]
    hot[0] = unit["last"][channel, 0]
    for i in range(_OVER):
        hot[i + 1] = over[i] * (gain + np.float32(i + 1) * step)
    unit["last"][channel, 0] = hot[_OVER]
    _shape(unit["kind"], hot, y)
    if fading:
        wet = shaped[DRIVE_TAPS:]
        _shape(unit["next_kind"], hot, wet)
        fade, fade_step = unit["fade"], unit["slope"] / np.float32(_OVER)
        for i in range(_OVER):
            y[i] += (fade + np.float32(i + 1) * fade_step) * (wet[i] - y[i])
    dry0, dry1 = dry_gain(now[0, _MIX]), dry_gain(now[1, _MIX])
    wet0 = wet_gain(now[0, _MIX]) * made_up(now[0, _GAIN_DB])
    wet1 = wet_gain(now[1, _MIX]) * made_up(now[1, _GAIN_DB])
    dry, dry_step = np.float32(0.5 * dry0), np.float32(0.5 * (dry1 - dry0) / _OVER)
    level, level_step = np.float32(wet0), np.float32((wet1 - wet0) / _OVER)
    before = unit["last"][channel, 1]
    unit["last"][channel, 1] = over[_OVER - 1]
    for i in range(_OVER):
        n = np.float32(i + 1)
        shaped[DRIVE_TAPS + i] = (dry + n * dry_step) * (over[i] + before) + (level + n * level_step) * y[i]
        before = over[i]
    _downsample(shaped, unit["down"], unit["wet"][channel])


@kernel
def _tilted(now, end, sign):
    """Gain of the lows (sign -1) or highs at an end of the quantum."""
    return 10.0 ** ((now[end, _LEVEL_DB] + sign * 0.5 * _TILT_DB * now[end, _TONE]) / 20.0)


@kernel
def _line(start, end):
    """(start, step a frame) as float32."""
    return np.float32(start), np.float32((end - start) / QUANTUM)


@kernel
def _tilt_and_mix(unit, out):
    """DC out, tilt, level, and the fade between the untouched sound and this effect."""
    now = unit["now"]
    c, block_c = unit["tilt_c"], unit["block_c"]
    low0, low_step = _line(_tilted(now, 0, -1.0), _tilted(now, 1, -1.0))
    high0, high_step = _line(_tilted(now, 0, 1.0), _tilted(now, 1, 1.0))
    engage, engage_step = np.float32(now[0, _ENGAGE]), unit["step"][_ENGAGE]
    for channel in range(2):
        low, dc, wet = unit["tilt"][channel], unit["block"][channel], unit["wet"][channel]
        for i in range(QUANTUM):
            n = np.float32(i + 1)
            dc += block_c * (wet[i] - dc)
            y = wet[i] - dc
            low += c * (y - low)
            y = (low0 + n * low_step) * low + (high0 + n * high_step) * (y - low)
            out[channel, i] += (engage + n * engage_step) * (y - out[channel, i])
        unit["tilt"][channel], unit["block"][channel] = low, dc


@kernel
def _start(unit):
    """Clean memory."""
    for channel in range(2):
        unit["tilt"][channel] = unit["block"][channel] = 0.0
        unit["last"][channel, 0] = unit["last"][channel, 1] = 0.0
        for i in range(PHASE_TAPS + QUANTUM):
            unit["input"][channel, i] = 0.0
        for i in range(DRIVE_TAPS):
            unit["shaped"][channel, i] = 0.0


@kernel
def _choose_curves(unit, place):
    """Which curves are heard: one, or another on its way in; between two of them, in a morph of presets, a share of both."""
    kind = int(place)
    share = np.float32(place - np.float32(kind))
    if share > 0.0:
        if unit["kind"] == kind + 1 and unit["fade"] == 0.0:  # the same sound, seen from below
            unit["kind"], unit["next_kind"], unit["fade"] = kind, kind + 1, 1.0
        elif unit["kind"] == kind and unit["fade"] == 0.0:
            unit["next_kind"] = kind + 1
        elif unit["kind"] != kind or unit["next_kind"] != kind + 1:
            unit["kind"], unit["next_kind"], unit["fade"] = kind, kind + 1, share
        unit["slope"] = share - unit["fade"]
        return
    unit["slope"] = unit["fade_step"]
    if unit["kind"] == kind and 0.0 < unit["fade"] < 1.0 and unit["next_kind"] == kind + 1:  # back to where it came from
        unit["kind"], unit["next_kind"], unit["fade"] = kind + 1, kind, np.float32(1.0) - unit["fade"]
    if unit["fade"] >= 1.0:
        unit["kind"], unit["fade"] = unit["next_kind"], 0.0
    if unit["fade"] == 0.0:
        unit["next_kind"] = kind


@kernel
def _render(unit, knobs, out, context):
    """Off when the mix has come to 0, and in silence: the next sound finds it as new."""
    if context["rest"]:
        unit["on"] = OFF
        return
    mix, kind, at_once = knobs["drive_mix"], int(knobs["drive_type"]), context["at_once"] != 0 or context["woken"] != 0
    fresh = unit["on"] == OFF
    if fresh:
        if mix == 0.0:
            return
        _start(unit)
        unit["on"], unit["kind"], unit["next_kind"], unit["fade"] = RUNNING, kind, kind, 0.0
    now, target = unit["now"], unit["target"]
    target[_GAIN_DB], target[_TONE], target[_LEVEL_DB] = knobs["drive_amount_db"], knobs["drive_tone"], knobs["drive_level_db"]
    if fresh:
        unit["rate"][_LEVEL_DB] = 0.25 * unit["rate"][_MIX]
        target[_ENGAGE], target[_MIX] = 0.0, mix
        approach(now, target, unit["rate"], unit["step"], fresh)
    target[_ENGAGE], target[_MIX] = 0.0 if mix == 0.0 else 1.0, mix
    approach(now, target, unit["rate"], unit["step"], at_once)
    _choose_curves(unit, knobs["drive_type"])
    fading = unit["next_kind"] != unit["kind"]
    for channel in range(2):
        _channel(unit, channel, out[channel], fading)
    if fading:
        unit["fade"] += unit["slope"]
    _tilt_and_mix(unit, out)
    if mix == 0.0 and now[0, _ENGAGE] == 0.0 and now[1, _ENGAGE] == 0.0:
        unit["on"] = OFF


@kernel
def _idle(unit, knobs):
    return knobs["drive_mix"] == 0.0 and unit["on"] == OFF


EFFECT = Effect("drive", DRIVE, _prepare, _render, _idle)
