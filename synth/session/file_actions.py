"""What goes in and out as files: sounds, wavetables, packs and presets opened, the sound exported, takes recorded, songs rendered."""

import os
import time
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import paths
from ..engine.engine import Engine
from ..errors import UserError
from ..patch import preset_file
from ..ports.recorder import Recorder
from ..render.unfinished import free_name, new_name
from ..text import as_file_name, counted, printable
from ..timbres.source import ModelSource
from . import saving
from .background import in_thread
from .file_kinds import PACK, PRESET, SONG, TUNING, WAVETABLE, kind_of
from .library_actions import LibraryActions
from .prepared import Prepared
from .song_render import SongRender

if TYPE_CHECKING:
    from .housekeeping import Housekeeping

DEFAULT_MODEL = "akwf-16"  # that a recording is encoded on where the sound has no model
TABLE_KINDS = {"Serum .wav": (".wav", "serum"), "Vital .vitaltable": (".vitaltable", None), "Surge .wt": (".wt", None),
               "WaveEdit .wav": (".wav", "waveedit"), ".flac": (".flac", None)}


@dataclass(frozen=True, slots=True)
class OpenedSound:
    """A recording that was opened: its name, the latents that sound most like it, and the model they are of."""

    name: str
    latents: tuple[float, ...]
    model_sha256: str
    lsd_db: float


