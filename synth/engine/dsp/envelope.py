"""Envelopes (delay, attack, hold, decay, sustain, release), exact to the sample: every stage is closed form, so a run may be
cut anywhere, and what a stage's time leaves of a frame goes to the next stage.

A stage goes from `start` to its end as e^(-c p), scaled to reach the end exactly at p = 1, where p is its position 0..1 and
c its curve: 0 a straight line, above it fast first, below it slow first. Corners are rounded by the voice's declicker (`render.py`).
"""

import math

import numpy as np

from ..compile.fastmath import exp2
from ..compile.jit import kernel
from ..constants import QUANTUM

IDLE, DELAY, ATTACK, HOLD, DECAY, SUSTAIN, RELEASE, FADE, DONE = range(9)
# a row of settings, float64[N_SETTINGS]: what it was made from, then for each stage its frames, its curve c and 1 / (1 - e^-c),
# then e^(-c j / frames) for j < RUN frames of each stage that moves
N_GIVEN, SUSTAIN_LEVEL = 11, 4
FRAMES, CURVE, NORM, POWERS = 11, 20, 29, 38
RUN = 32
GLIDE = POWERS + 9 * RUN  # share of the way to a moved sustain level that goes in a quantum
N_SETTINGS = GLIDE + 1
_FADE_CURVE, _LEAST_CURVE = 6.0, 1e-6  # a straight line within 2e-7
_GLIDE_S = 0.004102086  # time constant of the glide to a moved sustain level
_TINY = 1e-9  # of a frame
_MINUS_LOG2_E = -math.log2(math.e)

ENVELOPE = np.dtype([("stage", "i4"), ("start", "f4"), ("level", "f4"), ("pad", "f4"), ("position", "f8")], align=True)


@kernel
def enter(env, stage):
    """Begin a stage from the present level: DELAY for a new note (level 0), ATTACK for one struck again in legato."""
    env["stage"] = stage
    env["position"] = 0.0
    env["start"] = env["level"]


@kernel
def _hold(env, settings, n):
    """n frames of sustain: (level before, slope per frame) of the glide to a moved sustain level; the level moves on."""
    sustain = np.float32(settings[SUSTAIN_LEVEL])
    level, slope = env["level"], (sustain - env["level"]) * np.float32(settings[GLIDE] / QUANTUM)
    env["level"] = sustain if abs(sustain - level) < 1e-6 else level + n * slope
    return level, slope


@kernel
def _set_stage(out, stage, time_s, sr_hz, curve):
    """Frames, curve and powers of one stage of a row of settings."""
    c = curve if abs(curve) >= _LEAST_CURVE else _LEAST_CURVE
    frames = max(time_s * sr_hz, 0.0)
    if stage != DELAY and stage != HOLD:
        frames = max(frames, 1.0)
        ratio, power = math.exp(-c / frames), 1.0
        for j in range(RUN):
            out[POWERS + RUN * stage + j] = power
            power *= ratio
    out[FRAMES + stage], out[CURVE + stage], out[NORM + stage] = frames, c, -1.0 / math.expm1(-c)


@kernel
def settings(delay_s, attack_s, hold_s, decay_s, sustain, release_s, attack_curve, decay_curve, release_curve, fade_s, sr_hz, out):
    """Fill a row of settings, float64[N_SETTINGS], from times in seconds, a level 0..1 and curves; next to free if nothing changed."""
    given = (delay_s, attack_s, hold_s, decay_s, sustain, release_s, attack_curve, decay_curve, release_curve, fade_s, sr_hz)
    same = True
    for i in range(N_GIVEN):
        same &= out[i] == given[i]
        out[i] = given[i]
    if same:
        return
    out[GLIDE] = 1.0 - math.exp(-QUANTUM / (sr_hz * _GLIDE_S))
    _set_stage(out, DELAY, delay_s, sr_hz, 0.0)
    _set_stage(out, ATTACK, attack_s, sr_hz, attack_curve)
    _set_stage(out, HOLD, hold_s, sr_hz, 0.0)
    _set_stage(out, DECAY, decay_s, sr_hz, decay_curve)
    _set_stage(out, RELEASE, release_s, sr_hz, release_curve)
    _set_stage(out, FADE, fade_s, sr_hz, _FADE_CURVE)


@kernel
def is_steady(env, settings):
    """Whether the level stands still until something happens: sustaining, or over."""
    stage = env["stage"]
    return (stage == SUSTAIN and env["level"] == np.float32(settings[SUSTAIN_LEVEL])) or stage == DONE or stage == IDLE


