"""Alias and droop over the keyboard as an SVG, drawn by hand: no plotting library is needed to run the instrument."""

import os
from pathlib import Path

from ..paths import write_whole

_W, _H, _LEFT, _RIGHT, _TOP, _PANEL, _GAP = 960, 640, 84, 24, 56, 216, 84
_BACK, _GRID, _DIM, _TEXT, _TEAL, _ORANGE = "#0e1014", "#262b35", "#8e94a4", "#e6e8ee", "#40d3be", "#ff9a45"
_ALIAS = (-160.0, -80.0, 20.0)  # low, high, step of the scale
_BARS = ((24, -100.0), (36, -110.0), (60, -120.0))  # from which note on the alias must lie under what
_DROOP_BAR_DB, _DROOP_HIGH = 0.02, 0.025


def _x(note: int, first: int, last: int) -> float:
    return _LEFT + (note - first) / max(last - first, 1) * (_W - _LEFT - _RIGHT)


def _text(x: float, y: float, words: str, colour: str = _DIM, anchor: str = "end", size: int = 13) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}" font-size="{size}">{words}</text>'


def _path(points: list[tuple[float, float]], colour: str, dash: str = "") -> str:
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>'


class _Panel:
    """One scale under a title: values from low (bottom) to high (top)."""

    def __init__(self, top: float, title: str, low: float, high: float, notes: list[int]):
        self._top, self._low, self._high, self._notes = top, low, high, notes
        self.parts = [_text(_LEFT, top - 14, title, _TEXT, "start", 15)]

    def y(self, value: float) -> float:
        share = (min(max(value, self._low), self._high) - self._low) / (self._high - self._low)
        return self._top + _PANEL * (1 - share)

    def at(self, note: int) -> float:
        return _x(note, self._notes[0], self._notes[-1])

    def grid(self, values: list[float], form: str) -> None:
        for value in values:
            y = self.y(value)
            self.parts += [f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_W - _RIGHT}" y2="{y:.1f}" stroke="{_GRID}"/>',
                           _text(_LEFT - 10, y + 4, form.format(value))]
        for note in (n for n in self._notes if n % 12 == 0):
            x = self.at(note)
            self.parts += [f'<line x1="{x:.1f}" y1="{self._top}" x2="{x:.1f}" y2="{self._top + _PANEL}" stroke="{_GRID}"/>',
                           _text(x, self._top + _PANEL + 20, f"C{note // 12 - 1}", anchor="middle")]

    def curve(self, values: dict[str, float]) -> None:
        self.parts.append(_path([(self.at(int(n)), self.y(v)) for n, v in values.items()], _TEAL))

    def bar(self, steps: list[tuple[int, int, float]]) -> None:
        """(from note, to note, value): what must not be passed."""
        for first, last, value in steps:
            self.parts.append(_path([(self.at(first), self.y(value)), (self.at(last), self.y(value))], _ORANGE, "6 5"))


def draw(alias_db: dict[str, float], droop_db: dict[str, float], file: str | os.PathLike) -> None:
    """Write the picture: dB by MIDI note, the bars dashed. Raises UserError."""
    notes = sorted(int(n) for n in alias_db)
    low, high, step = _ALIAS
    alias = _Panel(_TOP, "Aliasing of a saw, 20 Hz to 20 kHz, dB of the whole", low, high, notes)
    alias.grid([low + i * step for i in range(int((high - low) / step) + 1)], "{:.0f}")
    starts = [max(first, notes[0]) for first, _ in _BARS] + [notes[-1]]
    alias.bar([(starts[i], starts[i + 1], value) for i, (_, value) in enumerate(_BARS)])
    alias.curve(alias_db)
    droop = _Panel(_TOP + _PANEL + _GAP, "Largest level error of a harmonic up to 16 kHz, dB", 0.0, _DROOP_HIGH, notes)
    droop.grid([0.0, 0.005, 0.01, 0.015, 0.02, 0.025], "{:.3f}")
    droop.bar([(notes[0], notes[-1], _DROOP_BAR_DB)])
    droop.curve(droop_db)
    write_whole(Path(file), ("\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_W} {_H}" font-family="Inter, sans-serif">',
        f'<rect width="{_W}" height="{_H}" fill="{_BACK}"/>', *alias.parts, *droop.parts, "</svg>"]) + "\n").encode())
