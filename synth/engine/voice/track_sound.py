"""What a voice's tracks make of its sound: their level on the oscillator, noise in 24 bands, and the recording's attack.

The noise of a band lies ready as a long loop at unit RMS; each voice reads it from a place of its own.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import numpy as np
from numba import carray

from ..compile.atomics import floats_at
from ..compile.jit import kernel
from ..constants import QUANTUM
from ..timbre.track_clock import tracks_of, zones_of
from ..timbre.track_records import NOISE_BANDS

_SLOPE = np.float32(1.0 / QUANTUM)


@kernel
def _add_noise(tracks, track, frame, out):
    """Noise of this quantum, added to float32[32]; its levels go a step on. All bands of a quantum lie side by side: one miss, not 24."""
    n = tracks["noise_frames"] // QUANTUM
    bands = carray(floats_at(tracks["noise"]), (n, NOISE_BANDS, QUANTUM))[(frame // QUANTUM + track["noise_at"]) & (n - 1)]
    for b in range(NOISE_BANDS):
        gain, step = track["noise"][b], track["noise_step"][b]
        after = max(gain + step, np.float32(0.0))
        if gain > 0.0 or after > 0.0:
            slope = (after - gain) * _SLOPE
            for i in range(QUANTUM):
                out[i] += (gain + slope * np.float32(i)) * bands[b, i]
        track["noise"][b] = after


@kernel
def _add_attack(zone, gain, begun, first, out):
    """The recording's attack from frame `begun` of it on, added to float32[32]."""
    attack = carray(floats_at(zone["attack"]), (zone["n_attack"],))
    for i in range(min(QUANTUM - first, zone["n_attack"] - begun)):
        out[first + i] += gain * attack[begun + i]


@kernel
def shape_lanes(lanes, transport, v):
    """A voice's lane, or its two, with what its tracks make of it. Its age is already that of the quantum's end."""
    track, first = v["track"], v["first"]
    start, slope = track["gain"][0], (track["gain"][1] - track["gain"][0]) * _SLOPE
    moves = start != 1.0 or slope != 0.0
    if not moves and track["n"] == 0:
        return
    begun = v["age"] - (QUANTUM - first)
    out = lanes["frames"]
    for i in range(QUANTUM):
        out[i] = np.float32(0.0)
    if track["n"] > 0:
        tracks = tracks_of(track["address"])
        zone = zones_of(tracks)[track["zone"][0]]
        if track["noisy"]:
            _add_noise(tracks, track, transport["frame"], out)  # what lies before `first` is not used
        if track["attack_gain"] > 0.0 and begun < zone["n_attack"] and zone["n_attack"] > 0:
            _add_attack(zone, track["attack_gain"], begun, first, out)
    for lane in range(v["lane"], v["lane"] + min(v["unison"], 2)):
        row = lanes["tracks"][v["group"], lane]
        for i in range(first, QUANTUM):
            row[i] = row[i] * (start + slope * np.float32(i + 1)) + out[i]
