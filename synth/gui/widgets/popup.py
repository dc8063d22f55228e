"""What lists and dialogs share: where an open one lies, and where its items have been drawn."""

from collections.abc import Mapping

import dearpygui.dearpygui as dpg

from ..geometry import Rect


def covers_point(window: int | str, x: float, y: float) -> bool:
    """Whether a point of the viewport lies on an open window; 0 is none."""
    if not window:
        return False
    (left, top), (w, h) = dpg.get_item_pos(window), dpg.get_item_rect_size(window)
    return Rect(left, top, w, h).holds(x, y)


def drawn_rects(items: Mapping[str, int | str]) -> dict[str, Rect]:
    """Name -> where that item is, of those that have been drawn."""
    found = {}
    for name, item in items.items():
        (x, y), (w, h) = dpg.get_item_rect_min(item), dpg.get_item_rect_size(item)
        if w > 0 and h > 0:
            found[name] = Rect(x, y, w, h)
    return found
