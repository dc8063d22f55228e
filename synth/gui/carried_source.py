"""A source of modulation in the hand: over which control it is, and how deep a drop would be."""

from typing import TYPE_CHECKING

from . import drops, words
from .carried import Carried

if TYPE_CHECKING:
    from .gestures import Gestures
    from .widgets.control import Control, Pointer

_STEP = 0.025  # of depth, a click of the wheel


class CarriedSource(Carried):
    """Dropped on a control it moves that; with Alt it scales what moves that already."""

    def __init__(self, gestures: "Gestures", source: str) -> None:
        self._gestures, self.source = gestures, source
        self._depth: float | None = None  # asked for by the wheel

    def fits(self, control: "Control", at: "Pointer") -> bool:
        """Whether it can move a control."""
        return control.takes_source and control.rect.holds(at.x, at.y)

    def aim(self, control: "Control | None", at: "Pointer") -> None:
        """Over another control the depth is that one's first again."""
        if control is not self.over:
            self._depth = None
        super().aim(control, at)

    def turn(self, clicks: float) -> None:
        """Another depth."""
        if self.over:
            self._depth = min(max(self._depth_over(self.over.target) + clicks * _STEP, -1.0), 1.0)

    def _depth_over(self, target: str) -> float:
        """How deep a drop would be."""
        return self._depth if self._depth is not None else self._gestures.session.first_depth(self.source, target)[0]

    def words(self) -> tuple[str, str]:
        """Its name, what it would move and how far."""
        said = words.source_name(self.source, self._gestures.session.patch.macros)
        if self.over is None:
            return said, "drop it on a control     Esc: cancel"
        target = self.over.target
        depth = self._gestures.depth_of(self.source, target, self._depth_over(target))
        return f"{said}  →  {self._gestures.target_words(target)}  {depth}", "let go: done     wheel: depth     Esc: cancel"

    def drop(self, at: "Pointer") -> None:
        """It moves the control."""
        over = self.over
        assert over is not None
        rows = self._gestures.rows_of(over.target)
        if at.alt and rows:  # scales the newest row that is there
            newest = max(rows, key=lambda row: row.slot)
            self._gestures.session.set_row(newest.slot, via=self.source)
            self._gestures.session.tell_for_now(drops.scaled(self._gestures, newest, self.source))
        else:
            self._gestures.drop_source(self.source, over.target, self._depth)

    def miss(self, from_here: bool) -> None:
        """Say where it can go."""
        self._gestures.session.tell_for_now(drops.missed(self._gestures, self.source, from_here))
