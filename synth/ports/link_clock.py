"""Ableton Link: tempo, beat, start and stop that programs of one network share, followed while it plays.

Link runs in a process of its own (`link_child`), as it is under the GPL; what it tells becomes clock events here.
"""

import importlib.metadata
import json
import math
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from ..engine.constants import QUANTUM
from ..engine.engine import Engine
from ..errors import UserError
from ..events import Event, Kind
from ..extras import install_command
from ..text import counted

PACKAGE, BAR_BEATS = "linkpython-extern", 4.0
_OFF_S, _TEMPO_OFF = 0.001, 1e-6  # phase and share of the tempo that are left alone
_AGAIN_S, _JOIN_S, _HELD_UP_S = 1.0, 30.0, 0.0002


@dataclass(frozen=True, slots=True)
class LinkState:
    """What a Link session is at a time of this machine's monotonic clock."""

    at_s: float
    beat: float
    tempo_bpm: float
    playing: bool
    peers: int


def read_state(line: str) -> LinkState | None:
    """A line of `link_child`; None for one that is none."""
    try:
        row = json.loads(line)
        state = LinkState(float(row["at_s"]), float(row["beat"]), float(row["tempo_bpm"]), bool(row["playing"]), int(row["peers"]))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    return state if math.isfinite(state.at_s + state.beat + state.tempo_bpm) and state.tempo_bpm > 0 else None


def check_installed() -> None:
    """Raises UserError where the package is not."""
    try:
        importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        raise UserError(f"Link needs a package more: {install_command('link')}") from None


class LinkClock:
    """A peer from `start` to `close`. Raises UserError where Link is not installed.

    time_s: the stream's clock. block: frames from where a sound is made to where it is heard. tempo: the player's own, in beats a
    minute; a hand that changes it changes it for every peer. post: with events and the frame at which
    they take effect; answers whether there was room.
    """

    def __init__(self, engine: Engine, time_s: Callable[[], float], block: Callable[[], int], tempo: Callable[[], float],
                 post: Callable[[list[Event], int], bool], told: Callable[[str], None]) -> None:
        check_installed()
        self._engine, self._time_s, self._block, self._tempo, self._post, self._told = engine, time_s, block, tempo, post, told
        self.state: LinkState | None = None
        self._own_bpm, self._playing, self._peers = tempo(), False, 0
        self._stop = threading.Event()
        self._child = self._begin()
        self._thread = threading.Thread(target=self._run, name="latentwave-link", daemon=True)

    def start(self) -> None:
        """Follow from here on."""
        self._thread.start()

    def close(self) -> None:
        """Leave the session; the tempo is the player's own again."""
        self._stop.set()
        self._end_child()
        if self._thread.is_alive():
            self._thread.join(timeout=_JOIN_S)
        self._post([Event(Kind.TEMPO, 0, 0.0)], self._engine.frame_at(self._time_s()))

    def _begin(self) -> subprocess.Popen[str]:
        return subprocess.Popen([sys.executable, "-m", "synth.ports.link_child", f"{self._own_bpm:.6f}"], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1)

    def _end_child(self) -> None:
        try:
            if self._child.stdin:
                self._child.stdin.close()
            self._child.wait(2.0)
        except (OSError, ValueError, subprocess.TimeoutExpired):
            self._child.kill()
            self._child.wait()

    def _run(self) -> None:
        while not self._stop.is_set():
            for line in self._child.stdout or ():
                if self._stop.is_set():
                    return
                if state := read_state(line):
                    self.take(state)
                    self._tell_tempo()
            if not self._stop.is_set():
                self.state = None
                self._told("Link has ended; it is begun again")
                self._end_child()
                self._stop.wait(_AGAIN_S)
                if not self._stop.is_set():
                    self._child = self._begin()

    def _tell_tempo(self) -> None:
        """A tempo that the player chose is every peer's."""
        own_bpm = self._tempo()
        if own_bpm != self._own_bpm and self._child.stdin:
            self._own_bpm = own_bpm
            try:
                self._child.stdin.write(f"{own_bpm:.6f}\n")
                self._child.stdin.flush()
            except (OSError, ValueError):
                return  # it has ended, which the reader sees

    def take(self, state: LinkState) -> None:
        """Post what of the session the engine does not play yet."""
        if state.peers != self._peers:
            self._told(f"Link: {counted(state.peers, 'peer')}")
        self.state, self._peers = state, state.peers
        played = self._engine.snapshot()
        if played["following"]:  # a MIDI clock goes first
            return
        before_s, now_s, after_s = time.monotonic(), self._time_s(), time.monotonic()
        if after_s - before_s > _HELD_UP_S:
            return  # between the two clocks: the next line tells as much
        frame, began_s = self._engine.clock()
        sr_hz = self._engine.sr_hz
        heard = frame + (now_s - (before_s + after_s) / 2 + state.at_s - began_s) * sr_hz - self._block()  # the frame that is heard at at_s
        due = self._engine.frame_at(now_s)
        per_frame = state.tempo_bpm / (60.0 * sr_hz)
        beat = state.beat + (due - heard) * per_frame
        beat = beat if beat >= 0 else beat % BAR_BEATS
        bpm = float(played["tempo_bpm"])
        events = []
        if abs(bpm - state.tempo_bpm) > _TEMPO_OFF * bpm:
            events.append(Event(Kind.TEMPO, 0, state.tempo_bpm))
        off = float(played["beat"]) + (due - int(played["frame"]) + QUANTUM) * bpm / (60.0 * sr_hz) - beat
        if events or abs(off) > _OFF_S * sr_hz * per_frame or state.playing != self._playing:
            events.append(Event(Kind.POSITION, 0, beat))
        if state.playing != self._playing:
            events.append(Event(Kind.CONTINUE if state.playing else Kind.STOP))
        if events and self._post(events, due):
            self._playing = state.playing
