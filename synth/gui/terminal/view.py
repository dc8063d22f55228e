"""The terminal view: `play --no-gui`. Keys play, the screen shows what sounds, and it costs next to nothing."""

import os
import shutil
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ...events import control
from ...text import printable
from ..computer_keyboard import ROW, KeyPiano
from ..gates import Gates
from ..guard import Guard
from ..step_words import told_step
from .textview import Painter, Pen, lines, status_line
from .tty import is_terminal, open_terminal

if TYPE_CHECKING:
    from ...session.session import Session

_BUSY_S, _IDLE_S, _BUSY_FOR_S = 1 / 10, 1 / 4, 3.0  # time between redraws, and how long after the last sound or key
_PLAIN_S, _LOOK_S = 5.0, 0.1
_AIM_S = 0.3
_ALL_NOTES_OFF = 123


def run_terminal(session: "Session", *, seconds: float | None = None, ended: Callable[[], bool] = lambda: False) -> int:
    """Show the instrument in the terminal until q, Ctrl-C, `ended()` or `seconds`; returns the exit code.

    Where there is no terminal it prints a line every few seconds instead.
    """
    end = time.monotonic() + seconds if seconds is not None else float("inf")
    try:
        return TerminalView(session).run(end, ended) if is_terminal() else _plain(session, end, ended)
    except KeyboardInterrupt:
        return 0


def _plain(session: "Session", end: float, ended: Callable[[], bool]) -> int:
    told = ""
    while True:
        messages = list(session.messages)
        new = messages[len(messages) - messages[::-1].index(told):] if told in messages else messages
        told = messages[-1] if messages else ""
        try:
            for line in (*new, status_line(session, session.snapshot())):
                print(printable(line), flush=True)
        except BrokenPipeError:  # as in `play | head`
            return 0
        except OSError:  # nobody reads any more; whoever wants the end says so by a signal
            return _wait(end, ended)
        _wait(min(time.monotonic() + _PLAIN_S, end), ended)
        if ended() or time.monotonic() >= end:
            return 0


def _wait(until: float, ended: Callable[[], bool]) -> int:
    while not ended() and (left := until - time.monotonic()) > 0:
        time.sleep(min(left, _LOOK_S))
    return 0


