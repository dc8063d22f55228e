"""A line to type in that stays on a view."""

from collections.abc import Callable

import dearpygui.dearpygui as dpg

from ..geometry import Rect
from .canvas import Canvas
from .control import Control
from .typed_line import TypedLine


class TextField:
    """Dear PyGui's own line, placed on a panel; `close` takes it away with the layout. While it is typed in, letters play nothing."""

    def __init__(self, canvas: Canvas, rect: Rect, hint: str, words: str, changed: Callable[[str], object],
                 entered: Callable[[], object] = lambda: None, key: str = "") -> None:
        """key: what it is known by when the layout is made anew while it is typed in; else its hint."""
        self.rect, self._entered = rect, entered
        with dpg.window(pos=(round(rect.x), round(rect.y)), width=round(rect.w), height=round(rect.h), no_title_bar=True, no_move=True,
                        no_resize=True, no_collapse=True, no_saved_settings=True, no_background=True, no_scrollbar=True) as window:
            self.line = TypedLine(words, hint, changed=changed)
        with dpg.theme() as theme, dpg.theme_component(dpg.mvAll):
            dpg.add_theme_style(dpg.mvStyleVar_WindowPadding, 0, 0)
        dpg.bind_item_theme(window, theme)
        self._window, self._theme, self.key = int(window), int(theme), key or hint

    @property
    def words(self) -> str:
        """What stands in it."""
        return self.line.words

    def write(self, words: str) -> None:
        """Other words stand in it."""
        self.line.write(words)

    def focus(self) -> None:
        """Let it have the keyboard."""
        self.line.focus()

    def enter(self) -> None:
        """Enter was pressed in it."""
        self._entered()

    def close(self) -> None:
        """Take it away."""
        for item in (self._window, self._theme):
            if dpg.does_item_exist(item):
                dpg.delete_item(item)


class FieldStop(Control):
    """A line's place in the order of Tab; Enter begins to type in it."""

    def __init__(self, name: str, field: TextField) -> None:
        super().__init__(name, field.rect)
        self.field = field

    def enter(self) -> None:
        """Type."""
        self.field.focus()
