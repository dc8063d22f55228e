"""Reading what may be damaged or hostile: each value checked when it is taken, refused in one sentence."""

import hashlib
import io
import json
import math
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from ..errors import UserError
from ..text import as_whole, decode_text, printable

_MOST_JSON = 8 << 20
_MOST_BYTES = 512 << 20
_LARGEST = 1e6  # a value of an array: latents, decibels, seconds


def read_json(path: Path, newest: int) -> dict[str, Any]:
    """The object of a JSON file with a format number. Raises UserError."""
    try:
        if path.stat().st_size > _MOST_JSON:
            raise UserError(f"{printable(path)} is too large to be an instrument's")
        data = json.loads(decode_text(path.read_bytes()).removeprefix("\ufeff"))
    except OSError as error:
        raise UserError(f"{printable(path)} cannot be read ({error.strerror or error})") from None
    except (ValueError, RecursionError):
        raise UserError(f"{printable(path)} is damaged (not JSON); make the instrument again or copy it anew") from None
    number = as_whole(data.get("format")) if isinstance(data, dict) else None
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise UserError(f"{printable(path)} is no instrument's (no format number)")
    if number > newest:
        raise UserError(f"{printable(path)} was made by a newer version (format {number}); update latentwave")
    return data


class Checked:
    """An object of a file whose values are checked as they are taken."""

    def __init__(self, path: Path, values: Mapping[str, Any], where: str = ""):
        self._path, self._values, self._where = path, values, where

    def fail(self, words: str) -> NoReturn:
        """Refuse the file: `words` say what is wrong here."""
        raise UserError(f"{printable(self._path)}: {self._where}{printable(words)[:160]}; make the instrument again or copy it anew")

    def part(self, key: str) -> "Checked":
        """An object within this one."""
        value = self._values.get(key)
        if not isinstance(value, dict):
            self.fail(f"'{key}' must be an object")
        return Checked(self._path, value, f"{self._where}{key}: ")

    def rows(self, key: str, least: int, most: int) -> list["Checked"]:
        """A list of objects."""
        value = self._values.get(key)
        if not isinstance(value, list) or not least <= len(value) <= most or not all(isinstance(row, dict) for row in value):
            self.fail(f"'{key}' must be a list of {least} to {most} objects")
        return [Checked(self._path, row, f"{key} {i + 1}: ") for i, row in enumerate(value)]

    def text(self, key: str) -> str:
        """A text of at most 1,000 characters."""
        value = self._values.get(key)
        if not isinstance(value, str) or len(value) > 1000:
            self.fail(f"'{key}' must be a text")
        return value

    def choice(self, key: str, known: Sequence[str]) -> str:
        """One of some words."""
        value = self._values.get(key)
        if not isinstance(value, str) or value not in known:
            self.fail(f"'{key}' must be one of {', '.join(known)}")
        return value

    def number(self, key: str, low: float, high: float) -> float:
        """A finite number between limits."""
        return self._number(self._values.get(key), key, low, high)

    def _number(self, value: Any, key: str, low: float, high: float) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            self.fail(f"'{key}' must be a number from {low:g} to {high:g}")
        return float(value)

    def whole(self, key: str, low: int, high: int) -> int:
        """A whole number between limits."""
        value = as_whole(self._values.get(key))
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.fail(f"'{key}' must be a whole number from {low} to {high}")
        return value

    def range(self, key: str, low: float, high: float) -> tuple[float, float]:
        """[low, high] between limits."""
        value = self._values.get(key)
        if not isinstance(value, list) or len(value) != 2:
            self.fail(f"'{key}' must be two numbers")
        first, last = (self._number(v, key, low, high) for v in value)
        if first > last:
            self.fail(f"'{key}' must rise")
        return first, last

    def whole_range(self, key: str, low: int, high: int) -> tuple[int, int]:
        """[low, high] of whole numbers between limits."""
        first, last = self.range(key, low, high)
        if not first.is_integer() or not last.is_integer():
            self.fail(f"'{key}' must be two whole numbers")
        return int(first), int(last)

    def span(self, key: str, length: int, least: int = 1) -> tuple[int, int]:
        """[first, count] within an array of some length."""
        value = self._values.get(key)
        if not isinstance(value, list) or len(value) != 2:
            self.fail(f"'{key}' must be a first row and a number of rows")
        first, count = (as_whole(v) for v in value)
        for number in (first, count):
            if isinstance(number, bool) or not isinstance(number, int):
                self.fail(f"'{key}' must be whole numbers")
        assert isinstance(first, int) and isinstance(count, int)
        if first < 0 or count < least or first + count > length:
            self.fail(f"'{key}' lies outside the tracks")
        return first, count

    def numbers(self, key: str) -> dict[str, float]:
        """An object of finite numbers."""
        value = self._values.get(key)
        good = isinstance(value, dict) and len(value) <= 64 and all(
            isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in value.values())
        if not good:
            self.fail(f"'{key}' must be an object of numbers")
        return {str(k): float(v) for k, v in self._values[key].items()}


def open_arrays(path: Path, digest: str, wanted: Mapping[str, tuple[Any, tuple[int | None, ...]]]) -> dict[str, np.ndarray]:
    """The arrays of an .npz, each of the dtype and shape that is wanted (None: any length), finite. Raises UserError."""
    def refuse(words: str) -> NoReturn:
        raise UserError(f"{printable(path)} {words}; make the instrument again or copy it anew")

    try:
        if path.stat().st_size > _MOST_BYTES:
            refuse("is too large")
        raw = path.read_bytes()
    except OSError as error:
        raise UserError(f"{printable(path)} cannot be read ({error.strerror or error})") from None
    if hashlib.sha256(raw).hexdigest() != digest.lower():
        refuse("is damaged or was replaced (its hash is not the one in instrument.json)")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if sum(item.file_size for item in archive.infolist()) > _MOST_BYTES:
                refuse("is too large")
        with np.load(io.BytesIO(raw), allow_pickle=False) as file:
            found = {name: file[name] for name in wanted}
    except UserError:
        raise
    except Exception as error:  # zipfile, zlib and numpy each have their own for damaged files
        refuse(f"is damaged ({printable(error)[:80]})")
    for name, (dtype, shape) in wanted.items():
        array = found[name]
        if array.dtype != dtype or array.ndim != len(shape) or any(n not in (None, m) for n, m in zip(shape, array.shape, strict=True)):
            refuse(f"holds '{name}' as {array.dtype} {array.shape}")
        if array.dtype.kind == "f" and not (np.abs(array.astype(np.float64)) < _LARGEST).all():
            refuse(f"holds values in '{name}' that are not numbers")
    return found