@kernel
def _next(env, settings):
    """On to the next stage, which begins between two frames: its first frame is what is left of one into it."""
    stage = env["stage"]
    left = (1.0 - env["position"]) * settings[FRAMES + stage]  # frames from the last one made to the corner, under 1
    while True:
        env["level"] = env["start"] if stage == DELAY else settings[SUSTAIN_LEVEL] if stage == DECAY else 0.0 if stage >= RELEASE else 1.0
        if stage >= RELEASE:
            env["stage"] = DONE
            return
        stage += 1
        enter(env, stage)
        if stage == SUSTAIN:
            return
        if settings[FRAMES + stage] > 0.0:
            env["position"] = -left / settings[FRAMES + stage]
            return


@kernel
def _frames_left(env, settings):
    """Whole frames from the last one made to the end of the stage."""
    return int((1.0 - env["position"]) * settings[FRAMES + env["stage"]] + _TINY)


@kernel
def _shape(env, settings):
    """(offset, scale) such that level = offset + scale * e^(-c position) in the present stage."""
    stage = env["stage"]
    start = np.float64(env["start"])
    end = start if stage == DELAY else settings[SUSTAIN_LEVEL] if stage == DECAY else 0.0 if stage >= RELEASE else 1.0
    scale = (start - end) * settings[NORM + stage]
    return start - scale, scale


@kernel
def _move(env, settings, n):
    """The position n frames on in the present stage, and on to the next where they end it."""
    stage = env["stage"]
    env["position"] += n / settings[FRAMES + stage]
    if (1.0 - env["position"]) * settings[FRAMES + stage] < _TINY:
        _next(env, settings)


@kernel
def _over(env):
    """Whether there is nothing to do: at rest, or falling from nothing."""
    if env["stage"] >= RELEASE and env["start"] == 0.0:
        env["stage"], env["level"] = DONE, 0.0
    return env["stage"] == DONE or env["stage"] == IDLE


@kernel
def _moving(env, row, first, last, settings):
    """Frames of one stage that moves, at most RUN of them; answers the first frame not made."""
    stage = env["stage"]
    n = min(min(last - first, RUN), _frames_left(env, settings))
    if n == 0:
        _next(env, settings)
        return first
    offset, scale = _shape(env, settings)
    scale *= exp2(_MINUS_LOG2_E * settings[CURVE + stage] * (env["position"] + 1.0 / settings[FRAMES + stage]))
    powers = settings[POWERS + RUN * stage:POWERS + RUN * (stage + 1)]
    for j in range(n):
        row[first + j] = offset + scale * powers[j]
    env["level"] = row[first + n - 1]
    _move(env, settings, n)
    return first + n


@kernel
def fill(env, row, first, last, settings):
    """Write the level of frames first..last-1 into float32 `row` and move the envelope on.

    settings: a row that `settings` filled.
    Real-time: no allocation, no locks, no I/O, no Python.
    """
    i = first
    while i < last:
        if _over(env):
            for j in range(i, last):
                row[j] = 0.0
            return
        stage = env["stage"]
        if stage == SUSTAIN:
            level, slope = _hold(env, settings, last - i)
            for j in range(i, last):
                row[j] = level + slope * np.float32(np.int32(j - i + 1))  # 32 bits: 64 do not convert side by side
            return
        if stage == DELAY or stage == HOLD:
            n = min(last - i, _frames_left(env, settings))
            for j in range(i, i + n):
                row[j] = env["level"]
            i += n
            if n == 0:
                _next(env, settings)
            else:
                _move(env, settings, n)
        else:
            i = _moving(env, row, i, last, settings)


@kernel
def _advance(env, n_frames, settings):
    left = n_frames
    while left > 0 and not _over(env):
        stage = env["stage"]
        if stage == SUSTAIN:
            _hold(env, settings, left)
            return
        n = min(left, _frames_left(env, settings))
        left -= n
        if n == 0:
            _next(env, settings)
            continue
        _move(env, settings, n)
        if left == 0 and env["stage"] == stage:
            offset, scale = _shape(env, settings)
            env["level"] = offset + scale * exp2(_MINUS_LOG2_E * settings[CURVE + stage] * env["position"])


@kernel
def advance(env, n_frames, settings):
    """Move the envelope on by n_frames; only the level at the end is known. As `fill`, without the frames between."""
    if env["stage"] == SUSTAIN:  # small enough to be compiled into the caller
        _hold(env, settings, n_frames)
    else:
        _advance(env, n_frames, settings)
