"""What became of a source or a preset that was dropped, in a sentence for the status line."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..params.knobs import PARAMS
from ..session.differences import value_of
from . import words

if TYPE_CHECKING:
    from ..session.modulation import ModRow
    from .gesture_menus import Menus


def _arrow(gestures: "Menus", source: str, target: str) -> str:
    return f"{words.source_name(source, gestures.session.patch.macros)} → {gestures.target_words(target)}"


def dropped(gestures: "Menus", row: "ModRow", others: Mapping[str, object], woken: str) -> str:
    """A row there is now. others: knobs that the drop set beside it; woken: what it switched on."""
    patch = gestures.session.patch
    set_too = [f"{words.full_name(PARAMS[name])} is {words.show_value(PARAMS[name], value_of(patch, name))} now" for name in others]
    return "; ".join([f"{_arrow(gestures, row.source, row.target)}, {gestures.depth_words(row)}", *set_too, *([woken] if woken else [])])


def known(gestures: "Menus", row: "ModRow") -> str:
    """The same row was there already."""
    return f"{_arrow(gestures, row.source, row.target)} is there already, {gestures.depth_words(row)}: drag its ring for another depth"


def scaled(gestures: "Menus", row: "ModRow", via: str) -> str:
    """A source was dropped with Alt, to scale a row."""
    return f"{words.source_name(via, gestures.session.patch.macros)} scales {_arrow(gestures, row.source, row.target)}"


def missed(gestures: "Menus", source: str, from_here: bool) -> str:
    """A source was let go where it moves nothing. from_here: that is where it was taken."""
    name = words.source_name(source, gestures.session.patch.macros)
    if from_here:
        return f"drag {name} onto a control to let it move that"
    return f"{name} moves nothing there: let go of it over a knob, a slider, the map or a morph"


def point_missed(name: str) -> str:
    """A point of the map was let go of where nothing takes it."""
    return f"'{name}' goes nowhere there: let go of it over a corner A to D, or over the morph; a click on it goes there"


def preset_missed(name: str, is_table: bool, from_here: bool) -> str:
    """A preset was let go of where nothing takes it. is_table: a wavetable, which is none. from_here: that is where it was taken."""
    if is_table:
        return f"'{name}' is a wavetable: no morph takes it; a click plays it, and Favourites and Mine take it"
    if from_here:
        return f"drag '{name}' onto a corner of the morph, the map, Favourites or Mine; a click loads it"
    return f"'{name}' goes nowhere there: let go of it over a corner of the morph, a chain, the map, Favourites or Mine"
