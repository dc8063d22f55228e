"""The sixteen delay lines of the reverb: lengths, losses, reading, and the matrix that feeds them back.

Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np

from ..compile.jit import kernel
from .parts import QUANTUM, sine

STREAMS, DIFFUSERS = 16, 8
_FIRST_LINE = 2 + DIFFUSERS  # ring
_LONGEST_S, _RATIO = 0.166, 6.4  # lengths lie evenly in their logarithm
_SWING_S = 0.00025
_TURNS = np.array([31, 67, 37, 71, 41, 73, 43, 29, 47, 23, 53, 59, 61, 19, 17, 79])
_LEFT = np.array([1, 1, 1, 1, -1, -1, -1, -1, 1, 1, 1, 1, -1, -1, -1, -1], np.float32)
_RIGHT = np.array([1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1, 1], np.float32)
_IN = np.array([1, 1, -1, 1, 1, -1, -1, -1, 1, 1, 1, -1, -1, 1, 1, -1], np.float32) * np.float32(8**-0.5)
_LOUD = 3.0


@kernel
def length_frames(stream, size_steps, sr_hz):
    """Whole frames of a line; size_steps: 0..1000."""
    scale = 0.35 + 0.65 * size_steps / 1000.0
    return math.floor(scale * _LONGEST_S * _RATIO ** (stream / (STREAMS - 1.0) - 1.0) * sr_hz)


@kernel
def loss(frames, decay_s, damping_hz, sr_hz):
    """(gain, low-pass coefficient) of a line: -60 dB in decay_s, twice as fast at damping_hz."""
    gain = 10.0 ** (-3.0 * frames / (sr_hz * decay_s))
    turn = math.cos(2.0 * math.pi * min(damping_hz, 0.49 * sr_hz) / sr_hz)
    q, a = 1.0 - gain * gain, 1.0 - gain * gain * turn
    return gain, 1.0 - q / (a + math.sqrt(max(a * a - q * q, 0.0)))


@kernel
def set_lines(unit, decay_s, damping_hz, sr_hz, fresh, moved):
    """Lengths, swings and losses at the start (row 0) and the end (row 1) of this quantum."""
    gain, damp, lengths, size, level = unit["gain"], unit["damp"], unit["lengths"], unit["size"], unit["level"]
    level[0] = level[1]
    for n in range(DIFFUSERS):
        unit["diffusion"][0, n] = unit["diffusion"][1, n]
    for stream in range(STREAMS):
        unit["swing"][stream] = unit["swing_end"][stream]
        unit["swing_end"][stream] = _SWING_S * sr_hz * (1.0 + sine(np.float32(unit["phase"] * _TURNS[stream])))
        gain[0, stream], damp[0, stream] = gain[1, stream], damp[1, stream]
    if fresh or moved or not unit["settled"]:
        mean, w = 0.0, size["to_weight"]
        for stream in range(STREAMS):
            lengths[0, stream], lengths[1, stream] = length_frames(stream, size["now"], sr_hz), length_frames(stream, size["next"], sr_hz)
            near, far = loss(lengths[0, stream], decay_s, damping_hz, sr_hz), loss(lengths[1, stream], decay_s, damping_hz, sr_hz)
            gain[1, stream], damp[1, stream] = near[0] + w * (far[0] - near[0]), near[1] + w * (far[1] - near[1])
            mean += (lengths[0, stream] + w * (lengths[1, stream] - lengths[0, stream])) / STREAMS
        level[1] = _LOUD * (1.0 - 10.0 ** (-6.0 * mean / (sr_hz * decay_s))) ** 0.3
        unit["settled"] = 0 if moved or fresh else 1
        for n in range(DIFFUSERS):
            longest = 10.0 ** (-3.0 * unit["diffuse"][n] / (0.4 * sr_hz * decay_s))  # they too must fall in time
            unit["diffusion"][1, n] = min(0.75 if n % (DIFFUSERS // 2) < 2 else 0.625, longest)
    if fresh:
        level[0] = level[1]
        for n in range(DIFFUSERS):
            unit["diffusion"][0, n] = unit["diffusion"][1, n]
        for stream in range(STREAMS):
            gain[0, stream], damp[0, stream], unit["swing"][stream] = gain[1, stream], damp[1, stream], unit["swing_end"][stream]


@kernel
def _read(ring, base, mask, write, delay, step, column, stream, weight, d_weight):
    """A swinging delay by third-order Lagrange; column[i, line] goes over from what it is to this sound by `weight`."""
    sixth, half, one, two = np.float32(1 / 6), np.float32(0.5), np.float32(1.0), np.float32(2.0)
    for i in range(QUANTUM):
        delay += step
        weight += d_weight
        whole = int(delay)
        f = delay - np.float32(whole)
        at = write + i - whole
        down, up, far = f - one, f + one, f - two
        y = (ring[base + ((at + 1) & mask)] * (-sixth * f * down * far) + ring[base + (at & mask)] * (half * up * down * far)
             - ring[base + ((at - 1) & mask)] * (half * up * f * far) + ring[base + ((at - 2) & mask)] * (sixth * up * f * down))
        column[i, stream] += weight * (y - column[i, stream])


@kernel
def read_lines(unit):
    """What comes out of every line in this quantum (each is longer than that), into unit["lines"]."""
    size = unit["size"]
    weight, d_weight = size["from_weight"], (size["to_weight"] - size["from_weight"]) / np.float32(QUANTUM)
    fading = size["now"] != size["next"]
    for stream in range(STREAMS):
        base, mask = unit["base"][_FIRST_LINE + stream], unit["mask"][_FIRST_LINE + stream]
        start, end = unit["swing"][stream], unit["swing_end"][stream]
        for row in range(2 if fading else 1):
            delay, step = np.float32(unit["lengths"][row, stream]) + start, (end - start) / np.float32(QUANTUM)
            _read(unit["ring"], base, mask, unit["write"], delay, step, unit["streams"], stream,
                  weight if row else np.float32(1.0), d_weight if row else np.float32(0.0))


@kernel
def feed_back(unit):
    """Losses, the sound of both sides into unit["wet"], the matrix, and back into the lines with unit["input"].

    The matrix is Sylvester's, made of four stages of sums and differences; each deals its results out anew, so all are alike.
    """
    x, z, wet, ring, base, mask = unit["streams"], unit["z"], unit["wet"], unit["ring"], unit["base"], unit["mask"][_FIRST_LINE]
    gain, damp, row, write = unit["gain"], unit["damp"], unit["row"], unit["write"]
    step, quarter = np.float32(1.0 / QUANTUM), np.float32(0.25)
    for i in range(QUANTUM):
        part, left, right = np.float32(i + 1) * step, np.float32(0.0), np.float32(0.0)
        for n in range(STREAMS):
            z[n] += (damp[0, n] + part * (damp[1, n] - damp[0, n])) * (x[i, n] - z[n])
            y = z[n] * (gain[0, n] + part * (gain[1, n] - gain[0, n]))
            row[0, n] = y
            left += _LEFT[n] * y
            right += _RIGHT[n] * y
        wet[0, i], wet[1, i] = quarter * left, quarter * right
        for stage in range(4):
            a, b = stage % 2, 1 - stage % 2
            for n in range(STREAMS // 2):
                row[b, 2 * n], row[b, 2 * n + 1] = row[a, n] + row[a, n + STREAMS // 2], row[a, n] - row[a, n + STREAMS // 2]
        at = (write + i) & mask
        for n in range(STREAMS):
            ring[base[_FIRST_LINE + n] + at] = quarter * row[0, n] + _IN[n] * unit["input"][n % 2, i]
