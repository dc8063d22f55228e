"""What Python asks of the engine before its first block: each kernel takes the state by its address (see `state.state_at`)."""

from numba import carray

from .compile.atomics import cycle_count
from .compile.jit import kernel
from .notes import dispatch
from .notes import prefetch as ahead
from .state import state_at
from .timbre import decode_requests, latent_position
from .voice import lane_allocation, update


@kernel
def take_patch(s, serial):
    """A patch that was written is taken at once, every knob at its value, no ramp."""
    dispatch.take_patch(s["shared"], s["polyphony"], s["knobs"], s["control_map"], s["latent"], s["spectra"], s["rings"],
                        s["transport"], serial)
    update.snap_controls(s["shared"], s["knobs"], s["midi"])
    latent_position.jump_latents(s["knobs"], s["latent"], s["spectra"], s["transport"])


@kernel
def begin(address, serial):
    """`take_patch` by the state's address."""
    take_patch(carray(state_at(address), (1,))[0], serial)


@kernel
def take_rate(s):
    """What follows from the rate that the state holds."""
    lane_allocation.prepare_lanes(s["lanes"], s["transport"])


@kernel
def set_rate(address):
    """`take_rate` by the state's address."""
    take_rate(carray(state_at(address), (1,))[0])


@kernel
def ask_ahead(s):
    """Ask for the points of notes that are posted already."""
    ahead.note_arrivals(s["rings"], s["transport"])
    ahead.prefetch_notes(s["polyphony"], s["knobs"], s["midi"], s["latent"], s["spectra"], s["rings"], s["transport"])
    decode_requests.publish_requests(s["rings"])


@kernel
def prefetch(address):
    """`ask_ahead` by the state's address."""
    ask_ahead(carray(state_at(address), (1,))[0])


@kernel
def cycle_counter():
    """The processor's time-stamp counter where there is one, else 0: what `cycles_spent` of a snapshot counts in."""
    return cycle_count()
