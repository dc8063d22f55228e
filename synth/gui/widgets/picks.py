"""Words to choose from inside a question: one of them, or several."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import dearpygui.dearpygui as dpg

from ...text import printable
from ..theme import COLOURS, shade
from .canvas import Canvas


@dataclass
class Pick:
    """What can be chosen under a title. chosen: what is, in its order. several: whether more than one may be, or none."""

    title: str
    names: Sequence[str]
    chosen: list[str]
    several: bool = False

    def turn(self, name: str) -> None:
        """Choose it, or no longer."""
        if self.several:
            self.chosen = [one for one in self.chosen if one != name] if name in self.chosen else [*self.chosen, name]
        else:
            self.chosen = [name]


class PickRows:
    """A pick as rows of buttons, drawn where Dear PyGui adds its items now. picked: told after each choice."""

    def __init__(self, canvas: Canvas, pick: Pick, width: float, picked: Callable[[], object]) -> None:
        self._pick, self._picked = pick, picked
        with dpg.theme() as theme, dpg.theme_component(dpg.mvButton):
            for target in (dpg.mvThemeCol_Button, dpg.mvThemeCol_ButtonHovered, dpg.mvThemeCol_ButtonActive):
                dpg.add_theme_color(target, COLOURS["chosen"])
            dpg.add_theme_color(dpg.mvThemeCol_Border, shade("teal", 1.0))
            dpg.add_theme_style(dpg.mvStyleVar_FrameBorderSize, 1)
        self._lit, self.buttons = int(theme), dict[str, int]()
        dpg.add_text(printable(pick.title), color=COLOURS["dim"])
        room, group = 0.0, 0
        for name in pick.names:
            needed = canvas.width(name, "body") + canvas.px(16 + 6)
            if needed > room:
                group, room = int(dpg.add_group(horizontal=True)), width
            room -= needed
            self.buttons[name] = int(dpg.add_button(label=printable(name), parent=group, user_data=name,
                                                    callback=lambda _s, _a, chosen: self._turn(chosen)))
        self._show()

    def _turn(self, name: str) -> None:
        self._pick.turn(name)
        self._show()
        self._picked()

    def _show(self) -> None:
        for name, button in self.buttons.items():
            dpg.bind_item_theme(button, self._lit if name in self._pick.chosen else 0)

    def close(self) -> None:
        """The buttons are gone; so is what they were drawn with."""
        dpg.delete_item(self._lit)
