"""The engine's memory as other threads keep it ahead of the audio thread, which must touch no page first."""

import numpy as np

from .constants import SLOTS
from .insert_layout import N_INSERTS
from .memory import Memory


class MemoryAhead:
    """A part of `Engine`."""

    _s: np.void  # the state
    _memory: Memory  # it lies in

    def ready_slots(self) -> None:
        """Make memory ready for SLOTS_AHEAD voices more than there are: every 20 ms while it plays, from one thread."""
        used = np.flatnonzero(self._s["polyphony"]["voices"]["state"][:SLOTS])
        if len(used):
            self._memory.ready("slots", int(used[-1]) + 1)

    def ready_inserts(self) -> None:
        """Make memory ready for plug-ins of others: before an insert is in use."""
        self._memory.ready("inserts", N_INSERTS)
