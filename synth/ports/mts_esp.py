"""MTS-ESP: the tuning that a master, a program or plug-in of somebody else, gives to every instrument of a machine, followed as it changes.

Asked for by a thread; what has changed is posted as events, so that notes that sound follow and a take repeats it. The package is an extra.
"""

import math
import threading
from collections.abc import Callable
from types import ModuleType

from ..errors import UserError
from ..events import SILENT_KEY, Event, Kind
from ..extras import install_command

_POLL_S, _JOIN_S = 0.02, 30.0
_KEYS, _ANY_CHANNEL = 128, -1
_LOW_HZ, _HIGH_HZ = 1e-3, 1e5
_ABSENT = "MTS-ESP is not on this machine: its library libMTS was not found; an MTS-ESP master brings it, or https://oddsound.com has it"


def load_mtsespy() -> ModuleType:
    """The package. Raises UserError where it, or the library that all programs share, is not installed."""
    try:
        import mtsespy as mts
    except ImportError:
        raise UserError(f"MTS-ESP needs a package more: {install_command('mts')}") from None
    client = mts.register_client()
    there = mts.get_num_clients() > 0  # without the library nobody counts
    mts.deregister_client(client)
    if not there:
        raise UserError(_ABSENT)
    return mts


def pitch_of(frequency_hz: float) -> float | None:
    """Semitones (MIDI note scale) of a frequency; None for one that is none."""
    if not _LOW_HZ < frequency_hz < _HIGH_HZ:  # false for NaN too
        return None
    return 69.0 + 12.0 * math.log2(frequency_hz / 440.0)


class MtsEsp:
    """A client from `start` to `close`. Raises UserError where MTS-ESP is not installed.

    post: with the events of a change, to take effect together; answers whether there was room. `scale` is the name of the master's
    scale, None while there is no master.
    """

    def __init__(self, post: Callable[[list[Event]], bool], told: Callable[[str], None]) -> None:
        self._mts, self._post, self._told = load_mtsespy(), post, told
        self._client = self._mts.register_client()
        self._given: list[float] = []  # what the engine has of it
        self.scale: str | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="latentwave-mts-esp", daemon=True)

    def start(self) -> None:
        """Follow from here on."""
        self.look()
        self._thread.start()

    def close(self) -> None:
        """Leave; the tuning stays as it is."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=_JOIN_S)
        if self._client is not None:
            self._mts.deregister_client(self._client)
            self._client = None

    def look(self) -> None:
        """Post what has changed since the last look."""
        if not self._mts.has_master(self._client):
            if self.scale is not None and self._post([Event(Kind.OWN_TUNING)]):
                self._given, self.scale = [], None
                self._told("no MTS-ESP master any more: every sound has its own tuning")
            return
        before = self._given or [math.nan] * _KEYS
        wanted = [self._pitch(key, before[key]) for key in range(_KEYS)]
        events = [Event(Kind.KEY_PITCH, key, wanted[key]) for key in range(_KEYS) if wanted[key] != before[key]]
        if events and not self._post(events):
            return  # again at the next look
        self._given = wanted
        scale = str(self._mts.get_scale_name(self._client))
        if scale != self.scale:
            self.scale = scale
            self._told(f"tuned by MTS-ESP: {scale}")

    def _pitch(self, key: int, before: float) -> float:
        if self._mts.should_filter_note(self._client, key, _ANY_CHANNEL):
            return SILENT_KEY
        pitch = pitch_of(self._mts.note_to_frequency(self._client, key, _ANY_CHANNEL))
        return pitch if pitch is not None else float(key) if math.isnan(before) else before

    def _run(self) -> None:
        while not self._stop.wait(_POLL_S):
            self.look()
