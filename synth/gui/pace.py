"""How many frames a second: 120 in a drag, 60 while something happens, 15 when nothing has happened for a while."""

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..session.view_state import Snapshot

_ACTIVE_FPS, _IDLE_FPS, _IDLE_AFTER_S = 60.0, 15.0, 8.0
_DRAG_FPS = 120.0  # a drag is heard sooner; and ImGui takes a held letter's repeats and the mouse's moves in turns, a frame each
_REST = 0.35  # of a frame's cost is slept at least: a slow screen must not eat the machine
_SILENT = 1e-4


class Pace:
    """Sleeps at the end of each frame. fps: as it has been lately."""

    def __init__(self) -> None:
        self.fps = 0.0
        self._busy_until = 0.0

    def note_key(self) -> None:
        """A key was pressed."""
        self._busy_until = time.monotonic() + _IDLE_AFTER_S

    def rest(self, started: float, snapshot: "Snapshot", moved_at: float, dragging: bool, key_held: bool) -> None:
        """The frame that began at `started` (of perf_counter) is drawn. moved_at: when the mouse last moved, of monotonic."""
        now = time.monotonic()
        if snapshot.voices or snapshot.held.any() or max(snapshot.peak_left, snapshot.peak_right) > _SILENT:
            self._busy_until = now + _IDLE_AFTER_S
        idle = now > max(self._busy_until, moved_at + _IDLE_AFTER_S)
        cost = time.perf_counter() - started
        rate = _DRAG_FPS if dragging else _IDLE_FPS if idle else _ACTIVE_FPS
        time.sleep(max(1 / rate - cost, 0.0 if dragging and key_held else cost * _REST))
        whole = time.perf_counter() - started
        self.fps += (1 / whole - self.fps) * (1.0 if not self.fps else 0.08)
