"""How many frames a second: 120 in a drag, 60 while something happens; when nothing has for a while, one, until something does."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from .input_watch import InputWatch

if TYPE_CHECKING:
    from ..session.view_state import Snapshot

_ACTIVE_FPS, _IDLE_FPS, _IDLE_AFTER_S = 60.0, 15.0, 8.0
_DRAG_FPS = 120.0  # a drag is heard sooner; and ImGui takes a held letter's repeats and the mouse's moves in turns, a frame each
_REST = 0.35  # of a frame's cost is slept at least: a slow screen must not eat the machine
_SILENT = 1e-4
_DOZE_S, _LOOK_S, _LISTEN_S = 1.0, 0.02, 0.1  # of a frame when nothing happens; between looks at mouse and keys, and at the sound


class Pace:
    """Sleeps at the end of each frame. fps: as it has been lately. listen: the sound now."""

    def __init__(self, listen: "Callable[[], Snapshot]") -> None:
        self.fps = 0.0
        self._busy_until = 0.0
        self._listen, self._watch = listen, InputWatch()

    def close(self) -> None:
        """Let go of the display."""
        self._watch.close()

    def _doze(self, params: dict[str, float]) -> None:
        """Until mouse, keyboard or the sound do something; a second at most, for all else that may be shown."""
        end, listen_at = time.monotonic() + _DOZE_S, time.monotonic() + _LISTEN_S
        while (now := time.monotonic()) < end and not self._watch.changed():
            if now > listen_at:
                listen_at = now + _LISTEN_S
                heard = self._listen()
                if _sounds(heard) or heard.params != params:
                    return
            time.sleep(_LOOK_S)

    def note_key(self) -> None:
        """A key was pressed."""
        self._busy_until = time.monotonic() + _IDLE_AFTER_S

    def rest(self, started: float, snapshot: "Snapshot", moved_at: float, dragging: bool, key_held: bool) -> None:
        """The frame that began at `started` (of perf_counter) is drawn. moved_at: when the mouse last moved, of monotonic."""
        now = time.monotonic()
        if _sounds(snapshot):
            self._busy_until = now + _IDLE_AFTER_S
        idle = now > max(self._busy_until, moved_at + _IDLE_AFTER_S)
        if idle and self._watch.works:
            self._doze(snapshot.params)
        cost = time.perf_counter() - started
        rate = _DRAG_FPS if dragging else _IDLE_FPS if idle else _ACTIVE_FPS
        time.sleep(max(1 / rate - cost, 0.0 if dragging and key_held else cost * _REST))
        whole = time.perf_counter() - started
        self.fps += (1 / whole - self.fps) * (1.0 if not self.fps else 0.08)


def _sounds(snapshot: "Snapshot") -> bool:
    return bool(snapshot.voices or snapshot.held.any() or max(snapshot.peak_left, snapshot.peak_right) > _SILENT)