class TerminalView:
    """Keys in, events out; a redraw ten times a second while something happens."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._piano, self._gates, self._painter = KeyPiano(), Gates(), Painter()
        encoding = (sys.stdout.encoding or "").lower().replace("-", "")
        self._pen = Pen(colour="NO_COLOR" not in os.environ, unicode=encoding.startswith("utf"))
        self._selected, self._quit, self._asked = 0, False, False
        self._capitals = {"S": session.save, "U": session.undo, "R": session.redo, "B": session.restore_autosave,
                          "C": session.compare, "N": session.breed, "V": session.audition_next, "P": session.pick_heard,
                          "K": session.breed_back}  # small ones play
        self._guard = Guard(session)
        session.name_steps(lambda step, back: told_step(step, back, session.directions))
        self._touched_at = time.monotonic()
        self._size = (0, 0)
        self._aims: dict[str, tuple[float, float]] = {}  # what was last asked for and when: a repeat outruns the snapshot

    def run(self, end: float, ended: Callable[[], bool]) -> int:
        """Until q or the end."""
        with open_terminal() as terminal:
            try:
                redraw_at = 0.0
                while not self._quit and not terminal.ended and not ended() and time.monotonic() < end:
                    now = time.monotonic()
                    self._post(self._gates.expire(now))
                    if now >= redraw_at or terminal.resumed:
                        redraw_at = now + (self._guard(self._draw, terminal) or _IDLE_S)
                    for key in terminal.keys(min(redraw_at, end, self._gates.next_s()) - time.monotonic()):
                        self._key(key)
            finally:
                self._post(self._gates.close())
        return 0

    def _draw(self, terminal) -> float:
        """Paint, and say after how long to paint again."""
        snapshot, (columns, rows) = self._session.snapshot(), shutil.get_terminal_size()
        size = (columns, rows)
        if size != self._size or terminal.resumed:
            self._size, terminal.resumed = size, False
            self._painter.forget()
        self._selected = min(self._selected, max(0, len(self._session.latents) - 1))
        view = lines(self._session, snapshot, self._pen, size, self._selected, self._piano.base, self._piano.velocity)
        terminal.write(self._painter.paint(view))
        now = time.monotonic()
        if snapshot.voices:
            self._touched_at = now
        return _BUSY_S if now - self._touched_at < _BUSY_FOR_S else _IDLE_S

    def _post(self, events) -> None:
        for event in events:
            self._session.post(event, "terminal")

    def _key(self, key: str) -> None:
        self._touched_at = time.monotonic()
        self._guard(self._act, key)

    def _act(self, key: str) -> None:
        lower = key.lower() if len(key) == 1 else key
        self._asked = self._asked and lower == "q"
        if lower in ("q", "\x03"):
            self._ask_to_quit(key)
        elif key in self._capitals:
            self._capitals[key]()
        elif len(lower) == 1 and lower in ROW:
            self._play(lower)
        elif len(lower) == 1 and lower in "zxcv":
            self._piano.shift(lower)
        elif key in ("left", "<", ","):
            self._session.step_preset(-1)
        elif key in ("right", ">", "."):
            self._session.step_preset(1)
        elif lower == "m":
            self._step(self._session.model_names(), self._session.model, self._session.load_model, 1)
        elif key in "12345678" and len(key) == 1:
            self._selected = int(key) - 1
        elif key in ("up", "+", "=", "down", "-"):
            self._move_latent(1 if key in ("up", "+", "=") else -1)
        elif key in ("[", "]"):
            position = self._aim("position", self._session.snapshot().position, 0.02 if key == "]" else -0.02, 0.0, 1.0)
            self._session.set_param("osc.position", position, "terminal")
        elif key in ("{", "}"):
            follow = self._aim("follow", self._session.snapshot().params["osc.follow"], 0.05 if key == "}" else -0.05, 0.0, 1.0)
            self._session.set_param("osc.follow", follow, "terminal")
        elif key == " ":
            self._silence()

    def _ask_to_quit(self, key: str) -> None:
        """Edits that are not saved are asked about once; Ctrl-C does not ask. They are kept for the next start either way."""
        if self._session.dirty and key in "qQ" and not self._asked:
            self._asked = True
            self._session.tell(f"'{self._session.name}' has edits that are not saved: S saves, q again quits (the next start offers them)")
        else:
            self._quit = True

    def _play(self, letter: str) -> None:
        note = self._piano.notes().get(letter)
        if note is not None:
            event = self._gates.press(note, self._piano.velocity / 127, time.monotonic())
            self._post([event] if event else [])

    def _silence(self) -> None:
        self._post(self._gates.close())
        self._post(control(_ALL_NOTES_OFF, 0, channel) for channel in range(16))

    def _step(self, names: list[str], current: str, load, by: int) -> None:
        if names:
            plain = [_plain_name(n) for n in names]
            here = plain.index(_plain_name(current)) if _plain_name(current) in plain else -max(by, 0)
            load(names[(here + by) % len(names)])

    def _move_latent(self, by: int) -> None:
        latents = self._session.latents
        if self._selected < len(latents):
            info = latents[self._selected]
            present = float(self._session.snapshot().latents[self._selected])
            value = self._aim(f"latent {self._selected}", present, by * (info.high - info.low) / 40, info.low, info.high)
            self._session.set_latent(self._selected, value, "terminal")

    def _aim(self, name: str, present: float, by: float, low: float, high: float) -> float:
        now = time.monotonic()
        before, asked_at = self._aims.get(name, (present, -1.0))
        value = min(max((before if now - asked_at < _AIM_S else present) + by, low), high)
        self._aims[name] = (value, now)
        return value


def _plain_name(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())
