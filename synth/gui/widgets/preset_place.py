"""A preset that is carried, and a place that takes it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..geometry import Rect

if TYPE_CHECKING:
    from ...patch.patch import Patch
    from ...session.library_entries import Entry


class HeldPreset(NamedTuple):
    """A sound in the hand. sound: its file, or the sound itself where it has none. entry: what the library knows of it, if anything.

    is_table: a wavetable, which is no preset: no morph takes it. is_point: a point of the map.
    """

    name: str
    sound: "Path | Patch"
    entry: "Entry | None" = None
    is_table: bool = False
    is_point: bool = False


class PresetPlace(NamedTuple):
    """Where a preset may be dropped. words: what it becomes there. take: does it, so far across the window, in pixels."""

    rect: Rect
    words: str
    take: Callable[[HeldPreset, float], object]
