"""Parameters of a plug-in as knobs show them: what the document says, in the plug-in's own words where its process has told them."""

from dataclasses import dataclass

from ..hosting.builtins import BUILTINS
from ..hosting.row_status import RowStatus
from ..params.param import Param
from ..patch.hosted_effect import HostedEffect, MacroRow, Value

_SAME = 1e-3  # of the range: as near as what the process told counts as what was set


@dataclass(frozen=True, slots=True)
class EffectParam:
    """One parameter. unit, home: where it stands now and by default, 0..1. text: its value as shown. steps: how many places it has, 0 for
    any number. macro: what turns it, if one does.
    """

    name: str
    label: str
    unit: float
    text: str
    home: float
    steps: int = 0
    macro: MacroRow | None = None


def params_of(row: HostedEffect, status: RowStatus) -> tuple[EffectParam, ...]:
    """Of a row of the chain; none before its process has told which there are."""
    return tuple(_param(row, told) for told in status.params)


def param_of(row: HostedEffect, status: RowStatus, name: str) -> EffectParam | None:
    """One of them by its name; None where its process tells of none."""
    return next((_param(row, told) for told in status.params if told["name"] == name), None)


def _param(row: HostedEffect, told: dict) -> EffectParam:
    name, unit, text, steps = told["name"], float(told["unit"]), str(told["text"]), int(told["steps"])
    wanted = _unit_of(row, name)
    if wanted is not None and name not in row.macros and abs(wanted - unit) > (0.51 / (steps - 1) if steps else _SAME):
        knob = _declared(row, name)  # set, and not told yet
        unit, text = wanted, knob.show(knob.from_unit(wanted)) if knob else f"{100 * wanted:.0f} %"
    return EffectParam(name, str(told["label"]), min(max(unit, 0.0), 1.0), text, float(told["home"]), steps, row.macros.get(name))


def _declared(row: HostedEffect, name: str) -> Param | None:
    """The declaration of a built-in effect's parameter."""
    return next((p for p in BUILTINS.get(row.name, ()) if p.name == name), None) if row.kind == "builtin" else None


def _unit_of(row: HostedEffect, name: str) -> float | None:
    """Where the document has a parameter, 0..1; None where it says nothing, or in the plug-in's words."""
    value, knob = row.params.get(name), _declared(row, name)
    if not isinstance(value, float | int):
        return None
    return knob.to_unit(float(value)) if knob else float(value)


def value_at(row: HostedEffect, name: str, unit: float) -> Value:
    """What the document holds for a place 0..1 of a parameter's range: a built-in effect's is in its units."""
    knob, unit = _declared(row, name), min(max(unit, 0.0), 1.0)
    return min(max(knob.from_unit(unit), knob.low), knob.high) if knob else unit
