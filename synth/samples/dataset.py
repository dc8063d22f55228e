"""Data sets of single cycles: a folder of sound files, DATASET.npz, or a folder of memory-mapped .npy files."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..text import printable
from .cutting import Cut
from .cycles import CYCLE_SIZE, MAX_HARMONICS, SHORTEST_CYCLE
from .finding import Refusal
from .folder import Progress, scan
from .groups import describe, groups_with_notes
from .writer import FIELDS, Writer


@dataclass(frozen=True)
class Dataset:
    """Cycles in the house's form, with what is known of each.

    cycles float32[n, 2048] zero mean, unit RMS; known_harmonics int32[n]; group int32[n], -1 where not yet grouped;
    name str[n] (`file` or `file:index`); source_hz float32[n], NaN if none.
    """

    cycles: np.ndarray
    known_harmonics: np.ndarray
    group: np.ndarray
    name: np.ndarray
    source_hz: np.ndarray

    def __len__(self) -> int:
        return len(self.cycles)


def check_frame_size(frame_size: int | None) -> None:
    """Raises UserError for a size that no cycle has."""
    if frame_size is not None and not SHORTEST_CYCLE <= frame_size <= 1 << 16:
        raise UserError(f"a frame size of {frame_size} makes no sense; give {SHORTEST_CYCLE} to 65536 samples a cycle")


def load(path: Path, frame_size: int | None = None, progress: Progress | None = None) -> tuple[Dataset, list[Refusal]]:
    """Read a data set of any of the three kinds. Raises UserError where nothing at all can be used."""
    path = Path(path).expanduser()
    check_frame_size(frame_size)
    if not path.exists():
        raise UserError(f"there is no folder or data set at {path}")
    if path.is_dir() and (path / "cycles.npy").is_file():
        return _checked(_load_arrays(path), path), []
    if path.is_dir():
        return _load_folder(path, frame_size, progress)
    if path.suffix.lower() == ".npz":
        return _checked(_load_npz(path), path), []
    raise UserError(f"{path} is neither a folder of sound files nor a data set (.npz)")


def save(dataset: Dataset, path: Path) -> None:
    """Write DATASET.npz, or without a suffix a folder of .npy files; whole or not at all. Raises UserError."""
    with Writer(path) as writer:
        for start in range(0, len(dataset), 4096):
            rows = slice(start, start + 4096)
            writer.add(dataset.cycles[rows], dataset.known_harmonics[rows], dataset.name[rows], dataset.source_hz[rows])
        writer.finish(dataset.group)


def _load_folder(folder: Path, frame_size: int | None, progress: Progress | None) -> tuple[Dataset, list[Refusal]]:
    labelled: list[tuple[str, Cut]] = []
    refusals: list[Refusal] = []
    for found in scan(folder, frame_size, progress):
        labelled += found.cuts
        refusals += found.refusals
    if not labelled:
        raise UserError(nothing_usable(folder, refusals))
    read = dataset_of(labelled, np.full(len(labelled), -1, np.int32))
    return replace(read, group=groups_with_notes(describe(read.cycles), notes_of(labelled), read.source_hz)), refusals


def nothing_usable(folder: Path, refusals: list[Refusal]) -> str:
    """The sentence for a folder whose files all failed."""
    first = refusals[0]
    if len(refusals) == 1:
        return f"the one sound under {folder} cannot be used: {first.name} {first.reason}"
    return f"none of the {len(refusals)} sounds under {folder} can be used; the first: {first.name} {first.reason}"


def notes_of(labelled: Sequence[tuple[str, Cut]]) -> np.ndarray:
    """A number for each note of each recording, -1 for cycles that stand alone: what grouping may never tear. int64[n]."""
    numbers: dict[tuple[str, int], int] = {}
    keys = [(name.rpartition(":")[0], cut.note) for name, cut in labelled]
    return np.array([numbers.setdefault(key, len(numbers)) if key[1] >= 0 else -1 for key in keys], np.int64)


def dataset_of(labelled: Sequence[tuple[str, Cut]], group: np.ndarray) -> Dataset:
    """Cuts in memory as a data set."""
    cuts = [cut for _, cut in labelled]
    return Dataset(
        np.stack([cut.cycle for cut in cuts]), np.array([cut.known_harmonics for cut in cuts], np.int32),
        group, np.array([name for name, _ in labelled]),
        np.array([cut.freq_hz for cut in cuts], np.float32),
    )


def _load_npz(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {field: arrays[field] for field in FIELDS if field in arrays}
    except Exception as error:  # zip, header and pickle errors of many kinds
        raise UserError(f"{path} cannot be read as a data set ({str(error)[:200]})") from None


def _load_arrays(folder: Path) -> dict[str, np.ndarray]:
    arrays = {}
    for field in FIELDS:
        if (folder / f"{field}.npy").is_file():
            try:
                arrays[field] = np.load(folder / f"{field}.npy", mmap_mode="r", allow_pickle=False)
            except Exception as error:
                raise UserError(f"{folder / field}.npy cannot be read ({error})") from None
    return arrays


def _checked(arrays: dict[str, np.ndarray], path: Path) -> Dataset:
    """A Dataset of a stranger's arrays: shapes checked, optional ones filled in."""
    cycles = arrays.get("cycles")
    if cycles is None or cycles.ndim != 2 or cycles.shape[1] != CYCLE_SIZE or not len(cycles):
        raise UserError(f"{path} holds no 'cycles' of shape [n, {CYCLE_SIZE}]")
    n = len(cycles)
    defaults = {
        "known_harmonics": np.full(n, MAX_HARMONICS, np.int32),
        "group": np.full(n, -1, np.int32),
        "name": np.array([f"{printable(path.stem)}:{i}" for i in range(n)]),
        "source_hz": np.full(n, np.nan, np.float32),
    }
    for field, default in defaults.items():
        if arrays.setdefault(field, default).shape != (n,):
            raise UserError(f"{path}: '{field}' must hold one value for each of the {n} cycles")
    for start in range(0, n, 4096):
        part = np.asarray(cycles[start : start + 4096], np.float32)
        if not np.isfinite(part).all() or np.abs(np.sqrt((part**2).mean(1)) - 1).max() > 0.01:
            raise UserError(f"{path}: cycles {start}.. are not all finite and of unit RMS")
    return Dataset(**arrays)
