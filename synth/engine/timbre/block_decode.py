"""Decodes on the audio thread, in the block that asks: their spectra are heard from the tick on that asked for them.

Which ones are decided by what is played alone, never by a clock, so that takes repeat to the sample: where what a position hears has
decoders that the kernel knows (`block_decoders.py`), a morph path that is followed is that of the patch's own corners, found when it
was loaded, and the multiplications that a tick may spend (`block_products`) suffice, the shared stream first, then voices in the order
of their slots. The worker decodes what is past that, heard its fixed time later. A stream that changes from one to the other forgets
what was on its way to it.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np
from numba import carray

from ..compile.atomics import floats_at
from ..compile.jit import kernel
from ..constants import HARMONICS, LANES, TICK
from ..dsp.loudness import find_gain, level_row
from ..dsp.network import amplitudes_of, run_network
from ..dsp.network_steps import ROWS
from . import block_mix, decode_pace, decode_requests, spectrum_stream
from .block_decoders import cost_of, decoder_at, decoder_of, groups_of, place_point, steps_of

_OWN = -2  # serial of spectra that were decoded here


@kernel
def list_decode(knobs, spectra, rings, transport, index, harmonics):
    """Whether a stream's position is decoded here: if it moved, or lacks harmonics, it is listed for `decode_listed`. False: by the worker.

    A ramp that is under way is ended first.
    """
    stream, patch = spectra["streams"][index], knobs["patch"]
    if patch["decoder"] == 0 or spectra["block_products"] == 0:
        return False
    groups = groups_of(patch, stream["now"])
    if groups == 0:
        return False
    differs = decode_requests.differs(knobs, stream)
    if not differs and harmonics <= stream["harmonics"]:
        decode_pace.rest(transport, stream)
        return True
    products, harmonics = cost_of(patch, groups, harmonics)
    if not differs and harmonics <= stream["harmonics"]:
        decode_pace.rest(transport, stream)
        return True
    if stream["in_block"] and stream["ticks"] > 1 and transport["frame"] < stream["ramp_end"]:
        decode_pace.hasten_ramp(patch, transport, stream, harmonics > stream["harmonics"])
        return True
    if products > spectra["products_left"] or spectra["n_listed"] >= spectra["n_free"]:
        return False
    if transport["frame"] < stream["ramp_end"]:
        return True
    if not stream["in_block"]:
        spectrum_stream.empty_queue(spectra, rings, transport, stream)
        stream["in_block"] = 1
    stream["moved"] = decode_pace.way_moved(patch, stream)
    spectra["products_left"] -= products
    decode_requests.mark_asked(knobs, transport, stream, harmonics)
    spectra["listed"][spectra["n_listed"]] = index
    spectra["n_listed"] += 1
    return True


@kernel
def _fill_spectrum(spectrum, decoder, levels, at, harmonics):
    """Amplitudes with a decoder's phases as a spectrum."""
    re, im = spectrum["re"], spectrum["im"]
    cosine, sine = carray(floats_at(decoder["cosine"]), (harmonics,)), carray(floats_at(decoder["sine"]), (harmonics,))
    re[0] = im[0] = 0.0
    found, to_re, to_im = levels[at:at + harmonics], re[1:], im[1:]  # views: at a place of which nothing is known is looked twice
    for k in range(harmonics):
        to_re[k], to_im[k] = found[k] * cosine[k], found[k] * sine[k]


