"""What a player can do with the chain of plug-ins: each is an edit of the document, so that undo, presets and autosave have it."""

from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from functools import cached_property

from ..engine.engine import Engine
from ..errors import UserError
from ..hosting.row_status import RowStatus
from ..hosting.words import parse_effect
from ..patch.control_map import ControlRow
from ..patch.hosted_effect import MOST_ROWS, PLACES, HostedEffect, MacroRow, Value, parse_target
from ..patch.patch import Patch
from .background import in_thread
from .effect_editors import EffectEditors
from .effect_params import EffectParam, params_of, value_at
from .effect_scan import EffectScan
from .hosted_chain import HostedChain
from .modulation import mod_rows
from .reload_actions import ReloadActions

Rows = tuple[HostedEffect, ...]


class EffectActions(ReloadActions):
    """Edits of `patch.effects`, by place from 0. chain: what plays them; None without an engine that runs."""

    chain: HostedChain | None = None
    _clear_row: Callable[[int, Hashable], None]

    def begin_chain(self, engine: Engine, blocksize: int) -> None:
        """Follow the document's chain from now on."""
        self.chain = HostedChain(engine, blocksize, lambda: self.patch, self._tell)
        self.chain.start()

    def stop_background(self) -> None:
        """End what runs beside the instrument."""
        super().stop_background()
        self.effect_editors.close_all()
        if self.chain:
            self.chain.close()

    def _as_saved(self, patch: Patch) -> Patch:
        return self.chain.with_states(patch) if self.chain else patch

    @property
    def effects(self) -> Rows:
        """The chain."""
        return self.patch.effects

    def effect_status(self, row: HostedEffect) -> RowStatus:
        """What became of a row: whether it plays, why not, its latency."""
        return self.chain.status(row) if self.chain else RowStatus()

    def effect_params(self, row: HostedEffect) -> tuple[EffectParam, ...]:
        """A row's parameters as knobs show them."""
        return params_of(row, self.effect_status(row))

    @cached_property
    def effect_scan(self) -> EffectScan:
        """Looking for plug-ins on this machine."""
        return EffectScan(self._tell)

    @cached_property
    def effect_editors(self) -> EffectEditors:
        """Plug-ins' own editors that are open."""
        return EffectEditors(self, lambda name: self._editor.values_now(name)[0], self._tell)

    def toggle_effect_editor(self, index: int) -> "Future[None] | None":
        """Open a plug-in's own editor, in a process of its own, or close it. Raises UserError where there can be none."""
        self._check_effect(index)
        row, editors = self.effects[index], self.effect_editors
        if editors.status(row):
            editors.close(row.key)
            return None
        if why := editors.refusal(row):
            raise UserError(why)
        return in_thread(lambda: editors.open(row), self._tell)

    def scan_effects(self, again: bool = False) -> "Future[list]":
        """Look at the plug-ins of this machine that are not known, or at all; what is found is told."""
        return self.effect_scan.start(again)

    def add_effect(self, words: str) -> None:
        """Another plug-in at the end, as `--effect` names it. Raises UserError."""
        row = parse_effect(words)
        if len(self.effects) >= MOST_ROWS:
            raise UserError(f"a chain has at most {MOST_ROWS} effects")
        self._edit_effects(lambda rows: (*rows, row))

    def remove_effect(self, index: int) -> None:
        """Take one out of the chain, and the rows of the matrix that move its parameters with it, as one step."""
        self._check_effect(index)
        row = self.effects[index]
        slots = [mod.slot for mod in mod_rows(self.patch) if (found := parse_target(mod.target)) and found[0] == index]
        step = ("remove effect", row.key)
        self._editor.end_gesture()
        for slot in slots:
            self._clear_row(slot, step)
        self._edit_effects(lambda rows: rows[:index] + rows[index + 1:], step)
        self._editor.end_gesture()
        if slots:
            self._tell(f"{row.name} took {len(slots)} row{'' if len(slots) == 1 else 's'} of the matrix with it; undo brings both back")

    def move_effect(self, index: int, to: int) -> None:
        """Put one elsewhere in the order."""
        self._check_effect(index)
        self._check_effect(to)

        def moved(rows: Rows) -> Rows:
            rest = rows[:index] + rows[index + 1:]
            return (*rest[:to], rows[index], *rest[to:])

        self._edit_effects(moved)

    def step_effect(self, index: int, by: int) -> None:
        """One place up (-1) or down (1) in the way of the sound, as one step: past the next plug-in, or past our own effects."""
        self._check_effect(index)
        row = self.effects[index]
        same = [i for i, other in enumerate(self.effects) if other.place == row.place]
        at = same.index(index) + by
        if 0 <= at < len(same):
            self.move_effect(index, same[at])
        elif (row.place == "behind") == (by < 0):
            rest = (*self.effects[:index], *self.effects[index + 1:])
            moved = replace(row, place="before" if by < 0 else "behind")
            self._edit_effects(lambda rows: (*rest, moved) if by < 0 else (moved, *rest))

    def set_effect(self, index: int, *, bypass: bool | None = None, wet: float | None = None, place: str | None = None,
                   gesture: Hashable = None, together: bool = False) -> None:
        """Switch one off, mix it with what goes in (0 dry to 1), or put it before or behind our own effects. Raises UserError.

        together: as of `set_effect_param`.
        """
        self._check_effect(index)
        if wet is not None and not 0 <= wet <= 1 or place is not None and place not in PLACES:
            raise UserError("an effect's wet is 0 to 1, and its place before or behind")
        found = {"bypass": bypass, "wet": wet, "place": place}
        changed = {name: value for name, value in found.items() if value is not None}
        self._edit_effects(lambda rows: _with(rows, index, **changed),
                           gesture or f"effect {self.effects[index].key} {sorted(changed)}", together)

    def set_effect_param(self, index: int, name: str, value: Value, gesture: Hashable = None, *, together: bool = False) -> None:
        """Turn a plug-in's parameter: 0..1 of its range, or a text as it shows it; a built-in effect's in its units.

        together: beside other gestures, as by controllers under two hands.
        """
        self._check_effect(index)
        row = self.effects[index]
        macros = {key: macro for key, macro in row.macros.items() if key != name}
        self._edit_effects(lambda rows: _with(rows, index, params={**rows[index].params, name: value}, macros=macros),
                           gesture or f"effect {row.key} {name}", together)

    def set_effect_unit(self, index: int, name: str, unit: float, gesture: Hashable = None, *, together: bool = False) -> None:
        """Turn a parameter to a place 0..1 of its range."""
        self._check_effect(index)
        self.set_effect_param(index, name, value_at(self.effects[index], name, unit), gesture, together=together)

    def set_effect_units(self, index: int, units: Mapping[str, float], gesture: Hashable = None, *, together: bool = False,
                         state: bytes | None = None) -> None:
        """Turn parameters to places 0..1 of their ranges, all as one edit. state: what the plug-in keeps beside them from now on."""
        self._check_effect(index)
        row = self.effects[index]
        macros = {key: macro for key, macro in row.macros.items() if key not in units}
        values = {name: value_at(row, name, unit) for name, unit in units.items()}
        kept = {} if state is None else {"state": state}
        self._edit_effects(lambda rows: _with(rows, index, params=rows[index].params | values, macros=macros, **kept), gesture, together)

    def type_effect_param(self, index: int, name: str, text: str) -> None:
        """Set a parameter to what was typed, as the plug-in reads it. Raises UserError with what it says to it."""
        self._check_effect(index)
        row = self.effects[index]
        if self.chain is None or self.chain.host is None:
            raise UserError(f"{row.name} does not run, so it cannot read '{text}'")
        self.set_effect_unit(index, name, self.chain.host.read_text(row.key, name, text))

    def put_effect_on_macro(self, index: int, name: str, macro: MacroRow | None) -> None:
        """Let a macro turn a parameter over its range, or no longer."""
        self._check_effect(index)
        row = self.effects[index]
        macros = {key: kept for key, kept in row.macros.items() if key != name} | ({name: macro} if macro else {})
        params = {key: value for key, value in row.params.items() if key != name} if macro else row.params
        self._edit_effects(lambda rows: _with(rows, index, macros=macros, params=params))

    def open_effect_again(self, index: int) -> "Future[None]":
        """Look for a plug-in that is missing, or was left out, and open it once more."""
        self._check_effect(index)
        key, host = self.effects[index].key, self.chain.host if self.chain else None
        return in_thread(lambda: host.open_again(key) if host else None, self._tell)

    def _check_effect(self, index: int) -> None:
        if not 0 <= index < len(self.effects):
            raise UserError(f"there is no effect {index + 1} in the chain; it has {len(self.effects)}")

    def _edit_effects(self, change: Callable[[Rows], Rows], gesture: Hashable = None, together: bool = False) -> None:
        def changed(patch: Patch) -> Patch:
            rows = change(patch.effects)
            return replace(patch, effects=rows, controls=_renumbered(patch.controls, patch.effects, rows))

        self._editor.change_patch(changed, gesture, together)
        if self.chain:
            self.chain.wake()


def _with(rows: Rows, index: int, **changed) -> Rows:
    return (*rows[:index], replace(rows[index], **changed), *rows[index + 1:])


def _renumbered(controls: tuple[ControlRow, ...], before: Rows, rows: Rows) -> tuple[ControlRow, ...]:
    """A preset's rows of the control map as its chain's places are now; those of a plug-in that was taken out go with it."""
    places = {row.key: i for i, row in enumerate(rows, 1)}

    def moved(control: ControlRow) -> ControlRow | None:
        found = parse_target(control.target)
        if found is None or found[0] >= len(before):
            return control
        place = places.get(before[found[0]].key)
        return replace(control, target=f"effect.{place}.{found[1]}") if place else None

    found = tuple(row for row in map(moved, controls) if row)
    return controls if found == controls else found