class FileActions(LibraryActions):
    """A part of `Session`. opened_sounds: what maps show of recordings, newest last. song: the render under way, or the last one."""

    engine: Engine
    _housekeeping: "Housekeeping"
    _take: Recorder | None = None
    _take_began_s = 0.0
    song: SongRender | None = None
    opened_sounds: tuple[OpenedSound, ...] = ()

    # ---- in --------------------------------------------------------------------------------------------------------
    def open_file(self, file: Path) -> "Future[None]":
        """The sound becomes what a file holds: a preset, wavetable or recording; a pack joins the library. Raises UserError for others."""
        kind = kind_of(file)
        if kind == PACK:
            return self.unpack(file)
        if kind == PRESET:
            return self._open(lambda: file, file.stem)
        if kind == WAVETABLE:
            return self.open_wavetable(file)
        if kind == SONG:
            return self.render_song(file)
        if kind == TUNING:
            return self.load_tuning(file)
        if not kind:
            raise UserError(f"{printable(file.name)} is no sound, preset, pack or MIDI file")
        return self.open_recording(file)

    def open_recording(self, file: Path) -> "Future[None]":
        """The sound becomes a recording or a single cycle, as the present model draws it; its point is shown on the map from now on."""
        def prepare() -> tuple[Prepared, OpenedSound, str]:
            from ..timbres.encoding import encode_sound, preset_of
            from ..timbres.model import open_model
            from ..timbres.sample_input import read_sound

            source = self.source
            model = source.model if isinstance(source, ModelSource) else open_model(DEFAULT_MODEL)
            sound = read_sound(file)
            found = encode_sound(model, sound)
            name = printable(file.stem)
            patch = preset_of(model, found, sound, printable(file.name), name)
            opened = OpenedSound(name, tuple(found["latent"]), ModelSource(model).sha256, found["lsd_db"])
            told = f"'{name}' is {found['lsd_db']:.2f} dB from the file" + (f"; {found['message']}" if found["message"] else "")
            return self._prepare(patch, adopt=True), opened, told

        def finish(made: tuple[Prepared, OpenedSound, str]) -> None:
            ready, opened, told = made
            self._finish(ready, None, False)
            self.opened_sounds = (*(known for known in self.opened_sounds if known.name != opened.name), opened)[-24:]
            self._tell(told)

        return self._load(prepare, finish, file.stem)

    def open_wavetable(self, file: Path) -> "Future[None]":
        """The sound becomes a wavetable, its frames along the wheel; the file is copied to where presets find it."""
        def prepare() -> Prepared:
            from ..render.keep_table import kept_table
            from ..samples.wavetable import read_wavetable
            from ..timbres.table_patches import instrument_of

            table = read_wavetable(file)
            kept, copied = kept_table(file, table.frames, None)
            patch = instrument_of(printable(file.stem), table.frames, kept)
            told = "; ".join(filter(None, (table.told, copied)))
            self._tell(f"{printable(file.name)}: {counted(len(table.frames), 'frame')}" + (f"; {told}" if told else ""))
            return self._prepare(patch, adopt=True)

        return self._load(prepare, lambda ready: self._finish(ready, None, False), file.stem)

    def unpack(self, file: Path) -> "Future[None]":
        """A pack's presets and wavetables join the user's."""
        def work() -> None:
            found = self.library.unpack(file)
            passed = f"; {len(found.told)} passed over: {found.told[0]}" if found.told else ""
            self._tell(f"pack '{printable(found.name)}': {counted(len(found.files), 'sound is', 'sounds are')} in the library now{passed}")

        return self._loader.do(work)

    # ---- out -------------------------------------------------------------------------------------------------------
    def export_wavetable(self, file: Path, owner: str | None = None) -> "Future[None]":
        """Write the morph of the sound as it now is as a wavetable of another program, by the name's ending and `owner`."""
        patch, source = self.patch, self.source

        def work() -> None:
            check_new(file)
            from ..render.wavetable_files import LAYOUTS, layout_for, write_wavetable
            from ..timbres.morph_frames import Stop, along_morph, along_position

            name = layout_for(file, owner)
            count = LAYOUTS[name].most if name in LAYOUTS else 16
            frames = along_morph(patch.morph, count) if patch.morph is not None else along_position(Stop(patch, source), count)
            peak = float(np.abs(frames).max())
            if peak < 1e-9:
                raise UserError("this sound is silent all the way, and makes no wavetable")
            written = write_wavetable(file, frames / peak, owner, None)
            self._tell(f"{printable(file)}: {counted(len(written.frames), 'frame')}" + (f"; {written.told}" if written.told else ""))

        return self._loader.do(work)

    def export_preset(self, file: Path) -> "Future[None]":
        """Write the sound as it now is as a preset file to give away; what is edited stays edited."""
        patch, source = self.patch, self.source

        def work() -> None:
            check_new(file)
            preset_file.save(saving.as_kept(patch, source), file)
            self._tell(f"{printable(file)} is written")

        return self._loader.do(work)

    def export_pack(self, file: Path, keys: list[str]) -> "Future[None]":
        """Write presets and wavetables of the library, by their keys, as one pack."""
        def work() -> None:
            check_new(file)
            self.library.pack([self.library.entry(key) for key in keys], file)
            self._tell(f"{printable(file)}: {counted(len(keys), 'sound is', 'sounds are')} packed")

        return self._loader.do(work)

    # ---- takes -----------------------------------------------------------------------------------------------------
    @property
    def recorded_s(self) -> float | None:
        """Seconds since recording was begun by `start_recording`; None where nothing is recorded so."""
        return time.monotonic() - self._take_began_s if self._take else None

    def start_recording(self, file: Path | None = None) -> Path:
        """Record what is heard from now on; answers the file, one of a free name among the user's recordings unless given.

        No file that is there is replaced: a free name beside it is taken.
        """
        if self._take:
            raise UserError("a recording is under way already")
        if file is None:
            folder = recordings_folder()
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise UserError(f"{folder}: cannot be made ({error.strerror})") from None
            file = free_name(folder / time.strftime("Take %Y-%m-%d %H.%M.%S.wav"))
        file = new_name(file)
        self._take = Recorder(file, self.engine, self._tell)
        self._take_began_s = time.monotonic()
        self._housekeeping.add_file(self._take)
        self._tell(f"recording to {printable(file)}")
        return file

    def stop_recording(self) -> "Future[None]":
        """Finish the file; told how long it is."""
        take, self._take = self._take, None

        def work() -> None:
            if take:
                self._housekeeping.drop_file(take)
                self._tell(take.close())

        return self._loader.do(work)

    # ---- songs -----------------------------------------------------------------------------------------------------
    def render_song(self, file: Path, output: Path | None = None) -> "Future[None]":
        """Render a MIDI file with the sound as it now is, in a process of its own; `song` tells how far it is."""
        if self.song and self.song.is_running:
            raise UserError("a song is being rendered already; wait for it, or cancel it")
        output = output or free_name(_writable(file.parent) / f"{file.stem} - {_plain(self.patch.name)}.wav")
        patch, source = self.patch, self.source
        self.song = song = SongRender(file, output)

        def work() -> None:
            self._tell(song.run(saving.as_kept(patch, source)))

        return in_thread(work, self._tell)

    def cancel_song(self) -> None:
        """Give the render up; nothing of it stays."""
        if self.song:
            self.song.cancel()


def check_new(file: Path) -> None:
    """Raises UserError where a file of that name is there: what is exported replaces nothing."""
    if file.exists():
        raise UserError(f"{printable(file)} is there already; give another name")


def recordings_folder() -> Path:
    """The user's folder of recordings; not made here."""
    return paths.user_folder() / "recordings"


def _writable(folder: Path) -> Path:
    """The folder, or where it cannot be written that of the user's recordings."""
    if os.access(folder, os.W_OK):
        return folder
    recordings_folder().mkdir(parents=True, exist_ok=True)
    return recordings_folder()


def _plain(name: str) -> str:
    return as_file_name(name, " -_().").strip(" .") or "sound"
