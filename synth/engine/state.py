"""The engine's whole state: one declared dtype in one 64-byte-aligned block of memory, and who may write what.

Only the audio thread writes, with four exceptions, each handed over by a counter in `counters` (release / acquire):
a producer writes its own event ring, the loader writes a free patch slot, the decode worker a free spectrum slot,
and readers move the tails of the request and log rings.
"""

import numpy as np

from ..events import EVENT_DTYPE, PRODUCERS
from ..params import MAX_LATENTS, PARAM_DTYPE
from .fft import MAX_SIZE, twiddles
from .interpolation import response

QUANTUM = 32  # frames; ramps, LFO steps and table swaps start on this grid
TICK = 128  # frames; the played latent is looked at, and a decode asked for, on this grid
MAX_VOICES = 64  # notes that sound at once
SLOTS = 128  # voices and the fading tails of stolen ones
LANES = 16  # voices rendered side by side
HARMONICS = 1023
TABLE_MIN, TABLE_MAX = 512, MAX_SIZE
TABLE_LOG2_MIN = TABLE_MIN.bit_length() - 1
N_SIZES = TABLE_MAX.bit_length() - TABLE_MIN.bit_length() + 1

EVENT_RING, LOG_RING, REQUEST_RING, SPECTRA, PATCHES, PENDING = 4096, 8192, 256, 128, 4, 512
# SPECTRA: decodes on their way at the largest block, the two being cross-faded, and room to spare
RECORD = 1 << 17  # frames of output kept for scope and recorder

# counters: one cache line each (8 x int64), so that producers do not disturb one another
_LINES = ("request_head", "request_tail", "spectrum_head", "spectrum_tail", "log_head", "log_tail", "loads_head", "loads_tail",
          "snapshot", "clock", "record", *(f"{name}_head" for name in PRODUCERS), *(f"{name}_tail" for name in PRODUCERS))
assert len(set(_LINES)) == len(_LINES)
COUNTER = {name: 8 * i for i, name in enumerate(_LINES)}
RING_HEAD, RING_TAIL = COUNTER[f"{PRODUCERS[0]}_head"], COUNTER[f"{PRODUCERS[0]}_tail"]

ENVELOPE = np.dtype([("stage", "i4"), ("start", "f4"), ("level", "f4"), ("pad", "f4"), ("position", "f8")], align=True)

VOICE = np.dtype([
    ("phase", "u8"), ("step", "u8"), ("next_step", "u8"),  # cycles * 2^64; step per frame at the end of the last quantum
    ("serial", "i8"), ("pitch", "f8"), ("freq_hz", "f8"),  # semitones, Hz sounding at the end of the last quantum
    ("state", "i4"), ("note", "i4"), ("channel", "i4"), ("key_down", "i4"), ("held_by_pedal", "i4"), ("sostenuto", "i4"),
    ("first", "i4"), ("filled", "i4"),  # first frame that sounds in this quantum; envelope frames already made
    ("velocity", "f4"), ("gain", "f4"), ("fade", "f4"), ("flat", "f4"),
    ("gain_left", "f4"), ("gain_right", "f4"), ("cutoff", "f4"),  # at the end of the last quantum
    ("smooth1", "f4"), ("smooth2", "f4"),  # declicked amplitude
    ("z1", "f4"), ("z2", "f4"), ("z3", "f4"), ("z4", "f4"),  # filter
    ("top", "i4"), ("top_from", "i4"), ("log2_size", "i4"), ("side", "i4"), ("blend", "i4"),  # tables, see oscillator.py
    ("amp", ENVELOPE), ("env2", ENVELOPE),
], align=True)

CHANNEL = np.dtype([
    ("bend", "f8"), ("bend_range", "f8"),  # range < 0: the patch's
    ("volume", "f4"), ("expression", "f4"), ("pan", "f4"), ("brightness", "f4"),  # 0..127
    ("gain", "f4", (2,)), ("pan_now", "f4", (2,)), ("bright_now", "f4", (2,)),  # smoothed, two poles
    ("sustain", "i4"), ("sostenuto", "i4"), ("soft", "i4"), ("rpn", "i4"), ("data_msb", "i4"), ("msb", "i4", (32,)),
], align=True)

PATCH = np.dtype([
    ("serial", "i8"), ("instrument", "i8"), ("latent_size", "i8"), ("params", PARAM_DTYPE),
    ("corners", "f4", (4, MAX_LATENTS)), ("low", "f4", (MAX_LATENTS,)), ("high", "f4", (MAX_LATENTS,)),
], align=True)

REQUEST = np.dtype([("tick", "i8"), ("due", "i8"), ("instrument", "i8"), ("serial", "i8"), ("latent", "f4", (MAX_LATENTS,))], align=True)

