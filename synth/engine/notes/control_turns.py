"""What a control of the map does to the state: it turns a knob as a hand would, and the journal tells.

Real-time: no allocation, no locks, no I/O, no Python.
"""

import numpy as np
from numba import carray

from ...events import Kind
from ...params.knobs import FIRST_LATENT, FIRST_SLOT, PARAM_INDEX
from ..compile.atomics import address_of, load_acquire, store_release
from ..compile.jit import kernel
from ..constants import COUNTER
from ..journal import append_row
from ..modulation import envelope_settings, filter_morph, held_knobs, matrix, smoothed_knobs
from ..modulation.control_table import (
    ACTION,
    ANY,
    CHANNEL_BRIGHTNESS,
    LATENT,
    N_PARAMS,
    NOWHERE,
    PLUGIN,
    RELATIVE_SIGNED,
    RELATIVE_TWOS,
)
from . import control_rows

_POSITION = PARAM_INDEX["osc.position"]
_MOVED, _ACTION, _PLUGIN_AT, _PLUGIN_STEPS = int(Kind.MOVED), int(Kind.ACTION), int(Kind.PLUGIN_AT), int(Kind.PLUGIN_STEPS)
_MAP_TAIL = COUNTER["maps_tail"]


@kernel
def turn_target(shared, polyphony, knobs, transport, index, value):
    """Parameter `index` of the declarations goes to a value in its unit."""
    if index >= FIRST_LATENT:
        knobs["patch"]["params"]["latent"][index - FIRST_LATENT] = value
        return
    smoothed_knobs.turn_knob(knobs, index, value)
    if knobs["patch"]["morph"][0]["n"] > 0:
        held_knobs.hold_knob(knobs, index, value)
    if index >= FIRST_SLOT:
        smoothed_knobs.restore_played(knobs)
        matrix.compile_slots(knobs)
    elif index != _POSITION:
        envelope_settings.set_shared_envelopes(polyphony, knobs, transport)
        filter_morph.aim_filter(shared, knobs)


@kernel
def _turn_knob(control_map, shared, polyphony, knobs, rings, transport, r, u, raw, steps, channel, frame):
    """A row's parameter follows its control; where it stood is remembered as its home.

    Six records, because what is made from a knob is made anew and the journal is told.
    """
    index, span = r["target"], np.float32(0.0)
    if r["what"] == LATENT:
        i = index - FIRST_LATENT
        if i >= knobs["patch"]["latent_size"]:
            return
        span = knobs["patch"]["high"][i] - knobs["patch"]["low"][i]
    params = carray(address_of(knobs["patch"]["params"]), (N_PARAMS,))
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
    if not control_map["turned"][index]:
        control_map["home"][index], control_map["turned"][index] = params[index], 1
    turn_target(shared, polyphony, knobs, transport, index, value)
    r["placed"], r["holds"], r["at"] = params[index], 1, position
    append_row(rings, _MOVED, transport["frame"] + frame, channel, index, value)


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
def _tell_plugin(rings, r, at, u, raw, steps, channel, frame):
    """A plug-in's parameter is turned by the session, which knows where it stands; here its row and control are told."""
    if steps == 0 and (r["mode"] == RELATIVE_TWOS or r["mode"] == RELATIVE_SIGNED):
        steps = control_rows.steps_of(r["mode"], raw)
        append_row(rings, _PLUGIN_STEPS, frame, channel, at, np.float64(steps))
    elif steps != 0:
        append_row(rings, _PLUGIN_STEPS, frame, channel, at, np.float64(steps))
    else:
        append_row(rings, _PLUGIN_AT, frame, channel, at, u)


@kernel
def move_by_row(control_map, shared, polyphony, knobs, midi, rings, transport, at, u, raw, steps, channel, frame):
    """Row `at` hears its control come to u, 0..1 (plain value raw, 0..127), or go so many steps if that is not 0.

    Answers the action that it asks for, else -1. Seven records, because a row may move a knob or a channel (see `_turn_knob`).
    """
    r = control_map["controls"]["rows"][at]
    if r["target"] == NOWHERE:
        return -1
    if r["what"] == ACTION:
        if steps != 0 or not control_rows.is_pressed(r, u):
            return -1
        append_row(rings, _ACTION, transport["frame"] + frame, channel, r["target"], u)
        return r["target"]
    if r["what"] == PLUGIN:
        _tell_plugin(rings, r, at, u, raw, steps, channel, transport["frame"] + frame)
        return -1
    if r["what"] != CHANNEL_BRIGHTNESS:
        _turn_knob(control_map, shared, polyphony, knobs, rings, transport, r, u, raw, steps, channel, frame)
    elif steps == 0:
        _turn_brightness(midi["channels"][channel], r, u, raw)
    return -1


@kernel
def turn_home(control_map, shared, polyphony, knobs, rings, transport, channel, frame):
    """CC121: what the channel's controls have turned is as the patch, or a hand, had it. Six records, because it turns knobs."""
    controls = control_map["controls"]
    for i in range(controls["n"]):
        r = controls["rows"][i]
        index = r["target"]
        if r["what"] > LATENT or index == NOWHERE or not r["resets"] or (r["channel"] != ANY and r["channel"] != channel):
            continue
        if control_map["turned"][index]:
            value = np.float64(control_map["home"][index])
            turn_target(shared, polyphony, knobs, transport, index, value)
            control_map["turned"][index] = 0
            append_row(rings, _MOVED, transport["frame"] + frame, channel, index, value)


@kernel
def settle_homes(control_map):
    """Another patch: what it brings is home."""
    for i in range(N_PARAMS):
        control_map["turned"][i] = 0


@kernel
def take_controls(control_map, rings, slot):
    """The map of a loaded slot becomes the one that is heard; its rows begin anew. The slot is free again."""
    source, target = rings["maps"][slot % rings["maps"].shape[0]], control_map["controls"]
    for i in range(source["n"]):
        target["rows"][i] = source["rows"][i]
    target["n"] = source["n"]
    store_release(rings["counters"], _MAP_TAIL, load_acquire(rings["counters"], _MAP_TAIL) + 1)
