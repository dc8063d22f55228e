"""The engine's whole state: one declared dtype in one 64-byte-aligned block of memory, and who may write what.

Only the audio thread writes, with four exceptions, each handed over by a counter in `counters` (release / acquire):
a producer writes its own event ring, the loader writes a free patch slot, the decode worker free spectra of the pool and the
ring of answers, and readers move the tails of the request, log and returned rings.
"""

import numpy as np

from ..events import EVENT_DTYPE, PRODUCERS
from ..params.knobs import KNOBS, MAX_DIRECTIONS, MAX_LATENTS, MAX_UNISON, MOD_SOURCES, N_LFOS, N_SLOTS, PARAM_DTYPE
from .abi import HOST, PORT
from .dsp.fft import MAX_SIZE, twiddles
from .dsp.interpolation import response
from .effects.chain import EFFECTS_STATE, prepare
from .notes.control_table import CONTROLS, N_PARAMS

QUANTUM = 32  # frames; ramps, LFO steps and table swaps start on this grid
TICK = 128  # frames; played latents are looked at, and decodes asked for, on this grid
MAX_VOICES = 64  # notes that sound at once
SLOTS = 128  # voices and the fading tails of stolen ones
LANES = 16  # rendered side by side
GROUPS = 2 * SLOTS // LANES  # a voice takes one lane, one in unison two
HARMONICS = 1023
TABLE_MIN, TABLE_MAX = 512, MAX_SIZE
TABLE_LOG2_MIN = TABLE_MIN.bit_length() - 1
N_SIZES = TABLE_MAX.bit_length() - TABLE_MIN.bit_length() + 1
N_KNOBS, N_SOURCES = len(KNOBS), len(MOD_SOURCES)

EVENT_RING, LOG_RING, REQUEST_RING, PATCHES, PENDING = 4096, 8192, 1024, 4, 512
TICKS = 1024  # MIDI clocks looked back on
POOL = 1024  # spectra: on their way, waiting for their frame, being cross-faded
STREAMS = 1 + SLOTS + 64  # a line is a stream of spectra: 0 the shared one, others of single voices and of notes to come
MORPH_PATHS = 64  # corners that morphs were found to follow, looked back on
QUEUE = 40  # spectra of a line that wait for their frame; 33 ticks of the largest block
TICK_DECODES = 32  # voices that may ask at one tick; more of them take turns
RECORD = 1 << 19  # frames of output kept for scope and recorder: two seconds and more at 192 kHz, the highest rate
N_ENVELOPE_SETTINGS = 326  # numbers in an envelope's settings
INPUT = 1 << 16  # frames of input kept
SNAPSHOTS = 8  # copies: a reader has the time in which seven blocks are made
SUB_TABLES = 65510  # numbers in the sub-oscillator's tables
N_ROWS = 244  # of a group's workspace: the filter's and the mixer's

# counters: one cache line each (8 x int64), so that producers do not disturb one another
_COUNTER_NAMES = ("request_head", "request_tail", "answer_head", "answer_tail", "returned_head", "returned_tail", "log_head", "log_tail",
          "loads_head", "loads_tail", "maps_head", "maps_tail", "snapshot", "clock", "record", "input",
          *(f"{name}_head" for name in PRODUCERS), *(f"{name}_tail" for name in PRODUCERS))
assert len(set(_COUNTER_NAMES)) == len(_COUNTER_NAMES)
COUNTER = {name: 8 * i for i, name in enumerate(_COUNTER_NAMES)}
RING_HEAD, RING_TAIL = COUNTER[f"{PRODUCERS[0]}_head"], COUNTER[f"{PRODUCERS[0]}_tail"]

ENVELOPE = np.dtype([("stage", "i4"), ("start", "f4"), ("level", "f4"), ("pad", "f4"), ("position", "f8")], align=True)

