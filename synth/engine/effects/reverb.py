"""Reverb: predelay, four allpasses a side, sixteen delay lines fed back through a Hadamard matrix.

A feedback delay network (Jot & Chaigne 1991, 'Digital delay networks for designing artificial reverberators'): each line
loses what its length asks for, so that all fall by 60 dB in decay_s, and through a one-pole low-pass whose loss at
damping_hz is as large again. The lines swing slowly by a fraction of a millisecond. A new size or predelay is
cross-faded. Gains are under 1 and the matrix is orthogonal, so it is stable through every move.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np

from ...params.effects import LONGEST_PREDELAY_S
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
from .reverb_lines import DIFFUSERS, STREAMS, feed_back, read_lines, set_lines

_DRY, _WET, _SEND, _DECAY, _DAMPING, _WIDTH = range(6)
_PREDELAY, _FIRST_DIFFUSER = 0, 2  # rings
_SIZE_STEPS = 1000
_EARLY = np.float32(0.35)
_DIFFUSER_S, _LINE_S = 0.0135, 0.17  # the longest


def _rings(sr_hz: float) -> list[int]:
    """Lengths of the rings that lie in the field `ring`: predelays, diffusers, lines."""
    return ([ring_frames(LONGEST_PREDELAY_S, sr_hz)] * 2 + [ring_frames(_DIFFUSER_S, sr_hz)] * DIFFUSERS
            + [ring_frames(_LINE_S, sr_hz)] * STREAMS)


def _ring_floats(sr_hz: float) -> int:
    return sum(_rings(sr_hz))


REVERB = np.dtype([
    *UNIT, ("predelay", TAP), ("size", TAP), ("write", "i8"), ("phase", "f8"), ("cut_c", "f4"),
    ("cut", "f4", (2,)), ("frames", "i8"), ("base", "i8", (2 + DIFFUSERS + STREAMS,)), ("mask", "i8", (2 + DIFFUSERS + STREAMS,)),
    ("diffuse", "i8", (DIFFUSERS,)), ("lengths", "f8", (2, STREAMS)), ("swing", "f4", (STREAMS,)), ("swing_end", "f4", (STREAMS,)),
    ("diffusion", "f4", (2, DIFFUSERS)), ("gain", "f4", (2, STREAMS)), ("damp", "f4", (2, STREAMS)), ("z", "f4", (STREAMS,)),
    ("level", "f4", (2,)), ("settled", "i4"),
    ("input", "f4", (2, QUANTUM)), ("wet", "f4", (2, QUANTUM)), ("streams", "f4", (QUANTUM, STREAMS)), ("row", "f4", (2, STREAMS)),
    ("ring", "f4", (_ring_floats(HIGHEST_RATE_HZ),)),
], align=True)


def _prepare(unit, sr_hz: float) -> None:
    rings = _rings(sr_hz)
    unit["rate"] = smoothing(0.004, sr_hz)
    unit["predelay"]["fade_step"] = unit["size"]["fade_step"] = fade_step(sr_hz)
    unit["mask"] = np.array(rings) - 1
    unit["base"] = np.cumsum([0, *rings[:-1]])
    unit["frames"] = sum(rings)
    left, right = (4.771, 3.595, 12.73, 9.307), (4.313, 3.931, 11.91, 9.973)  # ms, near Dattorro's (1997)
    unit["diffuse"] = np.round(np.array(left + right) * sr_hz / 1000)
    unit["cut_c"] = 1 - math.exp(-2 * math.pi * 12.0 / sr_hz)


@kernel
def _predelay(unit, out):
    """What enters the room: the sound, its DC taken out, later. Into unit["input"]."""
    now, step, ring, tap, c = unit["now"], unit["step"], unit["ring"], unit["predelay"], unit["cut_c"]
    fading, d_weight = tap["now"] != tap["next"], (tap["to_weight"] - tap["from_weight"]) / np.float32(QUANTUM)
    for side in range(2):
        base, mask, write = unit["base"][_PREDELAY + side], unit["mask"][_PREDELAY + side], unit["write"]
        cut, send, d_send, weight = unit["cut"][side], np.float32(now[0, _SEND]), step[_SEND], tap["from_weight"]
        for i in range(QUANTUM):
            send += d_send
            weight += d_weight
            x = send * out[side, i]
            cut += c * (x - cut)
            ring[base + (write & mask)] = x - cut
            y = ring[base + ((write - tap["now"]) & mask)]
            if fading:
                y += weight * (ring[base + ((write - tap["next"]) & mask)] - y)
            unit["input"][side, i] = y
            write += 1
        unit["cut"][side] = cut


@kernel
def _diffuse(unit):
    """Four allpasses a side, in place on unit["input"]; each is longer than a quantum."""
    ring, write = unit["ring"], unit["write"]
    for n in range(DIFFUSERS):
        base, mask, delay = unit["base"][_FIRST_DIFFUSER + n], unit["mask"][_FIRST_DIFFUSER + n], unit["diffuse"][n]
        x = unit["input"][n // (DIFFUSERS // 2)]
        g = unit["diffusion"][0, n]
        step = (unit["diffusion"][1, n] - g) / np.float32(QUANTUM)
        for i in range(QUANTUM):
            g += step
            old = ring[base + ((write + i - delay) & mask)]
            new = x[i] - g * old
            ring[base + ((write + i) & mask)] = new
            x[i] = old + g * new


@kernel
def _mix(unit, out):
    """Width, and wet and dry into float32[2, QUANTUM]. Answers the wet sound's peak."""
    now, step, wet, early = unit["now"], unit["step"], unit["wet"], unit["input"]
    dry, gain, width, level = np.float32(now[0, _DRY]), np.float32(now[0, _WET]), np.float32(now[0, _WIDTH]), unit["level"][0]
    d_dry, d_gain, d_width, d_level = step[_DRY], step[_WET], step[_WIDTH], (unit["level"][1] - unit["level"][0]) / np.float32(QUANTUM)
    peak, half = np.float32(0.0), np.float32(0.5)
    for i in range(QUANTUM):
        dry, gain, width, level = dry + d_dry, gain + d_gain, width + d_width, level + d_level
        left = level * wet[0, i] + _EARLY * early[0, i]
        right = level * wet[1, i] + _EARLY * early[1, i]
        middle, side = half * (left + right), half * width * (left - right)
        peak = max(peak, max(abs(wet[0, i]), abs(wet[1, i])))
        out[0, i] = dry * out[0, i] + gain * (middle + side)
        out[1, i] = dry * out[1, i] + gain * (middle - side)
    return peak


