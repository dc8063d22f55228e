"""A list of rows of words: one is chosen by a click or the arrows, taken by a double click or Enter; the wheel scrolls."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ...text import printable
from ..geometry import Rect
from .canvas import Canvas, place_box, set_colour, set_fill, set_text, show
from .control import Control, Pointer
from .menu_row import MenuRow

ROW_H = 26


class Line(NamedTuple):
    """A row. key: what it stands for. words: one text a column. quiet: it can do nothing now. strong: it is where one is."""

    key: Any
    words: tuple[str, ...]
    quiet: bool = False
    strong: bool = False


class RowList(Control):
    """Rows are written anew as it scrolls, so that thousands cost what twenty do. columns: (where from the left, width), parts of 1.

    lines: the same sequence until it changes. chosen: the key that is marked.
    """

    def __init__(self, canvas: Canvas, name: str, rect: Rect, columns: Sequence[tuple[float, float]], lines: Callable[[], Sequence[Line]],
                 chosen: Callable[[], Any], choose: Callable[[Any], object], take: Callable[[Any], object],
                 menu_of: Callable[[Any], list[MenuRow]] = lambda key: [], tip_of: Callable[[Any], list[str]] = lambda key: []) -> None:
        super().__init__(name, rect)
        px, self._canvas = canvas.px, canvas
        self._lines, self._chosen, self._choose, self._take = lines, chosen, choose, take
        self._menu_of, self._tip_of = menu_of, tip_of
        self.n_rows = max(int(rect.h // px(ROW_H)), 1)
        room = rect.w - px(10)
        self._widths = [width * room - px(8) for _, width in columns]
        self._rows = []
        for i in range(self.n_rows):
            row = Rect(rect.x, rect.y + i * px(ROW_H), room, px(ROW_H))
            back = canvas.box(row.inset(0, px(1), 0, px(1)), "panel", None, 4)
            top = row.y + (row.h - canvas.height("text")) / 2 - px(1)
            self._rows.append((back, [canvas.text(row.x + px(8) + at * room, top, "", "text" if n == 0 else "small")
                                      for n, (at, _) in enumerate(columns)]))
        self._bar = canvas.box(Rect(rect.right - px(5), rect.y, px(4), rect.h), "button_hover", None, 2)
        self.first = 0
        self._pointed = -1
        self._shown: tuple | None = None

    def update(self, snapshot: object) -> None:
        """Write the rows that changed."""
        lines = self._lines()
        self.first = max(min(self.first, len(lines) - self.n_rows), 0)
        chosen = self._chosen()
        state = (id(lines), len(lines), self.first, chosen, self._pointed if self.hot else -1)
        if state == self._shown:
            return
        self._shown = state
        for i, (back, texts) in enumerate(self._rows):
            line = lines[self.first + i] if self.first + i < len(lines) else None
            show(back, line is not None)
            on = line is not None and line.key == chosen
            set_fill(back, "chosen" if on else "button" if state[4] == i else "panel")
            for n, text in enumerate(texts):
                words = printable(line.words[n]) if line and n < len(line.words) else ""
                set_text(text, self._canvas.fit(words, self._widths[n], "text" if n == 0 else "small"))
                set_colour(text, "faint" if line and line.quiet else "teal" if line and line.strong else "text" if n == 0 else "dim")
        self._place_bar(len(lines))

    def _place_bar(self, n: int) -> None:
        px, rect = self._canvas.px, self.rect
        show(self._bar, n > self.n_rows)
        h = max(rect.h * min(self.n_rows / max(n, 1), 1), px(24))
        at = self.first / max(n - self.n_rows, 1)
        place_box(self._bar, Rect(rect.right - px(5), rect.y + at * (rect.h - h), px(4), h))

    def _at(self, at: Pointer) -> Line | None:
        i, lines = int((at.y - self.rect.y) // self._canvas.px(ROW_H)), self._lines()
        return lines[self.first + i] if 0 <= i < self.n_rows and self.first + i < len(lines) else None

    def hover(self, at: Pointer) -> None:
        """The row under the pointer is lit."""
        self._pointed = int((at.y - self.rect.y) // self._canvas.px(ROW_H)) if self._at(at) else -1

    def press(self, at: Pointer) -> None:
        """Choose the row."""
        if line := self._at(at):
            self._choose(line.key)

    def reset(self) -> None:
        """Double click: take what is chosen."""
        self.enter()

    def enter(self) -> None:
        """Take what is chosen."""
        if self._place_of_chosen() >= 0:
            self._take(self._chosen())

    @property
    def marked(self) -> str:
        """Key of the row that is chosen."""
        return self._chosen()

    def _place_of_chosen(self) -> int:
        chosen = self._chosen()
        return next((i for i, line in enumerate(self._lines()) if line.key == chosen), -1)

    def wheel(self, clicks: float, fine: bool) -> None:
        """Scroll by three rows, a row when fine."""
        self.first = max(0, min(self.first - round(clicks * (1 if fine else 3)), max(len(self._lines()) - self.n_rows, 0)))

    def arrow(self, clicks: int, fine: bool) -> None:
        """The arrows choose another row."""
        lines = self._lines()
        if lines:
            here = min(max(self._place_of_chosen() - clicks, 0), len(lines) - 1)
            self.first = min(max(self.first, here - self.n_rows + 1), here)
            self._choose(lines[here].key)

    def menu(self) -> list[MenuRow]:
        """What can be done with the row under the pointer."""
        lines, i = self._lines(), self.first + self._pointed
        return self._menu_of(lines[i].key) if self._pointed >= 0 and i < len(lines) else []

    def tip(self, at: Pointer) -> list[str]:
        """More about the row under the pointer."""
        line = self._at(at)
        return [printable(text) for text in self._tip_of(line.key)] if line else []
