"""History: the steps of the document, the phrases of the last hour, and two sounds to compare."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from ...errors import UserError
from ...render.history import KeptPhrase
from ...render.unfinished import length_of
from ..geometry import Rect, cells, columns, rows
from ..step_words import step_words
from ..widgets.buttons import Button
from ..widgets.canvas import set_text
from ..widgets.row_list import Line, RowList
from .view import Place, View

if TYPE_CHECKING:
    from ...session.view_state import Snapshot

_LOOK_S = 2.0  # between looks at the phrases


class HistoryView(View):
    """Steps left, phrases in the middle, what can be done right. pages: `phrase`, the one that is chosen."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._version = -1
        self._kept: dict[Any, KeptPhrase] = {}
        self._steps: list[Line] = []
        self._phrases: list[Line] = []
        self._reading: Future | None = None
        self._look_at = 0.0
        left, middle, right = columns(place.grid.content, self.px(8), 0.3, 0.42, 0.28)
        self._step_list(left)
        self._phrase_list(middle)
        upper, lower = rows(right, self.px(8), 0.58, 0.42)
        self._phrase_panel(upper)
        self._compare_panel(lower)

    # ---- steps -----------------------------------------------------------------------------------------------------
    def _step_list(self, rect: Rect) -> None:
        px = self.px
        self.canvas.panel(rect, "Steps")
        self.steps = RowList(self.canvas, "history.steps", rect.inset(px(6), px(34), px(6), px(6)), ((0.0, 0.62), (0.62, 0.38)),
                             lambda: self._steps, lambda: 0, self._go_to, self._go_to)
        self.add(self.steps)

    def _go_to(self, offset: int) -> None:
        if offset:
            self.session.go_to_step(offset)

    def _look_at_steps(self) -> None:
        version = self.session.document.version
        if version == self._version:
            return
        self._version = version
        steps = self.session.steps()
        self._steps = [Line(s.offset, (step_words(s, self.session.directions), s.sound), quiet=s.offset > 0, strong=s.offset == 0)
                       for s in steps]
        now = next(i for i, s in enumerate(steps) if s.offset == 0)
        if not self.steps.first <= now < self.steps.first + self.steps.n_rows:
            self.steps.first = max(now - self.steps.n_rows + 1, 0)

    # ---- phrases ---------------------------------------------------------------------------------------------------
    def _phrase_list(self, rect: Rect) -> None:
        px, c = self.px, self.canvas
        c.panel(rect, "Played lately")
        self._none = c.text(rect.x + px(14), rect.y + px(40), "", "text", "faint")
        self.phrases = RowList(c, "history.phrases", rect.inset(px(6), px(34), px(6), px(6)),
                               ((0.0, 0.2), (0.2, 0.42), (0.62, 0.18), (0.8, 0.2)), lambda: self._phrases,
                               lambda: self.place.pages.get("phrase"), self._choose, self._play)
        self.add(self.phrases)

    def _choose(self, key: tuple) -> None:
        self.place.pages["phrase"] = key

    def _play(self, key: tuple) -> None:
        self.session.play_phrase(self._chosen())

    def _look_at_phrases(self) -> None:
        if self._reading is None and time.monotonic() > self._look_at:
            self._reading = self.session.list_phrases()
        if self._reading is None or not self._reading.done():
            return
        reading, self._reading, self._look_at = self._reading, None, time.monotonic() + _LOOK_S
        if reading.exception():
            return
        self._kept = {(kept.folder, kept.phrase.start): kept for kept in reversed(reading.result())}
        lines = [Line(key, (time.strftime("%H:%M:%S", time.localtime(kept.at_s)), kept.phrase.preset,
                            f"{kept.phrase.notes} note{'' if kept.phrase.notes == 1 else 's'}", length_of(kept.seconds)))
                 for key, kept in self._kept.items()]
        if lines != self._phrases:
            self._phrases = lines
        set_text(self._none, "" if lines else "what you play is kept here, phrase by phrase")

    def _chosen(self) -> KeptPhrase:
        found = self._kept.get(self.place.pages.get("phrase"))
        if found is None:
            raise UserError("choose a phrase in the list first")
        return found

    def _phrase_panel(self, rect: Rect) -> None:
        px, s = self.px, self.session
        self.canvas.panel(rect, "The phrase")
        does: tuple[tuple[str, str, Callable[[], object], str], ...] = (
            ("play", "Play it again", lambda: s.play_phrase(self._chosen()), "Its notes and controllers, with the sound as it now is"),
            ("stop", "Stop", s.stop_phrase, "Every key of it is let go"),
            ("return", "Return to its sound", lambda: s.return_to_sound(self._chosen()), "The preset as it was, edits and all; one step"),
            ("wav", "Keep as WAV", lambda: s.keep_phrase(self._chosen(), ".wav"), "To the sample as it was, among your recordings"),
            ("mid", "Keep as MIDI", lambda: s.keep_phrase(self._chosen(), ".mid"), "A MIDI file whose ticks are frames"),
            ("json", "Keep its sound", lambda: s.keep_phrase(self._chosen(), ".json"), "The preset as it was, as a file"))
        room = rect.inset(px(12), px(34), px(12), px(8))
        area = Rect(room.x, room.y, room.w, min(room.h, px(3 * 40)))
        for (name, label, do, help_line), cell in zip(does, cells(area, 2, 3), strict=True):
            self.add(Button(self.canvas, f"phrase.{name}", cell.inset(0, 0, px(6), px(8)), label, do, help_line, font="small",
                            on=(lambda: s.is_replaying) if name == "play" else lambda: False))

    # ---- compare ---------------------------------------------------------------------------------------------------
    def _compare_panel(self, rect: Rect) -> None:
        px, c, s = self.px, self.canvas, self.session
        c.panel(rect, "Compare 1 | 2")
        room = rect.inset(px(12), px(34), px(12), px(8))
        self._compared = c.text(room.x, room.y, "", "text", "text")
        self._room_w = room.w
        area = Rect(room.x, room.y + px(26), room.w, px(34))
        keep, swap = cells(area, 2)
        self.add(Button(c, "compare.keep", keep.inset(0, 0, px(6), 0), "Keep this aside", s.keep_aside, "The sound to compare with",
                        font="small"))
        self.add(Button(c, "compare.swap", swap.inset(0, 0, px(6), 0), "Swap", s.compare, "Hear the other one (Ctrl+B)", font="small",
                        usable=lambda: bool(s.compared)))

    # ---- frames ----------------------------------------------------------------------------------------------------
    def update(self, snapshot: "Snapshot") -> None:
        """New steps and phrases."""
        self._look_at_steps()
        self._look_at_phrases()
        aside = self.session.compared
        told = f"'{aside}' is kept aside" if aside else "no sound is kept aside yet"
        set_text(self._compared, self.canvas.fit(told, self._room_w, "text"))
        super().update(snapshot)
