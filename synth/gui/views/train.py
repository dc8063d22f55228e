"""Train: a folder is looked through, a model learns from it and is heard while it does."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dearpygui.dearpygui as dpg
import numpy as np

from ...errors import UserError
from ...session import training_run
from ...text import counted, printable
from ..geometry import Rect, cells, columns, rows
from ..widgets.buttons import Button
from ..widgets.canvas import place_box, place_line, place_path, set_text, show
from ..widgets.row_list import Line, RowList
from ..widgets.text_field import TextField
from .view import Place, View

if TYPE_CHECKING:
    from ...session.view_state import Snapshot

_MINUTES = {"auto": None, "1": 1.0, "3": 3.0, "10": 10.0, "30": 30.0}
_LEARNS = {"cycles": ("Single cycles", "Cycles are cut from all sounds, and a model learns them: minutes"),
           "notes": ("Whole notes", "A finished model is adapted to all frames of your notes: under a minute where minutes are on auto")}
_PICTURE_FRAMES = 30  # between looks at new reconstructions
_FLOOR_DB = -70.0
_LSD_TOP_DB = 20.0


def instrument_name(source: Path) -> str:
    """What an instrument of a file or folder of notes is called until a hand says otherwise."""
    return printable(source.stem if source.is_file() else source.name)[:60] or "My instrument"


class TrainView(View):
    """Folder and report left, the run and what it draws right.

    pages: `train`: folder, name (of the model; of an instrument where a hand typed it), minutes, what is learnt.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.kept: dict[str, Any] = place.pages.setdefault("train", {"folder": "", "name": "My model", "minutes": "auto"})
        self.kept.setdefault("learns", "cycles")
        self.kept.setdefault("typed", False)  # whether the name is one that a hand gave
        self._run = self.session.training
        self._found: object = None
        self._lines: list[Line] = []
        self._frame, self._told = 0, ""
        left, right = columns(place.grid.content, self.px(8), 0.42, 0.58)
        self._folder_panel(left)
        upper, lower = rows(right, self.px(8), self.px(196), 1.0)
        self._run_panel(upper)
        self._picture_panel(lower)

    # ---- the folder ------------------------------------------------------------------------------------------------
    def _folder_panel(self, rect: Rect) -> None:
        px, c = self.px, self.canvas
        c.panel(rect, "Sounds to learn from")
        room = rect.inset(px(12), px(34), px(12), px(8))
        line, button = columns(Rect(room.x, room.y, room.w, px(30)), px(6), 1.0, px(110))
        self.folder = TextField(c, line, "a folder of sounds: paste its path", self.kept["folder"],
                                lambda text: self.kept.update(folder=text), self._check)
        self.fields.append(self.folder)
        self.add(Button(c, "train.check", button, "Look through", self._check, "What is in it, and what cannot be used",
                        usable=lambda: not self._run.is_running))
        for (key, (text, help_line)), cell in zip(_LEARNS.items(), cells(Rect(room.x, room.y + px(36), room.w, px(26)), 2), strict=True):
            self.add(Button(c, f"learns.{key}", cell.inset(0, 0, px(4), 0), text, partial(self.kept.update, learns=key), help_line,
                            font="small", on=lambda key=key: self.kept["learns"] == key))  # type: ignore[misc]
        self._report = c.text(room.x, room.y + px(68), "", "text", "text")
        self._report_w = room.w
        picture_h = min(px(150), room.h * 0.4)
        self._thumbs = Rect(room.x, room.y + px(90), room.w, picture_h)
        self._waves: list[int] = []
        top = self._thumbs.bottom + px(8)
        self.list = RowList(c, "train.left_out", Rect(rect.x + px(6), top, rect.w - px(12), max(rect.bottom - top - px(6), px(26))),
                            ((0.0, 0.4), (0.4, 0.6)), lambda: self._lines, lambda: None, lambda key: None, lambda key: None,
                            tip_of=lambda key: [str(key)])
        self.add(self.list)

    def _check(self) -> None:
        folder = Path(self.folder.words.strip().strip("'\"")).expanduser()
        if not self.folder.words.strip() or not folder.is_dir():
            raise UserError(f"{printable(folder)} is no folder; paste the path of one that holds sounds")
        self.kept["folder"] = str(folder)
        self.session.check_folder(folder.absolute(), self.kept["learns"] == "notes")

    def _is_ready(self) -> bool:
        """Whether what is chosen was looked through."""
        found = self._run.findings
        return found is not None and found.whole_notes == (self.kept["learns"] == "notes") and not self._run.is_running

    def _show_findings(self) -> None:
        found = self._run.findings
        if found is self._found:
            return
        self._found = found
        for item in self._waves:
            dpg.delete_item(item)
        self._waves = []
        if found is None:
            self._lines = []
            return
        self._lines = [Line(f"{name}: {reason}", (name, reason), quiet=True) for name, reason in found.left_out.items()]
        set_text(self._report, self.canvas.fit(found.words, self._report_w, "text"))
        n = len(found.pictures)
        per_row = 8 if n > 8 else max(n, 1)
        for cycle, cell in zip(found.pictures, cells(self._thumbs, per_row, max(-(-n // per_row), 1)), strict=False):
            self._waves += self._thumb(cycle, cell.inset(self.px(3)))

    def _thumb(self, cycle: np.ndarray, rect: Rect) -> list[int]:
        back = self.canvas.box(rect, "well", None, 4)
        wave = cycle[:: max(len(cycle) // 96, 1)]
        y = rect.y + rect.h / 2 - wave / max(float(np.abs(wave).max()), 1e-6) * rect.h * 0.42
        x = np.linspace(rect.x + 2, rect.right - 2, len(wave))
        return [back, self.canvas.path(np.stack((x, y), 1).tolist(), "teal", self.px(1.2))]

    # ---- the run ---------------------------------------------------------------------------------------------------
    def _run_panel(self, rect: Rect) -> None:
        px, c, s, run = self.px, self.canvas, self.session, self._run
        c.panel(rect, "Model or instrument")
        room = rect.inset(px(12), px(34), px(12), px(8))
        name, length = columns(Rect(room.x, room.y, room.w, px(46)), px(12), 0.45, 0.55)
        c.text(name.x, name.y, "Name", "small", "dim")
        self.name = TextField(c, Rect(name.x, name.y + px(15), name.w, px(30)), "name", self.kept["name"], self._rename)
        self.fields.append(self.name)
        c.text(length.x, length.y, "Minutes", "small", "dim")
        for text, cell in zip(_MINUTES, cells(Rect(length.x, length.y + px(15), length.w, px(28)), len(_MINUTES)), strict=True):
            self.add(Button(c, f"minutes.{text}", cell.inset(0, 0, px(4), 0), text, partial(self.kept.update, minutes=text),
                            "By the number of sounds" if text == "auto" else "", font="small",
                            on=lambda text=text: self.kept["minutes"] == text))  # type: ignore[misc]
        does: tuple[tuple[str, str, Callable[[], object], Callable[[], bool], Callable[[], bool], str], ...] = (
            ("start", "Start", self._start, self._is_ready, lambda: False,
             "In a process of its own, at low priority"),
            ("stop", "Stop", s.stop_training, lambda: run.stage in (training_run.LEARNING, training_run.MAKING), lambda: False,
             "What is learnt of cycles is saved, and Resume goes on; of notes a model is made as far as it came"),
            ("resume", "Resume", self._resume, lambda: run.can_resume, lambda: False, "Go on where it stopped"),
            ("hear", "Hear it", lambda: s.hear_training(not s.hears_training), lambda: run.stage == training_run.LEARNING,
             lambda: s.hears_training, "The sound is played by the model as it learns"),
            ("instrument", "Instrument", self._make_instrument, lambda: not run.is_running, lambda: run.stage == training_run.MAKING,
             "The notes in the folder, or in one file, become an instrument that plays at once, called as they are or as you typed"),
            ("report", "Report", lambda: run.made and s.open_report(run.made), lambda: run.made is not None, lambda: False,
             "How near each note of the instrument comes, with pictures and sound, in your browser"))
        area = Rect(room.x, room.y + px(54), room.w, px(32))
        for (key, text, do, usable, on, help_line), cell in zip(does, cells(area, len(does)), strict=True):
            self.add(Button(c, f"train.{key}", cell.inset(0, 0, px(6), 0), text, do, help_line, usable=usable, on=on))
        self._bar_rect = Rect(room.x, area.bottom + px(12), room.w, px(7))
        c.box(self._bar_rect, "track", None, 3)
        self._bar = c.box(self._bar_rect, "orange", None, 3)
        self._words = c.text(room.x, self._bar_rect.bottom + px(6), "", "text", "text")
        self._worth, self._others = (c.text(room.x, self._bar_rect.bottom + px(y), "", "small", "dim") for y in (24, 39))
        self._words_w = room.w

    def _rename(self, text: str) -> None:
        if text != self.kept["name"]:
            self.kept.update(name=text, typed=True)

    def _start(self) -> None:
        if (found := self._run.findings) and found.whole_notes != (self.kept["learns"] == "notes"):
            raise UserError(f"the folder was looked through for {_LEARNS['notes' if found.whole_notes else 'cycles'][0].lower()}; "
                            "look through it again")
        self.session.start_training(self.kept["name"].strip(), _MINUTES[self.kept["minutes"]])

    def _make_instrument(self) -> None:
        words = self.folder.words.strip().strip("'\"")
        if not words or not Path(words).expanduser().exists():
            raise UserError("paste the path of a folder of recordings, or of one, then make an instrument of it")
        self.kept["folder"] = words
        source = Path(words).expanduser().absolute()
        self.session.make_instrument(source, self.kept["name"].strip() if self.kept["typed"] else instrument_name(source))

    def _resume(self) -> None:
        self.session.start_training(self._run.name, None, True)

    def _show_run(self) -> None:
        run, facts = self._run, self._run.facts
        part = 1.0 if run.stage in (training_run.DONE, training_run.MADE) else float(facts.get("part", 0.0))
        place_box(self._bar, Rect(self._bar_rect.x, self._bar_rect.y, max(self._bar_rect.w * part, 1), self._bar_rect.h))
        show(self._bar, part > 0)
        if run.stage == training_run.LEARNING and "said" in facts:
            said = facts["said"]
        elif run.stage == training_run.LEARNING and facts:
            left = facts["left_s"]
            said = f"step {facts['step']}, loss {facts['loss_db']:.2f} dB, " + (
                "exporting" if part >= 1 else f"about {left / 60:.1f} minutes left" if left > 90 else f"about {left:.0f} s left")
        elif run.stage == training_run.MAKING:
            said = f"{facts.get('done', 0)} of {counted(facts.get('of', 0), 'recording')} heard" if facts else "listening …"
        else:
            said = {"": run.words or "look through a folder, then start", training_run.CHECKED: "ready to start", training_run.DONE: "done",
                    training_run.STOPPED: "stopped" + "; Resume goes on" * run.can_resume}.get(run.stage, run.words or run.stage)
        history = facts.get("history") or []
        worth = [f"held-out sounds: {history[-1][1]:.2f} dB away, PCA {facts['pca_lsd_db']:.2f} dB"] if history else []
        if "rows" in facts:  # what a model that was adapted to notes is worth: own ones, held out ones, everything else
            said, *worth = facts["rows"]
        set_text(self._words, self.canvas.fit(said, self._words_w, "text"))
        for item, words in zip((self._worth, self._others), (*worth, "", ""), strict=False):
            set_text(item, self.canvas.fit(words, self._words_w, "small"))
        self._show_curve(history, float(facts.get("pca_lsd_db", 0.0)))

    # ---- what it draws ---------------------------------------------------------------------------------------------
    def _picture_panel(self, rect: Rect) -> None:
        px, c = self.px, self.canvas
        c.panel(rect)
        curve, drawn = columns(rect.inset(px(12), px(10), px(12), px(10)), px(12), 0.36, 0.64)
        c.text(curve.x, curve.y, "Held-out distance, dB", "head")
        c.text(drawn.x, drawn.y, "Held-out sounds (grey) as it draws them (orange)", "head")
        self._field = Rect(curve.x, curve.y + px(22), curve.w, curve.h - px(22))
        c.box(self._field, "well", "panel_edge", 5)
        self._pca = c.line(0, 0, 0, 0, "faint", px(1.2))
        self._curve = c.path([(self._field.x, self._field.bottom)] * 2, "orange", px(1.8))
        self._pca_words = c.text(self._field.x + px(6), self._field.y, "PCA", "tiny", "faint")
        for item in (self._pca, self._curve, self._pca_words):
            show(item, False)
        area = Rect(drawn.x, drawn.y + px(22), drawn.w, drawn.h - px(22))
        self._cells = [cell.inset(px(3)) for cell in cells(area, 4, 2)]
        self._drawn = []
        for cell in self._cells:
            c.box(cell, "well", "panel_edge", 4)
            start = [(cell.x, cell.bottom)] * 2
            self._drawn.append((c.path(start, "faint", px(1.2)), c.path(start, "orange", px(1.4))))

    def _show_curve(self, history: list, pca_db: float) -> None:
        shown = len(history) > 0
        for item in (self._pca, self._curve, self._pca_words):
            show(item, shown)
        if not shown:
            return
        f, top = self._field, max(min(max(row[1] for row in history), _LSD_TOP_DB), pca_db * 1.3)
        last = max(history[-1][0], 1)

        def place(step: float, db: float) -> tuple[float, float]:
            return f.x + 4 + step / last * (f.w - 8), f.bottom - 4 - min(db / top, 1.0) * (f.h - 8)
        points = [place(row[0], row[1]) for row in history]
        place_path(self._curve, points if len(points) > 1 else points * 2)
        y = place(0, pca_db)[1]
        place_line(self._pca, f.x, y, f.right, y)
        dpg.configure_item(self._pca_words, pos=(f.x + self.px(6), y - self.px(13)))

    def _show_pictures(self) -> None:
        self._frame += 1
        if self._frame % _PICTURE_FRAMES != 1 or not self._run.name:
            return
        found = self._run.pictures()
        if found is None:
            return
        for (grey, orange), cell, target, drawn in zip(self._drawn, self._cells, *found, strict=False):
            for item, levels in ((grey, target), (orange, drawn)):
                x = cell.x + 3 + np.log2(np.arange(1, len(levels) + 1)) / 7 * (cell.w - 6)
                y = cell.y + 3 + np.clip(levels / _FLOOR_DB, 0, 1) * (cell.h - 6)
                place_path(item, np.stack((x, y), 1).tolist())

    # ---- frames ----------------------------------------------------------------------------------------------------
    def update(self, snapshot: "Snapshot") -> None:
        """What was found, how far it is, what it draws."""
        if self._run.stage == training_run.CHECKING:
            set_text(self._report, self._run.facts.get("said", "looking through it …"))
        self._show_findings()
        self._show_run()
        self._show_pictures()
        super().update(snapshot)
