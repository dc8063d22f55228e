"""What is asked of the decode worker: the spectra of streams' latent positions, each with the frame it is to be heard at.

Real-time: no allocation, no locks, no I/O, no Python.
"""

from ...params.knobs import MAX_DIRECTIONS
from ..compile.atomics import call_count, load_acquire, store_release
from ..compile.jit import kernel
from ..constants import COUNTER, HARMONICS, REQUEST_RING
from . import part_positions

_HEAD, _TAIL = COUNTER["request_head"], COUNTER["request_tail"]


@kernel
def differs(knobs, stream):
    """Whether a stream's latent position is another than was last asked for."""
    if stream["source_number"] != knobs["patch"]["source_number"]:
        return True
    now, sent = stream["now"], stream["sent"]
    for i in range(knobs["patch"]["latent_size"]):
        if now["latent"][i] != sent["latent"][i]:
            return True
    n_parts = knobs["patch"]["morph"][0]["n"]
    if n_parts > 0 and part_positions.parts_differ(now, sent, n_parts):
        return True
    for i in range(4):
        if now["weights"][i] != sent["weights"][i]:
            return True
    for i in range(MAX_DIRECTIONS):
        if now["amounts"][i] != sent["amounts"][i]:
            return True
    for i in range(2):
        if now["follow"][i] != sent["follow"][i] or (now["follow"][i] != 0.0 and now["morph_path"][i] != sent["morph_path"][i]):
            return True
    return False


@kernel
def mark_asked(knobs, transport, stream, harmonics):
    """Note where a stream's position was when its spectrum was asked for, and of how many harmonics."""
    now, sent = stream["now"], stream["sent"]
    for i in range(knobs["patch"]["latent_size"]):
        sent["latent"][i] = now["latent"][i]
    for i in range(4):
        sent["weights"][i] = now["weights"][i]
    for i in range(MAX_DIRECTIONS):
        sent["amounts"][i] = now["amounts"][i]
    for i in range(2):
        sent["follow"][i], sent["morph_path"][i] = now["follow"][i], now["morph_path"][i]
    n_parts = knobs["patch"]["morph"][0]["n"]
    if n_parts > 0:
        part_positions.copy_parts(now, sent, n_parts)
    stream["source_number"], stream["asked"], stream["harmonics"] = knobs["patch"]["source_number"], transport["frame"], harmonics


@kernel
def request_decode(knobs, spectra, rings, transport, index, due, span):
    """Ask the worker for the spectrum of a stream's latent position, heard from frame `due`, its ramp `span` frames long; False if nothing
    moved or there is no room. Requests of a quantum are published together (`publish`)."""
    stream = spectra["streams"][index]
    if not differs(knobs, stream):
        return False
    head = rings["request_head"]
    if head - load_acquire(rings["counters"], _TAIL) >= REQUEST_RING:
        return False
    request = rings["requests"][head % REQUEST_RING]
    request["serial"], request["tick"], request["due"], request["span"] = head, transport["frame"], due, span
    request["source_number"], request["stream"], request["generation"] = knobs["patch"]["source_number"], index, stream["generation"]
    request["latent_position"] = stream["now"]
    mark_asked(knobs, transport, stream, HARMONICS)
    stream["in_block"], stream["ticks"], stream["calm"], stream["still"] = 0, 1, 0, 0
    rings["request_head"] = head + 1
    return True


@kernel
def publish_requests(rings):
    """Hand what was asked in this quantum to the worker and wake it."""
    if rings["request_head"] == load_acquire(rings["counters"], _HEAD):
        return
    store_release(rings["counters"], _HEAD, rings["request_head"])
    if rings["wake"] != 0:
        call_count(rings["wake"], rings["wake_argument"])  # sem_post: never blocks
