"""Instruments of recordings in packs: those that its presets play go with them, and what comes is checked as a whole."""

import shutil
from pathlib import Path, PurePosixPath

from .. import paths
from ..errors import UserError
from ..patch import preset_file
from ..patch.patch import Patch
from ..text import printable
from ..tracks.instrument_file import ARRAYS_FILE, JSON_FILE, load
from .saving import check_name

INSTRUMENTS = "instruments"


def instrument_places(preset: Path) -> dict[str, Path]:
    """Places in a pack and files of the instruments that a preset plays, but for those that every copy has. Raises UserError."""
    found: dict[str, Path] = {}
    for patch in _all_of(preset_file.load(preset)):
        if patch.instrument is None:
            continue
        try:
            folder = paths.find_instrument(patch.instrument.name, patch.instrument.sha256)
        except UserError as error:
            raise UserError(f"{preset.stem} cannot be packed: {error}") from None
        if paths.bundled_folder() not in folder.parents:
            found |= {f"{INSTRUMENTS}/{folder.name}/{name}": folder / name for name in (JSON_FILE, ARRAYS_FILE)}
    return found


def _all_of(patch: Patch) -> list[Patch]:
    return [patch, *(part for whole in (patch.morph.parts if patch.morph else ()) for part in _all_of(whole))]


def instrument_place(place: PurePosixPath) -> PurePosixPath:
    """Where a member of `instruments/` goes. Raises UserError."""
    if len(place.parts) != 3 or place.name not in (JSON_FILE, ARRAYS_FILE):
        raise UserError("no file of an instrument")
    return PurePosixPath(INSTRUMENTS, check_name(place.parts[1]), place.name)


def drop_damaged(part: Path) -> list[str]:
    """Unpacked instruments that cannot be read go again; a sentence for each."""
    told = []
    for folder in sorted(child for child in part.iterdir() if child.is_dir()):
        try:
            load(folder)
        except UserError as error:
            shutil.rmtree(folder)
            told.append(f"instrument '{printable(folder.name)}': {error}; it was passed over")
    return told
