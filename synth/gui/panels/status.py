"""The line at the bottom: what was last said to the player, and how the machine fares."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ...text import counted, printable
from ..geometry import Rect
from ..lateness import lateness
from ..widgets.buttons import Button
from ..widgets.canvas import Canvas, set_colour, set_text
from ..widgets.control import Control

if TYPE_CHECKING:
    from ...session.view_state import Snapshot
    from ..gestures import Gestures

_WRITTEN_S = 0.25
_HINT = "A–K play · Z X octave · C V velocity · Ctrl ← → preset · Ctrl K finds anything · drag a source onto a control"


def facts(snapshot: "Snapshot", fps: float, brief: bool = False) -> str:
    """The figures, as one line; `brief`: the most needed."""
    if brief:
        return f"load {100 * snapshot.load:.0f} %   ·   {snapshot.voices} v   ·   {counted(snapshot.xruns, 'xrun')}"
    words = [f"{fps:.0f} fps", snapshot.audio, f"load {100 * snapshot.load:.0f} %",
             counted(snapshot.voices, "voice"), f"MIDI: {snapshot.midi}",
             counted(snapshot.xruns, "xrun")]
    return "   ·   ".join(words)


class Status:
    """Left a sentence (the newest message, else what came late, else the keys), right the figures; written four times a second."""

    def __init__(self, canvas: Canvas, rect: Rect, gestures: "Gestures", does: dict[str, Callable[[], object]], view: str) -> None:
        """does: `files`, `record`. controls: the buttons at the right end."""
        self._canvas, self._session, self._newest = canvas, gestures.session, gestures.newest
        self.controls: list[Control] = []
        x, px = rect.right, canvas.px
        for name, words, help_line in (("record", "● Record", "Record what is heard, to a file of its own (Ctrl+Shift+R)"),
                                       ("history", "History", "Undo by its steps, what was played lately, compare (Ctrl+H)"),
                                       ("files", "Files", "Open recordings, wavetables, packs, MIDI files; export; Ctrl+O")):
            w = canvas.width(words, "small") + px(20)
            x -= w
            self.controls.append(Button(canvas, f"status.{name}", Rect(x, rect.y, w, rect.h), words, does[name], help_line, font="small",
                                        on=self._is_recording if name == "record" else lambda name=name: view == name))  # type: ignore[misc]
            x -= px(6)
        self._rect = rect = Rect(rect.x, rect.y, x - rect.x - px(8), rect.h)
        y = rect.y + (rect.h - canvas.height("small")) / 2
        self._left = canvas.text(rect.x + canvas.px(2), y, "", "small", "dim")
        self._right = canvas.text(rect.right, y, "", "small", "dim")
        self._y, self._next = y, 0.0
        self._last = ""
        self._written: tuple = ()

    @property
    def is_fresh(self) -> bool:
        """Whether a message is shown that will go."""
        return self._newest.is_fresh(_WRITTEN_S)

    def _is_recording(self) -> bool:
        return self._session.recorded_s is not None

    def update(self, snapshot: "Snapshot", fps: float) -> None:
        """Write what is new."""
        import dearpygui.dearpygui as dpg

        now = time.monotonic()
        message = self._newest.look()
        if message != self._last:
            self._last, self._next = message, 0.0
        if now < self._next:
            return
        self._next = now + _WRITTEN_S
        words = printable(facts(snapshot, fps, brief=self._rect.w < self._canvas.px(900)))
        if (recorded := self._session.recorded_s) is not None:
            words = f"recording {int(recorded) // 60}:{int(recorded) % 60:02d}   ·   {words}"
        late = lateness(snapshot)
        state = (words, snapshot.load > 0.8, message or late)
        if state == self._written:
            return
        self._written = state
        width = self._canvas.width(words, "small")
        dpg.configure_item(self._right, pos=(round(self._rect.right - width - 2), round(self._y)), text=words)
        set_colour(self._right, "orange" if snapshot.load > 0.8 else "dim")
        room = self._rect.w - width - self._canvas.px(24)
        set_text(self._left, self._canvas.fit(message or late or _HINT, room, "small"))
        set_colour(self._left, "text" if message else "dim" if late else "faint")
