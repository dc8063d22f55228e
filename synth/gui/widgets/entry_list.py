"""The list of sounds: rows that are written anew as it scrolls, so that ten thousand cost what twenty do."""

import math
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg

from ...session.library_entries import WAVETABLE
from ...text import printable
from ..geometry import Rect
from .canvas import Canvas, place_box, set_colour, set_fill, set_text, show
from .control import Pointer
from .icons import ICONS
from .menu_row import MenuRow
from .pick_up import PickUp
from .preset_place import HeldPreset

if TYPE_CHECKING:
    from ...session.library_entries import Entry
    from ..dragging import Dragging

ROW_H = 34
_HEAR_S = 0.25  # pointed at, until it is heard
_STARS = 5


class _Row:
    """What is drawn of one entry."""

    def __init__(self, canvas: Canvas, rect: Rect) -> None:
        px, self.rect, self._canvas = canvas.px, rect, canvas
        self.back = canvas.box(rect.inset(0, px(1), 0, px(1)), "panel", None, 5)
        self.mark = canvas.box(Rect(rect.x, rect.y + px(4), px(3), rect.h - px(8)), "teal", None, 1)
        top = rect.y + (rect.h - canvas.height("body")) / 2 - px(1)
        wide = rect.w > px(420)
        self._at = {"name": 0.03, "category": 0.42 if wide else 0.55, "tags": 0.55}
        shares = {"name": 0.38, "category": 0.12, "tags": 0.22} if wide else {"name": 0.5, "category": 0.2, "tags": 0.0}
        self._w = {part: share * rect.w for part, share in shares.items()}
        fonts = {"name": ("body", "text"), "category": ("small", "dim"), "tags": ("small", "dim")}
        self.texts = {part: canvas.text(rect.x + at * rect.w, top, "", *fonts[part]) for part, at in self._at.items()}
        side = px(15)
        self.heart = Rect(rect.right - px(112), rect.y + (rect.h - side) / 2, side, side)
        if wide:
            self._w["tags"] = self.heart.x - px(10) - (rect.x + self._at["tags"] * rect.w)
        self._heart = canvas.path([(self.heart.x + side * x, self.heart.y + side * y) for x, y in ICONS["heart"][0]], "faint", px(1.5))
        self.stars = Rect(rect.right - px(84), rect.y + rect.h / 2 - px(8), px(12 * _STARS), px(16))
        self._stars = [canvas.dot(self.stars.x + px(12 * i + 6), rect.y + rect.h / 2, px(2.4), "track") for i in range(_STARS)]

    def write(self, entry: "Entry | None", chosen: bool, hot: bool, favourite: bool, stars: int) -> None:
        """Show an entry, or nothing."""
        for item in (self.back, self.mark, self._heart, *self.texts.values(), *self._stars):
            show(item, entry is not None)
        if entry is None:
            return
        c = self._canvas
        set_fill(self.back, "chosen" if chosen else "button" if hot else "panel")
        show(self.mark, chosen)
        words = {"name": entry.name or entry.file.stem, "category": entry.category, "tags": ", ".join(entry.tags)}
        for part, item in self.texts.items():
            set_text(item, c.fit(printable(words[part]), self._w[part], "body" if part == "name" else "small") if self._w[part] else "")
        set_colour(self.texts["name"], "faint" if entry.error else "text")
        dpg.configure_item(self._heart, color=c.colour("rose" if favourite else "faint"), thickness=c.px(2.4 if favourite else 1.2))
        for i, dot in enumerate(self._stars):
            set_fill(dot, "orange" if i < stars else "track")


def held(entry: "Entry") -> HeldPreset:
    """An entry in the hand."""
    return HeldPreset(entry.name or entry.file.stem, entry.file, entry, entry.kind == WAVETABLE)


