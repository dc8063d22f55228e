"""The modulation matrix as a player edits it: rows of what moves what, one drop or drag a step of undo."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import UserError
from ..params.knobs import MOD_SOURCES, MOD_TARGETS, N_SLOTS, PARAMS, param
from ..patch.hosted_effect import parse_target
from ..patch.lfo_shape import check_shape
from ..patch.mod_slots import number_of
from ..patch.patch import Patch, plugin_targets
from .differences import value_of

if TYPE_CHECKING:
    from .editor import Editor
    from .view_state import Snapshot

TWO_WAY = frozenset({"key", "slide", "bend", *(f"lfo{n}" for n in range(1, 5))})  # sources that swing to both sides of 0
FIRST_DEPTH = {  # what one gesture gives a new row: 20 ct, 12 st, 15 % of the map
    "osc.fine_cents": 0.1, "osc.coarse_semitones": 0.125, "map.x": 0.075, "map.y": 0.075}
_DEPTH, _OPENED, _VIBRATO_HZ = 0.25, 0.45, 5.5


@dataclass(frozen=True, slots=True)
class ModRow:
    """A row of the matrix. slot: from 1. amount: -1..1 of the target's whole range. via: what scales it, or 'none'.

    target: a knob, or `effect.N.NAME`; bare `effect` where the chain has lost it. bypass: it moves nothing, and keeps what it is set to.
    """

    slot: int
    source: str
    target: str
    amount: float
    via: str
    bypass: bool = False


def mod_rows(patch: Patch) -> list[ModRow]:
    """Every row of a patch that has a source and a target, by slot."""
    rows, of_plugins = [], plugin_targets(patch)
    for n in range(1, N_SLOTS + 1):
        target = MOD_TARGETS[int(value_of(patch, f"mod{n}.target"))]
        source = MOD_SOURCES[int(value_of(patch, f"mod{n}.source"))]
        if target != "none" and source != "none":
            via, bypass = MOD_SOURCES[int(value_of(patch, f"mod{n}.via"))], value_of(patch, f"mod{n}.bypass") != 0
            target = of_plugins.get(f"mod{n}.target", target)
            rows.append(ModRow(n, source, target, value_of(patch, f"mod{n}.amount"), via, bypass))
    return rows


def is_two_way(patch: Patch, source: str) -> bool:
    """Whether a source swings to both sides of what it moves: an LFO may be told to go upwards only."""
    if source.startswith("lfo"):
        return PARAMS[f"{source}.polarity"].choices[int(value_of(patch, f"{source}.polarity"))] == "bipolar"
    return source in TWO_WAY


def moved_unit(row: ModRow, unit: float, snapshot: "Snapshot") -> float:
    """Slider position 0..1 to which a row alone moves a knob at `unit`, for the newest voice."""
    scale = 1.0 if row.via == "none" else snapshot.sources.get(row.via, 0.0)
    if row.bypass:
        return unit
    return unit + row.amount * snapshot.sources.get(row.source, 0.0) * scale


class ModulationActions:
    """Edits of the matrix, and of what LFOs are drawn as; a part of the session. Every one is one step of undo."""

    if TYPE_CHECKING:  # what the whole has
        @property
        def patch(self) -> Patch:  # noqa: D102
            ...

    _editor: "Editor"
    set_param: Callable[..., None]
    effect_value: Callable[[str], float]
    end_gesture: Callable[[], None]

    def modulate(self, source: str, target: str, amount: float | None = None, via: str = "none",
                 also: Mapping[str, object] | None = None) -> int:
        """Let a source move a knob; answers the slot. amount None: the depth that a first drop gives (see `first_depth`).
        also: knobs that are set in the same step.

        A row of the same source and target that is there already is only given the amount. In a morph the slot is one that no part
        uses: what the morph sets holds in all of them, in the place of their own row. Raises UserError where no slot is free.
        """
        rows, patch = mod_rows(self.patch), self.patch
        known = next((row for row in rows if (row.source, row.target) == (source, target)), None)
        if known and amount is None:
            return known.slot
        parts = patch.morph.parts if patch.morph else ()
        taken = {row.slot for one in (patch, *parts) for row in mod_rows(one)}
        slot = known.slot if known else next((n for n in range(1, N_SLOTS + 1) if n not in taken), None)
        if slot is None:
            raise UserError(f"all {N_SLOTS} rows of the matrix are in use; remove one first")
        step = ("modulate", slot)
        self.end_gesture()
        depth, others = self.first_depth(source, target)  # refuses what is not there
        if amount is not None:
            depth, others = amount, {}
        values: dict[str, object] = {f"mod{slot}.amount": depth, f"mod{slot}.source": source, f"mod{slot}.target": target,
                                     f"mod{slot}.via": via, **others, **(also or {})}
        for name, value in values.items():
            if number_of(name, value) != value_of(patch, name) or parse_target(str(value)):
                self.set_param(name, value, gesture=step)
        self.end_gesture()
        return slot

    def first_depth(self, source: str, target: str) -> tuple[float, dict[str, object]]:
        """What a first drop of a source on a knob gives: (amount, other knobs that it sets).

        A source of one way on a knob at its top lowers the knob, so that the source opens it; an LFO that moves nothing yet runs at a
        vibrato's rate on pitch. Raises UserError for a parameter of a plug-in that the chain has not.
        """
        if parse_target(target):  # at its top it is lowered
            full = self.effect_value(target) > 0.999 and not is_two_way(self.patch, source)
            return -_DEPTH if full else _DEPTH, {}
        patch = self.patch
        others: dict[str, object] = {}
        depth = FIRST_DEPTH.get(target, _DEPTH)
        if target in ("morph.x", "morph.y"):
            depth = 0.5 if is_two_way(patch, source) else 1.0  # all the way from one preset to the other
        knob, unit = param(target), param(target).to_unit(value_of(patch, target))
        if not is_two_way(patch, source) and unit > 0.999 and not knob.whole:
            depth = _OPENED if target == "filter.cutoff_hz" else depth
            others[target] = knob.from_unit(unit - depth)
        used = any(source in (row.source, row.via) for row in mod_rows(patch))
        rate = f"{source}.rate_hz"
        if rate in PARAMS and not used and target.startswith("osc.") and target in FIRST_DEPTH and rate not in patch.params:
            others[rate] = _VIBRATO_HZ
        return depth, others

    def set_lfo_shape(self, lfo: str, points: Sequence[Sequence[float]], gesture: Hashable = None) -> None:
        """Draw the free shape of an LFO, `lfo1` to `lfo4`, which then plays it: points of (place 0..1, value -1..1, bend), as one step.

        Raises UserError where they are no shape.
        """
        shape = check_shape([[round(float(number), 6) for number in point] for point in points])
        self._editor.set_lfo_shape(lfo, shape, gesture=gesture)

    def set_row(self, slot: int, gesture: Hashable = None, **parts: object) -> None:
        """Change parts of a row: source, target, amount, via, bypass."""
        for part, value in parts.items():
            self.set_param(f"mod{slot}.{part}", value, gesture=gesture or ("modulate", slot, part))

    def remove_row(self, slot: int) -> None:
        """Take a row out of the matrix."""
        self.end_gesture()
        self._clear_row(slot, ("remove", slot))
        self.end_gesture()

    def _clear_row(self, slot: int, gesture: Hashable) -> None:
        for part in ("target", "source", "amount", "via", "bypass"):
            declared = PARAMS[f"mod{slot}.{part}"]
            if value_of(self.patch, declared.name) != declared.default:
                self.set_param(declared.name, declared.default, gesture=gesture)
