"""Where a sound is saved, under which name, and what its file holds: enough to outlive its model."""

import os
from dataclasses import replace
from pathlib import Path

from .. import paths
from ..errors import UserError
from ..patch import preset_file
from ..patch.mod_slots import within_references
from ..patch.patch import Patch, by_name
from ..text import printable
from ..timbres import fallback
from ..timbres.morph_source import MorphSource
from ..timbres.source import ModelSource, Source
from .differences import played_corners, with_corners

_FORBIDDEN = '/\\:*?"<>|'
_LONGEST_BYTES = 200  # of a name; file systems take 255 with what is put around it
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}  # no files on Windows


def own_folder() -> Path:
    """The user's folder of presets."""
    return paths.user_folder() / "presets"


def check_name(name: str) -> str:
    """The name without blanks around it. Raises UserError where no file can be called so on every system."""
    name = " ".join(name.split())
    if not name:
        raise UserError("a preset needs a name")
    bad = next((c for c in name if c in _FORBIDDEN or not c.isprintable()), "")
    if bad:
        raise UserError(f"a preset's name cannot hold {printable(bad)!r}")
    if name[0] == "." or name[-1] == "." or name.split(".")[0].casefold() in _DEVICES:
        raise UserError(f"no preset can be called '{name}'; choose another name")
    if len(name.encode()) > _LONGEST_BYTES:
        raise UserError(f"the name is too long; {_LONGEST_BYTES} letters are the most")
    return name


def file_of(name: str) -> Path:
    """The user's file of a name, as it is spelt there where it exists in other capitals."""
    folder = own_folder()
    wanted = f"{name}.json"
    try:
        found = [file for file in folder.glob("*.json") if file.name.casefold() == wanted.casefold()]
    except OSError:
        found = []
    return found[0] if found else folder / wanted


def is_own(file: Path) -> bool:
    """Whether a preset's file is the user's to write: not the factory's and not an instrument package's."""
    theirs = {os.path.realpath(folder) for folder in paths.search_folders("presets")[1:]}
    return os.path.realpath(file.parent) not in theirs


def place_of(file: Path | None, name: str) -> Path:
    """Where `save` writes a sound that came from a file: there, where it is the user's own, else among the user's presets.

    A sound without a file never takes the place of another.
    """
    if file and is_own(file):
        return file
    if file:
        return file_of(file.stem)
    plain = "".join("-" if c in _FORBIDDEN or not c.isprintable() else c for c in name).strip(" .") or "Untitled"
    plain = plain.encode()[:_LONGEST_BYTES].decode("utf-8", "ignore")
    numbered = (place for n in range(1, 10_000) if not (place := file_of(plain if n == 1 else f"{plain} {n}")).exists())
    return next(numbered)


def as_kept(patch: Patch, source: Source) -> Patch:
    """The patch as a file keeps it: bound to the model that plays it, directions by name, and the amplitudes to fall back on.

    One whose model is absent keeps what it had.
    """
    if patch.morph is not None and isinstance(source, MorphSource):
        parts = (as_kept(part.patch, part.source) for part in source.parts)
        return replace(by_name(patch, source.direction_names), morph=replace(patch.morph, parts=tuple(parts)))
    if not isinstance(source, ModelSource):
        return patch
    if patch.corners and patch.latent_size != source.latent_size:  # made for another model, played from the middle of this one
        patch = with_corners(replace(patch, corners={}), played_corners(patch, source))
    params = within_references(patch.params, source.latent_size, len(source.direction_names))  # a host may turn what the model has not
    kept = fallback.keep(replace(patch, params=params), source.model)
    return by_name(replace(kept, model=patch.model or kept.model), source.direction_names)  # it may be a folder


def write(patch: Patch, source: Source, file: Path) -> None:
    """Write a sound to a file, whole or not at all. Raises UserError."""
    write_kept(as_kept(patch, source), file)


def write_kept(patch: Patch, file: Path) -> None:
    """Write a patch as it is, whole or not at all; its folder is made if it has to be. Raises UserError."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{file.parent}: cannot be made ({error.strerror})") from None
    preset_file.save(patch, file)
