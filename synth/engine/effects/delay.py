"""Echoes: two taps, feedback, ping-pong and cuts in the loop. Whole frames, so echoes are exact; a new time is cross-faded.

The loop's gain is under 1 at every frequency and through every move: cross-fades add up to 1, the crossing of sides is a
convex mix, the cuts lie between a filter of gain <= 1 and none.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np

from ...params.effects import LONGEST_DELAY_S
from ...params.param import SYNC_BEATS
from ..compile.jit import kernel
from .effect import Effect
from .parts import (
    HIGHEST_RATE_HZ,
    OFF,
    QUANTUM,
    RUNNING,
    SILENCE,
    TAIL,
    TAP,
    UNIT,
    WIPING,
    approach,
    dry_gain,
    fade_and_wipe,
    fade_step,
    move_tap,
    peak_of,
    ring_frames,
    smoothing,
    wet_gain,
    wipe,
)

_DRY, _WET, _SEND, _FEEDBACK, _CROSS, _LOW, _HIGH, _LOW_ON, _HIGH_ON = range(9)
_BEATS = np.array(SYNC_BEATS)


def _ring_floats(sr_hz: float) -> int:
    return 2 * ring_frames(LONGEST_DELAY_S, sr_hz)


DELAY = np.dtype([
    *UNIT, ("tap", TAP), ("write", "i8"), ("length", "i8"), ("low", "f4", (2,)), ("high", "f4", (2,)),
    ("ring", "f4", (_ring_floats(HIGHEST_RATE_HZ),)),
], align=True)


def _prepare(unit, sr_hz: float) -> None:
    unit["rate"] = smoothing(0.004, sr_hz)
    unit["tap"]["fade_step"] = fade_step(sr_hz)
    unit["length"] = ring_frames(LONGEST_DELAY_S, sr_hz)


@kernel
def _time_frames(sync, time_s, tempo_bpm, sr_hz):
    """Delay in whole frames; a synced one that is too long is halved until it fits."""
    if sync > 0:
        time_s = _BEATS[sync] * 60.0 / max(tempo_bpm, 1.0)
        while time_s > LONGEST_DELAY_S:
            time_s *= 0.5
    return max(int(math.floor(time_s * sr_hz + 0.5)), 1)


@kernel
def _pole(freq_hz, sr_hz):
    """Coefficient of a one-pole low-pass y += c (x - y)."""
    return 1.0 - math.exp(-2.0 * math.pi * min(freq_hz, 0.49 * sr_hz) / sr_hz)


@kernel
def _echo(unit, out):
    """One quantum of the loop, in place. Answers the wet sound's peak."""
    now, step, ring, tap, mask = unit["now"], unit["step"], unit["ring"], unit["tap"], unit["length"] - 1
    first, second, write = tap["now"], tap["next"], unit["write"]
    dry, wet, send, feedback, cross, low_c, high_c, low_on, high_on = (
        np.float32(now[0, _DRY]), np.float32(now[0, _WET]), np.float32(now[0, _SEND]), np.float32(now[0, _FEEDBACK]),
        np.float32(now[0, _CROSS]), np.float32(now[0, _LOW]), np.float32(now[0, _HIGH]), np.float32(now[0, _LOW_ON]),
        np.float32(now[0, _HIGH_ON]))
    d_dry, d_wet, d_send, d_feedback, d_cross, d_low, d_high = (
        step[_DRY], step[_WET], step[_SEND], step[_FEEDBACK], step[_CROSS], step[_LOW_ON],
        step[_HIGH_ON])
    weight, d_weight = tap["from_weight"], (tap["to_weight"] - tap["from_weight"]) / np.float32(QUANTUM)
    fading, right, half = first != second, unit["length"], np.float32(0.5)
    low0, low1, high0, high1 = unit["low"][0], unit["low"][1], unit["high"][0], unit["high"][1]
    peak = np.float32(0.0)
    for i in range(QUANTUM):
        at = (write - first) & mask
        y0, y1 = ring[at], ring[right + at]
        weight += d_weight
        if fading:
            at = (write - second) & mask
            y0 += weight * (ring[at] - y0)
            y1 += weight * (ring[right + at] - y1)
        dry, wet, send, feedback, cross = dry + d_dry, wet + d_wet, send + d_send, feedback + d_feedback, cross + d_cross
        low_on, high_on, low_c, high_c = low_on + d_low, high_on + d_high, low_c + step[_LOW], high_c + step[_HIGH]
        high0 += high_c * (y0 - high0)
        high1 += high_c * (y1 - high1)
        y0, y1 = y0 + high_on * (high0 - y0), y1 + high_on * (high1 - y1)
        low0 += low_c * (y0 - low0)
        low1 += low_c * (y1 - low1)
        y0, y1 = y0 - low_on * low0, y1 - low_on * low1
        x0, x1 = out[0, i], out[1, i]
        peak = max(peak, max(abs(y0), abs(y1)))
        at = write & mask
        ring[at] = send * (x0 + cross * half * (x1 - x0)) + feedback * (y0 + cross * (y1 - y0))
        ring[right + at] = send * (x1 - cross * x1) + feedback * (y1 + cross * (y0 - y1))
        write += 1
        out[0, i], out[1, i] = dry * x0 + wet * y0, dry * x1 + wet * y1
    unit["low"][0], unit["low"][1], unit["high"][0], unit["high"][1] = low0, low1, high0, high1
    unit["write"] = write
    return peak


