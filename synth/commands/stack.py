"""`presets stack`: a preset in which others sound together, each with its keys, velocities, level, pan and transposition."""

import argparse
import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from ..errors import UserError
from ..patch.morph import PART_NAMES, Morph, with_layer
from ..patch.patch import Patch
from ..patch.stack import STACK
from ..text import dump_json, printable

_KEY = re.compile(r"([A-Ga-g])([#b]?)(-?\d)")
_SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def register(actions) -> None:
    """Add `stack` to the actions of `presets`."""
    made = actions.add_parser("stack", help="make a preset of 2 to 4 others that sound together: layers and splits")
    made.add_argument("presets", nargs="+", metavar="PRESET", help="names or files, in the order A B C D")
    made.add_argument("-o", "--output", required=True, metavar="NAME", help="the new preset's name among your own, or a file NAME.json")
    made.add_argument("--split", action="append", default=[], metavar="KEY",
                      help="from this key on (C4 or 60) the next preset plays; again for a third")
    made.add_argument("--keys", action="append", default=[], metavar="A=LOW:HIGH", help="keys that a part plays, as C2:B3 or 36:59")
    made.add_argument("--velocities", action="append", default=[], metavar="A=LOW:HIGH", help="velocities that a part plays, 1 to 127")
    made.add_argument("--level", action="append", default=[], metavar="A=DB", help="level of a part in dB")
    made.add_argument("--pan", action="append", default=[], metavar="A=PAN", help="pan of a part, -1 to 1")
    made.add_argument("--transpose", action="append", default=[], metavar="A=SEMITONES", help="transposition of a part")
    made.add_argument("--json", action="store_true", help="machine-readable")
    made.set_defaults(func=_stack)


def parse_key(text: str) -> int:
    """'C4', 'F#3', 'Bb2' or '60' -> MIDI note. Raises UserError."""
    found = _KEY.fullmatch(text.strip())
    if found:
        note = 12 * (int(found[3]) + 1) + _SEMITONES[found[1].upper()] + {"": 0, "#": 1, "b": -1}[found[2]]
    else:
        note = int(text) if text.strip().isdigit() else -1
    if not 0 <= note <= 127:
        raise UserError(f"'{text[:40]}' is no key; give one as C4, F#3, Bb2 or 60, from 0 to 127")
    return note


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UserError(f"'{text[:40]}' is no number") from None


def _range_of(value_of: Callable[[str], Any]) -> Callable[[str], tuple[Any, ...]]:
    def read(text: str) -> tuple[Any, ...]:
        parts = text.split(":")
        if len(parts) != 2:
            raise UserError(f"'{text[:40]}' is no range; give the lowest and the highest with a colon between, as 36:59")
        return tuple(value_of(part) for part in parts)
    return read


_FIELDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "keys": ("keys", _range_of(parse_key)), "velocities": ("velocities", _range_of(_number)), "level": ("level_db", _number),
    "pan": ("pan", _number), "transpose": ("transpose_semitones", _number)}


def _split(morph: Morph[Patch], keys: list[int]) -> Morph[Patch]:
    """Parts one above the other, each from a key on. Raises UserError."""
    if keys != sorted(set(keys)) or len(keys) >= len(morph.parts) or 0 in keys:
        raise UserError(f"--split wants rising keys, at most {len(morph.parts) - 1} for {len(morph.parts)} presets")
    bounds = [0, *keys, 128]
    for p, (low, high) in enumerate(zip(bounds, bounds[1:], strict=False)):
        morph = with_layer(morph, p, keys=(low, high - 1))
    return morph


def _stack(args: argparse.Namespace) -> int:
    from dataclasses import replace

    from ..patch import preset_file
    from ..session.morph_actions import morph_of, named_preset, part_index
    from .morph import file_of

    file, name = file_of(args.output, args.presets)
    patch = morph_of([named_preset(preset) for preset in args.presets], STACK, name)
    morph = patch.morph
    assert morph is not None  # as `morph_of` made it
    if args.split:
        morph = _split(morph, [parse_key(key) for key in args.split])
    for option, (field, read) in _FIELDS.items():
        for words in getattr(args, option):
            part, equals, value = words.partition("=")
            if not equals:
                raise UserError(f"--{option} {words[:40]}: give the part and its value, as A=...")
            morph = with_layer(morph, part_index(part), **{field: read(value)})
    preset_file.save(replace(patch, morph=morph), file)
    parts = {letter: part.name for letter, part in zip(PART_NAMES, morph.parts, strict=False)}
    if args.json:
        layers = {letter: asdict(layer) for letter, layer in zip(PART_NAMES, morph.layers, strict=False)}
        print(dump_json({"name": name, "file": str(file), "parts": parts, "layers": layers}, indent=1))
        return 0
    print(printable(f"{file}: " + ", ".join(f"{letter} {part}" for letter, part in parts.items()) + " sound together"))
    return 0
