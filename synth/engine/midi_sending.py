"""What goes out as MIDI, asked for by a thread, with addresses: the state's own long type would cost a call most of a millisecond."""

import numpy as np
from numba import carray, from_dtype

from .compile.atomics import pointer_intrinsic
from .compile.jit import kernel
from .notes.midi_out import MIDI_OUT, collect_messages
from .state import state_at

_out_at = pointer_intrinsic(lambda: from_dtype(MIDI_OUT), "a MIDI_OUT record")
_NEVER = np.iinfo(np.int64).max


@kernel
def collect(address, out, first):
    """`collect_messages` of all that took effect by now, for the state and the MIDI_OUT record at two addresses."""
    s = carray(state_at(address), (1,))[0]
    collect_messages(carray(_out_at(out), (1,))[0], s["rings"], s["control_map"]["controls"], s["knobs"]["patch"], first, _NEVER)
