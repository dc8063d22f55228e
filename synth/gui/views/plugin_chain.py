"""The chain of plug-ins: left the way of the sound through them, right the one that is chosen, its parameters as knobs."""

from functools import partial
from typing import TYPE_CHECKING, Any

from ...patch.hosted_effect import MOST_ROWS, HostedEffect
from ...session.effect_params import EffectParam
from ...session.effect_scan import effect_choices
from ...text import printable
from .. import words
from ..geometry import Rect, cells, columns
from ..widgets.buttons import Button
from ..widgets.canvas import place_box, set_text, show
from ..widgets.knob import LABELS_H
from ..widgets.menu_row import MenuRow
from ..widgets.plugin_knob import PluginKnob, WetKnob

if TYPE_CHECKING:
    from ...session.view_state import Snapshot
    from .view import View

_KNOB, _CELL_W, _CELL_H = 34, 88, 84  # points
_ROW_H = 34


def chain_seen(session: Any) -> tuple:
    """What a layout of the chain depends on: which rows there are and what became of them, not how they are turned."""
    if session.chain is None:
        return ()
    found = []
    for row in session.effects:
        status = session.effect_status(row)
        found.append((row.key, row.plugin, row.place, row.bypass, status.ok, status.why, status.latency,
                      tuple(param["name"] for param in status.params), session.effect_editors.refusal(row)))
    return (*found, session.effect_scan.is_running)


