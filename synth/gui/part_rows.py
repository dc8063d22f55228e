"""What moves knobs inside the parts of a morph: each part brings its own rows of the matrix, which reach as far as it is heard."""

from dataclasses import replace
from typing import TYPE_CHECKING

from ..params.knobs import PARAMS
from ..patch.morph import PART_NAMES
from ..patch.stack import STACK
from ..session.modulation import ModRow, is_two_way, mod_rows, moved_unit

if TYPE_CHECKING:
    from ..patch.patch import Patch
    from ..session.view_state import Snapshot


def reach_of(row: ModRow, two_way: bool) -> tuple[float, float]:
    """How far a row moves its target to either side, in slider positions."""
    return (-abs(row.amount), abs(row.amount)) if two_way else (min(row.amount, 0.0), max(row.amount, 0.0))


class PartRows:
    """Of the patch that was given to `look` last."""

    def __init__(self) -> None:
        self.sources: set[str] = set()
        self._rows: dict[str, list[tuple[int, ModRow, bool]]] = {}  # by target: part, row, whether its source swings to both sides
        self._patch: Patch | None = None
        self._key: tuple = ()
        self._mixed: tuple[Snapshot | None, list[float]] = (None, [])

    @property
    def targets(self) -> frozenset[str]:
        """What any of them moves."""
        return frozenset(self._rows)

    def look(self, patch: "Patch") -> None:
        """Read the rows of a patch's parts anew, where they may have changed."""
        own = {name: value for name, value in patch.params.items() if name.startswith("mod") or name.endswith(".polarity")}
        self._patch, self._mixed = patch, (None, [])
        key = (patch.morph.parts if patch.morph else (), own)
        if len(self._key) == 2 and len(key[0]) == len(self._key[0]) and own == self._key[1] and all(
                a is b for a, b in zip(key[0], self._key[0], strict=True)):
            return
        self._key, self._rows, self.sources = key, {}, set()
        set_for_all = {row.slot for row in mod_rows(patch)}
        for i, part in enumerate(key[0]):
            heard = replace(part, params={**part.params, **own})  # what the morph sets holds in every part
            for row in mod_rows(heard):
                if row.slot not in set_for_all and row.target in PARAMS:  # the plug-ins are the morph's own
                    self._rows.setdefault(row.target, []).append((i, row, is_two_way(heard, row.source)))
                    self.sources |= set() if row.bypass else {row.source, row.via}

    def of(self, target: str) -> list[tuple[str, ModRow]]:
        """(letter of the part, row) of what moves a knob."""
        return [(PART_NAMES[i], row) for i, row, _ in self._rows.get(target, [])]

    def all(self) -> list[tuple[str, ModRow, bool]]:
        """(letter of the part, row, whether its source swings to both sides), part by part."""
        found = sorted((entry for entries in self._rows.values() for entry in entries), key=lambda entry: (entry[0], entry[1].slot))
        return [(PART_NAMES[i], row, two_way) for i, row, two_way in found]

    def reach(self, target: str, snapshot: "Snapshot") -> tuple[float, float, float]:
        """(low, high, now), from a knob's place, in slider positions; each row as far as its part is heard."""
        low = high = now = 0.0
        for i, row, two_way in self._rows.get(target, ()):
            share = self._weights(snapshot)[i]
            if share > 0 and not row.bypass:
                reach = reach_of(row, two_way)
                low, high, now = low + share * reach[0], high + share * reach[1], now + share * moved_unit(row, 0.0, snapshot)
        return low, high, now

    def _weights(self, snapshot: "Snapshot") -> list[float]:
        """How much of each part is heard; all of each, where they are stacked."""
        if self._mixed[0] is not snapshot:
            morph = self._patch.morph if self._patch else None
            assert morph is not None
            at = snapshot.params
            mixed = [1.0] * len(morph.parts) if morph.axis == STACK else morph.weights(at["morph.x"], at["morph.y"]).tolist()
            self._mixed = (snapshot, mixed)
        return self._mixed[1]
