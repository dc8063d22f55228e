"""Rectangles and where the panels go. Pure: a size in, rectangles out."""

from typing import NamedTuple


class Rect(NamedTuple):
    """A rectangle in viewport pixels."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """x of the right edge."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """y of the lower edge."""
        return self.y + self.h

    def holds(self, x: float, y: float) -> bool:
        """True when the point is inside."""
        return self.x <= x < self.x + self.w and self.y <= y < self.y + self.h

    def inset(self, left: float, top: float | None = None, right: float | None = None, bottom: float | None = None) -> "Rect":
        """The rectangle with margins cut off; one number cuts all four sides."""
        top = left if top is None else top
        right = left if right is None else right
        bottom = top if bottom is None else bottom
        return Rect(self.x + left, self.y + top, max(1.0, self.w - left - right), max(1.0, self.h - top - bottom))

    def scaled(self, factor: float) -> "Rect":
        """Every number times `factor`."""
        return Rect(self.x * factor, self.y * factor, self.w * factor, self.h * factor)


MIN_SIZE = (960, 640)  # at scale 1: nothing is clipped or overlaps from here up
KNOB_W, KNOB_H, GROUP_TITLE_H, GROUP_GAP = 54, 74, 20, 14


class Layout(NamedTuple):
    """Where each part of the window is."""

    header: Rect
    latents: Rect
    morph: Rect
    wave: Rect
    scope: Rect
    spectrum: Rect
    output: Rect
    knobs: Rect
    piano: Rect
    status: Rect


def lay_out(width: float, height: float, scale: float, groups: list[int]) -> Layout:
    """Rectangles of the panels. `groups` is the number of knobs in each group, which sets the height of their panel."""
    w, h = max(width / scale, MIN_SIZE[0]), max(height / scale, MIN_SIZE[1])
    m, g = 10, 8
    header = Rect(m, 6, w - 2 * m, 42)
    status = Rect(m, h - 26, w - 2 * m, 24)
    piano_h = min(max(h * 0.145, 84), 150)
    piano = Rect(m, status.y - 4 - piano_h, w - 2 * m, piano_h)
    rows = len(knob_rows(groups, w - 2 * m - 24))
    knobs_h = min(rows, 3) * (KNOB_H + GROUP_TITLE_H) + 14
    knobs = Rect(m, piano.y - g - knobs_h, w - 2 * m, knobs_h)
    top = header.bottom + 6
    main_h = knobs.y - g - top
    left_w, right_w, out_w = max(250, w * 0.255), max(190, w * 0.215), 84
    latents_h = (main_h - g) * 0.55
    latents = Rect(m, top, left_w, latents_h)
    morph = Rect(m, latents.bottom + g, left_w, main_h - g - latents_h)
    output = Rect(w - m - out_w, top, out_w, main_h)
    scope = Rect(output.x - g - right_w, top, right_w, (main_h - g) / 2)
    spectrum = Rect(scope.x, scope.bottom + g, right_w, (main_h - g) / 2)
    wave = Rect(latents.right + g, top, scope.x - 2 * g - latents.right, main_h)
    parts = (header, latents, morph, wave, scope, spectrum, output, knobs, piano, status)
    return Layout(*(part.scaled(scale) for part in parts))


def knob_rows(groups: list[int], width: float) -> list[list[int]]:
    """Indices of the groups in each row, `width` at scale 1: groups stay whole and flow like words, rows even in length."""
    rows = _flowed(groups, width)
    narrow = width
    while narrow > width / 2 and len(_flowed(groups, narrow - KNOB_W)) == len(rows):
        narrow -= KNOB_W
    return _flowed(groups, narrow)


def _flowed(groups: list[int], width: float) -> list[list[int]]:
    rows: list[list[int]] = [[]]
    used = 0.0
    for i, count in enumerate(groups):
        need = count * KNOB_W + (GROUP_GAP if rows[-1] else 0)
        if rows[-1] and used + need > width:
            rows.append([])
            used, need = 0.0, count * KNOB_W
        rows[-1].append(i)
        used += need
    return rows
