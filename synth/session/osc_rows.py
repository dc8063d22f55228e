"""Rows of the control map whose control is an OSC path: a value 0..1 moves the target as a controller would."""

from ..params.controls import BRIGHTNESS, NONE
from ..params.knobs import PARAMS
from ..patch.control_map import ControlMap, ControlRow
from ..patch.hosted_effect import parse_target
from .osc_addresses import Arguments, RefusedError, number, one, producer_of
from .osc_session import OscSession
from .row_position import RowMemory, position_at


class OscRows:
    """`take` moves what the map has for a path; unknown paths teach who is learning."""

    def __init__(self, session: OscSession) -> None:
        self._session = session
        self._map: ControlMap | None = None
        self._rows: dict[str, ControlRow] = {}
        self._memories: dict[str, RowMemory] = {}

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
        memory = self._memories.setdefault(path, RowMemory())
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

    def _turn(self, row: ControlRow, memory: RowMemory, value: float, pressed: bool, frame: int | None) -> None:
        if parse_target(row.target):
            position = position_at(row, memory, value, self._session.effect_value(row.target), pressed)
            if position is not None:
                memory.placed = position
                self._session.turn_effect(row.target, position)
            return
        name, low, high = self._target(row)
        declared, now = PARAMS[name], self._session.value_now(name)
        present = declared.to_unit(now) if low is None or high is None else (now - low) / (high - low)
        position = position_at(row, memory, value, present, pressed)
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

