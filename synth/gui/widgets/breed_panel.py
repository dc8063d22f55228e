"""Eight candidates bred from the sound, as pictures to click: hear, pick, go on, go back; sections that stay as they are."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import dearpygui.dearpygui as dpg
import numpy as np

from ...errors import UserError
from ...patch.patch import Patch
from ...patch.sections import SECTIONS
from ...session.breed import CANDIDATES
from ...session.morph_preview import waveforms
from ...timbres.static_render import asked_at
from ..geometry import Rect, cells
from .buttons import Button
from .canvas import Canvas, place_path, show
from .control import Control, Pointer
from .menu_row import MenuRow
from .pick_up import PickUp, preset_rows
from .preset_place import HeldPreset

if TYPE_CHECKING:
    from ..dragging import Dragging
    from ..gestures import Gestures

AMOUNTS = (0.15, 0.3, 0.5, 0.8)
_CLICK_H = 26


class Candidate(PickUp):
    """A picture of one: a click plays it in place of the present sound (one step of undo), a click on the one that plays picks it.

    A drag carries its sound away.
    """

    def __init__(self, canvas: Canvas, n: int, rect: Rect, gestures: "Gestures", dragging: "Dragging") -> None:
        super().__init__(f"candidate.{n + 1}", rect, canvas, dragging)
        self._n, self._session = n, gestures.session
        px = canvas.px
        self._body = canvas.box(rect, "well", "panel_edge", 5)
        self._line = canvas.path([(rect.x, rect.bottom), (rect.x + 1, rect.bottom)], "teal", px(1.4))
        self._number = canvas.text(rect.x + px(8), rect.bottom - px(17), str(n + 1), "small", "text")
        self._shown: tuple | None = None

    def _patch(self) -> Patch | None:
        breeding = self._session.breeding
        candidates = breeding.now.candidates if breeding else ()
        return candidates[self._n] if self._n < len(candidates) else None

    def update(self, snapshot: object) -> None:
        """Draw the candidate's cycle."""
        patch = self._patch()
        state = (id(patch) if patch else 0, self._session.heard == self._n, self.hot)
        if state == self._shown:
            return
        redraw = self._shown is None or state[0] != self._shown[0]
        self._shown = state
        edge = "orange" if state[1] and patch else "teal" if state[2] else "panel_edge"
        dpg.configure_item(self._body, color=self._canvas.colour(edge))
        show(self._line, patch is not None)
        show(self._number, patch is not None)
        if patch and redraw:
            place_path(self._line, self._points(patch))

    def _points(self, patch: Patch) -> list:
        r = self.rect.inset(self._canvas.px(8))
        try:
            at, source = np.array([patch.params.get("osc.position", 0.0)]), self._session.source
            cycle = waveforms(source, asked_at(patch, source, at))[0]
        except (UserError, ValueError):  # another model plays by now
            return [(r.x, r.y + r.h / 2), (r.right, r.y + r.h / 2)]
        y = cycle[::2] / max(float(np.abs(cycle).max()), 1e-9)
        return np.stack((np.linspace(r.x, r.right, len(y)), r.y + r.h / 2 - y * r.h * 0.45), 1).tolist()

    def press(self, at: Pointer) -> None:
        """Take hold of it; a click hears it, and one on the one that is heard picks it, and its own eight are bred."""
        if patch := self._patch():
            self.take_hold(at, HeldPreset(patch.name, patch), self.rect, self._click)

    def _click(self) -> None:
        if self._patch() is not None:
            self._session.pick(self._n) if self._session.heard == self._n else self._session.audition(self._n)

    def menu(self) -> list[MenuRow]:
        """Hear or pick, and what a drag does."""
        patch = self._patch()
        if patch is None:
            return []
        return [MenuRow(f"Candidate {self._n + 1}"), MenuRow("Hear it", lambda: self._session.audition(self._n)),
                MenuRow("Go on from it: eight more", lambda: self._session.pick(self._n)),
                *preset_rows(self._session, HeldPreset(patch.name, patch))]

    def tip(self, at: Pointer) -> list[str]:
        """How far it is from its parent."""
        breeding = self._session.breeding
        if breeding is None or self._patch() is None:
            return []
        return [f"{breeding.now.distances_db[self._n]:.1f} dB from '{breeding.now.parent.name}'",
                "Click hears it, a second click goes on from it; drag it onto a corner of the morph"]


def breed_controls(canvas: Canvas, rect: Rect, gestures: "Gestures", dragging: "Dragging", kept: dict[str, Any],
                   ask: Callable[[], object]) -> list[Control]:
    """Eight pictures, and above them what is asked for. kept: what the view remembers (`amount`, `locked`). ask: breed as these say."""
    session, px = gestures.session, canvas.px
    kept.setdefault("amount", AMOUNTS[1])
    kept.setdefault("locked", set())
    h = px(_CLICK_H)
    controls: list[Control] = [
        Button(canvas, "breed.more", Rect(rect.x, rect.y, px(92), h), "Eight more", ask, "Eight relatives of this sound (Ctrl+G)",
               font="small"),
        Button(canvas, "breed.back", Rect(rect.x + px(96), rect.y, px(48), h), "Back", session.breed_back, "The eight before", font="small",
               usable=lambda: session.breeding is not None and session.breeding.can_go_back)]

    def set_amount(amount: float) -> None:
        kept["amount"] = amount

    def toggle(section: str) -> None:
        kept["locked"] ^= {section}

    x = rect.x + px(152)
    for amount in AMOUNTS:
        where = Rect(x, rect.y, px(40), h)
        controls.append(Button(
            canvas, f"breed.amount.{amount:g}", where, f"{amount * 100:.0f} %", partial(set_amount, amount), "How far they may be",
            font="small", on=lambda amount=amount: kept["amount"] == amount))  # type: ignore[misc]
        x += px(43)
    line = Rect(rect.x, rect.y + h + px(4), rect.w, h)
    for section, cell in zip(SECTIONS, cells(line, len(SECTIONS)), strict=True):
        controls.append(Button(canvas, f"breed.keep.{section}", cell.inset(0, 0, px(3), 0), section, partial(toggle, section),
                               "Keep as it is", font="tiny", on=lambda section=section: section in kept["locked"]))  # type: ignore[misc]
    room = Rect(rect.x, line.bottom + px(6), rect.w, rect.bottom - line.bottom - px(6))
    gap = px(3)
    return controls + [Candidate(canvas, n, cell.inset(gap), gestures, dragging) for n, cell in enumerate(cells(room, 4, CANDIDATES // 4))]
