"""How many frames a second: 120 in a drag, 60 while something happens; when nothing does, hardly any until something does."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg

from .geometry import Rect
from .input_watch import InputWatch

if TYPE_CHECKING:
    from ..session.session import Session
    from ..session.view_state import Snapshot

_ACTIVE_FPS, _IDLE_FPS, _IDLE_AFTER_S = 60.0, 15.0, 3.0
_DRAG_FPS = 120.0  # a drag is heard sooner; and ImGui takes a held letter's repeats and the mouse's moves in turns, a frame each
_REST = 0.35  # of a frame's cost is slept at least: a slow screen must not eat the machine
_SILENT = 1e-4
_SETTLED_S = 8.5  # since something last happened: the map's trail, which lasts for 8 s, has gone
_DOZE_S, _SLEEP_S, _LISTEN_S = 1.0, 10.0, 0.1  # of a frame when nothing happens, and when all has settled; between looks at the sound


class Pace:
    """Sleeps at the end of each frame. fps: as it has been lately. changing: whether what is shown changes by itself, or will shortly."""

    def __init__(self, session: "Session", changing: Callable[[], bool]) -> None:
        self.fps = 0.0
        self._busy_until = self._settled_at = 0.0
        self._session, self._changing, self._watch = session, changing, InputWatch()

    def close(self) -> None:
        """Let go of the display."""
        self._watch.close()

    def _doze(self, snapshot: "Snapshot", longest_s: float) -> None:
        """Until mouse, keyboard, the sound or the document do something."""
        x, y = dpg.get_viewport_pos()
        window = Rect(x, y, dpg.get_viewport_client_width(), dpg.get_viewport_client_height())
        end, seen, figures = time.monotonic() + longest_s, self._state(snapshot), _figures(snapshot)
        while (left_s := end - time.monotonic()) > 0 and not self._watch.wait(min(left_s, _LISTEN_S), window):
            heard = self._session.snapshot()
            if _sounds(heard) or self._state(heard) != seen:
                self._settled_at = time.monotonic() + _SETTLED_S  # a picture follows, a trail goes
                return
            if _figures(heard) != figures:
                return  # one frame: on a machine that is short of time the next ones would only bring more xruns

    def _state(self, snapshot: "Snapshot") -> tuple:
        """What is looked at while nothing is drawn."""
        session = self._session
        message = session.messages[-1] if session.messages else ""
        return (snapshot.params, id(session.patch), session.loading, message, session.recorded_s is None, session.dirty,
                session.library.version, session.heard, id(session.breeding and session.breeding.now))

    def note_key(self) -> None:
        """A key was pressed."""
        self._busy_until = time.monotonic() + _IDLE_AFTER_S

    def rest(self, started: float, snapshot: "Snapshot", moved_at: float, dragging: bool, key_held: bool) -> None:
        """The frame that began at `started` (of perf_counter) is drawn. moved_at: when the mouse last moved, of monotonic."""
        now, cost = time.monotonic(), time.perf_counter() - started
        moved_at = max(moved_at, self._session.effect_editors.turned_s)  # a hand in a plug-in's own window is one in ours
        if _sounds(snapshot):
            self._busy_until = now + _IDLE_AFTER_S
        idle_s = now - max(self._busy_until, moved_at + _IDLE_AFTER_S)
        settled = idle_s > _SETTLED_S - _IDLE_AFTER_S and now > self._settled_at and not self._changing()
        rate = _DRAG_FPS if dragging else _IDLE_FPS if idle_s > 0 else _ACTIVE_FPS
        came = self._watch.has_come()  # since the frame was drawn, or before: the next one shows it
        if idle_s > 0 and self._watch.works and not came:
            self._doze(snapshot, _SLEEP_S if settled else _DOZE_S)
        else:
            time.sleep(max(1 / rate - cost, 0.0 if dragging and key_held else cost * _REST))
        whole = time.perf_counter() - started
        self.fps += (1 / whole - self.fps) * (1.0 if not self.fps else 0.08)


def _figures(snapshot: "Snapshot") -> tuple:
    """What only the figures at the foot tell."""
    return snapshot.midi, snapshot.audio, snapshot.xruns


def _sounds(snapshot: "Snapshot") -> bool:
    return bool(snapshot.voices or snapshot.held.any() or max(snapshot.peak_left, snapshot.peak_right) > _SILENT)
