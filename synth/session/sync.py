"""What others of the machine and the network share with us: MTS-ESP's tuning, Link's tempo. One producer's events, made by two threads."""

import threading
from collections.abc import Callable

from ..engine.engine import Engine
from ..errors import UserError
from ..events import Event
from ..ports.link_clock import LinkClock, check_installed
from ..ports.mts_esp import MtsEsp, load_mtsespy
from ..ports.portaudio import Output
from ..text import counted

PRODUCER = "sync"


def check_followed(mts_esp: bool, link: bool) -> None:
    """Raises UserError where what is asked for by name is not installed."""
    if mts_esp:
        load_mtsespy()
    if link:
        check_installed()


class Sync:
    """Follows from `start` to `close` what is asked for; what cannot be had is told, and the sound goes on.

    tempo: the player's own, in beats a minute.
    """

    def __init__(self, engine: Engine, output: Output, tempo: Callable[[], float], told: Callable[[str], None],
                 mts_esp: bool, link: bool) -> None:
        self._engine, self._output = engine, output
        self._lock = threading.Lock()  # a producer's ring has one writer at a time
        self.mts_esp: MtsEsp | None = None
        self.link: LinkClock | None = None
        try:
            if mts_esp:
                self.mts_esp = MtsEsp(self._post_now, told)
        except UserError as error:
            told(str(error))
        try:
            if link:
                self.link = LinkClock(engine, output.time_s, lambda: output.blocksize, tempo, self._post, told)
        except UserError as error:
            told(str(error))

    @property
    def shown(self) -> str:
        """What is followed, in words; '' for nothing."""
        found = []
        if self.mts_esp:
            found.append(f"MTS-ESP: {self.mts_esp.scale}" if self.mts_esp.scale is not None else "MTS-ESP: no master")
        if self.link:
            state = self.link.state
            peers = state.peers if state else 0
            found.append(f"Link: {counted(peers, 'peer')}" + (f", {state.tempo_bpm:.2f} bpm" if state else ""))
        return "; ".join(found)

    def start(self) -> None:
        """Follow from here on."""
        for follower in self._followers():
            follower.start()

    def close(self) -> None:
        """Follow no more."""
        for follower in self._followers():
            follower.close()

    def _followers(self) -> list[MtsEsp | LinkClock]:
        return [follower for follower in (self.mts_esp, self.link) if follower is not None]

    def _post(self, events: list[Event], frame: int) -> bool:
        with self._lock:
            return self._engine.post_together(events, PRODUCER, frame)

    def _post_now(self, events: list[Event]) -> bool:
        return self._post(events, self._engine.frame_at(self._output.time_s()))
