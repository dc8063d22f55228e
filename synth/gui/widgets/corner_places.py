"""Where a preset or a point of the map that is carried becomes one of the corners A to D of the present sound."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from ..geometry import Rect
from .preset_place import HeldPreset, PresetPlace


def corner_places(session: Any, rects: Mapping[str, Rect], preset: HeldPreset) -> list[PresetPlace]:
    """A place for each corner, by its letter; none for a wavetable, which has no point in the latent space."""
    if preset.is_table:
        return []

    def take(name: str, preset: HeldPreset, x: float) -> None:
        session.set_corner_to_preset(name, preset.sound)

    return [PresetPlace(rect, f"corner {name}", partial(take, name)) for name, rect in rects.items()]
