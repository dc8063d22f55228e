"""The chain of plug-ins where nobody waits for it: each piece of sound is sent to the child and waited for, so nothing is ever late."""

from collections.abc import Sequence

from ..engine.engine import Engine
from ..engine.insert_layout import CHUNK
from ..errors import UserError
from ..hosting.host import EffectsHost
from ..patch.hosted_effect import HostedEffect

WAY_FRAMES = 2 * CHUNK  # as live at blocks of 128
_OPEN_S = 60.0


class OfflineEffects:
    """The chain of an engine that is driven without a device. Its child is started with the first row."""

    def __init__(self, engine: Engine, rows: Sequence[HostedEffect]):
        self._engine = engine
        self._host: EffectsHost | None = None
        self.told = ""
        self.set_rows(rows)

    @property
    def used(self) -> bool:
        """Whether there is or was a chain."""
        return self._host is not None

    @property
    def latency_frames(self) -> int:
        """How much later the chain makes the sound."""
        return self._host.latency_frames if self._host else 0

    def set_rows(self, rows: Sequence[HostedEffect]) -> None:
        """Another chain. Raises UserError for a setting that a plug-in does not have; one that is missing is told."""
        if self._host is None:
            if not rows:
                return
            self._host = EffectsHost(self._engine, WAY_FRAMES, live=False)
        self._host.set_rows(rows, wait_s=_OPEN_S)
        for row in rows:
            status = self._host.statuses[row.key]
            if status.wrong:
                self.close()
                raise UserError(f"{row.name}: {status.told}")
            if not status.ok:
                self.told = self.told or f"the plug-in '{row.name}' {status.why}"
            elif status.told:
                self.told = self.told or f"the plug-in '{row.name}': {status.told}"
        self._host.check()

    def piece(self, frame: int, n_frames: int) -> int:
        """How many of n_frames from `frame` on may be rendered before `pump`."""
        return min(n_frames, CHUNK - frame % CHUNK) if self._host else n_frames

    def pump(self) -> None:
        """Wait for what was sent. Raises UserError where the child ended."""
        if self._host:
            self._host.pump()

    def take_states(self) -> dict[int, bytes]:
        """Each plug-in's own state by its row's key."""
        return self._host.take_states() if self._host else {}

    def close(self) -> None:
        """End the child."""
        if self._host:
            self._host.close()
