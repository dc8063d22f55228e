"""The parameters of a row of the chain, in the child: what sets them, what macros and the matrix make of them from chunk to chunk."""

from typing import Any

import numpy as np

from ..engine.insert_layout import N_MACROS
from ..errors import UserError, did_you_mean
from ..patch.hosted_effect import OWN
from .backends import Effect

Row = dict[str, Any]
_MOST_NAMED = 20  # parameters, where one is not found


class RowParams:
    """Of an effect that runs. told: a sentence on what it does not take; wrong: how many settings that are.

    own: what the matrix adds to the row's own wet and bypass.
    """

    def __init__(self, effect: Effect) -> None:
        self._effect = effect
        self._row: Row = {"params": {}, "macros": {}, "moved": {}}
        self._applied: dict[str, Any] = {}
        self._before: dict[str, float] = {}  # where what was set stood, 0..1: that is what taking a setting away means
        self._turned: dict[str, float] = {}  # where macros and the matrix put what they turn, 0..1
        self._rests: dict[str, float] = {}  # where what the matrix moves stands by itself
        self.own = dict.fromkeys(OWN, 0.0)
        self.told, self.wrong = "", 0

    def apply(self, row: Row) -> list[str]:
        """Set what differs from what was set before; what is set no more stands where it stood. Answers which parameters that were."""
        before, self._row, self.wrong, self.told = self._row, row, 0, ""
        gone = [name for name in {**self._applied, **dict.fromkeys(self._let_go(before, row))} if name not in row["params"]]
        for name in gone:
            self._applied.pop(name, None)
            if name in self._before:
                self._effect.set_unit(name, self._before[name])
        changed = [name for name, value in row["params"].items() if name not in self._applied or self._applied[name] != value]
        for name in changed:
            self._keep(name)
            try:
                self._effect.set_param(name, row["params"][name])
            except UserError as error:
                self.told = str(error)
                self.wrong += 1
            self._applied[name] = row["params"][name]
        for name in (*gone, *changed):
            self._turned.pop(name, None)
        self._find_rests([*gone, *changed])
        return [*gone, *changed]

    def _let_go(self, before: Row, row: Row) -> list[str]:
        """Forget what no macro and no slot turns any more; answers what that was, to be set anew."""
        left = [name for name in {**self._turned, **self._rests} if name not in row["macros"]
                and (name not in row["moved"] or name in before["macros"])]
        for name in left:
            self._turned.pop(name, None)
            self._applied.pop(name, None)
        self._rests = {name: unit for name, unit in self._rests.items() if name in row["moved"] and name not in left}
        return left

    def _find_rests(self, anew: list[str]) -> None:
        """Where parameters that the matrix moves stand by themselves. anew: those that were set."""
        self.own = {name: self.own[name] if name in self._row["moved"] else 0.0 for name in OWN}
        for name in self._row["moved"]:
            if name in OWN or (name in self._rests and name not in anew):
                continue
            self._keep(name)
            found = self._effect.params([name])
            if found:
                self._rests[name] = found[0]["unit"]
                self._turned.pop(name, None)
            else:
                has = [str(param["name"]) for param in self._effect.params()]
                self.told = self.told or (f"it has no parameter '{name}'{did_you_mean(name, has)}, so its row of the matrix moves nothing "
                                          f"(it has {', '.join(has[:_MOST_NAMED]) or 'none'})")

    def put_to_rest(self) -> None:
        """What the matrix moves where it stands by itself, until the next chunk: so it is told and kept."""
        for name, unit in self._rests.items():
            if name not in self._row["macros"] and self._turned.pop(name, None) is not None:
                self._effect.set_unit(name, unit)

    def _keep(self, name: str) -> None:
        """Remember where a parameter stands that is set for the first time."""
        if name not in self._before:
            for found in self._effect.params([name]):
                self._before[name] = found["unit"]

    def turn(self, values: np.ndarray) -> None:
        """Set what macros and the matrix turn. values: float32[N_VALUES], macros 0..1, what each slot adds to a range of 0..1."""
        sums = {name: sum(float(values[N_MACROS + slot - 1]) for slot in slots) for name, slots in self._row["moved"].items()}
        self.own = {name: sums.pop(name, 0.0) for name in OWN}
        units = {name: low + (high - low) * float(values[macro - 1]) for name, (macro, low, high) in self._row["macros"].items()}
        for name, unit in {**self._rests, **units}.items():
            unit = min(max(unit + sums.get(name, 0.0), 0.0), 1.0)
            if self._turned.get(name) != unit:
                self._keep(name)
                self._effect.set_unit(name, unit)
                self._turned[name] = unit
