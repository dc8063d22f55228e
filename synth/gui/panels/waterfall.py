"""The morph path as a mountain of cycles, from A in front to B behind, with the played one lit.

Lines are kept and moved only when the path changes; the played cycle is one line of its own.
"""

from typing import TYPE_CHECKING

import numpy as np

from ..geometry import Rect
from ..theme import COLOURS, mix, shade
from ..widgets.canvas import Canvas, place_path, set_text

if TYPE_CHECKING:
    from ...session.morph_preview import MorphPreview
    from ...session.view_state import Snapshot

_ROWS, _POINTS = 30, 112


def project(cycle: np.ndarray, depth: float, rect: Rect, points: int = _POINTS) -> list[list[float]]:
    """Points of one cycle (any length, -1..1) at a depth 0 (front) to 1 (back) inside `rect`."""
    fine = np.interp(np.linspace(0, len(cycle), points), np.arange(len(cycle) + 1), np.append(cycle, cycle[:1]))
    width = rect.w * (0.80 - 0.22 * depth)
    left = rect.x + rect.w * (0.02 + 0.20 * depth + 0.14 * depth)
    base = rect.bottom - rect.h * (0.17 + 0.62 * depth)
    height = rect.h * (0.165 - 0.055 * depth)
    x = left + np.linspace(0, 1, points) * width
    return np.stack((x, base - fine * height), 1).tolist()


def levelled(cycles: np.ndarray) -> np.ndarray:
    """Cycles scaled together so that the tallest just fits."""
    peak = float(np.abs(cycles).max(initial=0.0))
    return cycles / peak if peak > 1e-9 else cycles


class Waterfall:
    """The wavetable panel. Until the path is known it shows the last moments instead."""

    def __init__(self, canvas: Canvas, rect: Rect, path: "MorphPreview", title: str = "Wavetable", margin: float = 46) -> None:
        """title: '' where a panel is there already. margin: points left free under it."""
        px, self._source = canvas.px, path
        if title:
            canvas.panel(rect, title)
        self._area = rect.inset(px(14), px(34), px(14), px(margin))
        front, back = COLOURS["teal"], shade("violet", 0.55)
        flat = np.zeros(2)
        self._lines = {i: canvas.path(project(flat, i / (_ROWS - 1), self._area), mix(front, back, (i / (_ROWS - 1)) ** 0.7), px(1.2))
                       for i in reversed(range(_ROWS))}
        self._lit = canvas.path(project(flat, 0, self._area), "orange", px(2.4))
        self._words = canvas.text(rect.right - px(84), rect.y + px(9), "", "small", "orange")
        self._path: np.ndarray | None = None
        self._history: list[np.ndarray] = []
        self._shown: tuple[float, bytes] | None = None

    def update(self, snapshot: "Snapshot") -> None:
        """Redraw what changed."""
        self._show_path()
        state = (round(snapshot.position, 3), snapshot.cycle.tobytes())
        if state == self._shown:
            return
        self._shown = state
        scale = float(np.abs(self._path).max()) if self._path is not None else float(np.abs(snapshot.cycle).max(initial=0.0))
        cycle = np.clip(snapshot.cycle / max(scale, 1e-9), -1.2, 1.2)
        if self._path is None:
            self._remember(cycle)
        place_path(self._lit, project(cycle, snapshot.position if self._path is not None else 0.0, self._area, 224))
        set_text(self._words, f"position {snapshot.position:.2f}")

    def _show_path(self) -> None:
        cycles = self._source.cycles
        if cycles is None or cycles is self._path:
            return
        self._path, self._shown = cycles, None
        rows = levelled(np.asarray(cycles, float))
        for i, item in self._lines.items():
            at = i / (_ROWS - 1) * (len(rows) - 1)
            low = min(int(at), len(rows) - 2) if len(rows) > 1 else 0
            row = rows[low] + (rows[min(low + 1, len(rows) - 1)] - rows[low]) * (at - low)
            place_path(item, project(row, i / (_ROWS - 1), self._area))

    def _remember(self, cycle: np.ndarray) -> None:
        self._history = [cycle, *(self._history or [cycle] * _ROWS)][:_ROWS]
        for i, item in self._lines.items():
            place_path(item, project(self._history[i], i / (_ROWS - 1), self._area))
