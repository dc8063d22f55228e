"""What a player can do with the library: find, load, mark and change presets. What may take long answers a `Future`."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import UserError
from ..patch import preset_file
from ..patch.patch import Patch, with_parts_of
from ..render.instrument_levels import patch_of_recordings
from ..samples.wavetable import read_wavetable
from ..text import printable
from ..timbres.source import Source, WavetableSource
from ..timbres.source_cache import Choices
from . import library_files, saving
from .actions import DocumentActions
from .background import in_thread
from .editor import Editor
from .file_kinds import is_instrument
from .hearing import Hearing
from .library import Library
from .library_entries import INSTRUMENT, PRESET, WAVETABLE, Entry
from .loader import Loader
from .prepared import Prepared
from .preset_point import point_of
from .view_state import Viewer


class LibraryActions(DocumentActions):
    """`DocumentActions` with a library. library: one that is not started knows nothing until it is refreshed."""

    def __init__(self, editor: Editor, loader: Loader, viewer: Viewer, tell: Callable[[str], None], library: Library) -> None:
        super().__init__(editor, loader, viewer, tell)
        self.library = library
        self._hearing = Hearing(editor.engine.sr_hz, editor.engine.audition.play, tell)
        self._table: Source | None = None  # a wavetable of the library, in place of a model until a preset is loaded
        self._names: tuple[int, list[str], dict[str, Entry]] = (-1, [], {})

    # ---- find ------------------------------------------------------------------------------------------------------
    def preset_names(self) -> list[str]:
        """Names of every preset that can be loaded, Init first; one that several have is there once."""
        return self._listed()[1] or super().preset_names()

    def _listed(self) -> tuple[int, list[str], dict[str, Entry]]:
        """(version, names, entries by folded name) of presets, made anew where the library has changed."""
        version = self.library.version
        if self._names[0] != version:
            found: dict[str, Entry] = {}
            for entry in sorted(self.library.entries, key=lambda e: (not e.is_own, e.origin == "factory", e.key.count("/"), e.key)):
                if entry.kind == PRESET:
                    found.setdefault(entry.file.stem.casefold(), entry)
            names = sorted((entry.file.stem for entry in found.values()), key=lambda name: (name != "Init", name.casefold()))
            self._names = (version, names, found)
        return self._names

    def search_library(self, words: str = "", category: str = "", tags: tuple[str, ...] = (), *, favourites: bool = False,
                       least_rating: int = 0) -> list[Entry]:
        """Entries that match, best first. Quick enough for each letter that is typed."""
        return self.library.search(words, category, tags, favourites=favourites, least_rating=least_rating, with_instruments=True)

    def recent_presets(self) -> list[Entry]:
        """What was loaded, the latest first."""
        return self.library.recent()

    def find_nearest(self, sound: Path | None = None, limit: int = 20) -> "Future[list[tuple[Entry, float]]]":
        """(entry, dB away) of what sounds nearest to a recording; None: to the sound as it now is."""
        patch, source = self.patch, self.source
        return in_thread(lambda: self.library.nearest_to(sound or saving.as_kept(patch, source), limit))

    def hear_entry(self, key: str) -> None:
        """Let a note of a preset be heard over what is played, which goes on; nothing of document or take changes. Not of a wavetable."""
        entry = self.library.entry(key)
        if entry.kind != WAVETABLE:
            self._hearing.ask(entry.file)

    def stop_hearing(self) -> None:
        """End the note of a preset that is heard, or being made."""
        self._hearing.stop()

    # ---- load ------------------------------------------------------------------------------------------------------
    def load_preset(self, name: str) -> "Future[None]":
        """Change to a preset by its name; the sound goes on."""
        entry = self._listed()[2].get(name.removesuffix(".json").casefold())
        return self.load_entry(entry.key) if entry else super().load_preset(name)

    def load_entry(self, key: str) -> "Future[None]":
        """Change to a preset or wavetable of the library by its key; the sound goes on. Raises UserError where there is none."""
        entry = self.library.entry(key)
        if entry.kind == WAVETABLE:
            return self._load(lambda: self._prepare_table(entry), lambda ready: self._finish_table(ready, entry), entry.name)
        if entry.kind == INSTRUMENT:
            return self.play_instrument(entry.file)
        return self._open(lambda: entry.file, entry.file.stem)

    def play_instrument(self, folder: Path) -> "Future[None]":
        """The sound becomes an instrument of recordings, at the presets' loudness."""
        def prepare() -> Prepared:
            choices = replace(self._editor.cache.choices, model=None, source=None)  # it has a model of its own
            return self._prepare(patch_of_recordings(folder), choices=choices, adopt=True)

        def finish(ready: Prepared) -> None:
            self._finish(ready, None, False)
            if entry := self.library.entry_of(folder):
                self.library.note_used(entry.key)

        return self._load(prepare, finish, folder.name)

    @property
    def loaded_entry(self) -> Entry | None:
        """What the sound was loaded from, as far as the library knows it; of a sound that no file holds, the instrument that it plays."""
        if self.document.file is not None:
            return self.library.entry_of(self.document.file)
        played = self.patch.instrument
        return next((entry for entry in self.library.instruments if played and entry.file.name == played.name), None)

    def go_to_preset(self, preset: Path | Patch) -> "Future[None]":
        """Play the latents of a preset of the same model here and now, as one step; every knob stays. Fails where it has none."""
        def work() -> None:
            patch = preset if isinstance(preset, Patch) else self._read(preset)
            self.go_to(point_of(patch, self.source), gesture=("point of a preset", object()))
            self._tell(f"the sound is where '{patch.name}' is on the map; every knob stays as it was")

        return self._loader.do(work)

    def set_corner_to_preset(self, corner: str, preset: Path | Patch) -> "Future[None]":
        """Put corner A to D where a preset of the same model is, as one step; every knob stays. Fails where it has no one point."""
        def work() -> None:
            patch = preset if isinstance(preset, Patch) else self._read(preset)
            self.set_corner(corner, point_of(patch, self.source), gesture=("corner to a preset", object()))
            self._tell(f"corner {corner} is where '{patch.name}' is; every knob stays as it was")

        return self._loader.do(work)

    def _read(self, file: Path) -> Patch:
        """A preset from its file, sharing with the step that opened it before; or the instrument in a folder. Raises UserError."""
        if is_instrument(file):
            return patch_of_recordings(file)
        patch = preset_file.load(file)
        with self._editor.lock:
            known = self.document.opened_from(file)
        return with_parts_of(patch, known) if known else patch

    def _open(self, find: Callable[[], Path], name: str) -> "Future[None]":
        """Change to a preset. One whose model has to be opened, or whose morph path found, is heard at once by the levels that it keeps."""
        heard: list[Prepared] = []

        def prepare() -> tuple[Prepared, Path]:
            file = find()
            patch, choices = self._read(file), self._choices_for_preset()
            meanwhile = self._editor.prepare_meanwhile(patch, choices) if self._loader.is_live else None
            if meanwhile is None:
                return self._prepare(patch, choices=choices, adopt=True), file
            self._editor.wait_for_room()
            self._finish(meanwhile, file, True)
            heard.append(meanwhile)
            return self._prepare_rest(meanwhile), file

        def finish(found: tuple[Prepared, Path]) -> None:
            ready, file = found
            if not heard:
                self._finish(ready, file, True)
                return
            base = heard[0].patch
            while not self._editor.amend(ready, base):  # edited meanwhile
                base = self.patch
                ready = self._prepare(base, choices=ready.choices, adopt=True)
            self._tell_of(ready)

        return self._load(prepare, finish, name)

    def _prepare_rest(self, meanwhile: Prepared) -> Prepared:
        """The patch itself. Raises UserError where it cannot be played after all: what was before is then heard again."""
        try:
            return self._prepare(meanwhile.patch, choices=meanwhile.choices, adopt=True)
        except UserError:
            if self.document.patch is meanwhile.patch:
                self._walk(back=True)
            raise

    def _prepare_table(self, entry: Entry) -> Prepared:
        table = read_wavetable(entry.file)
        source = WavetableSource(printable(entry.name), table.frames)
        choices = replace(self._editor.cache.choices, source=source)
        patch = Patch(name=entry.name, category="wavetable", comment="the wheel plays through its frames")
        ready = self._prepare(patch, choices=choices, adopt=True)
        return replace(ready, told=f"{printable(entry.file.name)}: {table.told}" if table.told else ready.told)

    def _finish_table(self, ready: Prepared, entry: Entry) -> None:
        self._finish(ready, None, True)
        self._table = ready.source
        self.library.note_used(entry.key)

    def _finish(self, ready: Prepared, file: Path | None, saved: bool) -> None:
        super()._finish(ready, file, saved)
        entry = self.library.entry_of(file) if file else None
        if entry:
            self.library.note_used(entry.key)

    def _choices_for_preset(self) -> Choices:
        """A wavetable that came from the library goes with the next preset; one that the player began with stays."""
        choices = super()._choices_for_preset()
        return replace(choices, source=None) if self._table is not None and choices.source is self._table else choices

    # ---- mark ------------------------------------------------------------------------------------------------------
    def rate_preset(self, key: str, stars: int) -> "Future[None]":
        """Give 1 to 5 stars, 0 for none."""
        return self._loader.do(lambda: self.library.marks.rate(key, stars))

    def set_favourite(self, key: str, on: bool = True) -> "Future[None]":
        """Make it a favourite, or none any more."""
        return self._loader.do(lambda: self.library.marks.set_favourite(key, on))

    # ---- change ----------------------------------------------------------------------------------------------------
    def rename_preset(self, key: str, name: str) -> "Future[None]":
        """Another name for one of the user's own; the sound that came from it follows."""
        def work() -> None:
            before = self.library.entry(key)
            after = self.library.rename(key, name)
            with self._editor.lock:
                self.document.note_moved(before.file, after.file, after.name)
            self._tell(f"'{before.name}' is called '{after.name}' now")

        return self._loader.do(work)

    def delete_preset(self, key: str) -> "Future[None]":
        """Move one of the user's own to the bin; what sounds stays, as a sound that is not saved."""
        def work() -> None:
            entry = self.library.entry(key)
            self.library.delete(key)
            with self._editor.lock:
                self.document.note_moved(entry.file, None)
            self._tell(f"'{entry.name}' lies in the bin; restore brings it back")

        return self._loader.do(work)

    def restore_preset(self, name: str) -> "Future[None]":
        """Take one out of the bin."""
        return self._loader.do(lambda: self._tell(f"'{self.library.restore(name).name}' is back"))

    def deleted_presets(self) -> list[str]:
        """Names of what lies in the bin."""
        return [file.stem for file in library_files.deleted_files()]

    def duplicate_preset(self, key: str, name: str = "") -> "Future[None]":
        """A copy among the user's own."""
        return self._loader.do(lambda: self._tell(f"'{self.library.duplicate(key, name).name}' is there now"))

    def _save(self, name: str | None, words: dict[str, Any] | None = None) -> None:
        super()._save(name, words)
        self.library.refresh_soon()
