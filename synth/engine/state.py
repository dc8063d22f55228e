"""The engine's whole state in one page-aligned block of memory, put together from the rooms' own records.

Only the doors (engine, callback, render, jack_process) see it whole; every other kernel takes the records it works on.
Only the audio thread writes, with four exceptions, each handed over by a counter in `rings` (release / acquire):
a producer writes its own event ring, the loader writes a free patch slot, the decode worker free spectra of the pool and the
ring of answers, and readers move the tails of the request, log and returned rings.
"""

import numpy as np
from numba import from_dtype

from ..events import PRODUCERS
from ..params.knobs import MAX_LATENTS, PARAM_DTYPE
from .abi import HOST, PORT
from .audition import AUDITION
from .compile.atomics import pointer_intrinsic
from .compile.layout import on_lines
from .constants import (
    BLOCK_POOL,
    HARMONICS,
    INPUT,
    N_SIZES,
    N_SOURCES,
    POOL,
    QUANTUM,
    SLOTS,
    SLOTS_AHEAD,
    SNAPSHOTS,
    TABLE_MIN,
    TICK,
)
from .dsp import sub
from .dsp.fft import twiddles
from .dsp.interpolation import response
from .dsp.loudness import k_weights
from .dsp.smoothing import shares
from .effects.chain import CHAIN, EFFECTS_STATE, prepare
from .insert import INSERT
from .insert_layout import N_INSERTS
from .memory import Memory, Span
from .modulation.control_table import CONTROL_MAP
from .modulation.records import KNOBS, MIDI
from .notes.records import TRANSPORT
from .output import OUTPUT, record_frames
from .rings import RINGS
from .timbre.records import LATENT, SPECTRA, TABLES
from .voice.records import CONTROLS, LANES_STATE, POLYPHONY, SHARED

SNAPSHOT = np.dtype([
    ("frame", "i8"), ("voices", "i8"), ("late_events", "i8"), ("late_decodes", "i8"), ("late_starts", "i8"), ("blocks", "i8"),
    ("dropped", "i8"),
    ("decode_tick", "i8"), ("decodes", "i8"), ("bad_samples", "i8"), ("cycles_spent", "i8"), ("cycles_peak", "i8"),
    ("underflows", "i8"), ("peak", "f4", (2,)), ("limiter", "f4"), ("pad", "f4"), ("held", "u1", (128,)),
    ("tempo_bpm", "f8"), ("beat", "f8"), ("following", "i8"),
    ("params", PARAM_DTYPE), ("latent", "f4", (MAX_LATENTS,)),
    ("weights", "f4", (4,)), ("follow", "f4", (2,)), ("morph_path", "i8", (2,)),  # of the shared point, as is its latent
    ("sources", "f4", (N_SOURCES,)),  # of modulation, as the newest voice that sounds has them; those that move nothing stay 0
    ("frame_again", "i8"),  # equal to `frame` in a copy that is whole
], align=True)

STATE = on_lines([
    ("rings", RINGS),  # what threads hand to one another
    ("transport", TRANSPORT),  # frame, rate, tempo, beat
    ("knobs", KNOBS),  # the patch, its knobs smoothed, the modulation matrix
    ("midi", MIDI),  # channels and MPE zones
    ("control_map", CONTROL_MAP),  # rows of what moves what, and where what they turned stood
    ("polyphony", POLYPHONY),  # voices, keys held, envelopes
    ("shared", SHARED),  # made once a quantum for all voices: levels, the filter's response
    ("controls", CONTROLS),  # what one voice is told for this quantum
    ("latent", LATENT),  # where the knobs put the latent position, and the morph paths
    ("spectra", SPECTRA),  # streams of decoded spectra and the pool they lie in
    ("tables", TABLES),  # every voice's wavetables
    ("lanes", LANES_STATE),  # sixteen voices side by side
    ("effects", EFFECTS_STATE),
    ("inserts", INSERT, (N_INSERTS,)),  # where the sound passes through other people's plug-ins: before and behind the effects
    ("audition", AUDITION),  # what is heard over it all
    ("output", OUTPUT),  # the quantum's sound, limiter, recording
    # what only the doors know: addresses of the compiled render_quantum and process, the rest of a quantum that no block has taken yet,
    # the clock, what the host told last, its audio
    ("quantum", "i8"), ("process", "i8"), ("fifo_read", "i8"), ("fifo", "f4", (2, QUANTUM)), ("clock_frame", "i8"), ("clock_s", "f8"),
    ("host", HOST), ("portaudio", PORT), ("input", "f4", (2, INPUT)),
    ("stats", SNAPSHOT), ("snapshots", SNAPSHOT, (SNAPSHOTS,)),
])


