"""What the window does, as JSON lines, so that a test can drive it and wait on events instead of sleeping."""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dearpygui.dearpygui as dpg

from .geometry import Rect

if TYPE_CHECKING:
    from ..events import Event
    from ..session.session import Session
    from ..session.view_state import Snapshot
    from .widgets.canvas import Canvas

_LOGGED = frozenset({
    "set_param", "set_latent", "load_preset", "load_model", "random_patch", "step_preset", "undo", "redo", "save", "save_as",
    "modulate", "remove_row", "set_row", "set_corner", "go_to", "learn", "forget_control", "make_morph", "set_morph_part",
    "set_morph_position", "clear_morph_part", "load_entry", "set_favourite", "rate_preset", "breed", "audition", "pick",
    "open_file", "open_recording", "open_wavetable", "unpack", "export_wavetable", "export_preset", "export_pack", "render_song",
    "start_recording", "go_to_step", "play_phrase", "return_to_sound", "check_folder", "start_training", "make_instrument",
    "stop_training", "hear_training", "change_control", "keep_phrase", "compare", "stop_recording", "set_lfo_shape",
    "hear_entry", "add_effect", "remove_effect", "step_effect", "set_effect", "set_effect_unit", "type_effect_param",
    "put_effect_on_macro", "open_effect_again", "toggle_effect_editor", "scan_effects", "set_morph_axis", "set_layer",
    "set_morph_stops", "lock", "insert_morph_part", "go_to_preset", "duplicate_preset", "open_report", "set_corner_to_preset"})


_TEXT_FRAMES = 6  # until every control has written its value


class EventLog:
    """One JSON object a line, flushed at once: {"event": ..., "t": seconds, ...}. Without a path it does nothing."""

    def __init__(self, path: Path | None) -> None:
        self._file = open(path, "w", encoding="utf-8") if path else None

    @property
    def on(self) -> bool:
        """True when somebody reads."""
        return self._file is not None

    def write(self, event: str, **fields: Any) -> None:
        """Write one event."""
        if self._file:
            self._file.write(json.dumps({"event": event, "t": round(time.monotonic(), 4), **fields}) + "\n")
            self._file.flush()

    def rect(self, name: str, rect: Rect) -> None:
        """Write where an item is, in viewport pixels."""
        self.write("rect", name=name, x=round(rect.x, 1), y=round(rect.y, 1), w=round(rect.w, 1), h=round(rect.h, 1))

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()
            self._file = None


def _plain(value: Any) -> Any:
    """What of an argument can be written down."""
    return float(value) if isinstance(value, int | float) else str(getattr(value, "shape", type(value).__name__))


class LoggedSession:
    """The player with every edit of the window written down on its way."""

    def __init__(self, session: "Session", log: EventLog) -> None:
        self._session, self._log = session, log

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._session, name)
        if name not in _LOGGED:
            return value

        def logged(*args: Any, **more: Any) -> Any:
            answer = value(*args, **more)
            self._log.write(name, args=[a if isinstance(a, str) else _plain(a) for a in args if a is not None])
            return answer

        return logged

    def post(self, event: "Event") -> None:
        """Post an event and write it down."""
        self._session.post(event)
        self._log.write("post", kind=event.kind.name.lower(), number=event.number, value=float(event.value))


class Report:
    """Tells a test what is on the screen, a frame at a time."""

    def __init__(self, log: EventLog, session: "Session") -> None:
        self._log, self._session = log, session
        self._names: set[str] = set()
        self._keyed = ("", "")
        self._told = ""
        self._canvas: Canvas | None = None
        self._due = 0

    def laid_out(self, canvas: "Canvas", frame: int) -> None:
        """There is a new layout: its texts are told once they have been written."""
        self._canvas, self._due = canvas, frame + _TEXT_FRAMES

    def frame(self, n: int, size: tuple[int, int], snapshot: "Snapshot", menus: "Sequence[Any]", own_s: float,
              keyed: Callable[[], tuple[str, str]]) -> None:
        """The n-th frame was drawn; menus: what may lie over the panels; own_s: what it took beside drawing; keyed: what the next key goes
        to, and which row of it.
        """
        if not self._log.on:
            return
        if n == 2:
            self._log.write("shown", width=size[0], height=size[1])
        if n == self._due and self._canvas:
            self._log.write("texts", texts=[[words, *(round(v, 1) for v in rect)] for words, rect in self._canvas.texts()])
        x, y = dpg.get_mouse_pos(local=False)
        self._log.write("frame", n=n, audio_frame=snapshot.frame, x=x, y=y, down=dpg.is_mouse_button_down(dpg.mvMouseButton_Left),
                        own_ms=round(1000 * own_s, 2), voices=snapshot.voices, steps=len(self._session.document.around(99)[0]))
        if (to := keyed()) != self._keyed:
            self._keyed = to
            self._log.write("keyed", to=to[0], row=to[1])
        newest = self._session.messages[-1] if self._session.messages else ""
        if newest != self._told:
            self._told = newest
            self._log.write("message", text=newest)
        rects = {name: rect for menu in menus for name, rect in menu.item_rects().items()}
        if rects.keys() != self._names:
            self._names = set(rects)
            for name, rect in rects.items():
                self._log.rect(f"item.{name}", rect)
            self._log.write("menu", items=len(rects))
