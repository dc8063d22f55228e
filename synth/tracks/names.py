"""Key, velocity and take from a file's name: `Cello_C#3_ff`, `60_100`, `piano A4 v3 rr2`."""

import re
from dataclasses import dataclass

from ..samples.pitch import cents
from ..units import A4_HZ, A4_NOTE

DYNAMICS = {"pppp": 8, "ppp": 16, "pp": 33, "p": 49, "mp": 64, "mf": 80, "f": 96, "ff": 112, "fff": 126, "ffff": 127}
_STEPS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11, "h": 11}
_SIGNS = {"": 0, "#": 1, "♯": 1, "s": 1, "is": 1, "sharp": 1, "b": -1, "♭": -1, "es": -1, "flat": -1}
_NOTE = re.compile(r"([a-h])(#|♯|sharp|flat|is|es|s|b|♭)?(-?\d)", re.I)
_VELOCITY = re.compile(r"(?:v|vel|velocity|vl)\.?(\d{1,3})", re.I)
_TAKE = re.compile(r"(?:rr|roundrobin|take|tk)\.?(\d{1,3})", re.I)
_WORDS = re.compile(r"[^A-Za-z0-9#♯♭-]+|(?<=[0-9])-|-(?=[A-Za-z])|(?<=[A-Za-z])-(?=[0-9]{2})")
_NEAR_CENTS = 80.0


@dataclass(frozen=True)
class Told:
    """What a name says: key or None, velocity or None, take (0 where none is named)."""

    key: int | None = None
    velocity: int | None = None
    take: int = 0


def read_name(stem: str, freq_hz: float | None = None) -> Told:
    """What the name of a file (without its ending) says. freq_hz, where known, tells which of several numbers is the key."""
    words = [word for word in _WORDS.split(stem) if word]
    named = [note for word in words if (note := note_named(word)) is not None]
    velocity = next((DYNAMICS[word.lower()] for word in reversed(words) if word.lower() in DYNAMICS), None)
    told = next((int(match[1]) for word in words if (match := _VELOCITY.fullmatch(word))), None)
    velocity = told if told is not None and 1 <= told <= 127 else velocity
    take = next((int(match[1]) for word in words if (match := _TAKE.fullmatch(word))), 0)
    numbers = [(index, int(word)) for index, word in enumerate(words) if word.isdigit() and len(word) <= 3 and int(word) <= 127]
    if named:
        key: int | None = _nearest(named, freq_hz)
        after = [number for index, number in numbers if index and note_named(words[index - 1]) == key and number >= 1]
    else:
        key = _key_of([number for _, number in numbers], freq_hz)
        after = [number for index, number in numbers
                 if index and words[index - 1].isdigit() and int(words[index - 1]) == key and number >= 1]
    return Told(key, velocity if velocity is not None else after[0] if after else None, take)


def note_named(word: str) -> int | None:
    """The key that a word like C#3 names (middle C is C4), or None."""
    match = _NOTE.fullmatch(word)
    if not match:
        return None
    key = 12 * (int(match[3]) + 1) + _STEPS[match[1].lower()] + _SIGNS[(match[2] or "").lower()]
    return key if 0 <= key <= 127 else None


def _nearest(keys: list[int], freq_hz: float | None) -> int:
    return keys[-1] if freq_hz is None else min(keys, key=lambda k: abs(off_cents(freq_hz, k)))


def _key_of(numbers: list[int], freq_hz: float | None) -> int | None:
    """The first number that is the key of the pitch; without a pitch the first of two numbers alone."""
    if freq_hz is None:
        return numbers[0] if len(numbers) == 2 else None
    return next((number for number in numbers if abs(off_cents(freq_hz, number)) < _NEAR_CENTS), None)


def off_cents(freq_hz: float, key: int) -> float:
    """How far a pitch lies from a key, in cents."""
    return cents(freq_hz, A4_HZ * 2 ** ((key - A4_NOTE) / 12))


def key_of(freq_hz: float) -> int:
    """The nearest key to a pitch, 0 to 127."""
    return int(min(max(round(off_cents(freq_hz, A4_NOTE) / 100 + A4_NOTE), 0), 127))


def key_name(key: int) -> str:
    """C#3 for 49: middle C is C4."""
    return ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")[key % 12] + str(key // 12 - 1)


def settle_key(told: int | None, freq_hz: float) -> tuple[int, str]:
    """(the key of a note, what is to be said of its name): the sound decides, for names count octaves differently and may be wrong."""
    heard = key_of(freq_hz)
    if told is None or abs(off_cents(freq_hz, told)) < _NEAR_CENTS:
        return (heard if told is None else told), ""
    if (told - heard) % 12 == 0:
        return heard, ""
    return heard, f"its name says {key_name(told)}, but it sounds {key_name(heard)}; the sound decides"
