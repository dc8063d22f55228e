"""Chorus and flanger: up to four voices a side on swinging delays, with feedback.

The delays swing as sines (not steps) and are read through sixteen taps, 256 phases and a line between.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np

from ..compile.jit import kernel
from .parts import SILENCE, approach, dry_gain, peak_of, sine, wet_gain, wipe
from .state import CHORUS_VOICES, OFF, QUANTUM, READ_PHASES, READ_TAPS, RUNNING, WIPING

_MIX, _RATE, _DELAY, _DEPTH, _FEEDBACK, _WIDTH, _SEND, _SHARE, _VOICE = range(9)
_APART = 0.375  # cycles between left and right at full width: two sides never swing together, whatever the voices
_LEAST = 10.0  # frames: half the taps, and the loop


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
def render_chorus(unit, mix, rate_hz, delay_s, depth, feedback, voices, width, out, sr_hz, snap):
    """float32[2, QUANTUM] in place. Off when the mix has come to 0, asleep when nothing sounds in it."""
    if unit["on"] == WIPING:
        wipe(unit, 2 * (unit["length"] + READ_TAPS))
        return
    fresh = unit["on"] == OFF
    if fresh:
        if mix == 0.0:
            return
        unit["on"], unit["quiet"], unit["phase"], unit["write"] = RUNNING, 0, 0.0, 0
    if unit["panic"]:
        mix = np.float32(0.0)
    now, target, rate = unit["now"], unit["target"], unit["rate"]
    target[_RATE], target[_DELAY], target[_DEPTH], target[_FEEDBACK], target[_WIDTH] = rate_hz, delay_s, depth, feedback, width
    target[_SHARE] = 1.0 / voices
    for voice in range(CHORUS_VOICES):
        target[_VOICE + voice] = 1.0 if voice < voices else 0.0
    if fresh:
        rate[_DELAY] = rate[_DEPTH] = rate[_WIDTH] = 0.2 * rate[_MIX]
        target[_MIX] = target[_SEND] = 0.0
        approach(now, target, rate, unit["step"], fresh)
    target[_MIX], target[_SEND] = mix, 1.0
    approach(now, target, rate, unit["step"], snap)
    if peak_of(out) >= SILENCE:
        unit["quiet"] = 0
    if unit["quiet"] > unit["length"]:
        if mix == 0.0:
            unit["on"] = WIPING
        return
    unit["quiet"] += QUANTUM
    _swing(unit, sr_hz)
    if _voices(unit, out) >= SILENCE:
        unit["quiet"] = 0
    if mix == 0.0 and now[0, _MIX] == 0.0 and now[1, _MIX] == 0.0:
        unit["on"] = WIPING
