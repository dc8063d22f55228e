"""Which lane each voice has: a place in a group of sixteen from its start to its end, one in unison two neighbours, left and right.

So a filter's state and the levels stay where they are used. A lane that nobody has holds zeros.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np

from ..compile.jit import kernel
from ..compile.simd import store as put
from ..constants import GROUPS, LANES, QUANTUM
from ..dsp import filter as svf
from ..dsp import filter_own, noise
from ..dsp.filter_rows import DRIVE, END_STATE, FIRST_STATE, N_ROWS, G, K
from ..timbre import spectrum_stream
from .records import N_MIXER_ROWS

_FREE = 0  # voices.FREE; voices imports this module
_DECLICK_S = 0.00015
# rows after the filter's own: where each value stands, and where it shall be at the end of the quantum
LEFT, TO_LEFT, RIGHT, TO_RIGHT, S1, S2, CUTOFF, TO_K, TO_DRIVE = range(N_ROWS, N_ROWS + N_MIXER_ROWS)


@kernel
def clear_lane(lanes, group, lane):
    """A lane that nobody has: silent, whatever was in it."""
    rows, noise_rows = lanes["rows"][group], lanes["noise_rows"][group]
    lanes["slot"][group, lane] = -1
    lanes["env_flat"][group, lane] = -1.0
    for i in range(QUANTUM):
        lanes["tracks"][group, lane, i] = 0.0
    for row in range(END_STATE):
        rows[row, lane] = 0.0
    for row in range(N_ROWS, N_ROWS + N_MIXER_ROWS):
        rows[row, lane] = 0.0
    for row in range(noise_rows.shape[0]):
        noise_rows[row, lane] = 0.0
    rows[G, lane] = -1.0  # no previous value: the first quantum starts at its own
    rows[K, lane] = rows[TO_K, lane] = rows[DRIVE, lane] = rows[TO_DRIVE, lane] = 1.0
    rows[CUTOFF, lane] = 10.0


@kernel
def reset_filters(lanes):
    """The filter comes into the path: every lane's begins at rest and at its own cut-off."""
    for group in range(GROUPS):
        rows = lanes["rows"][group]
        for row in range(FIRST_STATE, END_STATE):
            put(rows, row, 0.0)
        put(rows, G, -1.0)


@kernel
def begin_own_filters(lanes, shared):
    """Each lane gets a response of its own, and begins with the one that all of them had."""
    mix = shared["filter_mix"][0]
    for group in range(GROUPS):
        filter_own.begin(lanes["filter_rows"][group], lanes["rows"][group], mix)
        lanes["rungs"][group] = 1 if mix[svf.TAP2] != 0.0 or mix[svf.TAP4] != 0.0 else 0


@kernel
def place_voice(lanes, v, slot):
    """Give a starting voice the first lane that is free (an even one and its neighbour in unison)."""
    owner = lanes["slot"]
    wide = 1 if v["unison"] > 1 else 0
    for group in range(GROUPS):
        for lane in range(0, LANES, 1 + wide):
            if owner[group, lane] < 0 and owner[group, lane + wide] < 0:
                v["group"], v["lane"] = group, lane
                for i in range(1 + wide):
                    clear_lane(lanes, group, lane + i)
                    owner[group, lane + i] = slot
                    noise.set_seed(lanes["noise_seeds"][group], lane + i, v["seed"] + np.uint64(i))
                return


@kernel
def free_voice(lanes, spectra, rings, transport, v):
    """A voice's lanes and stream are free again."""
    for i in range(min(v["unison"], 2)):
        clear_lane(lanes, v["group"], v["lane"] + i)
    v["state"] = _FREE
    spectrum_stream.free_stream(spectra, rings, transport, v["stream"])
    v["stream"] = spectrum_stream.SHARED


@kernel
def prepare_lanes(lanes, transport):
    """What depends on the rate alone, before the first block."""
    lanes["log2_sr_hz"] = math.log2(transport["sr_hz"])
    lanes["declick"] = 1.0 - math.exp(-1.0 / (transport["sr_hz"] * _DECLICK_S))
    for group in range(GROUPS):
        for lane in range(LANES):
            clear_lane(lanes, group, lane)
