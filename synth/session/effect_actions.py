"""What a player can do with the chain of plug-ins: each is an edit of the document, so that undo, presets and autosave have it."""

import time
from collections.abc import Callable, Hashable
from dataclasses import replace

from ..engine.engine import Engine
from ..errors import UserError
from ..hosting.words import parse_effect
from ..patch.hosted_effect import MOST_ROWS, PLACES, HostedEffect, Value
from ..patch.patch import Patch
from .hosted_chain import HostedChain
from .reload_actions import ReloadActions

Rows = tuple[HostedEffect, ...]


class EffectActions(ReloadActions):
    """Edits of `patch.effects`, by place from 0. chain: what plays them; None without an engine that runs."""

    chain: HostedChain | None = None

    def begin_chain(self, engine: Engine, blocksize: int) -> None:
        """Follow the document's chain from now on."""
        self.chain = HostedChain(engine, blocksize, lambda: self.patch, self._tell)
        self.chain.start()

    def stop_background(self) -> None:
        """End what runs beside the instrument."""
        super().stop_background()
        if self.chain:
            self.chain.close()

    def _as_saved(self, patch: Patch) -> Patch:
        return self.chain.with_states(patch) if self.chain else patch

    @property
    def effects(self) -> Rows:
        """The chain."""
        return self.patch.effects

    def add_effect(self, words: str) -> None:
        """Another plug-in at the end, as `--effect` names it. Raises UserError."""
        row = parse_effect(words)
        if len(self.effects) >= MOST_ROWS:
            raise UserError(f"a chain has at most {MOST_ROWS} effects")
        self._edit_effects(lambda rows: (*rows, row))

    def remove_effect(self, index: int) -> None:
        """Take one out of the chain."""
        self._check_effect(index)
        self._edit_effects(lambda rows: rows[:index] + rows[index + 1:])

    def move_effect(self, index: int, to: int) -> None:
        """Put one elsewhere in the order."""
        self._check_effect(index)
        self._check_effect(to)

        def moved(rows: Rows) -> Rows:
            rest = rows[:index] + rows[index + 1:]
            return (*rest[:to], rows[index], *rest[to:])

        self._edit_effects(moved)

    def set_effect(self, index: int, *, bypass: bool | None = None, wet: float | None = None, place: str | None = None) -> None:
        """Switch one off, mix it with what goes in (0 dry to 1), or put it before or behind our own effects. Raises UserError."""
        self._check_effect(index)
        if wet is not None and not 0 <= wet <= 1 or place is not None and place not in PLACES:
            raise UserError("an effect's wet is 0 to 1, and its place before or behind")
        found = {"bypass": bypass, "wet": wet, "place": place}
        changed = {name: value for name, value in found.items() if value is not None}
        self._edit_effects(lambda rows: _with(rows, index, **changed), f"effect {self.effects[index].key} {sorted(changed)}")

    def set_effect_param(self, index: int, name: str, value: Value, gesture: Hashable = None) -> None:
        """Turn a plug-in's parameter: 0..1 of its range, or a text as it shows it; a built-in effect's in its units."""
        self._check_effect(index)
        row = self.effects[index]
        macros = {key: macro for key, macro in row.macros.items() if key != name}
        self._edit_effects(lambda rows: _with(rows, index, params={**rows[index].params, name: value}, macros=macros),
                           gesture or f"effect {row.key} {name}")

    def _check_effect(self, index: int) -> None:
        if not 0 <= index < len(self.effects):
            raise UserError(f"there is no effect {index + 1} in the chain; it has {len(self.effects)}")

    def _edit_effects(self, change: Callable[[Rows], Rows], gesture: Hashable = None) -> None:
        with self._editor.lock:
            patch = self.document.patch
            self.document.edit(replace(patch, effects=change(patch.effects)), gesture, time.monotonic())


def _with(rows: Rows, index: int, **changed) -> Rows:
    return (*rows[:index], replace(rows[index], **changed), *rows[index + 1:])
