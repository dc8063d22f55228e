"""Rectangles, and the grid that every view stands on. Pure: a size in, rectangles out."""

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


SIZE, MIN_SIZE = (1440, 900), (960, 600)  # at scale 1: as it opens; nothing is clipped or overlaps from the smallest up
MARGIN, GAP = 12, 8
_NARROW, _SHORT, _LOW = 1200, 840, 680  # under these the views stand in a line of their own, panels share room, rows are lower


def window_on(screen: Rect | None, scale: float) -> tuple[Rect, float]:
    """Where a window opens on a screen, in pixels, and the scale at which even its smallest size fits there."""
    if screen is None:
        return Rect(0, 0, SIZE[0] * scale, SIZE[1] * scale), scale
    scale = min(scale, screen.w / MIN_SIZE[0], screen.h / MIN_SIZE[1])
    return Rect(screen.x, screen.y, min(SIZE[0] * scale, screen.w), min(SIZE[1] * scale, screen.h)), scale


class Grid(NamedTuple):
    """Where what stands on every view is, in pixels, and the content between. narrow: the views have a line of their own, `tabs`.

    short: panels share their room by tabs. low: rows are as low as they get.
    """

    header: Rect
    tabs: Rect
    content: Rect
    strip: Rect
    wheels: Rect
    piano: Rect
    status: Rect
    narrow: bool
    short: bool
    low: bool


def lay_out(width: float, height: float, scale: float) -> Grid:
    """The grid of a window of `width` x `height` pixels at `scale` pixels a point."""
    w, h = max(width / scale, MIN_SIZE[0]), max(height / scale, MIN_SIZE[1])
    narrow, short, low = w < _NARROW, h < _SHORT, h < _LOW
    m, inner = MARGIN, w - 2 * MARGIN
    header = Rect(m, 4, inner, 44)
    tabs = Rect(m, 48, inner, 30) if narrow else Rect(m + 138, 4, 480, 44)
    status = Rect(m, h - 26, inner, 24)
    keys_h = 78 if low else 96
    piano_y = status.y - 4 - keys_h
    wheels = Rect(m, piano_y, 132, keys_h)
    piano = Rect(wheels.right + GAP, piano_y, inner - wheels.w - GAP, keys_h)
    strip_h = 54 if low else 64
    strip = Rect(m, piano_y - GAP - strip_h, inner, strip_h)
    top = tabs.bottom + 6 if narrow else 60
    content = Rect(m, top, inner, strip.y - GAP - top)
    header, tabs, content, strip, wheels, piano, status = (
        r.scaled(scale) for r in (header, tabs, content, strip, wheels, piano, status))
    return Grid(header, tabs, content, strip, wheels, piano, status, narrow, short, low)


def columns(rect: Rect, gap: float, *shares: float) -> list[Rect]:
    """A rectangle cut into columns side by side: a share over 1 is a width, one up to 1 a part of what is left."""
    fixed = sum(s for s in shares if s > 1)
    parts = sum(s for s in shares if s <= 1)
    free = rect.w - gap * (len(shares) - 1) - fixed
    found, x = [], rect.x
    for share in shares:
        w = share if share > 1 else free * share / parts
        found.append(Rect(x, rect.y, w, rect.h))
        x += w + gap
    return found


def rows(rect: Rect, gap: float, *shares: float) -> list[Rect]:
    """As `columns`, one under the other."""
    turned = columns(Rect(rect.y, rect.x, rect.h, rect.w), gap, *shares)
    return [Rect(r.y, r.x, r.h, r.w) for r in turned]


def cells(rect: Rect, n_columns: int, n_rows: int = 1) -> list[Rect]:
    """A rectangle cut into equal cells, row by row."""
    w, h = rect.w / n_columns, rect.h / n_rows
    return [Rect(rect.x + w * c, rect.y + h * r, w, h) for r in range(n_rows) for c in range(n_columns)]
