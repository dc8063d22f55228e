"""Latent positions: where each stream heads, how it moves there, and when a decode is asked for.

A stream's latent position is the morph of the corners at the position, plus offsets (of latents, on the map) and modulation, clipped to
the model's ranges; named directions travel beside it and are applied by the worker, and so is the morph path that is followed in place of
the straight line (`osc.follow`; see timbres/morph_path.py). Latent positions move on the tick grid.

A morph path is known by a number: that of the corners it was found for, which a patch brings, and edited corners once they have rested.
A latent position goes from one morph path to the next smoothly, as it does from corner to corner.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np

from ...params.knobs import FIRST_LATENT, MAX_DIRECTIONS, PARAM_INDEX
from ..compile.jit import kernel
from ..constants import HARMONICS, MORPH_PATHS, QUANTUM, TICK, TICK_DECODES
from ..dsp.smoothing import TIMES_S
from . import block_decode, block_decoders, decode_requests, part_positions, spectrum_stream

SMOOTHING_S = TIMES_S["hand"]
_EDITED_S = 0.03  # smoothing from the morph path of corners as they were to that of edited ones
_REST_S, _FINDING_S = 0.3, 1.2  # from an edit of a corner to its new morph path's announcement, and from there to when it is followed
_X, _Y, _FOLLOW, _DIRECTION, _MAP_X, _MAP_Y = (
    PARAM_INDEX[name] for name in ("osc.position", "osc.position_y", "osc.follow", "direction.1", "map.x", "map.y"))


@kernel
def aim_latent(knobs, latent, modulated):
    """Where the knobs (with modulation laid over) and, if `modulated`, the matrix's sums put the position: into latent["target"]."""
    if knobs["patch"]["morph"][0]["n"] > 0:
        part_positions.aim_parts(knobs, latent, modulated)
        return
    patch, target, knob, m = knobs["patch"], latent["target"], knobs["value"], knobs["matrix"]
    x, y = knob[_X], knob[_Y]
    one = np.float32(1.0)
    w = target["weights"]
    w[0], w[1], w[2], w[3] = (one - x) * (one - y), x * (one - y), (one - x) * y, x * y
    corners, low, high, to = patch["corners"], patch["low"], patch["high"], target["latent"]
    size = patch["latent_size"]
    for i in range(size):
        to[i] = w[0] * corners[0, i] + w[1] * corners[1, i] + w[2] * corners[2, i] + w[3] * corners[3, i] + patch["params"]["latent"][i]
    if knob[_MAP_X] != 0.0 or knob[_MAP_Y] != 0.0:
        for i in range(size):
            to[i] += knob[_MAP_X] * patch["map"][0, i] + knob[_MAP_Y] * patch["map"][1, i]
    if modulated:
        for j in range(m["n_targets"]):
            i = m["target"][j] - FIRST_LATENT
            if 0 <= i < size:
                to[i] += m["sum"][j] * (high[i] - low[i])
    for i in range(size):
        to[i] = min(max(to[i], low[i]), high[i])
    for i in range(MAX_DIRECTIONS):
        target["amounts"][i] = knob[_DIRECTION + i]
    target["follow"][1], target["morph_path"][1] = knob[_FOLLOW], latent["morph_path"]


@kernel
def announce_morph_path(knobs, latent):
    """The corners as they now are get a morph path of their own; the worker may look for it. Which one is followed does not change."""
    latent["newest_morph_path"] += 1
    noted, corners = latent["morph_paths"][latent["newest_morph_path"] % MORPH_PATHS], knobs["patch"]["corners"]
    for c in range(4):
        for i in range(knobs["patch"]["latent_size"]):
            noted[c, i] = corners[c, i]
    latent["edited"] = -1


@kernel
def _renew_morph_path(knobs, latent, transport):
    """A morph path for edited corners, when they have rested; it is followed when there was time to find it."""
    if latent["edited"] >= 0 and transport["frame"] - latent["edited"] >= _REST_S * transport["sr_hz"]:
        announce_morph_path(knobs, latent)
        latent["morph_path_due"] = transport["frame"] + np.int64(_FINDING_S * transport["sr_hz"])
    if latent["morph_path"] != latent["newest_morph_path"] and transport["frame"] >= latent["morph_path_due"]:
        latent["morph_path"], latent["morph_path_s"] = latent["newest_morph_path"], _EDITED_S


