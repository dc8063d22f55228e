"""Scope and spectrum: few points, drawn as one line and one row of bars."""

from typing import TYPE_CHECKING

import numpy as np

from .canvas import Canvas, place_box, place_path
from .geometry import Rect
from .theme import COLOURS, mix

if TYPE_CHECKING:
    from ..io.player import Snapshot

_BARS = 72
_FLOOR_DB = -84.0


def triggered(samples: np.ndarray, length: int) -> np.ndarray:
    """`length` newest samples that begin at a rising zero crossing, so that a held note stands still."""
    last = len(samples) - length
    if last <= 0:
        return samples
    rising = np.flatnonzero((samples[:last] < 0) & (samples[1:last + 1] >= 0))
    start = int(rising[-1]) + 1 if len(rising) else last
    return samples[start:start + length]


def bar_levels(amplitudes: np.ndarray, bars: int = _BARS) -> np.ndarray:
    """Height 0..1 of log-spaced bars: the loudest harmonic in each, in dB below the loudest of all."""
    n = max(2, len(amplitudes))
    edges = np.geomspace(1, n + 1, bars + 1)
    first = np.minimum(edges[:-1].astype(int), n)
    last = np.minimum(np.maximum(edges[1:].astype(int), first + 1), n + 1)
    top = float(amplitudes.max()) if len(amplitudes) else 0.0
    if top <= 0:
        return np.zeros(bars)
    loudest = np.array([amplitudes[a - 1:b - 1].max(initial=0.0) for a, b in zip(first, last, strict=True)])
    level_db = 20 * np.log10(np.maximum(loudest / top, 1e-9))
    return np.clip(1 - level_db / _FLOOR_DB, 0.0, 1.0)


class Scope:
    """The newest output, standing still while a note is held."""

    def __init__(self, canvas: Canvas, rect: Rect) -> None:
        px = canvas.px
        canvas.panel(rect, "SCOPE")
        self._well = rect.inset(px(10), px(30), px(10), px(10))
        canvas.box(self._well, "well", "panel_edge", 4)
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

    def __init__(self, canvas: Canvas, rect: Rect) -> None:
        px = canvas.px
        canvas.panel(rect, "SPECTRUM")
        self._well = rect.inset(px(10), px(30), px(10), px(10))
        canvas.box(self._well, "well", "panel_edge", 4)
        for fraction in (0.25, 0.5, 0.75):
            y = self._well.y + self._well.h * fraction
            canvas.line(self._well.x, y, self._well.right, y, "grid")
        inside = self._well.inset(px(5))
        self._inside, step = inside, inside.w / _BARS
        colours = [mix(COLOURS["teal"], COLOURS["violet"], i / _BARS) for i in range(_BARS)]
        self._bars = [canvas.box(Rect(inside.x + i * step, inside.bottom, step * 0.72, 1), colours[i]) for i in range(_BARS)]
        self._width, self._step = step * 0.72, step
        self._shown: np.ndarray | None = None
        self._source: np.ndarray | None = None

    def update(self, snapshot: "Snapshot") -> None:
        """Set the bars that changed."""
        if self._source is not None and np.array_equal(snapshot.amplitudes, self._source):
            return
        self._source = snapshot.amplitudes
        heights = np.round(bar_levels(snapshot.amplitudes) * self._inside.h)
        before = self._shown if self._shown is not None else np.full(_BARS, -1.0)
        for i in np.flatnonzero(heights != before):
            h = max(1.0, float(heights[i]))
            place_box(self._bars[i], Rect(self._inside.x + i * self._step, self._inside.bottom - h, self._width, h))
        self._shown = heights
