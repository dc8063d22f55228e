"""Every sound there is: search, filters, ratings and favourites, what is nearest; and eight candidates bred from it."""

from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

from ...session.library_entries import INSTRUMENT
from ...text import counted, printable
from ..geometry import Rect, columns, rows
from ..panels.waterfall import Waterfall
from ..widgets.breed_panel import breed_controls
from ..widgets.buttons import Button
from ..widgets.canvas import set_text
from ..widgets.entry_list import EntryList, held
from ..widgets.menu_row import MenuRow
from ..widgets.pick_up import preset_rows
from ..widgets.text_field import TextField
from .view import Place, View

if TYPE_CHECKING:
    from ...session.library_entries import Entry
    from ...session.view_state import Snapshot
    from ..widgets.preset_place import HeldPreset

_SHOWS = _ALL, _FAVOURITES, _MINE, _INSTRUMENTS, _LATELY, _NEAREST = (
    "All sounds", "Favourites", "Mine", "Instruments", "Lately played", "Nearest to this")


class LibraryView(View):
    """Filters left, the list in the middle, the sound and what is bred from it right. pages: `library`, the filters."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        gap, grid, px = self.px(8), place.grid, self.px
        self.filters: dict[str, Any] = place.pages.setdefault("library", {"words": "", "show": _ALL, "category": "", "tag": ""})
        self._found: list[Entry] = []
        self._asked: tuple | None = None
        self._nearest: Future | None = place.pages.get("library_nearest")
        filters, middle, right = columns(grid.content, gap, px(170 if grid.narrow else 214), 0.42, 0.58 if not grid.narrow else 0.4)
        self._filters(filters)
        self._list(middle)
        self._sound(right, gap)

    # ---- filters ---------------------------------------------------------------------------------------------------
    def _filters(self, rect: Rect) -> None:
        px, c = self.px, self.canvas
        c.panel(rect)
        room, grid_is_low = rect.inset(px(10), px(10), px(10), px(8)), self.place.grid.low
        hint = f"search {counted(len(self.session.library.all_sounds), 'sound')}"
        self.fields = [TextField(c, Rect(room.x, room.y, room.w, px(30)), hint, self.filters["words"],
                                 partial(self._set, "words"), self._load_first, key="search")]
        self.searched = self.fields[0]
        y = room.y + px(40)
        takers = {_FAVOURITES: ("a favourite", self._make_favourite), _MINE: ("a copy among your own", self._make_mine)}
        for name in _SHOWS:
            where = Rect(room.x, y, room.w, px(22 if grid_is_low else 24))
            self.add(Button(c, f"show.{name.casefold().replace(' ', '_')}", where, name, partial(self._choose, "show", name), font="small",
                            on=lambda name=name: self.filters["show"] == name, takes=takers.get(name)))  # type: ignore[misc]
            y += px(24 if grid_is_low else 27)
        library = self.session.library
        y = self._chips("category", "Category", list(library.categories()), Rect(room.x, y + px(6), room.w, room.bottom - y - px(6)), 2)
        self._chips("tag", "Tags", list(library.tags()), Rect(room.x, y + px(6), room.w, room.bottom - y - px(6)), 3)

    def _make_favourite(self, preset: "HeldPreset", x: float) -> None:
        """It was dropped on Favourites."""
        if preset.entry is None:
            self.session.tell(f"'{printable(preset.name)}' is in no file yet: load it and save it, then it can be a favourite")
            return
        self.session.set_favourite(preset.entry.key, True)
        self.session.tell(f"'{printable(preset.name)}' is a favourite")

    def _make_mine(self, preset: "HeldPreset", x: float) -> None:
        """It was dropped on Mine."""
        if preset.entry is None:
            self.session.tell(f"'{printable(preset.name)}' is in no file yet: load it, and Save puts it among your own")
            return
        if preset.entry.kind == INSTRUMENT:
            self.session.tell(f"'{printable(preset.name)}' is among your own instruments already")
            return
        self.session.duplicate_preset(preset.entry.key)

    def _chips(self, key: str, title: str, names: list[str], rect: Rect, per_row: int) -> float:
        """Where there is not room for all, the last is a list of them."""
        px, c = self.px, self.canvas
        h, y = px(25), rect.y + px(17)
        n_rows = max(int((rect.bottom - y) // h), 0)
        if not n_rows:
            return rect.y
        c.text(rect.x, rect.y, title, "small", "dim")
        shown, chosen = names[:n_rows * per_row], self.filters[key]
        if len(shown) < len(names):
            shown = shown[:-1] if chosen in ("", *shown[:-1]) else [*shown[:-2], chosen]
        w = rect.w / per_row
        places = [Rect(rect.x + (i % per_row) * w, y + (i // per_row) * h, w - px(4), h - px(3)) for i in range(n_rows * per_row)]
        for name, where in zip(shown, places, strict=False):
            self.add(Button(c, f"{key}.{name}", where, printable(name), partial(self._choose, key, name), font="small",
                            on=lambda name=name: self.filters[key] == name))  # type: ignore[misc]
        if len(shown) < len(names):
            listed = [MenuRow(printable(name), partial(self._choose_listed, key, name), "●" if name == chosen else "") for name in names]
            self.add(Button(c, f"{key}.more", places[len(shown)], "more …", partial(self.gestures.open_menu, listed, places[len(shown)]),
                            "All of them, as a list", font="small"))
        return y + min(n_rows, -(-len(names) // per_row)) * h

    def _choose_listed(self, key: str, name: str) -> None:
        """From the list: it has a place of its own from now on."""
        self._choose(key, name)
        self.place.turn("library", self.filters)

    def _set(self, key: str, value: str) -> None:
        self.filters[key] = value

    def _choose(self, key: str, value: str) -> None:
        """A filter that is on goes off."""
        default = _ALL if key == "show" else ""
        self.filters[key] = default if self.filters[key] == value else value
        if self.filters["show"] == _NEAREST:
            self._nearest = self.place.pages["library_nearest"] = self.session.find_nearest(limit=60)

    # ---- the list --------------------------------------------------------------------------------------------------
    def _list(self, rect: Rect) -> None:
        px, c = self.px, self.canvas
        c.panel(rect)
        self._count = c.text(rect.x + px(12), rect.y + px(10), "", "head")
        self.list = EntryList(c, rect.inset(px(6), px(34), px(6), px(6)), self.place.dragging, lambda: self._found, self._marks,
                              self._loaded_key, self._load,
                              lambda entry, on: self.session.set_favourite(entry.key, on),
                              lambda entry, stars: self.session.rate_preset(entry.key, stars), self._entry_menu,
                              lambda entry: self.session.hear_entry(entry.key) if entry else self.session.stop_hearing())
        self.results = self.add(self.list)

    def _marks(self) -> tuple[frozenset[str], dict[str, int]]:
        marks = self.session.library.marks
        return marks.favourites, marks.ratings

    def _loaded_key(self) -> str:
        entry = self.session.loaded_entry
        return entry.key if entry else ""

    def _load(self, entry: "Entry") -> None:
        self.session.load_entry(entry.key)

    def _load_first(self) -> None:
        if self._found:
            self._load(self._found[0])

    def _look(self) -> None:
        nearest = self._nearest.done() if self._nearest else False
        asked = (tuple(self.filters.values()), self.session.library.version, self._marks(), nearest)
        if asked == self._asked:
            return
        self._asked = asked
        f = self.filters
        found = self.session.search_library(f["words"], f["category"], (f["tag"],) if f["tag"] else (), favourites=f["show"] == _FAVOURITES)
        if f["show"] == _MINE:
            found = [entry for entry in found if entry.is_own]
        elif f["show"] == _INSTRUMENTS:
            found = [entry for entry in found if entry.kind == INSTRUMENT]
        elif f["show"] == _LATELY:
            keys = {entry.key for entry in found}
            found = [entry for entry in self.session.recent_presets() if entry.key in keys]
        elif f["show"] == _NEAREST and self._nearest and nearest:
            keys = {entry.key for entry in found}
            found = [entry for entry, _ in self._nearest.result() if entry.key in keys]
        self._found = found
        self.list.first = 0
        none = f["show"] == _INSTRUMENTS and not self.session.library.instruments
        nothing = "none yet: Train makes one of your notes" if none else "nothing is called so"
        set_text(self._count, counted(len(found), "sound") if found else nothing)

    def update(self, snapshot: "Snapshot") -> None:
        """Search where the filters changed."""
        self._look()
        self.is_changing = self._nearest is not None and not self._nearest.done()
        super().update(snapshot)

    def _entry_menu(self, entry: "Entry") -> list[MenuRow]:
        s = self.session
        marked = entry.key in self._marks()[0]
        rows_ = [MenuRow(printable(entry.name), None, entry.origin), MenuRow("Load", lambda: self._load(entry)),
                 MenuRow("No favourite" if marked else "Favourite", lambda: s.set_favourite(entry.key, not marked))]
        if entry.kind == INSTRUMENT:
            return [*rows_, MenuRow("Its report", lambda: s.open_report(entry.file), rule=True), *preset_rows(s, held(entry))]
        rows_ += [MenuRow("Duplicate", lambda: s.duplicate_preset(entry.key), rule=True)]
        if entry.is_own:
            rows_.append(MenuRow("Delete (to the bin)", lambda: s.delete_preset(entry.key)))
        return rows_ + preset_rows(s, held(entry))

    # ---- the sound -------------------------------------------------------------------------------------------------
    def _sound(self, rect: Rect, gap: float) -> None:
        px, c = self.px, self.canvas
        upper, lower = rows(rect, gap, 0.45, 0.55)
        c.panel(upper)
        picture, words = columns(upper.inset(px(10)), px(10), 0.5, 0.5)
        c.box(picture, "well", "panel_edge", 5)
        self.plots.append(Waterfall(c, picture, self.place.preview, title="", margin=12))
        patch = self.session.patch
        y = words.y
        for text, font, colour, h in ((patch.name, "preset", "text", 24), (f"{patch.category}  {self.session.model}", "small", "dim", 20)):
            c.text(words.x, y, c.fit(printable(text), words.w, font), font, colour)
            y += px(h)
        for line in self._wrapped(patch.comment, words.w)[:4]:
            c.text(words.x, y, line, "text", "text")
            y += px(17)
        for n, name in enumerate(patch.macros[:4], 1):
            if name and y < words.bottom - px(16):
                c.text(words.x, y + px(4), c.fit(printable(f"Macro {n}: {name}"), words.w, "small"), "small", "dim")
                y += px(16)
        if (played := self.session.loaded_entry) and played.kind == INSTRUMENT:
            where = Rect(words.x, words.bottom - px(28), min(words.w, px(110)), px(28))
            self.add(Button(c, "library.report", where, "Report", partial(self.session.open_report, played.file),
                            "How near each note comes to its recording, with pictures and sound, in your browser"))
        c.panel(lower, "Breed")
        self._breed(lower)

    def _wrapped(self, text: str, width: float) -> list[str]:
        lines, line = [], ""
        for word in printable(text).split():
            longer = f"{line} {word}".strip()
            if line and self.canvas.width(longer, "text") > width:
                lines.append(line)
                longer = word
            line = longer
        return [*lines, line] if line else lines

    def _breed(self, rect: Rect) -> None:
        px = self.px
        kept = self.place.pages.setdefault("breed", {})
        room = rect.inset(px(10), px(32), px(10), px(8))
        self.controls += breed_controls(self.canvas, room, self.gestures, self.place.dragging, kept, partial(self._ask, kept))

    def _ask(self, kept: dict[str, Any]) -> None:
        """Eight relatives of the sound as it now is."""
        self.session.breed(kept["amount"], kept["locked"])
