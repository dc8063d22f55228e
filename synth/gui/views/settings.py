"""Settings: how the window looks, what comes in, what is learnt, and how the machine fares."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ...text import printable
from ..geometry import Rect, columns, rows
from ..lateness import lateness
from ..look import ZOOMS, Look
from ..theme import THEMES
from ..widgets.buttons import Button
from ..widgets.canvas import set_text
from .view import Place, View

if TYPE_CHECKING:
    from ...session.view_state import Snapshot

_ROW_H = 28


class SettingsView(View):
    """Look and inputs left, the control map in the middle, health right. extra: `look`, `set_look`."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        look: Look = place.extra["look"]
        gap = self.px(8)
        if place.grid.narrow:
            left, middle = columns(place.grid.content, gap, 0.4, 0.6)
            upper, lower = rows(left, gap, 0.55, 0.45)
            self._look(upper, look, place.extra["set_look"])
            self._health(lower)
            self._control_map(middle)
            return
        left, middle, right = columns(place.grid.content, gap, 0.28, 0.44, 0.28)
        self._look(left, look, place.extra["set_look"])
        self._control_map(middle)
        self._health(right)

    # ---- look and inputs -------------------------------------------------------------------------------------------
    def _look(self, rect: Rect, look: Look, set_look: Callable[..., object]) -> None:
        px, c = self.px, self.canvas
        c.panel(rect, "Look")
        room = rect.inset(px(12), px(34), px(12), px(8))
        y = room.y
        self._titled("Theme", room.x, y)
        y += px(18)
        for name, cell in zip(THEMES, columns(Rect(room.x, y, room.w, px(28)), px(4), *[1 / len(THEMES)] * len(THEMES)), strict=True):
            self.add(Button(c, f"theme.{name.replace(' ', '_')}", cell, name, partial(set_look, theme=name), "",
                            on=lambda name=name: look.theme == name))  # type: ignore[misc]
        y += px(42)
        self._titled("Size", room.x, y)
        y += px(18)
        sizes = (0.0, *ZOOMS)
        for zoom, cell in zip(sizes, columns(Rect(room.x, y, room.w, px(28)), px(4), *[1 / len(sizes)] * len(sizes)), strict=True):
            self.add(Button(c, f"zoom.{zoom:g}", cell, f"{zoom * 100:.0f}" if zoom else "auto", partial(set_look, zoom=zoom), "Per cent",
                            font="small", on=lambda zoom=zoom: look.zoom == zoom))  # type: ignore[misc]
        y += px(46)
        if rect.bottom - y > px(70):
            self._titled("Tuning", room.x, y)
            tuning = self.session.patch.tuning
            c.text(room.x, y + px(18), c.fit(printable(tuning.name) if tuning else "equal temperament", room.w - px(90), "text"), "text")
            where = Rect(room.right - px(82), y + px(12), px(82), px(26))
            self.add(Button(c, "tuning.equal", where, "Equal", lambda: self.session.load_tuning(None),
                            "Equal temperament; `--tuning` gives a Scala file", font="small",
                            usable=lambda: self.session.patch.tuning is not None))

    def _titled(self, words: str, x: float, y: float) -> None:
        self.canvas.text(x, y, words, "small", "dim")

    # ---- the control map -------------------------------------------------------------------------------------------
    def _control_map(self, rect: Rect) -> None:
        px, c = self.px, self.canvas
        c.panel(rect, "What moves what")
        room = rect.inset(px(12), px(34), px(12), px(8))
        found = self.session.control_rows
        fits = max(int(room.h // px(_ROW_H)), 1)
        first = min(self.place.pages.get("first_control", 0), max(len(found) - fits, 0))
        for i, placed in enumerate(found[first:first + fits]):
            row, y = placed.row, room.y + i * px(_ROW_H)
            c.box(Rect(room.x, y + px(1), room.w, px(_ROW_H - 2)), "well", None, 4)
            top = y + (px(_ROW_H) - c.height("small")) / 2 - px(1)
            channel = f"channel {row.channel}" if row.channel else "any channel"
            device = printable(row.device) if row.device else placed.origin
            for text, at, share in ((row.source, 0.0, 0.13), (row.target, 0.14, 0.26), (f"{row.low:g} to {row.high:g}", 0.41, 0.12),
                                    (row.mode, 0.54, 0.12), (channel, 0.67, 0.13), (device, 0.81, 0.14)):
                shown = c.fit(text, share * room.w - px(8), "small")
                c.text(room.x + px(8) + at * room.w, top, shown, "small", "text" if at < 0.4 else "dim")
            self.add(Button(c, f"control.{first + i}.forget", Rect(room.right - px(26), y + px(3), px(22), px(_ROW_H - 6)), "",
                            partial(self._forget, placed), "It moves this no more", icon="close"))
        if len(found) > fits:
            for i, (icon, by) in enumerate((("left", -fits), ("right", fits))):
                to = min(max(first + by, 0), max(len(found) - fits, 0))
                where = Rect(rect.right - px(62 - 28 * i), rect.y + px(5), px(24), px(22))
                self.add(Button(c, f"controls.{'previous' if i == 0 else 'next'}", where, "", partial(self.place.turn, "first_control", to),
                                "More rows", icon=icon))

    def _forget(self, placed: object) -> None:
        self.session.forget_control(placed)  # type: ignore[arg-type]
        self.place.turn("first_control", self.place.pages.get("first_control", 0))

    # ---- health ----------------------------------------------------------------------------------------------------
    def _health(self, rect: Rect) -> None:
        px, c = self.px, self.canvas
        c.panel(rect, "Sound and health")
        room = rect.inset(px(12), px(34), px(12), px(8))
        self._lines: list[int] = []
        self._room = room
        for i in range(int(min(room.h // px(19), 12))):
            self._lines.append(c.text(room.x, room.y + i * px(19), "", "small", "text" if i < 3 else "dim"))

    def update(self, snapshot: "Snapshot") -> None:
        """Figures of the machine."""
        facts = (f"Output: {snapshot.audio}", f"MIDI: {snapshot.midi}", f"Last message: {snapshot.last_midi or 'none'}",
                 f"{snapshot.sr_hz} Hz, blocks of {snapshot.blocksize} frames ({1000 * snapshot.blocksize / snapshot.sr_hz:.1f} ms)",
                 f"Load {100 * snapshot.load:.0f} %, at most {100 * snapshot.load_peak:.0f} %", f"{snapshot.voices} voices",
                 f"{snapshot.xruns} drop-outs", f"{snapshot.late_events} keys or knobs late", f"{snapshot.late_decodes} timbres late",
                 f"{snapshot.late_starts} notes begun in the timbre before", f"Newest timbre {1000 * snapshot.decode_age_s:.0f} ms old",
                 lateness(snapshot) or "nothing came late")
        for item, text in zip(self._lines, facts, strict=False):
            set_text(item, self.canvas.fit(printable(text), self._room.w, "small"))
