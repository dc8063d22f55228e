"""Icons as lines in a square of 1: what a font need not have."""

import math

Lines = tuple[tuple[tuple[float, float], ...], ...]


def _arc(x: float, y: float, r: float, start: float, end: float, n: int = 12) -> tuple[tuple[float, float], ...]:
    angles = (math.radians(start + (end - start) * i / n) for i in range(n + 1))
    return tuple((x + r * math.cos(a), y + r * math.sin(a)) for a in angles)


def _mirrored(lines: Lines) -> Lines:
    return tuple(tuple((1 - x, y) for x, y in line) for line in lines)


_UNDO: Lines = (((0.38, 0.16), (0.16, 0.38), (0.38, 0.6)), ((0.16, 0.38), (0.6, 0.38), *_arc(0.6, 0.6, 0.22, -90, 90), (0.4, 0.82)))
ICONS: dict[str, Lines] = {
    "left": (((0.62, 0.2), (0.36, 0.5), (0.62, 0.8)),),
    "right": (((0.38, 0.2), (0.64, 0.5), (0.38, 0.8)),),
    "undo": _UNDO, "redo": _mirrored(_UNDO),
    "search": (_arc(0.42, 0.42, 0.27, 0, 360, 20), ((0.62, 0.62), (0.86, 0.86))),
    "settings": (_arc(0.5, 0.5, 0.17, 0, 360, 16), _arc(0.5, 0.5, 0.33, 0, 360, 24),
                 *((((0.5 + 0.33 * math.cos(a), 0.5 + 0.33 * math.sin(a)), (0.5 + 0.45 * math.cos(a), 0.5 + 0.45 * math.sin(a))))
                   for a in (math.radians(45 * i) for i in range(8)))),
    "heart": (((0.5, 0.84), (0.16, 0.48), *_arc(0.33, 0.35, 0.19, 150, 350, 8), (0.5, 0.36), *_arc(0.67, 0.35, 0.19, 190, 390, 8),
               (0.84, 0.48), (0.5, 0.84)),),
    "up": (((0.2, 0.62), (0.5, 0.36), (0.8, 0.62)),),
    "down": (((0.2, 0.38), (0.5, 0.64), (0.8, 0.38)),),
    "close": (((0.25, 0.25), (0.75, 0.75)), ((0.75, 0.25), (0.25, 0.75))),
}
