"""What a player can do with the control map: learn a control, see every row, change and forget them."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..patch.control_map import ControlMap, PlacedRow, check_target
from .controls import Controls, Learning
from .document import Layers

if TYPE_CHECKING:
    from .loader import Loader


class ControlActions:
    """A part of `Session`."""

    _controls: Controls
    _loader: "Loader"

    def learn(self, target: str) -> Learning:
        """The next control that is moved is to move `target`: a row of the user's for its device. Raises UserError for no target."""
        return self._controls.learn(target)

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
        """A control moves nothing any more: a row of the user's goes, one of the defaults or of a preset is laid over. Raises UserError."""
        self._controls.forget(placed)

    def _unlearn(self, layers: Layers) -> None:
        """Undo or redo of a learnt control: heard at once, and written by the loader's thread."""
        self._loader.do(self._controls.bring_back(layers))

    def change_control(self, placed: PlacedRow, **changes: Any) -> None:
        """A row moves something else, between other ends, or in another mode; as a row of the user's, one step. Raises UserError."""
        row = replace(placed.row, **changes)
        check_target(row.target)
        self._controls.put(row, row.device)
