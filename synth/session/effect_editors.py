"""Plug-ins' own editors that are open, each in a process of its own, kept as one with their rows of the chain.

What a hand turns in one is an edit of the document; what is turned elsewhere moves in it. A thread follows them while there are any.
"""

import base64
import os
import sys
import threading
import time
from collections.abc import Callable, Hashable, Mapping
from functools import cache
from importlib.util import find_spec
from typing import Protocol

from ..errors import UserError
from ..extras import install_command
from ..hosting.child_command import command_of
from ..hosting.child_process import ChildProcess
from ..hosting.row_status import RowStatus
from ..hosting.scan import death_of, find_plugin
from ..patch.hosted_effect import MOST_STATE, HostedEffect
from .effect_params import EffectParam

_LOOK_S = 1 / 30
_OPENS_S = 20.0  # longest, until its window is there; then it is ended
_STUCK_S = 5.0  # without a word, after which it is told
_SILENT_S = 1.0  # after which nothing more is sent, as a pipe that nobody reads is full soon
_CLOSES_S = 2.0  # longest, before it is ended
_REST_S = 0.5  # after a hand turned a parameter in it: until then nothing is sent there, as it is turned on
_SAME = 1e-4  # of the range
_NOT_HERE = {"builtin": "built-in effects have no editor of their own",
             "lv2": "the editor of an LV2 cannot be shown; put in the VST3 of the same plug-in for that"}
_is_installed = cache(lambda name: find_spec(name) is not None)
OPENING, OPEN, STUCK = "opening", "open", "stuck"


class Edited(Protocol):
    """What of the session editors need."""

    @property
    def effects(self) -> tuple[HostedEffect, ...]:
        """The chain."""

    def effect_status(self, row: HostedEffect) -> RowStatus:
        """What became of a row."""

    def effect_params(self, row: HostedEffect) -> tuple[EffectParam, ...]:
        """A row's parameters."""

    def set_effect_units(self, index: int, units: Mapping[str, float], gesture: Hashable = None, *, together: bool = False,
                         state: bytes | None = None) -> None:
        """Turn parameters to places 0..1 of their ranges, and what else the plug-in keeps."""


class _Editor:
    """One of them. sent: where each parameter stands there, 0..1, as far as is known here; turned: by a hand there, and not yet edits."""

    def __init__(self, row: HostedEffect) -> None:
        self.key, self.name, self.plugin, self.status = row.key, row.name, row.plugin, OPENING
        self.process: ChildProcess | None = None
        self.began_s = self.heard_s = time.monotonic()
        self.closing_s = 0.0  # since when
        self.sent: dict[str, float] = {}
        self.turned: dict[str, float] = {}
        self.given = row.state  # what no parameter tells, as it is there
        self.loaded: bytes | None = None  # the same, set by a hand there, and not yet an edit
        self.touched: dict[str, float] = {}  # when a hand there turned a parameter last
        self.gesture: Hashable = None  # of its newest edit
        self.seen: tuple[object, object, tuple] = (None, None, ())  # the row, what its process told, macros: what was sent is of these
        self.why = ""


