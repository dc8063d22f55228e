"""The document's chain of plug-ins, kept as one with the child that plays it: a thread of its own, as opening one may take seconds."""

import threading
from collections.abc import Callable
from dataclasses import replace

from ..engine.engine import Engine
from ..engine.insert_layout import CHUNK
from ..errors import UserError
from ..hosting.host import EffectsHost
from ..hosting.row_status import RowStatus
from ..patch.hosted_effect import MOST_STATE, OWN, HostedEffect, Value
from ..patch.patch import Patch
from .effect_params import param_of, value_at

_PERIOD_S, _REST_S = 0.05, 0.005  # between looks; between two changes that a hand makes
_JOIN_S = 15.0  # a plug-in may be looked at


class HostedChain:
    """Follows `patch`, the sound as it now is. blocksize: frames of the largest block; what passes the chain is two of them late."""

    def __init__(self, engine: Engine, blocksize: int, patch: Callable[[], Patch], tell: Callable[[str], None]):
        self._engine, self._patch, self._tell = engine, patch, tell
        self._way_frames = 2 * CHUNK * -(-blocksize // CHUNK)
        self._host: EffectsHost | None = None
        self._followed: tuple[HostedEffect, ...] = ()
        self._stop, self._changed = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="latentwave-effects-follow", daemon=True)

    @property
    def host(self) -> EffectsHost | None:
        """What plays the chain; None while there was none."""
        return self._host

    @property
    def latency_frames(self) -> int:
        """How much later the chain makes the sound."""
        return self._host.latency_frames if self._host else 0

    def status(self, row: HostedEffect) -> RowStatus:
        """What became of a row."""
        return self._host.statuses.get(row.key, RowStatus()) if self._host else RowStatus()

    def start(self) -> None:
        """Follow until `close`."""
        self._thread.start()

    def wake(self) -> None:
        """The document's chain has changed: follow at once."""
        self._changed.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            rows = self._patch().effects
            if rows is not self._followed:
                self._followed = rows
                try:
                    self._follow(rows)
                except (UserError, OSError) as error:
                    self._tell(f"the plug-ins cannot be run: {error}")
            if self._changed.wait(_PERIOD_S):
                self._changed.clear()
                self._stop.wait(_REST_S)

    def _follow(self, rows: tuple[HostedEffect, ...]) -> None:
        if self._host is None:
            if not rows:
                return
            self._host = EffectsHost(self._engine, self._way_frames, self._tell)
        self._host.set_rows(rows)

    def with_states(self, patch: Patch) -> Patch:
        """The patch with each plug-in's own state as it is now; one that is missing keeps what it had.

        What the matrix moves is written down where it stands by itself, as a state may hold it where it was moved to.
        """
        if not patch.effects or self._host is None:
            return patch
        states = self._host.take_states()
        for row in patch.effects:
            if len(states.get(row.key, b"")) > MOST_STATE:
                self._tell(f"the plug-in '{row.name}' keeps {len(states.pop(row.key)) / 1e6:.1f} MB beside its parameters; over "
                           f"{MOST_STATE >> 20} MB is not saved")
        return replace(patch, effects=tuple(replace(
            row, state=states.get(row.key, row.state), params=self._at_rest(row)) for row in patch.effects))

    def _at_rest(self, row: HostedEffect) -> dict[str, Value]:
        status, params = self.status(row), dict(row.params)
        for name in row.moved:
            told = param_of(row, status, name)
            if told and name not in OWN and name not in row.macros:
                params.setdefault(name, value_at(row, name, told.unit))
        return params

    def close(self) -> None:
        """End the child."""
        self._stop.set()
        self._changed.set()
        if self._thread.is_alive():
            self._thread.join(timeout=_JOIN_S)
        if self._host:
            self._host.close()