class PluginChain:
    """A part of the effects view, in `rect`."""

    def __init__(self, view: "View", rect: Rect) -> None:
        self._view, self._canvas, self._session, self._px = view, view.canvas, view.session, view.px
        self._pages, self._turn = view.place.pages, view.place.turn
        self._rows: tuple[HostedEffect, ...] = self._session.effects
        self._infos: dict[str, EffectParam] = {}
        self._told: tuple = ()
        left, right = columns(rect, self._px(8), 0.34, 0.66)
        self._list(left)
        self._show(right)

    @property
    def _chosen(self) -> HostedEffect | None:
        """The row whose knobs are shown: that which was chosen, else the last."""
        wanted = self._pages.get("chain_row")
        return next((row for row in self._rows if row.key == wanted), self._rows[-1] if self._rows else None)

    def _index(self, row: HostedEffect) -> int:
        return next(i for i, other in enumerate(self._rows) if other.key == row.key)  # two of one plug-in are equal

    # ---- the way of the sound --------------------------------------------------------------------------------------
    def _list(self, rect: Rect) -> None:
        px, c, s = self._px, self._canvas, self._session
        c.panel(rect, words.CHAIN["title"])
        self._latency = c.text(rect.right - px(12), rect.y + px(10), self._latency_words(), "small", "dim", align=1)
        foot = Rect(rect.x + px(10), rect.bottom - px(36), rect.w - px(20), px(28))
        room = rect.inset(px(8), px(34), px(8), px(44))
        h = min(px(_ROW_H), room.h / (MOST_ROWS + 1))
        before = [row for row in self._rows if row.place == "before"]
        y = room.y
        for row in [*before, None, *(row for row in self._rows if row.place != "before")]:
            self._line(row, Rect(room.x, y, room.w, h - px(3)))
            y += h
        add, scan = columns(foot, px(6), 0.5, 0.5)
        self._view.add(Button(c, "chain.add", add, words.CHAIN["add"], partial(self._ask_new, add), words.CHAIN["add_help"],
                              usable=lambda: len(s.effects) < MOST_ROWS))
        self._view.add(Button(c, "chain.scan", scan, words.CHAIN["scan"], s.scan_effects, words.CHAIN["scan_help"],
                              usable=lambda: not s.effect_scan.is_running))
        self._bar_rect = Rect(scan.x, scan.y - px(6), scan.w, px(3))
        self._bar = c.box(self._bar_rect, "orange", None, 1)
        self._scan_words = c.text(foot.x, foot.y - px(17), "", "small", "dim")
        self._scan_w = foot.w - px(4)
        show(self._bar, False)

    def _line(self, row: HostedEffect | None, rect: Rect) -> None:
        px, c, s = self._px, self._canvas, self._session
        if row is None:
            y, w = rect.y + rect.h / 2, c.width(words.CHAIN["own"], "small")
            for x in (rect.x, rect.x + (rect.w + w) / 2 + px(8)):
                c.line(x, y, x + (rect.w - w) / 2 - px(8), y, "track")
            c.text(rect.x + rect.w / 2, y - c.height("small") / 2 - px(1), words.CHAIN["own"], "small", "dim", align=0.5)
            return
        index = self._index(row)
        on, name, up, down, close = columns(rect, px(4), px(36), 1.0, px(24), px(24), px(24))
        key, status, chosen = f"chain.{index + 1}", s.effect_status(row), self._chosen is row
        add = self._view.add
        add(Button(c, f"{key}.on", on, words.CHAIN["off" if row.bypass else "on"], partial(s.set_effect, index, bypass=not row.bypass),
                   words.CHAIN["bypass_help"], font="small", on=lambda: not row.bypass))
        add(Button(c, f"{key}.name", name, words.effect_line(row, status), partial(self._turn, "chain_row", row.key),
                   status.why if not status.ok else words.effect_kind(row), font="text", usable=lambda: status.ok and not row.bypass,
                   on=lambda: chosen))
        for part, where, by, icon in (("up", up, -1, "up"), ("down", down, 1, "down")):
            add(Button(c, f"{key}.{part}", where, "", partial(s.step_effect, index, by), words.CHAIN[part], icon=icon))
        add(Button(c, f"{key}.remove", close, "", partial(s.remove_effect, index), words.CHAIN["remove"], icon="close"))

    def _ask_new(self, beside: Rect) -> None:
        rows: list[MenuRow] = []
        kind = ""
        for choice in effect_choices():
            group = words.CHAIN["fail"] if choice.why else words.CHAIN["builtin"] if choice.kind == "builtin" else words.CHAIN["plugins"]
            if group != kind:
                rows.append(MenuRow(group, None, rule=bool(rows)))
                kind = group
            if choice.why:
                rows.append(MenuRow(choice.name, None, choice.why))
            else:
                rows.append(MenuRow(choice.name, partial(self._add, choice.words), words.effect_choice(choice.name, choice.kind)))
        if kind == words.CHAIN["builtin"]:
            rows.append(MenuRow(words.CHAIN["none_known"], self._session.scan_effects, rule=True))
        self._view.gestures.open_menu(rows, beside)

    def _add(self, named: str) -> None:
        self._session.add_effect(named)
        self._pages.update(chain_row=self._session.effects[-1].key, chain_page=0)

    def _latency_words(self) -> str:
        chain = self._session.chain
        frames = chain.latency_frames if chain else 0
        return f"{1000 * frames / self._session.engine.sr_hz:.1f} {words.CHAIN['later']}" if frames else ""

    # ---- the one that is chosen ------------------------------------------------------------------------------------
    def _show(self, rect: Rect) -> None:
        px, c, row = self._px, self._canvas, self._chosen
        if row is None:
            c.panel(rect)
            c.text(rect.x + rect.w / 2, rect.y + rect.h / 2 - px(8), c.fit(words.CHAIN["empty"], rect.w - px(24), "text"), "text", "dim",
                   align=0.5)
            return
        c.panel(rect, c.fit(printable(words.effect_title(row)), rect.w * 0.4, "head"))
        status, s = self._session.effect_status(row), self._session
        index = self._index(row)
        says = words.effect_kind(row) if status.ok else f"{row.name} {status.why}"
        if status.ok and status.latency:
            says += f", {status.latency} {words.CHAIN['frames_late']}"
        c.text(rect.x + px(12), rect.y + px(28), c.fit(printable(says), rect.w - px(24), "small"),
               "small", "dim" if status.ok else "orange")
        place = Rect(rect.right - px(12 + 150), rect.y + px(6), px(150), px(22))
        other = "behind" if row.place == "before" else "before"
        self._view.add(Button(c, "chain.place", place, words.CHAIN[row.place], partial(s.set_effect, index, place=other),
                              words.CHAIN["place_help"], font="small"))
        beside = Rect(place.x - px(106), place.y, px(100), place.h)
        if not status.ok:
            self._view.add(Button(c, "chain.again", beside, words.CHAIN["again"], partial(s.open_effect_again, index),
                                  words.CHAIN["again_help"], font="small"))
        else:
            refusal = s.effect_editors.refusal(row)
            self._view.add(Button(c, "chain.editor", beside, words.CHAIN["editor"], partial(self._toggle_editor, row),
                                  printable(refusal) or words.CHAIN["editor_help"], font="small", usable=lambda: not refusal,
                                  on=lambda: bool(s.effect_editors.status(row))))
        self._knobs(row, rect.inset(px(10), px(48), px(10), px(8)))

    def _toggle_editor(self, row: HostedEffect) -> None:
        self._session.toggle_effect_editor(self._index(row))

    def _knobs(self, row: HostedEffect, room: Rect) -> None:
        px, c, g = self._px, self._canvas, self._view.gestures
        params = self._read(row)
        n_columns, n_rows = max(int(room.w // px(_CELL_W)), 1), max(int(room.h // px(_CELL_H)), 1)
        fits = n_columns * n_rows - 1
        if len(params) > fits:
            room = Rect(room.x, room.y, room.w, room.h - px(26))
            n_rows = max(int(room.h // px(_CELL_H)), 1)
            fits = n_columns * n_rows - 1
        first = min(self._pages.get("chain_page", 0), max((len(params) - 1) // fits, 0)) * fits
        places = cells(Rect(room.x, room.y, room.w, n_rows * px(_CELL_H)), n_columns, n_rows)
        h = px(_KNOB + 10 + LABELS_H)
        self._view.add(WetKnob(c, row, Rect(places[0].x, places[0].y, places[0].w, h), g, _KNOB))
        for param, cell in zip(params[first:first + fits], places[1:], strict=False):
            self._view.add(PluginKnob(c, row, param, Rect(cell.x, cell.y, cell.w, h), g, self._infos.get, _KNOB))
        if len(params) > fits:
            self._pager(first, fits, len(params), Rect(room.x, room.bottom + px(2), room.w, px(24)))

    def _pager(self, first: int, fits: int, n: int, rect: Rect) -> None:
        px, c, page, last = self._px, self._canvas, first // fits, (n - 1) // fits
        for name, icon, x, to in (("previous", "left", rect.right - px(56), max(page - 1, 0)),
                                  ("next", "right", rect.right - px(26), min(page + 1, last))):
            self._view.add(Button(c, f"chain.{name}", Rect(x, rect.y, px(26), px(22)), "", partial(self._turn, "chain_page", to),
                                  words.CHAIN["more"], icon=icon))
        c.text(rect.right - px(66), rect.y + px(4), f"{first + 1} to {min(first + fits, n)} of {n}", "small", "dim", align=1)

    def _read(self, row: HostedEffect) -> tuple[EffectParam, ...]:
        """The chosen row's parameters, read again only where something changed."""
        status = self._session.effect_status(row)
        if self._told != (id(row), id(status)):
            self._told, self._kept = (id(row), id(status)), (row, status, self._session.effect_params(row))
            self._infos.clear()
            self._infos.update((param.name, param) for param in self._kept[2])
        return self._kept[2]

    # ---- frames ----------------------------------------------------------------------------------------------------
    def update(self, snapshot: "Snapshot") -> None:
        """What knobs read, the latency of the whole, how far a scan is."""
        self._rows = self._session.effects
        if (row := self._chosen) is not None:
            self._read(row)
        scan = self._session.effect_scan
        show(self._bar, scan.is_running)
        if scan.is_running:
            part = scan.done / max(scan.of, 1)
            place_box(self._bar, Rect(self._bar_rect.x, self._bar_rect.y, max(self._bar_rect.w * part, 1), self._bar_rect.h))
        text = f"{scan.done} of {scan.of}  {scan.name}" if scan.is_running else ""
        set_text(self._scan_words, self._canvas.fit(printable(text), self._scan_w, "small"))
        set_text(self._latency, self._latency_words())
