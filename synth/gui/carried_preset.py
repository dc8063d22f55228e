"""A preset in the hand: which places take it, and what a drop on one of them does."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..text import printable
from . import drops
from .carried import Carried
from .geometry import Rect

if TYPE_CHECKING:
    from ..session.session import Session
    from .widgets.control import Control, Pointer
    from .widgets.preset_place import HeldPreset, PresetPlace

_OF_PLAY = ("map", "morph.pad", "morph.presets")


class CarriedPreset(Carried):
    """Its name is at the mouse, and every place that takes it is lit."""

    tied = False  # it may come from another view, where a line would lead to nothing

    def __init__(self, session: "Session", preset: "HeldPreset") -> None:
        self._session, self._preset = session, preset
        self._place: PresetPlace | None = None

    def _place_at(self, control: "Control", at: "Pointer") -> "PresetPlace | None":
        return next((place for place in control.preset_places(self._preset) if place.rect.holds(at.x, at.y)), None)

    def fits(self, control: "Control", at: "Pointer") -> bool:
        """Whether a place of a control takes it."""
        return self._place_at(control, at) is not None

    def aim(self, control: "Control | None", at: "Pointer") -> None:
        """Over a place, or over none; a control it would not turn is not lit as one that a source would move."""
        self.over, self._place = control, self._place_at(control, at) if control else None

    def lit(self, controls: "Sequence[Control]") -> list[Rect]:
        """Every place that takes it, and the name of the view that has the morph and the map where that is not shown."""
        places = [place.rect for control in controls for place in control.preset_places(self._preset)]
        if self._preset.is_table or any(control.name in _OF_PLAY for control in controls):
            return places
        return places + [control.rect for control in controls if control.name == "view.play"]

    def aimed_rect(self) -> Rect | None:
        """The place under the mouse."""
        return self._place.rect if self._place else None

    def words(self) -> tuple[str, str]:
        """Its name, and what it would become."""
        name = printable(self._preset.name)
        if self._place is None:
            return name, "drop it on a place that is lit     Esc: cancel"
        return f"{name}  →  {self._place.words}", "let go: done     Esc: cancel"

    def drop(self, at: "Pointer") -> None:
        """The place takes it; the sound changes in one step."""
        assert self._place is not None
        self._session.end_gesture()
        self._place.take(self._preset, at.x)

    def miss(self, from_here: bool) -> None:
        """Say where it can go."""
        if self._preset.is_point:
            self._session.tell_for_now(drops.point_missed(printable(self._preset.name)))
            return
        self._session.tell_for_now(drops.preset_missed(printable(self._preset.name), self._preset.is_table, from_here))
