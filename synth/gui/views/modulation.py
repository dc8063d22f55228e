"""LFOs, the knobs touched lately, and the matrix: every row of what moves what."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ...params.knobs import N_LFOS, N_SLOTS, PARAMS
from ...session.modulation import ModRow, mod_rows
from .. import words
from ..geometry import Rect, cells, columns, rows
from ..widgets.buttons import Button, Tab
from ..widgets.lfo_curve import LfoCurve
from ..widgets.matrix_row import MatrixRow
from ..widgets.menu_row import MenuRow
from ..widgets.part_row import PartRow
from ..widgets.text_field import TextField
from .view import Place, View

_ROW_H = 30
_SORTS: dict[str, Callable[[ModRow, tuple[str, str, str]], Any]] = {
    "Source": lambda row, names: (names[0], row.slot), "Depth": lambda row, names: (-abs(row.amount), row.slot),
    "Target": lambda row, names: (names[1], row.slot), "Scaled by": lambda row, names: (names[2], row.slot)}


class ModulationView(View):
    """Left an LFO and the knobs touched lately, right the matrix."""

    is_changing = False

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        gap, grid = self.px(8), place.grid
        if grid.narrow:
            self.canvas.panel(grid.content)
            if self.tabs(grid.content, "modulation", ("Matrix", "LFO")) == "Matrix":
                self._matrix(grid.content, bare=True)
            else:
                self._lfo(grid.content.inset(0, self.px(28), 0, 0))
            return
        left, right = columns(grid.content, gap, 0.5, 0.5)
        upper, lower = rows(left, gap, 0.58, 0.42)
        self._lfo(upper)
        self._touched(lower)
        self._matrix(right)

    def _lfo(self, rect: Rect) -> None:
        px = self.px
        self.canvas.panel(rect)
        shown = self.tabs(rect, "lfo", tuple(f"LFO {n}" for n in range(1, N_LFOS + 1)))
        group = f"lfo{shown.split()[-1]}"
        room = rect.inset(px(10), px(34), px(10), px(8))
        lower_h = px(78)
        self._shape(group, Rect(room.x, room.y, room.w, room.h - lower_h - px(6)))
        lower = Rect(room.x, room.bottom - lower_h, room.w, lower_h)
        boxes, knobs = columns(lower, px(8), 0.7, 0.3)
        names = (*(f"{group}.{part}" for part in ("shape", "sync", "scope", "polarity")), "clock.tempo_bpm", "clock.source")
        for name, cell in zip(names, cells(boxes, len(names)), strict=True):
            self.box(name, Rect(cell.x + px(2), cell.y + px(12), cell.w - px(4), px(42)), words.LFO_LABELS.get(name))
        self.knobs([f"{group}.rate_hz", f"{group}.phase_cycles", f"{group}.fade_s"], knobs, 34)

    def _shape(self, group: str, rect: Rect) -> None:
        self.add(LfoCurve(self.canvas, group, rect, self.gestures))

    def _touched(self, rect: Rect) -> None:
        px = self.px
        self.canvas.panel(rect, "Touched lately")
        targets = [row.target for row in mod_rows(self.session.patch)]
        names = list(dict.fromkeys(n for n in (*self.gestures.touched, *targets, "filter.cutoff_hz", "osc.position", "osc.fine_cents",
                                               "amp.attack_s", "reverb.mix") if n in PARAMS and not n.startswith("latent.")))
        per_row = max(int(rect.w // px(92)), 1)
        room = rect.inset(px(8), px(30), px(8), px(4))
        n_rows = 2 if room.h > px(150) else 1
        for name, cell in zip(names, cells(room, per_row, n_rows), strict=False):
            self.knob(name, cell, 36, words.full_name(PARAMS[name], self.gestures.directions), f"touched.{name}")

    def _matrix(self, rect: Rect, bare: bool = False) -> None:
        px, c = self.px, self.canvas
        if not bare:
            c.panel(rect, "Matrix")
        room = rect.inset(px(10), px(34), px(10), px(8))
        own, parts = self._sorted(mod_rows(self.session.patch)), self.gestures.rows_of_parts()
        of_parts = {id(row): (letter, two_way) for letter, row, two_way in parts}
        all_rows = own + self._sorted([row for _, row, _ in parts])
        fits = max(int((room.h - px(22)) // px(_ROW_H)), 1)
        first = min(self.place.pages.get("first_row", 0), max(len(all_rows) + 1 - fits, 0))
        count = f"{len(own)} of {N_SLOTS} rows" + (f", {len(parts)} of parts" if parts else "")
        c.text(rect.right - px(12), rect.y + px(10), count, "small", "dim", align=1)
        sort = self.place.pages.get("matrix_sort", "")
        for title, at in MatrixRow.titles(room, px):
            if title in _SORTS:
                where = Rect(at - px(4), room.y - px(3), c.width(title, "small") + px(16), px(20))
                self.add(Tab(c, f"matrix.sort.{title.casefold().replace(' ', '_')}", where, title, partial(
                    self.place.turn, "matrix_sort", "" if sort == title else title), sort == title, "small",
                    "Sort by it; again: by slot", opens_held=False))
            else:
                c.text(at, room.y, title, "small", "dim")
        y = room.y + px(20)
        for row in all_rows[first:first + fits]:
            where = Rect(room.x, y, room.w, px(_ROW_H))
            if id(row) in of_parts:
                self.add(PartRow(c, *of_parts[id(row)], row, where, self.gestures))
            else:
                self.add_row(row, where)
            y += px(_ROW_H)
        if y + px(_ROW_H) <= room.bottom + 1 and len(own) < N_SLOTS:
            self.add(Button(c, "matrix.add", Rect(room.x + px(4), y + px(3), px(120), px(_ROW_H - 6)), "+ row", self._ask_new,
                            "A source, then what it moves", font="small"))
            field = Rect(room.right - px(190), y + px(3), px(186), px(_ROW_H - 4))
            self.search = TextField(c, field, "only rows named … (Enter)", self.place.pages.get("matrix_words", ""), lambda text: None,
                                    lambda: self.place.turn("matrix_words", self.search.words))
            self.fields.append(self.search)
        if len(all_rows) + 1 > fits:
            for i, (icon, by) in enumerate((("left", -fits), ("right", fits))):
                to = min(max(first + by, 0), max(len(all_rows) + 1 - fits, 0))
                where = Rect(rect.right - c.width(count, "small") - px(80 - 28 * i), rect.y + px(5), px(24), px(22))
                self.add(Button(c, f"matrix.{'previous' if i == 0 else 'next'}", where, "", partial(self.place.turn, "first_row", to),
                                "More rows", icon=icon))

    def _sorted(self, found: list[ModRow]) -> list[ModRow]:
        """The rows whose names hold what is searched, in the order that is asked for."""
        wanted = str(self.place.pages.get("matrix_words", "")).casefold().split()
        by = _SORTS.get(self.place.pages.get("matrix_sort", ""), lambda row, names: 0)  # as they come: by slot, or part by part
        named = [(row, self._names_of(row)) for row in found]
        named = [(row, names) for row, names in named if all(word in " ".join(names).casefold() for word in wanted)]
        return [row for row, _ in sorted(named, key=lambda pair: by(*pair))]

    def _names_of(self, row: ModRow) -> tuple[str, str, str]:
        macros = self.session.patch.macros
        return (words.source_name(row.source, macros), self.gestures.target_words(row.target),
                words.source_name(row.via, macros))

    def add_row(self, row: ModRow, rect: Rect) -> None:
        """The controls of a row."""
        self.controls += MatrixRow(self.canvas, row, rect, self.gestures).controls

    def _ask_new(self) -> None:
        sources = [MenuRow(name, partial(self._ask_target, source)) for source, name in words.SOURCES.items() if source != "none"]
        self.gestures.open_menu(sources, Rect(self.place.grid.content.right - self.px(300), self.place.grid.content.y, 1, 1))

    def _ask_target(self, source: str) -> None:
        self.gestures.open_menu(self.gestures.target_rows(lambda name: self.gestures.drop_source(source, name)),
                                Rect(self.place.grid.content.right - self.px(300), self.place.grid.content.y, 1, 1))
