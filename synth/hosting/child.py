"""The process that runs a chain of plug-ins: `python -m synth.hosting.child MEMORY RATE`. One dies, hangs or scribbles here alone.

It reads lines of JSON ({"do": "rows" | "turn" | "state" | "read"}) and answers with such lines. Between them it takes chunks of sound
out of the shared memory (engine/insert_layout.py) and puts what becomes of them back.
"""

import base64
import contextlib
import gc
import importlib
import json
import mmap
import os
import sys
import threading
from collections import deque
from typing import Any, BinaryIO

import numpy as np

from ..engine import insert_layout as layout
from . import semaphores
from .child_chain import START_CHUNKS, Chain, Slot
from .child_command import own_answers

_HOSTS = ("pedalboard", "minihost")
_LOOK_S = 0.1  # how often a line is looked for while no sound comes
_MOST_BEHIND = 64  # chunks; what is older is left out
_PRIORITY = 8  # real time, below what a sound server takes
_HOG_S = 1  # of real time without rest: a plug-in that never returns ends its process, not the machine


class Place:
    """One insert's part of the memory."""

    def __init__(self, memory: mmap.mmap, number: int):
        head, sent, back, values = layout.places_of(number)
        ring = (2, layout.RING)
        self.head = np.frombuffer(memory, np.int64, layout.HEADER, head)
        self.sent = np.frombuffer(memory, np.float32, 2 * layout.RING, sent).reshape(ring)
        self.back = np.frombuffer(memory, np.float32, 2 * layout.RING, back).reshape(ring)
        n = layout.RING // layout.CHUNK
        self.values = np.frombuffer(memory, np.float32, n * layout.N_VALUES, values).reshape(n, layout.N_VALUES)
        self.next = 0


