"""Scala's scales and keyboard mappings -> the pitch of every key. Pure; the formats as Scala's own help defines them.

huygens-fokker.org/scala: 'Scala scale file format' (.scl) and 'Keyboard mappings' (.kbm). A4 of `master.tune_hz` moves a tuned
keyboard as a whole: a mapping's reference frequency holds at A4 = 440 Hz.
"""

import math
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from ..errors import UserError
from ..text import decode_text, split_lines

T = TypeVar("T")
KEYS = 128
MIDDLE_C = 60
_A4_HZ = 440.0
_MAX_BYTES, _MAX_NOTES = 1 << 20, 1 << 14
LOWEST, HIGHEST = -128.0, 256.0  # semitones; far outside hearing, near enough for arithmetic
_CENTS = re.compile(r"[+-]?(?:\d+\.\d*|\d*,\d+|\.\d+)")  # spreadsheets of half the world write a comma
_GOES_ON = re.compile(r"[.,]\d|[\\^*:/]")  # after a number: it was a part of something else, as in 1.200,000 or 7\12
_RATIO = re.compile(r"([+-]?\d+)(?:\s*/\s*([+-]?\d+))?")
_INTEGER = re.compile(r"-?\d+")
_NUMBER = re.compile(r"[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale: cents of degrees 1 to n above degree 0; the last one is where it repeats. In any order, unisons allowed."""

    name: str
    cents: tuple[float, ...]

    def at(self, degree: int) -> float:
        """Cents of any degree above degree 0, below and beyond the scale by its last interval."""
        if not self.cents:
            return 0.0
        period, step = divmod(degree, len(self.cents))
        return period * self.cents[-1] + (self.cents[step - 1] if step else 0.0)


@dataclass(frozen=True, slots=True)
class Keymap:
    """A keyboard mapping. degrees: scale degree of each key from `middle` up, None where silent; empty: every key the next degree.

    Keys outside first..last are not retuned. octave: degree by which the pattern repeats; 0 is the scale's last.
    """

    first: int = 0
    last: int = KEYS - 1
    middle: int = MIDDLE_C
    reference: int = MIDDLE_C
    reference_hz: float = _A4_HZ * 2 ** ((MIDDLE_C - 69) / 12)
    octave: int = 0
    degrees: tuple[int | None, ...] = ()

    def cents(self, scale: Scale, key: int) -> float:
        """Cents of a key above degree 0 on the middle key; NaN where it is silent."""
        if not self.degrees:
            return scale.at(key - self.middle)
        pattern, place = divmod(key - self.middle, len(self.degrees))
        degree = self.degrees[place]
        if degree is None:
            return math.nan
        return pattern * scale.at(self.octave or len(scale.cents)) + scale.at(degree)


@dataclass(frozen=True, slots=True)
class Tuning:
    """The pitch of each key in semitones (MIDI scale, 69 is A4), None where silent; and what it is called."""

    name: str
    notes: tuple[float | None, ...]

    def pitches(self) -> np.ndarray:
        """float64[128] semitones, NaN where silent."""
        return np.array([math.nan if n is None else n for n in self.notes])


def pitches(scale: Scale, keymap: Keymap | None = None) -> np.ndarray:
    """float64[128] semitones of the keys, NaN where silent. Raises UserError if the reference key is a silent one."""
    keymap = keymap or Keymap()
    reference = keymap.cents(scale, keymap.reference)
    if math.isnan(reference):
        raise UserError(f"the reference key {keymap.reference} has no degree of the scale, so its {keymap.reference_hz:g} Hz tune nothing")
    base = 69 + 12 * math.log2(keymap.reference_hz / _A4_HZ) - reference / 100
    found = np.arange(KEYS, dtype=float)
    for key in range(keymap.first, keymap.last + 1):
        found[key] = np.clip(base + keymap.cents(scale, key) / 100, LOWEST, HIGHEST)  # NaN stays
    return found


def tune_scale(scale: Scale, keymap: Keymap | None = None, name: str = "") -> Tuning:
    """The tuning of a scale on a keyboard. Raises UserError."""
    notes = tuple(None if math.isnan(p) else round(float(p), 9) for p in pitches(scale, keymap))
    return Tuning(name or scale.name, notes)


def _int(digits: str) -> int:
    if len(digits) > 300:
        raise UserError(f"the number {digits[:12]}... is too long")
    return int(digits)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in split_lines(text) if not line.startswith("!")]


def _cents_of(line: str) -> float:
    """Cents of a pitch line: with a point or comma, cents; else a ratio or a whole number; what follows is a comment."""
    match = _CENTS.match(line)
    if match and not _GOES_ON.match(line, match.end()):
        return float(match.group().replace(",", "."))
    match = None if match else _RATIO.match(line)
    if match is None or _GOES_ON.match(line, match.end()):
        raise UserError(f"'{line[:40]}' is no pitch; write a ratio as 3/2, or cents with a point as 701.955")
    over, under = _int(match.group(1)), _int(match.group(2) or "1")
    if over <= 0 or under <= 0:
        raise UserError(f"the ratio {match.group()[:40]} must be above zero")
    return 1200 * (math.log2(over) - math.log2(under))


