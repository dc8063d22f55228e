"""Housekeeping of a playing instrument, in a thread: what took effect goes to the document, the logs and the history.

Nothing slow is done here: presets that program changes pick load in the loader's thread, what is written has threads of its own.
"""

import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Protocol

from ..engine.engine import Engine
from ..errors import UserError
from ..events import Event, Kind
from ..patch.chain_change import change_between
from ..patch.hosted_effect import HostedEffect
from ..patch.patch import Patch
from ..patch.programs import BankSelect
from ..render.log_rows import Row, with_loaded
from .background import in_thread
from .controls import Controls
from .spare_memory import trim

_PERIOD_S, _SCAN_S, _TRIM_S = 0.02, 1.0, 60.0
_JOIN_S = 30.0  # a busy machine may hold the thread up; one that hangs must not keep the program for ever


class Log(Protocol):
    """What is told every row of the journal, and writes in a thread of its own."""

    def put(self, rows: list[Row]) -> None:
        """Rows that took effect, in order; must not wait."""
        ...


class Written(Protocol):
    """A file that grows while the instrument plays."""

    def close(self) -> str:
        """Finish it; answers what was saved, or ''. Raises UserError if something was lost."""
        ...


class Housekeeping:
    """Tells `logs` what took effect, and closes `files` at the end, in order.

    follow: called with every row of the journal. program: with the bank and number of each program change; neither may take long.
    scan: called once a second, attend every 20 ms. effects: the document's chain of plug-ins.
    """

    def __init__(self, engine: Engine, logs: Sequence[Log], files: Sequence[Written], *,
                 follow: Callable[[list[tuple[int, Event]]], None], program: Callable[[int, int], object],
                 scan: Callable[[], None], controls: Controls, effects: Callable[[], tuple[HostedEffect, ...]] = lambda: (),
                 attend: Callable[[], None] = lambda: None):
        self._engine, self._logs, self._files = engine, logs, list(files)
        self._follow, self._program, self._scan, self._attend = follow, program, scan, attend
        self._controls = controls
        self._effects, self._chain, self._last_frame = effects, effects(), 0
        self._patches: dict[int, Patch] = {}
        self._banks = BankSelect()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="latentwave-housekeeping", daemon=True)

    def start(self) -> None:
        """Keep house until `stop`."""
        self._thread.start()

    def remember(self, serial: int, patch: Patch) -> None:
        """Which patch an event PATCH of that number means; told before the event can take effect."""
        self._patches[serial] = patch

    def add_file(self, file: Written) -> None:
        """A file more, to be closed at the end."""
        self._files.append(file)

    def drop_file(self, file: Written) -> None:
        """One that is closed by whoever added it."""
        self._files.remove(file)

    def drain(self) -> None:
        """Tell and write down what took effect since the last call; pass program changes on. From one thread at a time."""
        frame, taken = self._engine.frame, self._engine.take_log()
        self._follow(taken)
        for _, event in taken:
            if (picked := self._banks.take(event)) and not event.value:  # 1: a row of the control map took it
                self._program(*picked)
        self._controls.take(taken)
        if self._logs and (rows := self._rows(frame, taken)):
            for log in self._logs:
                log.put(rows)
        for _, event in taken:
            if event.kind == Kind.PATCH:
                self._patches.pop(event.number, None)
            elif event.kind == Kind.CONTROLS:
                self._controls.maps.pop(event.number, None)

    def _rows(self, frame: int, taken: Sequence[tuple[int, Event]]) -> list[Row]:
        """What the logs are told: what took effect, and at `frame`, read before it was taken, the chain of plug-ins where it is another."""
        rows, now = with_loaded(taken, self._patches, self._controls.maps), self._effects()
        for _, _, loaded in rows:
            if isinstance(loaded, Patch):
                self._chain = loaded.effects
        under_way = set(self._patches) - {event.number for _, event in taken if event.kind == Kind.PATCH}
        if now is not self._chain and not under_way:  # a patch brings its own
            change, self._chain = change_between(self._chain, now), now
            if change:
                after_patch = max((i for i, row in enumerate(rows, 1) if isinstance(row[2], Patch)), default=0)
                at = max(bisect_right(rows, frame, key=lambda row: row[0]), after_patch)
                rows.insert(at, (max(frame, rows[at - 1][0] if at else self._last_frame), Event(Kind.PATCH), change))
        self._last_frame = rows[-1][0] if rows else self._last_frame
        return rows

    def stop(self) -> None:
        """End the thread; `drain` is the caller's from here on."""
        self._stop.set()
        self._thread.join(timeout=_JOIN_S)

    def close(self) -> list[str]:
        """Write the rest and close the files; answers what was saved. Raises UserError if something of them was lost."""
        saved, lost = [], []
        try:
            self.drain()
        finally:  # whatever went wrong, a file that can be finished is
            for file in self._files:
                try:
                    saved += [file.close()]
                except UserError as error:
                    lost.append(str(error))
        if lost:
            raise UserError("; ".join(lost))
        return list(filter(None, saved))

    def _run(self) -> None:
        scanned = trimmed = time.monotonic()
        while not self._stop.is_set():
            self._engine.ready_slots()
            self.drain()
            self._attend()
            if time.monotonic() - scanned > _SCAN_S:
                self._scan()
                scanned = time.monotonic()
            if time.monotonic() - trimmed > _TRIM_S:
                in_thread(trim)
                trimmed = time.monotonic()
            time.sleep(_PERIOD_S)  # waking from a wait for an event costs twice that