class Child:
    """The loop."""

    def __init__(self, memory: mmap.mmap, sr_hz: float, answers: BinaryIO):
        self._base = np.frombuffer(memory, np.uint8).ctypes.data
        self._places = [Place(memory, n) for n in range(layout.N_INSERTS)]
        self._chain, self._answers = Chain(sr_hz, self._begin_opening), answers
        self._lines: deque[bytes] = deque()
        self._orphan, self._told = False, threading.Event()
        self._failed: set[int] = set()

    def run(self) -> None:
        """Until the parent is gone."""
        threading.Thread(target=self._read, daemon=True).start()
        self._say({"is": "ready"})
        for host in _HOSTS:  # one that is kept in reserve has them at hand when its time comes, and else touches nothing
            if not self._told.is_set():
                with contextlib.suppress(ImportError):
                    importlib.import_module(host)
        self._told.wait()
        wake, answer = self._base + layout.WAKE, self._base + layout.ANSWER
        while self._listen():
            semaphores.wait(wake, _LOOK_S)
            for number, place in enumerate(self._places):
                self._work(place, self._chain.places[number])
            semaphores.post(answer)
            self._tell_failed()

    # ---- sound -----------------------------------------------------------------------------------------------------
    def _work(self, place: Place, slots: list[Slot]) -> None:
        head, at_work = place.head, self._places[0].head
        while place.next < (submitted := int(head[layout.SUBMITTED])):
            if submitted - place.next > _MOST_BEHIND * layout.CHUNK:
                self._begin_place(place, sum(slot.latency for slot in slots))
                return
            at = place.next % layout.RING
            x: np.ndarray = place.sent[:, at:at + layout.CHUNK]
            values = place.values[at // layout.CHUNK]
            for slot in slots:
                at_work[layout.AT] = slot.key
                if slot.row["macros"] or slot.row["moved"]:
                    slot.turn(values)
                x = slot.process(x)
            at_work[layout.AT] = 0
            place.back[:, at:at + layout.CHUNK] = x
            place.next += layout.CHUNK
            semaphores.post(self._base + layout.FENCE)
            head[layout.DONE] = place.next
            if any([slot.shifted for slot in slots]):
                for slot in slots:
                    slot.take_latency()
                self._begin_place(place, sum(slot.latency for slot in slots))
                self._tell_rows(0)

    def _begin_opening(self, key: int) -> None:
        """A row is opened or set from now on; 0: no longer. A number under 0 tells whoever watches from one that makes sound."""
        self._places[0].head[layout.AT] = -key

    def _begin_place(self, place: Place, latency: int) -> None:
        """From what comes next on: what is back of it is worth hearing when it has gone through."""
        place.next = int(place.head[layout.SUBMITTED])
        place.head[layout.VALID] = place.next + latency + START_CHUNKS * layout.CHUNK if place.next else 0
        place.head[layout.DELAY] = min(latency, layout.MOST_DELAY)
        semaphores.post(self._base + layout.FENCE)
        place.head[layout.DONE] = place.next

    # ---- words -----------------------------------------------------------------------------------------------------
    def _read(self) -> None:
        """Lines as they come, in a thread of its own: not every system can ask whether there is one."""
        for line in sys.stdin.buffer:
            self._lines.append(line)
            self._told.set()
        self._orphan = True
        self._told.set()

    def _listen(self) -> bool:
        """Do what the lines that have come say. Answers whether the parent is there."""
        while self._lines:
            self._do(json.loads(self._lines.popleft()))
        return not self._orphan

    def _do(self, message: dict[str, Any]) -> None:
        if message["do"] == "rows":
            be_ordinary()
            running = any(place.head[layout.SUBMITTED] for place in self._places)
            changed = self._chain.set_rows(message["rows"], running)
            if changed or message.get("begin"):
                for number, place in enumerate(self._places):
                    self._begin_place(place, self._chain.latency(number))
            gc.collect()
            gc.freeze()
            self._tell_rows(int(message["serial"]))
            if message.get("hurry"):
                be_prompt()
        elif message["do"] == "turn":
            self._say({"is": "turned", "serial": message["serial"], "rows": self._chain.turn(message["rows"])})
        elif message["do"] == "state":
            self._say({"is": "answer", "serial": message["serial"], "states": self._states()})
        elif message["do"] == "read":
            self._say({"is": "answer", "serial": message["serial"], **self._chain.read(message["key"], message["name"], message["text"])})

    def _states(self) -> dict[int, str]:
        """Of every plug-in, behind a block of silence where none ran since it was set: parameters reach its state only with one."""
        states = {}
        for slot in self._chain.rows:
            if slot.effect:
                slot.put_to_rest()
                if slot.unheard:
                    slot.effect.process(np.zeros((2, layout.CHUNK), np.float32))
                    slot.unheard = False
                states[slot.key] = base64.b64encode(slot.effect.get_state()).decode()
        return states

    def _tell_rows(self, serial: int) -> None:
        self._say({"is": "rows", "serial": serial, "rows": [slot.told_row() for slot in self._chain.rows]})

    def _tell_failed(self) -> None:
        failed = {slot.key for slot in self._chain.rows if slot.effect and slot.why}
        if failed - self._failed:
            self._tell_rows(0)
        self._failed = failed

    def _say(self, message: dict[str, Any]) -> None:
        self._answers.write(json.dumps(message).encode() + b"\n")
        self._answers.flush()


def be_prompt() -> None:
    """Real time where the machine allows it."""
    with contextlib.suppress(OSError, AttributeError, ValueError, ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_RTTIME, (_HOG_S * 1_000_000, 2 * _HOG_S * 1_000_000))
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_PRIORITY))


def be_ordinary() -> None:
    """As any process: plug-ins take long to open."""
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def main() -> None:
    """Run until the parent goes."""
    from .shared import open_memory

    answers = own_answers()
    gc.disable()
    Child(open_memory(sys.argv[1]), float(sys.argv[2]), answers).run()
    os._exit(0)  # plug-ins may hang at their end, and nothing is kept here


if __name__ == "__main__":
    main()
