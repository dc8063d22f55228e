"""Where a row of the control map puts its target, for what is turned outside the engine: OSC paths, parameters of plug-ins.

The rules are those of `engine/notes/control_rows.py`, in plain Python.
"""

from dataclasses import dataclass

from ..patch.control_map import ControlRow

_NEAR = 0.5 / 127  # as near as the present value counts as met
_SAME, _STEP = 1e-6, 1 / 127


@dataclass(slots=True)
class RowMemory:
    """Of a row: where its control last put the target or would have (slider positions), and whether it was pressed."""

    last: float | None = None
    placed: float | None = None
    down: bool = False

    def holds(self, present: float, near: float = 0.0) -> bool:
        """Whether the target is still where the row left it."""
        return self.placed is not None and abs(present - self.placed) < max(_SAME, near)


def row_position(row: ControlRow, value: float) -> float:
    """Slider position that a row asks for when its control is at `value`, 0..1."""
    bent = {"linear": value, "exp": value**2, "log": 1 - (1 - value) ** 2, "s": value**2 * (3 - 2 * value)}[row.curve]
    return row.low + (row.high - row.low) * bent


def position_at(row: ControlRow, memory: RowMemory, value: float, present: float, pressed: bool = False) -> float | None:
    """The target's slider position for a control that comes to `value`, 0..1; None where it stays.

    present: where the target is. pressed: the control says that it goes down, whatever it said before.
    """
    if row.mode == "toggle":
        goes_down, memory.down = value >= 0.5 and (not memory.down or pressed), value >= 0.5
        on = abs(present - row.high) <= abs(present - row.low)
        return (row.low if on else row.high) if goes_down else None
    if row.mode == "momentary":
        return row.high if value >= 0.5 else row.low
    position, last = row_position(row, value), memory.last
    memory.last = position
    holds = memory.holds(present, _NEAR if row.mode == "pickup" else 0.0)
    crossed = last is not None and (last - present) * (position - present) <= 0
    return position if row.mode != "pickup" or holds or crossed or abs(position - present) <= _NEAR else None


def position_after(row: ControlRow, memory: RowMemory, steps: int, present: float, places: int = 0) -> float:
    """The slider position so many steps of an encoder on, within the row's range. places: of a target that has so many, 0: any."""
    start = memory.placed if memory.placed is not None and memory.holds(present) else present
    step = max(_STEP, 1 / (places - 1)) if places > 1 else _STEP * abs(row.high - row.low)
    low, high = min(row.low, row.high, start), max(row.low, row.high, start)
    return min(max(start + steps * (-step if row.high < row.low else step), low), high)