VOICE = np.dtype([
    ("phase", "u8", (MAX_UNISON,)), ("step", "u8", (MAX_UNISON,)),  # cycles * 2^64; step per frame at the end of the last quantum
    ("serial", "i8"), ("seed", "u8"), ("age", "i8"),  # frames since its start
    ("key_pitch", "f8"), ("glide", "f8"), ("glide_step", "f8"),  # semitones: of the key, still to glide, per quantum
    ("pitch", "f8"), ("top_hz", "f8"), ("tune_hz", "f4"),  # at the end of the last quantum; top_hz: its sharpest oscillator
    ("state", "i4"), ("note", "i4"), ("channel", "i4"), ("key_down", "i4"), ("held_by_pedal", "i4"), ("sostenuto", "i4"),
    ("first", "i4"), ("filled", "i4"), ("fresh", "i4"),  # first frame that sounds in this quantum; envelope frames made; just begun
    ("stream", "i4"), ("unison", "i4"),
    ("own_bend", "f8"), ("own_pressure", "f4"), ("own_slide", "f4"), ("pressure", "f4"), ("release_velocity", "f4"),  # see midi_channels.py
    ("velocity", "f4"), ("random", "f4"),
    ("gain", "f4"), ("flat", "f4"), ("group", "i4"), ("lane", "i4"),  # see bank.py
    ("sub_gain", "f4"), ("noise_gain", "f4"), ("sub_to", "f4"), ("noise_to", "f4"), ("color", "f4"),
    ("sub_shape", "i4"), ("sub_octave", "i4"), ("level", "f4"), ("pan", "f4"),  # at the quantum's start and end
    ("top", "i4"), ("at_rest", "i4"), ("log2_size", "i4"), ("side", "i4"),
    ("blend", "i4"),  # see tables.py
    ("sub_phase", "u8"), ("sub_step", "u8"),
    ("lfo_cycles", "f8", (N_LFOS,)), ("lfo_value", "f4", (N_LFOS,)),
    ("amp", ENVELOPE), ("env2", ENVELOPE), ("env3", ENVELOPE),
    ("own_envelopes", "i4"),  # whether its envelopes run by settings of its own
], align=True)

CHANNEL = np.dtype([
    ("bend", "f8"), ("bend_range", "f8"), ("coarse", "f8"), ("fine", "f8"),  # -1..1, semitones; range < 0: the patch's
    ("volume", "f4"), ("expression", "f4"), ("pan", "f4"), ("brightness", "f4"),  # 0..127
    ("wheel", "f4"), ("breath", "f4"), ("pressure", "f4"), ("slide", "f4"),  # 0..127
    ("gain", "f4", (2,)), ("pan_now", "f4", (2,)), ("bright_now", "f4", (2,)),  # smoothed, two poles
    ("sustain", "i4"), ("sostenuto", "i4"), ("soft", "i4"), ("rpn", "i4"), ("msb", "i4", (32,)),
    ("nrpn", "i4"), ("nrpn_data", "i4"), ("nrpn_fine", "i4"),  # a parameter number of the maker's, 0x3FFF: none; whether 14 bits came
    ("master", "i4"),  # of the MPE zone it belongs to, itself for a master; -1: none
], align=True)

CLOCK = np.dtype([
    ("ticks", "i8", (TICKS,)), ("count", "i8"), ("window", "i8"),  # frames of MIDI clocks; the first that counts
    ("fit_frame", "f8"), ("period", "f8"),  # a line through them: where the newest lies, frames from one to the next
    ("origin_tick", "i8"), ("origin_beat", "f8"), ("position", "f8"), ("armed", "i8"),  # the next tick is at `position`
    ("song_bpm", "f8"), ("anchor_frame", "i8"), ("anchor_beat", "f8"),
], align=True)

KEY = np.dtype([("note", "i4"), ("channel", "i4"), ("velocity", "f4"), ("pad", "f4")], align=True)

PATCH = np.dtype([
    ("serial", "i8"), ("source_number", "i8"), ("latent_size", "i8"), ("params", PARAM_DTYPE),
    ("tuning", "f8", (128,)),  # semitones of each key, NaN: silent
    ("corners", "f4", (4, MAX_LATENTS)), ("low", "f4", (MAX_LATENTS,)), ("high", "f4", (MAX_LATENTS,)),
], align=True)

LATENT_POSITION = np.dtype([
    ("latent", "f4", (MAX_LATENTS,)), ("weights", "f4", (4,)), ("amounts", "f4", (MAX_DIRECTIONS,)),
    ("follow", "f4", (2,)), ("morph_path", "i8", (2,)),  # how far along the path before and the present one
], align=True)

