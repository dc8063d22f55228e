"""The instrument begun anew with other ports: the same document goes on, undo and all; where the new ports cannot be had, the old ones."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import UserError
from .port_settings import PortSettings
from .preparing import Preparation

if TYPE_CHECKING:
    from .document import Document
    from .session import Session

Make = Callable[[PortSettings, "Document | None", Callable[[str], None]], "Session"]


@dataclass
class Running:
    """The running session and how to make another one. make: answers a session on ports, for a document that goes on or a new one."""

    make: Make
    ports: PortSettings

    def __post_init__(self) -> None:
        ports = self.ports
        self.preparation: Preparation[Session] = Preparation(lambda say: self.make(ports, None, say))
        self.saved: list[str] = []

    def _keep(self, session: "Session") -> None:
        try:
            self.ports.save()
        except UserError as error:
            session.tell(f"{error}; the choice holds until the end")

    def begin_anew(self, ports: PortSettings) -> "Preparation[Session]":
        """End the session and prepare one on other ports; what that could not open is told, and the old ports are opened again."""
        before, old = self.ports, self.preparation.result

        def make(say: Callable[[str], None]) -> "Session":
            say("opening the sound device")
            self.saved += [sentence for sentence in old.close() if sentence.startswith("saved ")]
            document, messages, told = old.document, list(old.messages)[-5:], ""
            try:
                session = self.make(ports, document, say)
            except UserError as error:
                told, self.ports = str(error), before
                session = self.make(before, document, say)
            session.messages.extendleft(reversed(messages))
            session.go_on_with(document)
            now = f"{session.output.name}, {session.engine.sr_hz} Hz, blocks of {session.output.blocksize} frames"
            session.tell(told or f"plays through {now}")
            if not told:
                self._keep(session)
            return session

        self.ports = ports
        self.preparation = Preparation(make)
        return self.preparation
