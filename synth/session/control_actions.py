"""What a player can do with the control map: learn a control, see every row, change and forget them."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..patch.control_map import ControlMap, ControlRow, PlacedRow, check_rows, check_target, with_row
from .control_files import OWN
from .controls import Controls
from .document import State
from .learning import Learning

if TYPE_CHECKING:
    from ..patch.patch import Patch
    from .editor import Editor
    from .loader import Loader


class ControlActions:
    """A part of `Session`."""

    _controls: Controls
    _loader: "Loader"
    _editor: "Editor"
    if TYPE_CHECKING:
        @property
        def patch(self) -> "Patch":  # noqa: D102
            ...

    def learn(self, target: str) -> Learning:
        """The next control that is moved is to move `target`: a row of the user's for its device, the sound's own where that is a plug-in's
        parameter (`effect.N.NAME`). Raises UserError for no target.
        """
        return self._controls.learn(target)

    @property
    def wheel(self) -> float:
        """Where the modulation wheel stands, 0..1, as it was last heard from any input."""
        return self._controls.wheel

    def name_targets(self, name: Callable[[str], str]) -> None:
        """What is told of controls names their targets so."""
        self._controls.name_target = name

    def act(self, name: str) -> None:
        """Do what `action.NAME` of the control map does. Raises UserError."""
        self._controls.act(name)

    def heard_osc(self, path: str, value: float) -> bool:
        """An OSC path that is no address of ours came with a value 0..1; answers whether somebody is learning from it."""
        return self._controls.heard_osc(path, value)

    @property
    def control_map(self) -> ControlMap:
        """What is heard now; another object after each change."""
        return self._controls.map

    @property
    def control_rows(self) -> list[PlacedRow]:
        """Every row of the control map that may be heard, with where it comes from."""
        return self._controls.rows

    def control_rows_of(self, target: str) -> list[PlacedRow]:
        """Rows that move a target."""
        return [placed for placed in self._controls.rows if placed.row.target == target]

    def forget_control(self, placed: PlacedRow) -> None:
        """A control moves nothing any more: a row of the user's or the sound's own goes, a default is laid over. Raises UserError."""
        if placed.origin == OWN:
            self._keep_rows(lambda rows: tuple(row for row in rows if row != placed.row))
        else:
            self._controls.forget(placed)

    def keep_control(self, row: ControlRow) -> None:
        """A row is the sound's own from now on, in the place of that on its control; one step. Raises UserError for too many."""
        check_rows(with_row(self.patch.controls, row))
        self._keep_rows(lambda rows: with_row(rows, row))

    def _keep_rows(self, change: Callable[[tuple[ControlRow, ...]], tuple[ControlRow, ...]]) -> None:
        self._editor.change_patch(lambda patch: replace(patch, controls=change(patch.controls)))

    def _rows_changed(self, before: State, now: State) -> None:
        """An edit, undo or redo: heard at once; the user's are written by the loader's thread."""
        if before.patch.controls != now.patch.controls:
            self._controls.follow(now.patch.controls, self._editor.source.direction_names)
        if before.controls != now.controls:
            self._loader.do(self._controls.bring_back(now.controls))

    def change_control(self, placed: PlacedRow, **changes: Any) -> None:
        """A row moves something else, between other ends, or in another mode; one step. A default becomes the user's. Raises UserError."""
        row = replace(placed.row, **changes)
        check_target(row.target)
        if placed.origin == OWN:
            self.keep_control(row)
        else:
            self._controls.put(row, row.device)
