"""The parent's side of a chain of plug-ins: one child process, the memory that the audio thread shares with it, and what is known of it.

A child that dies or hangs is replaced at once by one that was started before and waits; the sound goes on dry meanwhile.
"""

import base64
import json
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from ..engine import insert_layout as layout
from ..engine.engine import Engine
from ..errors import UserError
from ..patch.hosted_effect import HostedEffect
from . import semaphores
from .child_command import command_of, environment
from .child_rows import guilty_row, rows_for_child
from .scan import death_of
from .shared import SharedMemory

_HANGS_S = 0.5  # without a chunk back, while sound is sent
_LOOK_S = 0.05
_ROWS_S = 30.0  # until a chain is opened, and offline a chunk back
_MOST_CRASHES = 2  # of one plug-in
_KEPT: WeakKeyDictionary[Engine, object] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class RowState:
    """What became of a row: whether it runs, else why not; its latency in frames; its parameters as the child tells them."""

    ok: bool = False
    why: str = "is being opened"
    told: str = ""
    latency: int = 0
    params: tuple[dict, ...] = ()


class _Child:
    """One process and the thread that reads what it says."""

    def __init__(self, memory: SharedMemory, sr_hz: float, heard: Callable[["_Child", dict], None], ended: Callable[["_Child"], None]):
        self.process = subprocess.Popen(command_of("child", memory.argument, sr_hz), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, env=environment(), pass_fds=memory.inherited, start_new_session=True)
        self.ready = threading.Event()
        self.ours = False  # killed by us
        self._heard, self._ended = heard, ended
        threading.Thread(target=self._read, name="latentwave-effects", daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            message = json.loads(line)
            if message["is"] == "ready":
                self.ready.set()
            self._heard(self, message)
        self.process.wait()
        self.ready.set()
        self._ended(self)

    def say(self, message: dict) -> None:
        """A line; one that is gone hears nothing."""
        assert self.process.stdin
        try:
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            pass

    def kill(self) -> None:
        """End it."""
        self.ours = True
        self.process.kill()


class EffectsHost:
    """The chain of an engine. way_frames: there and back, a multiple of CHUNK. live: by the clock; else `pump` waits for each chunk.

    Its rows are set with `set_rows` as often as they change. Raises nothing once it runs: what fails is told, and in `states`.
    """

    def __init__(self, engine: Engine, way_frames: int, tell: Callable[[str], None] = lambda sentence: None, live: bool = True):
        self._engine, self._way_frames, self._tell, self._live = engine, way_frames, tell, live
        self._memory = SharedMemory()
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._child: _Child | None = None
        self._spare: _Child | None = None
        self._rows: tuple[HostedEffect, ...] = ()
        self._prepared: list[dict] = []
        self._crashed = ""  # how the last child ended
        self._left_out: dict[int, str] = {}  # rows that ended the process, and how often
        self._crashes: dict[int, int] = {}
        self._serial = self._answered = self._state_serial = 0
        self._found_states: tuple[int, dict[int, bytes]] = (0, {})
        self.states: dict[int, RowState] = {}
        self.restarts = self._told_frames = 0
        self._closed = threading.Event()
        self._place_memory()
        if live:
            threading.Thread(target=self._watch, name="latentwave-effects-watch", daemon=True).start()

    def _place_memory(self) -> None:
        raw = np.frombuffer(self._memory.map, np.uint8)
        self._base = raw.ctypes.data
        for at in (layout.WAKE, layout.ANSWER, layout.FENCE):
            semaphores.begin(self._base + at)
        self.heads = []
        for number, insert in enumerate(self._engine.inserts):
            head, sent, back, macros = (self._base + place for place in layout.places_of(number))
            insert["head"], insert["sent"], insert["back"], insert["macros"] = head, sent, back, macros
            insert["post"], insert["semaphore"] = semaphores.post_address(), self._base + layout.WAKE
            insert["latency"] = self._way_frames
            words = np.frombuffer(self._memory.map, np.int64, layout.HEADER, layout.places_of(number)[0])
            words[layout.VALID] = layout.NEVER
            self.heads.append(words)
        _KEPT[self._engine] = raw  # the audio thread looks at it

    # ---- the chain -------------------------------------------------------------------------------------------------
    @property
    def rows(self) -> tuple[HostedEffect, ...]:
        """The chain as it was set."""
        return self._rows

    @property
    def pid(self) -> int:
        """Of the child; 0 while there is none."""
        child = self._child
        return child.process.pid if child and child.process.poll() is None else 0

    @property
    def latency_frames(self) -> int:
        """How much later all of it makes the sound: the way of each place in use, and the plug-ins in it."""
        used = [n for n, insert in enumerate(self._engine.inserts) if insert["switch"][0]]
        return sum(self._way_frames + int(self.heads[n][layout.DELAY]) for n in used)

    @property
    def late(self) -> int:
        """Chunks that did not come back in time."""
        return int(self._engine.inserts["late"].sum())

    def set_rows(self, rows: Sequence[HostedEffect], wait_s: float = 0.0) -> None:
        """The chain from now on; with `wait_s` until it plays, for so long at most. Looks at plug-ins that it does not know."""
        prepared = rows_for_child(rows, self._left_out)
        with self._lock:
            self._rows, self._prepared = tuple(rows), prepared
            self.states = {row.key: self.states.get(row.key, RowState()) for row in rows}
            if rows and self._child is None:
                self._child = self._start()
            self._send(prepared)
            for place, insert in enumerate(self._engine.inserts):
                insert["switch"][0] = any(row["place"] == place and not row["why"] for row in prepared)
            if wait_s:
                self._changed.wait_for(lambda: self._answered >= self._serial or self._child is None, wait_s)

    def _start(self) -> _Child:
        spare, self._spare = self._spare, None
        return spare or _Child(self._memory, self._engine.sr_hz, self._hear, self._end)

    def _send(self, prepared: list[dict], begin: bool = False) -> None:
        self._serial += 1
        if self._child:
            self._child.say({"do": "rows", "serial": self._serial, "rows": prepared, "hurry": self._live, "begin": begin})
            semaphores.post(self._base + layout.WAKE)

    def take_states(self, timeout_s: float = 5.0) -> dict[int, bytes]:
        """Each plug-in's own state by its row's key; none where the child does not answer."""
        with self._lock:
            if not self._child or not self._rows:
                return {}
            self._state_serial += 1
            wanted = self._state_serial
            self._child.say({"do": "state", "serial": wanted})
            semaphores.post(self._base + layout.WAKE)
            self._changed.wait_for(lambda: self._found_states[0] >= wanted or self._child is None, timeout_s)
            return self._found_states[1] if self._found_states[0] >= wanted else {}

    # ---- offline ---------------------------------------------------------------------------------------------------
    def check(self) -> None:
        """Raises UserError where the child ended instead of opening the chain, or does not answer."""
        with self._lock:
            if self._rows and self._child is None:
                raise UserError(self._crashed)
            if self._answered < self._serial:
                raise UserError(f"the plug-ins are not opened within {_ROWS_S:g} s")

    def pump(self) -> None:
        """Until everything that was sent is back. Raises UserError where the child is gone."""
        since_s = time.monotonic()
        for insert, head in zip(self._engine.inserts, self.heads, strict=True):
            while insert["switch"][0] and head[layout.DONE] < head[layout.SUBMITTED]:
                if self._child is None:
                    raise UserError(self._crashed or "the process of the plug-ins is gone")
                if time.monotonic() - since_s > _ROWS_S:
                    row = guilty_row(self._rows, int(self.heads[0][layout.AT]))
                    raise UserError(f"the plug-in '{row.name if row else '?'}' does not answer within {_ROWS_S:g} s")
                semaphores.wait(self._base + layout.ANSWER, 0.01)

    # ---- what the child says -----------------------------------------------------------------------------------------
    def _hear(self, child: _Child, message: dict) -> None:
        with self._lock:
            if child is not self._child:
                return
            if message["is"] == "rows":
                self._take_rows(message)
                if self._live and self._spare is None and not self._closed.is_set() and self._rows:
                    self._spare = _Child(self._memory, self._engine.sr_hz, self._hear, self._end)
            elif message["is"] == "state":
                states = {int(key): base64.b64decode(text) for key, text in message["states"].items()}
                self._found_states = (int(message["serial"]), states)
            self._changed.notify_all()

    def _take_rows(self, message: dict) -> None:
        names = {row.key: row.name for row in self._rows}
        for row in message["rows"]:
            before = self.states.get(row["key"])
            state = RowState(row["ok"], row["why"], row["told"], row["latency"], tuple(row["params"]))
            if row["key"] in names:
                self.states[row["key"]] = state
                if not state.ok and (before is None or before.why != state.why):
                    self._tell(f"the plug-in '{names[row['key']]}' {state.why}")
                elif state.told and (before is None or before.told != state.told):
                    self._tell(f"the plug-in '{names[row['key']]}': {state.told}")
        self._answered = max(self._answered, int(message["serial"]))
        if self._live and self.latency_frames != self._told_frames:
            self._told_frames = self.latency_frames
            self._tell(f"plug-ins make the sound {1000 * self._told_frames / self._engine.sr_hz:.1f} ms later")

    def _end(self, child: _Child) -> None:
        """A child is gone: another takes its place."""
        with self._lock:
            if child is self._spare:
                self._spare = None
            if child is not self._child:
                return
            self._child = None
            for head in self.heads:
                head[layout.VALID] = layout.NEVER
            if self._closed.is_set():
                return
            self._blame(child)
            if self._live and self._rows:
                self.restarts += 1
                self._child = self._start()
                self._prepared = [{**row, "why": self._left_out.get(row["key"], row["why"])} for row in self._prepared]
                self._send(self._prepared, begin=True)
            self._changed.notify_all()

    def _blame(self, child: _Child) -> None:
        """Whose fault it was: the row at work, unless somebody else ended the process. One that does it again is left out."""
        row = guilty_row(self._rows, int(self.heads[0][layout.AT]))
        self.heads[0][layout.AT] = 0
        code = child.process.returncode
        how = "hangs" if child.ours else f"ends the process that runs it ({death_of(code)})"
        self._crashed = f"the plug-in '{row.name}' {how}" if row else f"the process of the plug-ins ended ({death_of(code)})"
        if row and (child.ours or code != -9):
            self._crashes[row.key] = self._crashes.get(row.key, 0) + 1
            if self._crashes[row.key] >= _MOST_CRASHES:
                self._left_out[row.key] = f"{how}; it is left out"
        self._tell(f"{self._crashed}; the sound goes on without plug-ins until it is started again")

    def _watch(self) -> None:
        """A plug-in that never returns is ended."""
        seen: list[tuple[int, float]] = [(0, 0.0)] * len(self.heads)
        while not self._closed.wait(_LOOK_S):
            now_s = time.monotonic()
            for n, head in enumerate(self.heads):
                done, child = int(head[layout.DONE]), self._child
                if done != seen[n][0] or head[layout.SUBMITTED] <= done or not self.heads[0][layout.AT] or child is None:
                    seen[n] = (done, now_s)
                elif now_s - seen[n][1] > _HANGS_S:
                    child.kill()
                    seen[n] = (done, now_s)

    def close(self) -> None:
        """End the child; the sound goes on dry."""
        self._closed.set()
        with self._lock:
            for insert in self._engine.inserts:
                insert["switch"][0] = 0
            for child in (self._child, self._spare):
                if child:
                    child.kill()
        self._memory.close()
