"""Controls that have not taken hold: a row in pick-up mode moves nothing until its control passes where the knob is, so that is told."""

from collections.abc import Callable, Iterator, Sequence

from ..events import Event
from ..params.knobs import PARAMS
from ..patch.control_map import ControlRow
from .row_position import row_position

_REST_S, _AGAIN_S = 0.3, 5.0  # judged when the control has rested so long; told again after so long
_MET = 1.5 / 127  # as near as a knob that follows comes, in slider positions
_NAMED = ("cc", "cc14")


class PickUp:
    """`use` with every map that is heard, `take` with every controller of the journal, `step` often. From one thread.

    present: the slider position where a target is, None where that is not known.
    """

    def __init__(self, present: Callable[[str], float | None]) -> None:
        self._present = present
        self._rows: list[ControlRow] = []
        self._devices: Sequence[str] = ()
        self._stands: dict[tuple[int, int], float] = {}  # (device, controller) -> 0..1, as last heard
        self._moved: dict[ControlRow, tuple[float, float]] = {}  # where its control stands, 0..1, and since when
        self._told: dict[ControlRow, float] = {}

    def use(self, rows: Sequence[ControlRow], devices: Sequence[str]) -> None:
        """Rows by rank, the most special last, and the devices by number from 1."""
        self._rows, self._devices = [row for row in rows if row.kind in _NAMED], devices

    def take(self, event: Event, now_s: float) -> None:
        """A controller came to a value."""
        self._stands[(event.device, event.number)] = value = event.value / 127
        device = self._devices[event.device - 1] if 0 < event.device <= len(self._devices) else ""
        row = next((row for row in reversed(self._rows) if row.number == event.number and row.device in ("", device)
                    and row.channel in (None, event.channel + 1)), None)
        if row is not None:
            self._note(row, value, now_s)

    def take_learnt(self, row: ControlRow, device: int, now_s: float) -> None:
        """A row was learnt from a controller that has come already."""
        if row.kind in _NAMED and (device, row.number) in self._stands:
            self._told.pop(row, None)
            self._note(row, self._stands[(device, row.number)], now_s)

    def _note(self, row: ControlRow, value: float, now_s: float) -> None:
        if row.mode == "pickup" and row.target in PARAMS:
            self._moved[row] = (value, now_s)

    def step(self, now_s: float) -> Iterator[tuple[ControlRow, float]]:
        """(row, value 0..1 of its control at which it takes hold), for controls that came to rest without their knob."""
        for row, (value, since_s) in list(self._moved.items()):
            if now_s - since_s < _REST_S:
                continue
            del self._moved[row]
            present = self._present(row.target)
            if present is None or abs(row_position(row, value) - present) <= _MET:
                self._told.pop(row, None)
            elif now_s - self._told.get(row, -_AGAIN_S) >= _AGAIN_S:
                self._told[row] = now_s
                yield row, min((v / 127 for v in range(128)), key=lambda v: abs(row_position(row, v) - present))
