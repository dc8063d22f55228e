"""Buttons and menus: a name with its list, a filter to type in, and steps to both sides."""

from collections.abc import Callable, Sequence

import dearpygui.dearpygui as dpg

from ...text import printable
from ..geometry import Rect
from ..theme import COLOURS
from .canvas import Canvas, set_colour, set_text
from .control import Control, Pointer
from .icons import ICONS
from .popup import covers_point, drawn_rects
from .preset_place import HeldPreset, PresetPlace
from .typed_line import TypedLine


class Button(Control):
    """Words or an icon that do something when pressed. on: whether it is lit, as what is chosen is.

    takes: what becomes of a preset that is dropped on it, in words, and what does that; None: it takes none.
    """

    double_resets = False

    def __init__(self, canvas: Canvas, name: str, rect: Rect, words: str, action: Callable[[], object], help_line: str = "", *,
                 font: str = "text", icon: str = "", usable: Callable[[], bool] = lambda: True,
                 on: Callable[[], bool] = lambda: False,
                 takes: tuple[str, Callable[[HeldPreset, float], object]] | None = None) -> None:
        super().__init__(name, rect)
        self._canvas, self._action, self._help, self._usable, self._on, self._takes = canvas, action, help_line, usable, on, takes
        self._box = canvas.box(rect, "button", None, 5)
        self._words: list[int] = []
        if icon:
            side = min(rect.w, rect.h) * 0.52
            left, top = rect.x + (rect.w - side) / 2, rect.y + (rect.h - side) / 2
            lines = [[(left + side * x, top + side * y) for x, y in line] for line in ICONS[icon]]
            self._words = [canvas.path(line, "text", canvas.px(1.5)) for line in lines]
        else:
            top = rect.y + (rect.h - canvas.height(font)) / 2 - canvas.px(1)
            self._words = [canvas.text(rect.x + rect.w / 2, top, canvas.fit(words, rect.w - canvas.px(4), font), font, "text", align=0.5)]
        self._shown: tuple | None = None

    def update(self, snapshot: object) -> None:
        """Show whether there is anything to do, and whether it is chosen."""
        state = (self._usable(), self._on(), self.hot)
        if state == self._shown:
            return
        self._shown = state
        usable, on, hot = state
        for item in self._words:
            set_colour(item, "text" if usable else "faint")
        colour = self._canvas.colour
        dpg.configure_item(self._box, fill=colour("chosen" if on else "button_hover" if hot else "button"),
                           color=colour("teal") if on else (0, 0, 0, 0))

    def press(self, at: Pointer) -> None:
        """Do it."""
        self._action()

    def preset_places(self, preset: HeldPreset) -> Sequence[PresetPlace]:
        """All of it."""
        return (PresetPlace(self.rect, *self._takes),) if self._takes else ()

    def tip(self, at: Pointer) -> list[str]:
        """What it does."""
        return [self._help] if self._help else []


class Tab(Control):
    """The name of a view, or of one of several panels that share a place. opens_held: what is carried and held over it presses it."""

    double_resets = False

    def __init__(self, canvas: Canvas, name: str, rect: Rect, words: str, action: Callable[[], object], on: bool, font: str = "body",
                 help_line: str = "", opens_held: bool = True) -> None:
        super().__init__(name, rect)
        self._action, self._help, self.opens_held = action, help_line, opens_held
        if on:
            canvas.box(rect, "button", None, 5)
            canvas.box(Rect(rect.x + canvas.px(10), rect.bottom - canvas.px(3), rect.w - canvas.px(20), canvas.px(2)), "teal", None, 1)
        top = rect.y + (rect.h - canvas.height(font)) / 2 - canvas.px(1)
        canvas.text(rect.x + rect.w / 2, top, words, font, "text" if on else "dim", align=0.5)

    def press(self, at: Pointer) -> None:
        """Show it."""
        self._action()

    def tip(self, at: Pointer) -> list[str]:
        """A line about it."""
        return [self._help] if self._help else []


