"""Which line what is typed goes to: that of a list or question that is open, else the one of the view that has the keyboard."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import dearpygui.dearpygui as dpg

if TYPE_CHECKING:
    from .widgets.text_field import TextField

_ENTER = (dpg.mvKey_Return, dpg.mvKey_NumPadEnter)
_TAB_FRAMES = 6  # in which Dear PyGui, which knows our controls not, gives Tab to a line of its own


class TypingKeys:
    """Takes keys before they mean anything else, and does what Enter asks for once all keys of a frame have been told: their order
    within it is not known, and a letter is rather typed before Enter than after it.
    """

    def __init__(self) -> None:
        self.field: TextField | None = None
        self._enter: Callable[[], object] | None = None
        self._tabbed_at = -_TAB_FRAMES  # frame in which Tab was pressed last

    def look(self, fields: "Sequence[TextField]") -> None:
        """As of before a frame is drawn, in which Enter takes the keyboard from a line: which of the view's lines has it."""
        self.field = next((field for field in fields if field.line.is_typed_in), None)
        if self.field and not self.field.line.is_asked_for and dpg.get_frame_count() - self._tabbed_at < _TAB_FRAMES:
            self.field.line.leave()  # Tab goes from control to control, a line's stop among them
            self.field = None

    def leaves(self, code: int, opened: Sequence[Any]) -> "TextField | None":
        """The line out of which a key leads, Tab, F6 or the arrow down: it has the keyboard no longer."""
        if code == dpg.mvKey_Tab:
            self._tabbed_at = dpg.get_frame_count()
        field = None if opened or code not in (dpg.mvKey_Tab, dpg.mvKey_F6, dpg.mvKey_Down) else self.field
        if field:
            field.line.leave()
            self.field = None
        return field

    def take_key(self, code: int, opened: Sequence[Any]) -> bool:
        """A key without Ctrl. opened: what lies over the panels, the one that takes keys first. Whether it is typed, and nothing else."""
        if opened:
            if code in _ENTER:
                self._enter = opened[0].take_first
                return True
            return opened[0].line is not None and opened[0].line.take_key(code)
        if self.field is None:
            return False
        if code in _ENTER:
            self._enter = self.field.enter
        else:
            self.field.line.take_key(code)
        return True

    def step(self, guard: Callable[..., object], opened: Sequence[Any], fields: "Sequence[TextField]") -> None:
        """The keys of a frame have been told."""
        enter, self._enter = self._enter, None
        if enter:
            guard(enter)
        for line in (*(one.line for one in opened), *(field.line for field in fields)):
            if line is not None:
                line.step()
