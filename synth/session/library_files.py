"""Changes of the library's files: rename, duplicate, delete to the bin and back. Each is whole or did not happen."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

from .. import paths
from ..errors import UserError, did_you_mean
from ..patch import preset_file, programs
from ..paths import whole_file
from ..text import printable
from .library_entries import INSTRUMENT, PRESET, Entry, own_folders
from .saving import check_name

_MOST_COPIES = 10_000


def bin_folder() -> Path:
    """Where what was deleted lies, in folders like those it came from."""
    return paths.user_folder() / "deleted"


def rename(entry: Entry, name: str) -> Path:
    """Give a preset or wavetable of the user's another name; a preset keeps its program number. Answers its file. Raises UserError."""
    _check_own(entry, "renamed")
    name = check_name(name)
    target = entry.file.with_name(name + entry.file.suffix)
    same = target.exists() and os.path.samefile(target, entry.file)  # other capitals, where the disk takes no notice of them
    if not same:
        check_free(target)
    if entry.kind != PRESET:
        return _moved(entry.file, target)
    patch = preset_file.load(entry.file)
    if target == entry.file:
        preset_file.save(replace(patch, name=name), target)
        return target
    if same:
        _moved(entry.file, target)
    preset_file.save(replace(patch, name=name), target)
    programs.note_renamed(entry.file.stem, name)
    if not same:
        _removed(entry.file)
    return target


def duplicate(entry: Entry, name: str = "") -> Path:
    """A copy among the user's own, of a factory preset too; without a name `NAME 2` or the next number that is free. Raises UserError."""
    _check_is_file(entry)
    folder = entry.file.parent if entry.is_own else own_folders()["user" if entry.kind == PRESET else "wavetables"]
    target = folder / f"{check_name(name)}{entry.file.suffix}" if name else free_place(folder / entry.file.name, first=2)
    check_free(target)
    _make(folder)
    if entry.kind == PRESET:
        preset_file.save(replace(preset_file.load(entry.file), name=target.stem), target)
    else:
        copy_whole(entry.file, target)
    return target


def delete(entry: Entry) -> Path:
    """Move a file of the user's to the bin; answers where it lies there. Raises UserError."""
    _check_own(entry, "deleted")
    place = bin_folder() / os.path.relpath(entry.file, paths.user_folder())
    _make(place.parent)
    return _moved(entry.file, free_place(place))


def keep_copy(entry: Entry) -> None:
    """A copy of a file that is about to be replaced goes to the bin. Raises UserError."""
    place = bin_folder() / os.path.relpath(entry.file, paths.user_folder())
    _make(place.parent)
    copy_whole(entry.file, free_place(place))


def deleted_files() -> list[Path]:
    """What lies in the bin, by name."""
    return sorted((Path(path) for path, _ in paths.files_below(bin_folder())), key=lambda file: (file.stem.casefold(), str(file)))


def restore(name: str) -> Path:
    """Take a file out of the bin by its name, to where it came from; answers where it is now. Raises UserError."""
    wanted = name.casefold()
    files = deleted_files()
    found = next((f for f in files if wanted in (f.stem.casefold(), f.name.casefold())), None)
    if found is None:
        raise UserError(f"nothing called '{name}' was deleted{did_you_mean(name, (f.stem for f in files))}"
                        f"{'' if files else ' (the bin is empty)'}")
    target = free_place(paths.user_folder() / found.relative_to(bin_folder()))
    _make(target.parent)
    return _moved(found, target)


def free_place(file: Path, first: int = 1) -> Path:
    """The file, or with the next free number where there is one of that name already."""
    for n in range(first, _MOST_COPIES):
        place = file if n == 1 else file.with_name(f"{file.stem} {n}{file.suffix}")
        if not _is_taken(place):
            return place
    raise UserError(f"there are too many called '{file.stem}'; choose another name")


def check_free(file: Path) -> None:
    """Raises UserError where a file of that name is there already, in whatever capitals."""
    if _is_taken(file):
        raise UserError(f"there is '{printable(file.stem)}' already; choose another name")


def _is_taken(file: Path) -> bool:
    if os.path.lexists(file):
        return True
    try:
        return any(name.casefold() == file.name.casefold() for name in os.listdir(file.parent))
    except OSError:
        return False


def _check_is_file(entry: Entry) -> None:
    if entry.kind == INSTRUMENT:
        raise UserError(f"'{entry.name}' is an instrument of recordings, a folder of its own: {printable(entry.path)}")


def _check_own(entry: Entry, what: str) -> None:
    _check_is_file(entry)
    if not entry.is_own:
        whose = "the factory's" if entry.origin == "factory" else "a package's"
        raise UserError(f"'{entry.name}' is {whose} and cannot be {what}; duplicate it to have one of your own")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder}: cannot be made ({error.strerror})") from None


def _moved(file: Path, target: Path) -> Path:
    try:
        os.rename(file, target)
    except OSError as error:
        raise UserError(f"{file}: cannot be moved to {target} ({error.strerror})") from None
    return target


def _removed(file: Path) -> None:
    try:
        file.unlink()
    except OSError as error:
        raise UserError(f"{file}: cannot be removed ({error.strerror}); it is there under both names now") from None


def copy_whole(file: Path, target: Path) -> None:
    """Copy a file of any size, whole or not at all. Raises UserError."""
    try:
        with open(file, "rb") as source, whole_file(target) as out:
            shutil.copyfileobj(source, out)
    except OSError as error:
        raise UserError(f"{target}: cannot be written ({error.strerror})") from None
