"""Chorus and flanger: up to four voices a side on swinging delays, with feedback.

The delays swing as sines (not steps) and are read through sixteen taps, 256 phases and a line between.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np

from ..compile.jit import kernel
from .effect import Effect
from .parts import (
    HIGHEST_RATE_HZ,
    OFF,
    QUANTUM,
    RUNNING,
    SILENCE,
    UNIT,
    WIPING,
    approach,
    dry_gain,
    fade_and_wipe,
    peak_of,
    ring_frames,
    sine,
    smoothing,
    wet_gain,
    wipe,
)

CHORUS_VOICES = 4
READ_TAPS, READ_PHASES = 16, 256
_LONGEST_S = 0.061  # a swing to twice the longest delay, and the taps
_MIX, _RATE, _DELAY, _DEPTH, _FEEDBACK, _WIDTH, _SEND, _SHARE, _VOICE = range(9)
_APART = 0.375  # cycles between left and right at full width: two sides never swing together, whatever the voices
_LEAST = 10.0  # frames: half the taps, and the loop


def _ring_floats(sr_hz: float) -> int:
    return 2 * (ring_frames(_LONGEST_S, sr_hz) + READ_TAPS)


CHORUS = np.dtype([
    *UNIT, ("phase", "f8"), ("write", "i8"), ("length", "i8"), ("taps", "f4", (READ_PHASES + 1, READ_TAPS)),
    ("swing", "f4", (2, CHORUS_VOICES, QUANTUM)), ("ring", "f4", (_ring_floats(HIGHEST_RATE_HZ),)),
], align=True)


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


def _prepare(unit, sr_hz: float) -> None:
    unit["rate"] = smoothing(0.004, sr_hz)
    unit["length"] = ring_frames(_LONGEST_S, sr_hz)
    unit["taps"] = _between()


@kernel
def _swing(unit, sr_hz):
    """Delay in frames of every voice, side and frame, into unit["swing"]; the phase moves on."""
    now, step, swing, phase = unit["now"], unit["step"], unit["swing"], unit["phase"]
    rate = 0.5 * (now[0, _RATE] + now[1, _RATE]) / sr_hz
    middle, middle_step = np.float32(now[0, _DELAY] * sr_hz), np.float32((now[1, _DELAY] - now[0, _DELAY]) * sr_hz / QUANTUM)
    depth, depth_step = np.float32(now[0, _DEPTH]), step[_DEPTH]
    width, width_step = np.float32(_APART * now[0, _WIDTH]), np.float32(_APART) * step[_WIDTH]
    start, turn_step, least = np.float32(phase), np.float32(rate), np.float32(_LEAST)
    for side in range(2):
        for voice in range(CHORUS_VOICES):
            at = start + np.float32(0.5 * (voice % 2) + 0.25 * (voice // 2))
            row = swing[side, voice]
            for i in range(QUANTUM):
                n = np.float32(i + 1)
                m = max(middle + n * middle_step, least)
                turn = at + n * turn_step + np.float32(side) * (width + n * width_step)
                row[i] = m + (m - least) * (depth + n * depth_step) * sine(turn)
    phase += rate * QUANTUM
    unit["phase"] = phase - math.floor(phase)


@kernel
def _read(ring, base, mask, write, delay, taps):
    """The sound `delay` frames ago; ring[base:] has READ_TAPS more frames behind its end, a copy of its first."""
    whole = int(delay)
    place = (delay - np.float32(whole)) * np.float32(READ_PHASES)
    row = int(place)
    part = place - np.float32(row)
    start = base + ((write - whole - READ_TAPS // 2) & mask)
    total = np.float32(0.0)
    for j in range(READ_TAPS):
        tap = taps[row, j] + part * (taps[row + 1, j] - taps[row, j])
        total += ring[start + j] * tap
    return total


@kernel
def _voices(unit, out):
    """Write the input and its feedback, read the voices, mix into float32[2, QUANTUM] in place. Answers the voices' peak."""
    now, step, ring, taps, mask = unit["now"], unit["step"], unit["ring"], unit["taps"], unit["length"] - 1
    dry0, dry1 = dry_gain(now[0, _MIX]), dry_gain(now[1, _MIX])
    wet0, wet1 = wet_gain(now[0, _MIX]) * math.sqrt(now[0, _SHARE]), wet_gain(now[1, _MIX]) * math.sqrt(now[1, _SHARE])
    dry, dry_step = np.float32(dry0), np.float32((dry1 - dry0) / QUANTUM)
    wet, wet_step = np.float32(wet0), np.float32((wet1 - wet0) / QUANTUM)
    feedback, feedback_step = np.float32(now[0, _FEEDBACK]), step[_FEEDBACK]
    send = np.float32(now[0, _SEND])
    share, share_step = np.float32(now[0, _SHARE]), step[_SHARE]
    peak = np.float32(0.0)
    for side in range(2):
        base, write = side * (unit["length"] + READ_TAPS), unit["write"]
        for i in range(QUANTUM):
            n = np.float32(i + 1)
            total = np.float32(0.0)
            for voice in range(CHORUS_VOICES):
                gain = np.float32(now[0, _VOICE + voice]) + n * step[_VOICE + voice]
                if gain != np.float32(0.0):
                    total += gain * _read(ring, base, mask, write, unit["swing"][side, voice, i], taps)
            peak = max(peak, abs(total))
            at = write & mask
            value = (send + n * step[_SEND]) * out[side, i] + (feedback + n * feedback_step) * (share + n * share_step) * total
            ring[base + at] = value
            if at < READ_TAPS:
                ring[base + mask + 1 + at] = value
            write += 1
            out[side, i] = (dry + n * dry_step) * out[side, i] + (wet + n * wet_step) * total
    unit["write"] += QUANTUM
    return peak