class EntryList(PickUp):
    """Click loads, a drag carries the preset away, a click on the heart or the dots marks, the wheel scrolls, the arrows point at a row.

    marks: (favourites, ratings by key). load, favourite, rate: what is done with a key. menu_of: rows of a right click.
    hear: lets an entry be heard that is pointed at for a moment; None: no longer.
    """

    def __init__(self, canvas: Canvas, rect: Rect, dragging: "Dragging", entries: Callable[[], "Sequence[Entry]"],
                 marks: Callable[[], tuple[frozenset[str], dict[str, int]]], chosen: Callable[[], str],
                 load: Callable[["Entry"], object], favourite: Callable[["Entry", bool], object],
                 rate: Callable[["Entry", int], object], menu_of: Callable[["Entry"], list[MenuRow]],
                 hear: Callable[["Entry | None"], object]) -> None:
        super().__init__("library.list", rect, canvas, dragging)
        px = canvas.px
        self._entries, self._marks, self._chosen = entries, marks, chosen
        self._load, self._favourite, self._rate, self._menu_of, self._hear = load, favourite, rate, menu_of, hear
        self._over: tuple[str, float] = ("", 0.0)  # the entry that is pointed at, and since when
        self._heard = ""
        n = max(int(rect.h // px(ROW_H)), 1)
        self._rows = [_Row(canvas, Rect(rect.x, rect.y + i * px(ROW_H), rect.w - px(10), px(ROW_H))) for i in range(n)]
        self._bar = canvas.box(Rect(rect.right - px(5), rect.y, px(4), rect.h), "button_hover", None, 2)
        self.first = 0
        self._brought = ""  # what was loaded when it was last brought into view
        self._pointed = -1  # row from the first that is shown; by the mouse where it moved, else by the arrows
        self._shown: tuple | None = None
        self._last = (-1.0, -1.0)

    @property
    def rows(self) -> dict[str, Rect]:
        """Where each shown entry is, by its name, for tests."""
        return {entry.name: row.rect for row, entry in zip(self._rows, self._entries()[self.first:], strict=False)}

    def update(self, snapshot: object) -> None:
        """Write the rows that changed."""
        if not self.hot:
            self._over = ("", 0.0)
            self._quieten()
        entries = self._entries()
        self._bring_loaded(entries)
        self.first = min(self.first, max(len(entries) - len(self._rows), 0))
        if self.hot and self._pointed < 0 and not self.rect.holds(*self._last):  # in focus, and the mouse is elsewhere
            self._pointed = 0
        favourites, ratings = self._marks()
        shown = entries[self.first:self.first + len(self._rows)]
        stars = tuple(ratings.get(e.key, 0) for e in shown)
        state = (id(entries), self.first, self._chosen(), self._pointed if self.hot else -1, favourites, stars)
        if state == self._shown:
            return
        self._shown = state
        for i, row in enumerate(self._rows):
            entry = shown[i] if i < len(shown) else None
            key = entry.key if entry else ""
            row.write(entry, key == state[2] and bool(key), state[3] == i, key in favourites, ratings.get(key, 0))
        share = len(self._rows) / max(len(entries), 1)
        show(self._bar, share < 1)
        h = max(self.rect.h * min(share, 1), self._canvas.px(24))
        place = self.first / max(len(entries) - len(self._rows), 1)
        place_box(self._bar, Rect(self.rect.right - self._canvas.px(5), self.rect.y + place * (self.rect.h - h), self._canvas.px(4), h))

    def _bring_loaded(self, entries: "Sequence[Entry]") -> None:
        """What was loaded from elsewhere (menu, finder, keys) is scrolled to."""
        if (key := self._chosen()) != self._brought:
            self._brought = key
            place = next((i for i, entry in enumerate(entries) if entry.key == key), self.first)
            if not self.first <= place < self.first + len(self._rows):
                self.first = max(place - len(self._rows) // 2, 0)

    def _at(self, at: Pointer) -> "tuple[_Row, Entry] | None":
        i = int((at.y - self.rect.y) // self._canvas.px(ROW_H))
        entries = self._entries()
        return (self._rows[i], entries[self.first + i]) if 0 <= i < len(self._rows) and self.first + i < len(entries) else None

    def hover(self, at: Pointer) -> None:
        """A sound that is pointed at for a moment is heard."""
        found, now = self._at(at), time.monotonic()
        if (at.x, at.y) != self._last:
            self._last, self._pointed = (at.x, at.y), self._rows.index(found[0]) if found else -1
        key = found[1].key if found and at.x < found[0].heart.x - self._canvas.px(8) else ""
        if key != self._over[0]:
            self._over = (key, now)
            self._quieten()
        elif key and key not in (self._heard, self._chosen()) and now - self._over[1] > _HEAR_S and found:
            self._heard = key
            self._hear(found[1])

    def _quieten(self) -> None:
        if self._heard:
            self._heard = ""
            self._hear(None)

    def press(self, at: Pointer) -> None:
        """Mark it, or take hold of it: a click loads."""
        self._quieten()
        self._over = (self._over[0], math.inf)
        found = self._at(at)
        if found is None:
            return
        row, entry = found
        favourites, ratings = self._marks()
        if row.heart.inset(-self._canvas.px(5)).holds(at.x, at.y):
            self._favourite(entry, entry.key not in favourites)
        elif row.stars.holds(at.x, at.y):
            stars = int((at.x - row.stars.x) / row.stars.w * _STARS) + 1
            self._rate(entry, 0 if stars == ratings.get(entry.key, 0) else stars)
        else:
            self.take_hold(at, held(entry), row.rect, lambda: self._load(entry))

    def enter(self) -> None:
        """Enter loads what is pointed at."""
        if entry := self._pointed_entry():
            self._load(entry)

    def arrow(self, clicks: int, fine: bool) -> None:
        """The arrows point at another row."""
        n = len(self._entries())
        if n:
            here = min(max(self.first + max(self._pointed, 0) - clicks, 0), n - 1)
            self.first = min(max(self.first, here - len(self._rows) + 1), here)
            self._pointed = here - self.first

    @property
    def marked(self) -> str:
        """Name of the entry that is pointed at."""
        entry = self._pointed_entry()
        return entry.name if entry else ""

    def _pointed_entry(self) -> "Entry | None":
        entries, i = self._entries(), self.first + self._pointed
        return entries[i] if self._pointed >= 0 and i < len(entries) else None

    def wheel(self, clicks: float, fine: bool) -> None:
        """Scroll by three rows, a row when fine."""
        self.first = max(0, min(self.first - round(clicks * (1 if fine else 3)), max(len(self._entries()) - len(self._rows), 0)))

    def menu(self) -> list[MenuRow]:
        """What can be done with the entry that is pointed at."""
        entry = self._pointed_entry()
        return self._menu_of(entry) if entry else []

    def menu_rect(self) -> Rect:
        """Beside the row."""
        return self._rows[max(self._pointed, 0)].rect

    def tip(self, at: Pointer) -> list[str]:
        """The entry's comment, or why it cannot be read."""
        found = self._at(at)
        if found is None:
            return []
        entry = found[1]
        lines = [printable(line) for line in (entry.error or entry.comment, f"{entry.model}  {entry.author}".strip()) if line]
        return [*lines, "A click loads it; drag it onto a corner of the morph, the map, Favourites or Mine"]
