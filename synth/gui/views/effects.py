"""Our own effects, a card each, in the order of the sound, and the chain of plug-ins."""

from typing import TYPE_CHECKING

from ...params.effects import EFFECTS
from ...params.knobs import PARAMS
from .. import words
from ..geometry import Rect, cells, rows
from ..widgets.response_curves import EqCurve
from .plugin_chain import PluginChain
from .view import Place, View

if TYPE_CHECKING:
    from ...session.view_state import Snapshot

_EQ_BANDS = (("Low", ("eq.low_gain_db", "eq.low_freq_hz")), ("Bell 1", ("eq.bell1_gain_db", "eq.bell1_freq_hz", "eq.bell1_q")),
             ("Bell 2", ("eq.bell2_gain_db", "eq.bell2_freq_hz", "eq.bell2_q")), ("High", ("eq.high_gain_db", "eq.high_freq_hz")))


def card_places(room: Rect, gap: float) -> dict[str, Rect]:
    """Where each effect's card stands, three to a line. gap: half of what is left between two."""
    places = cells(room.inset(-gap), 3, -(-len(EFFECTS) // 3))
    return {name: place.inset(gap) for name, place in zip(EFFECTS, places, strict=False)}


class EffectsView(View):
    """A card for each effect; where there is little room, one of them by tabs."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        px, grid = self.px, place.grid
        self._chain: PluginChain | None = None
        self.is_changing = False
        if grid.narrow:
            titles = {PARAMS[knobs[0].name].group.title: name for name, knobs in EFFECTS.items()}  # type: ignore[union-attr]
            names = (*titles, words.CHAIN["title"])
            if self.place.pages.get("effect") != names[-1]:
                self.canvas.panel(grid.content)
            shown = self.tabs(grid.content, "effect", names)
            if shown in titles:
                self._card(titles[shown], grid.content, bare=True)
            else:
                self._chain, self.is_changing = PluginChain(self, grid.content.inset(0, px(30), 0, 0)), True
            return
        bar, room = rows(grid.content, px(4), px(28), 1.0)
        if self.tabs(bar, "effects", (words.CHAIN["own_page"], words.CHAIN["title"])) == words.CHAIN["title"]:
            self._chain, self.is_changing = PluginChain(self, room), True
            return
        for name, cell in card_places(room, px(4)).items():
            self._card(name, cell)

    def update(self, snapshot: "Snapshot") -> None:
        """The chain of plug-ins, where it is shown."""
        super().update(snapshot)
        if self._chain:
            self._chain.update(snapshot)

    def _card(self, name: str, rect: Rect, bare: bool = False) -> None:
        px = self.px
        room = rect.inset(px(10), px(34), px(10), px(8)) if bare else self.module(rect, name)
        if bare and name != "eq":
            self.switch(name, rect)
        knobs = [p for p in EFFECTS[name] if not p.choices]
        choices = [p for p in EFFECTS[name] if p.choices and p.name != "limiter.on"]
        picture_h = max(room.h - px(2 * 78 + 8), 0) if name == "eq" else 0.0
        if picture_h > px(60):
            self._picture(name, Rect(room.x, room.y, room.w, picture_h))
        lower = Rect(room.x, room.y + (picture_h + px(8) if picture_h > px(60) else 0), room.w, 0)
        lower = Rect(lower.x, lower.y, lower.w, room.bottom - lower.y)
        if name == "eq":
            self._bands(lower)
            return
        n_rows = 2 if len(knobs) + len(choices) > 4 else 1
        per_row = -(-(len(knobs) + len(choices)) // n_rows)
        places = cells(lower, per_row, n_rows)
        for p, cell in zip([*choices, *knobs], places, strict=False):
            if p.choices:
                self.box(p.name, Rect(cell.x + px(4), cell.y + max((cell.h - px(42)) / 2, 0), cell.w - px(8), px(42)))
            else:
                self.knob(p.name, cell, 34)

    def _bands(self, rect: Rect) -> None:
        per_row = 5
        names = [n for _, band in _EQ_BANDS for n in band]
        labels = {n: f"{title} {part}" for title, band in _EQ_BANDS for n, part in zip(band, ("gain", "freq", "Q"), strict=False)}
        for name, cell in zip(names, cells(rect, per_row, 2), strict=True):
            self.knob(name, cell, 32, label=labels[name])

    def _picture(self, name: str, rect: Rect) -> None:
        if name == "eq":
            self.add(EqCurve(self.canvas, rect, self.gestures))
