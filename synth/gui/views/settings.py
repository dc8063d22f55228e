"""Settings: how the window looks, what comes in, what is learnt, and how the machine fares."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ...params.controls import MODES, RELATIVE
from ...text import counted, printable
from ..geometry import Rect, columns, rows
from ..lateness import lateness
from ..look import ZOOMS, Look
from ..theme import THEMES
from ..widgets.buttons import Button
from ..widgets.canvas import set_text
from ..widgets.menu_row import MenuRow
from .port_panel import port_controls
from .view import Place, View

if TYPE_CHECKING:
    from ...patch.control_map import PlacedRow
    from ...session.view_state import Snapshot

_ROW_H = 28


class SettingsView(View):
    """Ports and look left, the control map in the middle, health right. extra: `look`, `set_look`, `ports`, `begin_anew`."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        look: Look = place.extra["look"]
        gap, px = self.px(8), self.px
        self._lines: list[int] = []
        if place.grid.narrow:
            left, middle = columns(place.grid.content, gap, 0.4, 0.6)
            self.canvas.panel(left)
            shown = self.tabs(left, "settings", ("Sound", "Look", "Health"))
            if shown == "Sound":
                self._ports(left)
            elif shown == "Look":
                self._look(left, look, place.extra["set_look"])
            else:
                self._health(left)
            self._control_map(middle)
            return
        left, middle, right = columns(place.grid.content, gap, 0.28, 0.44, 0.28)
        upper, lower = rows(left, gap, px(300), 1.0)
        for rect, title in ((upper, "Sound and MIDI"), (lower, "Look"), (right, "Health")):
            self.canvas.panel(rect, title)
        self._ports(upper)
        self._look(lower, look, place.extra["set_look"])
        self._control_map(middle)
        self._health(right)

    def _ports(self, rect: Rect) -> None:
        px, extra = self.px, self.place.extra
        self.controls += port_controls(self.canvas, rect.inset(px(12), px(36), px(12), px(8)), self.gestures, extra["ports"],
                                       extra["begin_anew"])

    # ---- look and inputs -------------------------------------------------------------------------------------------
    def _look(self, rect: Rect, look: Look, set_look: Callable[..., object]) -> None:
        px, c = self.px, self.canvas
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
                            "Equal temperament; a Scala file is opened in Files", font="small",
                            usable=lambda: self.session.patch.tuning is not None))

    def _titled(self, text: str, x: float, y: float) -> None:
        self.canvas.text(x, y, text, "small", "dim")

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
            for text, at, share in ((row.source, 0.0, 0.13), (channel, 0.67, 0.13), (device, 0.81, 0.14)):
                shown = c.fit(text, share * room.w - px(8), "small")
                c.text(room.x + px(8) + at * room.w, top, shown, "small", "text" if at == 0 else "dim")
            self._row_buttons(placed, first + i, Rect(room.x, y + px(3), room.w, px(_ROW_H - 6)))
            self.add(Button(c, f"control.{first + i}.forget", Rect(room.right - px(26), y + px(3), px(22), px(_ROW_H - 6)), "",
                            partial(self._forget, placed), "It moves this no more", icon="close"))
        if len(found) > fits:
            for i, (icon, by) in enumerate((("left", -fits), ("right", fits))):
                to = min(max(first + by, 0), max(len(found) - fits, 0))
                where = Rect(rect.right - px(62 - 28 * i), rect.y + px(5), px(24), px(22))
                self.add(Button(c, f"controls.{'previous' if i == 0 else 'next'}", where, "", partial(self.place.turn, "first_control", to),
                                "More rows", icon=icon))

    def _row_buttons(self, placed: "PlacedRow", n: int, rect: Rect) -> None:
        """What a row moves, between which ends and how: each is changed by a click."""
        row = placed.row
        target = self.gestures.target_words(row.target)
        for name, text, at, share, ask in (("target", target, 0.14, 0.26, self._ask_target),
                                           ("range", f"{row.low:g} to {row.high:g}", 0.41, 0.12, self._ask_range),
                                           ("mode", row.mode, 0.54, 0.12, self._ask_mode)):
            where = Rect(rect.x + at * rect.w, rect.y, share * rect.w - self.px(6), rect.h)
            self.add(Button(self.canvas, f"control.{n}.{name}", where, text, partial(ask, placed, where), "Click to change it",
                            font="small"))

    def _change(self, placed: "PlacedRow", **changes: object) -> None:
        self.session.change_control(placed, **changes)
        self.place.turn("first_control", self.place.pages.get("first_control", 0))

    def _ask_target(self, placed: "PlacedRow", beside: Rect) -> None:
        self.gestures.menu_at = beside
        self.gestures.open_menu(self.gestures.target_rows(lambda name: self._change(placed, target=name)), beside)

    def _ask_range(self, placed: "PlacedRow", beside: Rect) -> None:
        ends = ((0.0, 1.0), (1.0, 0.0), (0.0, 0.5), (0.5, 1.0), (0.25, 0.75))
        self.gestures.open_menu([MenuRow(f"{low:g} to {high:g}", partial(self._change, placed, low=low, high=high))
                                 for low, high in ends], beside)

    def _ask_mode(self, placed: "PlacedRow", beside: Rect) -> None:
        fitting = [mode for mode in MODES if mode not in RELATIVE or placed.row.kind == "cc"]  # encoders are controllers
        self.gestures.open_menu([MenuRow(mode, partial(self._change, placed, mode=mode)) for mode in fitting], beside)

    def _forget(self, placed: object) -> None:
        self.session.forget_control(placed)  # type: ignore[arg-type]
        self.place.turn("first_control", self.place.pages.get("first_control", 0))

    # ---- health ----------------------------------------------------------------------------------------------------
    def _health(self, rect: Rect) -> None:
        px, c = self.px, self.canvas
        room = rect.inset(px(12), px(34), px(12), px(8))
        self._room = room
        for i in range(int(min(room.h // px(19), 12))):
            self._lines.append(c.text(room.x, room.y + i * px(19), "", "small", "text" if i < 3 else "dim"))

    def update(self, snapshot: "Snapshot") -> None:
        """Figures of the machine."""
        midi_out = f"; out: {snapshot.midi_out}" if snapshot.midi_out else ""
        facts = (f"Output: {snapshot.audio}", f"MIDI: {snapshot.midi}{midi_out}", f"Last message: {snapshot.last_midi or 'none'}",
                 *([snapshot.sync] if snapshot.sync else []),
                 f"{snapshot.sr_hz} Hz, blocks of {snapshot.blocksize} frames ({1000 * snapshot.blocksize / snapshot.sr_hz:.1f} ms)",
                 f"Load {100 * snapshot.load:.0f} %, at most {100 * snapshot.load_peak:.0f} %", counted(snapshot.voices, "voice"),
                 counted(snapshot.xruns, "drop-out"), f"{counted(snapshot.late_events, 'key or knob', 'keys or knobs')} late",
                 f"{counted(snapshot.late_decodes, 'timbre')} late",
                 f"{counted(snapshot.late_starts, 'note')} begun in the timbre before",
                 f"Newest timbre {1000 * snapshot.decode_age_s:.0f} ms old",
                 lateness(snapshot) or "nothing came late")
        for item, text in zip(self._lines, facts, strict=False):
            set_text(item, self.canvas.fit(printable(text), self._room.w, "small"))
