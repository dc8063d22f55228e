"""The shipped presets as recipes: sounds to encode at the corners, knobs, and what moves; `make_presets` cooks them."""

from functools import cache

from .library import (
    basses,
    bells,
    brasses,
    classics,
    effects,
    keys,
    leads,
    pads,
    percussion,
    plucks,
    sequences,
    strings,
    textures,
    voices,
)
from .recipe import Recipe

FAMILIES = (classics, basses, leads, pads, keys, plucks, bells, brasses, strings, voices, textures, percussion, effects, sequences)


@cache
def recipes() -> tuple[Recipe, ...]:
    """Every shipped preset, Init first."""
    return tuple(recipe for family in FAMILIES for recipe in family.recipes())
