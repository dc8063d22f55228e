"""A padlock beside what Random and Breed leave alone; drawn when it is first needed."""

import math

from ..geometry import Rect
from .canvas import Canvas, show


class Padlock:
    """A body and a shackle around a point."""

    def __init__(self, canvas: Canvas, x: float, y: float) -> None:
        self._canvas, self._x, self._y = canvas, x, y
        self._items: list[int] = []

    def show(self, locked: bool) -> None:
        """Show it, or take it away."""
        if locked and not self._items:
            px, x, y = self._canvas.px, self._x, self._y
            arch = [(x + px(2.6) * math.cos(a), y - px(1) + px(3.4) * math.sin(a)) for a in (math.pi * (1 + i / 8) for i in range(9))]
            self._items = [self._canvas.path(arch, "text", px(1.4)),
                           self._canvas.box(Rect(x - px(4), y - px(1), px(8), px(6)), "text", None, 1)]
        for item in self._items:
            show(item, locked)
