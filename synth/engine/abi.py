"""What a host hands to the engine with a block: audio, events and transport, as plain records that C code can fill in.

    int32 process(STATE *state, const AUDIO *audio_in, const AUDIO *audio_out, uint32 n_frames,
                  const EVENT *events, uint32 n_events, const TRANSPORT *transport)

EVENT is `events.EVENT_DTYPE`: `order` is the producer's place in `events.PRODUCERS`, `frame` counts from the block's first frame, and
may lie beyond it. A row of kind 0 says that messages of its producer were lost: its notes are ended, so that none sticks.
"""

import numpy as np

from ..events import EVENT_DTYPE

# addresses of float32 (0: none), floats from frame to frame
AUDIO = np.dtype([("left", "i8"), ("right", "i8"), ("stride", "i8")], align=True)
TRANSPORT = np.dtype([
    ("now_s", "f8"),  # stream time at the block's first frame
    ("valid", "i8"),  # NONE: the host has no transport; ROLLS: it tells `running` and `seconds`; BEATS: `tempo_bpm` and `beat` too
    ("running", "i8"), ("seconds", "f8"),  # position on its own time line
    ("tempo_bpm", "f8"), ("beat", "f8"),  # song position in quarter notes
], align=True)
NONE, ROLLS, BEATS = range(3)
# what the host told last
HOST = np.dtype([("valid", "i8"), ("running", "i8"), ("tempo_bpm", "f8"), ("next_beat", "f8")], align=True)
# what a port keeps of its own, for its calls
PORT = np.dtype([("audio_in", AUDIO), ("audio_out", AUDIO), ("transport", TRANSPORT), ("no_event", EVENT_DTYPE)], align=True)
