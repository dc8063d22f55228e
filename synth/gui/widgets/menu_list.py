"""Lists and lines that open over the panels: a menu of rows, and a line in which a value is typed."""

from collections.abc import Callable

import dearpygui.dearpygui as dpg

from ...errors import UserError
from ...text import printable
from ..geometry import Rect
from ..gesture_menus import KnobControl
from ..theme import COLOURS
from .canvas import Canvas
from .menu_row import MenuRow
from .popup import covers_point, drawn_rects
from .typed_line import TypedLine

_LONG = 20  # rows, from which on a list has a line to find one by its name
_BARE = {"no_title_bar": True, "no_move": True, "no_resize": True, "no_collapse": True, "no_saved_settings": True}


class MenuList:
    """Rows to choose from, beside what they belong to: by a click, or marked with the arrows and taken with Enter; in a long list what is
    typed finds them. Escape or a press elsewhere closes it.
    """

    def __init__(self, canvas: Canvas, guard: Callable[..., object]) -> None:
        self._canvas, self._guard = canvas, guard
        self._window = 0
        self._rows: list[MenuRow] = []
        self._items: dict[str, int] = {}
        self._handles: dict[int, int] = {}  # by number, as two rows may be called the same
        self._none = 0  # said where nothing is called so
        self._groups: list[int] = []  # what each row is drawn in
        self.line: TypedLine | None = None  # in a long list
        self._marked: int | None = None  # number of the row that the arrows chose

    @property
    def is_open(self) -> bool:
        """True while it is shown."""
        return bool(self._window)

    def open(self, rows: list[MenuRow], beside: Rect) -> None:
        """Show rows under a rectangle, or where there is room for them; a long list scrolls."""
        self.close()
        if not rows:
            return
        px, c = self._canvas.px, self._canvas
        screen_w, screen_h = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        keys = max(c.width(row.key, "body") for row in rows)
        width = max(max(c.width(row.words, "body") for row in rows) + keys + px(44), beside.w, px(140))
        height = self._height(rows)
        x = min(max(beside.x, px(4)), screen_w - width - px(4))
        under, over = beside.bottom + px(3), beside.y - height - px(3)
        y = under if under + height <= screen_h - px(4) else over if over >= px(4) else max(px(4), screen_h - height - px(4))
        with dpg.window(pos=(round(x), round(y)), width=round(width), height=round(height), min_size=(10, 10), **_BARE) as window:
            if len(rows) > _LONG:
                self.line = TypedLine(hint="type to find", width=round(width - px(26)), changed=self._narrow)
                self._none = int(dpg.add_text("", show=False, color=COLOURS["dim"]))
            for i, row in enumerate(rows):
                self._row(i, row, round(width - px(20)), round(keys))
        self._window, self._rows = int(window), rows
        if self.line:
            self.line.focus()

    def _height(self, rows: list[MenuRow]) -> float:
        px = self._canvas.px
        line = px(30) if len(self._rows or rows) > _LONG else 0
        return min(px(22) * len(rows) + px(6) * sum(row.rule for row in rows) + line + px(18), dpg.get_viewport_client_height() - px(16))

    def _row(self, i: int, row: MenuRow, width: int, keys: int) -> None:
        if row.rule:
            dpg.add_separator()
        if row.do is None:
            with dpg.group(horizontal=True) as group:
                dpg.add_text(printable(row.words))
                dpg.add_text(printable(row.key), color=COLOURS["faint"])
            self._groups.append(int(group))
            return
        with dpg.group(horizontal=True) as group:
            item = dpg.add_selectable(label=printable(row.words), width=width - keys - round(self._canvas.px(12)), user_data=i,
                                      callback=lambda _s, _a, chosen: self._take(chosen))
            dpg.add_selectable(label=printable(row.key), width=keys, enabled=False)  # as a text it would stand lower
        self._items.setdefault(row.words, int(item))
        self._handles[i] = int(item)
        self._groups.append(int(group))

    def _narrow(self, words: str) -> None:
        """Only the rows whose names, or what stands behind them, hold every word that is typed; the list is as long as they need.

        Where there is none, that is said.
        """
        if not self.is_open:  # Escape gives the line its first words back, and closes the list before that is told
            return
        self._mark(None)
        found = [row for row in self._rows if self._matches(row, words)]
        dpg.configure_item(self._window, height=round(self._height(found or self._rows[:1])))
        for row, group in zip(self._rows, self._groups, strict=True):
            dpg.configure_item(group, show=self._matches(row, words))
        dpg.configure_item(self._none, show=not found, default_value=f"nothing is called '{printable(words.strip())}'")

    @staticmethod
    def _matches(row: MenuRow, words: str) -> bool:
        return all(word in f"{row.words} {row.key}".casefold() for word in words.casefold().split())

    def _take(self, i: int) -> None:
        if self.is_open:  # two clicks may wait in the queue, and the first of them closes it
            do = self._rows[i].do
            self.close()
            if do:
                self._guard(do)

    def _choices(self) -> list[int]:
        """Numbers of the rows that are shown and do something."""
        words = self.line.words if self.line else ""
        return [i for i, row in enumerate(self._rows) if row.do and self._matches(row, words)]

    def move(self, by: int) -> None:
        """The arrows mark the next row (1) that does something, or the one before (-1), round the end."""
        choices = self._choices()
        if choices:
            here = next((n for n, i in enumerate(choices) if i == self._marked), -1 if by > 0 else 0)
            marked = choices[(here + by) % len(choices)]
            self._mark(marked)
            words = self.line.words if self.line else ""
            over = sum(self._matches(row, words) for row in self._rows[:marked])
            dpg.set_y_scroll(self._window, max(self._canvas.px(22) * (over + 1) - (dpg.get_item_height(self._window) or 0) / 2, 0))

    def _mark(self, i: int | None) -> None:
        for n, on in ((self._marked, False), (i, True)):
            if n is not None:
                dpg.set_value(self._handles[n], on)
        self._marked = i

    @property
    def marked(self) -> str:
        """Words of the row that the arrows chose."""
        return "" if self._marked is None else self._rows[self._marked].words

    def take_first(self) -> None:
        """Enter takes the row that is marked, or the first that does something, of those that are shown."""
        choices = self._choices()
        if choices:
            self._take(next((i for i in choices if i == self._marked), choices[0]))

    def close(self) -> None:
        """Hide it."""
        if self._window:
            dpg.delete_item(self._window)
        self._window, self._items, self._handles, self._rows, self._groups = 0, {}, {}, [], []
        self._none, self.line, self._marked = 0, None, None

    def covers(self, x: float, y: float) -> bool:
        """True when a point lies on it."""
        return covers_point(self._window, x, y)

    def item_rects(self) -> dict[str, Rect]:
        """Where the rows are, once they have been drawn; else empty."""
        return drawn_rects(self._items)


