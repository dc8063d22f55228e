"""Files: what is on the disk becomes the sound, and the sound becomes files. Dear PyGui takes no drops, so this is a list of its own."""

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ... import paths
from ...errors import UserError
from ...session.background import in_thread
from ...session.file_actions import TABLE_KINDS, recordings_folder
from ...session.file_kinds import (
    FOLDER,
    INSTRUMENT,
    PACK,
    PRESET,
    SONG,
    SOUND,
    TUNING,
    WAVETABLE,
    FileEntry,
    is_instrument,
    kind_of,
    list_folder,
)
from ...text import printable
from ..geometry import Rect, cells, columns, rows
from ..widgets.buttons import Button
from ..widgets.canvas import place_box, set_text, show
from ..widgets.row_list import Line, RowList
from ..widgets.text_field import TextField
from .train import instrument_name
from .view import Place, View

if TYPE_CHECKING:
    from ...session.view_state import Snapshot

_KIND_WORDS = {FOLDER: "folder", PRESET: "preset", PACK: "pack", SONG: "MIDI file", SOUND: "sound", WAVETABLE: "wavetable",
               TUNING: "tuning", INSTRUMENT: "instrument"}
_LOOK_FRAMES = 60  # between looks at whether the folder has changed


def places() -> dict[str, Path]:
    """Folders that are one click away, those that are there."""
    home, own = Path.home(), paths.user_folder()
    named = {"Home": home, **{name: home / name for name in ("Music", "Downloads", "Documents", "Desktop")},
             "Recordings": recordings_folder(), "Presets": own / "presets", "Wavetables": own / "wavetables",
             "Instruments": own / "instruments", "Models": own / "models"}
    return {name: folder for name, folder in named.items() if folder.is_dir()}


def size_words(n_bytes: int) -> str:
    """A file's size, as short as it can be read."""
    for unit, size in (("GB", 1 << 30), ("MB", 1 << 20), ("kB", 1 << 10)):
        if n_bytes >= size:
            return f"{n_bytes / size:.3g} {unit}"
    return f"{n_bytes} B" if n_bytes else ""


