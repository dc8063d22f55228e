"""Data sets of single cycles: a folder of sound files, DATASET.npz, or a folder of memory-mapped .npy files."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import UserError
from .cycles import CYCLE_SIZE, LONGEST_CYCLE, MAX_HARMONICS, SHORTEST_CYCLE, SampleError, known_harmonics, to_cycle
from .pitch import Cut, cut_recording
from .reading import find_sound_files, read_mono
from .tags import tagged_frame_size

FIELDS = ("cycles", "known_harmonics", "group", "name", "source_hz")


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


@dataclass(frozen=True)
class Refusal:
    """One file or cycle that was not taken, and why."""

    name: str
    reason: str


def load(path: Path, frame_size: int | None = None) -> tuple[Dataset, list[Refusal]]:
    """Read a data set of any of the three kinds. Raises UserError where nothing at all can be used."""
    path = Path(path).expanduser()
    if frame_size is not None and not SHORTEST_CYCLE <= frame_size <= 1 << 16:
        raise UserError(f"a frame size of {frame_size} makes no sense; give {SHORTEST_CYCLE} to 65536 samples a cycle")
    if not path.exists():
        raise UserError(f"there is no folder or data set at {path}")
    if path.is_dir() and (path / "cycles.npy").is_file():
        return _checked(_load_arrays(path), path), []
    if path.is_dir():
        return _load_folder(path, frame_size)
    if path.suffix.lower() == ".npz":
        return _checked(_load_npz(path), path), []
    raise UserError(f"{path} is neither a folder of sound files nor a data set (.npz)")


def save(dataset: Dataset, path: Path) -> None:
    """Write DATASET.npz, or without a suffix a new folder of .npy files; whole or not at all. Raises UserError."""
    partial = path.with_name(f".{path.name}.part")
    arrays = {field: getattr(dataset, field) for field in FIELDS}
    try:
        if path.suffix:
            with open(partial, "wb") as file:
                np.savez(file, **arrays)
        else:
            partial.mkdir()
            for field, values in arrays.items():
                np.save(partial / f"{field}.npy", values)
        partial.replace(path)
    except OSError as error:
        raise UserError(f"cannot write {path} ({error.strerror or error})") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        partial.unlink(missing_ok=True)


def _load_folder(folder: Path, frame_size: int | None) -> tuple[Dataset, list[Refusal]]:
    files = find_sound_files(folder)
    if not files:
        raise UserError(f"no sound files (WAV, FLAC, OGG, AIFF, MP3) under {folder}")
    cuts: list[Cut] = []
    names: list[str] = []
    refusals: list[Refusal] = []
    for file in files:
        name = file.relative_to(folder).as_posix()
        try:
            pieces = _pieces(*read_mono(file), frame_size or tagged_frame_size(file))
        except SampleError as error:
            refusals.append(Refusal(name, str(error)))
            continue
        for index, piece in enumerate(pieces):
            label = name if isinstance(pieces, tuple) else f"{name}:{index}"
            if isinstance(piece, SampleError):
                refusals.append(Refusal(label, str(piece)))
            else:
                cuts.append(piece)
                names.append(label)
    if not cuts:
        first = refusals[0]
        raise UserError(f"none of the {len(files)} sound files under {folder} can be used: {first.name} {first.reason}")
    return _dataset(cuts, names), refusals


def _pieces(samples: np.ndarray, rate_hz: int, frame_size: int | None) -> Sequence[Cut | SampleError]:
    """One file's cycles: a tuple of the file itself, or a list of frames or of cuts from a recording."""
    if frame_size is None and len(samples) <= LONGEST_CYCLE:
        return (_cut(samples),)
    if frame_size is None:
        return cut_recording(samples, rate_hz)
    if len(samples) < frame_size:
        raise SampleError(f"is shorter ({len(samples)} samples) than one frame of {frame_size}")
    count = len(samples) // frame_size
    found: list[Cut | SampleError] = []
    for frame in samples[: count * frame_size].reshape(count, frame_size):
        try:
            found.append(_cut(frame))
        except SampleError as error:
            found.append(error)
    return found


def _cut(samples: np.ndarray) -> Cut:
    return Cut(to_cycle(samples), known_harmonics(len(samples)), float("nan"))


def _dataset(cuts: list[Cut], names: list[str]) -> Dataset:
    return Dataset(
        np.stack([cut.cycle for cut in cuts]), np.array([cut.known_harmonics for cut in cuts], np.int32),
        np.full(len(cuts), -1, np.int32), np.array(names), np.array([cut.freq_hz for cut in cuts], np.float32),
    )


def _load_npz(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {field: arrays[field] for field in FIELDS if field in arrays}
    except Exception as error:  # zip, header and pickle errors of many kinds
        raise UserError(f"{path} cannot be read as a data set ({error})") from None


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
        "name": np.array([f"{path.stem}:{i}" for i in range(n)]),
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
