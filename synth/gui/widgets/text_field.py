"""A line to type in that stays on a view."""

from collections.abc import Callable

import dearpygui.dearpygui as dpg

from ..geometry import Rect
from .canvas import Canvas


class TextField:
    """Dear PyGui's own line, placed on a panel; `close` takes it away with the layout. While it is typed in, letters play nothing."""

    def __init__(self, canvas: Canvas, rect: Rect, hint: str, words: str, changed: Callable[[str], object],
                 entered: Callable[[], object] = lambda: None) -> None:
        self.rect, self._entered = rect, entered
        with dpg.window(pos=(round(rect.x), round(rect.y)), width=round(rect.w), height=round(rect.h), no_title_bar=True, no_move=True,
                        no_resize=True, no_collapse=True, no_saved_settings=True, no_background=True, no_scrollbar=True) as window:
            self._field = int(dpg.add_input_text(hint=hint, default_value=words, width=-1, callback=lambda _s, text: changed(str(text))))
        with dpg.theme() as theme, dpg.theme_component(dpg.mvAll):
            dpg.add_theme_style(dpg.mvStyleVar_WindowPadding, 0, 0)
        dpg.bind_item_theme(window, theme)
        self._window, self._theme = int(window), int(theme)

    @property
    def is_active(self) -> bool:
        """Whether letters go to it."""
        return bool(dpg.does_item_exist(self._field) and dpg.is_item_active(self._field))

    @property
    def words(self) -> str:
        """What stands in it."""
        return str(dpg.get_value(self._field))

    def write(self, words: str) -> None:
        """Other words stand in it."""
        dpg.set_value(self._field, words)

    def focus(self) -> None:
        """Let it have the keyboard."""
        dpg.focus_item(self._field)

    def enter(self) -> None:
        """Enter was pressed in it."""
        self._entered()

    def close(self) -> None:
        """Take it away."""
        for item in (self._window, self._theme):
            if dpg.does_item_exist(item):
                dpg.delete_item(item)
