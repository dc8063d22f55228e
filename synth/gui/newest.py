"""The newest message, for as long as it is news: whatever view is opened meanwhile, it grows old only once."""

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..session.document import State
    from ..session.session import Session

MESSAGE_S = 12.0


class NewestMessage:
    """It outlives the layout."""

    def __init__(self, session: "Session") -> None:
        self._session, self._text, self._said_at = session, "", 0.0
        self._before: State | None = None

    def look(self) -> str:
        """The message, or '' where it is old, or of a step that is past."""
        session = self._session
        text = session.messages[-1] if session.messages else ""
        if text is not self._text:  # the same sentence said again is news again
            self._text, self._said_at, self._before = text, time.monotonic(), session.document.before
        elif text == session.passing and session.document.before is not self._before:
            self._said_at = 0.0
        return self._text if self.is_fresh() else ""

    def is_fresh(self, more_s: float = 0.0) -> bool:
        """Whether it is news, or was until so long ago."""
        return bool(self._text) and self._said_at > 0 and time.monotonic() - self._said_at < MESSAGE_S + more_s
