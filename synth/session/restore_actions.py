"""A sound that an earlier run left unsaved: offered at the start, and brought back as one step."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import UserError
from ..timbres.source_cache import Choices
from .autosave import Autosave, LeftSound
from .document import State
from .prepared import Prepared

if TYPE_CHECKING:
    from .editor import Editor


class RestoreActions:
    """A part of `Session`."""

    _autosave: Autosave | None
    _editor: "Editor"
    _load: Callable
    _discard = False
    tell: Callable[[str], None]

    @property
    def left(self) -> LeftSound | None:
        """A sound that an earlier run left unsaved, until it is restored."""
        return self._autosave.left if self._autosave else None

    def restore_autosave(self) -> "Future[None]":
        """Play the sound that an earlier run left, as one step; fails where there is none."""
        keeper = self._autosave

        def prepare() -> tuple[Prepared, LeftSound]:
            if keeper is None or keeper.left is None:
                raise UserError("no sound was left by an earlier run")
            ready = self._editor.prepare(keeper.left.patch, Choices(), adopt=True)  # as it was, whatever was chosen for presets since
            return replace(ready, choices=replace(self._editor.cache.choices, source=None)), keeper.left

        def finish(found: tuple[Prepared, LeftSound]) -> None:
            ready, left = found
            self._editor.open(ready, left.origin, saved=False)
            if keeper:
                keeper.take_left(left)

        return self._load(prepare, finish)

    def _offer(self) -> None:
        if left := self.left:
            when = time.strftime("%d %b %H:%M", time.localtime(left.saved_at_s))
            self.tell(f"an earlier run left '{left.patch.name}' unsaved ({when}): Restore brings it back")

    def _kept(self) -> tuple[State, int, int, bool]:
        with self._editor.lock:
            document = self._editor.document
            return document.state, document.version, document.loads, document.dirty

    def discard(self) -> None:
        """At the end unsaved edits need not be kept for the next start."""
        self._discard = True
