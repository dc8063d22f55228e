"""What goes wrong in a view is told in a sentence; it never ends the instrument, and the sound goes on."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import UserError

if TYPE_CHECKING:
    from ..session.session import Session


class Guard:
    """Calls what a view does; whatever it raises is shown to the player as one sentence. `KeyboardInterrupt` goes through."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    def __call__(self, action: Callable[..., Any], *args: Any) -> Any:
        """What `action(*args)` answers, or None where it failed."""
        try:
            return action(*args)
        except UserError as error:
            self._tell(str(error))
        except Exception as error:  # a fault of ours: whoever plays must not lose the sound for it
            said = " ".join(f"{type(error).__name__}: {error}".split())
            self._tell(f"that could not be done, the sound goes on (a fault of latentwave, please report it: {said[:200]})")
        return None

    def _tell(self, sentence: str) -> None:
        messages = self._session.messages
        if not messages or messages[-1] != sentence:  # a drawing that fails does so at every frame
            messages.append(sentence)
