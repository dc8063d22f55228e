"""The parent's side of a chain of plug-ins: one child process, the memory that the audio thread shares with it, and what is known of it.

A child that dies or hangs is replaced at once by one that was started before and waits; the sound goes on dry meanwhile.
"""

import base64
import threading
import time
from collections.abc import Callable, Sequence
from weakref import WeakKeyDictionary

import numpy as np

from ..engine import insert_layout as layout
from ..engine.engine import Engine
from ..errors import UserError
from ..patch.hosted_effect import HostedEffect
from . import semaphores
from .blame import Blame, guilty_row
from .child_command import command_of
from .child_process import ChildProcess
from .child_rows import look_again, rows_for_child, turned_rows
from .row_status import RowStatus, news, status_of, turned_status
from .shared import SharedMemory

_HANGS_S = 0.5  # without a chunk back, while sound is sent
_OPENS_S = 15.0  # to open a plug-in, or to set it
_LOOK_S = 0.05
_ROWS_S = 30.0  # until a chain is opened, and offline a chunk back
_KEPT: WeakKeyDictionary[Engine, object] = WeakKeyDictionary()


class EffectsHost:
    """The chain of an engine. way_frames: there and back, a multiple of CHUNK. live: by the clock; else `pump` waits for each chunk.

    Its rows are set with `set_rows` as often as they change. Raises nothing once it runs: what fails is told, and in `states`.
    """

    def __init__(self, engine: Engine, way_frames: int, tell: Callable[[str], None] = lambda sentence: None, live: bool = True):
        self._engine, self._way_frames, self._tell, self._live = engine, way_frames, tell, live
        self._memory = SharedMemory()
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._child: ChildProcess | None = None
        self._spare: ChildProcess | None = None
        self._rows: tuple[HostedEffect, ...] = ()
        self._prepared: list[dict] = []
        self._blame = Blame()
        self._serial = self._answered = self._asked = 0
        self._answer: tuple[int, dict] = (0, {})
        self.statuses: dict[int, RowStatus] = {}
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
        self._engine.ready_inserts()
        for number, insert in enumerate(self._engine.inserts):
            head, sent, back, values = (self._base + place for place in layout.places_of(number))
            insert["head"], insert["sent"], insert["back"], insert["values"] = head, sent, back, values
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
        with self._lock:
            turned = turned_rows(self._rows, rows) if self._child else None
            if turned is not None:
                self._turn(tuple(rows), turned)
                self._wait(wait_s)
                return
        prepared = rows_for_child(rows, self._blame.left_out, self._blame.tries)
        with self._lock:
            self._rows, self._prepared = tuple(rows), prepared
            self.statuses = {row.key: self.statuses.get(row.key, RowStatus()) for row in rows}
            if rows and self._child is None:
                self._child = self._start()
            self._send(prepared)
            for place, insert in enumerate(self._engine.inserts):
                insert["switch"][0] = any(row["place"] == place and not row["why"] for row in prepared)
            self._wait(wait_s)

    def _wait(self, wait_s: float) -> None:
        if wait_s:
            self._changed.wait_for(lambda: self._answered >= self._serial or self._child is None, wait_s)

    def _turn(self, rows: tuple[HostedEffect, ...], turned: list[dict]) -> None:
        """As cheap as it is frequent: a hand is on a knob."""
        self._rows = rows
        by_key = {row["key"]: row for row in turned}
        self._prepared = [{**row, **by_key.get(row["key"], {})} for row in self._prepared]
        if turned and self._child:
            self._serial += 1
            self._child.say({"do": "turn", "serial": self._serial, "rows": turned})
            semaphores.post(self._base + layout.WAKE)

    def open_again(self, key: int) -> None:
        """Look for a row's plug-in and open it once more, whatever became of it before; takes seconds. Raises UserError."""
        with self._lock:
            rows = self._rows
            self._blame.forgive(key)
            self.statuses[key] = RowStatus()
        look_again(next((row for row in rows if row.key == key), None))
        with self._lock:
            rows, self._rows = self._rows, ()
        self.set_rows(rows)

    def _start(self) -> ChildProcess:
        spare, self._spare = self._spare, None
        return spare or self._new_child()

    def _new_child(self) -> ChildProcess:
        return ChildProcess(command_of("child", self._memory.argument, self._engine.sr_hz), self._hear, self._end,
                            inherited=self._memory.inherited)

    def _send(self, prepared: list[dict], begin: bool = False) -> None:
        self._serial += 1
        if self._child:
            self._child.say({"do": "rows", "serial": self._serial, "rows": prepared, "hurry": self._live, "begin": begin})
            semaphores.post(self._base + layout.WAKE)

    def take_states(self, timeout_s: float = 5.0) -> dict[int, bytes]:
        """Each plug-in's own state by its row's key; none where the child does not answer."""
        found = self._ask({"do": "state"}, timeout_s)
        return {int(key): base64.b64decode(text) for key, text in found.get("states", {}).items()}

    def read_text(self, key: int, name: str, text: str, timeout_s: float = 1.0) -> float:
        """Where a parameter stands, 0..1, when it shows a text. Raises UserError."""
        found = self._ask({"do": "read", "key": key, "name": name, "text": text}, timeout_s)
        if "unit" not in found:
            raise UserError(found.get("why", "the plug-in does not run, so it reads nothing"))
        return float(found["unit"])

    def _ask(self, question: dict, timeout_s: float) -> dict:
        """What the child answers; nothing where it does not."""
        with self._lock:
            if not self._child or not self._rows:
                return {}
            self._asked += 1
            wanted = self._asked
            self._child.say({**question, "serial": wanted})
            semaphores.post(self._base + layout.WAKE)
            self._changed.wait_for(lambda: self._answer[0] >= wanted or self._child is None, timeout_s)
            return self._answer[1] if self._answer[0] == wanted else {}

    # ---- offline ---------------------------------------------------------------------------------------------------
    def check(self) -> None:
        """Raises UserError where the child ended instead of opening the chain, or does not answer."""
        with self._lock:
            if self._rows and self._child is None:
                raise UserError(self._blame.last)
            if self._answered < self._serial:
                raise UserError(f"the plug-ins are not opened within {_ROWS_S:g} s")

    def pump(self) -> None:
        """Until everything that was sent is back. Raises UserError where the child is gone."""
        since_s = time.monotonic()
        for insert, head in zip(self._engine.inserts, self.heads, strict=True):
            while insert["switch"][0] and head[layout.DONE] < head[layout.SUBMITTED]:
                if self._child is None:
                    raise UserError(self._blame.last or "the process of the plug-ins is gone")
                if time.monotonic() - since_s > _ROWS_S:
                    row = guilty_row(self._rows, int(self.heads[0][layout.AT]))
                    raise UserError(f"the plug-in '{row.name if row else '?'}' does not answer within {_ROWS_S:g} s")
                semaphores.wait(self._base + layout.ANSWER, 0.01)

    # ---- what the child says -----------------------------------------------------------------------------------------
    def _hear(self, child: ChildProcess, message: dict) -> None:
        with self._lock:
            if child is not self._child:
                return
            if message["is"] == "rows":
                self._take_rows(message)
                if self._live and self._spare is None and not self._closed.is_set() and self._rows:
                    self._spare = self._new_child()
            elif message["is"] == "turned":
                self._take_turned(message)
            elif message["is"] == "answer":
                self._answer = int(message["serial"]), message
            self._changed.notify_all()

    def _take_rows(self, message: dict) -> None:
        for row in message["rows"]:
            self._note(row["key"], status_of(row))
        self._answered = max(self._answered, int(message["serial"]))
        if self._live and self.latency_frames != self._told_frames:
            self._told_frames = self.latency_frames
            if self._told_frames:  # that there is no delay any more needs no words
                self._tell(f"plug-ins make the sound {1000 * self._told_frames / self._engine.sr_hz:.1f} ms later")

    def _take_turned(self, message: dict) -> None:
        for row in message["rows"]:
            before = self.statuses.get(row["key"])
            if before:
                self._note(row["key"], turned_status(before, row))
        self._answered = max(self._answered, int(message["serial"]))

    def _note(self, key: int, status: RowStatus) -> None:
        name = next((row.name for row in self._rows if row.key == key), None)
        if name is not None:
            sentence = news(name, self.statuses.get(key), status)
            self.statuses[key] = status
            if sentence:
                self._tell(sentence)

    def _end(self, child: ChildProcess) -> None:
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
            self._blame.note_end(self._rows, int(self.heads[0][layout.AT]), child.process.returncode, child.ours)
            self.heads[0][layout.AT] = 0
            self._tell(f"{self._blame.last}; the sound goes on without plug-ins until it is started again")
            if self._live and self._rows:
                self.restarts += 1
                self._child = self._start()
                self._prepared = [{**row, "why": self._blame.left_out.get(row["key"], row["why"])} for row in self._prepared]
                self._send(self._prepared, begin=True)
            self._changed.notify_all()

    def _watch(self) -> None:
        """A plug-in that never returns is ended; one that is being opened has longer."""
        seen: list[tuple[tuple[int, int], float]] = [((0, 0), 0.0)] * len(self.heads)
        while not self._closed.wait(_LOOK_S):
            now_s, key = time.monotonic(), int(self.heads[0][layout.AT])
            for n, head in enumerate(self.heads):
                at, child = (int(head[layout.DONE]), min(key, 0)), self._child
                waits = key < 0 or (key and head[layout.SUBMITTED] > at[0])
                if at != seen[n][0] or not waits or child is None:
                    seen[n] = (at, now_s)
                elif now_s - seen[n][1] > (_OPENS_S if key < 0 else _HANGS_S):
                    child.kill()
                    seen[n] = (at, now_s)

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