_BY_AUDIO_THREAD = ("jack", "host")  # rings of events that `process` itself writes


def _span(*path: str | int) -> Span:
    """Bytes of the state from a field, or an element of one, to its end: `_span("tables", "waves", 3)`."""
    first, form = 0, STATE
    for step in path:
        if isinstance(step, str):
            fields = form.fields
            assert fields is not None
            first, form = first + fields[step][1], fields[step][0]
        else:
            inner = np.dtype((form.base, form.shape[1:]))
            first, form = first + step * inner.itemsize, inner
    return first, first + form.itemsize


def _unused(sr_hz: float) -> list[Span]:
    """What the audio thread does not touch at a rate, and what it reads only after another thread has written it."""
    rings = [(effect.ring_floats(sr_hz), _span("effects", effect.name, "ring")) for effect in CHAIN if effect.ring_floats]
    record = [(record_frames(sr_hz), _span("output", "record", side)) for side in range(2)]
    written = [_span("rings", "events", row) for row, name in enumerate(PRODUCERS) if name not in _BY_AUDIO_THREAD]
    spectra = (_span("spectra", "pool", 0)[0], _span("spectra", "pool", POOL)[0])
    return [*((first + 4 * used, end) for used, (first, end) in rings + record), *written, spectra]


def _later() -> dict[str, list[list[Span]]]:
    """What is made ready ahead of the audio thread (`memory_ahead.py`): large memory of voices by their slots, and of inserts."""
    slots = [[_span("tables", "waves", slot), _span("polyphony", "own_envelopes", slot)] for slot in range(SLOTS_AHEAD, SLOTS)]
    return {"slots": slots, "inserts": [[_span("inserts", insert, "dry")] for insert in range(N_INSERTS)]}


# What is called from outside takes the state by its address: its type written out is half a megabyte, which each start would read.
state_at = pointer_intrinsic(lambda: from_dtype(STATE), "the engine's state")


def _fill_tables(tables: np.void) -> None:
    tables["twiddle"], tables["loudness_weight"] = twiddles(), k_weights()
    for i in range(N_SIZES):
        size = TABLE_MIN << i
        k = np.arange(HARMONICS + 1)
        tables["undroop"][i] = np.where(k < size / 7, 1 / np.maximum(response(np.minimum(k / size, 0.15)), 0.5), 0)


def _reset_channels(channels: np.ndarray) -> None:
    channels["bend_range"] = -1.0
    channels["volume"], channels["expression"], channels["pan"], channels["brightness"] = 100.0, 127.0, 64.0, 64.0
    channels["slide"], channels["rpn"], channels["nrpn"], channels["master"] = 64.0, 0x3FFF, 0x3FFF, -1
    channels["msb"][:, [7, 10, 11]] = 100, 64, 127
    channels["msb"][:, 16:20] = 64


def allocate(sr_hz: float, decode_latency_frames: int, prefetch_frames: int = TICK, block_products: int = 0) -> tuple[np.ndarray, Memory]:
    """A fresh state, STATE[1], constants filled in, and the memory it lies in, of which all is touched that is used at the rate.

    Of voices those of the first SLOTS_AHEAD slots; the others, and the inserts', are to be made ready before they are used.
    """
    memory = Memory(STATE.itemsize, _unused(sr_hz), _later())
    state = memory.bytes.view(STATE)
    s = state[0]
    knobs, polyphony, streams = s["knobs"], s["polyphony"], s["spectra"]["streams"]
    s["transport"]["sr_hz"], s["transport"]["tempo_bpm"] = sr_hz, 120.0
    s["spectra"]["decode_latency"], s["rings"]["prefetch"] = decode_latency_frames, prefetch_frames
    s["spectra"]["block_products"], s["spectra"]["n_free"] = block_products, BLOCK_POOL
    s["spectra"]["free"] = np.arange(POOL, POOL + BLOCK_POOL)
    _fill_tables(s["tables"])
    s["lanes"]["sub_tables"], s["lanes"]["env_flat"] = sub.tables(), -1
    s["output"]["limiter_gain"] = knobs["source"][0] = 1.0
    s["output"]["record_frames"] = record_frames(sr_hz)
    s["fifo_read"] = QUANTUM
    knobs["smoothing"] = shares(sr_hz)
    polyphony["mono"], polyphony["newest"], s["latent"]["edited"] = -1, -1, -1
    polyphony["last_pitch"] = np.nan
    streams["before"] = streams["from"] = streams["to"] = -1
    streams[0]["state"] = 2
    s["controls"]["unison_of"] = -1
    _reset_channels(s["midi"]["channels"])
    knobs["patch"]["tuning"] = s["rings"]["patches"]["tuning"] = np.arange(128)
    prepare(s["effects"], sr_hz)
    return state, memory