@kernel
def _render(unit, knobs, out, context):
    """After a mix of 0 the echoes fade in about a second; asleep when nothing sounds in it."""
    if unit["on"] == WIPING:
        wipe(unit, 2 * unit["length"])
        return
    mix, sr_hz, fresh = knobs["delay_mix"], context["sr_hz"], unit["on"] == OFF
    if fresh:
        if mix == 0.0:
            return
        unit["on"], unit["quiet"], unit["write"] = RUNNING, 0, 0
        unit["low"][0] = unit["low"][1] = unit["high"][0] = unit["high"][1] = 0.0
    if unit["panic"]:
        mix = np.float32(0.0)
    now, target, rate = unit["now"], unit["target"], unit["rate"]
    low_cut_hz, high_cut_hz = knobs["delay_low_cut_hz"], knobs["delay_high_cut_hz"]
    target[_FEEDBACK], target[_CROSS] = knobs["delay_feedback"], knobs["delay_ping_pong"]
    target[_LOW], target[_LOW_ON] = _pole(low_cut_hz, sr_hz), 1.0 if low_cut_hz > 20.0 else 0.0
    target[_HIGH], target[_HIGH_ON] = _pole(high_cut_hz, sr_hz), 1.0 if high_cut_hz < 20000.0 else 0.0
    if fresh:
        target[_DRY], target[_WET], target[_SEND] = 1.0, 0.0, 0.0
        rate[_LOW] = rate[_HIGH] = rate[_LOW_ON] = rate[_HIGH_ON] = 0.25 * rate[_DRY]
        approach(now, target, rate, unit["step"], fresh)
    target[_DRY], target[_WET], target[_SEND] = dry_gain(mix), wet_gain(mix), 1.0 if mix > 0.0 else 0.0
    rate[_WET] = rate[_DRY] if mix > 0.0 or unit["panic"] else rate[_DRY] * TAIL
    approach(now, target, rate, unit["step"], context["at_once"] != 0)
    move_tap(unit["tap"], _time_frames(int(knobs["delay_sync"]), knobs["delay_time_s"], context["tempo_bpm"], sr_hz), fresh)
    heard = peak_of(out) >= SILENCE
    if heard:
        unit["quiet"] = 0
    if unit["quiet"] > unit["length"]:
        if mix == 0.0:
            unit["on"] = WIPING
        return
    unit["quiet"] += QUANTUM
    if _echo(unit, out) >= SILENCE:
        unit["quiet"] = 0
    if mix == 0.0 and now[1, _WET] < 1e-5:
        unit["on"] = WIPING


@kernel
def _idle(unit, knobs):
    return knobs["delay_mix"] == 0.0 and unit["on"] == OFF


EFFECT = Effect("delay", DELAY, _prepare, _render, _idle, fade_and_wipe, _ring_floats)
