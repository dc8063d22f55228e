"""Rows of the control map whose control is an OSC path: a value 0..1 moves the target as a controller would."""

from dataclasses import dataclass

from ..params.controls import BRIGHTNESS, NONE
from ..params.knobs import PARAMS
from ..patch.control_map import ControlMap, ControlRow
from .osc_addresses import Arguments, RefusedError, number, one, producer_of
from .osc_session import OscSession

_NEAR = 0.5 / 127  # as near as the present value counts as met
_SAME = 1e-6


@dataclass(slots=True)
class _Memory:
    """Of a row: where its control last put the target or would have (slider positions), and whether it was pressed."""

    last: float | None = None
    placed: float | None = None
    down: bool = False


class OscRows:
    """`take` moves what the map has for a path; unknown paths teach who is learning."""

    def __init__(self, session: OscSession) -> None:
        self._session = session
        self._map: ControlMap | None = None
        self._rows: dict[str, ControlRow] = {}
        self._memories: dict[str, _Memory] = {}

    def take(self, path: str, arguments: Arguments, frame: int | None) -> None:
        """A message at a path that is no address of ours. Raises RefusedError, UserError."""
        value = min(max(number(one(arguments)) if arguments else 1.0, 0.0), 1.0)  # without an argument: a button is pressed
        learning = self._session.heard_osc(path, value)
        row = self._row(path)
        if row is None:
            if not learning:
                raise RefusedError("no such address, and no row of the control map hears it")
            return
        if row.target == NONE:
            return
        memory = self._memories.setdefault(path, _Memory())
        if row.target.startswith("action."):
            pressed, memory.down = value >= 0.5 and not memory.down, value >= 0.5
            if pressed or not arguments:
                self._session.act(row.target.removeprefix("action."))
            return
        self._turn(row, memory, value, not arguments, frame)

    def _row(self, path: str) -> ControlRow | None:
        """The row that hears a path: the last that does, for the more special stand last."""
        now = self._session.control_map
        if now is not self._map:
            self._map = now
            self._rows = {row.source.removeprefix("osc:"): row for row in now.rows if row.kind == "osc"}
            self._memories = {path: memory for path, memory in self._memories.items() if path in self._rows}
        return self._rows.get(path)

    def _turn(self, row: ControlRow, memory: _Memory, value: float, pressed: bool, frame: int | None) -> None:
        name, low, high = self._target(row)
        declared, now = PARAMS[name], self._session.value_now(name)
        present = declared.to_unit(now) if low is None or high is None else (now - low) / (high - low)
        position = _position(row, memory, value, pressed, present)
        if position is None:
            return
        memory.placed = position
        wanted = declared.from_unit(position) if low is None or high is None else low + (high - low) * position
        self._session.set_param(name, min(max(wanted, declared.low), declared.high), producer_of(frame), frame=frame)

    def _target(self, row: ControlRow) -> tuple[str, float | None, float | None]:
        """(parameter, its ends where they are those of the model and not its own). Raises RefusedError."""
        if row.target == BRIGHTNESS:
            raise RefusedError("brightness belongs to a MIDI channel; have the row move filter.cutoff_hz")
        group, _, name = row.target.partition(".")
        if group == "direction" and row.target not in PARAMS:
            names = self._session.directions
            if name not in names:
                raise RefusedError(f"this sound has no direction {name}")
            return f"direction.{names.index(name) + 1}", None, None
        if group == "latent":
            source, index = self._session.source, int(name) - 1
            if index >= source.latent_size:
                raise RefusedError(f"this sound has latents 1 to {source.latent_size}")
            half = float(source.high[index] - source.low[index]) / 2
            return row.target, -half, half
        return row.target, None, None


def _position(row: ControlRow, memory: _Memory, value: float, pressed: bool, present: float) -> float | None:
    """The target's slider position for a control that comes to `value`; None where it stays."""
    if row.mode == "toggle":
        goes_down, memory.down = value >= 0.5 and (not memory.down or pressed), value >= 0.5
        on = abs(present - row.high) <= abs(present - row.low)
        return (row.low if on else row.high) if goes_down else None
    if row.mode == "momentary":
        return row.high if value >= 0.5 else row.low
    bent = {"linear": value, "exp": value**2, "log": 1 - (1 - value) ** 2, "s": value**2 * (3 - 2 * value)}[row.curve]
    position, last = row.low + (row.high - row.low) * bent, memory.last
    memory.last = position
    holds = memory.placed is not None and abs(present - memory.placed) < max(_SAME, _NEAR if row.mode == "pickup" else 0.0)
    crossed = last is not None and (last - present) * (position - present) <= 0
    return position if row.mode != "pickup" or holds or crossed or abs(position - present) <= _NEAR else None