class FilesView(View):
    """Places left, the folder in the middle, what can be done right. pages: `files`, the folder and what is chosen in it."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.kept: dict[str, Any] = place.pages.setdefault("files", {"folder": Path.home(), "chosen": None, "name": ""})
        self._lines: list[Line] = []
        self._entries: dict[Path, FileEntry] = {}
        self._reading: Future | None = None
        self._read: tuple[Path, int] | None = None
        self._frame = 0
        gap, px = self.px(8), self.px
        left, middle, right = columns(place.grid.content, gap, px(130 if place.grid.narrow else 150), 0.55, 0.45)
        self._places(left)
        self._folder(middle)
        upper, lower = rows(right, gap, 0.56, 0.44) if place.grid.low else rows(right, gap, 0.5, 0.5)
        self._chosen_panel(upper)
        self._export_panel(lower)

    # ---- left and middle -------------------------------------------------------------------------------------------
    def _places(self, rect: Rect) -> None:
        px, c = self.px, self.canvas
        c.panel(rect, "Places")
        y = rect.y + px(34)
        for name, folder in places().items():
            if y + px(30) > rect.bottom:
                break
            where = Rect(rect.x + px(8), y, rect.w - px(16), px(26))
            self.add(Button(c, f"place.{name.casefold()}", where, name, partial(self._go, folder), printable(folder),
                            on=lambda folder=folder: self.kept["folder"] == folder))  # type: ignore[misc]
            y += px(30)

    def _folder(self, rect: Rect) -> None:
        px, c = self.px, self.canvas
        c.panel(rect)
        top = Rect(rect.x + px(10), rect.y + px(10), rect.w - px(20), px(30))
        up, line = columns(top, px(6), px(30), 1.0)
        self.add(Button(c, "folder.up", up, "", self._go_up, "The folder above", icon="left"))
        self._path = TextField(c, line, "a path: paste it and press Enter", printable(self.kept["folder"]), lambda text: None,
                               self._go_to_typed)
        self.fields.append(self._path)
        self._told = c.text(rect.x + px(12), rect.bottom - px(22), "", "small", "dim")
        self._told_w = rect.w - px(24)
        self.list = RowList(c, "files.list", Rect(rect.x + px(6), rect.y + px(48), rect.w - px(12), rect.h - px(76)),
                            ((0.0, 0.66), (0.66, 0.2), (0.86, 0.14)), lambda: self._lines, lambda: self.kept["chosen"], self._choose,
                            self._take, tip_of=lambda path: [path.name])
        self.add(self.list)

    def _go(self, folder: Path) -> None:
        self.kept["folder"], self.kept["chosen"] = folder, None
        self.place.turn("files", self.kept)

    def _go_up(self) -> None:
        self._go(self.kept["folder"].parent)

    def _go_to_typed(self) -> None:
        typed = Path(self._path.words.strip().strip("'\"")).expanduser()
        if typed.is_dir():
            self._go(typed.absolute())
        elif typed.is_file():
            self.kept["folder"], self.kept["chosen"] = typed.absolute().parent, typed.absolute()
            self.place.turn("files", self.kept)
        else:
            raise UserError(f"{printable(typed)}: no such file or folder")

    def _choose(self, path: Path) -> None:
        self.kept["chosen"] = path

    def _take(self, path: Path) -> None:
        """Double click: a folder is entered, a file or an instrument opened."""
        if path.is_dir() and not is_instrument(path):
            self._go(path)
        else:
            self.session.open_file(path)

    def _look(self) -> None:
        """The folder is read in a thread: one on a network may take its time."""
        folder = self.kept["folder"]
        self._frame += 1
        if self._reading is None and (self._read is None or self._frame % _LOOK_FRAMES == 0):
            self._reading = in_thread(lambda: (_changed(folder), list_folder(folder)))
        if self._reading is None or not self._reading.done():
            return
        reading, self._reading = self._reading, None
        if reading.exception():
            self._read = (folder, 0)
            self._lines, told = [], str(reading.exception())
        else:
            changed, found = reading.result()
            if self._read == (folder, changed):
                return
            self._read = (folder, changed)
            self._entries = {entry.path: entry for entry in found}
            self._lines = [Line(entry.path, (entry.path.name + "/" * (entry.kind == FOLDER), _KIND_WORDS[entry.kind],
                                             size_words(entry.n_bytes))) for entry in found]
            told = f"{len(found)} that can be opened" if found else "nothing here that can be opened"
        set_text(self._told, self.canvas.fit(printable(told), self._told_w, "small"))

    # ---- right: what is chosen -------------------------------------------------------------------------------------
    def _chosen_panel(self, rect: Rect) -> None:
        px, c = self.px, self.canvas
        c.panel(rect, "Open")
        room = rect.inset(px(12), px(32), px(12), px(4 if self.place.grid.low else 10))
        self._name = c.text(room.x, room.y, "", "preset", "text")
        self._kind = c.text(room.x, room.y + px(20), "", "small", "dim")
        self._name_w = room.w
        does: tuple[tuple[str, str, Callable[[Any], object], tuple[str, ...], str], ...] = (
            ("open", "The sound becomes it", lambda p: self.session.open_file(p), (SOUND, PRESET, WAVETABLE, TUNING, INSTRUMENT),
             "A recording is drawn by the model and shown on the map; an instrument of recordings plays"),
            ("as_table", "As a wavetable", lambda p: self.session.open_wavetable(p), (SOUND, WAVETABLE), "Its frames along the wheel"),
            ("nearest", "What sounds nearest", self._find_nearest, (SOUND,), "Presets in the order of how near they sound"),
            ("unpack", "Into the library", lambda p: self.session.unpack(p), (PACK,), "A pack's presets join yours"),
            ("render", "Render with this sound", lambda p: self.session.render_song(p), (SONG,),
             "A WAV beside it, in a process of its own"),
            ("train", "Train on this folder", self._train, (), "The folder that is shown, or the one that is chosen"),
            ("instrument", "Make an instrument", self._make_instrument, (),
             "Notes of the folder that is shown, or of the folder or file that is chosen"),
            ("cancel", "Cancel", lambda p: self.session.cancel_song(), (SONG,), "Give the render up"))
        place_is_wide, gap = not self.place.grid.narrow, px(3 if self.place.grid.low else 6)
        area = Rect(room.x, room.y + px(38), room.w, min(px(4 * 34), room.h - px(38 + 22)))
        for (name, words, do, kinds, help_line), cell in zip(does, cells(area, 2, 4), strict=False):
            self.add(Button(c, f"files.{name}", cell.inset(0, 0, px(6), gap), words, partial(self._do, do, kinds), help_line,
                            usable=partial(self._can, kinds), font="text" if place_is_wide else "small"))
        self._bar_rect = Rect(room.x, area.bottom + px(4), room.w, px(4))
        self._track = c.box(self._bar_rect, "track", None, 3)
        self._bar = c.box(self._bar_rect, "orange", None, 3)
        self._bar_words = c.text(room.x, self._bar_rect.bottom + px(4), "", "small", "dim")

    def _train(self, path: Path | None) -> None:
        folder = path if path and path.is_dir() else self.kept["folder"]
        kept = self.place.pages.setdefault("train", {"minutes": "auto"})
        kept |= {"folder": str(folder), "name": printable(folder.name)[:60] or "My model", "typed": False}
        self.session.check_folder(folder)
        self.place.extra["open_view"]("train")

    def _make_instrument(self, path: Path | None) -> None:
        notes = path if path and (path.is_dir() or kind_of(path) == SOUND) else self.kept["folder"]
        self.session.make_instrument(notes, instrument_name(notes))
        kept = self.place.pages.setdefault("train", {"name": "My model", "minutes": "auto"})  # a model's name is not the instrument's
        kept["folder"] = str(notes)
        self.place.extra["open_view"]("train")

    def _can(self, kinds: tuple[str, ...]) -> bool:
        if not kinds:
            return True
        chosen = self.kept["chosen"]
        if chosen is None or (INSTRUMENT in kinds and is_instrument(chosen)):
            return chosen is not None
        return kind_of(chosen) in kinds and chosen.is_file()

    def _do(self, do: Callable[[Any], object], kinds: tuple[str, ...]) -> None:
        if not self._can(kinds):
            raise UserError("choose a file in the list first: " + ", ".join(_KIND_WORDS[kind] for kind in kinds))
        do(self.kept["chosen"])

    def _find_nearest(self, path: Path) -> None:
        self.place.pages.pop("library", None)
        self.place.pages["library_nearest"] = self.session.find_nearest(path, limit=60)
        self.place.pages["library"] = {"words": "", "show": "Nearest to this", "category": "", "tag": ""}
        self.place.extra["open_view"]("library")

    # ---- right: the sound as files ---------------------------------------------------------------------------------
    def _export_panel(self, rect: Rect) -> None:
        px, c = self.px, self.canvas
        c.panel(rect, "Export the sound into this folder")
        room = rect.inset(px(12), px(30), px(12), px(4 if self.place.grid.low else 8))
        c.text(room.x, room.y, "Name", "small", "dim")
        self._named = ""
        self._export_name = TextField(c, Rect(room.x, room.y + px(15), room.w, px(30)), "name", self.kept["name"],
                                      lambda text: self.kept.update(name=text))
        self.fields.append(self._export_name)
        kinds: dict[str, Callable[[], object]] = {
            "Preset .json": lambda: self.session.export_preset(self._target(".json")),
            **{words: partial(self._export_table, *kind) for words, kind in TABLE_KINDS.items()},
            "Pack: favourites": lambda: self._export_pack(True), "Pack: all of mine": lambda: self._export_pack(False)}
        area = Rect(room.x, room.y + px(50), room.w, min(room.h - px(50), px(3 * 36)))
        gap = px(3 if self.place.grid.low else 6)
        for (words, do), cell in zip(kinds.items(), cells(area, 3, 3), strict=False):
            name = words.casefold().replace(" ", "_").replace(":", "").replace(".", "")
            self.add(Button(c, f"export.{name}", cell.inset(0, 0, px(6), gap), words, do, "Written into the folder that is shown",
                            font="small"))

    def _follow_name(self) -> None:
        """Files are called as the sound is, until another name is typed."""
        if self._named != self.session.name:
            self._named = self.session.name
            self.kept["name"] = "".join("-" if ch in '/\\:*?"<>|' else ch for ch in printable(self._named))
            self._export_name.write(self.kept["name"])

    def _target(self, suffix: str) -> Path:
        name = self.kept["name"].strip()
        if not name or any(ch in name for ch in '/\\:*?"<>|'):
            raise UserError("give the file a name without / \\ : * ? \" < > |")
        return self.kept["folder"] / f"{name}{suffix}"

    def _export_table(self, suffix: str, owner: str | None) -> None:
        self.session.export_wavetable(self._target(suffix), owner)

    def _export_pack(self, favourites: bool) -> None:
        library = self.session.library
        found = library.search("", favourites=True) if favourites else [entry for entry in library.entries if entry.is_own]
        self.session.export_pack(self._target(".zip"), [entry.key for entry in found])

    # ---- frames ----------------------------------------------------------------------------------------------------
    def update(self, snapshot: "Snapshot") -> None:
        """Read the folder, say what is chosen and how far a render is."""
        self._look()
        self._follow_name()
        super().update(snapshot)
        chosen, song = self.kept["chosen"], self.session.song
        set_text(self._name, self.canvas.fit(printable(chosen.name) if chosen else "choose a file in the list", self._name_w, "preset"))
        entry = self._entries.get(chosen)
        set_text(self._kind, f"{_KIND_WORDS[entry.kind]}  {size_words(entry.n_bytes)}" if entry else "or paste a path above it")
        running = song is not None and song.is_running
        show(self._track, running)
        show(self._bar, running)
        set_text(self._bar_words, self.canvas.fit(f"rendering {song.output.name}: {100 * song.part:.0f} %", self._name_w, "small")
                 if song and running else "")
        if song and running:
            place_box(self._bar, Rect(self._bar_rect.x, self._bar_rect.y, max(self._bar_rect.w * song.part, 1), self._bar_rect.h))


def _changed(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0
