"""Find anything: knobs (the arrows turn them in the list), sounds, instruments, views and commands, by what they are called. Ctrl+K."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg

from .. import paths
from ..params.effects import EFFECTS
from ..params.knobs import KNOBS, PARAMS
from ..params.param import Param
from ..text import printable
from . import words
from .geometry import Rect
from .theme import COLOURS
from .widgets.canvas import Canvas
from .widgets.popup import covers_point, drawn_rects
from .widgets.typed_line import TypedLine

if TYPE_CHECKING:
    from .gestures import Gestures

_MOST = 12
_VIEW_OF = {"osc": "sound", "sub": "sound", "noise": "sound", "unison": "sound", "amp": "sound", "env2": "sound", "env3": "sound",
            "filter": "sound", "track": "sound", "play": "sound", "master": "sound", "morph": "play", "direction": "play",
            "clock": "modulation"} | dict.fromkeys(EFFECTS, "effects")


def view_of(param: Param) -> str:
    """The view in which a knob stands."""
    group = param.group.name if param.group else ""
    return "modulation" if group.startswith("lfo") else _VIEW_OF.get(group, "play")


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was found: its kind, its name, what Enter does. knob: whose value stands behind it, and the arrows turn."""

    kind: str
    name: str
    do: Callable[[], object]
    knob: str = ""


def rank(wanted: str, name: str) -> float:
    """How well a name answers to what was typed; 0: not at all. Whole words before their beginnings before parts of words."""
    best = 1.0
    have = name.casefold().split()
    for part in wanted.casefold().split():
        scores = [3.0 if word == part else 2.0 if word.startswith(part) else 1.0 if part in word else 0.0 for word in have]
        if not any(scores):
            return 0.0
        best += max(scores) - 0.01 * len(name)
    return best


class Find:
    """The palette. commands: name -> what it does, beside knobs, views and sounds."""

    def __init__(self, canvas: Canvas, gestures: "Gestures", guard: Callable[..., object], open_view: Callable[[str], object],
                 commands: dict[str, Callable[[], object]]) -> None:
        self._canvas, self._gestures, self._guard, self._open_view, self._commands = canvas, gestures, guard, open_view, commands
        self._window = self._list = 0
        self.line: TypedLine | None = None
        self._found: list[Found] = []
        self._instruments: list[Path] = []
        self._items: dict[str, int] = {}
        self._at = 0

    @property
    def is_open(self) -> bool:
        """True while it is shown."""
        return bool(self._window)

    def open(self) -> None:
        """Ask what to find."""
        self.close()
        px = self._canvas.px
        width = int(min(px(560), dpg.get_viewport_client_width() - px(20)))
        at = ((dpg.get_viewport_client_width() - width) // 2, int(dpg.get_viewport_client_height() * 0.12))
        with dpg.window(pos=at, width=width, height=int(px(66 + 28 * _MOST)), no_title_bar=True, no_move=True, no_resize=True,
                        no_collapse=True, no_saved_settings=True) as window:
            self.line = TypedLine(hint="a knob, a sound, an instrument, a view, a command", changed=self._fill)
            self._list = int(dpg.add_child_window(border=False, width=-1, height=-1))
        self._window, self._instruments = int(window), paths.own_instruments()
        self._fill("")
        self.line.focus()

    def _all(self) -> list[Found]:
        gestures, session = self._gestures, self._gestures.session
        found = []
        for param in KNOBS:
            kind, _, number = param.name.partition(".")
            if kind == "direction" and int(number) > len(gestures.directions):
                continue
            name = words.full_name(param, gestures.directions, short=False)
            found.append(Found("knob", name, partial(self._open_view, view_of(param)), param.name))
        found += [Found("view", name, lambda key=key: self._open_view(key)) for key, name in words.VIEW_NAMES.items()]  # type: ignore[misc]
        found += [Found("do", name, do) for name, do in self._commands.items()]
        found += [Found("instrument", folder.name, partial(session.play_instrument, folder)) for folder in self._instruments]
        found += [Found("sound", name, lambda name=name: session.load_preset(name)) for name in session.preset_names()]  # type: ignore[misc]
        return found

    def _fill(self, text: str) -> None:
        if not self.is_open:  # Escape gives the line its first words back, and closes it before that is told
            return
        wanted = text.strip()
        scored = sorted(((rank(wanted, f.name), f) for f in self._all()), key=lambda pair: -pair[0]) if wanted else []
        self._found = [f for score, f in scored if score > 0][:_MOST]
        self._at = 0
        self._show(wanted)

    def _show(self, wanted: str) -> None:
        dpg.delete_item(self._list, children_only=True)
        self._items = {}
        for i, found in enumerate(self._found):
            with dpg.group(horizontal=True, parent=self._list):
                dpg.add_selectable(label=found.kind, width=int(self._canvas.px(76)), enabled=False)
                item = dpg.add_selectable(label=printable(found.name), width=int(self._canvas.px(320)), default_value=i == self._at,
                                          user_data=i, callback=lambda _s, _a, chosen: self._take(chosen))
                more = words.show_value(PARAMS[found.knob], self._gestures.value(found.knob)) if found.knob else ""
                dpg.add_selectable(label=printable(more), width=int(self._canvas.px(110)), enabled=False)
            self._items[found.name] = int(item)
        if not self._found:
            dpg.add_text("type a name; the arrows turn a knob in the list" if not wanted else f"nothing is called '{printable(wanted)}'",
                         parent=self._list, color=COLOURS["dim"])

    def move(self, by: int) -> None:
        """Up and down in the list."""
        if self._found:
            self._at = (self._at + by) % len(self._found)
            self._show("x")

    def turn(self, clicks: int, fine: bool) -> None:
        """Left and right turn the knob that is marked."""
        if self._found and self._found[self._at].knob:
            name = self._found[self._at].knob
            param = PARAMS[name]
            step = 1 / (param.high - param.low) if param.whole else 1 / (400 if fine else 40)
            value = param.from_unit(param.to_unit(self._gestures.value(name)) + clicks * step)
            self._guard(self._gestures.set_value, name, value)
            self._show("x")

    def _take(self, i: int) -> None:
        if self.is_open and i < len(self._found):
            do = self._found[i].do
            self.close()
            self._guard(do)

    def take_first(self) -> None:
        """Enter does what is marked."""
        self._take(self._at)

    def close(self) -> None:
        """Hide it."""
        if self._window:
            dpg.delete_item(self._window)
        self._window, self._items, self._found, self.line = 0, {}, [], None

    def covers(self, x: float, y: float) -> bool:
        """True when a point lies on it."""
        return covers_point(self._window, x, y)

    def item_rects(self) -> dict[str, Rect]:
        """Where the rows are, once they have been drawn; else empty."""
        return drawn_rects(self._items)
