"""What the window does, as JSON lines, so that a test can drive it and wait on events instead of sleeping."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .geometry import Rect

if TYPE_CHECKING:
    from ..events import Event
    from ..session.session import Player

_LOGGED = ("set_param", "set_latent", "load_preset", "load_model", "random_patch")


class EventLog:
    """One JSON object a line, flushed at once: {"event": ..., "t": seconds, ...}. Without a path it does nothing."""

    def __init__(self, path: Path | None) -> None:
        self._file = open(path, "w", encoding="utf-8") if path else None

    @property
    def on(self) -> bool:
        """True when somebody reads."""
        return self._file is not None

    def write(self, event: str, **fields: Any) -> None:
        """Write one event."""
        if self._file:
            self._file.write(json.dumps({"event": event, "t": round(time.monotonic(), 4), **fields}) + "\n")
            self._file.flush()

    def rect(self, name: str, rect: Rect) -> None:
        """Write where an item is, in viewport pixels."""
        self.write("rect", name=name, x=round(rect.x, 1), y=round(rect.y, 1), w=round(rect.w, 1), h=round(rect.h, 1))

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()
            self._file = None


class LoggedPlayer:
    """The player with every edit of the window written down on its way."""

    def __init__(self, player: "Player", log: EventLog) -> None:
        self._player, self._log = player, log

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._player, name)
        if name not in _LOGGED:
            return value

        def logged(*args: Any) -> None:
            value(*args)
            self._log.write(name, args=[a if isinstance(a, str) else float(a) for a in args])

        return logged

    def post(self, event: "Event") -> None:
        """Post an event and write it down."""
        self._player.post(event)
        self._log.write("post", kind=event.kind.name.lower(), number=event.number, value=float(event.value))