@kernel
def _keep_spectrum(knobs, spectra, tables, transport, index, span):
    """The spectrum in the next free place of the pool at equal loudness, into the queue of its stream; left out where it is not numbers."""
    stream, place = spectra["streams"][index], spectra["free"][spectra["n_free"] - 1]
    harmonics, spectrum = stream["harmonics"], spectra["pool"][place]
    re, im = spectrum["re"], spectrum["im"]
    rest_re, rest_im = re[harmonics + 1:], im[harmonics + 1:]
    for k in range(HARMONICS - harmonics):
        rest_re[k] = 0.0
        rest_im[k] = 0.0
    if not level_row(re, im, harmonics, tables["loudness_weight"], tables["twiddle"], tables["fft_work"], tables["peak"]):
        return
    spectra["n_free"] -= 1
    spectrum["serial"], spectrum["tick"], spectrum["due"] = _OWN, transport["frame"], transport["frame"]
    spectrum["stream"], spectrum["generation"], spectrum["harmonics"], spectrum["uses"] = index, stream["generation"], harmonics, 1
    decode_pace.choose_ticks(knobs["patch"], spectra, transport, stream, index, spectrum, span // TICK)
    spectrum["span"] = span * stream["ticks"]
    stream["queue"][0], stream["n_queued"] = place, 1


@kernel
def _fill_row(spectrum, decoder, place, harmonics):
    """A place 0..1 along a decoder's rows as a spectrum: the rows on both sides, mixed linearly."""
    re, im, n = spectrum["re"], spectrum["im"], decoder["n_rows"]
    rows_re = carray(floats_at(decoder["re"]), (n, decoder["harmonics"]))
    rows_im = carray(floats_at(decoder["im"]), (n, decoder["harmonics"]))
    at = min(max(place, np.float32(0.0)), np.float32(1.0)) * np.float32(n - 1)
    i = min(np.int64(at), max(n - 2, 0))
    share, other = at - np.float32(i), min(i + 1, n - 1)
    keep = np.float32(1.0) - share
    re[0] = im[0] = 0.0
    a_re, a_im, b_re, b_im, to_re, to_im = rows_re[i], rows_im[i], rows_re[other], rows_im[other], re[1:], im[1:]
    for k in range(harmonics):
        to_re[k] = keep * a_re[k] + share * b_re[k]
        to_im[k] = keep * a_im[k] + share * b_im[k]


@kernel
def _run(knobs, spectra, tables, group, first, n):
    """A group's amplitudes at the points of n listed streams from the `first` on: each row in the workspace at its decoder's place."""
    patch, most, work = knobs["patch"], np.int64(0), tables["network"]
    decoder = decoder_of(patch, group)[0]
    stride, at = decoder["stride"], decoder["levels_at"]
    for j in range(n):
        stream = spectra["streams"][spectra["listed"][first + j]]
        most = max(most, np.int64(stream["harmonics"]))
        place_point(tables, decoder, patch, stream["now"], group, j * stride)
    if decoder["n_rows"] == 0:
        weights = carray(floats_at(decoder["weights"]), (decoder["n_weights"],))
        run_network(steps_of(decoder), weights, work, stride, n == ROWS, min(most, decoder["harmonics"]))
    for j in range(n):
        held = min(np.int64(spectra["streams"][spectra["listed"][first + j]]["harmonics"]), decoder["harmonics"])
        if decoder["n_rows"] == 0:
            amplitudes_of(work, j * stride + at, held)
            continue
        spectrum = spectra["pool"][spectra["free"][spectra["n_free"] - 1]]
        _fill_row(spectrum, decoder, work[j * stride], held)
        for k in range(held):
            work[j * stride + at + k] = math.hypot(spectrum["re"][1 + k], spectrum["im"][1 + k])
        for k in range(held, (held + LANES - 1) // LANES * LANES):
            work[j * stride + at + k] = 0.0


@kernel
def _decode_one(knobs, spectra, tables, transport, group, first, n, span):
    """Spectra of n listed streams that hear one group alone."""
    patch, work = knobs["patch"], tables["network"]
    decoder = decoder_of(patch, group)[0]
    if decoder["n_rows"] == 0:
        _run(knobs, spectra, tables, group, first, n)
    for j in range(n):
        index, at = spectra["listed"][first + j], j * decoder["stride"]
        stream, spectrum = spectra["streams"][index], spectra["pool"][spectra["free"][spectra["n_free"] - 1]]
        if decoder["n_rows"]:
            place_point(tables, decoder, patch, stream["now"], group, at)
            _fill_row(spectrum, decoder, work[at], stream["harmonics"])
        else:
            _fill_spectrum(spectrum, decoder, work, at + decoder["levels_at"], stream["harmonics"])
        _keep_spectrum(knobs, spectra, tables, transport, index, span)


@kernel
def _weight_of(patch, now, group):
    """How much of a group's parts is in a position."""
    morph, weight = patch["morph"][0], np.float32(0.0)
    for p in range(morph["n"]):
        if morph["group"][p] == group:
            weight += now["parts"][p]
    return weight


@kernel
def _add_group(knobs, spectra, tables, group, first, n):
    """A group's spectra of n listed streams, each at equal loudness, into their mixes; one that is not numbers spoils its mix."""
    patch, work, scratch = knobs["patch"], tables["network"], spectra["pool"][spectra["free"][spectra["n_free"] - 1]]
    decoder = decoder_of(patch, group)[0]
    _run(knobs, spectra, tables, group, first, n)
    for j in range(n):
        stream, at = spectra["streams"][spectra["listed"][first + j]], j * decoder["stride"] + decoder["levels_at"]
        held = min(np.int64(stream["harmonics"]), decoder["harmonics"])
        _fill_spectrum(scratch, decoder, work, at, held)
        gain = find_gain(scratch["re"], scratch["im"], held,
                         tables["loudness_weight"], tables["twiddle"], tables["fft_work"], tables["peak"])
        weight = _weight_of(patch, stream["now"], group)
        block_mix.add_to_mix(tables["mix"][j], stream["harmonics"], work, at, held, np.float32(gain if gain >= 0.0 else np.nan), weight)
        if decoder["turn"]:
            block_mix.add_turns(tables["turns"][j], stream["harmonics"], carray(floats_at(decoder["turn"]), (HARMONICS + 1,)), weight)


@kernel
def _decode_several(knobs, spectra, tables, transport, groups, first, n, span):
    """Spectra of n listed streams that hear several groups: each decoded, and mixed with the phases of the morph's own record."""
    patch, group, turned = knobs["patch"], 0, False
    for j in range(n):
        harmonics = spectra["streams"][spectra["listed"][first + j]]["harmonics"]
        block_mix.begin_mix(tables["mix"][j], harmonics)
        block_mix.begin_mix(tables["turns"][j], harmonics + 1)
    while groups >> group:
        if groups >> group & 1:
            _add_group(knobs, spectra, tables, group, first, n)
            turned = turned or decoder_of(patch, group)[0]["turn"] != 0
        group += 1
    phases = carray(decoder_at(patch["decoder"]), (1,))[0]
    for j in range(n):
        index = spectra["listed"][first + j]
        harmonics, spectrum = spectra["streams"][index]["harmonics"], spectra["pool"][spectra["free"][spectra["n_free"] - 1]]
        block_mix.finish_mix(tables["mix"][j], harmonics)
        _fill_spectrum(spectrum, phases, tables["mix"][j], np.int64(0), harmonics)
        if turned:
            block_mix.turn_spectrum(spectrum["re"], spectrum["im"], harmonics, tables["turns"][j])
        _keep_spectrum(knobs, spectra, tables, transport, index, span)


@kernel
def decode_listed(knobs, spectra, tables, transport, span):
    """The spectra of the streams that are listed, four at a time while four hear the same; their ramps begin now and last `span` frames, or
    two or four times as long (see `decode_pace`).
    """
    patch, row, group = knobs["patch"], 0, 0
    while row < spectra["n_listed"]:
        groups, same = groups_of(patch, spectra["streams"][spectra["listed"][row]]["now"]), 1
        while same < ROWS and row + same < spectra["n_listed"]:
            if groups_of(patch, spectra["streams"][spectra["listed"][row + same]]["now"]) != groups:
                break
            same += 1
        n = ROWS if same == ROWS else 1
        if groups & (groups - 1):
            _decode_several(knobs, spectra, tables, transport, groups, row, n, span)
        else:
            group = 0
            while groups >> group > 1:
                group += 1
            _decode_one(knobs, spectra, tables, transport, group, row, n, span)
        row += n
    spectra["n_listed"] = 0
