"""Equaliser: low shelf, two bells, high shelf; each left out of the path while its gain is 0 dB.

Trapezoidal state-variable filters whose coefficients ramp every frame; their responses are those of the bilinear biquads
of the RBJ Audio EQ Cookbook. Simper 2013, 'Solving the continuous SVF equations using trapezoidal integration and
equivalent currents'. Double precision: 20 Hz at 192 kHz keeps its place and its quiet.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np

from ..compile.jit import kernel
from .effect import Effect
from .parts import OFF, QUANTUM, RUNNING, UNIT, approach, smoothing

LOW, BELL, HIGH = 0, 1, 2
_GAIN, _OCTAVE, _Q = 0, 1, 2
_HIGHEST = 0.49  # of the rate
_SHELF_Q = np.float32(0.5**0.5)
_BANDS = 4

EQ_BAND = np.dtype([*UNIT, ("coefficients", "f8", (5,)), ("z", "f8", (2, 2))], align=True)
EQ = np.dtype([("band", EQ_BAND, (_BANDS,))], align=True)


def _prepare(unit, sr_hz: float) -> None:
    for band in unit["band"]:
        band["rate"] = smoothing(0.008, sr_hz)


@kernel
def coefficients(kind, gain_db, freq_hz, q, sr_hz, c):
    """float64[5]: g, k and the output's parts of input, band and low, of a shelf or bell."""
    a = 10.0 ** (gain_db / 40.0)
    g = math.tan(math.pi * min(freq_hz, _HIGHEST * sr_hz) / sr_hz)
    k = 1.0 / q
    if kind == LOW:
        g /= math.sqrt(a)
        c[2], c[3], c[4] = 1.0, k * (a - 1.0), a * a - 1.0
    elif kind == HIGH:
        g *= math.sqrt(a)
        c[2], c[3], c[4] = a * a, k * (1.0 - a) * a, 1.0 - a * a
    else:
        k /= a
        c[2], c[3], c[4] = 1.0, k * (a * a - 1.0), 0.0
    c[0], c[1] = g, k


@kernel
def _filter(z, c, g1, k1, m10, m11, m12, out):
    """Both channels through one band; every coefficient runs in a line from c[...] to the given one."""
    dg, dk, d0, d1, d2 = ((g1 - c[0]) / QUANTUM, (k1 - c[1]) / QUANTUM, (m10 - c[2]) / QUANTUM, (m11 - c[3]) / QUANTUM,
                          (m12 - c[4]) / QUANTUM)
    g, k, m0, m1, m2 = c[0], c[1], c[2], c[3], c[4]
    left1, left2, right1, right2 = z[0, 0], z[0, 1], z[1, 0], z[1, 1]
    for i in range(QUANTUM):
        g += dg
        k += dk
        m0 += d0
        m1 += d1
        m2 += d2
        a1 = 1.0 / (1.0 + g * (g + k))
        left, right = out[0, i], out[1, i]
        band = a1 * (left1 + g * (left - left2))
        low = left2 + g * band
        left1, left2 = 2.0 * band - left1, 2.0 * low - left2
        out[0, i] = m0 * left + m1 * band + m2 * low
        band = a1 * (right1 + g * (right - right2))
        low = right2 + g * band
        right1, right2 = 2.0 * band - right1, 2.0 * low - right2
        out[1, i] = m0 * right + m1 * band + m2 * low
    z[0, 0], z[0, 1], z[1, 0], z[1, 1] = left1, left2, right1, right2


@kernel
def _render_band(unit, kind, gain_db, freq_hz, q, out, sr_hz, at_once):
    """One band, in place. Off when its gain has come to 0 dB."""
    fresh = unit["on"] == OFF
    if fresh and gain_db == 0.0:
        return
    now, target, c = unit["now"], unit["target"], unit["coefficients"]
    target[_OCTAVE], target[_Q] = math.log2(freq_hz), math.log2(q)
    if fresh:
        unit["on"] = RUNNING
        target[_GAIN] = gain_db if at_once else 0.0
        approach(now, target, unit["rate"], unit["step"], fresh)
        coefficients(kind, now[1, _GAIN], freq_hz, q, sr_hz, c)
        unit["z"][0, 0] = unit["z"][0, 1] = unit["z"][1, 0] = unit["z"][1, 1] = 0.0
    target[_GAIN] = gain_db
    approach(now, target, unit["rate"], unit["step"], at_once)
    gain, octave, log_q = now[1, _GAIN], now[1, _OCTAVE], now[1, _Q]
    if gain == now[0, _GAIN] and octave == now[0, _OCTAVE] and log_q == now[0, _Q]:
        _filter(unit["z"], c, c[0], c[1], c[2], c[3], c[4], out)
    else:
        g, k, m0, m1, m2 = c[0], c[1], c[2], c[3], c[4]
        coefficients(kind, gain, 2.0 ** octave, 2.0 ** log_q, sr_hz, c)
        g1, k1, m10, m11, m12 = c[0], c[1], c[2], c[3], c[4]
        c[0], c[1], c[2], c[3], c[4] = g, k, m0, m1, m2
        _filter(unit["z"], c, g1, k1, m10, m11, m12, out)
        c[0], c[1], c[2], c[3], c[4] = g1, k1, m10, m11, m12
    if gain == 0.0 and gain_db == 0.0 and now[0, _GAIN] == 0.0:
        unit["on"] = OFF


@kernel
def _render(unit, knobs, out, context):
    """All bands; they end in silence, and the next sound finds them as new."""
    bands, p, sr_hz, at_once = unit["band"], knobs, context["sr_hz"], context["at_once"] != 0 or context["woken"] != 0
    if context["rest"]:
        for i in range(_BANDS):
            bands[i]["on"] = OFF
        return
    _render_band(bands[0], LOW, p["eq_low_gain_db"], p["eq_low_freq_hz"], _SHELF_Q, out, sr_hz, at_once)
    _render_band(bands[1], BELL, p["eq_bell1_gain_db"], p["eq_bell1_freq_hz"], p["eq_bell1_q"], out, sr_hz, at_once)
    _render_band(bands[2], BELL, p["eq_bell2_gain_db"], p["eq_bell2_freq_hz"], p["eq_bell2_q"], out, sr_hz, at_once)
    _render_band(bands[3], HIGH, p["eq_high_gain_db"], p["eq_high_freq_hz"], _SHELF_Q, out, sr_hz, at_once)


@kernel
def _idle(unit, knobs):
    on = 0
    for i in range(_BANDS):
        on += unit["band"][i]["on"]
    return (on == OFF and knobs["eq_low_gain_db"] == 0.0 and knobs["eq_bell1_gain_db"] == 0.0 and knobs["eq_bell2_gain_db"] == 0.0
            and knobs["eq_high_gain_db"] == 0.0)


EFFECT = Effect("eq", EQ, _prepare, _render, _idle)
