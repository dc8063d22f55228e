"""Parameters of plug-ins under controls: `effect.N.NAME`, N the place in the chain from 1, as learn, the control map and OSC name them."""

from collections.abc import Callable

from ..errors import UserError, did_you_mean
from ..events import Event, Kind
from ..params.controls import MAX_ROWS
from ..patch.control_map import ControlRow
from ..patch.hosted_effect import OWN, HostedEffect, parse_target
from .effect_actions import EffectActions
from .effect_params import EffectParam, param_of
from .row_position import RowMemory, position_after, position_at


class EffectTurns(EffectActions):
    """A part of `Session`."""

    def find_effect(self, target: str) -> tuple[int, HostedEffect, EffectParam]:
        """(place from 0, row, parameter as it is now) of a target. Raises UserError where the sound does not have it."""
        found = parse_target(target)
        if found is None or found[0] >= len(self.effects):
            raise UserError(f"{target}: the chain has {len(self.effects) or 'no'} plug-in{'' if len(self.effects) == 1 else 's'}")
        index, name = found
        row = self.effects[index]
        if name in OWN:
            unit = row.wet if name == "wet" else float(row.bypass)
            return index, row, EffectParam(name, name.capitalize(), unit, "", 1.0 if name == "wet" else 0.0, 2 if name == "bypass" else 0)
        status = self.effect_status(row)
        if not status.ok:
            raise UserError(f"{target}: the plug-in '{row.name}' {status.why}")
        param = param_of(row, status, name)
        if param is None:
            near = did_you_mean(name, [told["name"] for told in status.params])
            raise UserError(f"{target}: the plug-in '{row.name}' has no parameter '{name}'{near}")
        return index, row, param

    def effect_value(self, target: str) -> float:
        """Where a target stands, 0..1. Raises UserError."""
        return self.find_effect(target)[2].unit

    def turn_effect(self, target: str, unit: float) -> None:
        """Turn a target to a place 0..1 of its range; turns within half a second are one step. Raises UserError."""
        index, row, param = self.find_effect(target)
        gesture = ("control", row.key, param.name)
        if param.name == "wet":
            self.set_effect(index, wet=min(max(unit, 0.0), 1.0), gesture=gesture, together=True)
        elif param.name == "bypass":
            self.set_effect(index, bypass=unit >= 0.5, gesture=gesture, together=True)
        else:
            self.set_effect_unit(index, param.name, unit, gesture, together=True)

    def type_effect(self, target: str, text: str) -> None:
        """Set a target to what a text says, as the plug-in reads it. Raises UserError."""
        index, _, param = self.find_effect(target)
        if param.name in OWN:
            raise UserError(f"{target} is a number from 0 to 1, not '{text[:40]}'")
        self.type_effect_param(index, param.name, text)


class PluginRows:
    """Rows of the control map that turn parameters of plug-ins: `take` what the journal tells of their controls.

    What cannot be turned is told once, until it can be again.
    """

    def __init__(self, session: EffectTurns, tell: Callable[[str], None]) -> None:
        self._session, self._tell = session, tell
        self._heard: dict[ControlRow, RowMemory] = {}
        self._refused: set[str] = set()

    def take(self, row: ControlRow, event: Event) -> None:
        """A row's control moved: PLUGIN_AT or PLUGIN_STEPS."""
        if len(self._heard) > MAX_ROWS:  # of maps before
            self._heard.clear()
        memory = self._heard.setdefault(row, RowMemory())
        try:
            _, _, param = self._session.find_effect(row.target)
            if event.kind == Kind.PLUGIN_STEPS:
                position: float | None = position_after(row, memory, int(event.value), param.unit, param.steps)
            else:
                position = position_at(row, memory, event.value, param.unit)
            if position is not None:
                memory.placed = position
                self._session.turn_effect(row.target, position)
            self._refused.discard(row.target)
        except UserError as error:
            if row.target not in self._refused:
                self._refused.add(row.target)
                self._tell(f"{row.source} turns nothing: {error}")
