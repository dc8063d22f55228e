"""The free shape of an LFO: points over a cycle, joined by segments that may bend. What `lfoN.shape` = free plays."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..errors import UserError
from ..params.knobs import MAX_LFO_POINTS, N_LFOS

Point = tuple[float, float, float]  # place 0..1 in the cycle, value -1..1, bend of the segment to the next point
Shape = tuple[Point, ...]
MOST_BEND = 10.0  # of a segment: 0 is straight, more moves fast first, less slow first, as the curves of an envelope
LFO_NAMES = tuple(f"lfo{n}" for n in range(1, N_LFOS + 1))
FIRST_SHAPE: Shape = ((0.0, -1.0, 0.0), (0.5, 1.0, 0.0), (1.0, -1.0, 0.0))  # of an LFO for which nothing was drawn
STEEP = 24.0  # of a segment, in values a cycle: what is steeper counts as a jump, and is smoothed as one


def check_shape(points: Sequence[Sequence[float]]) -> Shape:
    """Points as a shape: 2 to 32, from 0 to 1, none before the one before it. Raises UserError."""
    if not 2 <= len(points) <= MAX_LFO_POINTS:
        raise UserError(f"an LFO's free shape has 2 to {MAX_LFO_POINTS} points, not {len(points)}")
    try:
        rows = np.array([[float(number) for number in point] for point in points])
    except (TypeError, ValueError):
        raise UserError("each point of an LFO's free shape is three numbers: place, value and bend") from None
    if rows.shape[1:] != (3,) or not np.isfinite(rows).all():
        raise UserError("each point of an LFO's free shape is three finite numbers: place, value and bend")
    places, values, bends = rows.T
    if places[0] != 0 or places[-1] != 1 or (np.diff(places) < 0).any():
        raise UserError("the points of an LFO's free shape go from place 0 to place 1, none before the one before it")
    if (np.abs(values) > 1).any() or (np.abs(bends) > MOST_BEND).any():
        raise UserError(f"points of an LFO's free shape have values from -1 to 1 and bends from {-MOST_BEND:g} to {MOST_BEND:g}")
    return tuple((float(a), float(b), float(c)) for a, b, c in rows)


def from_json(data: object) -> dict[str, Shape]:
    """Shapes by LFO from a preset's `lfo_shapes`. Raises UserError."""
    if data is None:
        return {}
    if not isinstance(data, Mapping):
        raise UserError("lfo_shapes must be an object of lists of points")
    found = {}
    for name, points in data.items():
        if name not in LFO_NAMES:
            raise UserError(f"lfo_shapes belong to lfo1 to lfo{N_LFOS}, not to {str(name)[:40]}")
        if not isinstance(points, list) or not all(isinstance(p, list) and not any(isinstance(x, bool | str) for x in p) for p in points):
            raise UserError(f"the shape of {name} must be a list of points")
        found[name] = check_shape(points)
    return found


def to_json(shapes: Mapping[str, Shape]) -> dict[str, list[list[float]]]:
    """Shapes as a preset keeps them, to a millionth."""
    return {name: [[round(number, 6) for number in point] for point in shape] for name, shape in shapes.items()}


def value_at(shape: Shape, cycles: np.ndarray) -> np.ndarray:
    """Value -1..1 of a shape at places in cycles, float64[n]: what the engine plays (engine/dsp/lfo.py), for pictures and as its oracle."""
    places, values, bends = np.array(shape).T
    t = cycles - np.floor(cycles)
    at = np.clip(np.searchsorted(places, t, side="right") - 1, 0, len(places) - 2)
    width = places[at + 1] - places[at]
    u = np.clip(np.where(width > 0, (t - places[at]) / np.where(width > 0, width, 1), 1.0), 0, 1)
    return values[at] + (values[at + 1] - values[at]) * bent(u, bends[at])


def bent(u: np.ndarray, bend: np.ndarray) -> np.ndarray:
    """0..1 -> 0..1 along a bent segment."""
    straight = np.abs(bend) < 1e-3
    some = np.where(straight, 1.0, bend)
    return np.where(straight, u, np.expm1(-some * u) / np.expm1(-some))


def changes(before: Shape, after: Shape) -> list[tuple[int, int, float]]:
    """(point, 0 place 1 value 2 bend, number) of what must be set so that one shape becomes another."""
    return [(i, part, number) for i, point in enumerate(after) for part, number in enumerate(point)
            if i >= len(before) or before[i][part] != number]


def turned(shape: Shape, count: int | None, numbers: Mapping[tuple[int, int], float]) -> Shape:
    """The shape with another count of points (None: as many) and numbers of them set, by (point, part), as events tell them one by one."""
    rows = [list(point) for point in shape]
    if count is not None:
        n = min(max(count, 2), MAX_LFO_POINTS)
        rows = [*rows[:n], *([1.0, *shape[-1][1:]] for _ in range(n - len(rows)))]
    for (point, part), number in numbers.items():
        if point < len(rows):
            low, high = ((0.0, 1.0), (-1.0, 1.0), (-MOST_BEND, MOST_BEND))[part]
            rows[point][part] = min(max(float(number), low), high)
    rows.sort(key=lambda row: row[0])
    rows[0][0], rows[-1][0] = 0.0, 1.0
    return tuple((a, b, c) for a, b, c in rows)
