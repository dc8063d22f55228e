"""The audition voice: a sound made beforehand, heard over what is played, as when a preset is pointed at in the library.

It is added behind meter, recorder and limiter: what is heard of the instrument is the same with and without it, bit for bit, and no take
has it. Where both together would go over the ceiling, it gives way. A note that begins ends it, as does the next one.
"""

from collections import deque

import numpy as np
from numba import carray

from .compile.atomics import floats_at, load_acquire, store_release
from .compile.jit import kernel
from .compile.layout import on_lines
from .constants import AUDITIONS, COUNTER, QUANTUM
from .notes.dispatch import NOTE_ON
from .output import CEILING
from .worker_side import load_counter, store_counter

AUDITION = on_lines([("address", "i8"), ("n", "i8"), ("at", "i8"), ("ending", "i4"), ("gain", "f4")])
_HEAD, _TAIL = COUNTER["auditions_head"], COUNTER["auditions_tail"]
_FADE_S = 0.006


@kernel
def _note_begins(rings):
    for i in range(rings["n_pending"]):
        if rings["pending"][i]["kind"] == NOTE_ON and rings["pending"][i]["value"] > 0.0:
            return True
    return False


@kernel
def add_audition(audition, output, rings, transport):
    """The next 32 frames of the audition voice over the output. Real-time: no allocation, no locks, no I/O, no Python."""
    head, tail = load_acquire(rings["counters"], _HEAD), load_acquire(rings["counters"], _TAIL)
    if audition["address"] == 0 and head == tail:
        return
    if head != tail and audition["address"] == 0:  # the newest of those that wait
        slot = rings["auditions"][(head - 1) % AUDITIONS]
        audition["address"], audition["n"] = slot["address"], slot["n"]
        audition["at"], audition["ending"], audition["gain"] = 0, 0, 1.0
        store_release(rings["counters"], _TAIL, head)
    elif head != tail or _note_begins(rings):
        audition["ending"] = 1
    n, gain, out = audition["n"], audition["gain"], output["out"]
    fall = np.float32(1.0 / (_FADE_S * transport["sr_hz"])) if audition["ending"] else np.float32(0.0)
    if n > 0:
        sound = carray(floats_at(audition["address"]), (n, 2))
        for i in range(QUANTUM):
            at = audition["at"] + i
            if at < n and gain > 0.0:
                for c in range(2):
                    room = max(CEILING - abs(out[c, i]), np.float32(0.0))
                    out[c, i] += min(max(gain * sound[at, c], -room), room)
            gain -= fall
    audition["gain"] = gain
    audition["at"] += QUANTUM
    if audition["at"] >= n or gain <= 0.0:
        audition["address"] = 0


class AuditionVoice:
    """Hands sounds over to the audio thread; used from one thread at a time. What it may still read is kept."""

    def __init__(self, rings: np.void) -> None:
        self._rings, self._counters = rings, rings["counters"]
        self._kept: deque[np.ndarray] = deque(maxlen=2 * AUDITIONS)
        self._nothing = np.zeros((1, 2), np.float32)

    def play(self, sound: np.ndarray) -> bool:
        """Let float32[n, 2], at the engine's rate, be heard at once, in place of the one before. False where too many wait."""
        head = load_counter(self._counters, _HEAD)
        if head - load_counter(self._counters, _TAIL) >= AUDITIONS - 1:
            return False
        sound = np.ascontiguousarray(sound, np.float32)
        self._kept.append(sound)
        self._rings["auditions"][head % AUDITIONS] = (sound.ctypes.data, len(sound))
        store_counter(self._counters, _HEAD, head + 1)
        return True

    def stop(self) -> None:
        """Fade out what is heard of it."""
        self.play(self._nothing)
