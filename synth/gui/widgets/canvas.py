"""Drawing on the viewport: one list behind the menus, one before them for tips. Sizes in pixels, colours by theme."""

from collections.abc import Sequence

import dearpygui.dearpygui as dpg

from ...text import printable
from ..geometry import Rect
from ..theme import COLOURS, SIZES, Colour, Style


class Canvas:
    """Draws panels, text and lines with the theme's fonts; what moves keeps its item and is configured anew."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.px = style.px
        self.back = dpg.add_viewport_drawlist(front=False)
        self.front = dpg.add_viewport_drawlist(front=True)
        self._target = self.back
        self._texts: list[tuple[int, str]] = []  # item and font of every text behind the menus
        self.panels: list[Rect] = []  # that are drawn

    def colour(self, name: str) -> Colour:
        """A colour of the theme in use."""
        return COLOURS[name]

    def clear(self) -> None:
        """Delete everything drawn, for a new layout."""
        for target in (self.back, self.front):
            dpg.delete_item(target, children_only=True)
        self._texts, self.panels = [], []

    def text(self, x: float, y: float, words: str, font: str = "body", colour: Colour | str = "text", align: float = 0.0) -> int:
        """Text whose left (0), middle (0.5) or right (1) is at `x` and whose top is at `y`."""
        face = self.style.fonts[font]
        x -= align * self.width(words, font) if align else 0
        item = dpg.draw_text((round(x), round(y)), printable(words), size=self.height(font), color=_colour(colour), parent=self._target)
        dpg.bind_item_font(item, face)
        if self._target == self.back:
            self._texts.append((int(item), font))
        return int(item)

    def texts(self) -> list[tuple[str, Rect]]:
        """Every text that is shown behind the menus, and where, for tests."""
        found = []
        for item, font in self._texts:
            if dpg.does_item_exist(item):
                known = dpg.get_item_configuration(item)
                if known["show"] and known["text"].strip():
                    x, y = known["pos"][:2]
                    found.append((known["text"], Rect(x, y, self.width(known["text"], font), self.height(font))))
        return found

    def width(self, words: str, font: str = "body") -> float:
        """Width of a line of text."""
        size = dpg.get_text_size(printable(words), font=self.style.fonts[font]) if words else None
        return float(size[0]) if size else 0.0

    def height(self, font: str) -> float:
        """Height of a font in pixels."""
        return float(round(self.px(SIZES[font])))

    def fit(self, words: str, width: float, font: str = "body") -> str:
        """The text cut with an ellipsis so that it fits."""
        if self.width(words, font) <= width:
            return words
        low, high = 0, len(words)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.width(words[:middle] + "…", font) <= width else (low, middle - 1)
        return words[:low].rstrip() + "…" if low else ""

    def box(self, r: Rect, fill: Colour | str | None, edge: Colour | str | None = None, radius: float = 0.0) -> int:
        """A filled rectangle with round corners."""
        clear = (0, 0, 0, 0)
        return int(dpg.draw_rectangle(
            (r.x, r.y), (r.right, r.bottom), fill=_colour(fill) if fill else clear, color=_colour(edge) if edge else clear,
            rounding=self.px(radius), thickness=1, parent=self._target))

    def panel(self, r: Rect, title: str = "") -> None:
        """A panel with its heading."""
        self.panels.append(r)
        self.box(r, "panel", "panel_edge", 6)
        if title:
            self.text(r.x + self.px(12), r.y + self.px(9), title, "head", "text")

    def line(self, x0: float, y0: float, x1: float, y1: float, colour: Colour | str, thickness: float = 1.0) -> int:
        """A straight line."""
        return int(dpg.draw_line((x0, y0), (x1, y1), color=_colour(colour), thickness=thickness, parent=self._target))

    def path(self, points: Sequence, colour: Colour | str, thickness: float = 1.5) -> int:
        """A line through many points."""
        return int(dpg.draw_polyline(points, color=_colour(colour), thickness=thickness, parent=self._target))

    def dot(self, x: float, y: float, radius: float, fill: Colour | str | None, edge: Colour | str | None = None,
            thickness: float = 1.0) -> int:
        """A circle."""
        clear = (0, 0, 0, 0)
        return int(dpg.draw_circle(
            (x, y), radius, fill=_colour(fill) if fill else clear, color=_colour(edge) if edge else clear,
            thickness=thickness, parent=self._target))

    def on_top(self) -> "_OnTop":
        """Within `with canvas.on_top():` everything is drawn before the menus."""
        return _OnTop(self)


class _OnTop:
    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas

    def __enter__(self) -> None:
        self._canvas._target = self._canvas.front

    def __exit__(self, *_: object) -> None:
        self._canvas._target = self._canvas.back


def _colour(colour: Colour | str) -> Colour:
    return COLOURS[colour] if isinstance(colour, str) else colour


def place_box(item: int, r: Rect) -> None:
    """Move a rectangle."""
    dpg.configure_item(item, pmin=(r.x, r.y), pmax=(r.right, r.bottom))


def place_line(item: int, x0: float, y0: float, x1: float, y1: float) -> None:
    """Move a line."""
    dpg.configure_item(item, p1=(x0, y0), p2=(x1, y1))


def place_path(item: int, points: Sequence) -> None:
    """Move a line of many points."""
    dpg.configure_item(item, points=points)


def place_dot(item: int, x: float, y: float) -> None:
    """Move a circle."""
    dpg.configure_item(item, center=(x, y))


def set_colour(item: int, colour: Colour | str) -> None:
    """Give a line or text another colour."""
    dpg.configure_item(item, color=_colour(colour))


def set_fill(item: int, colour: Colour | str) -> None:
    """Give a box or circle another fill."""
    dpg.configure_item(item, fill=_colour(colour))


def set_text(item: int, words: str) -> None:
    """Give a text other words."""
    dpg.configure_item(item, text=printable(words))


def show(item: int, visible: bool) -> None:
    """Show or hide anything drawn."""
    dpg.configure_item(item, show=visible)
