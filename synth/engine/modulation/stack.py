"""A stack of presets: parts that sound together, each where its keys and velocities say, transposed, levelled and panned.

A note starts a voice in every part that hears it. A voice of a part is to the engine a voice of a morph that stands wholly at that part
(`morph_mix.py`), for as long as it sounds. What is one for all (effects, bend ranges, macros) is part A's.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np
from numba import carray

from ...params.knobs import FIRST_LATENT, PARAM_INDEX
from ..compile.atomics import address_of
from ..compile.jit import kernel
from .smoothed_knobs import width_of

GAIN, MODE, PRIORITY, COUNT, GLIDE, GLIDE_MODE = (PARAM_INDEX[name] for name in (
    "master.gain_db", "voice.mode", "voice.priority", "voice.count", "glide.time_s", "glide.mode"))


@kernel
def n_stacked(knobs):
    """Parts that notes start voices in; 1 for a sound that is no stack."""
    morph = knobs["patch"]["morph"][0]
    return morph["n"] if morph["n"] > 0 and morph["stack"] else 1


@kernel
def hears(knobs, part, note, velocity):
    """Whether a part plays a note of a velocity 0..1. Any sound that is no stack does."""
    morph = knobs["patch"]["morph"][0]
    if morph["n"] == 0 or not morph["stack"]:
        return True
    if not morph["low_key"][part] <= note <= morph["high_key"][part]:
        return False
    value = max(math.floor(velocity * 127.0 + 0.5), 1)
    return morph["low_velocity"][part] <= value <= morph["high_velocity"][part]


@kernel
def knob_of(knobs, part, i):
    """Knob i, in its unit, as a part of a stack has it, where there is one for all notes of that part."""
    morph = knobs["patch"]["morph"][0]
    if morph["n"] > 0 and morph["stack"]:
        return morph["params"][part, i]
    return carray(address_of(knobs["played"]), (FIRST_LATENT,))[i]


@kernel
def key_pitch(knobs, part, note):
    """Semitones (MIDI note scale) of a key in a part's tuning, transposed; NaN for a key that is silent."""
    morph, retuned = knobs["patch"]["morph"][0], knobs["retuned"] != 0
    if morph["n"] == 0 or not morph["stack"]:
        return knobs["key_pitches"][note] if retuned else knobs["patch"]["tuning"][note]
    other = note + morph["transpose"][part]
    if 0 <= other < 128:
        return knobs["key_pitches"][other] if retuned else morph["tuning"][part, other]
    return (knobs["key_pitches"][note] if retuned else morph["tuning"][part, note]) + morph["transpose"][part]


@kernel
def place_part(morph, v):
    """A voice of a stack is wholly its part's, at that part's level."""
    for p in range(v["morph"].shape[0]):
        v["morph"][p] = np.float32(1.0) if p == v["part"] else np.float32(0.0)
    part = v["part"]
    v["morph_gain_db"] = morph["level_db"][part] + morph["params"][part, GAIN] - morph["params"][0, GAIN]
    if morph["left"][1, GAIN] > 0.0:  # a hand set it for all; each goes on from its own
        v["morph_gain_db"] += morph["left"][1, GAIN] * (morph["away"][part, GAIN] - morph["away"][0, GAIN]) * width_of(GAIN)
