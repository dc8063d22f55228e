"""Document and engine kept as one: edits go to both, and what the engine moved by itself comes back through its journal.

Every edit posts an event, and the journal tells when it took effect. A row of a knob for which nothing of ours is still under way
is what the engine has now, whoever turned it, so the document takes it; a row from before a load that is under way is past.
"""

import threading
from collections.abc import Callable, Hashable, Sequence

import numpy as np

from ..engine.constants import LOG_RING
from ..engine.engine import Engine
from ..events import Event, Kind
from ..params.knobs import PARAM_INDEX
from ..patch.patch import Patch
from ..timbres.source import Source
from .differences import as_moved, moved_from, value_of
from .document import Document, State

Key = tuple[Kind, int]
_FOLLOWED = (Kind.PARAM, Kind.CORNER, Kind.MOVED, Kind.LFO_POINT, Kind.LFO_POINTS)


class JournalFollower:
    """A part of `Editor`: what was posted and has not taken effect yet, and what the journal brings.

    rows_changed: told the step before and now where an edit, undo or redo gave other rows of the control map.
    """

    document: Document
    source: Source

    def __init__(self, engine: Engine, frame: Callable[[], int], clock: Callable[[], float],
                 rows_changed: Callable[[State, State], None]) -> None:
        self.engine, self._frame, self._clock, self._rows_changed = engine, frame, clock, rows_changed
        self.lock = threading.RLock()
        self._under_way: dict[Key, list[float]] = {}  # values posted that have not taken effect yet
        self._unsent: dict[Key, tuple[Event, str]] = {}  # for which the ring had no room
        self._loads: set[int] = set()  # serials of patches that have not taken effect yet
        self._loaded_frame, self._missed = 0, False

    # ---- edits -----------------------------------------------------------------------------------------------------
    def _edit(self, patch: Patch, gesture: Hashable, together: bool = False) -> None:
        before = self.document.state
        self.document.edit(patch, gesture, self._clock(), together=together)
        self._compare_rows(before)

    def _compare_rows(self, before: State) -> None:
        now = self.document.state
        if before.controls != now.controls or before.patch.controls != now.patch.controls:
            self._rows_changed(before, now)

    def _post(self, event: Event, producer: str, frame: int | None = None) -> None:
        key = (event.kind, event.number)
        frame = max(self._frame() if frame is None else frame, self._loaded_frame)
        if self._unsent or not self.engine.post(event, producer, frame):
            self._unsent[key] = (event, producer)
        else:
            self._under_way.setdefault(key, []).append(event.value)

    def post_later(self, event: Event, producer: str, frame: int) -> bool:
        """Queue an event that is no edit; False where there is no room."""
        with self.lock:  # a producer's ring has one writer at a time
            return self.engine.post(event, producer, frame)

    def values_now(self, *names: str) -> list[float]:
        """Values of knobs as they are, or will be once what we posted has taken effect: the engine is ahead of its journal."""
        with self.lock:
            played = self.engine.snapshot()["params"].reshape(1).view(np.float32)
            ours = {number for kind, number in (*self._under_way, *self._unsent) if kind == Kind.PARAM}
            return [value_of(self.document.patch, name) if self._loads or PARAM_INDEX[name] in ours else float(played[PARAM_INDEX[name]])
                    for name in names]

    # ---- what the engine tells -------------------------------------------------------------------------------------
    def follow(self, rows: Sequence[tuple[int, Event]]) -> None:
        """Take rows of the journal, in order, all of them."""
        with self.lock:
            self._missed = self._missed or len(rows) >= LOG_RING  # more may have been dropped
            moved: dict[Key, float] = {}
            for _, event in rows:
                if event.kind == Kind.PATCH:
                    self._loads.discard(event.number)
                elif event.kind in _FOLLOWED:
                    key = (Kind.PARAM if event.kind == Kind.MOVED else event.kind, event.number)
                    if event.kind != Kind.MOVED:
                        self._arrived(key, event.value)
                    if not self._loads and key not in self._under_way and key not in self._unsent:
                        moved[key] = event.value
            self._take(moved)
            self._send_rest()
            if self._missed and not self.engine.waiting and not rows:
                self._missed = False
                self._take_all()

    def _arrived(self, key: Key, value: float) -> None:
        values = self._under_way.get(key)
        if values and value in values:
            values.remove(value)
            if not values:
                del self._under_way[key]

    def _take(self, moved: dict[Key, float]) -> None:
        """The document takes what the engine has; what it has already is no edit."""
        for (kind, number), value in moved.items():
            patch = self.document.patch
            found = as_moved(patch, self.source, kind, number, value)
            if found is not patch:
                self._edit(found, ("moved", kind, number), together=True)

    def _send_rest(self) -> None:
        rest, self._unsent = self._unsent, {}
        for event, producer in rest.values():
            self._post(event, producer)

    def _take_all(self) -> None:
        """Rows of the journal were lost: what the engine has is read as a whole."""
        self._under_way.clear()
        self._loads.clear()
        self._take(moved_from(self.document.patch, self.source, self.engine.present_patch()))
