"""What is clicked or carried away: a press becomes a click when the button comes up, or a drag once the mouse has moved."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from ...patch.morph import AXES, PART_NAMES
from ...session.morph_actions import HERE
from ..geometry import Rect
from .canvas import Canvas
from .control import Control, Pointer
from .menu_row import MenuRow
from .preset_place import HeldPreset

if TYPE_CHECKING:
    from ...session.session import Session
    from ..dragging import Dragging

STILL = 6.0  # points that a hand may move while it clicks


class _Press(NamedTuple):
    """What was pressed, where, and what a click on it does."""

    at: Pointer
    preset: HeldPreset
    rect: Rect
    click: Callable[[], object]


class PickUp(Control):
    """Base of what shows presets that can be carried."""

    double_resets = False
    _pressed: _Press | None = None

    def __init__(self, name: str, rect: Rect, canvas: Canvas, dragging: "Dragging") -> None:
        super().__init__(name, rect)
        self._canvas, self._dragging = canvas, dragging

    def take_hold(self, at: Pointer, preset: HeldPreset, rect: Rect, click: Callable[[], object]) -> None:
        """A preset was pressed, shown in `rect`."""
        self._pressed = _Press(at, preset, rect, click)

    def drag(self, at: Pointer) -> None:
        """Far enough from where it was pressed it is in the hand."""
        pressed = self._pressed
        if pressed and math.dist((pressed.at.x, pressed.at.y), (at.x, at.y)) > self._canvas.px(STILL):
            self._pressed = None
            self._dragging.begin_preset(pressed.preset, pressed.rect)

    def release(self) -> None:
        """A click."""
        pressed, self._pressed = self._pressed, None
        if pressed:
            pressed.click()

    def let_go(self) -> None:
        """The layout goes: neither click nor drag."""
        self._pressed = None


def preset_rows(session: "Session", preset: HeldPreset) -> list[MenuRow]:
    """What a drag can do with a preset, as rows of a menu, for the keyboard."""
    if preset.is_table:
        return []
    morph, sound = session.morph, preset.sound
    if morph is None:
        return [MenuRow("Morph with this sound", lambda: session.make_morph([HERE, sound]), rule=True),
                MenuRow("Go to its point on the map", lambda: session.go_to_preset(sound))]
    free = min(len(morph.parts) + 1, AXES[morph.axis])
    return [MenuRow(f"Morph: part {name}", lambda name=name: session.set_morph_part(name, sound), rule=name == "A")  # type: ignore[misc]
            for name in PART_NAMES[:free]]
