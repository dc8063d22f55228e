"""The process that shows a plug-in's own editor: `python -m synth.hosting.editor_child FILE`. It makes no sound, so it costs none.

pedalboard's window wants the main thread, and asks there every 10 ms whether to close: that is when parameters are looked at and set.
It reads lines of JSON ({"do": "open" | "units" | "state" | "close"}) and answers with such lines.
"""

import base64
import contextlib
import json
import os
import signal
import sys
import threading
import time
from collections import deque
from typing import Any, BinaryIO

from ..extras import install_command
from ..patch.hosted_effect import MOST_STATE
from .child_command import end_with, own_answers
from .editor_window import ignore_x_errors, name_windows
from .param_names import names_of
from .state_watch import StateWatch

_LOOK_S = 1 / 30  # between looks at all parameters
_BEAT_S = 0.5
_HOLD_S = 0.25  # in which a parameter that was set is kept there, and many that follow it are its doing: a programme sets them late
_OPENS_S = 60  # after which the system ends one that hangs as it opens, whose parent may be gone
_GRACE_S = 2.0  # to close, once nobody listens
_SAME = 1e-5  # of the range
_CHEAP_S = 0.005  # of a look at the state, which then goes along with each turn of a parameter
_SETTLES_S = 1.0  # after which a plug-in that was given a state has it as it keeps it
_NICE = 5  # drawing comes after sound
NO_EDITOR = "is not there: the plug-in has none"
_CLASSES = {".vst3": "VST3Plugin", ".component": "AudioUnitPlugin"}


class EditorError(Exception):
    """It cannot be shown; says why, as a sentence goes on."""


class EditorChild:
    """One plug-in and its window. `is_set` makes it what pedalboard takes for an event that closes the window."""

    def __init__(self, file: str, answers: BinaryIO) -> None:
        self._plugin, self._file = _opened(file), file
        self._params = list(self._plugin._parameters)  # what is public leaves out names that occur twice
        self._names = names_of([(p.name, p.label, p.is_automatable) for p in self._params])
        self._answers, self._lines = answers, deque[bytes]()
        self._held: dict[str, tuple[float, float]] = {}  # (unit, until when)
        self._known: dict[str, float] = {}
        self._title, self._asked = "", 0
        self._next_s = self._beat_s = self._set_s = self._moved_s = 0.0
        self._fresh = b""  # its state as it comes
        self._watch: StateWatch | None = None
        self._closing = False

    def show(self, first: dict[str, Any]) -> None:
        """Until the window is closed. first: the line that opens it. Raises EditorError."""
        self._title = str(first["title"])
        self._watch = StateWatch(self._plugin, _opened(self._file))
        self._fresh = self._watch.state
        if first["state"]:
            self._give_state(first["state"])
        self._set(first["units"])
        if first["units"] and not first["units"].keys() & self._names.keys():
            raise EditorError("has other parameters there than in the chain")
        threading.Thread(target=self._read, daemon=True).start()
        try:
            self._plugin.show_editor(self)
        except RuntimeError as error:
            raise EditorError(_reason(str(error))) from None

    # ---- between frames of the window ------------------------------------------------------------------------------
    def is_set(self) -> bool:
        """Whether to close the window. The first time that it is asked there is none yet."""
        self._asked += 1
        if self._asked == 2:
            self._known = self._units()
            self._settle()
            self._begin_watch()
            _end_after(0)
            name_windows(self._title)
            self._say({"is": "open", "units": self._known})
        elif self._asked > 2:
            self._look()
        return self._closing

    def _look(self) -> None:
        while self._lines:
            self._do(json.loads(self._lines.popleft()))
        now_s = time.monotonic()
        if now_s < self._next_s:
            return
        self._next_s = now_s + _LOOK_S
        turned = {}
        for name, unit in self._units().items():
            if name in self._held:
                self._keep(name, unit, now_s)
            elif abs(unit - self._known[name]) > _SAME:
                turned[name] = self._known[name] = unit
        if self._held or turned:
            self._moved_s = now_s
        by_hand = bool(turned) and (len(turned) == 1 or now_s > self._set_s + _HOLD_S)  # a hand turns one at a time
        found = self._new_state(now_s, by_hand and len(turned) > 1, by_hand)
        if by_hand or found:
            self._say({"is": "turned", "units": turned if by_hand else {}, **found})
        if now_s - self._beat_s > _BEAT_S:
            self._beat_s = now_s
            self._say({"is": "well"})

    def _new_state(self, now_s: float, several: bool, by_hand: bool) -> dict[str, Any]:
        """What else a hand set, for the parent; while parameters move where that is cheap, or several went at once, as by a preset."""
        if self._watch is None:
            return {}
        at_once = several or (by_hand and self._watch.cost_s < _CHEAP_S)
        if not at_once and now_s <= self._moved_s + _HOLD_S:
            return {}
        was_restless, state = self._watch.restless, self._watch.look(at_once)
        if self._watch.restless and not was_restless:
            return {"restless": True}
        if state is None:
            return {}
        return {"state": base64.b64encode(state).decode()} if len(state) <= MOST_STATE else {"too_large": len(state)}

    def _begin_watch(self) -> None:
        if self._watch:
            self._watch.begin(time.monotonic() + _SETTLES_S)

    def _give_state(self, text: str) -> None:
        """Its own state, in base64; '' is the one that it comes with."""
        with contextlib.suppress(RuntimeError):  # parameters follow anyway
            self._plugin.raw_state = base64.b64decode(text) or self._fresh

    def _settle(self) -> None:
        """As it opens, what a state sets late is no hand's doing."""
        until_s = time.monotonic() + 2 * _HOLD_S
        self._held = {name: (self._held.get(name, (unit, 0.0))[0], until_s) for name, unit in self._known.items()}

    def _keep(self, name: str, unit: float, now_s: float) -> None:
        """A parameter that was set stays so, or as near as the plug-in has it; after that it is the hand's again."""
        wanted, until_s = self._held[name]
        if now_s > until_s:
            del self._held[name]
        elif abs(unit - self._known[name]) > _SAME:
            self._params[self._names[name]].raw_value = wanted
            unit = float(self._params[self._names[name]].raw_value)
        self._known[name] = unit

    def _units(self) -> dict[str, float]:
        return {name: float(self._params[index].raw_value) for name, index in self._names.items()}

    # ---- words -----------------------------------------------------------------------------------------------------
    def _do(self, message: dict[str, Any]) -> None:
        if message["do"] == "close":
            self._closing = True
        elif message["do"] == "units":
            self._set(message["units"])
        elif message["do"] == "state":
            self._give_state(message["state"])
            self._known = self._units()
            self._set(message["units"])
            self._settle()
            self._begin_watch()

    def _set(self, units: dict[str, float]) -> None:
        """Those that stand elsewhere, in the plug-in's own order: a programme comes before what it sets."""
        self._set_s = time.monotonic()
        until_s = self._set_s + _HOLD_S
        for name in sorted(units.keys() & self._names.keys(), key=self._names.__getitem__):
            param = self._params[self._names[name]]
            if abs(float(param.raw_value) - units[name]) > _SAME:
                param.raw_value = units[name]
                self._held[name] = units[name], until_s
                self._known[name] = float(param.raw_value)

    def _read(self) -> None:
        """Lines as they come. Where the parent is gone, nothing is kept that hangs."""
        for line in sys.stdin.buffer:
            self._lines.append(line)
        self._closing = True
        time.sleep(_GRACE_S)
        os._exit(0)

    def _say(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):
            self._answers.write(json.dumps(message).encode() + b"\n")
            self._answers.flush()


