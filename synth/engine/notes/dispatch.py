"""What each event does to the engine's state."""

import math

from numba import carray

from ...events import Kind
from ...params.knobs import MAX_LATENTS, PARAMS
from ..compile.atomics import address_of, load_acquire, store_release
from ..compile.jit import kernel
from ..journal import append_row
from ..modulation import envelope_settings, filter_morph, matrix, midi_channels, smoothed_knobs
from ..state import COUNTER, PATCHES
from ..timbre import latent_position
from . import control_rows, control_turns, tempo
from .control_table import BEND as BEND_ROW
from .control_table import JUMP, NOTE, PICKUP, PROGRAM
from .control_table import PRESSURE as PRESSURE_ROW
from .controllers import apply_controller, hear_row
from .note_logic import press_key, release_key

NOTE_ON, NOTE_OFF, BEND, CONTROL = int(Kind.NOTE_ON), int(Kind.NOTE_OFF), int(Kind.BEND), int(Kind.CONTROL)
PARAM, CORNER, PATCH, CONTROLS = int(Kind.PARAM), int(Kind.CORNER), int(Kind.PATCH), int(Kind.CONTROLS)
PROGRAM_CHANGE = int(Kind.PROGRAM)
TICK, TEMPO = int(Kind.TICK), int(Kind.TEMPO)
PRESSURE, KEY_PRESSURE = int(Kind.PRESSURE), int(Kind.KEY_PRESSURE)
_PATCH_TAIL, _MAP_TAIL = COUNTER["loads_tail"], COUNTER["maps_tail"]
_N_PARAMS = len(PARAMS)


@kernel
def take_patch(s, slot):
    """The patch of a loaded slot becomes the one that is played; the slot is free again."""
    source = s["patches"][slot % PATCHES]
    target = s["patch"]
    changed = target["source_number"] != source["source_number"]
    target["serial"], target["source_number"], target["latent_size"] = source["serial"], source["source_number"], source["latent_size"]
    by_index = carray(address_of(target["params"]), (_N_PARAMS,))
    taken = carray(address_of(source["params"]), (_N_PARAMS,))
    for i in range(_N_PARAMS):
        by_index[i] = taken[i]
    control_turns.settle_homes(s)
    for i in range(128):
        target["tuning"][i] = source["tuning"][i]
    for i in range(MAX_LATENTS):
        target["low"][i], target["high"][i] = source["low"][i], source["high"][i]
        for c in range(4):
            target["corners"][c, i] = source["corners"][c, i]
    latent_position.announce_morph_path(s)
    s["morph_path"], s["morph_path_due"], s["morph_path_s"] = s["newest_morph_path"], s["frame"], latent_position.SMOOTHING_S
    smoothed_knobs.turn_all_knobs(s)
    derive_settings(s)
    if changed:
        latent_position.jump_latents(s)
    store_release(s["counters"], _PATCH_TAIL, load_acquire(s["counters"], _PATCH_TAIL) + 1)


@kernel
def derive_settings(s):
    """What is made from several knobs is made anew: the matrix, envelope times, the filter's response."""
    matrix.compile_slots(s)
    envelope_settings.set_shared_envelopes(s)
    filter_morph.aim_filter(s)


@kernel
def set_knob(s, index, value):
    """One parameter by its index in the declarations."""
    control_turns.turn_target(s, index, value)
    s["turned"][index] = 0  # where a hand leaves it is its home


@kernel
def _hear(s, source, number, channel, device, u, frame):
    """What is no controller may be a control too. Answers whether a row of the map took it."""
    at = control_rows.find_row(s["controls"], source, number, channel, device)
    if at < 0 or (midi_channels.is_member(s, channel) and (source == BEND_ROW or source == PRESSURE_ROW)):
        return False  # a member's bend and pressure speak for its note alone
    if control_rows.is_button(s["controls"]["rows"][at]):  # pressed however softly, or by any number; bent upwards
        if source == NOTE or source == PROGRAM:
            u = 1.0
        elif source == BEND_ROW:
            u = 2.0 * u - 1.0
    hear_row(s, at, u, 127.0 * u, 0, channel, frame)
    return True


@kernel
def _hear_key_up(s, number, channel, device, frame):
    """A key that is a button is let go; one that jumps stays where its velocity put its target."""
    at = control_rows.find_row(s["controls"], NOTE, number, channel, device)
    if at >= 0:
        mode = s["controls"]["rows"][at]["mode"]
        if mode != JUMP and mode != PICKUP:
            hear_row(s, at, 0.0, 0.0, 0, channel, frame)


@kernel
def apply_event(s, event, frame):
    """What an event does, at a frame of this quantum. One that is out of range does nothing, or what its low bits say."""
    kind, number, value, channel = event["kind"], event["number"], event["value"], event["channel"] & 15
    device = event["channel"] >> 4
    if not math.isfinite(value):
        return
    if kind <= KEY_PRESSURE:
        number = number & 127
    if kind == NOTE_ON and value > 0.0:
        if not _hear(s, NOTE, number, channel, device, min(value, 1.0), frame):  # a key that is a control plays no note
            press_key(s, channel, number, min(value, 1.0), frame)
    elif kind == NOTE_OFF or kind == NOTE_ON:
        midi_channels.key_up(s, channel, number, value)
        release_key(s, channel, number, frame)
        _hear_key_up(s, number, channel, device, frame)
    elif kind == BEND:
        s["channels"][channel]["bend"] = min(max(value, -1.0), 1.0)
        _hear(s, BEND_ROW, 0, channel, device, 0.5 + 0.5 * min(max(value, -1.0), 1.0), frame)
    elif kind == CONTROL:
        apply_controller(s, channel, device, number, value, frame)
    elif kind == PRESSURE:
        s["channels"][channel]["pressure"] = min(max(value, 0.0), 127.0)
        _hear(s, PRESSURE_ROW, 0, channel, device, min(max(value, 0.0), 127.0) / 127.0, frame)
    elif kind == KEY_PRESSURE:
        midi_channels.key_pressure(s, channel, number, value)
    elif kind == PARAM and 0 <= number < _N_PARAMS:
        set_knob(s, number, value)
    elif kind == CORNER and 0 <= number < 4 * MAX_LATENTS:
        s["patch"]["corners"][number // MAX_LATENTS, number % MAX_LATENTS] = value
        s["edited"] = s["frame"]
    elif kind == PATCH:
        take_patch(s, number)
    elif kind == CONTROLS:
        control_turns.take_controls(s, number)
        store_release(s["counters"], _MAP_TAIL, load_acquire(s["counters"], _MAP_TAIL) + 1)
    elif kind == PROGRAM_CHANGE:  # the value tells who is not to pick a preset that a row took it
        event["value"] = 1.0 if _hear(s, PROGRAM, 0, channel, device, (number & 127) / 127.0, frame) else 0.0
    elif TICK <= kind <= TEMPO:
        tempo.take_clock_event(s, kind, value, event["frame"])


@kernel
def apply_events(s):
    """Every event of this quantum, in order, and told."""
    for i in range(s["n_pending"]):
        event = s["pending"][i]
        apply_event(s, event, event["frame"] - s["frame"])
        append_row(s, event["kind"], event["frame"], event["channel"], event["number"], event["value"])