@kernel
def _render(unit, knobs, out, context):
    """Off when the mix has come to 0, asleep when nothing sounds in it."""
    if unit["on"] == WIPING:
        wipe(unit, 2 * (unit["length"] + READ_TAPS))
        return
    mix, voices, fresh = knobs["chorus_mix"], np.float64(knobs["chorus_voices"]), unit["on"] == OFF
    if fresh:
        if mix == 0.0:
            return
        unit["on"], unit["quiet"], unit["phase"], unit["write"] = RUNNING, 0, 0.0, 0
    if unit["panic"]:
        mix = np.float32(0.0)
    now, target, rate = unit["now"], unit["target"], unit["rate"]
    target[_RATE], target[_DELAY], target[_DEPTH] = knobs["chorus_rate_hz"], knobs["chorus_delay_s"], knobs["chorus_depth"]
    target[_FEEDBACK], target[_WIDTH] = knobs["chorus_feedback"], knobs["chorus_width"]
    target[_SHARE] = 1.0 / voices
    for voice in range(CHORUS_VOICES):
        target[_VOICE + voice] = min(max(voices - voice, 0.0), 1.0)  # a part of one in a morph of presets
    if fresh:
        rate[_DELAY] = rate[_DEPTH] = rate[_WIDTH] = 0.2 * rate[_MIX]
        target[_MIX] = target[_SEND] = 0.0
        approach(now, target, rate, unit["step"], fresh)
    target[_MIX], target[_SEND] = mix, 1.0
    approach(now, target, rate, unit["step"], context["at_once"] != 0)
    if peak_of(out) >= SILENCE:
        unit["quiet"] = 0
    if unit["quiet"] > unit["length"]:
        if mix == 0.0:
            unit["on"] = WIPING
        return
    unit["quiet"] += QUANTUM
    _swing(unit, context["sr_hz"])
    if _voices(unit, out) >= SILENCE:
        unit["quiet"] = 0
    if mix == 0.0 and now[0, _MIX] == 0.0 and now[1, _MIX] == 0.0:
        unit["on"] = WIPING


@kernel
def _idle(unit, knobs):
    return knobs["chorus_mix"] == 0.0 and unit["on"] == OFF


EFFECT = Effect("chorus", CHORUS, _prepare, _render, _idle, fade_and_wipe, _ring_floats)