class EffectEditors:
    """Those of a session's chain, by the key of their row. value_now: of a knob. tell: a sentence for the player.

    turned_s: when a hand turned something in one last, of time.monotonic.
    """

    def __init__(self, session: Edited, value_now: Callable[[str], float], tell: Callable[[str], None]) -> None:
        self._session, self._value_now, self._tell = session, value_now, tell
        self.turned_s = 0.0
        self._editors: dict[int, _Editor] = {}
        self._lock, self._woken = threading.RLock(), threading.Event()
        self._thread: threading.Thread | None = None
        self._without: dict[str, str] = {}  # plug-ins that turned out to have none, and why

    def refusal(self, row: HostedEffect) -> str:
        """Why no editor of a row can be opened here; '' where one can, as far as is known."""
        status = self._session.effect_status(row)
        if row.kind in _NOT_HERE:
            return _NOT_HERE[row.kind]
        if not status.ok:
            return f"the plug-in '{row.name}' {status.why}"
        if not _is_installed("pedalboard"):
            return f"what shows plug-ins' editors is not installed: {install_command('host')}"
        if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
            return "an editor needs a display, and there is none (DISPLAY is not set)"
        return self._without.get(row.plugin, "")

    def status(self, row: HostedEffect) -> str:
        """'' for none, else 'opening', 'open' or 'stuck'."""
        editor = self._editors.get(row.key)
        return editor.status if editor and not editor.closing_s else ""

    def pid(self, row: HostedEffect) -> int:
        """Of the process that shows an editor; 0 for none."""
        editor = self._editors.get(row.key)
        return editor.process.process.pid if editor and editor.process else 0

    def open(self, row: HostedEffect) -> None:
        """Open the editor of a row; takes a second, so not from a thread that draws. Raises UserError where there can be none."""
        if why := self.refusal(row):
            raise UserError(why)
        with self._lock:
            if row.key in self._editors:
                return
            editor = self._editors[row.key] = _Editor(row)
        try:
            file = find_plugin(row.kind, row.name, row.file)
            editor.sent = self._units(row)
            process = ChildProcess(command_of("editor_child", file), lambda _, message: self._hear(editor, message),
                                   lambda process: self._end(editor, process), with_display=True)
        except Exception:
            with self._lock:
                self._editors.pop(row.key, None)
            raise
        process.say({"do": "open", "title": f"{row.name} (latentwave)", "state": base64.b64encode(row.state).decode(),
                     "units": editor.sent})  # as the chain's process opened it; that is not asked, as it has sound to make
        with self._lock:
            editor.process = process
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="latentwave-editors", daemon=True)
                self._thread.start()

    def close(self, key: int) -> None:
        """Close the editor of a row, by its key; one that does not answer is ended."""
        with self._lock:
            editor = self._editors.get(key)
            if editor and not editor.closing_s:
                editor.closing_s = time.monotonic()
                if editor.process and editor.status == OPEN:
                    editor.process.ours = True
                    editor.process.say({"do": "close"})
                elif editor.process:
                    editor.process.kill()

    def close_all(self) -> None:
        """End them all."""
        with self._lock:
            for editor in self._editors.values():
                editor.closing_s = editor.closing_s or time.monotonic()
                if editor.process:
                    editor.process.kill()

    # ---- what their processes say ------------------------------------------------------------------------------------
    def _hear(self, editor: _Editor, message: dict) -> None:
        with self._lock:
            editor.heard_s = time.monotonic()
            if message["is"] == "failed":
                editor.why = str(message["why"])
                if message.get("none"):
                    self._without[editor.plugin] = "the plug-in has no editor of its own"
            elif message["is"] == "closed":
                editor.closing_s = editor.closing_s or editor.heard_s
            elif message["is"] == "open":
                editor.status, editor.sent = OPEN, dict(message["units"])
            else:
                editor.status = OPEN
                editor.turned |= message.get("units", {})
                if "state" in message:
                    editor.loaded = base64.b64decode(message["state"])
        if "too_large" in message:
            self._tell(f"what was set in the editor of '{editor.name}' beside its parameters is not taken over: the plug-in keeps "
                       f"{message['too_large'] / 1e6:.1f} MB for it, and {MOST_STATE >> 20} MB is the most")
        elif "restless" in message:
            self._tell(f"'{editor.name}' changes by itself what it keeps beside its parameters, so that is not taken over from its editor "
                       "until it is opened again")
        self._woken.set()

    def _end(self, editor: _Editor, process: ChildProcess) -> None:
        with self._lock:
            self._editors.pop(editor.key, None)
        if editor.why:
            self._tell(f"the editor of '{editor.name}' {editor.why}")
        elif not editor.closing_s:
            self._tell(f"the editor of '{editor.name}' ended by itself ({death_of(process.process.returncode)}); the plug-in plays on")
        self._woken.set()

    # ---- both ways ---------------------------------------------------------------------------------------------------
    def _run(self) -> None:
        while True:
            with self._lock:
                editors = [editor for editor in self._editors.values() if editor.process]
                if not self._editors:
                    self._thread = None
                    return
            for editor in editors:
                self._follow(editor)
            self._woken.wait(_LOOK_S)
            self._woken.clear()

    def _follow(self, editor: _Editor) -> None:
        now_s = time.monotonic()
        index, row = next(((i, row) for i, row in enumerate(self._session.effects) if row.key == editor.key), (-1, None))
        if row is None or editor.closing_s:
            self.close(editor.key)
            if editor.process and editor.closing_s and now_s - editor.closing_s > _CLOSES_S:
                editor.process.kill()
        elif editor.status == OPENING:
            if now_s - editor.began_s > _OPENS_S:
                editor.why = f"does not open within {_OPENS_S:g} s"
                self.close(editor.key)
        else:
            self._watch(editor, now_s)
            self._take(editor, index, now_s)
            self._send(editor, row, now_s)

    def _watch(self, editor: _Editor, now_s: float) -> None:
        """One that says nothing costs no sound; the player decides what becomes of it."""
        if editor.status == OPEN and now_s - editor.heard_s > _STUCK_S:
            editor.status = STUCK
            self._tell(f"the editor of '{editor.name}' does not answer; its button on the page of plug-ins ends it")

    def _take(self, editor: _Editor, index: int, now_s: float) -> None:
        """What a hand turned there is an edit; several parameters at once, as a programme of the plug-in's, are one."""
        with self._lock:
            turned, editor.turned, loaded, editor.loaded = editor.turned, {}, editor.loaded, None
        if not turned and loaded is None:
            return
        goes_on = loaded is not None and now_s - max(editor.touched.values(), default=0.0) < _REST_S
        self.turned_s = now_s
        editor.sent |= turned
        editor.touched |= dict.fromkeys(turned, now_s)
        editor.given = editor.given if loaded is None else loaded
        if not goes_on:
            editor.gesture = "editor", editor.key, next(iter(turned)) if len(turned) == 1 else ""
        try:
            self._session.set_effect_units(index, turned, editor.gesture, together=True, state=loaded)
        except (UserError, IndexError):  # it was taken out just now, and the next look closes it
            pass

    def _send(self, editor: _Editor, row: HostedEffect, now_s: float) -> None:
        """What stands elsewhere here than there, but for what a hand is turning there."""
        macros = tuple(self._value_now(f"macro{macro.macro}.value") for macro in row.macros.values())
        before, status = editor.seen, self._session.effect_status(row)
        changed = before[0] is not row or before[1] is not status or before[2] != macros
        if not (changed or editor.touched) or now_s - editor.heard_s > _SILENT_S:
            return
        editor.seen = row, status, macros
        if row.state != editor.given and editor.process:
            editor.given, editor.touched, editor.sent = row.state, {}, self._units(row)
            editor.process.say({"do": "state", "state": base64.b64encode(row.state).decode(), "units": editor.sent})
            return
        editor.touched = {name: at_s for name, at_s in editor.touched.items() if now_s - at_s < _REST_S}
        moved = {name: unit for name, unit in self._units(row).items()
                 if name not in editor.touched and abs(unit - editor.sent.get(name, -1.0)) > _SAME}
        if moved and editor.process:
            editor.sent |= moved
            editor.process.say({"do": "units", "units": moved})

    def _units(self, row: HostedEffect) -> dict[str, float]:
        """Where each parameter stands, 0..1; one that a macro turns where that puts it."""
        units = {}
        for param in self._session.effect_params(row):
            units[param.name] = param.unit
            if param.macro:
                at = self._value_now(f"macro{param.macro.macro}.value")
                units[param.name] = param.macro.low + (param.macro.high - param.macro.low) * at
        return units
