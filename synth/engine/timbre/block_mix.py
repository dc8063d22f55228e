"""Between several decoders on the audio thread: levels of harmonics meet in the log domain; the phases are those that all of them share.

As `timbres/morph_source.py` mixes for the worker. Real-time: no allocation, no locks, no I/O, no Python.
"""

import numpy as np

from ..compile.jit import kernel
from ..compile.simd import select, sqrt
from ..compile.simd_math import exp2, load_at, log2, multiply_add, store_at
from ..constants import LANES

FLOOR_POWER = 1e-10  # added to every harmonic's power before its logarithm, and taken off what is heard: -100 dB
_FLOOR, _ZERO = np.float32(FLOOR_POWER), np.float32(0.0)
_ONE, _HALF, _QUARTER = np.float32(1.0), np.float32(0.5), np.float32(0.25)
_S = tuple(np.float32(factor) for factor in (6.283185160086937, -41.34165503079822, 81.60100403325502, -76.5497813461921, 39.5366986609699))
_FLOOR_LOG2 = np.float32(np.log2(FLOOR_POWER))


@kernel
def begin_mix(logs, harmonics):
    """Nothing is in the mix yet. logs: float32[>= harmonics], to the end of a panel."""
    for panel in range((harmonics + LANES - 1) // LANES):
        store_at(logs, panel * np.int64(LANES), _ZERO)


@kernel
def add_to_mix(logs, harmonics, work, at, held, gain, weight):
    """A decoder's amplitudes at `at` of the workspace, `held` of them to the end of a panel, times a gain, by a weight into the mix."""
    lanes, own = np.int64(LANES), (held + LANES - 1) // LANES
    for panel in range((harmonics + LANES - 1) // LANES):
        if panel < own:
            level = load_at(work, at + panel * lanes) * gain
            store_at(logs, panel * lanes, multiply_add(weight, log2(level * level + _FLOOR), load_at(logs, panel * lanes)))
        else:
            store_at(logs, panel * lanes, load_at(logs, panel * lanes) + weight * _FLOOR_LOG2)


@kernel
def _sine(cycles):
    """sin(2 pi cycles) of every lane, for -0.5 to 0.75 cycles (coefficients of `fastmath.sine`)."""
    x = select(cycles, _HALF, cycles, cycles - _ONE)
    up, down = select(x, _QUARTER, x, _HALF - x), -_HALF - x
    x = select(-_QUARTER, x, up, down)
    y = x * x
    return x * (_S[0] + y * (_S[1] + y * (_S[2] + y * (_S[3] + y * _S[4]))))


@kernel
def add_turns(turns, harmonics, turn, weight):
    """How far a decoder's phases are off those of the mix, cycles, by a weight into `turns`: both by harmonic, from the 0th on."""
    for panel in range(harmonics // LANES + 1):
        at = panel * np.int64(LANES)
        store_at(turns, at, multiply_add(weight, load_at(turn, at), load_at(turns, at)))


@kernel
def turn_spectrum(re, im, harmonics, turns):
    """A spectrum's harmonics turned by as many cycles, both from the 0th on."""
    for panel in range(harmonics // LANES + 1):
        at = panel * np.int64(LANES)
        a, b = load_at(re, at), load_at(im, at)
        s, c = _sine(load_at(turns, at)), _sine(load_at(turns, at) + _QUARTER)
        store_at(re, at, a * c - b * s)
        store_at(im, at, a * s + b * c)


@kernel
def mix_rows(re, im, weights, power, level):
    """For the worker: spectra float32[sources, n, width] by weights float32[n, sources] -> their powers, and levels float32[n, width].

    width: a multiple of LANES. What has no weight is not looked at; a row's first number is no harmonic.
    """
    for i in range(level.shape[0]):
        for at in range(0, level.shape[1], LANES):
            at, found = np.int64(at), load_at(level[i], 0) * _ZERO
            for g in range(re.shape[0]):
                if weights[i, g] > 0.0:
                    a, b = load_at(re[g, i], at), load_at(im[g, i], at)
                    square = a * a + b * b
                    store_at(power[g, i], at, square)
                    found = multiply_add(weights[i, g], log2(square + _FLOOR), found)
            heard = exp2(found) - _FLOOR
            store_at(level[i], at, sqrt(select(heard, _ZERO, _ZERO, heard)))
        level[i, 0] = _ZERO


@kernel
def finish_mix(logs, harmonics):
    """The mix's logarithms -> amplitudes in their place."""
    lanes = np.int64(LANES)
    for panel in range((harmonics + LANES - 1) // LANES):
        power = exp2(load_at(logs, panel * lanes)) - _FLOOR
        store_at(logs, panel * lanes, sqrt(select(power, _ZERO, _ZERO, power)))