class Menu(Control):
    """Shows the present name; a press opens the list with a filter; `step` takes a neighbour."""

    double_resets = False

    def __init__(self, canvas: Canvas, name: str, rect: Rect, names: Callable[[], list[str]], current: Callable[[], str],
                 choose: Callable[[str], object], step: Callable[[int], object] | None = None,
                 mark: Callable[[], bool] = lambda: False, font: str = "body") -> None:
        """step: takes a neighbour, where that is more than choosing the next name. mark: whether a dot stands after the present name."""
        super().__init__(name, rect)
        self._canvas, self._names, self._current, self._choose, self._stepper, self._mark = canvas, names, current, choose, step, mark
        px = canvas.px
        self._box = canvas.box(rect, "button", None, 5)
        self._font = font
        top = rect.y + (rect.h - canvas.height(font)) / 2 - px(1)
        self._words = canvas.text(rect.x + px(10), top, "", font, "text")
        side = px(9)
        left, top = rect.right - px(18), rect.y + rect.h / 2 - side / 2
        canvas.path([(left + side * x, top + side * y) for x, y in ICONS["down"][0]], "dim", px(1.4))
        self._shown: str | None = None
        self._window = self._list = 0
        self.line: TypedLine | None = None
        self.hot = False
        self.items: dict[str, int] = {}
        self._listed: list[str] = []

    @property
    def is_open(self) -> bool:
        """True while the list is shown."""
        return bool(self._window)

    def update(self, snapshot: object) -> None:
        """Show the present name."""
        words, mark = self._current(), " •" if self._mark() else ""
        if words + mark != self._shown:
            self._shown = words + mark
            room = self.rect.w - self._canvas.px(34) - self._canvas.width(mark, self._font)
            set_text(self._words, self._canvas.fit(words, room, self._font) + mark)

    def press(self, at: Pointer) -> None:
        """Open or close the list."""
        self.close() if self.is_open else self.open()

    def wheel(self, clicks: float, fine: bool) -> None:
        """The wheel steps through the names."""
        self.step(-1 if clicks > 0 else 1)

    def step(self, by: int) -> None:
        """Take the next (1) or the one before (-1), round the end."""
        names = self._names()
        if self._stepper:
            self._stepper(by)
        elif names:
            plain, current = [_plain(n) for n in names], _plain(self._current())
            here = plain.index(current) if current in plain else -max(by, 0)
            self._choose(names[(here + by) % len(names)])

    def open(self) -> None:
        """Show the list below the name, the filter ready to type in."""
        px, names = self._canvas.px, self._names()
        height = min(px(58) + px(25) * max(1, len(names)), dpg.get_viewport_client_height() - self.rect.bottom - px(20))
        with dpg.window(pos=(int(self.rect.x), int(self.rect.bottom + px(3))), width=int(max(self.rect.w, px(200))), height=int(height),
                        no_title_bar=True, no_move=True, no_resize=True, no_collapse=True, no_saved_settings=True) as window:
            self.line = TypedLine(hint="filter…", changed=self._refill)
            self._list = dpg.add_child_window(border=False, width=-1, height=-1)
        self._window, self._listed = int(window), names
        self._fill(names, "")
        self.line.focus()

    def _refill(self, words: str) -> None:
        """The filter changed; Dear PyGui may say so when the list is closed already, as Escape takes the words back."""
        if self.is_open:
            self._fill(self._listed, words)

    def _fill(self, names: list[str], words: str) -> None:
        dpg.delete_item(self._list, children_only=True)
        wanted, here = words.casefold(), _plain(self._current())
        self.items = {}
        for name in names:
            if wanted in name.casefold():
                self.items[name] = int(dpg.add_selectable(
                    label=printable(name), parent=self._list, default_value=_plain(name) == here, user_data=name,
                    callback=lambda _s, _a, chosen: self._take(chosen)))
        if not self.items:
            dpg.add_text("nothing of that name", parent=self._list, color=COLOURS["dim"])

    def take_first(self) -> None:
        """Enter takes the first that the filter leaves; where it leaves none, typing goes on."""
        if self.items:
            self._take(next(iter(self.items)))
        elif self.line:
            self.line.focus()

    def _take(self, name: str) -> None:
        if self.is_open:  # two clicks may wait in the queue, and the first of them closes the list
            self.close()
            self._choose(name)

    def close(self) -> None:
        """Hide the list."""
        if self._window:
            dpg.delete_item(self._window)
            self._window, self.items, self.line = 0, {}, None

    def covers(self, x: float, y: float) -> bool:
        """True when a point lies on the open list."""
        return covers_point(self._window, x, y)

    def item_rects(self) -> dict[str, Rect]:
        """Where the listed names are, once they have been drawn; else empty."""
        return drawn_rects(self.items)


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())
