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


SIZE, MIN_SIZE = (1440, 900), (960, 640)  # at scale 1: as it opens; nothing is clipped or overlaps from the smallest up
KNOB_W, KNOB_H, GROUP_TITLE_H, GROUP_GAP = 54, 74, 20, 14
ROW_H = KNOB_H + GROUP_TITLE_H
PAGER_W = 60
KNOB_MARGIN = 24 + PAGER_W  # of a row in its panel, both sides together; the pager is on the right
_PANELS_H = 240  # the panels above the knobs are at least so high where the window allows it; a row of knobs yields to them
_STACKED_H = 360  # from here up there is room for a latent's travel and the pad below it


def window_on(screen: Rect | None, scale: float) -> tuple[Rect, float]:
    """Where a window opens on a screen, in pixels, and the scale at which even its smallest size fits there."""
    if screen is None:
        return Rect(0, 0, SIZE[0] * scale, SIZE[1] * scale), scale
    scale = min(scale, screen.w / MIN_SIZE[0], screen.h / MIN_SIZE[1])
    return Rect(screen.x, screen.y, min(SIZE[0] * scale, screen.w), min(SIZE[1] * scale, screen.h)), scale


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
    top = header.bottom + 6
    free = piano.y - 2 * g - top - 14  # for the panels and the rows of knobs
    rows = min(len(knob_rows(groups, w - 2 * m - KNOB_MARGIN)), max(1, min(3, int((free - _PANELS_H) / ROW_H))))
    knobs_h = rows * ROW_H + 14
    knobs = Rect(m, piano.y - g - knobs_h, w - 2 * m, knobs_h)
    main_h = knobs.y - g - top
    out_w = 84
    if main_h >= _STACKED_H:  # latents above the morph pad
        left_w, right_w, latents_h = max(250, w * 0.255), max(190, w * 0.215), (main_h - g) * 0.55
        latents = Rect(m, top, left_w, latents_h)
        morph = Rect(m, latents.bottom + g, left_w, main_h - g - latents_h)
    else:  # beside it
        right_w = max(150, w * 0.18)
        latents = Rect(m, top, max(230, w * 0.23), main_h)
        morph = Rect(latents.right + g, top, min(main_h - 20, w * 0.2), main_h)
    output = Rect(w - m - out_w, top, out_w, main_h)
    scope = Rect(output.x - g - right_w, top, right_w, (main_h - g) / 2)
    spectrum = Rect(scope.x, scope.bottom + g, right_w, (main_h - g) / 2)
    left = max(latents.right, morph.right) + g
    wave = Rect(left, top, scope.x - g - left, main_h)
    parts = (header, latents, morph, wave, scope, spectrum, output, knobs, piano, status)
    return Layout(*(part.scaled(scale) for part in parts))


def knob_rows(groups: list[int], width: float) -> list[list[int]]:
    """Indices of the groups in each row, `width` at scale 1: groups stay whole and flow like words, rows even in length."""
    rows = _flowed(groups, width)
    narrow = width
    while narrow > width / 2 and len(_flowed(groups, narrow - KNOB_W)) == len(rows):
        narrow -= KNOB_W
    return _flowed(groups, narrow)


def knob_rows_in(height: float) -> int:
    """Rows of knobs that a panel of a height at scale 1 shows."""
    return max(1, int(height // ROW_H))


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
