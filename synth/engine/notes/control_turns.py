"""What a control of the map does to the state: it turns a knob as a hand would, and the journal tells.

Real-time: no allocation, no locks, no I/O, no Python.
"""

import numpy as np
from numba import carray

from ...events import Kind
from ...params.knobs import FIRST_LATENT, FIRST_SLOT, PARAM_INDEX
from ..compile.atomics import address_of
from ..compile.jit import kernel
from ..journal import append_row
from ..modulation import envelope_settings, filter_morph, matrix, smoothed_knobs
from . import control_rows
from .control_table import ACTION, ANY, CHANNEL_BRIGHTNESS, LATENT, N_PARAMS, NOWHERE

_POSITION = PARAM_INDEX["osc.position"]
_MOVED, _ACTION = int(Kind.MOVED), int(Kind.ACTION)


@kernel
def turn_target(s, index, value):
    """Parameter `index` of the declarations goes to a value in its unit."""
    if index >= FIRST_LATENT:
        s["patch"]["params"]["latent"][index - FIRST_LATENT] = value
        return
    smoothed_knobs.turn_knob(s, index, value)
    if index >= FIRST_SLOT:
        smoothed_knobs.restore_played(s)
        matrix.compile_slots(s)
    elif index != _POSITION:
        envelope_settings.set_shared_envelopes(s)
        filter_morph.aim_filter(s)


@kernel
def _turn_knob(s, r, u, raw, steps, channel, frame):
    """A row's parameter follows its control; where it stood is remembered as its home."""
    index, span = r["target"], np.float32(0.0)
    if r["what"] == LATENT:
        i = index - FIRST_LATENT
        if i >= s["patch"]["latent_size"]:
            return
        span = s["patch"]["high"][i] - s["patch"]["low"][i]
    params = carray(address_of(s["patch"]["params"]), (N_PARAMS,))
    if params[index] != r["placed"]:
        r["holds"] = 0
    present = control_rows.position_of(r, np.float64(params[index]), np.float64(span))
    moves, position = True, 0.0
    if steps != 0:
        position = control_rows.step_position(r, steps, present)
    else:
        moves, position = control_rows.place(r, u, raw, present)
    if not moves:
        return
    value = control_rows.value_at(r, position, np.float64(span))
    if not s["turned"][index]:
        s["home"][index], s["turned"][index] = params[index], 1
    turn_target(s, index, value)
    r["placed"], r["holds"], r["at"] = params[index], 1, position
    append_row(s, _MOVED, s["frame"] + frame, channel, index, value)


@kernel
def _turn_brightness(ch, r, u, raw):
    """A channel's notes are brighter or darker; no knob, so nothing is told."""
    if ch["brightness"] != r["placed"]:
        r["holds"] = 0
    moves, position = control_rows.place(r, u, raw, control_rows.position_of(r, np.float64(ch["brightness"]), 0.0))
    if moves and ch["master"] < 0:
        ch["brightness"] = control_rows.value_at(r, position, 0.0)
        r["placed"], r["holds"], r["at"] = ch["brightness"], 1, position


@kernel
def move_by_row(s, at, u, raw, steps, channel, frame):
    """Row `at` hears its control come to u, 0..1 (plain value raw, 0..127), or go so many steps if that is not 0.

    Answers the action that it asks for, else -1.
    """
    r = s["controls"]["rows"][at]
    if r["target"] == NOWHERE:
        return -1
    if r["what"] == ACTION:
        if steps != 0 or not control_rows.is_pressed(r, u):
            return -1
        append_row(s, _ACTION, s["frame"] + frame, channel, r["target"], u)
        return r["target"]
    if r["what"] != CHANNEL_BRIGHTNESS:
        _turn_knob(s, r, u, raw, steps, channel, frame)
    elif steps == 0:
        _turn_brightness(s["channels"][channel], r, u, raw)
    return -1


@kernel
def turn_home(s, channel, frame):
    """CC121: what the channel's controls have turned is as the patch, or a hand, had it."""
    controls = s["controls"]
    for i in range(controls["n"]):
        r = controls["rows"][i]
        index = r["target"]
        if r["what"] > LATENT or index == NOWHERE or not r["resets"] or (r["channel"] != ANY and r["channel"] != channel):
            continue
        if s["turned"][index]:
            value = np.float64(s["home"][index])
            turn_target(s, index, value)
            s["turned"][index] = 0
            append_row(s, _MOVED, s["frame"] + frame, channel, index, value)


@kernel
def settle_homes(s):
    """Another patch: what it brings is home."""
    for i in range(N_PARAMS):
        s["turned"][i] = 0


@kernel
def take_controls(s, slot):
    """The map of a loaded slot becomes the one that is heard; its rows begin anew."""
    source, target = s["control_tables"][slot % s["control_tables"].shape[0]], s["controls"]
    for i in range(source["n"]):
        target["rows"][i] = source["rows"][i]
    target["n"] = source["n"]
