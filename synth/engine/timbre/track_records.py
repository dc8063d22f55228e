"""What the audio thread knows of an instrument of tracks, and where each voice stands in it.

Zones, places and tracks lie outside the state, in arrays that `synth/tracks/track_block.py` makes and whoever plays them keeps.
"""

import numpy as np

MOST_ZONES = 4  # mixed in one note
N_OFFSETS = 32  # harmonics with an offset of the recording's own (its fingerprint)
N_KEY_OFFSETS = 96  # with one of a key's that was not recorded; the last one holds for all above
NOISE_BANDS, LAID_BANDS = 24, 32  # laid: with what fills whole vectors
NOISE_UNIT = 5000.0  # of the laid noise: RMS of each band
STEPS_HZ = 100.0  # of the level and pitch contours

ZONE = np.dtype([  # one recorded note; addresses of float32 arrays, of int32 where it says so; smooth: without flicker; noise [n, 32]
    ("time_s", "i8"), ("latent", "i8"), ("smooth", "i8"), ("noise_db", "i8"), ("n_rows", "i8"),  # at its knots
    ("left", "i8"), ("level_db", "i8"), ("cents", "i8"), ("n_steps", "i8"),  # at 100 Hz; left: int32, the knot at or before each step
    ("attack", "i8"), ("n_attack", "i8"),  # at the engine's rate
    ("offsets_db", "f4", (2, N_OFFSETS)), ("offsets_s", "f4", (2,)),
    ("key", "f4"), ("velocity", "f4"), ("harmonics", "i4"), ("takes", "i4"), ("loops", "i4"),
    ("steady_s", "f4", (2,)), ("release_s", "f4"), ("end_s", "f4"), ("tuning_cents", "f4"),  # off its key
    ("slope_db_a_s", "f4"), ("dies", "i4"),  # of the steady part; whether it is that of a struck note
    ("swell_db", "i8"),  # at 100 Hz: slow swells of the steady part, that a held note comes to be without
], align=True)

PLACE = np.dtype([  # which zones a key is made of, in one layer of velocity
    ("zone", "i4", (MOST_ZONES,)), ("weight", "f4", (MOST_ZONES,)), ("nearest", "i4"), ("key", "f4"), ("velocity", "f4"),
    ("offsets_db", "f4", (N_KEY_OFFSETS,)),  # beside the zones' own; see tracks/key_offsets.py
], align=True)

TRACKS = np.dtype([
    ("zones", "i8"), ("n_zones", "i8"), ("key_zones", "i8"), ("n_layers", "i8"),  # PLACE[n_layers, 128], what each key is made of
    ("latent_size", "i8"), ("part", "i8"), ("first", "i8"),  # part of a morph of presets, -1: none; first of its latents
    ("noise", "i8"), ("noise_frames", "i8"),  # int16[frames / 32, 24, 32], a power of two; see NOISE_UNIT
], align=True)

TRACK = np.dtype([  # of a voice
    ("address", "i8"), ("n", "i4"), ("alone", "i4"), ("zone", "i4", (MOST_ZONES,)), ("weight", "f4", (MOST_ZONES,)),
    ("key", "f4"), ("correction", "f4"),  # of the recordings that are mixed; gain that makes their own velocity 0 dB
    ("loop", "i4"), ("looping", "i4"), ("releases", "i4"), ("released", "i4"), ("turns", "i4"),
    ("run_s", "f8"), ("place", "f8"), ("direction", "f8"), ("turn_s", "f8"), ("looped_s", "f8"),  # see track_clock.py
    ("rate", "f8"), ("scrub", "f4"), ("scrub_let_go", "f4"), ("release_db", "f4"), ("settling", "i4"),
    ("share", "f4"), ("cents", "f4"), ("gain", "f4", (2,)),  # gain: at the start and the end of this quantum
    ("offset", "f4", (N_KEY_OFFSETS,)), ("ratio", "f4"), ("harmonics", "i4"),  # of the spectrum; see track_shape.py
    ("key_offset_db", "f4", (N_KEY_OFFSETS,)),
    ("noise", "f4", (LAID_BANDS,)), ("noise_step", "f4", (LAID_BANDS,)), ("noise_at", "i8"),
    ("bands", "i4", (NOISE_BANDS,)), ("n_bands", "i4"),  # of noise, that are heard
    ("attack_gain", "f4"),
], align=True)