def read_scl(text: str) -> Scale:
    """A scale from the text of an .scl file. Raises UserError with one sentence."""
    lines = _lines(text)
    if len(lines) < 2:
        raise UserError("not a Scala scale: it has no description and number of notes")
    count = _INTEGER.match(lines[1])
    if count is None or not 0 <= _int(count.group()) <= _MAX_NOTES:
        raise UserError(f"not a Scala scale: '{lines[1][:40]}' is no number of notes from 0 to {_MAX_NOTES}")
    n = int(count.group())
    pitched = [line for line in lines[2:] if line]
    if len(pitched) < n:
        raise UserError(f"a scale of {n} notes needs as many pitches; this one has {len(pitched)}")
    cents = tuple(_cents_of(line) for line in pitched[:n])
    if any(not abs(c) <= 1e6 for c in cents):
        raise UserError("a pitch is more than a million cents away")
    return Scale(lines[0], cents)


def read_kbm(text: str) -> Keymap:
    """A mapping from the text of a .kbm file. Raises UserError with one sentence."""
    lines = [line for line in _lines(text) if line]
    names = ("size of the map", "first key", "last key", "middle key", "reference key", "reference frequency", "formal octave")
    if len(lines) < len(names):
        raise UserError(f"not a Scala keyboard mapping: it ends before the {names[len(lines)]}")
    found = []
    for name, line in zip(names, lines, strict=False):
        match = (_NUMBER if name == "reference frequency" else _INTEGER).match(line)
        if match is None:
            raise UserError(f"not a Scala keyboard mapping: '{line[:40]}' is no {name}")
        found.append(match.group())
    size, first, last, middle, reference = map(_int, found[:5])
    hz, octave = float(found[5].replace(",", ".")), _int(found[6])
    if not 0 <= size <= _MAX_NOTES:
        raise UserError(f"a map of {size} keys is outside 0 to {_MAX_NOTES}")
    if any(not 0 <= key < KEYS for key in (first, last, middle, reference)) or first > last:
        raise UserError(f"the keys {first} to {last}, {middle} and {reference} are not all keys from 0 to 127, in order")
    if not 1e-3 <= hz <= 1e6:
        raise UserError(f"a reference frequency of {hz:g} Hz cannot be played")
    if not abs(octave) <= _MAX_NOTES:
        raise UserError(f"the formal octave, degree {octave}, is outside 0 to {_MAX_NOTES}")
    return Keymap(first, last, middle, reference, hz, octave, _degrees(lines[len(names):len(names) + size], size))


def _degrees(lines: list[str], size: int) -> tuple[int | None, ...]:
    """Degrees of a map; unmapped keys at its end may be left out."""
    found: list[int | None] = []
    for line in lines:
        match = _INTEGER.match(line)
        if match is None and not line.lower().startswith("x"):
            raise UserError(f"'{line[:40]}' in the mapping is neither a degree nor x")
        if match is not None and abs(_int(match.group())) > _MAX_NOTES:
            raise UserError(f"degree {match.group()} of the mapping is outside 0 to {_MAX_NOTES}")
        found.append(int(match.group()) if match else None)
    return (*found, *(None,) * (size - len(found)))


def _text(path: Path) -> str:
    """A small text file; Scala writes ISO 8859-1, many others UTF-8, Notepad's 'Unicode' is UTF-16."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise UserError(f"{path}: too large for a tuning (over 1 MB)")
        raw = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None
    try:
        return decode_text(raw, otherwise="latin-1")
    except UnicodeDecodeError:
        raise UserError(f"{path}: its byte-order mark says UTF-16 or UTF-32, but the text is none; save it as UTF-8") from None


def _read(path: str | os.PathLike, reader: Callable[[str], T]) -> T:
    text = _text(Path(path))
    try:
        return reader(text)
    except UserError as error:
        raise UserError(f"{path}: {error}") from None


def load(scl: str | os.PathLike | None, kbm: str | os.PathLike | None = None) -> Tuning:
    """The tuning of a scale file (None: 12 equal steps) and a keyboard mapping (None: the next degree on every key, degree 0 on
    middle C at its usual pitch). Raises UserError naming the file.
    """
    scale = _read(scl, read_scl) if scl is not None else Scale("12 equal steps", tuple(100.0 * i for i in range(1, 13)))
    name = " on ".join(Path(p).stem for p in (scl, kbm) if p is not None)
    if kbm is None:
        return tune_scale(scale, None, name)
    return _read(kbm, lambda text: tune_scale(scale, read_kbm(text), name))


def from_json(data) -> Tuning | None:
    """The tuning that a preset holds, or None. Raises UserError."""
    if not data:
        return None
    if not isinstance(data, dict) or not isinstance(data.get("name", ""), str) or not isinstance(data["notes"], list) or any(
            isinstance(n, bool) or not isinstance(n, int | float | None) for n in data["notes"]):
        raise UserError("the tuning must hold a name and the pitches of its keys")
    notes = tuple(None if n is None else float(n) for n in data["notes"])
    if len(notes) != KEYS or not all(n is None or LOWEST <= n <= HIGHEST for n in notes):
        raise UserError(f"the tuning must hold {KEYS} keys, each null or from {LOWEST:g} to {HIGHEST:g} semitones")
    return Tuning(data.get("name", ""), notes)


def to_json(tuning: Tuning) -> dict:
    """What `from_json` reads."""
    return {"name": tuning.name, "notes": list(tuning.notes)}