@kernel
def _room(unit, out, sr_hz, fresh):
    """One quantum. Answers the peak of the lines' sound."""
    unit["phase"] += QUANTUM * 0.01 / sr_hz
    unit["phase"] -= math.floor(unit["phase"])
    now = unit["now"]
    moved = now[0, _DECAY] != now[1, _DECAY] or now[0, _DAMPING] != now[1, _DAMPING] or unit["size"]["fade"] > 0.0
    set_lines(unit, math.exp(now[1, _DECAY]), math.exp(now[1, _DAMPING]), sr_hz, fresh, moved)
    _predelay(unit, out)
    _diffuse(unit)
    read_lines(unit)
    feed_back(unit)
    unit["write"] += QUANTUM
    return _mix(unit, out)


@kernel
def _render(unit, knobs, out, context):
    """After a mix of 0 the room fades in about a second; asleep when nothing sounds in it."""
    if unit["on"] == WIPING:
        wipe(unit, unit["frames"])
        return
    mix, sr_hz, fresh = knobs["reverb_mix"], context["sr_hz"], unit["on"] == OFF
    if fresh:
        if mix == 0.0:
            return
        unit["on"], unit["quiet"], unit["write"] = RUNNING, 0, 0
        unit["cut"][0] = unit["cut"][1] = 0.0
        for i in range(unit["z"].shape[0]):
            unit["z"][i] = 0.0
    if unit["panic"]:
        mix = np.float32(0.0)
    now, target, rate = unit["now"], unit["target"], unit["rate"]
    target[_DECAY], target[_DAMPING] = math.log(knobs["reverb_decay_s"]), math.log(knobs["reverb_damping_hz"])
    target[_WIDTH] = knobs["reverb_width"]
    if fresh:
        target[_DRY], target[_WET], target[_SEND] = 1.0, 0.0, 0.0
        approach(now, target, rate, unit["step"], fresh)
    target[_DRY], target[_WET], target[_SEND] = dry_gain(mix), wet_gain(mix), 1.0 if mix > 0.0 else 0.0
    rate[_WET] = rate[_DRY] if mix > 0.0 or unit["panic"] else rate[_DRY] * TAIL
    approach(now, target, rate, unit["step"], context["at_once"] != 0)
    move_tap(unit["predelay"], int(math.floor(knobs["reverb_predelay_s"] * sr_hz + 0.5)), fresh)
    move_tap(unit["size"], int(math.floor(knobs["reverb_size"] * _SIZE_STEPS + 0.5)), fresh)
    if peak_of(out) >= SILENCE:
        unit["quiet"] = 0
    if unit["quiet"] > unit["mask"][_PREDELAY] + 2 * unit["mask"][_FIRST_DIFFUSER + DIFFUSERS]:
        if mix == 0.0:
            unit["on"] = WIPING
        return
    unit["quiet"] += QUANTUM
    if _room(unit, out, sr_hz, fresh) >= SILENCE:
        unit["quiet"] = 0
    if mix == 0.0 and now[1, _WET] < 1e-5:
        unit["on"] = WIPING


@kernel
def _idle(unit, knobs):
    return knobs["reverb_mix"] == 0.0 and unit["on"] == OFF


EFFECT = Effect("reverb", REVERB, _prepare, _render, _idle, fade_and_wipe, _ring_floats)
