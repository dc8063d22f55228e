"""Decodes on the audio thread, in the block that asks: their spectra are heard from the tick on that asked for them.

Which ones are decided by what is played alone, never by a clock, so that takes repeat to the sample: where the patch's model has a
decoder that the kernel knows, no morph path is followed, and the multiplications that a tick may spend (`block_products`) suffice, the
shared stream first, then voices in the order of their slots. The worker decodes what is past that, heard its fixed time later. A stream
that changes from one to the other forgets what was on its way to it.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import numpy as np
from numba import carray, from_dtype, types

from ..compile.atomics import floats_at, pointer_intrinsic
from ..compile.jit import kernel
from ..constants import HARMONICS, LANES
from ..dsp.directions import move_row
from ..dsp.loudness import LEAST_HARMONICS, level_row
from ..dsp.network import amplitudes_of, run_network
from ..dsp.network_steps import FIRST, KIND, LEVELS, N_INPUTS, N_PANELS, PRODUCT, ROWS, STEP
from . import decode_requests, spectrum_stream
from .records import DECODER

_MARGIN = 1.25  # more harmonics than a voice sounds, so that a bend down of four semitones finds them
_OWN = -2  # serial of spectra that were decoded here

decoder_at = pointer_intrinsic(from_dtype(DECODER), "a DECODER record")
integers_at = pointer_intrinsic(types.int64, "int64")


@kernel
def heard_harmonics(freq_hz, sr_hz):
    """Harmonics that a spectrum for a voice of this pitch holds: those under half the rate and some more, and what its loudness needs."""
    return min(max(int(_MARGIN * 0.5 * sr_hz / freq_hz), LEAST_HARMONICS), HARMONICS)


@kernel
def steps_of(decoder):
    """The steps of a decoder's network: int64[n, len(STEP)]."""
    return carray(integers_at(decoder["steps"]), (decoder["n_steps"], np.int64(len(STEP))))


@kernel
def products_of(decoder, harmonics):
    """Multiplications that one spectrum of so many harmonics takes."""
    steps, found = steps_of(decoder), np.int64(0)
    for i in range(steps.shape[0]):
        step = steps[i]
        if step[KIND] == PRODUCT and step[FIRST] < harmonics:
            panels = step[N_PANELS]
            if step[LEVELS]:
                panels = min(panels, (harmonics - step[FIRST] + LANES - 1) // LANES)
            found += panels * LANES * step[N_INPUTS]
    return found


@kernel
def list_decode(knobs, spectra, rings, transport, index, harmonics):
    """Whether a stream's position is decoded here: if it moved, or lacks harmonics, it is listed for `decode_listed`. False: by the worker.

    A ramp that is under way is ended first.
    """
    stream, patch = spectra["streams"][index], knobs["patch"]
    now = stream["now"]
    if patch["decoder"] == 0 or spectra["block_products"] == 0 or now["follow"][0] != 0.0 or now["follow"][1] != 0.0:
        return False
    decoder = carray(decoder_at(patch["decoder"]), (1,))[0]
    harmonics = min(harmonics, decoder["harmonics"])
    if not decode_requests.differs(knobs, stream) and harmonics <= stream["harmonics"]:
        return True
    products = products_of(decoder, harmonics) + decoder["direction_products"]
    if products > spectra["products_left"] or spectra["n_listed"] >= spectra["n_free"]:
        return False
    if transport["frame"] < stream["ramp_end"]:
        return True
    if not stream["in_block"]:
        spectrum_stream.empty_queue(spectra, rings, transport, stream)
        stream["in_block"] = 1
    spectra["products_left"] -= products
    decode_requests.mark_asked(knobs, transport, stream, harmonics)
    spectra["listed"][spectra["n_listed"]] = index
    spectra["n_listed"] += 1
    return True


@kernel
def _place_latent(tables, decoder, patch, now, at):
    """A position into the workspace: moved by the named directions, clipped to the model's ranges."""
    work, size, moved = tables["network"], patch["latent_size"], False
    for i in range(size):
        work[at + i] = now["latent"][i]
    n, hidden = decoder["n_directions"], decoder["hidden"]
    for i in range(n):
        moved = moved or now["amounts"][i] != 0.0
    if moved:
        move_row(work[at:at + size], now["amounts"][:n], carray(floats_at(decoder["straight"]), (n, size)),
                 carray(floats_at(decoder["place"]), (size, hidden)), carray(floats_at(decoder["bias"]), (hidden,)),
                 carray(floats_at(decoder["amount"]), (n, hidden)), carray(floats_at(decoder["middle"]), (hidden, hidden)),
                 carray(floats_at(decoder["middle_bias"]), (hidden,)), carray(floats_at(decoder["leave"]), (hidden, size)),
                 tables["directions"])
    for i in range(size):
        work[at + i] = min(max(work[at + i], patch["low"][i]), patch["high"][i])


@kernel
def _keep_spectrum(spectra, tables, transport, decoder, index, at, span):
    """A row's levels as a spectrum at equal loudness, into the pool and the queue of its stream; left out where they are not numbers."""
    stream, work = spectra["streams"][index], tables["network"]
    harmonics = stream["harmonics"]
    amplitudes_of(work, at, harmonics)
    place = spectra["free"][spectra["n_free"] - 1]
    spectrum = spectra["pool"][place]
    re, im = spectrum["re"], spectrum["im"]
    cosine, sine = carray(floats_at(decoder["cosine"]), (harmonics,)), carray(floats_at(decoder["sine"]), (harmonics,))
    re[0] = im[0] = 0.0
    for k in range(harmonics):
        re[1 + k], im[1 + k] = work[at + k] * cosine[k], work[at + k] * sine[k]
    for k in range(harmonics + 1, HARMONICS + 1):
        re[k] = im[k] = 0.0
    if not level_row(re, im, harmonics, tables["loudness_weight"], tables["twiddle"], tables["fft_work"], tables["peak"]):
        return
    spectra["n_free"] -= 1
    spectrum["serial"], spectrum["tick"], spectrum["due"], spectrum["span"] = _OWN, transport["frame"], transport["frame"], span
    spectrum["stream"], spectrum["generation"], spectrum["harmonics"], spectrum["uses"] = index, stream["generation"], harmonics, 1
    stream["queue"][0], stream["n_queued"] = place, 1


@kernel
def decode_listed(knobs, spectra, tables, transport, span):
    """The spectra of the streams that are listed, four at a time while there are four; their ramps begin now and last `span` frames."""
    patch, work, row = knobs["patch"], tables["network"], 0
    if spectra["n_listed"] == 0:
        return
    decoder = carray(decoder_at(patch["decoder"]), (1,))[0]
    weights, stride = carray(floats_at(decoder["weights"]), (decoder["n_weights"],)), decoder["stride"]
    while row < spectra["n_listed"]:
        four = spectra["n_listed"] - row >= ROWS
        n, most = ROWS if four else 1, np.int64(0)
        for j in range(n):
            stream = spectra["streams"][spectra["listed"][row + j]]
            most = max(most, np.int64(stream["harmonics"]))
            _place_latent(tables, decoder, patch, stream["now"], j * stride)
        run_network(steps_of(decoder), weights, work, stride, four, most)
        for j in range(n):
            _keep_spectrum(spectra, tables, transport, decoder, spectra["listed"][row + j], j * stride + decoder["levels_at"], span)
        row += n
    spectra["n_listed"] = 0


