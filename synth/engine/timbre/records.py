"""What the timbre is made of: the latent position, the streams of spectra that come back for it, and voices' tables."""

import numpy as np

from ...params.knobs import MAX_DIRECTIONS, MAX_LATENTS
from ...patch.morph import MAX_PARTS
from ..compile.layout import on_lines
from ..constants import (
    BLOCK_HIDDEN,
    BLOCK_NUMBERS,
    BLOCK_POOL,
    HARMONICS,
    MORPH_PATHS,
    N_PART_KNOBS,
    N_SIZES,
    N_SOURCES,
    POOL,
    QUEUE,
    SLOTS,
    STREAMS,
    TABLE_MAX,
)
from ..dsp.fft import N_TWIDDLES, WORK
from ..dsp.loudness import GRID
from ..dsp.network_steps import ROWS

LATENT_POSITION = np.dtype([
    ("latent", "f4", (MAX_LATENTS,)), ("weights", "f4", (4,)), ("amounts", "f4", (MAX_DIRECTIONS,)),
    ("follow", "f4", (2,)), ("morph_path", "i8", (2,)),  # how far along the path before and the present one
    ("parts", "f4", (MAX_PARTS,)), ("part_knobs", "f4", (MAX_PARTS, N_PART_KNOBS)),  # of a morph of presets: weights; see part_positions.py
], align=True)

LATENT = on_lines([
    ("target", LATENT_POSITION),  # where the knobs put the position that is being looked at
    ("morph_path", "i8"), ("newest_morph_path", "i8"), ("edited", "i8"), ("morph_path_due", "i8"),  # edited: frame, -1 none
    ("morph_path_s", "f8"), ("sums", "f4", (MAX_PARTS, N_PART_KNOBS)), ("moved", "i4", (MAX_PARTS, N_PART_KNOBS)),
    ("morph_paths", "f4", (MORPH_PATHS, 4, MAX_LATENTS)),
    ("sources", "f4", (SLOTS, N_SOURCES)),  # of modulation, of voices whose positions have moved in this quantum
])

STREAM = np.dtype([
    ("state", "i4"), ("generation", "i4"), ("before", "i4"), ("from", "i4"), ("to", "i4"),  # the spectra its curve runs through
    ("fresh", "i4"), ("n_queued", "i4"), ("queue", "i4", (QUEUE,)),
    ("ramp_start", "i8"), ("ramp_end", "i8"), ("source_number", "i8"), ("asked", "i8"),  # frame of the last request's tick
    ("at_frame", "i8"), ("at_note", "i4"), ("at_channel", "i4"), ("at_part", "i4"),  # of an expected note
    ("in_block", "i4"), ("harmonics", "i4"),  # whether the audio thread decodes it, and how many harmonics were asked for
    # of a stream that moves slowly (decode_pace.py): ticks a ramp, frames since it was fast, and not very slow, how far it went to its last
    # spectrum, and how much a spectrum changes by such a way
    ("ticks", "i4"), ("calm", "i4"), ("still", "i4"), ("moved", "f4"), ("reach", "f4"),
    ("now", LATENT_POSITION), ("sent", LATENT_POSITION),
], align=True)

REQUEST = np.dtype([
    ("serial", "i8"), ("tick", "i8"), ("due", "i8"), ("span", "i8"), ("source_number", "i8"), ("stream", "i4"), ("generation", "i4"),
    ("latent_position", LATENT_POSITION),
], align=True)

SPECTRUM = np.dtype([
    ("serial", "i8"), ("tick", "i8"), ("due", "i8"), ("span", "i8"), ("harmonics", "i8"), ("stream", "i4"), ("generation", "i4"),
    ("uses", "i8"), ("re", "f4", (HARMONICS + 1,)), ("im", "f4", (HARMONICS + 1,)),
], align=True)

ANSWER = np.dtype([("index", "i8"), ("serial", "i8")], align=True)  # place in the pool; -1: the request was not answered

SPECTRA = on_lines([
    ("decode_latency", "i8"),  # frames from the tick that asks to the start of the ramp
    ("decode_tick", "i8"), ("decodes", "i8"), ("late_decodes", "i8"), ("late_starts", "i8"),  # told in the snapshot
    ("block_products", "i8"), ("products_left", "i8"),  # multiplications for decodes in the block, at a tick
    ("n_listed", "i8"), ("listed", "i8", (STREAMS,)),  # streams that it decodes at this tick
    ("n_free", "i8"), ("free", "i8", (BLOCK_POOL,)),  # its places of the pool, the last ones
    ("streams", STREAM, (STREAMS,)), ("pool", SPECTRUM, (POOL + BLOCK_POOL,)),
])

DECODER = np.dtype([  # what the audio thread needs of a source; addresses of arrays that whoever made it keeps
    ("n_rows", "i8"), ("re", "i8"), ("im", "i8"),  # of a wavetable or kept levels, [n_rows, harmonics]; 0: a network
    ("moving", "i8"),  # whether its phases are not always the same
    ("turn", "i8"),  # in a morph, how far they are off those of the mix, cycles by harmonic from the 0th on; 0: they are the same
    ("steps", "i8"), ("n_steps", "i8"), ("weights", "i8"), ("n_weights", "i8"), ("stride", "i8"), ("levels_at", "i8"),
    ("harmonics", "i8"), ("cosine", "i8"), ("sine", "i8"),  # of the phases
    ("n_directions", "i8"), ("hidden", "i8"), ("direction_products", "i8"), ("straight", "i8"), ("place", "i8"), ("bias", "i8"),
    ("amount", "i8"), ("middle", "i8"), ("middle_bias", "i8"), ("leave", "i8"),
    ("morph_path", "i8"),  # float32[2, TERMS, z], sines of that of the patch's own corners; 0: it is not known
], align=True)

TABLES = on_lines([  # of every voice its three; see voice_tables.py
    ("waves", "f4", (SLOTS, 3, TABLE_MAX + 8)),
    ("twiddle", "f4", (N_TWIDDLES,)), ("undroop", "f4", (N_SIZES, HARMONICS + 1)),
    ("fft_re", "f4", (HARMONICS + 1,)), ("fft_im", "f4", (HARMONICS + 1,)), ("fft_work", "f4", WORK),
    ("shaped_re", "f4", (HARMONICS + 1,)), ("shaped_im", "f4", (HARMONICS + 1,)),  # of a voice with tracks; see track_shape.py
    ("loudness_weight", "f8", (HARMONICS,)), ("peak", "f4", (GRID + 3,)),  # of loudness
    ("network", "f4", (ROWS * BLOCK_NUMBERS,)), ("directions", "f4", (4, BLOCK_HIDDEN)),  # of decodes
    ("amounts", "f4", (MAX_DIRECTIONS,)), ("mix", "f4", (ROWS, HARMONICS + 1)), ("turns", "f4", (ROWS, HARMONICS + 1)),  # of morphs
])
