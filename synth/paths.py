"""Where things are: models, presets, caches. A name is looked up: path, user folder, instrument packages, bundled."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import platformdirs

from .errors import UserError, did_you_mean

APP = "latentwave"
ENTRY_POINT_GROUP = "latentwave.models"
_SHIPPED_WITH_PRESETS = ("string-6",)  # their presets are not the user's, and numbered behind the factory's


def user_folder() -> Path:
    """The user's own folder (`LATENTWAVE_HOME` overrides); not created here."""
    home = os.environ.get("LATENTWAVE_HOME")
    return Path(home).expanduser() if home else Path(platformdirs.user_data_dir(APP, appauthor=False))


def clone_root() -> Path | None:
    """The root of a source clone when this package runs from one, else None."""
    root = Path(__file__).resolve().parent.parent
    return root if (root / "pyproject.toml").is_file() and (root / "exported").is_dir() else None


def bundled_folder() -> Path:
    """Folder that holds the shipped `exported/` and `presets/`: the clone's root, or the wheel's `_bundled`."""
    return clone_root() or Path(__file__).resolve().parent / "_bundled"


@lru_cache(1)
def _entry_points(path: tuple[str, ...]) -> tuple:
    """What the packages that are installed on a path offer: found once, as looking takes 20 ms and each preset's name asks."""
    from importlib import metadata  # itself 50 ms

    return tuple(metadata.entry_points(group=ENTRY_POINT_GROUP))


def _package_folders(kind: str) -> list[Path]:
    """Folders named `kind` in installed packages of the instruments' entry-point group."""
    found = []
    for entry in _entry_points(tuple(sys.path)):
        try:
            package = entry.load()
            base = Path(package() if callable(package) else package.__path__[0])
        except Exception:  # a stranger's broken package must not stop ours
            continue
        found.append(base / kind)
    return found


def search_folders(kind: str) -> list[Path]:
    """Folders searched for `kind` ('models', 'presets', 'instruments'), first match wins. A trained model brings presets of its own."""
    bundled = bundled_folder() / {"models": "exported", "presets": "presets", "instruments": "exported/instruments"}[kind]
    of_models = [folder / "presets" for folder in list_models() if (folder / "presets").is_dir()] if kind == "presets" else []
    return [user_folder() / kind, *of_models, *_package_folders(kind), bundled]


def write_whole(path: Path, data: bytes) -> None:
    """Write a small file whole or not at all. Raises UserError."""
    if path.exists() and not path.is_file():
        raise UserError(f"{path}: is not an ordinary file, and would be replaced by one; give another name")
    try:
        with whole_file(path) as file:
            file.write(data)
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror})") from None


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A hidden file beside `path`, to be written: it takes that name when the block ends, and is gone if it fails. Raises OSError."""
    with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name[:80]}.", delete=False) as file:
        try:
            yield file  # type: ignore[misc]
            file.flush()
            os.fsync(file.fileno())
            file.close()
            os.chmod(file.name, 0o644)  # a temporary file is its owner's alone
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise


def refuse_input(output: Path, *inputs: str | os.PathLike) -> None:
    """Raise UserError where a file that is read is the one that would be written: a command replaces nothing that it is made of."""
    for given in inputs:
        if output.exists() and Path(given).exists() and output.samefile(given):
            raise UserError(f"{output}: is read, and would be replaced by what is made of it; give another name")


def find_wavetable(name: str, anywhere: bool = True) -> Path:
    """File of a wavetable by name in the user's folder `wavetables/`; `anywhere`: first by path. Raises UserError when there is none."""
    path = Path(name).expanduser()
    if anywhere and (path.exists() or os.sep in name):
        return path
    known = list_wavetables()
    wanted = name.casefold()
    found = next((file for file in known if wanted in (file.name.casefold(), file.stem.casefold())), None)
    if found is None:
        near = did_you_mean(name, (file.stem for file in known))
        raise UserError(f"{name}: no such file, and no wavetable of that name in {user_folder() / 'wavetables'}{near}")
    return found


def list_wavetables() -> list[Path]:
    """Every file in the user's folder of wavetables and its sub-folders that is not hidden; whether it is a table, its reader tells."""
    folder = user_folder() / "wavetables"
    found = [file for file in folder.rglob("*") if file.is_file() and not file.name.startswith(".")] if folder.is_dir() else []
    return sorted(found, key=lambda file: (file.stem.casefold(), file.name, str(file)))


def find_instrument(name: str, sha256: str = "") -> Path:
    """Folder of an instrument of recordings by path or name, of several of a name that with the tracks of a hash. Raises UserError."""
    path = Path(name).expanduser()
    if (path / "instrument.json").is_file():
        return path
    known = list_instruments()
    found = [folder for folder in known if folder.name.casefold() == name.casefold()]
    if not found:
        near = did_you_mean(path.name, (folder.name for folder in known))
        raise UserError(f"no instrument of recordings named '{name}'{near}; `latentwave instrument` makes one")
    if not sha256 or len(found) == 1:
        return found[0]
    return next((folder for folder in found if sha256.encode() in (folder / "instrument.json").read_bytes()), found[0])


def list_instruments() -> list[Path]:
    """Every instrument's folder, user's first; those that packs brought lie a folder deeper."""
    found = [file.parent for folder in search_folders("instruments") for depth in ("*", "*/*")
             for file in sorted(folder.glob(f"{depth}/instrument.json"))]
    return [folder for folder in found if not any(part.startswith(".") for part in folder.parts[-2:])]


