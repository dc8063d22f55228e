"""A data set written cycle by cycle: memory holds one file's worth, the disk the rest."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..whole_folders import put_in_place
from .cycles import CYCLE_SIZE

FIELDS = ("cycles", "known_harmonics", "group", "name", "source_hz")
MOST_IN_NPZ = 250_000  # cycles, 2 GB: an .npz must fit in memory to be read


class Writer:
    """Writes DATASET.npz or a folder of .npy files, whole or not at all; a context manager.

    `add` rows, then `finish` with their groups; leaving without `finish` leaves nothing behind. `path` is where the data set
    ended up: beyond 250,000 cycles a folder of the same name without `.npz`. Raises UserError where it cannot be written.
    """

    def __init__(self, path: Path, most_in_npz: int = MOST_IN_NPZ):
        self.path = path
        self.count = 0
        self._most_in_npz = most_in_npz
        self._partial = path.with_name(f".{path.name}.part")
        self._columns: dict[str, list[np.ndarray]] = {"known_harmonics": [], "name": [], "source_hz": []}
        self._refuse_strangers(path)

    @staticmethod
    def _refuse_strangers(path: Path) -> None:
        """A folder that is no data set is not replaced."""
        if path.is_dir() and any(path.iterdir()) and not (path / "cycles.npy").is_file():
            raise UserError(f"cannot write {path} (a folder of other things is there); give another name")

    def __enter__(self) -> "Writer":
        try:
            _remove(self._partial)
            self._partial.mkdir()
            self._file = open(self._partial / "cycles.npy", "w+b")
            self._header()
        except OSError as error:
            _remove(self._partial)
            raise self._told(error) from None
        return self

    def __exit__(self, *exception: object) -> None:
        try:
            self._file.close()
        except OSError:
            pass
        _remove(self._partial)

    def _told(self, error: OSError) -> UserError:
        return UserError(f"cannot write {self.path} ({error.strerror or error})")

    def _header(self) -> None:
        """numpy pads its header so that a larger count fits in the same place."""
        self._file.seek(0)
        np.lib.format.write_array_header_1_0(
            self._file, {"descr": "<f4", "fortran_order": False, "shape": (self.count, CYCLE_SIZE)})

    def add(self, cycles: np.ndarray, known_harmonics: Sequence[int] | np.ndarray, names: Sequence[str] | np.ndarray,
            source_hz: Sequence[float] | np.ndarray) -> None:
        """More rows: cycles float32[n, 2048] and one value of each other column for each."""
        try:
            self._file.write(np.ascontiguousarray(cycles, "<f4").tobytes())
        except OSError as error:
            raise self._told(error) from None
        self.count += len(cycles)
        self._columns["known_harmonics"].append(np.asarray(known_harmonics, np.int32))
        self._columns["name"].append(np.asarray(names, str))
        self._columns["source_hz"].append(np.asarray(source_hz, np.float32))

    def cycles(self) -> np.ndarray:
        """What was added so far, memory-mapped: float32[n, 2048]. Good until `finish`."""
        try:
            self._header()
            self._file.flush()
        except OSError as error:
            raise self._told(error) from None
        cycles = np.load(self._partial / "cycles.npy", mmap_mode="r", allow_pickle=False)
        self._file.seek(0, 2)
        return cycles

    def names(self) -> np.ndarray:
        """The names of what was added so far: str[n]."""
        return np.concatenate(self._columns["name"])

    def pitches_hz(self) -> np.ndarray:
        """The pitches of what was added so far, nan where there is none: float32[n]."""
        return np.concatenate(self._columns["source_hz"])

    def finish(self, group: np.ndarray) -> None:
        """Put the data set in its place."""
        columns = {name: np.concatenate(parts) for name, parts in self._columns.items() if parts}
        columns["group"] = np.asarray(group, np.int32)
        as_folder = self.path.suffix.lower() != ".npz" or self.count > self._most_in_npz
        try:
            self.cycles()
            self._file.close()
            if as_folder:
                self._finish_folder(columns)
            else:
                self._finish_npz(columns)
        except OSError as error:
            raise self._told(error) from None

    def _finish_folder(self, columns: dict[str, np.ndarray]) -> None:
        self.path = self.path.with_suffix("") if self.path.suffix.lower() == ".npz" else self.path
        self._refuse_strangers(self.path)
        for name, values in columns.items():
            np.save(self._partial / f"{name}.npy", values)
        put_in_place(self._partial, self.path)

    def _finish_npz(self, columns: dict[str, np.ndarray]) -> None:
        packed = self._partial / self.path.name
        cycles = np.load(self._partial / "cycles.npy", mmap_mode="r", allow_pickle=False)
        with open(packed, "wb") as file:
            np.savez(file, cycles=cycles, **columns)  # type: ignore[arg-type]
        packed.replace(self.path)


def _remove(partial: Path) -> None:
    shutil.rmtree(partial, ignore_errors=True)
    if partial.is_file():
        partial.unlink(missing_ok=True)