SPECTRUM = np.dtype([
    ("tick", "i8"), ("due", "i8"), ("serial", "i8"), ("harmonics", "i8"),
    ("re", "f4", (HARMONICS + 1,)), ("im", "f4", (HARMONICS + 1,)),
], align=True)

SNAPSHOT = np.dtype([
    ("frame", "i8"), ("voices", "i8"), ("late_events", "i8"), ("late_decodes", "i8"), ("blocks", "i8"), ("dropped", "i8"),
    ("decode_tick", "i8"), ("decode_serial", "i8"), ("bad_samples", "i8"), ("cycles_spent", "i8"), ("cycles_peak", "i8"),
    ("underflows", "i8"), ("peak", "f4", (2,)), ("limiter", "f4"), ("pad", "f4"), ("held", "u1", (128,)),
    ("params", PARAM_DTYPE), ("latent", "f4", (MAX_LATENTS,)),
], align=True)

STATE = np.dtype([
    ("counters", "i8", (8 * len(_LINES),)), ("semaphore", "u1", (64,)), ("wake", "i8"), ("wake_argument", "i8"),
    ("frame", "i8"), ("serial", "i8"), ("sr_hz", "f8"), ("decode_latency", "i8"), ("random", "u8"),
    ("clock_frame", "i8"), ("clock_s", "f8"),
    ("requested", "i8"), ("answered", "i8"), ("ramp_start", "i8"), ("ramp_end", "i8"),
    ("spectrum_from", "i8"), ("spectrum_to", "i8"),
    ("fifo_read", "i8"), ("fifo", "f4", (2, QUANTUM)), ("n_pending", "i8"), ("pending", EVENT_DTYPE, (PENDING,)),
    ("limiter_gain", "f4"), ("filter_on", "i4"), ("home_position", "f4"), ("n_active", "i4"), ("active", "i4", (SLOTS,)),
    ("target", "f8", (16,)), ("smooth", "f8", (2, 16)), ("filter_mix", "f4", (2, 8)),
    ("latent_target", "f8", (MAX_LATENTS,)), ("latent_now", "f8", (MAX_LATENTS,)), ("latent_sent", "f4", (MAX_LATENTS,)),
    ("cc_offset", "f4", (8,)),
    ("patch", PATCH), ("patches", PATCH, (PATCHES,)), ("channels", CHANNEL, (16,)), ("voices", VOICE, (SLOTS,)),
    ("rings", EVENT_DTYPE, (len(PRODUCERS), EVENT_RING)), ("log", EVENT_DTYPE, (LOG_RING,)),
    ("requests", REQUEST, (REQUEST_RING,)), ("spectra", SPECTRUM, (SPECTRA,)),
    ("snapshots", SNAPSHOT, (2,)), ("stats", SNAPSHOT), ("record", "f4", (2, RECORD)),
    ("twiddle", "f4", (2, TABLE_MAX)), ("undroop", "f4", (N_SIZES, HARMONICS + 1)),
    ("fft_re", "f4", (HARMONICS + 1,)), ("fft_im", "f4", (HARMONICS + 1,)), ("fft_work", "f4", (4, TABLE_MAX // 2)),
    ("workspace", "f4", (5 * QUANTUM,)), ("index", "i4", (QUANTUM,)), ("lanes", "f4", (16, QUANTUM, LANES)),
    ("lane", "f4", (32, LANES)), ("out", "f4", (2, QUANTUM)),
    ("envelope", "f4", (SLOTS, QUANTUM)), ("scratch", "f4", (QUANTUM,)), ("amp_rates", "f8", (4,)), ("env2_rates", "f8", (4,)),
    ("tables", "f4", (SLOTS, 2, TABLE_MAX + 8)),
], align=True)


def allocate(sr_hz: float, decode_latency_frames: int) -> np.ndarray:
    """A fresh state, STATE[1], 64-byte aligned, every page touched, constants filled in."""
    raw = np.zeros(STATE.itemsize + 64, np.uint8)
    raw[:] = 0  # touch every page now, not in the callback
    offset = -raw.ctypes.data % 64
    state = raw[offset:offset + STATE.itemsize].view(STATE)
    s = state[0]
    s["sr_hz"] = sr_hz
    s["decode_latency"] = decode_latency_frames
    s["twiddle"] = twiddles(TABLE_MAX)
    for i in range(N_SIZES):
        size = TABLE_MIN << i
        k = np.arange(HARMONICS + 1)
        s["undroop"][i] = np.where(k < size / 7, 1 / np.maximum(response(np.minimum(k / size, 0.15)), 0.5), 0)
    s["limiter_gain"] = 1.0
    s["random"] = 0x9E3779B97F4A7C15
    s["fifo_read"] = QUANTUM
    for channel in s["channels"]:
        channel["bend_range"] = -1.0
        channel["volume"], channel["expression"], channel["pan"], channel["brightness"] = 100.0, 127.0, 64.0, 64.0
        channel["rpn"] = 0x3FFF
    return state
