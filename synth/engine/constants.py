"""Sizes of the engine: the grid it runs on, how many of everything there are, and how long its rings are.

Every room takes its sizes from here; what lies in memory is declared by the rooms' own `records.py`.
"""

from ..events import PRODUCERS
from ..params.knobs import FIRST_LATENT, KNOBS, MAX_DIRECTIONS, MAX_LATENTS, MOD_SOURCES, N_SLOTS
from ..patch.morph import MAX_PARTS

QUANTUM = 32  # frames; ramps, LFO steps and table swaps start on this grid
TICK = 128  # frames; played latents are looked at, and decodes asked for, on this grid
MAX_VOICES = 64  # notes that sound at once
SLOTS = 128  # voices and the fading tails of stolen ones
SLOTS_AHEAD = MAX_VOICES  # beyond those in use, whose memory is made ready: more than starts while it is
LANES = 16  # rendered side by side
GROUPS = 2 * SLOTS // LANES  # a voice takes one lane, one in unison two
HARMONICS = 1023
TABLE_MIN, TABLE_MAX = 512, 8192
TABLE_LOG2_MIN = TABLE_MIN.bit_length() - 1
N_SIZES = TABLE_MAX.bit_length() - TABLE_MIN.bit_length() + 1
N_KNOBS, N_SOURCES = len(KNOBS), len(MOD_SOURCES)

# a morph of presets: each part has slots of its own, and a latent position with knobs of its own
N_PART_ROUTES = MAX_PARTS * N_SLOTS
N_ROUTES = N_SLOTS + N_PART_ROUTES
PART_KNOBS = ("osc.position", "osc.position_y", "osc.follow", *(f"direction.{n}" for n in range(1, MAX_DIRECTIONS + 1)), "map.x", "map.y")
N_PART_KNOBS = len(PART_KNOBS)
PART_LATENT = FIRST_LATENT + MAX_LATENTS  # targets beyond the parameters: latents of all parts in one row, then each part's knobs
PART_KNOB = PART_LATENT + MAX_LATENTS
PLUGIN_TARGET = PART_KNOB + MAX_PARTS * N_PART_KNOBS  # and what each slot adds to a parameter of a plug-in, by slot
MAX_GAINS = 81  # of a morph's loudness curve

EVENT_RING, LOG_RING, REQUEST_RING, PATCHES, PENDING = 4096, 8192, 1024, 4, 512
AUDITIONS = 4  # sounds to be heard over what is played, that may wait to be taken
TICKS = 1024  # MIDI clocks looked back on
POOL = 1024  # spectra: on their way, waiting for their frame, being cross-faded
BLOCK_POOL = 320  # more of them, which the audio thread itself decodes: four of each of 64 streams, the shared one, and fading ones
BLOCK_NUMBERS = 4096  # of a row's workspace, at most, where a decoder runs on the audio thread
BLOCK_HIDDEN = 256  # of the network of its named directions, at most
STREAMS = 1 + SLOTS + 64  # streams of spectra: 0 the shared one, others of single voices and of notes to come
MORPH_PATHS = 64  # corners that morphs were found to follow, looked back on
QUEUE = 40  # spectra of a stream that wait for their frame; 33 ticks of the largest block
TICK_DECODES = 32  # voices that may ask at one tick where the worker decodes, twice as many where the block does; more take turns
RECORD = 1 << 19  # frames of output kept for scope and recorder, at most: two seconds and more at 192 kHz, the highest rate
INPUT = 1 << 16  # frames of input kept
SNAPSHOTS = 8  # copies: a reader has the time in which seven blocks are made

# counters: one cache line each (8 x int64), so that producers do not disturb one another
_COUNTER_NAMES = ("request_head", "request_tail", "answer_head", "answer_tail", "returned_head", "returned_tail", "log_head", "log_tail",
                  "loads_head", "loads_tail", "maps_head", "maps_tail", "auditions_head", "auditions_tail",
                  "snapshot", "clock", "record", "input",
                  *(f"{name}_head" for name in PRODUCERS), *(f"{name}_tail" for name in PRODUCERS))
assert len(set(_COUNTER_NAMES)) == len(_COUNTER_NAMES)
COUNTER = {name: 8 * i for i, name in enumerate(_COUNTER_NAMES)}
N_COUNTERS = 8 * len(_COUNTER_NAMES)
RING_HEAD, RING_TAIL = COUNTER[f"{PRODUCERS[0]}_head"], COUNTER[f"{PRODUCERS[0]}_tail"]
