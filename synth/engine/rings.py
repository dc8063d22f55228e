"""What threads hand to one another: events and patches in, the journal out, decode requests, and the answers to them.

Each ring has one writer and one reader, a head and a tail in `counters` (release / acquire): a producer writes its own event
ring, the loader a free patch, the decode worker the ring of answers; the audio thread writes the others.
"""

import numpy as np

from ..events import EVENT_DTYPE, PRODUCERS
from .compile.layout import on_lines
from .constants import AUDITIONS, EVENT_RING, LOG_RING, N_COUNTERS, PATCHES, PENDING, POOL, REQUEST_RING
from .modulation.control_table import CONTROLS
from .modulation.records import PATCH
from .timbre.records import ANSWER, REQUEST

RINGS = on_lines([
    ("counters", "i8", (N_COUNTERS,)), ("semaphore", "u1", (64,)), ("wake", "i8"), ("wake_argument", "i8"),
    ("request_head", "i8"),  # of requests that are not published yet
    ("prefetch", "i8"),  # frames before its start that a note is looked at
    ("lost", "i8", (len(PRODUCERS),)),  # whether messages of a producer were lost
    ("late_events", "i8"), ("dropped", "i8"),  # told in the snapshot
    ("arrived", "i8", (len(PRODUCERS),)), ("peeked", "i8", (len(PRODUCERS),)),  # events of each ring seen, and looked ahead at
    ("n_pending", "i8"), ("pending", EVENT_DTYPE, (PENDING,)),  # this quantum's
    ("events", EVENT_DTYPE, (len(PRODUCERS), EVENT_RING)), ("log", EVENT_DTYPE, (LOG_RING,)), ("patches", PATCH, (PATCHES,)),
    ("maps", CONTROLS, (PATCHES,)),  # control maps to come
    ("auditions", np.dtype([("address", "i8"), ("n", "i8")]), (AUDITIONS,)),  # float32[n, 2] of sound to come, see audition.py
    ("requests", REQUEST, (REQUEST_RING,)), ("answers", ANSWER, (POOL,)), ("returned", "i8", (POOL,)),
])
