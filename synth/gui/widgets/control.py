"""What answers to the pointer and the keyboard: a name, a rectangle and a few gestures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...params.typed import read_typed
from .. import words
from ..geometry import Rect
from .menu_row import MenuRow

if TYPE_CHECKING:
    from ...params.param import Param
    from ...session.view_state import Snapshot
    from ..gestures import Gestures
    from .preset_place import HeldPreset, PresetPlace


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the mouse is, and which of shift (fine) and alt are down."""

    x: float
    y: float
    fine: bool = False
    alt: bool = False


class Control:
    """Base of everything that can be pressed, dragged, turned with the wheel or reached with Tab.

    A control draws what the snapshot says and sends edits to the session; it holds no value of its own.
    """

    focusable = True  # reached with Tab
    double_resets = True  # a double click goes back to the default
    takes_source = False  # a source of modulation may be dropped on it: it moves `target`
    hot = False  # pointed at, or in focus
    tip_inside = False  # its tip is shown in it, away from the mouse: names that a drag looks at stand around it
    opens_held = False  # pressed by what is carried and held over it: the name of a view or a panel
    aimed = False  # a source is held over it

    def __init__(self, name: str, rect: Rect) -> None:
        self.name = name
        self.rect = rect

    @property
    def target(self) -> str:
        """Name of the knob that a source dropped here moves."""
        return self.name

    @property
    def marked(self) -> str:
        """What in it Enter and a menu would be about, where it holds several: a row's words."""
        return ""

    def update(self, snapshot: "Snapshot") -> None:
        """Draw what the snapshot says."""

    def press(self, at: Pointer) -> None:
        """The button went down inside `rect`."""

    def hover(self, at: Pointer) -> None:
        """The mouse is over it, at every frame."""

    def aim_at(self, at: Pointer) -> None:
        """A source is held over it, at every frame: where it may be dropped on more than one thing, on which."""

    def preset_places(self, preset: "HeldPreset") -> "Sequence[PresetPlace]":
        """Where in it a preset that is carried may be dropped."""
        return ()

    def drag(self, at: Pointer) -> None:
        """The mouse moved with the button down."""

    def release(self) -> None:
        """The button came up."""

    def let_go(self) -> None:
        """It is no longer held, though the button did not come up: the layout goes."""
        self.release()

    def wheel(self, clicks: float, fine: bool) -> None:
        """The wheel turned over it (up is positive)."""

    def arrow(self, clicks: int, fine: bool) -> None:
        """An arrow key with it in focus."""
        self.wheel(clicks, fine)

    def reset(self) -> None:
        """Double click: back to the default."""

    def enter(self) -> None:
        """Enter with it in focus: a button is pressed, a knob's value is typed."""
        if not self.double_resets:
            self.press(Pointer(self.rect.x, self.rect.y))
            self.release()

    def inner_rects(self) -> dict[str, Rect]:
        """Where parts of it are that have a name, for tests."""
        return {}

    def menu(self) -> list[MenuRow]:
        """What a right click offers."""
        return []

    def menu_rect(self) -> Rect:
        """Beside what its menu opens that a key asked for."""
        return self.rect

    def tip(self, at: Pointer) -> list[str]:
        """Lines of the tip shown while the pointer rests on it."""
        return []


class ParamControl(Control):
    """A control of one declared knob: reads it from the snapshot, steps it, resets it, takes a typed value."""

    def __init__(self, param: "Param", rect: Rect, gestures: "Gestures", name: str = "") -> None:
        """name: of the control, where the knob stands twice on a view."""
        super().__init__(name or param.name, rect)
        self.param = param
        self.gestures = gestures
        self.value = float(param.default)  # as last drawn
        self._asked: tuple = ()  # what `is_as_drawn` went by
        self._part = 0.0  # of a click of the wheel that did not make a whole step yet

    @property
    def target(self) -> str:
        """The knob."""
        return self.param.name

    @property
    def colour(self) -> str:
        """What is set is teal, what a morph of presets moves orange."""
        return "orange" if self.gestures.is_morphed(self.param.name) else "teal"

    def read(self, snapshot: "Snapshot") -> float:
        """The knob's value as played."""
        self.value = float(snapshot.params.get(self.param.name, self.param.default))
        return self.value

    def is_as_drawn(self, snapshot: "Snapshot") -> bool:
        """Whether nothing that it shows has changed since this was asked last: cheap, as every control asks it at every frame."""
        asked = (snapshot.params.get(self.param.name), self.hot, self.aimed, self.gestures.stamp)
        if asked == self._asked and self.param.name not in self.gestures.moved:
            return True
        self._asked = asked
        return False

    def set_unit(self, unit: float, fine: bool = False) -> None:
        """Set the knob from a slider position 0..1; whole numbers where a player counts in them, unless fine."""
        value = self.param.from_unit(unit)
        if not fine and self.param.unit == "st":
            value = float(round(value))
        self.gestures.set_value(self.param.name, min(max(value, self.param.low), self.param.high))

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
        self.gestures.set_value(self.param.name, self.param.default, wake=False)

    def enter(self) -> None:
        """Type a value."""
        self.gestures.type_value(self)

    def shown(self) -> str:
        """The value as it is shown, to be typed over."""
        return words.show_value(self.param, self.value)

    def put(self, value: float) -> None:
        """Turn it to a value."""
        self.gestures.set_value(self.param.name, value)

    def take_typed(self, text: str) -> None:
        """What was typed becomes the value, as a step of its own. Raises UserError with what may be typed."""
        value = read_typed(self.param, text)
        self.gestures.session.end_gesture()
        self.put(value)
        self.gestures.session.end_gesture()

    def ask_source(self) -> None:
        """Which source shall move it."""
        self.gestures.ask_source(self)

    def entry_rect(self) -> Rect:
        """Where a value is typed."""
        return self.rect

    def menu(self) -> list[MenuRow]:
        """Type, default, learn, modulate, lock, copy and paste."""
        return self.gestures.knob_menu(self)

    def tip(self, at: Pointer) -> list[str]:
        """Name and value, the line of help, what moves it."""
        rows = self.gestures.row_lines(self.param.name)
        title = words.full_name(self.param, self.gestures.directions)
        return [f"{title}   {words.show_value(self.param, self.value)}", self.param.help, *rows]
