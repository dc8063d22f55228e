"""What each event does to the engine's state."""

from numba import carray

from ..events import Kind
from ..params import FIRST_LATENT, MAX_LATENTS, PARAM_INDEX, PARAMS
from . import control
from .atomics import address_of, load_acquire, store_release
from .controllers import controller
from .jit import kernel
from .state import COUNTER, PATCHES
from .voices import note_off, start

NOTE_ON, NOTE_OFF, BEND, CONTROL = int(Kind.NOTE_ON), int(Kind.NOTE_OFF), int(Kind.BEND), int(Kind.CONTROL)
PARAM, CORNER, PATCH = int(Kind.PARAM), int(Kind.CORNER), int(Kind.PATCH)
_PATCH_TAIL = COUNTER["loads_tail"]
_POSITION = PARAM_INDEX["osc.position"]
_N_PARAMS = len(PARAMS)


@kernel
def take_patch(s, slot):
    """The patch of a loaded slot becomes the one that is played; the slot is free again."""
    source = s["patches"][slot % PATCHES]
    target = s["patch"]
    changed = target["instrument"] != source["instrument"]
    target["serial"], target["instrument"], target["latent_size"] = source["serial"], source["instrument"], source["latent_size"]
    by_index = carray(address_of(target["params"]), (_N_PARAMS,))
    taken = carray(address_of(source["params"]), (_N_PARAMS,))
    for i in range(_N_PARAMS):
        by_index[i] = taken[i]
    s["home_position"] = source["params"]["osc_position"]
    for i in range(MAX_LATENTS):
        target["low"][i], target["high"][i] = source["low"][i], source["high"][i]
        for c in range(4):
            target["corners"][c, i] = source["corners"][c, i]
    control.set_targets(s)
    if changed:
        control.jump_to_point(s)
    store_release(s["counters"], _PATCH_TAIL, load_acquire(s["counters"], _PATCH_TAIL) + 1)


@kernel
def set_knob(s, index, value):
    """One parameter by its index in the declarations."""
    carray(address_of(s["patch"]["params"]), (_N_PARAMS,))[index] = value
    if index == _POSITION:
        s["home_position"] = value
    elif index < FIRST_LATENT:
        control.set_targets(s)


@kernel
def apply(s, event, frame):
    """What an event does, at a frame of this quantum."""
    kind, number, value, channel = event["kind"], event["number"], event["value"], event["channel"]
    if kind == NOTE_ON and value > 0.0:
        start(s, channel, number, min(value, 1.0), frame)
    elif kind == NOTE_OFF or kind == NOTE_ON:
        note_off(s, channel, number, frame)
    elif kind == BEND:
        s["channels"][channel]["bend"] = min(max(value, -1.0), 1.0)
    elif kind == CONTROL:
        controller(s, channel, number, value, frame)
    elif kind == PARAM:
        set_knob(s, number, value)
    elif kind == CORNER:
        s["patch"]["corners"][number // MAX_LATENTS, number % MAX_LATENTS] = value
    elif kind == PATCH:
        take_patch(s, number)
