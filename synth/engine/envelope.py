"""ADSR envelopes, exact to the sample: each stage is a run of a closed-form curve, so a run may be cut anywhere.

Attack rises as 1 - e^(-1.5 p), decay and release fall as e^(-6 p), both scaled to reach their ends exactly when
their time is over; p is the stage's position 0..1. Corners are rounded by the voice's declicker (`render.py`).
"""

import math

import numpy as np

from .jit import kernel

IDLE, ATTACK, DECAY, SUSTAIN, RELEASE, FADE, DONE = range(7)
_ATTACK_CURVE, _FALL_CURVE = 1.5, 6.0
_ATTACK_END, _FALL_END = math.exp(-_ATTACK_CURVE), math.exp(-_FALL_CURVE)
_SUSTAIN_GLIDE = 0.15  # of the way to a moved sustain level, per quantum


@kernel
def enter(env, stage):
    """Begin a stage from the present level."""
    env["stage"] = stage
    env["position"] = 0.0
    env["start"] = env["level"]


@kernel
def _curve(stage, start, sustain):
    """(offset, scale, exponent) such that level = offset + scale * e^(-exponent * position)."""
    if stage == ATTACK:
        scale = -(1.0 - start) / (1.0 - _ATTACK_END)
        return start - scale, scale, _ATTACK_CURVE
    end = sustain if stage == DECAY else 0.0
    scale = (start - end) / (1.0 - _FALL_END)
    return start - scale, scale, _FALL_CURVE


@kernel
def _finish(env):
    stage = env["stage"]
    if stage == ATTACK:
        env["level"] = 1.0
        enter(env, DECAY)
    elif stage == DECAY:
        enter(env, SUSTAIN)
    else:
        env["level"] = 0.0
        env["stage"] = DONE


@kernel
def fill(env, row, first, last, rates, sustain):
    """Write the level of frames first..last-1 into `row` and move the envelope on.

    rates: float64[4], stage positions per frame of attack, decay, release and fade. sustain: level 0..1.
    Real-time: no allocation, no locks, no I/O, no Python.
    """
    i = first
    while i < last:
        stage = env["stage"]
        if stage == SUSTAIN:
            level, slope = env["level"], (sustain - env["level"]) * _SUSTAIN_GLIDE / 32
            for j in range(i, last):
                level += slope
                row[j] = level
            env["level"] = sustain if abs(sustain - level) < 1e-6 else level
            return
        if stage == DONE or stage == IDLE:
            for j in range(i, last):
                row[j] = 0.0
            return
        rate = rates[3] if stage == FADE else rates[stage - 1] if stage < SUSTAIN else rates[2]
        position = env["position"]
        n = min(last - i, max(int(math.ceil((1.0 - position) / rate - 1e-9)), 1))
        offset, scale, exponent = _curve(stage, env["start"], sustain)
        g = scale * math.exp(-exponent * (position + rate))
        ratio = math.exp(-exponent * rate)
        for j in range(i, i + n):
            row[j] = offset + g
            g *= ratio
        env["position"] = position + n * rate
        env["level"] = row[i + n - 1]
        i += n
        if env["position"] >= 1.0 - 1e-9:
            _finish(env)


@kernel
def rates_of(attack_s, decay_s, release_s, fade_s, sr_hz, rates):
    """Fill float64[4] `rates` with stage positions per frame of the given times in seconds."""
    rates[0] = 1.0 / max(attack_s * sr_hz, 1.0)
    rates[1] = 1.0 / max(decay_s * sr_hz, 1.0)
    rates[2] = 1.0 / max(release_s * sr_hz, 1.0)
    rates[3] = 1.0 / max(fade_s * sr_hz, 1.0)


def new() -> np.ndarray:
    """An idle envelope, for tests: ENVELOPE record."""
    from .state import ENVELOPE

    return np.zeros(1, ENVELOPE)[0]
