"""What becomes of a preset that is put into a part of the morph, by a drop or from a menu."""

from pathlib import Path
from typing import Any

from ...patch.morph import PART_NAMES
from ...patch.patch import Patch
from ...session.morph_actions import HERE
from ...text import printable
from ..geometry import Rect
from .preset_place import PresetPlace


def part_place(session: Any, part: int, rect: Rect) -> PresetPlace:
    """A place that puts a preset into a part of the morph; where there is none, into one with the present sound."""
    morph = session.morph
    if morph is None:
        words = f"a morph with {printable(session.name)}"
    elif part < len(morph.parts):
        words = f"part {PART_NAMES[part]}, in place of {printable(morph.parts[part].name)}"
    else:
        words = f"part {PART_NAMES[part]}"
    return PresetPlace(rect, words, lambda preset, x: put_part(session, part, preset.sound))


def put_part(session: Any, part: int, preset: str | Path | Patch) -> None:
    """A preset, by its name, file or as it is, becomes a part; where there is no morph yet, one is made of the present sound and it."""
    if session.morph is None:
        session.make_morph([HERE, preset])
    else:
        session.set_morph_part(part, preset)
