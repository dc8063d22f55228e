"""Scope and spectrum: few points, drawn as one line and one row of bars."""

from typing import TYPE_CHECKING

import numpy as np

from ..geometry import Rect
from ..theme import COLOURS, mix
from ..widgets.canvas import Canvas, place_box, place_path

if TYPE_CHECKING:
    from ...session.view_state import Snapshot

_SLOTS, _HARMONICS = 84, 1023  # widths of a bar along the axis
_FLOOR_DB = -84.0


def triggered(samples: np.ndarray, length: int) -> np.ndarray:
    """`length` newest samples that begin at a rising zero crossing, so that a held note stands still."""
    last = len(samples) - length
    if last <= 0:
        return samples
    rising = np.flatnonzero((samples[:last] < 0) & (samples[1:last + 1] >= 0))
    start = int(rising[-1]) + 1 if len(rising) else last
    return samples[start:start + length]


def bar_edges(harmonics: int, slots: int = _SLOTS) -> np.ndarray:
    """First harmonic of every bar, and one past the last: each low harmonic has its own, high ones share by log frequency."""
    edges, step = [1], (harmonics + 1) ** (1 / slots)
    while edges[-1] <= harmonics:
        edges.append(min(max(edges[-1] + 1, int(np.ceil(edges[-1] * step))), harmonics + 1))
    return np.array(edges)


def bar_levels(amplitudes: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Height 0..1 of bars: the loudest harmonic in each, in dB below the loudest of all."""
    top = float(amplitudes.max(initial=0.0))
    if top <= 0:
        return np.zeros(len(edges) - 1)
    loudest = np.maximum.reduceat(amplitudes, edges[:-1] - 1)
    level_db = 20 * np.log10(np.maximum(loudest / top, 1e-9))
    return np.clip(1 - level_db / _FLOOR_DB, 0.0, 1.0)


def _well(canvas: Canvas, rect: Rect, title: str) -> Rect:
    """The sunken field of a plot, in a panel of its own where it has a title."""
    px = canvas.px
    if title:
        canvas.panel(rect, title)
    well = rect.inset(px(10), px(30), px(10), px(10))
    canvas.box(well, "well", "panel_edge", 4)
    return well


class Scope:
    """The newest output, standing still while a note is held."""

    def __init__(self, canvas: Canvas, rect: Rect, title: str = "Scope") -> None:
        px = canvas.px
        self._well = _well(canvas, rect, title)
        middle = self._well.y + self._well.h / 2
        canvas.line(self._well.x, middle, self._well.right, middle, "grid")
        self._path = canvas.path([(self._well.x, middle), (self._well.right, middle)], "teal", px(1.6))
        self._gain, self._quiet = 1.0, False

    def update(self, snapshot: "Snapshot") -> None:
        """Draw the newest samples; the gain follows the peak slowly."""
        peak = float(np.abs(snapshot.scope).max(initial=0.0))
        if peak < 1e-4 and self._quiet:
            return
        self._quiet = peak < 1e-4
        wanted = 0.9 / max(peak, 0.1)
        self._gain += (wanted - self._gain) * (0.5 if wanted < self._gain else 0.05)
        samples = triggered(snapshot.scope, len(snapshot.scope) // 2)[::4]
        w = self._well
        x = np.linspace(w.x + 2, w.right - 2, len(samples))
        y = w.y + w.h / 2 - np.clip(samples * self._gain, -1, 1) * (w.h / 2 - 3)
        place_path(self._path, np.stack((x, y), 1).tolist())


class Spectrum:
    """Harmonics of the present waveform on a log axis."""

    def __init__(self, canvas: Canvas, rect: Rect, title: str = "Spectrum") -> None:
        px = canvas.px
        self._well = _well(canvas, rect, title)
        for fraction in (0.25, 0.5, 0.75):
            y = self._well.y + self._well.h * fraction
            canvas.line(self._well.x, y, self._well.right, y, "grid")
        inside = self._inside = self._well.inset(px(5))
        self._edges = bar_edges(_HARMONICS)
        slot = inside.w / (_SLOTS + 1)
        self._width = slot * 0.7
        along = np.log(self._edges[:-1]) / np.log(_HARMONICS + 1)
        self._left = [inside.x + float(u) * (inside.w - slot) for u in along]
        colours = [mix(COLOURS["teal"], COLOURS["violet"], float(u)) for u in along]
        self._bars = [canvas.box(Rect(x, inside.bottom, self._width, 1), c) for x, c in zip(self._left, colours, strict=True)]
        self._shown = np.full(len(self._bars), -1.0)
        self._source: np.ndarray | None = None

    def update(self, snapshot: "Snapshot") -> None:
        """Set the bars that changed."""
        if self._source is not None and np.array_equal(snapshot.amplitudes, self._source):
            return
        self._source = snapshot.amplitudes
        heights = np.round(bar_levels(snapshot.amplitudes[:_HARMONICS], self._edges) * self._inside.h)
        for i in np.flatnonzero(heights != self._shown):
            h = max(1.0, float(heights[i]))
            place_box(self._bars[i], Rect(self._left[i], self._inside.bottom - h, self._width, h))
        self._shown = heights