STREAM = np.dtype([
    ("state", "i4"), ("generation", "i4"), ("before", "i4"), ("from", "i4"), ("to", "i4"),  # the spectra its curve runs through
    ("fresh", "i4"), ("n_queued", "i4"), ("queue", "i4", (QUEUE,)),
    ("ramp_start", "i8"), ("ramp_end", "i8"), ("source_number", "i8"), ("asked", "i8"),  # frame of the last request's tick
    ("at_frame", "i8"), ("at_note", "i4"), ("at_channel", "i4"),  # of an expected note
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

MATRIX = np.dtype([  # the modulation matrix, compiled from the patch's slots; see matrix.py
    ("n", "i4"), ("n_targets", "i4"), ("classes", "i8"), ("sources", "i8"),
    ("slot", "i4", (N_SLOTS,)), ("source", "i4", (N_SLOTS,)), ("via", "i4", (N_SLOTS,)), ("at", "i4", (N_SLOTS,)),
    ("amount", "f4", (N_SLOTS,)),
    ("now", "f4", (N_SLOTS,)), ("route", "i8", (N_SLOTS,)),  # by slot: the amount smoothed, the route
    ("target", "i4", (N_SLOTS,)), ("class", "i8", (N_SLOTS,)), ("sum", "f4", (N_SLOTS,)), ("kept", "f4", (N_SLOTS,)),
], align=True)

LFO = np.dtype([("speed", "f8"), ("phase", "f8"), ("beats", "f8"), ("fade", "f8"), ("scale", "f4"), ("offset", "f4"),
                ("shape", "i4"), ("own", "i4"), ("jumps", "i4"), ("pad", "i4")], align=True)

SNAPSHOT = np.dtype([
    ("frame", "i8"), ("voices", "i8"), ("late_events", "i8"), ("late_decodes", "i8"), ("late_starts", "i8"), ("blocks", "i8"),
    ("dropped", "i8"),
    ("decode_tick", "i8"), ("decodes", "i8"), ("bad_samples", "i8"), ("cycles_spent", "i8"), ("cycles_peak", "i8"),
    ("underflows", "i8"), ("peak", "f4", (2,)), ("limiter", "f4"), ("pad", "f4"), ("held", "u1", (128,)),
    ("tempo_bpm", "f8"), ("beat", "f8"), ("following", "i8"),
    ("params", PARAM_DTYPE), ("latent", "f4", (MAX_LATENTS,)),
    ("weights", "f4", (4,)), ("follow", "f4", (2,)), ("morph_path", "i8", (2,)),  # of the shared point, as is its latent
    ("frame_again", "i8"),  # equal to `frame` in a copy that is whole
], align=True)

STATE = np.dtype([
    ("counters", "i8", (8 * len(_COUNTER_NAMES),)), ("semaphore", "u1", (64,)), ("wake", "i8"), ("wake_argument", "i8"),
    ("quantum", "i8"), ("process", "i8"),  # addresses of the compiled render_quantum and process, see callback.py
    ("frame", "i8"), ("serial", "i8"), ("sr_hz", "f8"), ("decode_latency", "i8"), ("prefetch", "i8"),
    ("clock_frame", "i8"), ("clock_s", "f8"),
    ("tempo_bpm", "f8"), ("beat", "f8"), ("running", "i8"), ("following", "i8"), ("clock", CLOCK),  # see tempo.py
    ("host", HOST), ("portaudio", PORT), ("lost", "i8", (len(PRODUCERS),)),  # whether messages of a producer were lost
    ("zones", "i4", (2,)),  # members of the lower and the upper MPE zone
    ("request_head", "i8"),
    ("fifo_read", "i8"), ("fifo", "f4", (2, QUANTUM)), ("n_pending", "i8"), ("pending", EVENT_DTYPE, (PENDING,)),
    ("arrived", "i8", (len(PRODUCERS),)), ("peeked", "i8", (len(PRODUCERS),)),  # events of each ring seen, and looked ahead at
    ("limiter_gain", "f4"), ("filter_on", "i4"), ("noise_on", "i4"), ("declick", "f4"),
    ("log2_sr_hz", "f4"),
    ("knobs_moving", "i4"),
    ("morph_path", "i8"), ("newest_morph_path", "i8"), ("edited", "i8"), ("morph_path_due", "i8"),
    ("morph_path_s", "f8"),  # edited: frame, -1 none
    ("morph_paths", "f4", (MORPH_PATHS, 4, MAX_LATENTS)),
    ("n_active", "i4"), ("active", "i4", (SLOTS,)),
    ("knob_target", "f4", (N_KNOBS,)), ("knob_unit", "f4", (2, N_KNOBS)), ("knob", "f4", (N_KNOBS,)),
    ("filter_target", "f4", (16,)), ("filter_smooth", "f4", (2, 16)), ("filter_mix", "f4", (2, 16)), ("filter_slope", "f4", (16,)),
    ("gain", "f4"), ("gain_goal", "f4"), ("gain_now", "f4"),
    ("level", "f4"), ("sub_level", "f4"), ("noise_level", "f4"), ("damping", "f4"), ("drive", "f4"),
    ("uni_ratio", "f8", (MAX_UNISON,)), ("uni_gain", "f4", (2, MAX_UNISON)), ("uni_step", "u8", (MAX_UNISON,)), ("sub_step", "u8"),
    ("unison_of", "f4", (5,)),  # what the rows above were made for
    ("matrix", MATRIX), ("source", "f4", (N_SOURCES,)),
    ("lfos", LFO, (N_LFOS,)), ("lfo_cycles", "f8", (N_LFOS,)), ("lfo_value", "f4", (N_LFOS,)),
    ("newest", "i4"), ("mono", "i4"), ("last_pitch", "f8"), ("n_keys", "i4"), ("keys", KEY, (128,)),
    ("played", PARAM_DTYPE), ("latent_position", LATENT_POSITION),
    ("envelope_settings", "f8", (3, N_ENVELOPE_SETTINGS)),
    ("patch", PATCH), ("patches", PATCH, (PATCHES,)), ("channels", CHANNEL, (16,)), ("channel_kept", CHANNEL, (2,)),
    ("controls", CONTROLS), ("control_tables", CONTROLS, (PATCHES,)),  # the control map, and maps to come
    ("home", "f4", (N_PARAMS,)), ("turned", "u1", (N_PARAMS,)),  # of what controls have turned: where it stood
    ("voices", VOICE, (SLOTS + 1,)),  # the last stands for a note to come
    ("own_envelopes", "f8", (SLOTS, 3, N_ENVELOPE_SETTINGS)),  # settings of the envelopes of voices that have their own
    ("streams", STREAM, (STREAMS,)),
    ("rings", EVENT_DTYPE, (len(PRODUCERS), EVENT_RING)), ("log", EVENT_DTYPE, (LOG_RING,)),
    ("requests", REQUEST, (REQUEST_RING,)), ("answers", ANSWER, (POOL,)), ("returned", "i8", (POOL,)), ("pool", SPECTRUM, (POOL,)),
    ("snapshots", SNAPSHOT, (SNAPSHOTS,)), ("stats", SNAPSHOT), ("record", "f4", (2, RECORD)), ("input", "f4", (2, INPUT)),
    ("twiddle", "f4", (2, TABLE_MAX)), ("undroop", "f4", (N_SIZES, HARMONICS + 1)),
    ("fft_re", "f4", (HARMONICS + 1,)), ("fft_im", "f4", (HARMONICS + 1,)), ("fft_work", "f4", (4, TABLE_MAX // 2)),
    ("frames", "f4", (QUANTUM,)),
    ("tracks", "f4", (GROUPS, LANES, QUANTUM)), ("lanes", "f4", (QUANTUM, LANES)),  # see transpose.py
    ("env_tracks", "f4", (GROUPS, LANES, QUANTUM)), ("env_lanes", "f4", (GROUPS, QUANTUM, LANES)),
    ("env_flat", "f4", (GROUPS, LANES)), ("env_moved", "i4", (GROUPS,)),
    ("rows", "f4", (GROUPS, N_ROWS, LANES)), ("out", "f4", (2, QUANTUM)), ("lane_slot", "i4", (GROUPS, LANES)),
    ("noise_rows", "f4", (GROUPS, 14, LANES)), ("noise_seeds", "u4", (GROUPS, 2, LANES)),
    ("sub_tables", "f4", (SUB_TABLES,)), ("sub_work", "f4", (6 * QUANTUM,)),
    ("envelope", "f4", (SLOTS, QUANTUM)),
    ("tables", "f4", (SLOTS, 3, TABLE_MAX + 8)),
    ("effects", EFFECTS_STATE),
], align=True)


def allocate(sr_hz: float, decode_latency_frames: int, prefetch_frames: int = TICK) -> np.ndarray:
    """A fresh state, STATE[1], 64-byte aligned, every page touched, constants filled in."""
    raw = np.zeros(STATE.itemsize + 64, np.uint8)
    raw[:] = 0  # touch every page now, not in the callback
    offset = -raw.ctypes.data % 64
    state = raw[offset:offset + STATE.itemsize].view(STATE)
    s = state[0]
    s["sr_hz"] = sr_hz
    s["decode_latency"], s["prefetch"] = decode_latency_frames, prefetch_frames
    s["twiddle"] = twiddles(TABLE_MAX)
    for i in range(N_SIZES):
        size = TABLE_MIN << i
        k = np.arange(HARMONICS + 1)
        s["undroop"][i] = np.where(k < size / 7, 1 / np.maximum(response(np.minimum(k / size, 0.15)), 0.5), 0)
    s["limiter_gain"] = s["source"][0] = 1.0
    s["fifo_read"] = QUANTUM
    s["tempo_bpm"] = 120.0
    s["mono"] = s["newest"] = s["edited"] = -1
    s["last_pitch"] = np.nan
    s["streams"]["before"] = s["streams"]["from"] = s["streams"]["to"] = -1
    s["streams"][0]["state"] = 2
    s["unison_of"] = -1
    s["env_flat"] = -1
    for channel in s["channels"]:
        channel["bend_range"] = -1.0
        channel["volume"], channel["expression"], channel["pan"], channel["brightness"] = 100.0, 127.0, 64.0, 64.0
        channel["slide"], channel["rpn"], channel["nrpn"], channel["master"] = 64.0, 0x3FFF, 0x3FFF, -1
        channel["msb"][[7, 10, 11]] = 100, 64, 127
        channel["msb"][16:20] = 64
    for patch in (s["patch"], *s["patches"]):
        patch["tuning"] = np.arange(128)
    prepare(s["effects"], sr_hz)
    return state
