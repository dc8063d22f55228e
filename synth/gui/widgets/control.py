"""What answers to the pointer and the keyboard: a name, a rectangle and a few gestures."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..geometry import Rect

if TYPE_CHECKING:
    from ...params.param import Param
    from ...session.session import Session
    from ...session.view_state import Snapshot


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the mouse is, and whether shift (fine) is down."""

    x: float
    y: float
    fine: bool = False


class Control:
    """Base of everything that can be pressed, dragged, turned with the wheel or reached with Tab.

    A control draws what the snapshot says and sends edits to the player; it holds no value of its own.
    """

    focusable = True  # reached with Tab
    double_resets = True  # a double click goes back to the default
    hot = False  # pointed at, or in focus

    def __init__(self, name: str, rect: Rect) -> None:
        self.name = name
        self.rect = rect

    def update(self, snapshot: "Snapshot") -> None:
        """Draw what the snapshot says."""

    def press(self, at: Pointer) -> None:
        """The button went down inside `rect`."""

    def drag(self, at: Pointer) -> None:
        """The mouse moved with the button down."""

    def release(self) -> None:
        """The button came up."""

    def wheel(self, clicks: float, fine: bool) -> None:
        """The wheel turned over it, or an arrow key was pressed with it in focus (up is positive)."""

    def reset(self) -> None:
        """Double click: back to the default."""

    def tip(self, at: Pointer) -> list[str]:
        """Lines of the tip shown while the pointer rests on it."""
        return []


class ParamControl(Control):
    """A control of one declared knob: reads it from the snapshot, steps it, resets it."""

    def __init__(self, param: "Param", rect: Rect, session: "Session") -> None:
        super().__init__(param.name, rect)
        self.param = param
        self.session = session
        self.value = float(param.default)  # as last drawn
        self._part = 0.0  # of a click of the wheel that did not make a whole step yet

    def read(self, snapshot: "Snapshot") -> float:
        """The knob's value as played."""
        self.value = float(snapshot.params.get(self.name, self.param.default))
        return self.value

    def set_unit(self, unit: float, fine: bool = False) -> None:
        """Set the knob from a slider position 0..1; whole numbers where a player counts in them, unless fine."""
        value = self.param.from_unit(unit)
        if not fine and self.param.unit == "st":
            value = float(round(value))
        self.session.set_param(self.name, min(max(value, self.param.low), self.param.high))

    def wheel(self, clicks: float, fine: bool) -> None:
        """One click is 1/40 of the range, 1/400 when fine; one whole number where a player counts in them."""
        if self.param.whole:  # there is nothing between two of them, however fine
            self._part += clicks
            clicks, fine = int(self._part), True
            self._part -= clicks
            if not clicks:  # a touchpad sends parts of a click
                return
            step = 1 / (self.param.high - self.param.low)
        elif self.param.unit == "st" and not fine:
            step = 1 / (self.param.high - self.param.low)
        else:
            step = 1 / 400 if fine else 1 / 40
        self.set_unit(self.param.to_unit(self.value) + clicks * step, fine)

    def reset(self) -> None:
        """Back to the declared default."""
        self.session.set_param(self.name, self.param.default)

    def tip(self, at: Pointer) -> list[str]:
        """Name and value, then the line of help."""
        return [f"{self.name}   {self.param.show(self.value)}", self.param.help]
