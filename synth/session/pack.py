"""Packs: presets and wavetables as one zip, to give away, with the instruments of recordings that presets play. What comes from others is
read as if it were hostile.

pack.json {"format": 1, "name": "Night Drive"}, presets/Pads/Mine.json, wavetables/Mine.wt, instruments/Cello/instrument.json, tracks.npz
"""

import json
import lzma
import os
import re
import shutil
import stat
import tempfile
import time
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .. import paths
from ..errors import UserError
from ..patch import preset_file
from ..text import as_file_name, printable
from .library_entries import PRESET, TABLE_SUFFIXES, Entry, own_folders
from .library_files import free_place
from .pack_instruments import INSTRUMENTS, drop_damaged, instrument_place, instrument_places
from .saving import check_name

FORMAT = 1
MOST_FILES = 20_000
MOST_BYTES = 1 << 30  # of a pack, unpacked
_MOST_OF = {PRESET: preset_file.MOST_BYTES, "wavetable": 256 << 20}
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError)
_PART, _GRACE_S = ".unpacking-", 3600.0


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What a pack brought: its name, the files, and a sentence for each of it that was passed over."""

    name: str
    files: tuple[Path, ...]
    told: tuple[str, ...]


def write_pack(entries: list[Entry], file: Path) -> None:
    """Write a pack of presets and wavetables, whole or not at all. Raises UserError."""
    if file.suffix.lower() != ".zip":
        raise UserError(f"a pack is named .zip, not '{file.name}'")
    if not entries:
        raise UserError("nothing matches, so there is nothing to pack")
    places: dict[str, Path] = {}
    for entry in entries:
        below = entry.key.split("/", 1)[1] + (".json" if entry.kind == PRESET else "")
        place = f"{'presets' if entry.kind == PRESET else 'wavetables'}/{below}"
        if place.casefold() in map(str.casefold, places):
            raise UserError(f"two of them are called '{below}'; rename one, or pack them apart")
        places[place] = entry.file
        if entry.kind == PRESET:
            places |= instrument_places(entry.file)
    try:
        with paths.whole_file(file) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
            pack.writestr("pack.json", json.dumps({"format": FORMAT, "name": file.stem}))
            for place, source in sorted(places.items()):
                pack.writestr(place, source.read_bytes(), zipfile.ZIP_DEFLATED)
    except OSError as error:
        raise UserError(f"{error.filename or file}: cannot be packed ({error.strerror})") from None


def read_pack(file: Path) -> Unpacked:
    """Unpack into a folder of the pack's name among the user's presets (and wavetables); they appear all at once.

    What is damaged of it is passed over and told. Raises UserError where nothing of it can be used, or it wants to write elsewhere.
    """
    folders = own_folders() | {INSTRUMENTS: paths.user_folder() / INSTRUMENTS}
    _sweep(list(folders.values()))
    try:
        with zipfile.ZipFile(file) as pack:
            members, told = _members(pack, file)
            name = _name_of(pack, file)
            parts = {kind: _new_folder(folder) for kind, folder in (("presets", folders["user"]), ("wavetables", folders["wavetables"]))
                     if any(place.parts[0] == kind for place, _ in members)}
            if any(place.parts[0] == INSTRUMENTS for place, _ in members):
                parts[INSTRUMENTS] = _new_folder(folders[INSTRUMENTS])
            try:
                told += _extract(pack, members, parts, file)
                return _appear(name, parts, folders, told, file)
            finally:
                for part in parts.values():
                    shutil.rmtree(part, ignore_errors=True)
    except _DAMAGED as error:
        raise UserError(f"{file}: not a pack, the zip is damaged or encrypted ({error})") from None
    except OSError as error:
        raise UserError(f"{error.filename or file}: cannot be unpacked ({error.strerror or error})") from None


def _members(pack: zipfile.ZipFile, file: Path) -> tuple[list[tuple[PurePosixPath, zipfile.ZipInfo]], list[str]]:
    """(place, member) of what is to be unpacked, and sentences on what is not. Raises UserError for a pack that means harm."""
    infos = [info for info in pack.infolist() if not info.is_dir()]
    if len(infos) > MOST_FILES:
        raise UserError(f"{file}: holds {len(infos)} files, a pack at most {MOST_FILES}")
    members: list[tuple[PurePosixPath, zipfile.ZipInfo]] = []
    told: list[str] = []
    for info in infos:
        place = PurePosixPath(info.filename)
        outside = place.is_absolute() or ".." in place.parts or re.search(r"[\\:\0]", info.orig_filename)
        if outside or stat.S_ISLNK(info.external_attr >> 16):
            named = printable(info.orig_filename)[:80]
            raise UserError(f"{file}: '{named}' would be written outside the pack's folder; nothing was unpacked")
        hidden = any(part.startswith((".", "__MACOSX")) for part in place.parts)
        if hidden or info.filename == "pack.json":
            continue
        try:
            members.append((_place_of(place), info))
        except UserError as error:
            told.append(f"{printable(info.filename)[:80]}: {error}; it was passed over")
    if not members:
        raise UserError(f"{file}: holds no presets and no wavetables")
    taken: set[str] = set()
    for place, info in members:
        if str(place).casefold() in taken:
            raise UserError(f"{file}: holds '{printable(info.filename)[:80]}' twice; nothing was unpacked")
        taken.add(str(place).casefold())
    return members, told


def _place_of(place: PurePosixPath) -> PurePosixPath:
    """Where a member goes: `presets/...` or `wavetables/...`, however the pack lays them. Raises UserError."""
    if place.parts[0] == INSTRUMENTS:
        return instrument_place(place)
    suffix = place.suffix.lower()
    kind = "presets" if suffix == ".json" else "wavetables" if suffix in TABLE_SUFFIXES else ""
    if not kind:
        raise UserError("neither a preset nor a wavetable")
    inner = place.parts[1:] if place.parts[0] in ("presets", "wavetables") else place.parts
    if len(inner) > 6:
        raise UserError("it lies too deep")
    names = [check_name(part) for part in inner[:-1]]
    return PurePosixPath(kind, *names, check_name(place.stem) + suffix)


def _name_of(pack: zipfile.ZipFile, file: Path) -> str:
    """The pack's name, as far as a folder can be called so; else its file's."""
    try:
        with pack.open("pack.json") as opened:
            return check_name(str(json.loads(opened.read(1 << 16))["name"]))
    except (KeyError, ValueError, TypeError, UserError):
        return check_name(as_file_name(file.stem, " -_()").strip(" .") or "Pack")


def _extract(pack: zipfile.ZipFile, members: list, parts: dict[str, Path], file: Path) -> list[str]:
    """Write every member that is what its name says into the hidden folders; answers sentences on the others."""
    told, left = [], MOST_BYTES
    for place, info in members:
        most = _MOST_OF[PRESET if place.parts[0] == "presets" else "wavetable"]  # an instrument's tracks may be as long as a wavetable
        with pack.open(info) as opened:  # what a header says of sizes is not believed
            data = opened.read(min(most, left) + 1)
        if len(data) > left:
            raise UserError(f"{file}: unpacks to more than {MOST_BYTES >> 20} MB; nothing was unpacked")
        left -= len(data)
        try:
            if len(data) > most:
                raise UserError(f"over {most >> 10} kB")
            if place.parts[0] == "presets":
                preset_file.from_bytes(data, "it")
        except UserError as error:
            told.append(f"{printable(info.filename)[:80]}: {error}; it was passed over")
            continue
        target = parts[place.parts[0]].joinpath(*place.parts[1:])
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(target, "xb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
    return told + (drop_damaged(parts[INSTRUMENTS]) if INSTRUMENTS in parts else [])


def _appear(name: str, parts: dict[str, Path], folders: dict[str, Path], told: list[str], file: Path) -> Unpacked:
    """The hidden folders get the pack's name, in one move each."""
    files: list[Path] = []
    for kind, part in parts.items():
        within = [Path(path) for path, _ in paths.files_below(part)]
        if within:
            target = free_place(folders["user" if kind == "presets" else kind] / name)
            os.rename(part, target)
            if kind == INSTRUMENTS:
                continue
            files += sorted(target / path.relative_to(part) for path in within)
    if not files:
        raise UserError(f"{file}: nothing of it can be used ({told[0] if told else 'it is empty'})")
    return Unpacked(files[0].relative_to(folders["user"] if files[0].suffix == ".json" else folders["wavetables"]).parts[0],
                    tuple(files), tuple(told))


def _new_folder(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=_PART, dir=folder))
    os.chmod(made, 0o755)
    return made


def _sweep(folders: list[Path]) -> None:
    """What an unpacking that was killed has left."""
    for folder in folders:
        for part in folder.glob(f"{_PART}*"):
            if time.time() - part.stat().st_mtime > _GRACE_S:
                shutil.rmtree(part, ignore_errors=True)
