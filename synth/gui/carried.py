"""What a hand can carry over the window: sources of modulation and presets are taken, shown, dropped and put down alike."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .geometry import Rect

if TYPE_CHECKING:
    from .widgets.control import Control, Pointer


class Carried:
    """Base of both. over: the control that takes it where the mouse is, None over none.

    source: the name of a source of modulation, '' of anything else. tied: whether a line leads back to
    where it was taken.
    """

    source = ""
    tied = True
    over: "Control | None" = None

    def fits(self, control: "Control", at: "Pointer") -> bool:
        """Whether a control takes it at a point of its own."""
        raise NotImplementedError

    def aim(self, control: "Control | None", at: "Pointer") -> None:
        """It is over a control that takes it, or over none; at every frame."""
        if control is not self.over:
            if self.over:
                self.over.aimed = False
            self.over = control
            if control:
                control.aimed = True
        if control:
            control.aim_at(at)

    def turn(self, clicks: float) -> None:
        """The wheel, before it is dropped."""

    def lit(self, controls: "Sequence[Control]") -> list[Rect]:
        """Places to be framed, as it may be dropped there."""
        return []

    def aimed_rect(self) -> Rect | None:
        """Of the lit places the one that would take it now."""
        return None

    def words(self) -> tuple[str, str]:
        """What it is and what a drop would do; and beneath, smaller, what the hand can do."""
        raise NotImplementedError

    def drop(self, at: "Pointer") -> None:
        """Let go of over a control that takes it."""
        raise NotImplementedError

    def miss(self, from_here: bool) -> None:
        """Let go of where nothing takes it. from_here: that is where it was taken."""
        raise NotImplementedError