def _opened(file: str) -> Any:
    """The plug-in, by pedalboard. Raises EditorError."""
    import pedalboard

    kind = getattr(pedalboard, _CLASSES.get(os.path.splitext(file)[1].lower(), ""), None)
    if kind is None or not hasattr(kind, "show_editor"):
        raise EditorError("is shown by no host that is installed")
    try:
        return kind(file)
    except ValueError as error:  # a file that holds several: minihost runs the first
        names = kind.get_plugin_names_for_file(file)
        if len(names) < 2:
            raise EditorError(f"cannot be opened ({_plain(error)})") from None
        return kind(file, plugin_name=names[0])
    except (ImportError, RuntimeError) as error:
        raise EditorError(f"cannot be opened ({_plain(error)})") from None


def _end_after(seconds: int) -> None:
    """End this process then, whatever a plug-in holds; 0: not any more. Where the system has no such clock, the parent's must do."""
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


def _plain(error: object) -> str:
    return " ".join(str(error).split())[:160]


def _reason(said: str) -> str:
    if "no visual display" in said:
        return "needs a display, and there is none"
    if "no available editor" in said:
        return NO_EDITOR
    return f"cannot be shown ({_plain(said)})"


def main() -> None:
    """Show it until it is closed."""
    answers = own_answers()
    with contextlib.suppress(OSError, AttributeError):
        os.nice(_NICE)
    ignore_x_errors()
    told: dict[str, Any] = {"is": "closed"}
    first = json.loads(sys.stdin.buffer.readline() or b'{"do": "close"}')
    try:
        if first["do"] == "open":
            _end_after(_OPENS_S)
            EditorChild(sys.argv[1], answers).show(first)
    except EditorError as error:
        told = {"is": "failed", "why": str(error), "none": str(error) == NO_EDITOR}
    except ImportError as error:
        told = {"is": "failed", "why": f"needs {error.name}, which is not installed: {install_command('host')}"}
    end_with(answers, told)


if __name__ == "__main__":
    main()
