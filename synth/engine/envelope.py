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
def _rate(stage, rates):
    return rates[3] if stage == FADE else rates[stage - 1] if stage < SUSTAIN else rates[2]


@kernel
def _hold(env, sustain, n):
    """n frames of sustain: (level before, slope per frame) of the glide to a moved sustain level; the level moves on."""
    level, slope = env["level"], (sustain - env["level"]) * np.float32(_SUSTAIN_GLIDE / 32)
    env["level"] = sustain if abs(sustain - level) < 1e-6 else level + n * slope
    return level, slope


@kernel
def _run(row, first, n, offset, g, ratio):
    """row[first + j] = offset + g * ratio^j, four at a time; answers the last."""
    g1, g2, g3 = g * ratio, g * ratio * ratio, g * ratio * ratio * ratio
    r4 = ratio * ratio * ratio * ratio
    j, last = first, first + n
    while j + 4 <= last:
        row[j], row[j + 1], row[j + 2], row[j + 3] = offset + g, offset + g1, offset + g2, offset + g3
        g, g1, g2, g3 = g * r4, g1 * r4, g2 * r4, g3 * r4
        j += 4
    while j < last:
        row[j] = offset + g
        g *= ratio
        j += 1
    return row[last - 1]


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
            level, slope = _hold(env, sustain, last - i)
            for j in range(i, last):
                row[j] = level + slope * np.float32(np.int32(j - i + 1))  # 32 bits: 64 do not convert side by side
            return
        if stage == DONE or stage == IDLE:
            for j in range(i, last):
                row[j] = 0.0
            return
        rate, position = _rate(stage, rates), env["position"]
        n = min(last - i, max(int(math.ceil((1.0 - position) / rate - 1e-9)), 1))
        offset, scale, exponent = _curve(stage, env["start"], sustain)
        env["level"] = _run(row, i, n, offset, scale * math.exp(-exponent * (position + rate)), math.exp(-exponent * rate))
        env["position"] = position + n * rate
        i += n
        if env["position"] >= 1.0 - 1e-9:
            _finish(env)


@kernel
def advance(env, n_frames, rates, sustain):
    """Move the envelope on by n_frames; only the level at the end is known. As `fill`, without the frames between."""
    left = n_frames
    while left > 0:
        stage = env["stage"]
        if stage == SUSTAIN:
            _hold(env, sustain, left)
            return
        if stage == DONE or stage == IDLE:
            return
        rate, position = _rate(stage, rates), env["position"]
        n = min(left, max(int(math.ceil((1.0 - position) / rate - 1e-9)), 1))
        env["position"] = position + n * rate
        left -= n
        if env["position"] >= 1.0 - 1e-9:
            _finish(env)
        elif left == 0:
            offset, scale, exponent = _curve(stage, env["start"], sustain)
            env["level"] = offset + scale * math.exp(-exponent * env["position"])


@kernel
def rates_of(attack_s, decay_s, release_s, fade_s, sr_hz, rates):
    """Fill float64[4] `rates` with stage positions per frame of the given times in seconds."""
    rates[0] = 1.0 / max(attack_s * sr_hz, 1.0)
    rates[1] = 1.0 / max(decay_s * sr_hz, 1.0)
    rates[2] = 1.0 / max(release_s * sr_hz, 1.0)
    rates[3] = 1.0 / max(fade_s * sr_hz, 1.0)