class ValueEntry:
    """A line over a control in which its value is typed. A wrong one stays, and says why."""

    def __init__(self, canvas: Canvas, take: Callable[[KnobControl, str], object], guard: Callable[..., object]) -> None:
        self._canvas, self._take_typed, self._guard = canvas, take, guard
        self._window = self._told = 0
        self._control: KnobControl | None = None
        self.line: TypedLine | None = None

    @property
    def is_open(self) -> bool:
        """True while it is shown."""
        return bool(self._window)

    def open(self, control: KnobControl, shown: str) -> None:
        """Ask for a control's value; what is shown now stands in the line, selected."""
        self.close()
        px, at = self._canvas.px, control.entry_rect()
        width = max(at.w, px(90))
        x = min(max(at.x + at.w / 2 - width / 2, px(4)), dpg.get_viewport_client_width() - width - px(4))
        with dpg.window(pos=(round(x), round(at.y)), width=round(width), autosize=True, min_size=(10, 10), **_BARE) as window:
            self.line = TypedLine(shown, width=round(width - px(16)))
            self._told = int(dpg.add_text("", color=COLOURS["orange"], wrap=round(px(220)), show=False))
        self._window, self._control = int(window), control
        self.line.focus()

    def take_first(self) -> None:
        """Enter: the value is taken, or it is said why not."""
        if self._control is None or self.line is None:
            return
        try:
            self._take_typed(self._control, self.line.words)
            self.close()
        except UserError as error:
            dpg.configure_item(self._told, show=True)
            dpg.set_value(self._told, printable(str(error)))
            self.line.focus()

    def close(self) -> None:
        """Hide it."""
        if self._window:
            dpg.delete_item(self._window)
        self._window = self._told = 0
        self._control = self.line = None

    def covers(self, x: float, y: float) -> bool:
        """True when a point lies on it."""
        return covers_point(self._window, x, y)

    def item_rects(self) -> dict[str, Rect]:
        """Where the line is, once it has been drawn; else empty."""
        return drawn_rects({"value": self.line.field} if self.line else {})
