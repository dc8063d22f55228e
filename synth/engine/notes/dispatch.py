"""What each event does to the engine's state."""

import math

from numba import carray

from ...events import Kind
from ...params.knobs import FIRST_LATENT, FIRST_SLOT, MAX_LATENTS, PARAM_INDEX, PARAMS
from ..compile.atomics import address_of, load_acquire, store_release
from ..compile.jit import kernel
from ..journal import append_row
from ..modulation import envelope_settings, filter_morph, matrix, midi_channels, smoothed_knobs
from ..state import COUNTER, PATCHES
from ..timbre import latent_position
from . import tempo
from .controllers import apply_controller
from .note_logic import press_key, release_key

NOTE_ON, NOTE_OFF, BEND, CONTROL = int(Kind.NOTE_ON), int(Kind.NOTE_OFF), int(Kind.BEND), int(Kind.CONTROL)
PARAM, CORNER, PATCH = int(Kind.PARAM), int(Kind.CORNER), int(Kind.PATCH)
TICK, TEMPO = int(Kind.TICK), int(Kind.TEMPO)
PRESSURE, KEY_PRESSURE = int(Kind.PRESSURE), int(Kind.KEY_PRESSURE)
_PATCH_TAIL = COUNTER["loads_tail"]
_POSITION = PARAM_INDEX["osc.position"]
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
    s["home_position"] = source["params"]["osc_position"]
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
    if index >= FIRST_LATENT:
        s["patch"]["params"]["latent"][index - FIRST_LATENT] = value
        return
    smoothed_knobs.turn_knob(s, index, value)
    if index == _POSITION:
        s["home_position"] = value
    elif index >= FIRST_SLOT:
        smoothed_knobs.restore_played(s)
        matrix.compile_slots(s)
    else:
        envelope_settings.set_shared_envelopes(s)
        filter_morph.aim_filter(s)


@kernel
def apply_event(s, event, frame):
    """What an event does, at a frame of this quantum. One that is out of range does nothing, or what its low bits say."""
    kind, number, value, channel = event["kind"], event["number"], event["value"], event["channel"] & 15
    if not math.isfinite(value):
        return
    if kind <= KEY_PRESSURE:
        number = number & 127
    if kind == NOTE_ON and value > 0.0:
        press_key(s, channel, number, min(value, 1.0), frame)
    elif kind == NOTE_OFF or kind == NOTE_ON:
        midi_channels.key_up(s, channel, number, value)
        release_key(s, channel, number, frame)
    elif kind == BEND:
        s["channels"][channel]["bend"] = min(max(value, -1.0), 1.0)
    elif kind == CONTROL:
        apply_controller(s, channel, number, value, frame)
    elif kind == PRESSURE:
        s["channels"][channel]["pressure"] = min(max(value, 0.0), 127.0)
    elif kind == KEY_PRESSURE:
        midi_channels.key_pressure(s, channel, number, value)
    elif kind == PARAM and 0 <= number < _N_PARAMS:
        set_knob(s, number, value)
    elif kind == CORNER and 0 <= number < 4 * MAX_LATENTS:
        s["patch"]["corners"][number // MAX_LATENTS, number % MAX_LATENTS] = value
        s["edited"] = s["frame"]
    elif kind == PATCH:
        take_patch(s, number)
    elif TICK <= kind <= TEMPO:
        tempo.take_clock_event(s, kind, value, event["frame"])


@kernel
def apply_events(s):
    """Every event of this quantum, in order, and told."""
    for i in range(s["n_pending"]):
        event = s["pending"][i]
        apply_event(s, event, event["frame"] - s["frame"])
        append_row(s, event["kind"], event["frame"], event["channel"], event["number"], event["value"])