def own_instruments() -> list[Path]:
    """Those of `list_instruments` that are not shipped: the shipped ones have presets."""
    shipped = search_folders("instruments")[-1]
    return [folder for folder in list_instruments() if shipped not in folder.parents]


def find_model(name: str) -> Path:
    """Folder of a model by path or name. Raises UserError when there is none."""
    path = Path(name).expanduser()
    if (path / "manifest.json").is_file():
        return path
    if os.sep not in name:
        for folder in search_folders("models"):
            if (folder / name / "manifest.json").is_file():
                return folder / name
    known = sorted({p.name for p in list_models()})
    raise UserError(f"no model named '{name}'{did_you_mean(Path(name).name, known)} (known: {', '.join(known) or 'none'}); "
                    "give a name from `latentwave models` or a folder that holds a manifest.json")


def list_models() -> list[Path]:
    """Every model folder, user's first; a name found twice is listed once."""
    seen: dict[str, Path] = {}
    for folder in search_folders("models"):
        if folder.is_dir():
            for child in sorted(folder.iterdir()):
                if not child.name.startswith(".") and (child / "manifest.json").is_file():
                    seen.setdefault(child.name, child)
    return list(seen.values())


def find_preset(name: str) -> Path:
    """File of a preset by path, by name, or by name with its folder below `presets/`. Raises UserError when there is none."""
    path = Path(name).expanduser()
    if path.suffix == ".json" and path.is_file():
        return path
    wanted = name.removesuffix(".json").casefold()
    if os.sep not in name:
        for file in list_presets():
            if file.stem.casefold() == wanted:
                return file
    else:
        for folder in search_folders("presets"):
            for found, _ in files_below(folder):
                if found.casefold() == str(folder / wanted).casefold() + ".json":
                    return Path(found)
    near = did_you_mean(Path(name).name.removesuffix(".json"), (file.stem for file in list_presets()))
    raise UserError(f"no preset named '{name}'{near}; give a name from `latentwave presets` or a preset's .json file")


def files_below(folder: str | Path, depth: int = 6) -> Iterator[tuple[str, os.DirEntry]]:
    """(path, entry) of the files of a folder and of those in it, in no order; hidden ones, and what is linked to, are passed over."""
    try:
        with os.scandir(str(folder)) as found:
            entries = [entry for entry in found if not entry.name.startswith(".")]  # hidden, or a resource fork: '._My Pad.json'
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if depth:
                yield from files_below(entry.path, depth - 1)
        elif not entry.is_dir():
            yield entry.path, entry


def list_presets() -> list[Path]:
    """Every preset file, user's first; a name found twice is listed once."""
    return _presets_in(search_folders("presets"))


def first_preset_of(model: str) -> Path | None:
    """The first of the presets that a model, by name or folder, brings; None where it brings none. Raises UserError for no model."""
    return next(iter(sorted((find_model(model) / "presets").glob("*.json"))), None)


def factory_presets() -> list[Path]:
    """The shipped preset files, Init first, whatever the user has of the same names."""
    return _presets_in(search_folders("presets")[-1:])


def shipped_presets() -> list[Path]:
    """The factory's preset files, and behind them those that shipped models bring."""
    return [*factory_presets(), *_presets_in(_shipped_with_models())]


def _shipped_with_models() -> list[Path]:
    return [bundled_folder() / "exported" / name / "presets" for name in _SHIPPED_WITH_PRESETS]


def added_presets() -> list[Path]:
    """Preset files of the user's folder, of models trained here and of installed packages; a name found twice is listed once."""
    shipped = _shipped_with_models()
    return _presets_in([folder for folder in search_folders("presets")[:-1] if folder not in shipped])


def _presets_in(folders: list[Path]) -> list[Path]:
    seen: dict[str, str] = {}
    for folder in folders:
        files = [path for path, entry in files_below(folder) if entry.name.endswith(".json")]
        for file in sorted(files, key=lambda path: (path.count(os.sep), path)):  # those that lie deeper stand behind
            seen.setdefault(os.path.basename(file).casefold(), file)
    return [Path(file) for name, file in sorted(seen.items(), key=lambda item: (item[0] != "init.json", item[0][:-5]))]


def demo_song() -> Path:
    """The demo song's MIDI file, written for this project."""
    return bundled_folder() / "demo" / "demo.mid"


def cache_folder() -> Path:
    """A writable folder for compiled kernels: the user's cache, or a temporary one where that is read-only."""
    base = Path(os.environ["LATENTWAVE_HOME"]).expanduser() / "cache" if os.environ.get("LATENTWAVE_HOME") else Path(
        platformdirs.user_cache_dir(APP, appauthor=False))
    try:
        base.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=base):
            pass
        return base
    except OSError:
        return Path(tempfile.gettempdir()) / f"{APP}-{os.getuid() if hasattr(os, 'getuid') else 'cache'}"


def training_output_folder() -> Path:
    """Where `train` writes models: `exported/` in a clone, else, and where `LATENTWAVE_HOME` is set, the user's `models/`."""
    root = None if os.environ.get("LATENTWAVE_HOME") else clone_root()
    return root / "exported" if root else user_folder() / "models"
