"""Latent positions in a morph of presets: each part's own, side by side, with how much of each part is heard.

The latents of all parts lie in one row (`morph["first"]` says where each part's begin), each moved by its own knobs and slots, as they
would be in its preset. What is sent to the worker is that row, the parts' knobs (position, following, directions) and the parts' weights;
how points or spectra are mixed is the source's affair (timbres/morph_source.py).
Real-time: no allocation, no locks, no I/O, no Python.
"""

import numpy as np

from ...params.knobs import FIRST_LATENT, MAX_LATENTS, PARAM_INDEX, PARAMS
from ..compile.jit import kernel
from ..constants import N_PART_KNOBS, PART_KNOB, PART_KNOBS, PART_LATENT, PLUGIN_TARGET
from ..dsp.morph_place import place_weights

_X, _Y = PARAM_INDEX["morph.x"], PARAM_INDEX["morph.y"]
_INDEX = np.array([PARAM_INDEX[name] for name in PART_KNOBS])
_LOW = np.array([PARAMS[name].low for name in PART_KNOBS], np.float32)  # all of them are linear
_WIDTH = np.array([PARAMS[name].high - PARAMS[name].low for name in PART_KNOBS], np.float32)
_POSITION_X, _POSITION_Y = PART_KNOBS.index("osc.position"), PART_KNOBS.index("osc.position_y")
_MAP_X, _MAP_Y = PART_KNOBS.index("map.x"), PART_KNOBS.index("map.y")


@kernel
def _sum_knobs(knobs, latent, morph):
    """What the matrix adds to each part's knobs: its own slots to its own, the morph's slots to every part's."""
    m, sums, moved = knobs["matrix"], latent["sums"], latent["moved"]
    for p in range(morph["n"]):
        for k in range(N_PART_KNOBS):
            sums[p, k], moved[p, k] = 0.0, 0
    for j in range(m["n_targets"]):
        target = m["target"][j]
        if PART_KNOB <= target < PLUGIN_TARGET:
            p, k = (target - PART_KNOB) // N_PART_KNOBS, (target - PART_KNOB) % N_PART_KNOBS
            sums[p, k] += m["sum"][j]
            moved[p, k] = 1
        elif target < FIRST_LATENT:
            for k in range(N_PART_KNOBS):
                if target == _INDEX[k]:
                    for p in range(morph["n"]):
                        sums[p, k] += m["sum"][j]
                        moved[p, k] = 1


@kernel
def _move_latents(knobs, morph, to):
    """The matrix's sums added to the row of latents: a part's slots move its own, the morph's the latent of that number in each part."""
    m, low, high = knobs["matrix"], knobs["patch"]["low"], knobs["patch"]["high"]
    for j in range(m["n_targets"]):
        target = m["target"][j]
        if PART_LATENT <= target < PART_KNOB:
            i = target - PART_LATENT
            to[i] += m["sum"][j] * (high[i] - low[i])
        elif FIRST_LATENT <= target < FIRST_LATENT + MAX_LATENTS:
            for p in range(morph["n"]):
                i = morph["first"][p] + target - FIRST_LATENT
                if i < morph["first"][p + 1]:
                    to[i] += m["sum"][j] * (high[i] - low[i])


@kernel
def aim_parts(knobs, latent, modulated):
    """Where the knobs and, if `modulated`, the matrix's sums put each part's position: into latent["target"]."""
    patch, target, morph, one = knobs["patch"], latent["target"], knobs["patch"]["morph"][0], np.float32(1.0)
    if morph["stack"]:
        for p in range(morph["n"]):
            target["parts"][p] = morph["now"][p]
    else:
        place_weights(morph, knobs["value"][_X], knobs["value"][_Y], target["parts"])
    if modulated:
        _sum_knobs(knobs, latent, morph)
    corners, to, own = patch["corners"], target["latent"], patch["params"]["latent"]
    for p in range(morph["n"]):
        held = target["part_knobs"][p]
        for k in range(N_PART_KNOBS):
            i = _INDEX[k]
            held[k] = morph["params"][p, i]
            if modulated and latent["moved"][p, k]:
                unit = min(max(morph["unit"][p, i] + latent["sums"][p, k], np.float32(0.0)), one)
                held[k] = _LOW[k] + _WIDTH[k] * unit
        x, y, first = held[_POSITION_X], held[_POSITION_Y], morph["first"][p]
        a, b, c, d = (one - x) * (one - y), x * (one - y), (one - x) * y, x * y
        for i in range(first, morph["first"][p + 1]):
            to[i] = (a * corners[0, i] + b * corners[1, i] + c * corners[2, i] + d * corners[3, i]
                     + (morph["offset"][i] + own[i - first]))
        if held[_MAP_X] != 0.0 or held[_MAP_Y] != 0.0:
            for i in range(first, morph["first"][p + 1]):
                to[i] += held[_MAP_X] * patch["map"][0, i] + held[_MAP_Y] * patch["map"][1, i]
    if modulated:
        _move_latents(knobs, morph, to)
    for i in range(patch["latent_size"]):
        to[i] = min(max(to[i], patch["low"][i]), patch["high"][i])


@kernel
def move_parts(target, now, n, c):
    """The parts' weights and knobs go a share c of the way to their targets."""
    for p in range(n):
        now["parts"][p] = _approach(now["parts"][p], target["parts"][p], c)
        for k in range(N_PART_KNOBS):
            now["part_knobs"][p, k] = _approach(now["part_knobs"][p, k], target["part_knobs"][p, k], c)


@kernel
def _approach(now, target, c):
    moved = now + c * (target - now)
    return target if abs(target - moved) < np.float32(1e-5) else moved


@kernel
def parts_differ(now, sent, n):
    """Whether parts' weights or knobs are others than were last asked for."""
    for p in range(n):
        if now["parts"][p] != sent["parts"][p]:
            return True
        for k in range(N_PART_KNOBS):
            if now["part_knobs"][p, k] != sent["part_knobs"][p, k]:
                return True
    return False


@kernel
def copy_parts(source, target, n):
    """Weights and knobs of n parts of a position."""
    for p in range(n):
        target["parts"][p] = source["parts"][p]
        for k in range(N_PART_KNOBS):
            target["part_knobs"][p, k] = source["part_knobs"][p, k]
