"""Which decoders a latent position takes on the audio thread, and the points that they are given.

A sound has one decoder: a network, or rows of a wavetable or of kept levels. In a morph of presets each part has its source's: parts on
one source are mixed as points and decoded once, parts on several are decoded each and mixed as spectra (`block_mix.py`), as
`timbres/morph_source.py` does it for the worker. A group is the parts on one source, by the number of the first; groups of a position are
bits of one number.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import numpy as np
from numba import carray, from_dtype, types

from ..compile.atomics import floats_at, pointer_intrinsic
from ..compile.jit import kernel
from ..constants import HARMONICS, LANES, PART_KNOBS
from ..dsp.directions import move_row
from ..dsp.loudness import LEAST_HARMONICS
from ..dsp.morph_path import TERMS, follow_path
from ..dsp.network_steps import FIRST, KIND, LEVELS, N_INPUTS, N_PANELS, PRODUCTS_OF, STEP
from .records import DECODER

_MARGIN = 1.25  # more harmonics than a voice sounds, so that a bend down of four semitones finds them
_ROW_PRODUCTS = 8  # what a harmonic between two rows takes, in multiplications of a network
_MIX_PRODUCTS = 48  # what mixing a harmonic of one more model takes, in multiplications of a decoder
_FOLLOW, _DIRECTION = PART_KNOBS.index("osc.follow"), PART_KNOBS.index("direction.1")

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
    if decoder["n_rows"]:
        return np.int64(harmonics) * _ROW_PRODUCTS
    steps, found = steps_of(decoder), np.int64(0)
    for i in range(steps.shape[0]):
        step, cost = steps[i], PRODUCTS_OF[steps[i][KIND]]
        if cost > 0 and step[FIRST] < harmonics:
            panels = step[N_PANELS]
            if step[LEVELS]:
                panels = min(panels, (harmonics - step[FIRST] + LANES - 1) // LANES)
            found += cost * panels * LANES * step[N_INPUTS]
    return found


@kernel
def decoder_of(patch, group):
    """The decoder of a group of parts, or of a sound that is no morph: DECODER[1]."""
    address = patch["morph"][0]["decoder"][group] if patch["morph"][0]["n"] > 0 else patch["decoder"]
    return carray(decoder_at(address), (1,))


@kernel
def decodes_in_block(knobs):
    """Whether voices' points can be decoded on the audio thread: those of the part that is heard alone, else of any."""
    patch, morph = knobs["patch"], knobs["patch"]["morph"][0]
    if morph["n"] > 0 and morph["alone"] >= 0 and not knobs["matrix"]["moves_morph"]:
        return morph["decoder"][morph["alone"]] != 0
    return patch["decoder"] != 0


@kernel
def _follows_unknown(patch, now):
    """Whether a position follows a morph path that is not at hand: of edited corners, or of a patch that followed none when it came."""
    known = decoder_of(patch, 0)[0]["morph_path"] != 0
    for k in range(2):
        if now["follow"][k] != 0.0 and (not known or now["morph_path"][k] != patch["morph_path"]):
            return True
    return False


@kernel
def groups_of(patch, now):
    """Groups that a position hears, as bits; 0 where one of them is not decoded here."""
    morph, found, moving = patch["morph"][0], np.int64(0), False
    if morph["n"] == 0:
        return np.int64(1) if patch["decoder"] != 0 and not _follows_unknown(patch, now) else np.int64(0)
    for p in range(morph["n"]):
        if now["parts"][p] > 0.0:
            if morph["decoder"][p] == 0 or now["part_knobs"][p, _FOLLOW] != 0.0:
                return np.int64(0)
            found |= np.int64(1) << morph["group"][p]
            moving = moving or decoder_of(patch, morph["group"][p])[0]["moving"] != 0
    return np.int64(0) if moving and found & (found - 1) else found


@kernel
def cost_of(patch, groups, harmonics):
    """(multiplications, harmonics) of a position's spectrum where `harmonics` of it are wanted."""
    found, most, group, several = np.int64(0), np.int64(0), 0, groups & (groups - 1) != 0
    while groups >> group:
        if groups >> group & 1:
            decoder = decoder_of(patch, group)[0]
            held = min(np.int64(harmonics), decoder["harmonics"])
            found += products_of(decoder, held) + decoder["direction_products"]
            if several:
                found += held * _MIX_PRODUCTS
            most = max(most, held)
        group += 1
    return found, most


@kernel
def _mix_points(tables, patch, now, group, at):
    """The mean of a group's points into the workspace, and of its directions' amounts; answers (latents, where their ranges begin)."""
    work, amounts, morph, total = tables["network"], tables["amounts"], patch["morph"][0], np.float32(0.0)
    first = morph["first"][group]
    size = morph["first"][group + 1] - first
    for p in range(morph["n"]):
        if morph["group"][p] == group:
            total += now["parts"][p]
    for i in range(size):
        work[at + i] = 0.0
    for i in range(amounts.shape[0]):
        amounts[i] = 0.0
    for p in range(morph["n"]):
        part = now["parts"][p]
        if morph["group"][p] != group or part <= 0.0:
            continue
        share, begin = np.float32(1.0) if part == total else part / total, morph["first"][p]
        for i in range(size):
            work[at + i] += share * now["latent"][begin + i]
        for i in range(amounts.shape[0]):
            amounts[i] += share * now["part_knobs"][p, _DIRECTION + i]
    return size, first


@kernel
def _follow(work, decoder, patch, now, size, at):
    """A latent in the workspace moved to the morph path of its patch's corners, as far as it follows that."""
    for k in range(2):
        if now["follow"][k] != 0.0:
            sines = carray(floats_at(decoder["morph_path"]), (2, TERMS, size))
            follow_path(work[at:at + size], now["weights"], now["follow"][k], sines[0], sines[1], patch["low"], patch["high"])


@kernel
def place_point(tables, decoder, patch, now, group, at):
    """What a decoder is given of a position, into the workspace: moved to its path and by directions, clipped to the model's ranges."""
    work, amounts, size, first, moved = tables["network"], tables["amounts"], patch["latent_size"], 0, False
    if patch["morph"][0]["n"] > 0:
        size, first = _mix_points(tables, patch, now, group, at)
    else:
        for i in range(size):
            work[at + i] = now["latent"][i]
        _follow(work, decoder, patch, now, size, at)
        for i in range(amounts.shape[0]):
            amounts[i] = now["amounts"][i]
    n, hidden = decoder["n_directions"], decoder["hidden"]
    for i in range(n):
        moved = moved or amounts[i] != 0.0
    if moved:
        move_row(work[at:at + size], amounts[:n], carray(floats_at(decoder["straight"]), (n, size)),
                 carray(floats_at(decoder["place"]), (size, hidden)), carray(floats_at(decoder["bias"]), (hidden,)),
                 carray(floats_at(decoder["amount"]), (n, hidden)), carray(floats_at(decoder["middle"]), (hidden, hidden)),
                 carray(floats_at(decoder["middle_bias"]), (hidden,)), carray(floats_at(decoder["leave"]), (hidden, size)),
                 tables["directions"])
    for i in range(size):
        work[at + i] = min(max(work[at + i], patch["low"][first + i]), patch["high"][first + i])