@kernel
def _approach(now, target, c, near):
    moved = now + c * (target - now)
    return target if abs(target - moved) < near else moved


@kernel
def move_latent(knobs, latent, spectra, transport, index, at_once):
    """A stream's position goes towards latent["target"], or is there at once."""
    patch, target, now = knobs["patch"], latent["target"], spectra["streams"][index]["now"]
    c = np.float32(1.0) if at_once else np.float32(1.0 - math.exp(-TICK / (transport["sr_hz"] * SMOOTHING_S)))
    for i in range(patch["latent_size"]):
        near = np.float32(1e-5) * (np.float32(1.0) + (patch["high"][i] - patch["low"][i]))
        now["latent"][i] = _approach(now["latent"][i], target["latent"][i], c, near)
    if patch["morph"][0]["n"] > 0:
        part_positions.move_parts(target, now, patch["morph"][0]["n"], c)
    for i in range(4):
        now["weights"][i] = _approach(now["weights"][i], target["weights"][i], c, np.float32(1e-5))
    for i in range(MAX_DIRECTIONS):
        now["amounts"][i] = _approach(now["amounts"][i], target["amounts"][i], c, np.float32(1e-5))
    follow, morph_path = now["follow"], now["morph_path"]
    if morph_path[1] != target["morph_path"][1]:  # what followed the present one follows the one before
        follow[0], morph_path[0] = follow[1], morph_path[1]
        follow[1], morph_path[1] = np.float32(0.0), target["morph_path"][1]
    if follow[0] != 0.0 and not at_once:
        c = np.float32(1.0 - math.exp(-TICK / (transport["sr_hz"] * latent["morph_path_s"])))
    follow[0] = _approach(follow[0], np.float32(0.0), c, np.float32(1e-5))
    follow[1] = _approach(follow[1], target["follow"][1], c, np.float32(1e-5))


@kernel
def update_shared_position(knobs, latent, spectra, rings, transport):
    """The shared stream's latent position on a tick, and its decode: of all harmonics, as a note of any pitch may start with it."""
    _renew_morph_path(knobs, latent, transport)
    aim_latent(knobs, latent, False)
    move_latent(knobs, latent, spectra, transport, spectrum_stream.SHARED, False)
    if not block_decode.list_decode(knobs, spectra, rings, transport, spectrum_stream.SHARED, HARMONICS):
        due = transport["frame"] + spectra["decode_latency"]
        decode_requests.request_decode(knobs, spectra, rings, transport, spectrum_stream.SHARED, due, TICK)


@kernel
def jump_latents(knobs, latent, spectra, transport):
    """Every stream's latent position where it is heading, at once (another instrument, or before the first sound)."""
    aim_latent(knobs, latent, False)
    for index in range(spectra["streams"].shape[0]):
        if index == spectrum_stream.SHARED or spectra["streams"][index]["state"] == spectrum_stream.USED:
            move_latent(knobs, latent, spectra, transport, index, True)


@kernel
def ticks_between_decodes(knobs, spectra, n_streams):
    """Ticks that go by between the decodes of one voice when n_streams of them move at once."""
    most = 2 * TICK_DECODES if block_decoders.decodes_in_block(knobs) and spectra["block_products"] > 0 else TICK_DECODES
    return max((n_streams + most - 1) // most, 1)


@kernel
def is_decode_turn(transport, index, every):
    """Whether a voice's stream may ask at this tick."""
    return (transport["frame"] // TICK + index) % every == 0


@kernel
def update_own_position(knobs, latent, spectra, rings, transport, index, every, harmonics):
    """A voice's own stream on a tick: its latent position moves; if it is its turn, it is decoded here, or the worker is asked."""
    move_latent(knobs, latent, spectra, transport, index, spectra["streams"][index]["asked"] < 0)
    if not is_decode_turn(transport, index, every):
        return
    if not block_decode.list_decode(knobs, spectra, rings, transport, index, harmonics):
        due = transport["frame"] + spectra["decode_latency"]
        decode_requests.request_decode(knobs, spectra, rings, transport, index, due, TICK * every)


@kernel
def request_expected_position(knobs, latent, spectra, rings, transport, index, frame):
    """The point of a note to come, asked for in time for the quantum that holds `frame`."""
    move_latent(knobs, latent, spectra, transport, index, True)
    decode_requests.request_decode(knobs, spectra, rings, transport, index, frame // QUANTUM * QUANTUM, TICK)
