"""What a voice's tracks make of its sound: their level on the oscillator, noise in 24 bands, and the recording's attack.

The noise of a band lies ready as a long loop at unit RMS; each voice reads it from a place of its own.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import numpy as np
from numba import carray

from ..compile.atomics import floats_at, shorts_at
from ..compile.jit import kernel
from ..compile.simd_math import load_at, load_shorts_at, multiply_add, store_at
from ..constants import LANES, QUANTUM
from ..timbre.track_clock import tracks_of, zones_of
from ..timbre.track_records import NOISE_BANDS, NOISE_UNIT

_SLOPE, _UNIT = np.float32(1.0 / QUANTUM), np.float32(1.0 / NOISE_UNIT)
_WAY = np.arange(QUANTUM, dtype=np.float32) / np.float32(QUANTUM)  # through a quantum


@kernel
def _lay_noise(tracks, track, frame, out):
    """Noise of this quantum into float32[32]; its levels go a step on. All bands of a quantum lie side by side: one miss, not 24."""
    n = tracks["noise_frames"] // QUANTUM
    laid = carray(shorts_at(tracks["noise"]), (n * NOISE_BANDS * QUANTUM,))
    at = ((frame // QUANTUM + track["noise_at"]) & (n - 1)) * (NOISE_BANDS * QUANTUM)
    low = high = low_step = high_step = load_at(_WAY, 0) * np.float32(0.0)
    for i in range(track["n_bands"]):
        b = track["bands"][i]
        gain, step = track["noise"][b], track["noise_step"][b]
        first, second = load_shorts_at(laid, at + b * QUANTUM), load_shorts_at(laid, at + b * QUANTUM + LANES)
        low, high = multiply_add(gain, first, low), multiply_add(gain, second, high)
        low_step, high_step = multiply_add(step, first, low_step), multiply_add(step, second, high_step)
        track["noise"][b] = max(gain + step, np.float32(0.0))
    store_at(out, 0, multiply_add(low_step, load_at(_WAY, 0), low) * _UNIT)
    store_at(out, LANES, multiply_add(high_step, load_at(_WAY, LANES), high) * _UNIT)


@kernel
def _add_attack(zone, gain, begun, first, out):
    """The recording's attack from frame `begun` of it on, added to float32[32]."""
    attack = carray(floats_at(zone["attack"]), (zone["n_attack"],))
    for i in range(min(QUANTUM - first, zone["n_attack"] - begun)):
        out[first + i] += gain * attack[begun + i]


@kernel
def shape_lanes(lanes, transport, v):
    """A voice's lane, or its two, with what its tracks make of it. Its age is already that of the quantum's end."""
    track, first, out = v["track"], v["first"], lanes["frames"]
    start, slope = track["gain"][0], (track["gain"][1] - track["gain"][0]) * _SLOPE
    moves = start != 1.0 or slope != 0.0
    if not moves and track["n"] == 0:
        return
    begun = v["age"] - (QUANTUM - first)
    for i in range(0, QUANTUM, LANES):
        store_at(out, i, np.float32(0.0))
    if track["n"] > 0:
        tracks = tracks_of(track["address"])
        zone = zones_of(tracks)[track["zone"][0]]
        if track["n_bands"] > 0:
            _lay_noise(tracks, track, transport["frame"], out)  # what lies before `first` is not used
        if track["attack_gain"] > 0.0 and begun < zone["n_attack"]:
            _add_attack(zone, track["attack_gain"], begun, first, out)
    for lane in range(v["lane"], v["lane"] + min(v["unison"], 2)):
        row = lanes["tracks"][v["group"], lane]
        if first == 0:
            for i in range(0, QUANTUM, LANES):
                gain = load_at(_WAY, i) * (slope * np.float32(QUANTUM)) + (start + slope)
                store_at(row, i, multiply_add(gain, load_at(row, i), load_at(out, i)))
        else:
            for i in range(first, QUANTUM):
                row[i] = row[i] * (start + slope * np.float32(i + 1)) + out[i]
