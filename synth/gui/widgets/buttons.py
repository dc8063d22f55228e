"""Buttons and menus: a name with its list, a filter to type in, and steps to both sides."""

from collections.abc import Callable

import dearpygui.dearpygui as dpg

from ...text import printable
from ..geometry import Rect
from ..theme import COLOURS
from .canvas import Canvas, set_colour, set_fill, set_text
from .control import Control, Pointer
from .popup import covers_point, drawn_rects

_FOCUS_FRAMES = 6  # that Dear PyGui may take to give a field the keyboard


class Button(Control):
    """Words that do something when pressed."""

    double_resets = False

    def __init__(self, canvas: Canvas, name: str, rect: Rect, words: str, action: Callable[[], object], help_line: str = "", *,
                 font: str = "body", usable: Callable[[], bool] = lambda: True) -> None:
        super().__init__(name, rect)
        self._action, self._help, self._usable = action, help_line, usable
        self._box = canvas.box(rect, "button", None, 4)
        self._words = canvas.text(rect.x + rect.w / 2, rect.y + (rect.h - canvas.height(font)) / 2 - 1, words, font, "text", align=0.5)
        self._hot, self._lit = False, True

    def update(self, snapshot: object) -> None:
        """Show whether there is anything to do."""
        if self._usable() != self._lit:
            self._lit = not self._lit
            set_colour(self._words, "text" if self._lit else "faint")

    @property
    def hot(self) -> bool:
        """True while pointed at."""
        return self._hot

    @hot.setter
    def hot(self, value: bool) -> None:
        if value != self._hot:
            self._hot = value
            set_fill(self._box, "button_hover" if value else "button")

    def press(self, at: Pointer) -> None:
        """Do it."""
        self._action()

    def tip(self, at: Pointer) -> list[str]:
        """What it does."""
        return [self._help] if self._help else []


class Menu(Control):
    """Shows the present name; a press opens the list with a filter; `step` takes a neighbour."""

    double_resets = False

    def __init__(self, canvas: Canvas, name: str, rect: Rect, names: Callable[[], list[str]], current: Callable[[], str],
                 choose: Callable[[str], object], step: Callable[[int], object] | None = None,
                 mark: Callable[[], bool] = lambda: False) -> None:
        """step: takes a neighbour, where that is more than choosing the next name. mark: whether a dot stands after the present name."""
        super().__init__(name, rect)
        self._canvas, self._names, self._current, self._choose, self._stepper, self._mark = canvas, names, current, choose, step, mark
        px = canvas.px
        self._box = canvas.box(rect, "button", None, 4)
        top = rect.y + (rect.h - canvas.height("body")) / 2 - 1
        self._words = canvas.text(rect.x + px(10), top, "", "body", "text")
        canvas.text(rect.right - px(8), top + px(2), "▼", "tiny", "dim", align=1)
        self._shown: str | None = None
        self._window = self._list = self._filter = 0
        self.hot = False
        self.items: dict[str, int] = {}
        self._listed: list[str] = []
        self._focused_at = 0

    @property
    def is_open(self) -> bool:
        """True while the list is shown."""
        return bool(self._window)

    def update(self, snapshot: object) -> None:
        """Show the present name."""
        words, mark = self._current(), " •" if self._mark() else ""
        if words + mark != self._shown:
            self._shown = words + mark
            set_text(self._words, self._canvas.fit(words, self.rect.w - self._canvas.px(34) - self._canvas.width(mark)) + mark)

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
            self._filter = dpg.add_input_text(hint="filter…", width=-1, callback=self._refill)
            self._list = dpg.add_child_window(border=False, width=-1, height=-1)
        self._window, self._listed = int(window), names
        self._fill(names)
        self._focus()

    def _focus(self) -> None:
        dpg.focus_item(self._filter)
        self._focused_at = dpg.get_frame_count()

    def _refill(self, sender: int, words: str) -> None:
        """The filter changed; Dear PyGui may say so when the list is closed already, as Escape takes the words back."""
        if self.is_open and sender == self._filter:
            self._fill(self._listed)

    def _fill(self, names: list[str]) -> None:
        dpg.delete_item(self._list, children_only=True)
        wanted, here = dpg.get_value(self._filter).casefold(), _plain(self._current())
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
        else:
            self.listen()

    def listen(self) -> None:
        """Let the filter have what is typed."""
        lately = dpg.get_frame_count() - self._focused_at < _FOCUS_FRAMES  # to ask again would select what is typed meanwhile
        if self.is_open and not lately and not dpg.is_item_active(self._filter):
            self._focus()

    def _take(self, name: str) -> None:
        if self.is_open:  # two clicks may wait in the queue, and the first of them closes the list
            self.close()
            self._choose(name)

    def close(self) -> None:
        """Hide the list."""
        if self._window:
            dpg.delete_item(self._window)
            self._window, self.items = 0, {}

    def covers(self, x: float, y: float) -> bool:
        """True when a point lies on the open list."""
        return covers_point(self._window, x, y)

    def item_rects(self) -> dict[str, Rect]:
        """Where the listed names are, once they have been drawn; else empty."""
        return drawn_rects(self.items)


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())
