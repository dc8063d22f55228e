"""What was given on the command line -> recordings, each with what its name or a sample map says of it."""

from dataclasses import dataclass
from pathlib import Path

from ..errors import UserError
from ..samples.finding import Refusal, find_sound_files
from ..text import counted, printable
from .maps import SUFFIXES, read_map


@dataclass(frozen=True)
class Recording:
    """One sound file, its name for the report, and what a map says of it (None where it does not)."""

    path: Path
    name: str
    key: int | None = None
    velocity: int | None = None
    keys: tuple[int, int] | None = None
    velocities: tuple[int, int] | None = None
    take: int = 0


def find_recordings(given: list[Path]) -> tuple[list[Recording], list[Refusal], list[str]]:
    """(recordings, what cannot be read, remarks) of files, folders and maps. Raises UserError where there is nothing."""
    recordings: list[Recording] = []
    refusals: list[Refusal] = []
    remarks: list[str] = []
    for path in given:
        if not path.exists():
            raise UserError(f"there is no file or folder {printable(path)}")
        if path.is_dir():
            _add_folder(path, recordings, refusals, remarks)
        elif path.suffix.lower() in SUFFIXES:
            _add_map(path, recordings, refusals)
        else:
            recordings.append(Recording(path, printable(path.name)))
    if not recordings:
        told = f": {refusals[0].name} {refusals[0].reason}" if refusals else ""
        raise UserError(f"no recordings (WAV, FLAC, OGG, AIFF, MP3) in {printable(given[0])}{told}")
    return recordings, refusals, remarks


def _add_folder(folder: Path, recordings: list[Recording], refusals: list[Refusal], remarks: list[str]) -> None:
    maps = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file() and not p.name.startswith("."))
    for index, path in enumerate(maps):
        try:
            _add_map(path, recordings, refusals)
        except UserError as error:
            remarks.append(str(error))
            continue
        others = f", not of the {counted(len(maps) - 1, 'other')}" if len(maps) > 1 else ""
        remarks.append(f"keys and velocities are those of {printable(maps[index].name)}{others}")
        return
    files, told = find_sound_files(folder)
    refusals += told
    recordings += [Recording(file, printable(file.relative_to(folder).as_posix())) for file in files]


def _add_map(path: Path, recordings: list[Recording], refusals: list[Refusal]) -> None:
    seen: set[tuple] = set()
    for region in read_map(path):
        name = printable(region.path.name)
        identity = (region.path, region.key, region.keys, region.velocities, region.take)
        if identity in seen:
            continue
        seen.add(identity)
        if not region.path.is_file():
            refusals.append(Refusal(name, f"is named by {printable(path.name)}, but is not there"))
            continue
        velocity = None if region.velocities is None else region.velocities[1]
        recordings.append(Recording(region.path, name, region.key, velocity, region.keys, region.velocities, region.take))
