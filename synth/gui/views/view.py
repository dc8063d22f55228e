"""What every view is: a place, controls in it, and plots that are drawn anew with each snapshot."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...params.knobs import KNOBS, PARAMS
from .. import wake, words
from ..geometry import Grid, Rect, cells
from ..widgets.buttons import Tab
from ..widgets.canvas import Canvas
from ..widgets.choice import Choice, NumberBox
from ..widgets.control import Control
from ..widgets.knob import LABELS_H, Knob, LedSwitch
from ..widgets.text_field import TextField

if TYPE_CHECKING:
    from ...session.morph_preview import MorphPreview
    from ...session.view_state import Snapshot
    from ..dragging import Dragging
    from ..gestures import Gestures

SWITCH_W, SWITCH_H = 26, 14


@dataclass
class Place:
    """What a view is made with. pages: what each of the places that show one of several things shows; turn: changes that."""

    canvas: Canvas
    grid: Grid
    gestures: "Gestures"
    dragging: "Dragging"
    preview: "MorphPreview"
    pages: dict[str, Any]
    turn: Callable[[str, Any], None]
    extra: dict[str, Any] = field(default_factory=dict)  # what some views share with the window, by name


class View:
    """Base: collects controls and plots. is_changing: whether what is shown may change though neither hand nor sound did anything."""

    is_changing: bool = True

    def __init__(self, place: Place) -> None:
        self.place, self.canvas, self.gestures = place, place.canvas, place.gestures
        self.session, self.px = place.gestures.session, place.canvas.px
        self.controls: list[Control] = []
        self.plots: list[Any] = []
        self.fields: list[TextField] = []  # lines to type in
        self.searched: TextField | None = None  # the one that has the keyboard when the view is opened
        self.results: Control | None = None  # what that one finds: the arrow down leads there

    def close(self) -> None:
        """The layout is given up: what Dear PyGui holds of it goes."""
        for line in self.fields:
            line.close()

    def update(self, snapshot: "Snapshot") -> None:
        """Draw one snapshot; the window updates `controls` itself."""
        for plot in self.plots:
            plot.update(snapshot)

    # ---- what views are built of -----------------------------------------------------------------------------------
    def add(self, control: Control) -> Control:
        """A control more."""
        self.controls.append(control)
        return control

    def knob(self, name: str, rect: Rect, size: float = 40, label: str = "", control_name: str = "") -> None:
        """A knob in the middle of a rectangle."""
        px = self.px
        h = px(size + 10 + LABELS_H)
        top = rect.y + max((rect.h - h) / 2, 0)
        self.add(Knob(self.canvas, PARAMS[name], Rect(rect.x, top, rect.w, min(h, rect.h)), self.gestures, size=size, label=label,
                      name=control_name))

    def knobs(self, names: list[str], rect: Rect, size: float = 40, n_rows: int = 1) -> None:
        """Knobs in equal cells, row by row."""
        per_row = -(-len(names) // n_rows)
        for name, cell in zip(names, cells(rect, per_row, n_rows), strict=False):
            self.knob(name, cell, size)

    def box(self, name: str, rect: Rect, label: str | None = None) -> None:
        """A choice or a number in a box under its label."""
        param = PARAMS[name]
        kind = Choice if param.choices else NumberBox
        self.add(kind(self.canvas, param, rect, self.gestures, label))

    def module(self, rect: Rect, group: str, title: str = "") -> Rect:
        """A panel with its title and, where the module can sleep, its switch; answers the room under the title."""
        px, c = self.px, self.canvas
        c.panel(rect)
        declared = next((p.group.title for p in KNOBS if p.group and p.group.name == group), group)
        c.text(rect.x + px(12), rect.y + px(9), title or words.title_of(group, declared), "head")
        if group in wake.SLEEPERS:
            self.switch(group, rect)
        return rect.inset(px(10), px(30), px(10), px(8))

    def switch(self, group: str, panel: Rect) -> None:
        """A module's switch, in the corner of its panel."""
        px = self.px
        where = Rect(panel.right - px(SWITCH_W + 12), panel.y + px(9), px(SWITCH_W), px(SWITCH_H))
        self.add(LedSwitch(self.canvas, group, PARAMS[wake.SLEEPERS[group].switch], where, self.gestures))

    def tabs(self, rect: Rect, key: str, names: tuple[str, ...]) -> str:
        """Names of things that share a panel, as its title; answers the one that is shown."""
        shown = self.place.pages.get(key, names[0])
        shown = shown if shown in names else names[0]
        x, px = rect.x + self.px(4), self.px
        for name in names:
            w = self.canvas.width(name, "head") + px(16)
            where = Rect(x, rect.y + px(4), w, px(24))
            self.add(Tab(self.canvas, f"{key}.{name.casefold().replace(' ', '_')}", where, name,
                         lambda name=name: self.place.turn(key, name), name == shown, "head"))  # type: ignore[misc]
            x += w + px(2)
        return shown
