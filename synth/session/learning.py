"""A control that is being learnt: what came in while somebody moves one, and the row that follows from it."""

import threading
from collections import deque
from collections.abc import Sequence

from ..errors import UserError
from ..events import Event
from ..patch.control_map import ControlRow
from .learn import Learner


class Learning:
    """A control that is being learnt. `row` once it is known; `done` is set then, or when it was given up."""

    def __init__(self, target: str) -> None:
        self.learner = Learner(target)
        self.done = threading.Event()
        self.row: ControlRow | None = None
        self._heard_osc: deque[tuple[str, float]] = deque(maxlen=64)

    def cancel(self) -> None:
        """Give up."""
        self.done.set()

    def wait(self, timeout_s: float) -> ControlRow:
        """The row, once a control has moved. Raises UserError where none did in time, or it was given up."""
        self.done.wait(timeout_s)
        if self.row is None:
            self.cancel()
            raise UserError(f"no control moved, so nothing moves {self.learner.target}")
        return self.row

    def hear_osc(self, path: str, value: float) -> None:
        """From any thread: an OSC path came with a value; `take` will see it."""
        self._heard_osc.append((path, value))

    def take(self, taken: Sequence[tuple[int, Event]], now_s: float) -> tuple[ControlRow, int] | None:
        """Rows of the journal; (row, number of its device) once it is known. Raises UserError for a control that cannot be learnt."""
        for _, event in taken:
            self.learner.take(event, now_s)
        while self._heard_osc:
            self.learner.take_osc(*self._heard_osc.popleft(), now_s)
        return self.learner.row(now_s)
